"""Section 75 pools: what each partner put in, what was spent, and who bears the difference.

NHS Act 2006 s75: one partner hosts the pool and keeps its accounts; the agreement states the
contributions, the functions, the risk share, VAT and how it ends (BU-09, MO-06).
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import read_year
from joinedup.ledger.split import split

__all__ = ["Pool", "Statement", "refuse_pool", "statements"]


class Pool(Struct, frozen=True, kw_only=True):
    """One pool in one financial year, as its agreement says.

    `contributions` and `minimums` are pence by partner; `overspend` and `underspend` the parts of a
    difference that each bears or has back. `functions` are what it may be spent on, in words.
    """

    name: str
    host: str
    year: str
    contributions: Mapping[str, Pence]
    overspend: Mapping[str, Fraction]
    underspend: Mapping[str, Fraction]
    functions: tuple[str, ...]
    vat_by: str
    ends: str
    minimums: Mapping[str, Pence] = {}


class Statement(Struct, frozen=True):
    """A partner's year, in pence: what it gave, and owes on top (or has back, when negative)."""

    partner: str
    contributed: Pence
    difference: Pence

    @property
    def bears(self) -> Pence:
        """What the year cost the partner; of all partners together, what the pool spent."""
        return self.contributed + self.difference


def refuse_pool(pool: Pool) -> None:
    """Refuse an agreement that lacks what each must state: Unprocessable, naming all of it."""
    found = [*_partners(pool), *_amounts(pool)]
    if not pool.functions:
        found.append("State what the pool may be spent on.")
    if not pool.ends.strip():
        found.append("State how the agreement ends.")
    read_year(pool.year)
    if found:
        raise Unprocessable(*(Problem("business-rule", message) for message in found))


def _partners(pool: Pool) -> list[str]:
    named = set(pool.contributions)
    found = []
    if len(named) < 2:
        found.append("A pool has two partners at least.")
    found += [
        f"{who} is {what} and is none of the partners: {', '.join(sorted(named))}."
        for who, what in ((pool.host, "the host"), (pool.vat_by, "who reclaims the VAT"))
        if who not in named
    ]
    for shares, what in ((pool.overspend, "an overspend"), (pool.underspend, "an underspend")):
        if set(shares) != named or any(s < 0 for s in shares.values()) or sum(shares.values()) != 1:
            found.append(f"The parts of {what} are one for each partner and make one whole.")
    return found


def _amounts(pool: Pool) -> list[str]:
    found = [
        f"What {partner} contributes is {in_pounds(pence)}; it cannot be below zero."
        for partner, pence in pool.contributions.items()
        if pence < 0
    ]
    found += [
        f"{partner} contributes {in_pounds(pool.contributions.get(partner, 0))}, less than the "
        f"minimum of {in_pounds(least)}."
        for partner, least in pool.minimums.items()
        if pool.contributions.get(partner, 0) < least
    ]
    return found


def statements(pool: Pool, spent: Pence) -> tuple[Statement, ...]:
    """Return a statement for each partner, in the order of the agreement, to the penny.

    What they bear adds up to what was spent. Raises as `refuse_pool`.
    """
    refuse_pool(pool)
    difference = spent - sum(pool.contributions.values())
    parts = pool.overspend if difference > 0 else pool.underspend
    partners = tuple(pool.contributions)
    shares = split(difference, [parts[p] for p in partners])
    return tuple(
        Statement(p, pool.contributions[p], share)
        for p, share in zip(partners, shares, strict=True)
    )
