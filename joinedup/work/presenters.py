"""Lines of a worker's list in the words of a page. Pure: the time is an argument."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.web.dates import Moment, read_moment, say
from joinedup.work.rules import Line

__all__ = ["Shown", "count_words", "late_of", "shown"]

_DAY = timedelta(days=1)


class Shown(Struct, frozen=True, kw_only=True):
    """One errand as the page shows it; `href` is "" where its page is not there."""

    id: str
    version: int
    what: str
    about: str
    detail: str
    since: str
    due: str
    earliest: str
    tone: str
    whose: str
    is_mine: bool
    is_taken: bool
    takes: bool
    ends: bool
    href: str


def shown(
    line: Line,
    now: datetime,
    *,
    people: Mapping[str, str],
    places: Mapping[str, str],
    worker: str,
    href: str,
) -> Shown:
    """Return a line in words; a person the permit does not see is not named, and is said to be."""
    mine = line.taken_by == worker
    return Shown(
        id=line.id,
        version=line.version,
        what=line.what.words,
        about=_about(line, people),
        detail=line.detail,
        since=_since(line),
        due=_due(line.due, now),
        earliest=_earliest(line.earliest, now),
        tone="high" if line.is_late(now) else "soon" if line.due else "",
        whose=_whose(line, places, mine=mine),
        is_mine=mine,
        is_taken=bool(line.taken_by),
        takes=line.what.takes,
        ends=line.what.ends,
        href=href,
    )


def _about(line: Line, people: Mapping[str, str]) -> str:
    if not line.about.startswith("Patient/"):
        return ""
    return people.get(line.about) or "Somebody whose name you do not see"


def _since(line: Line) -> str:
    moment = read_moment(line.since) if line.since else None
    is_ready = line.kind == "readiness"
    return f"{'Ready' if is_ready else 'Waiting'} since {say(moment)}" if moment else ""


def _due(due: datetime | None, now: datetime) -> str:
    if due is None:
        return ""
    at = due.astimezone(LONDON)
    midnight = (at.hour, at.minute) == (0, 0)
    day = Moment(at - _DAY if midnight else at, "day")
    words = say(day) if midnight else f"{say(day)}, {at:%H:%M}"
    return f"Late: it was due {words}" if due < now else f"Due {words}"


def _earliest(at: datetime | None, now: datetime) -> str:
    if at is None or at <= now:
        return ""
    local = at.astimezone(LONDON)
    return f"Not before {say(Moment(local, 'day'))}, {local:%H:%M}"


def _whose(line: Line, places: Mapping[str, str], *, mine: bool) -> str:
    if mine:
        return "You took this"
    if line.taken_by:
        return f"{line.taken_name or 'A colleague'} took this"
    name = places.get(line.owner, "") if line.what.ours else ""
    if line.kind == "readiness":
        return f"{name} can end the wait" if name else ""
    if not line.what.takes:
        return f"For {name}" if name else ""
    return f"Nobody has taken this. It is for {name}" if name else "Nobody has taken this"


def count_words(count: int, late: int) -> str:
    """Return how much waits, and how much of it is late, as a sentence."""
    if not count:
        return "Nothing waits for you."
    things = "1 thing waits" if count == 1 else f"{count:,} things wait"
    if not late:
        return f"{things}. None is late."
    return (
        f"{things}. {late:,} {'is late, and comes' if late == 1 else 'are late, and come'} first."
    )


def late_of(lines: Iterable[Line], now: datetime) -> int:
    """Return how many lines are late."""
    return sum(line.is_late(now) for line in lines)
