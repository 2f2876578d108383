"""Whole pounds from shares, so that they add up to the total exactly (largest remainder)."""

import math
from collections.abc import Mapping

from joinedup.fhir.issue import Invalid, Problem

__all__ = ["whole_pounds"]


def whole_pounds(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return so many whole pounds by name, in the order given, adding up to the total.

    Each gets its share rounded down, then those with the largest remainders one more (Hamilton;
    domain.md 9.5); equal remainders go by name, so the order given does not matter. Refuses with
    Invalid a total or share below 0, and shares of nothing at all.
    """
    whole = math.fsum(shares.values())
    if total < 0 or whole <= 0.0 or any(not 0.0 <= s < math.inf for s in shares.values()):
        message = "give a total and shares of 0 or more, at least one of them above 0"
        raise Invalid(Problem("value", message, "shares"))
    exact = {name: total * share / whole for name, share in shares.items()}
    found = {name: math.floor(one) for name, one in exact.items()}
    left = total - sum(found.values())
    # A rounding error of the last bit may not give a pound to who has no share.
    order = sorted(exact, key=lambda name: (-round(exact[name] - found[name], 9), name))
    for name in order[:left]:
        found[name] += 1
    return found
