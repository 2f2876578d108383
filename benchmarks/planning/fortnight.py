"""`python -m benchmarks.planning.fortnight [--draws N] [--place NAME ...] [--quick]`.

The next fortnight forecast on many past days of every system, by what was known then: score
(CRPS) and error of the middle, coverage of 50 and 90 per cent bands, beside "as now" and "as last
week's weekday" with the spread they missed by before. Printed, not judged.
"""

import sys
import time
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer

from benchmarks.figure import Figure, show
from joinedup.planning import places
from joinedup.planning.forecast.backtest import KINDS, Tried, try_all
from joinedup.planning.forecast.days import MEASURES
from joinedup.planning.forecast.fortnight import BY_LEVEL
from joinedup.planning.forecast.scoring import mean_score
from joinedup.planning.forecast.stored import AS_LAST_WEEK, AS_NOW

THREE = ("QR1", "QJM", "QT1")
LINE = "{:<16} {:>8} {:>8} {:>8} {:>7} {:>7} {:>12} {:>14}"


def main(
    draws: Annotated[int, typer.Option(help="Runs a forecast by people; 0: only the level.")] = 12,
    place: Annotated[list[str] | None, typer.Option(help="Only these; more than once.")] = None,
    quick: Annotated[bool, typer.Option(help="Three places.")] = False,
) -> None:
    """Print both measures' back-test."""
    codes = [places.code_of(name) for name in place or ()]
    if not codes:
        codes = list(THREE) if quick else list(places.names())
    for measure in MEASURES:
        began = time.process_time()
        tried = try_all(codes, measure, draws=draws, told=_told)
        _print(measure, tried, codes)
        show(f"Fortnight of {measure}", _figures(tried, time.process_time() - began))


def _told(code: str) -> None:
    sys.stderr.write(f"{code} ")
    sys.stderr.flush()


def _relative(tried: Sequence[Tried], kind: str) -> tuple[float, float]:
    """Score and error over each forecast's first count, so that large places do not rule."""
    mine = [(t.scores[kind], t.level) for t in tried if kind in t.scores]
    return (
        float(np.mean([s.crps / level for s, level in mine])),
        float(np.mean([s.error / level for s, level in mine])),
    )


def _print(measure: str, tried: Sequence[Tried], codes: Sequence[str]) -> None:
    write = sys.stdout.write
    write(
        f"\n{measure}: {len(tried)} forecasts of a fortnight, {len(codes)} systems; shares of the\n"
    )
    write("first day's count; 'nearer' is the share of systems where it scores better than each\n")
    head = ("", "score", "error", "in 50%", "in 90%", "days", "than as now", "than last week")
    write(LINE.format(*head) + "\n")
    for kind in KINDS:
        if not any(kind in t.scores for t in tried):
            continue
        mean = mean_score([t.scores[kind] for t in tried if kind in t.scores])
        assert mean is not None
        crps, error = _relative(tried, kind)
        nearer = [f"{_nearer(tried, kind, other):.0%}" for other in (AS_NOW, AS_LAST_WEEK)]
        write(
            LINE.format(
                kind, f"{crps:.2%}", f"{error:.2%}", f"{mean.within_50:.0%}",
                f"{mean.within_90:.0%}", mean.days, *nearer,
            ) + "\n"
        )  # fmt: skip


def _nearer(tried: Sequence[Tried], kind: str, other: str) -> float:
    found = []
    for code in {t.code for t in tried}:
        mine = [t for t in tried if t.code == code and kind in t.scores]
        found.append(_relative(mine, kind)[0] < _relative(mine, other)[0])
    return float(np.mean(found))


def _figures(tried: Sequence[Tried], seconds: float) -> list[Figure]:
    level, now, last = (_relative(tried, kind) for kind in (BY_LEVEL, AS_NOW, AS_LAST_WEEK))
    mean = mean_score([t.scores[BY_LEVEL] for t in tried])
    assert mean is not None
    return [
        Figure("forecasts", float(len(tried)), "", ">= 1"),
        Figure("score over 'as now'", level[0] / now[0], "ratio", "<= 1"),
        Figure("score over 'as last week'", level[0] / last[0], "ratio", "<= 1"),
        Figure("error over 'as now'", level[1] / now[1], "ratio", "<= 1"),
        Figure("error over 'as last week'", level[1] / last[1], "ratio", "<= 1"),
        Figure("days within 50% bands", mean.within_50, "share", ">= 0.45"),
        Figure("days within 90% bands", mean.within_90, "share", ">= 0.85"),
        Figure("CPU time", seconds, "s", "<= 3600"),
    ]


if __name__ == "__main__":
    typer.run(main)
