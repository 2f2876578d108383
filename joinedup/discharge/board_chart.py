"""The chart of people waiting, as points of an SVG; the numbers stand in a table beside it."""

from fractions import Fraction

from msgspec import Struct

from joinedup.discharge.board_trend import Trend
from joinedup.discharge.board_words import day

__all__ = ["Drawn", "drawn"]

WIDTH, HEIGHT = 760, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 14, 34
_EVERY_DAYS = 7


class Drawn(Struct, frozen=True):
    """What a template draws: the line, its dots (with whether to ask about one), three levels with
    their words, and days along the bottom."""

    line: str
    dots: tuple[tuple[str, str, bool], ...]
    levels: tuple[tuple[str, str, str], ...]
    days: tuple[tuple[str, str], ...]
    says: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM


def drawn(trend: Trend) -> Drawn:
    """Return the chart of a trend; its bottom is nothing, so that heights can be compared."""
    within = trend.within
    above = [within.upper] if within else []
    highest = max([Fraction(1), *above, *map(Fraction, trend.counts)])
    step = Fraction(WIDTH - _LEFT - _RIGHT, max(1, len(trend.counts) - 1))

    def x_of(place: int) -> str:
        return f"{float(_LEFT + step * place):.1f}"

    def y_of(value: Fraction | int) -> str:
        part = Fraction(value) / highest
        return f"{float(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * part):.1f}"

    asked = {n for s in trend.signals for n in range(s.first, s.last + 1)}
    dots = tuple((x_of(n), y_of(c), n in asked) for n, c in enumerate(trend.counts))
    known = (within.upper, within.middle, within.lower) if within else ()
    levels = (*zip(("upper", "middle", "lower"), known, strict=False), *_ends(trend))
    return Drawn(
        line=" ".join(f"{x},{y}" for x, y, _ in dots),
        dots=dots,
        levels=tuple((name, y_of(v), f"{float(v):.0f}") for name, v in levels),
        days=tuple((x_of(n), day(on)) for n, on in enumerate(trend.days) if n % _EVERY_DAYS == 0),
        says=f"Last morning {trend.counts[-1]}. {trend.ordinarily}" if trend.counts else "",
    )


def _ends(trend: Trend) -> tuple[tuple[str, Fraction], ...]:
    """Without limits, the most and the last morning say how high the line is."""
    if trend.within or not trend.counts:
        return ()
    return (("most", Fraction(max(trend.counts))),)
