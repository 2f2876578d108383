"""A ward or a place as it stood at one moment, from flat rows: beds, and who lies or is awaited.

Every bed is one line in one state, so that a closed bed is counted once and is never available
(WI-03). People in no bed are counted too.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from joinedup.beds.rules.states import state_of
from joinedup.fhir.london import at_clock, midnights
from joinedup.fhir.profiles.bed import Bed
from joinedup.fhir.profiles.spell import Spell
from joinedup.fhir.search.period import LONDON
from joinedup.reference.calendars import amount

__all__ = [
    "COUNTS",
    "BedLine",
    "Lying",
    "Picture",
    "bed_days",
    "counts",
    "lying_of",
    "midnight_at",
    "picture",
    "snapshot_at",
    "told_with_time",
]


class Lying(Struct, frozen=True, kw_only=True):
    """One stay in one bed; `bed` "" is in no bed (a corridor, a chair), `reserved` is awaited.

    `infection` and its `certainty` are of the person; `ward_of_team` is whose patient it is.
    """

    spell: str
    bed: str
    since: datetime
    until: datetime | None = None
    reserved: bool = False
    infection: str = ""
    certainty: str = ""
    ward_of_team: str = ""


_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def lying_of(spell: Spell, *, ward_of_team: str = "") -> tuple[Lying, ...]:
    """Return the rows of a stay: each bed of it, a bed that is kept, and the time in no bed.

    In no bed is from coming in until a bed, and between beds: a trolley, a chair, a corridor.
    """
    rows = [
        Lying(
            spell=spell.id, bed=b.bed, since=b.since or _ALWAYS, until=b.until, reserved=not b.since
        )
        for b in spell.beds
        if b.since or b.status in ("reserved", "planned")
    ]
    rows += [
        Lying(spell=spell.id, bed="", since=since, until=until) for since, until in _gaps(spell)
    ]
    team = ward_of_team or spell.team
    return tuple(replace(row, ward_of_team=team) for row in sorted(rows, key=_in_order))


def _in_order(row: Lying) -> tuple[bool, datetime]:
    return row.reserved, row.since


def _gaps(spell: Spell) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the times of a stay in no bed; the last is open while somebody waits for one."""
    if spell.admitted is None:
        return
    known_until = spell.admitted
    for since, until in sorted((b.since, b.until or _NEVER) for b in spell.beds if b.since):
        if since > known_until:
            yield known_until, since
        known_until = max(known_until, until)
    if known_until < (spell.left or _NEVER):
        yield known_until, spell.left


class BedLine(Struct, frozen=True):
    """One bed at that moment; `spells` are those in it, more than one where the record is wrong."""

    bed: Bed
    state: str
    spells: tuple[str, ...]
    boarder: bool
    infections: tuple[tuple[str, str], ...]


class Picture(Struct, frozen=True):
    """A moment: a line a bed, the people in no bed, those in a bed that nobody knows."""

    at: datetime
    lines: tuple[BedLine, ...]
    without_bed: tuple[str, ...]
    unknown_bed: tuple[str, ...]

    @property
    def doubled(self) -> tuple[BedLine, ...]:
        """Beds with two people in them: to be put right."""
        return tuple(line for line in self.lines if len(line.spells) > 1)

    def of_ward(self, ward: str) -> "Picture":
        """Return the part of one ward; who is in no bed belongs to none."""
        return Picture(self.at, tuple(x for x in self.lines if x.bed.ward == ward), (), ())


def picture(beds: Iterable[Bed], lying: Iterable[Lying], at: datetime) -> Picture:
    """Return how the beds stood at a moment; a stay lasts from `since` until before `until`.

    A closure or outbreak that began later is not seen yet. A bed that somebody left since it was
    last cleaned is to be cleaned.
    """
    here: dict[str, list[Lying]] = {}
    left: dict[str, datetime] = {}
    for row in lying:
        if row.since <= at and (row.until is None or at < row.until):
            here.setdefault(row.bed, []).append(row)
        elif row.until is not None and row.until <= at:
            left[row.bed] = max(row.until, left.get(row.bed, row.until))
    known = tuple(beds)
    lines = tuple(_line(bed, here.get(bed.id, ()), at, left.get(bed.id)) for bed in known)
    ids = {bed.id for bed in known}
    strays = (row for bed, rows in here.items() if bed and bed not in ids for row in rows)
    return Picture(
        at,
        lines,
        tuple(sorted(row.spell for row in here.get("", ()))),
        tuple(sorted(row.spell for row in strays if not row.reserved)),
    )


