"""The board of a ward or a place: one flat line a person, from how they stand and where they lie.

A line has what somebody at a board says aloud; who waits longest past their chase-by comes first.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct

from joinedup.discharge.rules.leaving import CHECKS, still_waiting, waiting_checks
from joinedup.discharge.rules.ready_date import ready_date, waited
from joinedup.discharge.rules.states import LEFT
from joinedup.fhir.board_row import WaySaid
from joinedup.fhir.london import day_of, midnights
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.reference.codes.discharge import delay_reasons

__all__ = [
    "STATE_WORDS",
    "BoardLine",
    "Tally",
    "board",
    "in_order",
    "line_of",
    "line_of_row",
    "natural",
    "tally",
]

STATE_WORDS: Mapping[str, str] = {
    "admitted": "Not reviewed yet",
    "meets-criteria": "Needs the bed",
    "ready": "Waiting to go home",
    "pathway-decided": "Waiting to go home: pathway decided",
    "referred": "Waiting to go home: referred to the hub",
    "accepted-by-hub": "Waiting to go home: with the hub",
    "plan-ready": "Ready to leave",
    "discharged": "Gone home",
    "self-discharged": "Left of their own accord",
    "died": "Died",
    "transferred": "In another hospital",
    "discharge-failed": "Back in hospital within a day",
}
"""How each state is told on a page."""
_NUMBERED = re.compile(r"([^0-9]*)([0-9]{0,18})")
_UNREAD = "Cannot be read: look at the stay"


class BoardLine(Struct, frozen=True, kw_only=True, gc=False):
    """One person. `days` since they were ready and `days_before` of stretches that were ended.

    `owner` is the organisation's id that can end the wait; `waits` is what is not arranged yet.
    """

    person: str
    spell: str
    place: str
    state: str
    words: str
    ready: date | None
    days: int
    days_before: int
    pathway: str
    reason: str
    owner: str
    chase_by: datetime | None
    is_late: bool
    waits: tuple[str, ...]
    start: datetime | None


def line_of(standing: Readiness, place: str, now: datetime) -> BoardLine:
    """Return the line of somebody who lies in `place` (a bed's id, "" in none)."""
    wait, delay = waited(standing, now), standing.delay
    running = standing.ready is not None
    reason = delay_reasons(on=day_of(delay.since))[delay.reason].words if delay else ""
    return BoardLine(
        person=standing.person,
        spell=standing.spell,
        place=place,
        state=standing.state,
        words=STATE_WORDS[standing.state],
        ready=ready_date(standing),
        days=wait.last_days if running else 0,
        days_before=wait.all_days - (wait.last_days if running else 0),
        pathway=standing.pathway.code if standing.pathway else "",
        reason=reason,
        owner=delay.owner if delay else "",
        chase_by=delay.chase_by if delay else None,
        is_late=delay is not None and delay.chase_by < now,
        waits=tuple(CHECKS[kind] for kind in waiting_checks(standing)) if running else (),
        start=standing.start.at if standing.start else None,
    )


def line_of_row(spell: str, place: str, way: WaySaid, now: datetime) -> BoardLine:
    """Return the same line from what the board keeps of a way home; it names no `person`."""
    days = [midnights(since, until or now) for since, until in way.spans]
    running = bool(way.spans) and way.spans[-1][1] is None
    last = days[-1] if running else 0
    waits: tuple[str, ...] = ()
    if running:
        waiting = still_waiting(way.done, pathway=way.pathway, has_start=way.start is not None)
        waits = tuple(CHECKS[kind] for kind in waiting)
    return BoardLine(
        person="",
        spell=spell,
        place=place,
        state=way.state,
        words=STATE_WORDS.get(way.state, _UNREAD),
        ready=day_of(way.ready) if way.ready else None,
        days=last,
        days_before=sum(days) - last,
        pathway=way.pathway,
        reason=_reason_words(way),
        owner=way.owner,
        chase_by=way.chase_by,
        is_late=way.chase_by is not None and way.chase_by < now,
        waits=waits,
        start=way.start,
    )


def _reason_words(way: WaySaid) -> str:
    """Return the words of the reason now; its code where no list of ours has it."""
    if way.reason_since is None:
        return ""
    listed = delay_reasons(on=day_of(way.reason_since)).get(way.reason)
    return listed.words if listed else way.reason


def board(
    everybody: Iterable[Readiness], places: Mapping[str, str], now: datetime
) -> tuple[BoardLine, ...]:
    """Return the lines of everybody still in hospital; `places` are beds by spell.

    Those whose chase-by has passed first, then who else waits by days waited, then everybody by
    bed: the same order for everybody who looks.
    """
    lines = (
        line_of(standing, places.get(standing.spell, ""), now)
        for standing in everybody
        if standing.state not in LEFT
    )
    return tuple(sorted(lines, key=in_order))


def in_order(line: BoardLine) -> tuple[bool, bool, int, tuple[tuple[str, int], ...], str]:
    """Return what lines are put in order by; bed 2 comes before bed 10."""
    return not line.is_late, not line.reason, -line.days, natural(line.place), line.spell


@lru_cache(maxsize=20_000)
def natural(name: str) -> tuple[tuple[str, int], ...]:
    """Return what names with numbers in them are put in order by."""
    return tuple((words, int(number or -1)) for words, number in _NUMBERED.findall(name))


class Tally(Struct, frozen=True):
    """People and days waited for one reason and owner: a bar of the chart."""

    reason: str
    owner: str
    people: int
    days: int


def tally(lines: Iterable[BoardLine]) -> tuple[Tally, ...]:
    """Return the bars of the chart of reasons now, most people first; they sum to the board."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for line in lines:
        if line.reason:
            people, days = found.get((line.reason, line.owner), (0, 0))
            found[line.reason, line.owner] = (people + 1, days + line.days)
    bars = (Tally(*key, *counted) for key, counted in found.items())
    return tuple(sorted(bars, key=lambda bar: (-bar.people, -bar.days, bar.reason, bar.owner)))
