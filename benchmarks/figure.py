"""Figures: what a benchmark prints, first as a table for people, then one JSON line each."""

import json
import sys
from collections.abc import Sequence

from msgspec import Struct
from rich.console import Console
from rich.table import Table

__all__ = ["Figure", "show"]


class Figure(Struct, frozen=True):
    """One measured figure, what it should be, and what the nearest peer needs for the same."""

    name: str
    value: float
    unit: str
    goal: str
    peer: str = ""

    @property
    def met(self) -> bool:
        """Whether the value meets a goal of the form `<= 0.8` or `>= 5000`."""
        sign, _, number = self.goal.partition(" ")
        limit = float(number.replace(",", ""))
        return self.value <= limit if sign == "<=" else self.value >= limit


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the table, then the JSON lines."""
    table = Table(title=title)
    for heading in ("figure", "value", "unit", "goal", "peer", ""):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for f in figures:
        table.add_row(
            f.name, f"{f.value:,.3g}", f.unit, f.goal, f.peer, "met" if f.met else "missed"
        )
    Console(width=120).print(table)
    for f in figures:
        line = {"name": f.name, "value": f.value, "unit": f.unit, "goal": f.goal, "peer": f.peer}
        sys.stdout.write(json.dumps(line) + "\n")
