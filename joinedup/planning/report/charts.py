"""Charts as SVG: a fan over time, dots with whiskers, bars low and high. Pure geometry and words.

Colours are attributes, so that no style is needed; every number drawn stands in a table beside it.
"""

import math
from collections.abc import Sequence
from html import escape

from joinedup.planning.report.results import Results
from joinedup.planning.scenarios.answers import Effect, Fan
from joinedup.planning.scenarios.tornado import Bar

__all__ = ["draw_dots", "draw_fan", "draw_tornado", "ticks"]

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 460, 56, 16, 14, 46
BLUE, PALE, MIDDLE, DARK, GREY, RED = (
    "#005eb8", "#d8e6f3", "#9cc1e3", "#212b32", "#768692", "#d5281b",
)  # fmt: skip
LINES = (("#00703c", "6 4"), ("#7c2855", "2 3"), ("#b35900", "10 4"), (GREY, "1 4"))
MARGIN, ROW = 16, 50


def draw_fan(results: Results, measure: str) -> str:
    """Return the fan of the place as it is, each option's middle, and what was published."""
    fans = [fan for fan in results.fans if fan.measure == measure]
    now, others = fans[0], fans[1 : 1 + len(LINES)]
    seen = [
        (one.day + 3.5, one.in_use if measure == "in_use" else one.ready) for one in results.seen
    ]
    dots = [(day, value) for day, value in seen if value is not None]
    every = [v for row in now.quantiles for v in row] + [v for _, v in dots]
    every += [row[2] for fan in others for row in fan.quantiles]
    pen = _Pen(280, (0.0, float(results.days)), _wide(every))
    pen.grid("days from the first played")
    for low, high, colour in ((0, 4, PALE), (1, 3, MIDDLE)):
        pen.band(now, low, high, colour)
    pen.line(now, BLUE, "")
    for fan, (colour, dash) in zip(others, LINES, strict=False):
        pen.line(fan, colour, dash)
    for day, value in dots:
        pen.dot(day, value)
    return pen.svg(f"{_MEASURES[measure]} over time: the figures are in the table")


_MEASURES = {"in_use": "Beds in use", "held": "People kept in a bed waiting for care"}


def draw_dots(rows: Sequence[tuple[str, Effect]], unit: str) -> str:
    """Return a dot at each mean with its whisker, nine in ten; a line at nothing."""
    every = [0.0] + [v for _, one in rows for v in (one.low, one.high, one.mean)]
    height = TOP + BOTTOM + ROW * len(rows)
    pen = _Pen(height, _wide(every), (0.0, 1.0), left=MARGIN)
    pen.uprights(unit)
    for i, (name, one) in enumerate(rows):
        y = TOP + ROW * (i + 0.7)
        pen.words(name, y)
        pen.stroke(pen.x(one.low), y, pen.x(one.high), y, colour=BLUE, wide=3)
        pen.add(f'<circle cx="{pen.x(one.mean):.1f}" cy="{y:.1f}" r="6" fill="{BLUE}"/>')
    return pen.svg("Each option with its interval: the figures are in the table")


def draw_tornado(bars: Sequence[Bar], unit: str) -> str:
    """Return for each parameter the answer where it is low and where it is high."""
    every = [v for bar in bars for v in (bar.low, bar.high)]
    pen = _Pen(TOP + BOTTOM + ROW * len(bars), _wide(every), (0.0, 1.0), left=MARGIN)
    pen.uprights(unit)
    for i, bar in enumerate(bars):
        y = TOP + ROW * (i + 0.7)
        pen.words(bar.name.replace("_", " "), y)
        left, right = sorted((pen.x(bar.low), pen.x(bar.high)))
        pen.add(
            f'<rect x="{left:.1f}" y="{y - 9:.1f}" width="{right - left:.1f}" height="18" '
            f'fill="{MIDDLE}"/>'
        )
        pen.add(f'<circle cx="{pen.x(bar.high):.1f}" cy="{y:.1f}" r="6" fill="{BLUE}"/>')
    return pen.svg("What the answer hangs on: the figures are in the table")


class _Pen:
    """Scales, and the elements drawn so far."""

    def __init__(
        self, height: float, across: tuple[float, float], up: tuple[float, float], left: int = LEFT
    ) -> None:
        self.height, self.across, self.up, self.left = height, across, up, left
        self.drawn: list[str] = []

    def x(self, value: float) -> float:
        low, high = self.across
        return self.left + (WIDTH - self.left - RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.up
        return TOP + (self.height - TOP - BOTTOM) * (high - value) / (high - low)

    def add(self, element: str) -> None:
        self.drawn.append(element)

    def stroke(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: str, wide: float
    ) -> None:
        self.add(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{wide:g}"/>'
        )

    def text(self, x: float, y: float, said: str, anchor: str) -> None:
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="15" fill="{DARK}">'
            f"{escape(said)}</text>"
        )

    def words(self, name: str, y: float) -> None:
        short = name if len(name) <= 52 else f"{name[:51]}…"
        self.text(self.left, y - 14, short, "start")

    def grid(self, below: str) -> None:
        for value in ticks(*self.up):
            self.stroke(
                self.left, self.y(value), WIDTH - RIGHT, self.y(value), colour="#d8dde0", wide=1
            )
            self.text(self.left - 8, self.y(value) + 5, f"{value:,g}", "end")
        for value in ticks(*self.across):
            self.text(self.x(value), self.height - 26, f"{value:,g}", "middle")
        self.text((self.left + WIDTH - RIGHT) / 2, self.height - 6, below, "middle")

    def uprights(self, below: str) -> None:
        for value in ticks(*self.across):
            x = self.x(value)
            colour = GREY if value == 0.0 else "#d8dde0"
            self.stroke(
                x, TOP, x, self.height - BOTTOM, colour=colour, wide=2 if value == 0.0 else 1
            )
            self.text(x, self.height - 26, f"{value:,g}", "middle")
        self.text((self.left + WIDTH - RIGHT) / 2, self.height - 6, below, "middle")

    def band(self, fan: Fan, low: int, high: int, colour: str) -> None:
        there = [(day, row[high]) for day, row in zip(fan.days, fan.quantiles, strict=True)]
        back = [(day, row[low]) for day, row in zip(fan.days, fan.quantiles, strict=True)]
        points = " ".join(f"{self.x(d):.1f},{self.y(v):.1f}" for d, v in [*there, *back[::-1]])
        self.add(f'<polygon points="{points}" fill="{colour}"/>')

    def line(self, fan: Fan, colour: str, dash: str) -> None:
        points = " ".join(
            f"{self.x(day):.1f},{self.y(row[2]):.1f}"
            for day, row in zip(fan.days, fan.quantiles, strict=True)
        )
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="2.5"{dashed}/>'
        )

    def dot(self, day: float, value: float) -> None:
        self.add(f'<circle cx="{self.x(day):.1f}" cy="{self.y(value):.1f}" r="4.5" fill="{RED}"/>')

    def svg(self, label: str) -> str:
        return (
            f'<svg viewBox="0 0 {WIDTH} {self.height:g}" width="100%" role="img" '
            f'aria-label="{escape(label)}" font-family="Arial, sans-serif">'
            f"{''.join(self.drawn)}</svg>"
        )


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Return four to eight round numbers between two: 1, 2 or 5 times a power of ten apart."""
    raw = (high - low) / 6.0
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if raw <= m * power * 1.0000001)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(i * step, 10) + 0.0 for i in range(first, last + 1))


def _wide(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or max(1.0, abs(high) * 0.1)
    return low - (room if low else 0.0), high + room
