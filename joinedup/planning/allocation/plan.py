"""The best plan of a budget: a linear programme over the pieces of concave curves, by HiGHS.

Limits: the budget; what workers there are for, by place; and fairness: no place gets less than a
part of its relative-needs share, none more than a multiple of it.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from scipy.optimize import linprog
from scipy.sparse import csr_array

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.allocation.concave import Curve
from joinedup.planning.allocation.supply import AT_HOME, IN_BEDS, POOLS, Supply

__all__ = ["Limits", "Plan", "PlaceCurves", "best_plan", "freed_by"]

Plan = dict[tuple[str, str], float]  # pounds by system and way


class Limits(Struct, frozen=True):
    """How much of its relative-needs share a place gets at least and at most, and new workers.

    `workers_share` is the most places of care at home that may open, of all people supported at
    home, and `beds_share` the most community beds, of those there are: beyond it nobody would work
    in them.
    """

    least: float = 0.5
    most: float = 2.0
    workers_share: float = 0.10
    beds_share: float = 0.50


class PlaceCurves(Struct, frozen=True):
    """A place's curve by way, and what a pound opens of the care there is."""

    code: str
    curves: dict[str, Curve]
    supply: Supply


class _Piece(Struct, frozen=True):
    place: int
    way: str
    slope: float
    width: float


def best_plan(
    places: Sequence[PlaceCurves], *, budget: float, needs: Mapping[str, float], limits: Limits
) -> Plan:
    """Return the pounds by place and way that free most, within the limits.

    Money that would free nothing, or that no limit lets be spent, stays unspent. Refuses with
    Invalid limits that cannot be met together, saying which place's.
    """
    _check(places, budget, limits)
    ordered = sorted(places, key=lambda one: one.code)
    pieces = [
        _Piece(i, way, slope, width)
        for i, place in enumerate(ordered)
        for way, curve in place.curves.items()
        for slope, width in zip(curve.slopes, curve.widths, strict=True)
    ]
    rows, most = _limits(ordered, pieces, budget, needs, limits)
    found = linprog(
        [-piece.slope for piece in pieces],
        A_ub=csr_array(rows),
        b_ub=most,
        bounds=[(0.0, piece.width) for piece in pieces],
        method="highs",
    )
    if found.status != 0:
        message = (
            "no plan keeps to all limits: a place must get more than can be spent there; lower "
            "the least share, or raise the workers' share"
        )
        raise Invalid(Problem("business-rule", message, "limits"))
    plan: Plan = {(place.code, way): 0.0 for place in ordered for way in place.curves}
    for piece, pounds in zip(pieces, found.x.tolist(), strict=True):
        plan[ordered[piece.place].code, piece.way] += pounds
    return plan


def freed_by(plan: Plan, places: Sequence[PlaceCurves]) -> float:
    """Return the beds that a plan frees by these curves, ways added up."""
    curves = {(one.code, way): curve for one in places for way, curve in one.curves.items()}
    return math.fsum(curves[key].gain(pounds) for key, pounds in sorted(plan.items()))


def _limits(
    places: Sequence[PlaceCurves],
    pieces: Sequence[_Piece],
    budget: float,
    needs: Mapping[str, float],
    limits: Limits,
) -> tuple[np.ndarray, list[float]]:
    """Return rows and bounds: the budget, then by place least, most, and workers of both kinds."""
    rows = np.zeros((1 + 4 * len(places), len(pieces)))
    rows[0] = 1.0
    most = [budget]
    pools = {str(way): pool for way, pool in POOLS.items()}
    for i, place in enumerate(places):
        share = needs[place.code] * budget
        for k, piece in enumerate(pieces):
            if piece.place == i:
                rows[1 + 4 * i, k] = -1.0
                rows[2 + 4 * i, k] = 1.0
                if piece.way in pools:
                    # In places of care for a million pounds, so that all rows are of like size.
                    at = 3 + 4 * i + (pools[piece.way] == IN_BEDS)
                    rows[at, k] = place.supply.a_pound[piece.way] * 1e6
        there = place.supply.there
        most += [
            -limits.least * share,
            limits.most * share,
            limits.workers_share * there[AT_HOME] * 1e6,
            limits.beds_share * there[IN_BEDS] * 1e6,
        ]
    return rows, most


def _check(places: Sequence[PlaceCurves], budget: float, limits: Limits) -> None:
    sound = (
        0.0 <= limits.least <= 1.0 <= limits.most
        and min(limits.workers_share, limits.beds_share) >= 0.0
    )
    if not (sound and 0.0 < budget < math.inf and places):
        message = (
            f"a budget of {budget:.0f}, at least {limits.least} and at most {limits.most} of a "
            f"share, workers {limits.workers_share}: give a budget above 0, a least of 0 to 1, a "
            "most of 1 or more and workers of 0 or more"
        )
        raise Invalid(Problem("value", message, "limits"))
