"""Chance: numbers that are named, not drawn; even, and the same bits in both engines."""

import math
from random import Random
from statistics import NormalDist

import numba
import numpy as np
import pytest

from joinedup.planning.chance import keys, laws
from joinedup.planning.engine import draws
from joinedup.planning.network import Empirical, Exponential, Fixed, Gamma, Law, Lognormal
from joinedup.planning.network.flow import mean_time

MANY = 20_000
PLACE = keys.name_key("beds")


def bits(count: int, purpose: int = keys.STAY) -> list[int]:
    """What the first people of a class draw on their first visit to a place."""
    of_class = keys.class_key(keys.run_key(1, 0), "emergency")
    people = (keys.person_key(of_class, number) for number in range(count))
    return [keys.draw(person, PLACE, 0, purpose) for person in people]


def test_the_hash_is_splitmix64() -> None:
    """The published outputs for the start 1234567."""
    start = 1234567
    found = [keys.mix(start + n * keys.GOLDEN) for n in (1, 2, 3, 4, 5)]
    assert found == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_numbers_are_even_over_people() -> None:
    """Chi-squared over 256 cells, of the highest and of the lowest bits, within 5 deviations."""
    drawn = bits(MANY)
    for cells in ([b >> 56 for b in drawn], [b & 255 for b in drawn]):
        counts = np.bincount(cells, minlength=256)
        chi = float(((counts - MANY / 256) ** 2).sum() / (MANY / 256))
        assert abs(chi - 255) < 5 * math.sqrt(2 * 255)


@pytest.mark.parametrize("other", ["next person", "next purpose", "next visit", "next run"])
def test_neighbours_are_strangers(other: str) -> None:
    """Correlation of neighbouring numbers, within 4 standard errors of none."""
    of_class = keys.class_key(keys.run_key(1, 0), "emergency")
    beside = keys.class_key(keys.run_key(1, 1), "emergency")
    first, second = [], []
    for number in range(MANY):
        person = keys.person_key(of_class, number)
        first.append(keys.draw(person, PLACE, 0, keys.STAY))
        moved = {
            "next person": keys.draw(keys.person_key(of_class, number + 1), PLACE, 0, keys.STAY),
            "next purpose": keys.draw(person, PLACE, 0, keys.ROUTE),
            "next visit": keys.draw(person, PLACE, 1, keys.STAY),
            "next run": keys.draw(keys.person_key(beside, number), PLACE, 0, keys.STAY),
        }
        second.append(moved[other])
    pairs = [[keys.uniform(b) for b in column] for column in (first, second)]
    assert abs(float(np.corrcoef(pairs)[0, 1])) < 4 / math.sqrt(MANY)


def test_a_uniform_is_never_nought_nor_one() -> None:
    assert 0.0 < keys.uniform(0) < keys.uniform(2**64 - 1) < 1.0


def test_our_logarithm_power_and_quantile_are_right() -> None:
    chance = Random(1)
    for _ in range(2000):
        x = chance.random() ** chance.randint(1, 20) * 10.0
        assert laws.logarithm(x) == pytest.approx(math.log(x), rel=1e-15, abs=1e-16)
        y = chance.uniform(-40.0, 40.0)
        assert laws.raise_e(y) == pytest.approx(math.exp(y), rel=1e-15)
        p = chance.random() ** chance.randint(1, 9)
        assert laws.quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-14, abs=1e-15)
        z = chance.uniform(-5.0, 30.0)
        tail = math.erfc(z / math.sqrt(2)) / 2
        assert laws.normal_survival(z) == pytest.approx(tail, rel=1e-12)


LAWS: list[tuple[Law, float]] = [
    (Exponential(3.0), 3.0),
    (Lognormal(6.0, 8.0), 8.0),
    (Lognormal(60.0, 50.0), 50.0),
    (Gamma(5.0, 2.0), 2.0),
    (Gamma(2.0, 4.0), 4.0),
    (Fixed(2.5), 0.0),
    (Empirical((1.0, 4.0, 2.0), (1.0, 1.0, 2.0)), math.sqrt(1.1875)),
]


@pytest.mark.parametrize(("law", "sd"), LAWS, ids=str)
def test_times_have_the_mean_of_their_law(law: Law, sd: float) -> None:
    times = [laws.draw_time(law, b) for b in bits(MANY)]
    assert min(times) >= 0.0
    mean = math.fsum(times) / MANY
    assert abs(mean - mean_time(law)) <= 4 * sd / math.sqrt(MANY) + 1e-12


@pytest.mark.parametrize("elapsed", [0.5, 3.0, 9.0])
@pytest.mark.parametrize("law", [law for law, _ in LAWS[:5]], ids=str)
def test_what_is_left_of_a_stay_is_the_law_beyond_what_has_passed(law: Law, elapsed: float) -> None:
    """Two samples alike: what is left given so long, and whole times longer than that, cut."""
    left = sorted(laws.draw_time(law, b, elapsed) for b in bits(6000))
    whole = (laws.draw_time(law, b) for b in bits(60_000, keys.ROUTE))
    beyond = sorted(time - elapsed for time in whole if time > elapsed)
    assert len(beyond) > 100
    grid = np.array(left + beyond)
    apart = np.searchsorted(left, grid, "right") / len(left)
    apart -= np.searchsorted(beyond, grid, "right") / len(beyond)
    # Kolmogorov and Smirnov at one in a hundred thousand.
    limit = 2.47 * math.sqrt(1 / len(left) + 1 / len(beyond))
    assert float(np.abs(apart).max()) < limit


def test_what_is_left_of_times_seen_comes_from_the_longer_ones() -> None:
    law = Empirical((1.0, 4.0, 2.0, 9.0), (5.0, 1.0, 5.0, 3.0))
    left = [laws.draw_time(law, b, 2.0) for b in bits(4000)]
    assert set(left) == {2.0, 7.0}
    assert left.count(7.0) / 4000 == pytest.approx(0.75, abs=0.03)


def test_both_engines_draw_the_same_bits() -> None:
    """The compiled half against the plain one, bit for bit."""

    @numba.njit(error_model="numpy")
    def compiled(person: np.uint64, place: np.uint64, visit: int) -> tuple[float, float, float]:
        drawn = draws.draw(person, place, visit, 1)
        return (
            draws.exponential(drawn),
            draws.raise_e(3.0 * draws.normal(drawn, 0.25)),
            draws.gamma_left(0.7, drawn, 0.2),
        )

    for number, b in enumerate(bits(500)):
        plain = keys.draw(b, PLACE, number, keys.STAY)
        expected = (
            laws.exponential(plain),
            laws.raise_e(3.0 * laws.normal(plain, 0.25)),
            laws.gamma_left(0.7, plain, 0.2),
        )
        assert compiled(np.uint64(b), np.uint64(PLACE), number) == expected
