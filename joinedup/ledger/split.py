"""Sharing an amount so that nothing is lost: the largest remainders take the pennies left over."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from joinedup.fhir.issue import Invalid
from joinedup.ledger.money import Pence

__all__ = ["MOST_SHARES", "allocate_pounds", "split"]

MOST_SHARES = 10_000


def split(amount: Pence, weights: Sequence[Fraction | int]) -> tuple[Pence, ...]:
    """Return the shares of an amount in the order of their weights; they sum to it exactly.

    Hamilton's method (largest remainder): every share is rounded down, and the units left over go
    one each to the largest remainders, of equal ones to the earlier. A negative amount is shared as
    the positive one is, so what is taken back is what was given. BU-02 (domain.md 4.3).

    Raises Invalid for no weights, a negative one, or none above zero.
    """
    if not 0 < len(weights) <= MOST_SHARES:
        raise Invalid(
            f"An amount is shared among 1 to {MOST_SHARES:,}, not among {len(weights):,}."
        )
    whole = sum(Fraction(w) for w in weights)
    if any(w < 0 for w in weights) or whole <= 0:
        raise Invalid("Shares are not negative, and at least one is above zero.")
    exact = [abs(amount) * Fraction(w) / whole for w in weights]
    shares = [int(e) for e in exact]
    left = abs(amount) - sum(shares)
    nearest = sorted(range(len(exact)), key=lambda n: (shares[n] - exact[n], n))
    for place in nearest[:left]:
        shares[place] += 1
    return tuple(-s if amount < 0 else s for s in shares)


def allocate_pounds(total: Pence, shares: Mapping[str, Fraction]) -> dict[str, Pence]:
    """Return whole pounds for each name, by its share, that sum to the total exactly.

    For a grant published in whole pounds (domain.md 9.5). Names with equal remainders are served in
    the order of the alphabet, so that the order of a file decides nothing. Raises Invalid for a
    total that is not whole pounds, or shares that `split` refuses.
    """
    if total % 100:
        raise Invalid("A total to be allocated in whole pounds has no pence.")
    names = sorted(shares)
    pounds = split(total // 100, [shares[name] for name in names])
    found = dict(zip(names, (p * 100 for p in pounds), strict=True))
    return {name: found[name] for name in shares}
