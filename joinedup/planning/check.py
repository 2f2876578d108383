"""Exact answers from books: what the engine must find, computed another way.

Closed forms where there are any, and small Markov chains solved exactly where there are none.
Sources are named at each; nothing here plays a network.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec import Struct
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import spsolve
from scipy.special import ndtr

__all__ = [
    "Blocking",
    "Impatience",
    "Season",
    "balking",
    "bed_blocking",
    "closing",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "mean_wait",
    "mean_wait_by_priority",
    "one_server_wait",
    "overflow",
    "pooled_delay",
    "saturated_line",
    "season",
]

State = tuple[int, ...]


def erlang_b(places: int, load: float) -> float:
    """Return the share turned away where nobody can wait (Erlang 1917), by its recursion."""
    blocked = 1.0
    for n in range(1, places + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(places: int, load: float) -> float:
    """Return the share that waits where everybody can (Erlang 1917); load is below places."""
    blocked = erlang_b(places, load)
    return places * blocked / (places - load * (1.0 - blocked))


def mean_wait(places: int, load: float, *, stay: float = 1.0) -> float:
    """Return the mean wait of M/M/c."""
    return erlang_c(places, load) * stay / (places - load)


def one_server_wait(rate: float, mean: float, sd: float) -> float:
    """Return the mean wait of M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    return rate * (mean * mean + sd * sd) / (2.0 * (1.0 - rate * mean))


def mean_wait_by_priority(places: int, rates: Sequence[float]) -> list[float]:
    """Return each class's mean wait, first class first, stays exponential with mean 1.

    Nobody is put out for a higher class (Cobham 1954; Kella and Yechiali 1985 for several places).
    """
    soonest = erlang_c(places, sum(rates)) / places
    found, above = [], 0.0
    for rate in rates:
        with_own = above + rate / places
        found.append(soonest / ((1.0 - above) * (1.0 - with_own)))
        above = with_own
    return found


class Impatience(Struct, frozen=True):
    """Share that gives up, mean number waiting, share that does not get a place at once."""

    gives_up: float
    waiting: float
    waits: float


def erlang_a(rate: float, places: int, impatience: float) -> Impatience:
    """Return M/M/c+M with stays of mean 1: everybody gives up at this rate (Palm 1946)."""
    weights, n = [1.0], 0
    while weights[-1] > 1e-18 * max(weights) or n <= places:
        n += 1
        weights.append(weights[-1] * rate / (min(n, places) + max(0, n - places) * impatience))
    total = math.fsum(weights)
    waiting = math.fsum(max(0, k - places) * w for k, w in enumerate(weights)) / total
    return Impatience(impatience * waiting / rate, waiting, math.fsum(weights[places:]) / total)


def balking(rate: float, places: int, joins: Sequence[float]) -> Impatience:
    """Return M/M/c, stays of mean 1, whose people join a queue of n only by chance joins[n].

    The last chance goes for all beyond. A birth and death process (Haight 1957); the first figure
    is the share that does not join.
    """
    weights, n = [1.0], 0
    while weights[-1] > 1e-18 * max(weights) or n < places:
        chance = 1.0 if n < places else joins[min(n - places, len(joins) - 1)]
        n += 1
        weights.append(weights[-1] * rate * chance / min(n, places))
        if weights[-1] == 0.0:
            break
    total = math.fsum(weights)
    busy = math.fsum(min(k, places) * w for k, w in enumerate(weights)) / total
    waiting = math.fsum(max(0, k - places) * w for k, w in enumerate(weights)) / total
    return Impatience(1.0 - busy / rate, waiting, math.fsum(weights[places:]) / total)


class Closing(Struct, frozen=True):
    """A ward whose beds close at random: share turned away, mean beds closed and in use."""

    turned_away: float
    closed: float
    in_use: float


