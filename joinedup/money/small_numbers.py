"""Counts that could point at somebody are not shown to those who see figures alone. Pure.

A row of 1 to 4 packages is "fewer than 5", and then the whole is withheld with it: a whole, or
further rows withheld by a rule, would let somebody reckon it back (domain.md 13.5, ME-04).
"""

from collections.abc import Sequence

from msgspec import Struct

__all__ = ["FEWEST", "Counts", "shown_counts"]

FEWEST = 5


class Counts(Struct, frozen=True):
    """Counts as they may be shown, row by row, None where one is withheld; and their sum."""

    rows: tuple[int | None, ...]
    whole: int | None


def shown_counts(counts: Sequence[int]) -> Counts:
    """Return the counts that may be shown so that no row of 1 to 4 can be worked out.

    Whoever knows this rule learns of a withheld row that it is 1 to 4, and no more.
    """
    rows = tuple(None if 0 < count < FEWEST else count for count in counts)
    return Counts(rows, None if None in rows else sum(counts))
