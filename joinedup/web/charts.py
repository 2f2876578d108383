"""Small charts as values: numbers become points of an SVG that a template draws.

Pure geometry. The SVG has no style and no script; a page's own stylesheet colours it, and the
numbers themselves always stand beside it in a table.
"""

from collections.abc import Sequence

from msgspec import Struct

__all__ = ["Sparkline", "draw_sparkline"]

WIDTH, HEIGHT, MARGIN = 140, 32, 4


class Sparkline(Struct, frozen=True, kw_only=True):
    """A line of values over time: `points` for a polyline, the last point, and the usual range."""

    points: str
    dots: tuple[tuple[str, str], ...]
    last_x: str
    last_y: str
    band_y: str
    band_height: str
    says: str
    width: int = WIDTH
    height: int = HEIGHT


def draw_sparkline(
    points: Sequence[tuple[float, float]], *, low: float | None, high: float | None
) -> Sparkline:
    """Return the line through (time, value) points, oldest first; needs two or more of them."""
    times = [t for t, _ in points]
    values = [v for _, v in points]
    floor, ceiling = min(values), max(values)
    spread = (ceiling - floor) or 1.0
    across = (times[-1] - times[0]) or 1.0

    def x_of(place: int) -> float:
        # Half by time, half by order: a week of daily tests stays readable beside years.
        part = (times[place] - times[0]) / across / 2 + place / (len(times) - 1) / 2
        return MARGIN + (WIDTH - 2 * MARGIN) * part

    def y_of(value: float) -> float:
        part = min(max((value - floor) / spread, 0.0), 1.0)
        return MARGIN + (HEIGHT - 2 * MARGIN) * (1 - part)

    top = y_of(high) if high is not None else 0.0
    bottom = y_of(low) if low is not None else float(HEIGHT)
    drawn = [(f"{x_of(i):.1f}", f"{y_of(v):.1f}") for i, v in enumerate(values)]
    known = low is not None or high is not None
    return Sparkline(
        points=" ".join(f"{x},{y}" for x, y in drawn),
        dots=tuple(drawn[:-1]) if len(drawn) <= 12 else (),
        last_x=drawn[-1][0],
        last_y=drawn[-1][1],
        band_y=f"{min(top, bottom):.1f}" if known else "",
        band_height=f"{abs(bottom - top):.1f}" if known else "",
        says=_words(values),
    )


def _words(values: Sequence[float]) -> str:
    change = values[-1] - values[-2]
    steady = abs(change) <= 0.02 * max(abs(values[-2]), 1e-9)
    return "about the same" if steady else "up" if change > 0 else "down"
