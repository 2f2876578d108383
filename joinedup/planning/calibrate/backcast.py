"""Back-casting: each past winter predicted from the others, and how near it came.

For every system the parameters are matched to the other winters, the winter left out is played
from its first week of December with a wave of flu it does not know, and what the model missed in
the other winters, by week, is added: its mean and its spread. Beside it stand two forecasts that
need no model: as in the first week, and as last winter.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from scipy.special import ndtr

from joinedup.planning.calibrate import winters as seen
from joinedup.planning.calibrate.matching import Matched, match
from joinedup.planning.calibrate.play import draws_for, place_for, play
from joinedup.planning.calibrate.winters import WEEKS, Winter
from joinedup.planning.statistics import Floats

__all__ = ["Played", "Score", "play_all", "score", "summed"]

Series = Callable[[str, str], Winter | None]
SD_SHARE = 0.03  # a week's mean is thought to be seen to within this share of the first week's
LEAST_SPREAD = 0.004


class Played(Struct, frozen=True):
    """One system's winter: what was seen, and played with its flu known and not known."""

    code: str
    winter: Winter
    known: Floats
    unknown: Floats


class Score(Struct, frozen=True):
    """How one left-out winter of one system was predicted: mean absolute errors in people.

    `within_50` and `within_90` are the shares of weeks inside those intervals. `plain` is the
    model without what it missed before; `last` is nan where there is no winter before.
    """

    code: str
    winter: str
    model: float
    plain: float
    persistence: float
    last: float
    within_50: float
    within_90: float
    low: Floats
    middle: Floats
    high: Floats
    effective: float


def play_all(
    codes: Sequence[str],
    *,
    beds: bool,
    seed: int = 1,
    draws: int = 24,
    winters: Sequence[str] | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> list[Played]:
    """Play every winter of every system, each once with its flu known and once not."""
    series: Series = seen.beds_in_use if beds else seen.ready_to_leave
    names = winters or (seen.BEDS_WINTERS if beds else seen.READY_WINTERS)
    found = []
    for code in codes:
        for name in names:
            winter = series(code, name)
            if winter is None:
                continue
            of = place_for(code, winter)
            both = [
                play(
                    of,
                    winter,
                    draws_for(of, winter, seed=seed, draws=draws, flu_known=flu_known),
                    seed=seed,
                    beds=beds,
                )
                for flu_known in (True, False)
            ]
            found.append(Played(code, winter, both[0], both[1]))
        told(code)
    return found


def score(played: Sequence[Played], *, last: Mapping[tuple[str, str], Winter]) -> list[Score]:
    """Predict each winter from the others; `last` gives winters by (code, name) for the naive one.

    What the model missed is pooled over systems, as a share of the first week's level.
    """
    found = []
    for left_out in sorted({p.winter.name for p in played}):
        training = [p for p in played if p.winter.name != left_out]
        if not training:
            continue
        weights = _weights(training)
        bias, spread = _missed(training, weights)
        for p in played:
            if p.winter.name == left_out and p.code in weights:
                before = last.get((p.code, _year_before(left_out)))
                found.append(_scored(p, weights[p.code], bias, spread, before))
    return found


def summed(played: Sequence[Played], code: str = "ENG") -> list[Played]:
    """Return the sum of the systems by winter: draw by draw, since flu is drawn by name."""
    found = []
    for name in sorted({p.winter.name for p in played}):
        mine = [p for p in played if p.winter.name == name]
        winter = Winter(
            name,
            mine[0].winter.monday,
            sum(p.winter.origin for p in mine),
            np.sum([p.winter.weeks for p in mine], axis=0),
            sum(p.winter.open for p in mine),
        )
        known = np.sum([p.known for p in mine], axis=0)
        found.append(Played(code, winter, known, np.sum([p.unknown for p in mine], axis=0)))
    return found


def _weights(training: Sequence[Played]) -> dict[str, Matched]:
    """Match each system's draws to its own training winters, all together."""
    found = {}
    for code in {p.code for p in training}:
        mine = [p for p in training if p.code == code]
        played = np.concatenate([p.known for p in mine], axis=1)
        weeks = np.concatenate([p.winter.weeks for p in mine])
        sd = np.concatenate([np.full(WEEKS, SD_SHARE * p.winter.origin) for p in mine])
        found[code] = match(played, weeks, sd)
    return found


def _missed(training: Sequence[Played], weights: Mapping[str, Matched]) -> tuple[Floats, Floats]:
    """Return the mean and the spread, by week, of what the model missed beyond its own chance."""
    left, chance = [], []
    for p in training:
        w = weights[p.code].weights
        middle = w @ p.known
        left.append((p.winter.weeks - middle) / p.winter.origin)
        chance.append(w @ (p.known - middle) ** 2 / p.winter.origin**2)
    residuals = np.array(left)
    bias = residuals.mean(axis=0)
    spare = ((residuals - bias) ** 2).sum(axis=0) / max(len(left) - 1, 1)
    # The mean itself is known from so many winters only, which all systems of a winter share.
    many = len({p.winter.name for p in training})
    variance = np.maximum(spare * (1.0 + 1.0 / many) - np.mean(chance, axis=0), LEAST_SPREAD**2)
    return bias, np.sqrt(variance)


def _scored(
    p: Played, matched: Matched, bias: Floats, spread: Floats, before: Winter | None
) -> Score:
    w, origin, weeks = matched.weights, p.winter.origin, p.winter.weeks
    plain = w @ p.unknown
    centres = p.unknown + bias * origin
    below = w @ ndtr((weeks - centres) / (spread * origin))
    low, middle, high = (
        np.array([_mixture_quantile(centres[:, k], spread[k] * origin, w, q) for k in range(WEEKS)])
        for q in (0.05, 0.5, 0.95)
    )

    def error(of: Floats | float) -> float:
        return float(np.mean(np.abs(weeks - of)))

    return Score(
        code=p.code,
        winter=p.winter.name,
        model=error(middle),
        plain=error(plain),
        persistence=error(origin),
        last=error(before.weeks) if before is not None else math.nan,
        within_50=float(np.mean((below >= 0.25) & (below <= 0.75))),
        within_90=float(np.mean((below >= 0.05) & (below <= 0.95))),
        low=low,
        middle=middle,
        high=high,
        effective=matched.effective,
    )


def _mixture_quantile(centres: Floats, sd: float, weights: Floats, chance: float) -> float:
    """Return the quantile of normals of one width about several centres, by halving."""
    low, high = float(centres.min()) - 9.0 * sd, float(centres.max()) + 9.0 * sd
    for _ in range(60):
        middle = (low + high) / 2.0
        if float(weights @ ndtr((middle - centres) / sd)) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _year_before(winter: str) -> str:
    year = int(winter[:4]) - 1
    return f"{year}-{(year + 1) % 100:02d}"
