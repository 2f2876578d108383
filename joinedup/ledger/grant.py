"""Grants: a sum for one year, shared out by a published file, and gone when the year is.

A grant is one-off by construction: it has one year, postings outside it are refused, and no base of
a later year is ever built from it (MO-04, domain.md 12.3).
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.money import Pence
from joinedup.ledger.posting import Posting
from joinedup.ledger.split import allocate_pounds

__all__ = ["PROXY_WORDS", "BudgetLine", "Grant", "allocation", "base_of", "refuse_outside"]

PROXY_WORDS = "proxy shares, not the 2018 allocation"
"""What every page and file says of shares that are not the published ones."""


class Grant(Struct, frozen=True, kw_only=True):
    """A sum given for one financial year. `shares_are_proxy`: not the shares it was given by."""

    name: str
    year: str
    total: Pence
    shares: Mapping[str, Fraction]
    shares_source: str
    shares_are_proxy: bool

    def pot(self, council: str) -> Account:
        """The account that holds a council's part of it."""
        return Account(AccountKind.POT, f"{self.name}/{council}")

    @property
    def warning(self) -> str:
        """What has to stand beside every figure of it; "" where the shares are the real ones."""
        return PROXY_WORDS if self.shares_are_proxy else ""


class BudgetLine(Struct, frozen=True):
    """One line of a year's budget, in cash pence."""

    name: str
    year: str
    pence: Pence
    one_off: bool


def allocation(grant: Grant) -> dict[str, Pence]:
    """Return each council's part in whole pounds; together they are the total (domain.md 9.5).

    Raises Invalid for shares that are nobody's or below zero.
    """
    if not grant.shares_source.strip():
        raise Invalid(f"Say where the shares of {grant.name} come from, and of what day they are.")
    return allocate_pounds(grant.total, grant.shares)


def refuse_outside(grant: Grant, posting: Posting) -> None:
    """Refuse to move this grant's money in a year that is not its own: Unprocessable."""
    own = f"{grant.name}/"
    touched = any(
        e.account.kind is AccountKind.POT and e.account.name.startswith(own)
        for e in posting.entries
    )
    if touched and posting.period.financial_year != grant.year:
        raise Unprocessable(
            Problem(
                "business-rule",
                f"{grant.name} is a grant for {grant.year} alone. It cannot be spent or "
                f"returned in {posting.period.financial_year}.",
                "on",
            )
        )


def base_of(year: str, lines: Iterable[BudgetLine]) -> Pence:
    """Return what a year's budget hands on to the next as its base: all but what was one-off."""
    return sum(line.pence for line in lines if line.year == year and not line.one_off)
