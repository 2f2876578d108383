"""What the pages of beds say: states in words, counts beside each other, one card a bed.

A number stands with its moment, how full it is with what it is out of (house.md, law 13). Somebody
who is not seen is told as somebody, never as nobody.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from joinedup.beds.rules.occupancy import affected, occupancy
from joinedup.beds.rules.outbreak import reopening_problems
from joinedup.beds.rules.picture import COUNTS, BedLine, Picture, counts
from joinedup.beds.rules.states import CLOSURES
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.bed import Outbreak, Ward
from joinedup.fhir.profiles.isolation import CERTAINTIES, Isolation
from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.life import name_of_resource
from joinedup.reference.codes import discharge
from joinedup.web.dates import years_between

__all__ = [
    "STATES",
    "Card",
    "Column",
    "card",
    "clock_words",
    "closure_words",
    "column",
    "day_words",
    "infection_words",
    "outbreak_words",
    "past_outbreak",
    "isolation_words",
    "person_words",
    "reopening_words",
    "table_of",
    "ward_row",
]

STATES: Mapping[str, tuple[str, str]] = {
    "available": ("Free", "now"),
    "reserved": ("Kept for somebody", "soon"),
    "occupied": ("In use", ""),
    "cleaning": ("To be cleaned", "pause"),
    "closed": ("Closed", "high"),
    "closed-occupied": ("In use, closed to others", "high"),
}
"""What a bed is, in words, and the tone of its tag."""
_BEING_CLEANED = "Being cleaned"


class Column(Struct, frozen=True, kw_only=True):
    """The counts of one moment, with its time in words."""

    head: str
    full: str
    affected: str
    counts: Mapping[str, int]


class Card(Struct, frozen=True, kw_only=True):
    """One bed of a map."""

    id: str
    name: str
    state: str
    words: str
    tone: str
    who: str = ""
    stay: str = ""
    kept_for: str = ""
    since: str = ""
    why: str = ""
    infection: str = ""
    boards: str = ""
    extra: bool = False
    doubled: bool = False
    cleans: str = ""
    version: int = 0


def clock_words(at: datetime) -> str:
    """Return a moment as it is said: `08:00 on 16 January 2018`."""
    local = at.astimezone(LONDON)
    return f"{local:%H:%M} on {local:%-d %B %Y}"


def day_words(day: date) -> str:
    """Return a day in words."""
    return f"{day:%-d %B %Y}"


def column(shown: Picture, head: str, *, policy: str) -> Column:
    """Return the counts of a picture with how full it is, and what infections take (WI-03)."""
    counted = counts(shown)
    return Column(
        head=head,
        full=occupancy(counted, shown.at, policy=policy).words,
        affected=affected(counted).words,
        counts=counted,
    )


def table_of(columns: tuple[Column, ...]) -> list[tuple[str, list[int]]]:
    """Return the counts as lines of a table, each with its number at every moment."""
    return [(words, [c.counts[name] for c in columns]) for name, words in COUNTS.items()]


def ward_row(ward: Ward, shown: Picture) -> dict[str, Any]:
    """Return one ward as a line of the place's table."""
    counted = counts(shown.of_ward(ward.id))
    closed = counted["closed-other-empty"] + counted["closed-infection-empty"]
    return {
        "id": ward.id,
        "name": ward.name,
        "closed": closed,
        "outbreak": outbreak_words(ward),
        **{name.replace("-", "_"): number for name, number in counted.items()},
    }


def infection_words(code: str, on: datetime) -> str:
    """Return an infection as people say it; a code unknown on that day as it stands."""
    try:
        return discharge.infection(code, on=day_of(on)).words
    except KeyError:
        return code


def isolation_words(said: Isolation | None) -> str:
    """Return the infection of somebody in a bed and how sure it is; "" for none."""
    return f"{said.words}, {CERTAINTIES[said.certainty]}" if said else ""


def outbreak_words(ward: Ward) -> str:
    """Return the outbreak that runs on a ward: what it is, how sure, since when; "" for none."""
    running = ward.outbreak
    if running is None:
        return ""
    sure = CERTAINTIES.get(running.certainty, running.certainty)
    what = infection_words(running.infection, running.began)
    return f"{what}, {sure}, since {clock_words(running.began)}"


def reopening_words(ward: Ward, at: datetime) -> list[str]:
    """Return what is still missing before a ward opens; empty when it may, or has no outbreak."""
    if ward.outbreak is None:
        return []
    return [problem.message for problem in reopening_problems(ward.outbreak, at)]


def closure_words(line: BedLine) -> str:
    """Return why a bed is closed and since when; "" for an open one."""
    closure = line.bed.closure
    if closure is None:
        return ""
    why = CLOSURES.get(closure.reason, closure.reason)
    if closure.infection:
        why = infection_words(closure.infection, closure.since)
    said = f": {closure.words}" if closure.words else ""
    return f"{why}{said}, since {clock_words(closure.since)}"


def person_words(patient: Mapping[str, Any], at: datetime) -> str:
    """Return somebody as a bed map names them: `Joyce Hallam, 84`."""
    name = name_of_resource(dict(patient))
    born = str(patient.get("birthDate", ""))
    if len(born) != 10:
        return name
    return f"{name}, {years_between(date.fromisoformat(born), day_of(at))}"


def card(
    line: BedLine,
    *,
    version: int,
    names: Mapping[str, str],
    kept_for: str | None,
    since: str = "",
    boards: str = "",
    infection: str = "",
) -> Card:
    """Return one bed of a map; `names` are of the stays that the reader sees, `kept_for` a stay."""
    words, tone = STATES[line.state]
    is_used = line.bed.condition != "clean"
    is_dirty = line.state == "cleaning" or (line.state == "closed" and is_used)
    if line.state == "cleaning" and line.bed.condition == "being-cleaned":
        words = _BEING_CLEANED
    seen = [names[stay] for stay in line.spells if stay in names]
    stay = next((s for s in line.spells if s in names), "")
    return Card(
        id=line.bed.id,
        name=line.bed.name,
        state=line.state,
        words=words,
        tone=tone,
        who=" and ".join(seen) if line.spells and seen else _unseen(line),
        stay=stay,
        kept_for="" if kept_for is None else names.get(kept_for, "somebody you may not see"),
        since=since if stay else "",
        why=closure_words(line),
        infection=infection if stay else "",
        boards=boards if line.boarder and stay else "",
        extra=line.bed.escalation,
        doubled=len(line.spells) > 1,
        cleans=("clean" if line.bed.condition == "being-cleaned" else "start") if is_dirty else "",
        version=version,
    )


def _unseen(line: BedLine) -> str:
    return "Somebody you may not see" if line.spells else ""


def past_outbreak(outbreak: Outbreak) -> str:
    """Return an outbreak that is over as one line."""
    what = infection_words(outbreak.infection, outbreak.began)
    over = clock_words(outbreak.over) if outbreak.over else ""
    return f"{what}, from {clock_words(outbreak.began)} to {over}"
