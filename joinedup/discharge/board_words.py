"""The lines of a board in the words of a page: short, as somebody reads them out at a round."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from joinedup.discharge.board import Filters, Line, Place, bars
from joinedup.discharge.rules.leaving import CHECKS
from joinedup.fhir.search.period import LONDON
from joinedup.reference.codes.discharge import pathways

__all__ = [
    "Bar",
    "Choice",
    "Row",
    "bars_of",
    "choices_of",
    "clock",
    "counted",
    "day",
    "not_shown",
    "rows_of",
]

_NOWHERE = "No bed"
_WITHHELD_PLACE = "Not shown to you"
_NO_NAME = "Name not shown to you"
_NO_STATE = "Not shown to you"
_WIDEST = 160


class Row(Struct, frozen=True, gc=False):
    """One line of the table, every cell in words; "" is an empty cell."""

    spell: str
    bed: str
    name: str
    age: str
    state: str
    ready: str
    pathway: str
    reason: str
    owner: str
    chase: str
    waits: str
    start: str
    is_late: bool


class Bar(Struct, frozen=True):
    """One bar of a chart: its width in the drawing's own units, and what it says."""

    words: str
    people: int
    days: int
    width: int


class Choice(Struct, frozen=True):
    """One answer of a filter."""

    value: str
    words: str
    is_chosen: bool


def rows_of(lines: Iterable[Line], place: Place, names: Mapping[str, str]) -> list[Row]:
    """Return the lines as rows; `names` are organisations by id."""
    wards = {ward.id: ward.name for ward in place.wards}
    return [_row(line, wards if place.ward is None else None, names) for line in lines]


def _row(line: Line, wards: Mapping[str, str] | None, names: Mapping[str, str]) -> Row:
    said = line.said
    known = line.is_told
    return Row(
        said.spell,
        _bed(line, wards),
        line.name or _NO_NAME,
        str(line.age) if line.age is not None else "",
        said.words if known else _NO_STATE,
        _ready(said.ready, said.days) if known and said.reason else "",
        said.pathway,
        _short(said.reason),
        names.get(said.owner, said.owner),
        clock(said.chase_by),
        _waits(said.waits),
        clock(said.start),
        said.is_late,
    )


def _waits(waits: Sequence[str]) -> str:
    return "everything" if len(waits) == len(CHECKS) else ", ".join(waits).lower()


def _bed(line: Line, wards: Mapping[str, str] | None) -> str:
    if line.is_place_withheld:
        return _WITHHELD_PLACE
    if line.bed is None:
        return _NOWHERE
    if wards is None:
        return line.bed.name
    return f"{wards[line.bed.ward]}, {line.bed.name}" if line.bed.ward in wards else line.bed.name


def _ready(since: date | None, days: int) -> str:
    if since is None:
        return ""
    return f"{day(since)}, {_days(days)}"


def _days(days: int) -> str:
    return "today" if not days else "1 day" if days == 1 else f"{days} days"


def _short(reason: str) -> str:
    """Return a reason under the heading Waits for, which is not said twice."""
    left = reason.removeprefix("Waiting for ")
    return left[:1].upper() + left[1:]


def day(on: date) -> str:
    """Return a day as it is said aloud: `13 Jan`."""
    return f"{on.day} {on:%b}"


def clock(at: datetime | None) -> str:
    """Return a time as clocks in England show it: `17 Jan 09:00`; "" for none."""
    if at is None:
        return ""
    here = at.astimezone(LONDON)
    return f"{here.day} {here:%b %H:%M}"


def counted(lines: Sequence[Line]) -> str:
    """Return how many are there, and how many of them wait: the denominator of what follows."""
    waiting = sum(1 for line in lines if line.said.reason)
    late = sum(1 for line in lines if line.said.is_late)
    nowhere = sum(1 for line in lines if line.bed is None and not line.is_place_withheld)
    lying = len(lines) - nowhere
    people = f"{lying} {'person' if lying == 1 else 'people'} in a bed"
    people += f" and {nowhere} in no bed" if nowhere else ""
    words = f"{people}. {waiting} waiting to go home"
    return f"{words}, {late} of them past the time to chase." if waiting else f"{words}."


def not_shown(people: int) -> str:
    """Return that some people are there who are not shown; "" for none."""
    if not people:
        return ""
    are = "person is" if people == 1 else "people are"
    return f"{people} more {are} not shown to you. Ask the ward manager, or your privacy officer."


def bars_of(lines: Sequence[Line], names: Mapping[str, str]) -> tuple[list[Bar], list[Bar]]:
    """Return the bars of the reasons for waiting, and of who can end the wait."""
    found = bars(lines)
    reasons = _summed([(bar.reason, bar.people, bar.days) for bar in found])
    owners = _summed([(names.get(bar.owner, bar.owner), bar.people, bar.days) for bar in found])
    return reasons, owners


def _summed(counts: Iterable[tuple[str, int, int]]) -> list[Bar]:
    whole: dict[str, tuple[int, int]] = {}
    for words, people, days in counts:
        before = whole.get(words, (0, 0))
        whole[words] = (before[0] + people, before[1] + days)
    most = max((people for people, _ in whole.values()), default=1)
    made = (Bar(w, p, d, max(2, _WIDEST * p // most)) for w, (p, d) in whole.items())
    return sorted(made, key=lambda bar: (-bar.people, -bar.days, bar.words))


def choices_of(
    lines: Sequence[Line], filters: Filters, names: Mapping[str, str], today: date
) -> dict[str, list[Choice]]:
    """Return what may be chosen in each filter: what is on the board now, and what is chosen."""
    ways = {way.code: f"{way.code}: {way.words}" for way in pathways(on=today)}
    owners = {line.said.owner for line in lines} | {filters.owner}
    reasons = {line.said.reason for line in lines} | {filters.reason}
    return {
        "pathway": [Choice(code, words, code == filters.pathway) for code, words in ways.items()],
        "reason": [Choice(r, r, r == filters.reason) for r in sorted(reasons - {""})],
        "owner": [
            Choice(o, names.get(o, o), o == filters.owner)
            for o in sorted(owners - {""}, key=lambda o: names.get(o, o))
        ],
    }
