"""Where a pound is best spent, all together: plans beside each other, ranks, who is helped.

What a plan frees is told by draws it was not made from: made from the even ones it is held against
the odd, and the other way about, since the best of many looks better than it is.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
from msgspec import Struct

from joinedup import __version__
from joinedup.planning.allocation.concave import fit_curve
from joinedup.planning.allocation.gains import MILLION, Gains, curves_of
from joinedup.planning.allocation.needs import Needs
from joinedup.planning.allocation.plan import Limits, Plan, best_plan
from joinedup.planning.allocation.pounds import whole_pounds
from joinedup.planning.allocation.ranks import Interval, Ranked, interval_of, ranked
from joinedup.planning.allocation.supply import Supply
from joinedup.planning.allocation.ways import WAYS
from joinedup.planning.allocation.winter import Winter
from joinedup.planning.statistics import Floats

__all__ = ["Checked", "Compared", "Lot", "Spend", "Terms", "answer", "plan_of"]

BY_NEED = "by relative needs, all of it on home care"
BEST_WITHIN = "by relative needs, each place spending its own where it frees most"
BEST = "where it frees most, within the limits"


class Terms(Struct, frozen=True):
    """What a plan is made for: pounds, shares by need, the care there is, limits, which ways."""

    budget: int
    needs: Needs
    supplies: dict[str, Supply]
    limits: Limits
    ways: tuple[str, ...]


class Compared(Struct, frozen=True):
    """One way to share the budget out, what it spends and what it frees, beds a day."""

    name: str
    spent: int
    freed: Interval


class Lot(Struct, frozen=True):
    """What one system gets: whole pounds by way in the plan, and by relative needs alone."""

    code: str
    name: str
    need_share: float
    need_pounds: int
    pounds: int
    by_way: dict[str, int]
    freed: Interval
    next_million: float


class Checked(Struct, frozen=True):
    """A place's plan played at once, beside what its curves add up to; beds held by age."""

    code: str
    added_up: float
    played: Interval
    by_age: dict[str, Interval]


class Spend(Struct, frozen=True):
    """The whole answer as it is kept; the ranking advises, people decide."""

    budget: int
    begins: date
    ends: date
    ways: tuple[str, ...]
    assumed: tuple[str, ...]
    compared: tuple[Compared, ...]
    lots: tuple[Lot, ...]
    places: tuple[Ranked, ...]
    kinds: tuple[Ranked, ...]
    checked: tuple[Checked, ...]
    needs_source: str
    needs_proxy: bool
    limits: Limits
    draws: int
    seed: int
    version: str
    inputs: dict[str, str]


def answer(
    gains: Sequence[Gains],
    winter: Winter,
    terms: Terms,
    *,
    seed: int,
    checked: Sequence[Checked] = (),
    inputs: Mapping[str, str] | None = None,
) -> Spend:
    """Return the plan and what stands beside it; the order that places are given in is nothing.

    Refuses limits that cannot be met with Invalid.
    """
    ordered = sorted(gains, key=lambda one: one.code)
    limits, needs = terms.limits, terms.needs
    own = Limits(0.0, 1.0, limits.workers_share, limits.beds_share)
    compared = (
        _compared(BY_NEED, ordered, _all_on_home_care(ordered, terms)),
        _honestly(BEST_WITHIN, ordered, msgspec.structs.replace(terms, limits=own)),
        _honestly(BEST, ordered, terms),
    )
    return Spend(
        budget=terms.budget,
        begins=winter.begins,
        ends=winter.ends,
        ways=terms.ways,
        assumed=tuple(w.name for w in WAYS if w.assumed),
        compared=compared,
        lots=_lots(ordered, plan_of(ordered, terms), terms),
        places=ranked({g.name: _first_million(g, terms.ways) for g in ordered}),
        kinds=ranked({w.name: _everywhere(ordered, w.name) for w in WAYS}),
        checked=tuple(checked),
        needs_source=needs.source,
        needs_proxy=needs.proxy,
        limits=limits,
        draws=ordered[0].draws,
        seed=seed,
        version=__version__,
        inputs=dict(inputs or {}),
    )


