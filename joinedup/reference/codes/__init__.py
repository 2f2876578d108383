"""Lists of codes that change by release: the value lists of Client Level Data.

Values are matched trimmed and ignoring case; the listed spelling is what is exported.
"""

from datetime import date
from functools import lru_cache

from joinedup.reference.tables import rows

__all__ = ["client_level_lists", "listed_spelling", "outcome_rank", "spellings"]

_TABLE = "codes/client_level_data"
UNKNOWN_RANK = 999
"""The rank of a blank or unlisted event outcome (cld.md, value lists)."""


def client_level_lists(*, on: date) -> tuple[str, ...]:
    """Return the names of the columns that have a list of values, in order."""
    return tuple(dict.fromkeys(row["list"] for row in rows(_TABLE, on=on)))


@lru_cache(maxsize=512)
def spellings(column: str, *, on: date) -> dict[str, str]:
    """Return, for a column, every accepted text in lower case with its listed spelling.

    A release 1 spelling that was replaced leads to itself: what a council sent is never reworded.
    """
    return {
        fold(row["value"]): row["value"] for row in rows(_TABLE, on=on) if row["list"] == column
    }


def listed_spelling(column: str, text: str, *, on: date) -> str | None:
    """Return the listed spelling of a value, or None when the column's list does not have it."""
    return spellings(column, on=on).get(fold(text))


def outcome_rank(outcome: str, *, on: date) -> int:
    """Return the place of an event outcome in the national hierarchy: 1 wins, 999 is unknown."""
    wanted = fold(outcome)
    for row in rows(_TABLE, on=on):
        if row["list"] == "Event Outcome" and fold(row["value"]) == wanted:
            return int(row["rank"])
    return UNKNOWN_RANK


def fold(text: str) -> str:
    """Return a text as it is compared: spaces folded, case ignored."""
    return " ".join(text.split()).casefold()
