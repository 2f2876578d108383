"""`python -m benchmarks.planning.backcast [--draws N] [--place NAME ...] [--of beds] [--quick]`.

Every past winter predicted from the others, for every system and England: coverage of 50 and 90
per cent intervals and error, against "as in the first week of December" and "as last winter".
Printed, not judged: where the model loses, the table says so.
"""

import math
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer

from benchmarks.figure import Figure, show
from joinedup.planning import places
from joinedup.planning.calibrate import winters as seen
from joinedup.planning.calibrate.backcast import Score, play_all, score, summed
from joinedup.planning.calibrate.winters import Winter

THREE = ("QR1", "QJM", "QT1")
LINE = "{:<34} {:<8} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6}  {}"


def main(
    draws: Annotated[int, typer.Option(help="Draws of the parameters a winter.")] = 24,
    place: Annotated[list[str] | None, typer.Option(help="Only these; more than once.")] = None,
    quick: Annotated[bool, typer.Option(help="Three places, 8 draws.")] = False,
    of: Annotated[str, typer.Option(help="beds, ready, or both.")] = "both",
) -> None:
    """Print the back-cast of beds in use, and of people ready to leave."""
    codes = [places.code_of(name) for name in place or ()]
    if not codes:
        codes = list(THREE) if quick else list(places.names())
    for beds, words in ((True, "beds in use"), (False, "people ready to leave")):
        if of not in ("both", "beds" if beds else "ready"):
            continue
        began = time.process_time()
        scores = _scores(codes, beds=beds, draws=8 if quick else draws)
        _print(words, scores)
        seconds = time.process_time() - began
        show(
            f"Back-cast of {words}",
            [*_figures(scores), Figure("CPU time", seconds, "s", "<= 3600")],
        )


def _scores(codes: Sequence[str], *, beds: bool, draws: int) -> list[Score]:
    def told(code: str) -> None:
        sys.stderr.write(f"{code} ")
        sys.stderr.flush()

    played = play_all(codes, beds=beds, draws=draws, told=told)
    series = seen.beds_in_use if beds else seen.ready_to_leave
    names = seen.BEDS_WINTERS if beds else seen.READY_WINTERS
    last: dict[tuple[str, str], Winter] = {
        (code, name): winter
        for code in codes
        for name in names
        if (winter := series(code, name)) is not None
    }
    whole = _whole(codes, names, beds=beds)
    if len(codes) == len(places.names()):
        england = [p for p in summed(played) if p.winter.name in whole]
        last |= {("ENG", p.winter.name): p.winter for p in england}
        played += england
    return score(played, last=last)


def _whole(codes: Sequence[str], names: Sequence[str], *, beds: bool) -> set[str]:
    """The winters that most systems have: England is their sum, of those alone."""
    series = seen.beds_in_use if beds else seen.ready_to_leave
    counts = {name: sum(series(code, name) is not None for code in codes) for name in names}
    return {name for name, count in counts.items() if count >= 0.7 * len(codes)}


def _print(words: str, scores: Sequence[Score]) -> None:
    write = sys.stdout.write
    write(f"\n{words}: mean absolute error of ten weeks, and shares of weeks inside\n")
    head = ("place", "winter", "model", "plain", "as now", "as last", "in 50", "in 90", "nearest")
    write(LINE.format(*head) + "\n")
    for s in sorted(scores, key=lambda s: (s.code != "ENG", s.code not in THREE, s.code, s.winter)):
        name = "England" if s.code == "ENG" else places.name_of(s.code)
        errors = {"model": s.model, "as now": s.persistence, "as last": s.last}
        nearest = min((e, w) for w, e in errors.items() if not math.isnan(e))[1]
        numbers = [f"{e:.1f}" for e in (s.model, s.plain, s.persistence, s.last)]
        shares = [f"{share:.0%}" for share in (s.within_50, s.within_90)]
        write(LINE.format(name[:34], s.winter, *numbers, *shares, nearest) + "\n")


def _figures(scores: Sequence[Score]) -> list[Figure]:
    mine = [s for s in scores if s.code != "ENG"]
    both = [s for s in mine if not math.isnan(s.last)]

    def ratio(of: Sequence[Score], name: str) -> float:
        return float(np.mean([s.model / max(getattr(s, name), 1e-9) for s in of]))

    def mean(of: Sequence[Score], name: str) -> float:
        return float(np.mean([getattr(s, name) for s in of])) if of else math.nan

    beats_now = float(np.mean([s.model < s.persistence for s in mine]))
    last = ratio(both, "last") if both else math.nan
    return [
        Figure("winters of systems", float(len(mine)), "", ">= 1"),
        Figure("weeks within 50% intervals", mean(mine, "within_50"), "share", ">= 0.5"),
        Figure("weeks within 90% intervals", mean(mine, "within_90"), "share", ">= 0.9"),
        Figure("error over 'as now'", ratio(mine, "persistence"), "ratio", "<= 1"),
        Figure("error over 'as last winter'", last, "ratio", "<= 1"),
        Figure("nearer than 'as now'", beats_now, "share of winters", ">= 0.5"),
    ]


if __name__ == "__main__":
    typer.run(main)