def _line(bed: Bed, rows: Iterable[Lying], at: datetime, left: datetime | None) -> BedLine:
    if bed.closure is not None and bed.closure.since > at:
        bed = replace(bed, closure=None)
    inside = [row for row in rows if not row.reserved]
    kept = any(row.reserved for row in rows)
    return BedLine(
        bed=bed,
        state=state_of(bed, occupied=bool(inside), reserved=kept, left=left),
        spells=tuple(sorted(row.spell for row in inside)),
        boarder=any(row.ward_of_team not in ("", bed.ward) for row in inside),
        infections=tuple((r.infection, r.certainty) for r in inside if r.infection),
    )


COUNTS: Mapping[str, str] = {
    "beds": "Beds there are",
    "occupied": "Beds with somebody in them",
    "reserved": "Kept for somebody",
    "available": "Free now",
    "cleaning": "To be cleaned, or being cleaned",
    "closed-infection": "Closed for infection",
    "closed-infection-empty": "of these, empty",
    "closed-other-empty": "Closed for another reason, empty",
    "escalation-open": "Extra beds open",
    "boarders": "People on another team's ward",
    "without-bed": "People in no bed",
    "flu-confirmed": "People with flu, confirmed by a test",
    "flu-suspected": "People with flu, suspected",
    "flu-closed": "Beds with confirmed flu that are closed for infection",
}
"""What each count of a picture is."""


def counts(shown: Picture, *, care: str = "") -> dict[str, int]:
    """Return the counts of a picture, of one kind of care if it is named.

    beds = occupied + reserved + available + cleaning + empty closed ones, whatever the reasons.
    """
    lines = [x for x in shown.lines if not care or x.bed.care == care]
    found = dict.fromkeys(COUNTS, 0)
    for line in lines:
        for name in _in(line):
            found[name] += 1
    found["without-bed"] = 0 if care else len(shown.without_bed)
    return found


def _in(line: BedLine) -> Iterable[str]:
    yield "beds"
    closure, empty = line.bed.closure, not line.spells
    if not empty:
        yield "occupied"
    elif closure is None:
        yield line.state
    if closure is not None and closure.reason == "infection":
        yield from (
            ("closed-infection", "closed-infection-empty") if empty else ("closed-infection",)
        )
    elif closure is not None and empty:
        yield "closed-other-empty"
    if line.bed.escalation and not (closure is not None and empty):
        yield "escalation-open"
    if line.boarder:
        yield "boarders"
    flu = {f"flu-{certainty}" for what, certainty in line.infections if what == "flu"}
    yield from flu
    if "flu-confirmed" in flu and closure is not None and closure.reason == "infection":
        yield "flu-closed"


def snapshot_at(day: date) -> datetime:
    """Return the moment of a day's snapshot, 08:00 by the clock, in UTC."""
    return at_clock(day, amount("snapshot", on=day))


def midnight_at(day: date) -> datetime:
    """Return the midnight with which a day begins, in UTC."""
    return at_clock(day, 0)


def bed_days(lying: Iterable[Lying], first: date, last: date) -> int:
    """Return the nights lain in beds from one day to another: midnights at the end of each day.

    The night of the clocks is one night (domain.md 0).
    """
    begin, end = midnight_at(first), midnight_at(last + timedelta(days=1))
    total = 0
    for row in lying:
        if row.bed and not row.reserved:
            since, until = max(row.since, begin), min(row.until or end, end)
            total += max(0, midnights(since, until))
    return total


def told_with_time(name: str, value: str, at: datetime) -> str:
    """Return a number with the moment it is of: `Free now: 12 at 08:00 on 16 January 2018`."""
    clock = at.astimezone(LONDON)
    return f"{name}: {value} at {clock:%H:%M} on {clock:%-d %B %Y}"
