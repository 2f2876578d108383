"""How hard-pressed a hospital is: measured from the record and by hand, declared by a director.

The level is reckoned by `beds.rules.opel`; both levels are kept, each declaring a return of its own
(WI-01). What only the emergency department knows is typed when a level is declared, and holds for
that day; what nobody measured is missing, and named.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.beds.queries import HospitalThen, hospital_then
from joinedup.beds.rules.opel import KIND, Reckoned, as_return, declared, reckoned
from joinedup.beds.rules.picture import counts
from joinedup.fhir.issue import Conflict, NotPermitted, Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.returned import Return, build
from joinedup.measures.sent import sent_on
from joinedup.measures.standing import stays_of
from joinedup.record import Create
from joinedup.record.stood import latest
from joinedup.reference.codes.discharge import pressures

__all__ = [
    "BY_HAND",
    "Measure",
    "declare",
    "last_declared",
    "level_of",
    "measures_of",
    "read_figure",
]

BY_HAND = (
    "handover-minutes",
    "four-hour-percent",
    "attendances-percent",
    "majors-percent",
    "treatment-minutes",
    "twelve-hour-percent",
)
"""What the record of a place does not know: the emergency department says it."""
_TENTHS = "tenths/"
_MOST = Decimal(100_000)


class Measure(Struct, frozen=True):
    """One measure of pressure: `value` None is missing; `at` is what moment it tells of."""

    code: str
    words: str
    unit: str
    value: Decimal | None
    at: datetime | None
    by_hand: bool


def measures_of(
    permit: Permit, hospital: str, then: HospitalThen, *, now: datetime
) -> tuple[Measure, ...]:
    """Return every measure with its figure and its moment, in the order of the table.

    Beds and people waiting are counted from the record; the others are those that were typed with
    the last level declared on this day.
    """
    today = day_of(now)
    counted = _counted(permit, hospital, then, today)
    typed, typed_at = _typed(last_declared(permit, hospital, today))
    return tuple(
        Measure(
            code=p.code,
            words=p.words,
            unit=p.unit,
            value=typed.get(p.code) if p.code in BY_HAND else counted.get(p.code),
            at=_moment(p.code, typed, counted, typed_at, then.shown.at),
            by_hand=p.code in BY_HAND,
        )
        for p in pressures(on=today)
    )


def _moment(
    code: str,
    typed: Mapping[str, Decimal],
    counted: Mapping[str, Decimal],
    typed_at: datetime | None,
    counted_at: datetime,
) -> datetime | None:
    if code in BY_HAND:
        return typed_at if code in typed else None
    return counted_at if code in counted else None


def _counted(permit: Permit, hospital: str, then: HospitalThen, today: date) -> dict[str, Decimal]:
    """Return what the record knows; a hospital without beds, or without reviews, is not calm."""
    found: dict[str, Decimal] = {}
    general = counts(then.shown, care="general")
    is_open = general["beds"] - general["closed-other-empty"]
    if is_open:
        found["occupancy-percent"] = _percent(general["occupied"], is_open)
        found["escalation-beds"] = Decimal(general["escalation-open"] + general["closed-infection"])
        found["waiting-for-bed"] = Decimal(len(then.shown.without_bed))
    stays = stays_of(permit, hospital, today, today, at=latest()).on(today)
    if general["occupied"] and any(s.state != "admitted" for s in stays):
        waiting = sum(s.ready is not None and s.left is None for s in stays)
        found["ready-percent"] = _percent(waiting, general["occupied"])
    return found


def _percent(part: int, whole: int) -> Decimal:
    share = Fraction(100 * part, whole)
    return (Decimal(share.numerator) / share.denominator).quantize(Decimal("0.1"))


def _typed(last: Return | None) -> tuple[dict[str, Decimal], datetime | None]:
    if last is None:
        return {}, None
    found = {
        code: Decimal(last.counts[_TENTHS + code]) / 10
        for code in BY_HAND
        if _TENTHS + code in last.counts
    }
    return found, last.sent_at


def level_of(measured: tuple[Measure, ...], *, on: date) -> Reckoned | None:
    """Return the level that the measures give; None where nothing was measured at all."""
    try:
        return reckoned({m.code: m.value for m in measured}, on=on)
    except Unprocessable:
        return None


def last_declared(permit: Permit, hospital: str, day: date) -> Return | None:
    """Return the level as last declared on a day, with both levels and every score."""
    versions = sent_on(permit, KIND, hospital, day)
    return versions[-1] if versions else None


def read_figure(code: str, text: str, *, unit: str) -> Decimal | None:
    """Return a figure as typed, None for a blank: missing. Refuses, Unprocessable, what is none."""
    plain = text.strip().removesuffix("%").strip()
    if not plain:
        return None
    whole, _, part = plain.partition(".")
    digits = (whole + part).isascii() and whole.isdigit() and (not part or part.isdigit())
    if not digits or len(part) > 1 or Decimal(plain) > _MOST:
        words = f"“{text.strip()[:20]}” is no figure. Write {unit}, like 42 or 61.5, or leave it."
        raise Unprocessable(Problem("value", words, code))
    return Decimal(plain)


def declare(
    permit: Permit,
    hospital: str,
    level: int,
    typed: Mapping[str, Decimal],
    *,
    why: str,
    now: datetime,
) -> Return:
    """Declare a level by name, beside what the measures give; both are kept (WI-01).

    Refuses: NotPermitted, another role or hospital; Unprocessable, no such level, nothing measured,
    or another level than was reckoned without a reason; Conflict, who was second in the same
    moment.
    """
    if not permit.may(Power.DECLARE_OPEL) or permit.organisation != hospital:
        raise NotPermitted("The level of pressure is declared by a director of the hospital.")
    then = hospital_then(hospital, now)
    known = _counted(permit, hospital, then, day_of(now))
    calculation = reckoned({**known, **typed}, on=day_of(now))
    said = declared(hospital, calculation, level, by=permit.worker, at=now, why=why)
    before = last_declared(permit, hospital, day_of(now))
    version = as_return(said, before.version + 1 if before else 1)
    figures = {_TENTHS + code: int(value * 10) for code, value in {**known, **typed}.items()}
    kept = replace(version, counts={**version.counts, **figures})
    try:
        record.commit(permit, [Create(build(kept), kept.id)], detail="a level of pressure")
    except Conflict as problem:
        raise Conflict("Somebody declared a level just now. Look at it first.") from problem
    return kept
