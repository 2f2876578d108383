"""Freed beds, chapter 3. Nine times in ten the interval holds the truth (issue 4, accept 6).

The winters come from simulators that the method knows nothing of: places played person by person,
and plain counts. `python -m benchmarks.freed` prints the same with bias, width and power.
"""

import os

import pytest
from scipy.stats import binom

from benchmarks.freed.coverage import cover

BY_CHANCE = 1e-4


@pytest.mark.parametrize("kind", ["played", "plain"])
def test_ten_winters_with_money_that_frees_and_ten_without(kind: str) -> None:
    """So few say little: at least as many as 85 in 100 would give but for 1 in 10,000."""
    held = 0.0
    for effect, numbers in ((True, range(10)), (False, range(200, 210))):
        found = cover(numbers, kind=kind, effect=effect)
        assert found.not_said == 0
        held += found.held * found.winters
    assert round(held) >= binom.ppf(BY_CHANCE, 20, 0.85)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["played", "plain"])
@pytest.mark.parametrize("effect", [True, False])
def test_two_hundred_winters_each(kind: str, effect: bool) -> None:
    """The interval of nine in ten covers in 85 to 95 of 100, with money that works and without."""
    numbers = range(200) if effect else range(200, 400)
    found = cover(numbers, kind=kind, effect=effect, processes=os.cpu_count() or 1)
    assert found.not_said <= 2, "a winter in which nobody waited cannot be said"
    assert 0.85 <= found.held <= 0.95
