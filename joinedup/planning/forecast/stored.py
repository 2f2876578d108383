"""Forecasts as files, a day's a file, and what became of them.

A forecast also keeps its day's counts, so later ones are the answer to earlier ones; a file of
counts by day answers as well. Nothing is kept of any person.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.forecast.days import MEASURES, Days
from joinedup.planning.forecast.fan import CHANCES, DAYS, as_last_week, as_now
from joinedup.planning.forecast.fortnight import Forecast
from joinedup.planning.forecast.level import LEAST_DAYS, MOST_DAYS
from joinedup.planning.forecast.scoring import Score, mean_score, score_of

__all__ = [
    "AS_LAST_WEEK",
    "AS_NOW",
    "Past",
    "counts_of",
    "keep",
    "kept",
    "leading",
    "newest",
    "past_scores",
]

AS_NOW, AS_LAST_WEEK = "as now", "as last week"
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
MOST_BYTES = 1_000_000
_WHOLE = 7  # days that are to be known before a forecast counts in who leads


class Past(Struct, frozen=True):
    """How one kind of forecast of one measure did so far; `forecasts` is of how many."""

    measure: str
    kind: str
    forecasts: int
    score: Score


def keep(folder: Path, forecast: Forecast) -> Path:
    """Write a forecast and return where; one of the same place and day is written over."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_plain(forecast.place)}-{forecast.made.isoformat()}.json"
    whole = msgspec.json.format(msgspec.json.encode(forecast), indent=1)
    beside = path.with_suffix(".part")
    beside.write_bytes(whole)
    beside.replace(path)
    return path


def kept(folder: Path, place: str) -> tuple[Forecast, ...]:
    """Return the forecasts of a place, oldest first; none where there is no folder.

    Refuses with Invalid a file that is no whole forecast, naming it.
    """
    found = []
    for path in sorted(folder.glob(f"{_plain(place)}-????-??-??.json")):
        found.append(_read(path))
    return tuple(sorted((f for f in found if f.place == place), key=lambda f: f.made))


def newest(folder: Path) -> tuple[Forecast, ...]:
    """Return the last forecast of every place in the folder, in the order of places."""
    found: dict[str, Forecast] = {}
    for path in sorted(folder.glob("*-????-??-??.json")):
        one = _read(path)
        if one.place not in found or found[one.place].made < one.made:
            found[one.place] = one
    return tuple(found[place] for place in sorted(found))


def counts_of(forecasts: Iterable[Forecast], given: Sequence[Days] = ()) -> tuple[Days, ...]:
    """Return counts by day: those of the forecasts' own days, and above them those given."""
    found: dict[str, dict[date, float]] = {measure: {} for measure in MEASURES}
    for one in forecasts:
        for measure, measured in one.measures.items():
            found.setdefault(measure, {})[one.made] = measured.today
    for days in given:
        found.setdefault(days.measure, {}).update(days.counts)
    return tuple(Days(m, MappingProxyType(counts)) for m, counts in found.items() if counts)


def past_scores(forecasts: Sequence[Forecast], counted: Sequence[Days]) -> tuple[Past, ...]:
    """Return how each kind did on the days counted since, beside both naive forecasts.

    The naive ones are scored only where enough days before are known, on the same days.
    """
    found: list[Past] = []
    for days in counted:
        scores: dict[str, list[Score]] = {}
        for one in forecasts:
            for kind, score in _scores(one, days).items():
                scores.setdefault(kind, []).append(score)
        for kind, several in scores.items():
            mean = mean_score(several)
            if mean is not None:
                found.append(Past(days.measure, kind, len(several), mean))
    return tuple(found)


def leading(
    forecasts: Sequence[Forecast], counted: Sequence[Days]
) -> Mapping[str, Mapping[str, float]]:
    """Return by measure and kind the score of forecasts with at least a week counted since.

    Of kinds that were both made; who has fewer than three such forecasts is left out.
    """
    known = [f for f in forecasts if any(_seen(f, days) >= _WHOLE for days in counted)]
    found: dict[str, dict[str, float]] = {}
    for past in past_scores(known, counted):
        if past.forecasts >= 3 and past.kind not in (AS_NOW, AS_LAST_WEEK):
            found.setdefault(past.measure, {})[past.kind] = past.score.crps
    return found


def _seen(forecast: Forecast, days: Days) -> int:
    after = days.after(forecast.made, DAYS)
    return int((after == after).sum())


def _scores(forecast: Forecast, days: Days) -> dict[str, Score]:
    measured = forecast.measures.get(days.measure)
    seen = days.after(forecast.made, DAYS)
    if measured is None:
        return {}
    fans = dict(measured.fans)
    past = days.until(forecast.made, MOST_DAYS)
    if int((past == past).sum()) >= LEAST_DAYS:
        first = measured.fan.first
        fans |= {AS_NOW: as_now(first, past), AS_LAST_WEEK: as_last_week(first, past)}
    scored = {kind: score_of(fan, seen) for kind, fan in fans.items()}
    return {kind: score for kind, score in scored.items() if score is not None}


def _read(path: Path) -> Forecast:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too long")
        found = msgspec.json.decode(path.read_bytes(), type=Forecast)
        for measured in found.measures.values():
            if measured.leads not in measured.fans:
                raise ValueError(f"it has no fan {measured.leads!r}")
            if any(len(d) != len(CHANCES) for f in measured.fans.values() for d in f.quantiles):
                raise ValueError(f"a day has not {len(CHANCES)} quantiles")
    except (ValueError, OSError) as problem:
        message = f"{path} is no whole forecast ({problem}): move it away, or bring back a copy"
        raise Invalid(Problem("structure", message, str(path))) from None
    return found


def _plain(place: str) -> str:
    return _NOT_PLAIN.sub("-", place.lower()).strip("-")
