"""What the winter page tells of a hospital: level, beds now and at 08:00, infections, money.

Values ready for the page; nothing is changed here.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.beds.queries import HospitalThen, hospital_then
from joinedup.beds.rules.occupancy import CLOSED_STAY, occupancy, percent
from joinedup.beds.rules.opel import Reckoned
from joinedup.beds.rules.picture import BedLine, counts, snapshot_at
from joinedup.discharge.rules.sitrep import KIND as SITREP
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.agreement import GRANT
from joinedup.fhir.profiles.returned import Return
from joinedup.ledger.money import in_pounds
from joinedup.measures.pressure import Measure
from joinedup.measures.sent import sent_between
from joinedup.measures.words import clock_words
from joinedup.money.pot_rules import by_care, figures_of
from joinedup.money.queries import agreements, moved_under_each
from joinedup.money.small_numbers import shown_counts

__all__ = ["BedsThen", "GrantLine", "Infections", "Level", "MeasureLine", "grant_lines"]

_ONE = {"people": "person", "beds": "bed"}
_PART_OF = {"occupancy-percent": " of open beds", "ready-percent": " of beds in use"}
DIARRHOEA = ("norovirus", "diarrhoea")
"""Infections whose closures a return calls D&V and norovirus."""


class BedsThen(Struct, frozen=True):
    """Beds at one moment, with its time."""

    at: str
    free: int
    occupied: int
    full: str
    cleaning: int
    without_bed: int
    is_known: bool


class Infections(Struct, frozen=True):
    """Beds that infections take, each bed counted once in `affected` (WI-03)."""

    flu: int
    flu_suspected: int
    closed: int
    closed_empty: int
    closed_other: int
    affected: int
    at: str


class Level(Struct, frozen=True):
    """Both levels in words: as reckoned now, and as declared, `2 (calc 3)`."""

    reckoned: str
    score: str
    missing: tuple[str, ...]
    declared: str
    by: str
    at: str
    why: str


class MeasureLine(Struct, frozen=True):
    """One measure with its figure in words, its age, and its score of 3; "" where missing."""

    code: str
    words: str
    figure: str
    age: str
    score: str
    by_hand: bool
    typed: str


class GrantLine(Struct, frozen=True):
    """What a grant did: pounds given, promised and spent; packages it bought."""

    id: str
    name: str
    given: str
    promised: str
    spent: str
    packages: str


HOME_DAYS = 28


class Home(Struct, frozen=True):
    """How many people went home or on, over the days that were sent; None where none was."""

    people: int | None
    sent_days: int
    of_days: int


def beds_then(then: HospitalThen) -> BedsThen:
    """Return the beds of a moment; unknown where the record has no bed of the hospital."""
    counted = counts(then.shown)
    found = occupancy(counted, then.shown.at, policy=CLOSED_STAY)
    return BedsThen(
        at=clock_words(then.shown.at),
        free=counted["available"],
        occupied=counted["occupied"],
        full="" if found.share is None else f"{percent(found.share)} of {found.open} open beds",
        cleaning=counted["cleaning"],
        without_bed=counted["without-bed"],
        is_known=bool(counted["beds"]),
    )


def snapshot(hospital: str, now: datetime) -> HospitalThen:
    """Return the hospital at the last 08:00."""
    at = snapshot_at(day_of(now))
    return hospital_then(
        hospital, at if at <= now else snapshot_at(day_of(now) - timedelta(days=1))
    )


def infections(then: HospitalThen) -> Infections:
    """Return beds with flu and beds closed, kept apart; and how many beds there are of either."""
    lines = then.shown.lines
    flu = [x for x in lines if ("flu", "confirmed") in x.infections]
    suspected = [x for x in lines if ("flu", "suspected") in x.infections and x not in flu]
    closed = [x for x in lines if _closed_for(x)]
    stomach = [x for x in closed if x.bed.closure and x.bed.closure.infection in DIARRHOEA]
    return Infections(
        flu=len(flu),
        flu_suspected=len(suspected),
        closed=len(stomach),
        closed_empty=sum(not x.spells for x in stomach),
        closed_other=len(closed) - len(stomach),
        affected=len({x.bed.id for x in (*flu, *closed)}),
        at=clock_words(then.shown.at),
    )


def _closed_for(line: BedLine) -> bool:
    return line.bed.closure is not None and line.bed.closure.reason == "infection"


def level_lines(
    measured: Iterable[Measure], found: Reckoned | None, now: datetime
) -> tuple[MeasureLine, ...]:
    """Return every measure in words with its age; a missing one says so."""
    scores = found.scores if found else {}
    return tuple(
        MeasureLine(
            code=m.code,
            words=m.words,
            figure="Missing" if m.value is None else _figure(m),
            age="" if m.at is None else _age(m.at, now),
            score=f"{scores[m.code]} of 3" if m.code in scores else "",
            by_hand=m.by_hand,
            typed="" if m.value is None else _plain(m.value),
        )
        for m in measured
    )


def _figure(measure: Measure) -> str:
    """Return a figure with its unit and what it is a part of."""
    plain = _plain(measure.value)
    unit = _ONE.get(measure.unit, measure.unit) if plain == "1" else measure.unit
    return f"{plain} {unit}{_PART_OF.get(measure.code, '')}"


def _plain(value: object) -> str:
    return str(value).removesuffix(".0")


def _age(at: datetime, now: datetime) -> str:
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 2:
        return "now"
    return f"{minutes} minutes old" if minutes < 120 else f"{minutes // 60} hours old"


def level(
    found: Reckoned | None, measured: Iterable[Measure], said: Return | None, by: str
) -> Level:
    """Return both levels; what partners see is the declared one beside the reckoned (WI-01)."""
    words = {m.code: m.words for m in measured}
    missing = tuple(words[c] for c in found.missing) if found else tuple(words.values())
    return Level(
        reckoned=str(found.level) if found else "",
        score=found.words if found else "",
        missing=missing,
        declared=_declared(said),
        by=by,
        at=clock_words(said.sent_at) if said else "",
        why=said.why if said else "",
    )


def _declared(said: Return | None) -> str:
    if said is None:
        return ""
    own, calculated = said.counts["declared"], said.counts["reckoned"]
    return str(own) if own == calculated else f"{own} (calc {calculated})"


def people_home(permit: Permit, hospital: str, now: datetime) -> Home:
    """Return who went home or on in the last four weeks, as the days that were sent say it."""
    last = day_of(now) - timedelta(days=1)
    sent = sent_between(permit, SITREP, hospital, last - timedelta(days=HOME_DAYS - 1), last)
    gone = sum(versions[-1].counts["discharged"] for versions in sent.values())
    return Home(gone if sent else None, len(sent), HOME_DAYS)


def grant_lines(permit: Permit) -> tuple[GrantLine, ...] | None:
    """Return what each grant did, from the books; None for a reader who reads no books.

    Small numbers of packages are withheld from whoever sees figures alone, as on a grant's page.
    """
    if not permit.may(Power.READ_BOOKS):
        return None
    kept = [one for one in agreements(permit) if one.agreement.kind == GRANT]
    moved = moved_under_each(permit, kept)
    lines = []
    for one in kept:
        whole, care = figures_of(moved[one.id]), by_care(moved[one.id])
        bought = [line.packages for line in care]
        shown = sum(bought) if permit.may(Power.KEEP_BOOKS) else shown_counts(bought).whole
        lines.append(
            GrantLine(
                id=one.id,
                name=one.agreement.name,
                given=in_pounds(whole.given),
                promised=in_pounds(whole.promised),
                spent=in_pounds(whole.spent),
                packages="fewer than 5 of a kind" if shown is None else str(shown),
            )
        )
    return tuple(lines)