def plan_of(gains: Sequence[Gains], terms: Terms, draws: Sequence[int] | None = None) -> Plan:
    """Return the best plan by the mean of some draws (all, where none are named)."""
    curves = [curves_of(one, terms.supplies[one.code], draws, ways=terms.ways) for one in gains]
    return best_plan(curves, budget=terms.budget, needs=terms.needs.shares, limits=terms.limits)


def _honestly(name: str, gains: Sequence[Gains], terms: Terms) -> Compared:
    """Return a plan scored on the draws it was not made from."""
    every = range(gains[0].draws)
    halves = [[d for d in every if d % 2 == odd] for odd in (0, 1)]
    freed = np.empty(len(every))
    spent = 0.0
    for made, held in (halves, reversed(halves)):
        # One draw alone has no other half: it is then its own.
        plan = plan_of(gains, terms, made or held)
        spent += math.fsum(plan.values()) / 2.0
        freed[held] = _freed(gains, plan)[held]
    return Compared(name, round(spent), interval_of(freed))


def _compared(name: str, gains: Sequence[Gains], plan: Plan) -> Compared:
    return Compared(name, round(math.fsum(plan.values())), interval_of(_freed(gains, plan)))


def _freed(gains: Sequence[Gains], plan: Plan) -> Floats:
    """Return what a plan frees by draw, as played: not by the fitted curves."""
    found = np.zeros(gains[0].draws)
    for one in gains:
        for way in one.freed:
            if pounds := plan.get((one.code, way), 0.0):
                found = found + one.gain(way, pounds)
    return found


def _all_on_home_care(gains: Sequence[Gains], terms: Terms) -> Plan:
    shares = terms.needs.shares
    return {(one.code, "home care"): shares[one.code] * terms.budget for one in gains}


def _lots(gains: Sequence[Gains], plan: Plan, terms: Terms) -> tuple[Lot, ...]:
    budget, needs, ways = terms.budget, terms.needs, terms.ways
    by_need = whole_pounds(budget, {g.code: needs.shares[g.code] for g in gains})
    spent = min(budget, round(math.fsum(plan.values())))
    keys = [(g.code, way) for g in gains for way in ways]
    shared = {f"{code}/{way}": plan[code, way] for code, way in keys}
    whole = whole_pounds(spent, shared) if spent else dict.fromkeys(shared, 0)
    found = []
    for one in gains:
        by_way = {way: whole[f"{one.code}/{way}"] for way in ways}
        freed = _freed([one], {(one.code, way): float(p) for way, p in by_way.items()})
        found.append(
            Lot(
                code=one.code,
                name=one.name,
                need_share=needs.shares[one.code],
                need_pounds=by_need[one.code],
                pounds=sum(by_way.values()),
                by_way=by_way,
                freed=interval_of(freed),
                next_million=_next_million(one, by_way),
            )
        )
    return tuple(found)


def _next_million(gains: Gains, by_way: Mapping[str, int]) -> float:
    """Return the most that another million would free, limits aside."""
    more = []
    for way, pounds in by_way.items():
        curve = fit_curve(gains.amounts, gains.played(way).mean(axis=0))
        more.append(curve.gain(pounds + MILLION) - curve.gain(pounds))
    return round(max(more), 4)


def _first_million(gains: Gains, ways: Sequence[str]) -> Floats:
    """Return by draw what the first million frees where the mean says that it frees most."""
    best = max(sorted(ways), key=lambda way: float(gains.gain(way, MILLION).mean()))
    return gains.gain(best, MILLION)


def _everywhere(gains: Sequence[Gains], way: str) -> Floats:
    """Return by draw the beds a million frees of the first tenth of every share, all places."""
    pounds = math.fsum(one.amounts[0] for one in gains)
    freed = np.sum([one.played(way)[:, 0] for one in gains], axis=0)
    return np.asarray(freed / pounds * MILLION)