def closing(
    rate: float, beds: int, *, outbreaks: float, lasts: float, places: int, most: int = 40
) -> Closing:
    """Return M/M/c/c, stays of mean 1, where outbreaks at a rate shut so many beds for a while.

    Nobody is put out, nobody is let in unless fewer are in than are open. The chain of (people,
    outbreaks), cut off at `most` outbreaks at once.
    """

    def is_open(at_once: int) -> int:
        return max(0, beds - at_once * places)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        inside, at_once = state
        if inside < is_open(at_once):
            yield (inside + 1, at_once), rate
        if inside:
            yield (inside - 1, at_once), float(inside)
        if at_once < most:
            yield (inside, at_once + 1), outbreaks
        if at_once:
            yield (inside, at_once - 1), at_once / lasts

    chain = _stationary((0, 0), moves)
    return Closing(
        turned_away=math.fsum(p for (n, k), p in chain.items() if n >= is_open(k)),
        closed=math.fsum((beds - is_open(k)) * p for (_, k), p in chain.items()),
        in_use=math.fsum(n * p for (n, _), p in chain.items()),
    )


def pooled_delay(loads: tuple[float, float], own: tuple[int, int], shared: int) -> list[float]:
    """Return how often each of two kinds would find own and shared beds full, if none waited.

    Both numbers present are then Poisson and independent, whatever the stays (a stroke unit and its
    rehabilitation, Monks et al. 2016, table 3: who is beyond the own beds of either is in the
    shared ones).
    """
    chances = [
        [math.exp(n * math.log(load) - load - math.lgamma(n + 1)) for n in range(200)]
        for load in loads
    ]
    found = [0.0, 0.0]
    for a, chance in enumerate(chances[0]):
        for b, other in enumerate(chances[1]):
            if max(0, a - own[0]) + max(0, b - own[1]) >= shared:
                found[0] += chance * other * (a >= own[0])
                found[1] += chance * other * (b >= own[1])
    return found


def overflow(loads: tuple[float, float], own: tuple[int, int], shared: int) -> list[float]:
    """Return the share of each of two kinds turned away who have own beds and share some.

    Who comes takes an own bed, or else a shared one, and keeps it (overflow, Wilkinson 1956, solved
    exactly for exponential stays): the chain of (own of each, shared by each). Loads are people
    expected if nobody were turned away; both kinds stay equally long.
    """

    def moves(state: State) -> Iterator[tuple[State, float]]:
        for kind in (0, 1):
            for place, room in (
                (kind, state[kind] < own[kind]),
                (2 + kind, state[kind] == own[kind] and state[2] + state[3] < shared),
            ):
                if room:
                    yield _stepped(state, place, 1), loads[kind]
                if state[place]:
                    yield _stepped(state, place, -1), float(state[place])

    chain = _stationary((0, 0, 0, 0), moves)
    return [
        math.fsum(p for s, p in chain.items() if s[k] == own[k] and s[2] + s[3] == shared)
        for k in (0, 1)
    ]


def _stepped(state: State, place: int, by: int) -> State:
    return (*state[:place], state[place] + by, *state[place + 1 :])


def saturated_line(stations: int) -> float:
    """Return the throughput of a line without buffers, never starved, blocked after service.

    One server of mean 1 at each station (Hunt 1956: 2/3 for two, 22/39 for three). A state says
    for each station whether it is idle, busy or blocked.
    """
    idle, busy, blocked = 0, 1, 2

    def settle(state: list[int]) -> State:
        for i in reversed(range(stations - 1)):
            if state[i] == blocked and state[i + 1] == idle:
                state[i + 1], state[i] = busy, idle
                return settle(state)
        state[0] = busy if state[0] == idle else state[0]
        return tuple(state)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        for i in range(stations):
            if state[i] == busy:
                after = list(state)
                after[i] = idle if i == stations - 1 else blocked
                yield settle(after), 1.0

    chain = _stationary(settle([idle] * stations), moves)
    return math.fsum(p for state, p in chain.items() if state[-1] == busy)


class Blocking(Struct, frozen=True):
    """A ward whose people wait in bed for a place elsewhere: means in the long run."""

    wait: float
    delay: float
    blocked: float
    occupied: float
    placed: float


