"""Drawings for the pages of the fortnight and of spending, as SVG: a fan of days, tiles of systems.

Colours are attributes and never the only sign; every number stands in a table beside the drawing.
"""

import math
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from html import escape

from joinedup.planning.allocation.answer import Lot
from joinedup.planning.forecast.fortnight import Measured
from joinedup.planning.report.charts import ticks
from joinedup.reference.tables import Row, rows

__all__ = ["SHADES", "draw_fortnight", "draw_tiles"]

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 32, 16, 40
BLUE, PALE, MIDDLE, DARK = "#005eb8", "#d8e6f3", "#9cc1e3", "#212b32"
# Pounds in the plan over pounds by need: up to, its colour, the colour of words on it.
SHADES = (
    (0.67, "#f0e0cf", DARK),
    (0.95, "#f7f1e6", DARK),
    (1.05, "#ffffff", DARK),
    (1.5, "#c5dbef", DARK),
    (math.inf, "#2b6cb0", "#ffffff"),
)
SIDE = 40.0  # of a tile, from its middle to a corner


def draw_fortnight(measured: Measured, words: str) -> str:
    """Return the fan: nine in ten pale, half of them darker, the middle a line, today a dot."""
    fan = measured.fan
    low, high = min(*fan.at(0.05), measured.today), max(*fan.at(0.95), measured.today)
    room = (high - low) * 0.06 or 1.0
    low, high = max(0.0, low - room), high + room

    def x(day: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * day / len(fan.quantiles)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    def points(values: Sequence[float]) -> list[str]:
        return [f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate((measured.today, *values))]

    drawn = []
    for value in ticks(low, high):
        drawn.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="#d8dde0"/>{_text(LEFT - 8, y(value) + 5, f"{value:,g}", "end")}'
        )
    for day in range(0, len(fan.quantiles) + 1, 2):
        when = date.fromordinal(fan.first.toordinal() - 1 + day)
        drawn.append(_text(x(day), HEIGHT - 20, f"{when:%a} {when.day}", "middle"))
    for band, colour in (((0.05, 0.95), PALE), ((0.25, 0.75), MIDDLE)):
        under, over = (points(fan.at(chance)) for chance in band)
        drawn.append(f'<polygon points="{" ".join([*over, *under[::-1]])}" fill="{colour}"/>')
    drawn.append(
        f'<polyline points="{" ".join(points(fan.at(0.5)))}" fill="none" stroke="{BLUE}" '
        f'stroke-width="2.5"/><circle cx="{x(0):.1f}" cy="{y(measured.today):.1f}" r="5" '
        f'fill="{DARK}"/>'
    )
    return _svg(WIDTH, HEIGHT, f"{words} for a fortnight: the figures are in the table", drawn)


def draw_tiles(lots: Sequence[Lot]) -> str:
    """Return a tile for each system, about where it is: the plan's pounds over those by need."""
    wide, high = SIDE * math.sqrt(3.0), SIDE * 1.5
    drawn = []
    for lot in lots:
        tile = _tiles()[lot.code]
        row, column = int(tile["row"]), int(tile["column"])
        x, y = wide * (column + 0.5 + 0.5 * (row % 2)) + 4, high * row + SIDE + 4
        ratio = lot.pounds / max(1, lot.need_pounds)
        colour, ink = next((c, i) for most, c, i in SHADES if ratio < most)
        corners = " ".join(
            f"{x + SIDE * math.sin(k * math.pi / 3):.1f},{y - SIDE * math.cos(k * math.pi / 3):.1f}"
            for k in range(6)
        )
        drawn.append(
            f"<g><title>{escape(lot.name)}: {lot.pounds:,} pounds, by need {lot.need_pounds:,}"
            f'</title><polygon points="{corners}" fill="{colour}" stroke="#768692"/>'
            f"{_text(x, y - 2, tile['short'], 'middle', ink)}"
            f"{_text(x, y + 16, f'×{ratio:.1f}', 'middle', ink)}</g>"
        )
    words = "The systems as tiles, about where they are: the figures are in the table"
    return _svg(round(wide * 8.5 + 8), round(high * 8 + 2 * SIDE + 8), words, drawn)


@lru_cache(maxsize=1)
def _tiles() -> dict[str, Row]:
    return {row["code"]: row for row in rows("places/tiles", on=date(2025, 8, 1))}


def _text(x: float, y: float, said: str, anchor: str, colour: str = DARK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="14" fill="{colour}">'
        f"{escape(said)}</text>"
    )


def _svg(width: int, height: int, label: str, drawn: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="100%" role="img" '
        f'aria-label="{escape(label)}" font-family="Arial, sans-serif">{"".join(drawn)}</svg>'
    )
