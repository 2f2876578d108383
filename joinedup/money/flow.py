"""The chart from pounds to packages, as points that a template draws. Pure geometry.

A pot stands on the left; a band goes from it to each kind of care, and to what is left. How wide a
band is tells how many pounds; the words beside it say so, and the table has every figure.
"""

from collections.abc import Sequence

from msgspec import Struct

from joinedup.ledger.money import Pence

__all__ = ["Band", "Flow", "draw_flow"]

WIDTH, TALL, BAR, REACH, ROW = 460, 220, 26, 150, 52


class Band(Struct, frozen=True):
    """One band: its path, where its words stand, the words, and how strongly it is coloured."""

    path: str
    x: int
    y: str
    name: str
    said: str
    shade: int


class Flow(Struct, frozen=True):
    """The whole drawing."""

    width: int
    height: int
    bar: int
    pot: str
    bands: tuple[Band, ...]


def draw_flow(parts: Sequence[tuple[str, Pence, str]], left: tuple[str, Pence, str]) -> Flow | None:
    """Return bands for parts of a pot and for what is left of it; None where nothing is in it.

    A part is its name, its pence and what is said under the name. What is below nothing is drawn
    as nothing: the words beside it tell how much.
    """
    rows = [*((part, 1 + n % 3) for n, part in enumerate(parts)), (left, 0)]
    whole = sum(max(0, part[1]) for part, _ in rows)
    if whole <= 0:
        return None
    height = max(TALL, ROW * len(rows) + 8)
    bands = []
    top = 0.0
    for place, ((name, pence, said), shade) in enumerate(rows):
        thick = height * max(0, pence) / whole
        middle = ROW * (place + 0.5) + (height - ROW * len(rows)) / 2
        thin = min(thick, ROW - 14.0)
        path = _path((top, top + thick), (middle - thin / 2, middle + thin / 2))
        bands.append(Band(path, REACH + 12, f"{middle - 5:.1f}", name, said, shade))
        top += thick
    return Flow(WIDTH, height, BAR, f"0,0 {BAR},0 {BAR},{height} 0,{height}", tuple(bands))


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    half = (BAR + REACH) / 2
    return (
        f"M{BAR},{start[0]:.1f} C{half},{start[0]:.1f} {half},{end[0]:.1f} {REACH},{end[0]:.1f} "
        f"L{REACH},{end[1]:.1f} C{half},{end[1]:.1f} {half},{start[1]:.1f} {BAR},{start[1]:.1f} Z"
    )
