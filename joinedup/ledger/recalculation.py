"""A change that reaches back: what it was, what it is, the difference, who is owed it (BU-07)."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from joinedup.fhir.issue import Invalid
from joinedup.ledger.money import Pence

__all__ = ["Difference", "Weekly", "differences"]


class Weekly(Struct, frozen=True):
    """What a week costs each who pays for it; it is the seven days from `begins` on."""

    begins: date
    shares: dict[str, Pence]


class Difference(Struct, frozen=True):
    """One week for one payer: `due` above zero is still owed by them, below zero owed to them."""

    begins: date
    payer: str
    before: Pence
    after: Pence

    @property
    def due(self) -> Pence:
        """What the payer owes for the week on top of what was calculated before."""
        return self.after - self.before


def differences(before: Sequence[Weekly], after: Sequence[Weekly]) -> tuple[Difference, ...]:
    """Return every week and payer of either calculation, oldest first, also where nothing changed.

    A week missing from one of them counts as nothing there. Raises Invalid for a week given twice.
    """
    old, new = _by_week(before), _by_week(after)
    return tuple(
        Difference(week, payer, old.get(week, {}).get(payer, 0), new.get(week, {}).get(payer, 0))
        for week in sorted({*old, *new})
        for payer in sorted({*old.get(week, {}), *new.get(week, {})})
    )


def _by_week(weeks: Sequence[Weekly]) -> dict[date, dict[str, Pence]]:
    found: dict[date, dict[str, Pence]] = {}
    for week in weeks:
        if week.begins in found:
            raise Invalid(f"The week from {week.begins:%d %B %Y} stands twice in a calculation.")
        found[week.begins] = week.shares
    return found
