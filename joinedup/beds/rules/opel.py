"""How hard-pressed a hospital is: the level reckoned from measures and the level declared (WI-01).

Levels are 1 to 4. Both are kept; a director who declares another than was reckoned says why.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.returned import Return
from joinedup.reference.codes.discharge import Pressure, opel_levels, pressures
from joinedup.reference.tables import Row

__all__ = ["KIND", "LEVELS", "Declared", "Reckoned", "as_return", "declared", "reckoned"]

KIND = "opel"
LEVELS = (1, 2, 3, 4)
HIGHEST_SCORE = 3
_LEAST_WHY = 10


class Reckoned(Struct, frozen=True):
    """The level that the measures give: `scores` of those known, `missing` of those not."""

    level: int
    scores: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        """The score with what it is out of: `Score 15 of 30 from 10 of 10 measures`."""
        known, every = len(self.scores), len(self.scores) + len(self.missing)
        most = HIGHEST_SCORE * known
        return f"Score {sum(self.scores.values())} of {most} from {known} of {every} measures"


class Declared(Struct, frozen=True):
    """What a director said, beside what was reckoned."""

    organisation: str
    level: int
    reckoned: Reckoned
    by: str
    at: datetime
    why: str = ""

    @property
    def words(self) -> str:
        """What partners see: `2 (calc 3)`, or one number where the two are the same."""
        if self.level == self.reckoned.level:
            return str(self.level)
        return f"{self.level} (calc {self.reckoned.level})"


def reckoned(
    measured: Mapping[str, Decimal | None],
    *,
    on: date,
    thresholds: Sequence[Row] = (),
    levels: Sequence[Row] = (),
) -> Reckoned:
    """Return the level from measures by the thresholds of a day, a place's own rows first.

    A measure that is missing or None is named and left out of both score and highest score: it is
    not calm. Refuses, Unprocessable, unknown names, values below nothing, or nothing measured.
    """
    table = pressures(on=on, own=thresholds)
    unknown = measured.keys() - {p.code for p in table}
    if unknown:
        raise Unprocessable(f"No measure of pressure: {', '.join(sorted(unknown))}.")
    scores: dict[str, int] = {}
    for pressure in table:
        value = measured.get(pressure.code)
        if value is not None:
            scores[pressure.code] = _score(pressure, value)
    if not scores:
        raise Unprocessable("Nothing was measured: no level can be reckoned.")
    missing = tuple(p.code for p in table if p.code not in scores)
    share = Decimal(100 * sum(scores.values())) / (HIGHEST_SCORE * len(scores))
    level = max(number for number, begins, _ in opel_levels(on=on, own=levels) if share >= begins)
    return Reckoned(level, scores, missing)


def _score(pressure: Pressure, value: Decimal) -> int:
    if value < 0:
        words = f"{pressure.words} cannot be below nothing."
        raise Unprocessable(Problem("value", words, pressure.code))
    if pressure.up:
        return sum(value >= threshold for threshold in pressure.thresholds)
    return sum(value <= threshold for threshold in pressure.thresholds)


def declared(
    organisation: str, calculation: Reckoned, level: int, *, by: str, at: datetime, why: str = ""
) -> Declared:
    """Return the level as declared; refuses, Unprocessable, no name, no such level (there is no 5),
    or another than was reckoned without a reason (WI-01)."""
    if level not in LEVELS:
        raise Unprocessable(f"There is no level {level}: 1, 2, 3 or 4.")
    if not by.startswith(("Practitioner/", "PractitionerRole/")):
        raise Unprocessable("A director declares the level by name.")
    if level != calculation.level and len(why.strip()) < _LEAST_WHY:
        words = f"The measures give {calculation.level}. Say why {level} is declared."
        raise Unprocessable(Problem("required", words, "why"))
    return Declared(organisation, level, calculation, by, at, why.strip())


def as_return(said: Declared, version: int) -> Return:
    """Return both levels and every score as a return that is kept, a version each time."""
    counts = {"declared": said.level, "reckoned": said.reckoned.level}
    counts |= {f"score/{name}": score for name, score in said.reckoned.scores.items()}
    return Return(
        kind=KIND,
        organisation=said.organisation,
        day=day_of(said.at),
        version=version,
        counts=counts,
        taken_at=said.at,
        sent_at=said.at,
        sent_by=said.by,
        why=said.why,
    )