def bed_blocking(
    rate: float, treatment: float, beds: int, *, share: float, stay: float, places: int, most: int
) -> Blocking:
    """Return a ward with exponential stays, `share` of whom then need one of so many places.

    The chain of (people untreated, blocked in bed, in a place), cut off at `most` untreated.
    """

    def moves(state: State) -> Iterator[tuple[State, float]]:
        untreated, blocked, placed = state
        treated = min(untreated, beds - blocked) / treatment
        if untreated < most:
            yield (untreated + 1, blocked, placed), rate
        if treated > 0.0:
            yield (untreated - 1, blocked, placed), treated * (1.0 - share)
            after = (blocked, placed + 1) if placed < places else (blocked + 1, placed)
            yield (untreated - 1, *after), treated * share
        if placed:
            after = (blocked - 1, placed) if blocked else (blocked, placed - 1)
            yield (untreated, *after), placed / stay

    chain = _stationary((0, 0, 0), moves)

    def mean(of: Callable[[State], float]) -> float:
        return math.fsum(of(state) * p for state, p in chain.items())

    blocked = mean(lambda s: s[1])
    waiting = mean(lambda s: max(0, s[0] - (beds - s[1])))
    treated = mean(lambda s: min(s[0], beds - s[1]))
    return Blocking(
        wait=waiting / rate,
        delay=blocked / (rate * share),
        blocked=blocked,
        occupied=blocked + treated,
        placed=mean(lambda s: s[2]),
    )


class Season(Struct, frozen=True):
    """How many are present through a year: mean, most, fewest, and days from peak to peak."""

    mean: float
    most: float
    fewest: float
    lag: float


def season(rate: float, swing: float, period: float, mean: float, sd: float) -> Season:
    """Return how many are present who come at rate (1 + swing cos) and stay lognormal times.

    Nobody waits (Mt/G/infinity; Eick, Massey and Whitt 1993): the wave of arrivals is weighed by
    the chance of being still there, cut off at 20 periods and summed by Simpson's rule.
    """
    spread = math.sqrt(math.log1p((sd / mean) ** 2))
    middle = math.log(mean) - spread * spread / 2.0
    u = np.linspace(0.0, 20.0 * period, 2_000_001)
    with np.errstate(divide="ignore"):
        left = ndtr((middle - np.log(u)) / spread)
    weights = np.ones_like(u)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    weights *= (u[1] - u[0]) / 3.0
    angle = 2.0 * math.pi / period
    along = float(np.sum(weights * left * np.cos(angle * u)))
    across = float(np.sum(weights * left * np.sin(angle * u)))
    wave = swing * math.hypot(along, across)
    lag = math.atan2(across, along) / angle
    return Season(rate * mean, rate * (mean + wave), rate * (mean - wave), lag)


def _stationary(
    first: State, moves: Callable[[State], Iterator[tuple[State, float]]]
) -> dict[State, float]:
    """Return the long-run law of a Markov chain, exploring its states from the first."""
    index = {first: 0}
    rows, columns, values = list[int](), list[int](), list[float]()
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        here, total = index[state], 0.0
        for after, rate in moves(state):
            if after not in index:
                index[after] = len(index)
                waiting.append(after)
            rows.append(index[after])
            columns.append(here)
            values.append(rate)
            total += rate
        rows.append(here)
        columns.append(here)
        values.append(-total)
    n = len(index)
    # One balance equation follows from the others: the first is replaced by "all chances are one".
    kept = [(r, c, v) for r, c, v in zip(rows, columns, values, strict=True) if r != 0]
    kept += [(0, c, 1.0) for c in range(n)]
    r, c, v = (list(part) for part in zip(*kept, strict=True))
    known = np.zeros(n)
    known[0] = 1.0
    law = spsolve(csc_matrix((v, (r, c)), shape=(n, n)), known)
    return dict(zip(index, law.tolist(), strict=True))
