"""The chart from pounds to packages, as points that a template draws. Pure geometry.

What was promised or spent stands on the left; a band goes from it to each kind of care. How wide a
band is tells how many pounds; the words beside it say so, and the table has every figure.
"""

from collections.abc import Sequence

from msgspec import Struct

from joinedup.ledger.money import Pence

__all__ = ["SHADES", "Band", "Flow", "Part", "draw_flow"]

WIDTH, TALL, BAR, REACH, ROW, LINE, SHADES = 360, 110, 22, 92, 68, 18, 3
_LONGEST_NAME = 26


class Part(Struct, frozen=True):
    """A part of what was bought: its name, its pence, and the lines said under the name."""

    name: str
    pence: Pence
    said: tuple[str, ...]


class Band(Struct, frozen=True):
    """One band: its path, where its words stand, the words, and how it is coloured (1 to 3)."""

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


def draw_flow(parts: Sequence[Part]) -> Flow | None:
    """Return a band for each part; None where all of them are nothing.

    What is below nothing is drawn as nothing: the words beside it tell how much.
    """
    whole = sum(max(0, part.pence) for part in parts)
    if whole <= 0:
        return None
    height = max(TALL, ROW * len(parts))
    above = (height - ROW * len(parts)) / 2
    bands, top = [], 0.0
    for place, part in enumerate(parts):
        thick = height * max(0, part.pence) / whole
        middle = above + ROW * (place + 0.5)
        thin = min(thick, ROW - 14.0) / 2
        path = _path((top, top + thick), (middle - thin, middle + thin))
        words_at = f"{middle - LINE * len(part.said) / 2 + 5:.1f}"
        shade = 1 + place % SHADES
        bands.append(Band(path, REACH + 10, words_at, _short(part.name), part.said, shade))
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
