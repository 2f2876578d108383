"""Who is on a board as its reader may be told it, put in order, filtered and counted.

The record gives flat rows (`record.board`), the rules say what each means; here they meet.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.discharge.rules.board import (
    BoardLine,
    Tally,
    in_order,
    line_of_row,
    natural,
    tally,
)
from joinedup.discharge.rules.states import LEFT
from joinedup.fhir.board_row import PlaceSaid, WaySaid
from joinedup.fhir.classes import Label
from joinedup.fhir.issue import NotFound
from joinedup.fhir.london import day_bounds, day_of
from joinedup.record.board import Lying, board, board_turn, places

__all__ = [
    "Filters",
    "Line",
    "Place",
    "Shown",
    "bars",
    "mark_now",
    "place_of",
    "shown",
    "unchanged",
]

_NOT_REVIEWED = WaySaid(state="admitted")


class Place(Struct, frozen=True):
    """Which board: a hospital ("" = every one of the place), and its wards; `ward` is one of them,
    None for the whole board."""

    hospital: str
    wards: tuple[PlaceSaid, ...]
    ward: PlaceSaid | None = None

    @property
    def ward_id(self) -> str:
        """The id of the ward; "" for the whole board."""
        return self.ward.id if self.ward else ""


class Filters(Struct, frozen=True):
    """What a reader wants to see alone; "" is everything."""

    pathway: str = ""
    reason: str = ""
    owner: str = ""


class Line(Struct, frozen=True, gc=False):
    """One person on the board. `name` is "" and `age` None where they are not shown; `is_told` is
    False where how they stand is withheld from the reader; `bed` is None where it is not known, or
    where they are found is withheld."""

    said: BoardLine
    name: str
    age: int | None
    bed: PlaceSaid | None
    admitted: datetime
    is_told: bool = True
    reviewed: datetime | None = None
    is_place_withheld: bool = False


class Shown(Struct, frozen=True):
    """A board: its lines in order, those filtered out too, and how many people are not shown.

    `mark` is what a reader sends to ask whether anything has changed since.
    """

    lines: tuple[Line, ...]
    everybody: tuple[Line, ...]
    withheld: int
    mark: str


def place_of(permit: Permit, ward_id: str = "") -> Place:
    """Return the board of who asks: of their own hospital or, where they work in none, of all.

    With `ward_id` of one ward; NotFound for a ward that is not there.
    """
    wards = tuple(sorted(places(permit), key=lambda ward: (ward.hospital, natural(ward.name))))
    own = permit.organisation if any(w.hospital == permit.organisation for w in wards) else ""
    kept = tuple(ward for ward in wards if not own or ward.hospital == own)
    if not ward_id:
        return Place(own, kept)
    for ward in kept:
        if ward.id == ward_id:
            return Place(ward.hospital, kept, ward)
    raise NotFound(f"There is no ward {ward_id} that you can see.")


def shown(permit: Permit, place: Place, filters: Filters, now: datetime) -> Shown:
    """Return the board as it is now; everybody whom it could show is in the audit.

    Late first, then who waits longest, then the rest by bed: the same order for everybody.
    """
    turn = board_turn(permit, hospital=place.hospital, ward=place.ward_id)
    found = board(permit, hospital=place.hospital, ward=place.ward_id)
    today = day_of(now)
    lines = [_line(permit, lying, now, today) for lying in found.lines]
    away = [line for line in lines if place.ward and line.is_place_withheld]
    kept = [line for line in lines if line.said.state not in LEFT and line not in away]
    everybody = tuple(sorted(kept, key=lambda line: in_order(line.said)))
    told = len(away) if Label.RESTRICTED & (permit.marks | permit.labels) else 0
    mark = f"{turn}.{int(_changes_at(everybody, now).timestamp())}"
    picked = tuple(line for line in everybody if _fits(line.said, filters))
    return Shown(picked, everybody, found.withheld + told, mark)


def _line(permit: Permit, lying: Lying, now: datetime, today: date) -> Line:
    stay, way, who = lying.stay, lying.way, lying.who
    said = line_of_row(stay.spell, stay.bed, way or _NOT_REVIEWED, now)
    away = bool(who and who.restricted) and stay.hospital != permit.organisation
    return Line(
        said,
        who.name if who else "",
        _age(who.born, today) if who else None,
        None if away else lying.bed,
        stay.admitted,
        way is not None or not lying.way_withheld,
        way.reviewed if way else None,
        away,
    )


def _age(born: str, today: date) -> int | None:
    """Return completed years; None where the day of birth is not known."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _fits(line: BoardLine, filters: Filters) -> bool:
    return (
        (not filters.pathway or line.pathway == filters.pathway)
        and (not filters.reason or line.reason == filters.reason)
        and (not filters.owner or line.owner == filters.owner)
    )


def _changes_at(lines: Iterable[Line], now: datetime) -> datetime:
    """Return when time alone changes the board next: somebody becomes late, or a day begins."""
    ahead = [line.said.chase_by for line in lines if line.said.chase_by and not line.said.is_late]
    return min([day_bounds(day_of(now))[1], *(at + timedelta(seconds=1) for at in ahead)])


def mark_now(permit: Permit, place: Place) -> int:
    """Return the number that the first part of a mark is, as it would be now."""
    return board_turn(permit, hospital=place.hospital, ward=place.ward_id)


def unchanged(permit: Permit, place: Place, mark: str, now: datetime) -> bool:
    """Whether a board that was read with this mark still says what is so; it names nobody."""
    turn, _, until = mark.partition(".")
    if not (until.isdigit() and len(until) < 12 and turn.lstrip("-").isdigit() and len(turn) < 21):
        return False
    return now.timestamp() < int(until) and mark_now(permit, place) == int(turn)


def bars(lines: Sequence[Line]) -> tuple[Tally, ...]:
    """Return people and days by reason and owner, most people first (DI-02)."""
    return tally(line.said for line in lines)
