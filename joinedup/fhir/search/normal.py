"""The form in which texts are compared: no case, no accents, single spaces.

FHIR R4 3.1.1.4.8: string search is insensitive to case and to combining characters.
"""

import unicodedata
from functools import lru_cache

__all__ = ["INDEXED_CHARACTERS", "clip", "normalise"]

# An index entry has to fit a database page; longer texts are found by their beginning.
INDEXED_CHARACTERS = 500


_SHORT_CHARACTERS = 200


def normalise(text: str) -> str:
    """Return `text` casefolded, without accents, white space folded to single spaces."""
    return _normal_short(text) if len(text) <= _SHORT_CHARACTERS else _normal(text)


def _normal(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


# The words beside codes are few, and come with every resource.
_normal_short = lru_cache(maxsize=5_000)(_normal)


def clip(text: str) -> str:
    """Return the part of a text that is indexed; a query's value is clipped alike."""
    return text[:INDEXED_CHARACTERS]
