"""Counts that could point at somebody are not shown to those who see figures alone. Pure.

A row of 1 to 4 packages is "fewer than 5"; where the whole would give it away, further rows are
withheld, and if that is not enough the whole is (domain.md 13.5, ME-04).
"""

from collections.abc import Sequence

from msgspec import Struct

__all__ = ["FEWEST", "Counts", "shown_counts"]

FEWEST = 5
_FEW = range(1, FEWEST)


class Counts(Struct, frozen=True):
    """Counts as they may be shown, row by row, None where one is withheld; and their sum."""

    rows: tuple[int | None, ...]
    whole: int | None


def shown_counts(counts: Sequence[int]) -> Counts:
    """Return the counts that may be shown so that no row of 1 to 4 can be worked out.

    Rows of 1 to 4 are withheld. With the whole beside them they could be reckoned back, so the
    next smallest rows are withheld too until each small row could be two numbers at least.
    """
    small = [place for place, count in enumerate(counts) if count in _FEW]
    if not small:
        return Counts(tuple(counts), sum(counts))
    further = sorted((c, p) for p, c in enumerate(counts) if c >= FEWEST)
    for taken in range(len(further) + 1):
        withheld = {*small, *(place for _, place in further[:taken])}
        cap = further[taken][0] if taken < len(further) else None
        hidden = sum(counts[place] for place in withheld)
        if _is_open(hidden, len(small), taken, cap):
            return Counts(_without(counts, withheld), sum(counts))
    return Counts(_without(counts, set(small)), None)


def _without(counts: Sequence[int], withheld: set[int]) -> tuple[int | None, ...]:
    return tuple(None if place in withheld else count for place, count in enumerate(counts))


def _is_open(hidden: int, small: int, further: int, cap: int | None) -> bool:
    """Whether a small row could be two numbers at least, for who knows how rows are withheld.

    `hidden` is what all withheld rows come to: `small` of them of 1 to 4, `further` of 5 to `cap`.
    """
    least = (small - 1) + FEWEST * further
    most = None if further and cap is None else (small - 1) * (FEWEST - 1) + further * (cap or 0)
    possible = [
        few for few in _FEW if least <= hidden - few and (most is None or hidden - few <= most)
    ]
    return len(possible) >= 2
