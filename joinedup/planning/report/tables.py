"""Tables of what was played: one row an option and measure, a day, a run; as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from joinedup.planning.places.body import CARE
from joinedup.planning.report.results import Results
from joinedup.planning.scenarios.answers import FAN, Effect
from joinedup.planning.scenarios.pairs import Pairs

__all__ = ["Table", "answer_table", "as_csv", "day_table", "run_table"]

Cell = str | float | int
Table = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
RUN_MEASURES = ("in_use", "held", "waiting", "closed", "taken")
_EFFECT = ("mean", "low_5", "high_95", "error_of_mean", "doubt_share")


def answer_table(results: Results) -> Table:
    """Return each option's effects: beds, people waiting, places of care used."""
    found: list[tuple[Cell, ...]] = []
    for one in results.answers:
        effects = {
            "beds freed": one.freed,
            "beds taken less": one.taken,
            "waiting for a bed less": one.waiting,
            "waiting over 12 hours a day less": one.long_waits,
        } | {f"{care} used more": effect for care, effect in one.care.items()}
        found += [(one.name, name, *_cells(effect)) for name, effect in effects.items()]
        if one.money is not None:
            nothing = (0.0,) * (len(_EFFECT) - 1)
            found += [
                (one.name, name, value, *nothing)
                for name, value in (
                    ("pounds", one.money.pounds),
                    ("packages by division", one.money.packages),
                    ("places opened", one.money.places),
                )
            ]
    return ("option", "measure", *_EFFECT), found


def _cells(effect: Effect) -> tuple[float, ...]:
    return (effect.mean, effect.low, effect.high, effect.error, effect.doubt_share)


def day_table(results: Results) -> Table:
    """Return the fans: each option, measure and day (or week) with its quantiles."""
    head = ("option", "measure", "day", *(f"q{round(100 * chance):02d}" for chance in FAN))
    found: list[tuple[Cell, ...]] = [
        (fan.option, fan.measure, day, *row)
        for fan in results.fans
        for day, row in zip(fan.days, fan.quantiles, strict=True)
    ]
    return head, found


def run_table(pairs: Pairs) -> Table:
    """Return each option's means run by run: what a reader needs to reckon all else again."""
    care = [f"{service} in use" for service in CARE]
    head = ("option", "run", *(f"beds {m}" for m in RUN_MEASURES), *care)
    found: list[tuple[Cell, ...]] = []
    for i, option in enumerate(pairs.options):
        columns = [pairs.mean(i, m) for m in RUN_MEASURES]
        columns += [pairs.mean(i, "in_use", service) for service in CARE]
        for run in range(pairs.runs):
            found.append((option.name, run, *(float(column[run]) for column in columns)))
    return head, found


def as_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8; text that a spreadsheet would run is made harmless."""
    head, rows = table
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(_safe(row) for row in rows)
    return out.getvalue().encode()


def _safe(row: Sequence[Cell]) -> Iterable[Cell]:
    for cell in row:
        yield f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell
