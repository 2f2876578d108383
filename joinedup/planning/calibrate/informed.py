"""A model told what a record says: its parameters replaced by what was counted there."""

import math
from datetime import date

import msgspec

from joinedup.planning.calibrate.fit import LognormalPosterior, RatePosterior, SharePosterior
from joinedup.planning.chance.laws import quantile
from joinedup.planning.files.model import Model
from joinedup.planning.files.parameters import Beta, LognormalSpread, Parameter

__all__ = ["informed", "informed_stay"]

_HIGH = 0.95


def informed(
    model: Model, name: str, posterior: RatePosterior | SharePosterior, *, source: str, on: date
) -> Model:
    """Return the model with a parameter's value and spread from a posterior; no longer assumed.

    Refuses a name that is no parameter (KeyError, naming those there are).
    """
    before = model.parameter(name)
    if isinstance(posterior, SharePosterior):
        total = posterior.yes + posterior.no
        mean = posterior.yes / total
        spread: Beta | LognormalSpread = Beta(math.sqrt(mean * (1.0 - mean) / (total + 1.0)))
        value = mean
    else:
        value = posterior.quantile(0.5)
        spread = LognormalSpread(_spread(value, posterior.quantile(_HIGH)))
    told = msgspec.structs.replace(
        before, value=value, spread=spread, source=source, date=on.isoformat(), assumed=False
    )
    return _with(model, told)


def informed_stay(
    model: Model, mean: str, sd: str, posterior: LognormalPosterior, *, source: str, on: date
) -> Model:
    """Return the model with a stay's mean and sd parameters from a fitted law."""
    law = posterior.law()
    draws = [posterior.draw(seed=0, number=number) for number in range(400)]
    for name, value, values in (
        (mean, law.mean, [d.mean for d in draws]),
        (sd, law.sd, [d.sd for d in draws]),
    ):
        high = sorted(values)[round(_HIGH * len(values)) - 1]
        told = msgspec.structs.replace(
            model.parameter(name), value=value, spread=LognormalSpread(_spread(value, high)),
            source=source, date=on.isoformat(), assumed=False,
        )  # fmt: skip
        model = _with(model, told)
    return model


def _spread(middle: float, high: float) -> float:
    return max(math.log(high / middle) / quantile(_HIGH), 1e-4)


def _with(model: Model, told: Parameter) -> Model:
    parameters = tuple(told if p.name == told.name else p for p in model.parameters)
    return msgspec.structs.replace(model, parameters=parameters)
