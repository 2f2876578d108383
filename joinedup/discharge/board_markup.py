"""The rows of the board as HTML, written by hand: a template takes three times as long for a
thousand. Cells have no closing tags, as HTML allows, and every word is escaped.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from markupsafe import Markup

from joinedup.discharge.board_words import Row

__all__ = ["body_of"]


def body_of(rows: Iterable[Row]) -> Markup:
    """Return the rows of the table's body; empty for nobody."""
    return Markup("".join(map(_row, rows)))  # noqa: S704  # every word is escaped in `_row`


_safe = lru_cache(maxsize=2_000)(escape)
"""For words that many lines share."""


def _row(row: Row) -> str:
    late = " class=l" if row.is_late else ""
    age = f", {row.age}" if row.age else ""
    begin = (
        f"<tr{late}><td>{escape(row.bed)}<td><a href=/stays/{escape(row.spell)}>"
        f"{escape(row.name)}</a>{age}"
    )
    if not (row.reason or row.pathway):
        return f"{begin}<td colspan=8>{_safe(row.state)}"
    chase = f"<b>Late:</b> {row.chase}" if row.is_late else row.chase
    return (
        f"{begin}<td>{_safe(row.state)}<td>{row.ready}<td>{_safe(row.pathway)}"
        f"<td>{_safe(row.reason)}<td>{_safe(row.owner)}<td>{chase}<td>{_safe(row.waits)}"
        f"<td>{row.start}"
    )
