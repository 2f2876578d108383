"""What each start of bought care may have saved: shown beside the estimate, never added to it.

A start's credit is the days between it and the day that half of those who waited for the same
reason before had left by. Whoever waited longer counts against: dropping them would find credit
where the money did nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from msgspec import Struct

__all__ = ["Credit", "Start", "Waited", "credit_of", "median_wait"]

LEAST_WAITS = 20


class Waited(Struct, frozen=True):
    """Somebody who waited to leave before the money, since when; `left` is None while they wait."""

    reason: str
    ready: date
    left: date | None


class Start(Struct, frozen=True):
    """Care that the money bought began for somebody: why they waited, since when, its first day."""

    reason: str
    ready: date
    started: date


class Credit(Struct, frozen=True):
    """Bed-days by start: an estimate of another kind, of `starts` that could be compared.

    `not_said` are starts for whose reason too few had waited before to know the middle wait.
    """

    bed_days: int
    starts: int
    not_said: int
    word: Literal["estimated"] = "estimated"

    @property
    def method(self) -> str:
        """How it was reckoned, in words for a page."""
        return (
            f"Estimated: for each of {self.starts} starts, the days from it to the day by which "
            "half of those who waited for the same reason before had left; a later start counts "
            "against. This is another view of the same days: never add it to the bed-days freed."
        )


def credit_of(starts: Iterable[Start], waits: Iterable[Waited], *, as_of: date) -> Credit:
    """Return the credit of the starts; those of a reason with fewer than 20 waits are not in it."""
    told = tuple(waits)
    middles = {
        reason: median_wait(told, reason, as_of=as_of) for reason in {w.reason for w in told}
    }
    days = said = not_said = 0
    for start in starts:
        middle = middles.get(start.reason)
        if middle is None:
            not_said += 1
            continue
        said += 1
        days += middle - (start.started - start.ready).days
    return Credit(days, said, not_said)


def median_wait(waits: Iterable[Waited], reason: str, *, as_of: date) -> int | None:
    """Return the days by which half of those who waited had left; None where that is not known.

    Waits that go on are longer than they are now (Kaplan and Meier 1958): leaving them out would
    make the middle too short.
    """
    mine = [w for w in waits if w.reason == reason]
    if len(mine) < LEAST_WAITS:
        return None
    lengths = sorted(((w.left or as_of) - w.ready).days for w in mine)
    ended = sorted((w.left - w.ready).days for w in mine if w.left is not None)
    still = 1.0
    for length in dict.fromkeys(ended):
        waiting = sum(1 for one in lengths if one >= length)
        still *= 1.0 - ended.count(length) / waiting
        if still <= 0.5:
            return length
    return None
