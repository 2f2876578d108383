"""The chart from pounds to packages, as points that a template draws. Pure geometry.

A pot stands on the left; a band goes from it to each kind of care, and to what is left. How wide a
band is tells how many pounds; the words beside it say so, and the table has every figure.
"""

from collections.abc import Sequence

from msgspec import Struct

from joinedup.ledger.money import Pence

__all__ = ["Band", "Flow", "Part", "draw_flow"]

WIDTH, TALL, BAR, REACH, ROW, LINE = 360, 200, 22, 92, 68, 18
_LONGEST_NAME = 31


class Part(Struct, frozen=True):
    """A part of a pot: its name, its pence, and the lines that are said under the name."""

    name: str
    pence: Pence
    said: tuple[str, ...]


class Band(Struct, frozen=True):
    """One band: its path, where its words stand, the words, and how it is coloured (0 to 3)."""

    path: str
    x: int
    y: str
    name: str
    said: tuple[str, ...]
    shade: int


class Flow(Struct, frozen=True):
    """The whole drawing; `line` is how far apart lines of words stand."""

    width: int
    height: int
    pot: str
    bands: tuple[Band, ...]
    line: int = LINE


def draw_flow(parts: Sequence[Part], left: Part) -> Flow | None:
    """Return bands for parts of a pot and for what is left of it; None where nothing is in it.

    What is below nothing is drawn as nothing: the words beside it tell how much.
    """
    rows = [*((part, 1 + place % 3) for place, part in enumerate(parts)), (left, 0)]
    whole = sum(max(0, part.pence) for part, _ in rows)
    if whole <= 0:
        return None
    height = max(TALL, ROW * len(rows))
    above = (height - ROW * len(rows)) / 2
    bands, top = [], 0.0
    for place, (part, shade) in enumerate(rows):
        thick = height * max(0, part.pence) / whole
        middle = above + ROW * (place + 0.5)
        thin = min(thick, ROW - 14.0) / 2
        path = _path((top, top + thick), (middle - thin, middle + thin))
        words_at = middle - LINE * len(part.said) / 2 + 5
        bands.append(Band(path, REACH + 10, f"{words_at:.1f}", _short(part.name), part.said, shade))
        top += thick
    return Flow(WIDTH, height, f"0,0 {BAR},0 {BAR},{height} 0,{height}", tuple(bands))


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    half = (BAR + REACH) / 2
    return (
        f"M{BAR},{start[0]:.1f} C{half},{start[0]:.1f} {half},{end[0]:.1f} {REACH},{end[0]:.1f} "
        f"L{REACH},{end[1]:.1f} C{half},{end[1]:.1f} {half},{start[1]:.1f} {BAR},{start[1]:.1f} Z"
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
