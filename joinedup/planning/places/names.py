"""Names of places: what people call the 42 systems, and how a name that is none is refused."""

from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from joinedup.fhir.issue import NotFound
from joinedup.reference.tables import rows

__all__ = ["code_of", "name_of", "names"]

_ANY_DAY = date(2025, 8, 1)
# What people say besides the system's name: councils of the same area, and short forms.
_ALSO = {
    "nottinghamshire": "QT1",
    "nottingham": "QT1",
    "notts": "QT1",
    "lincs": "QJM",
    "glos": "QR1",
    "cornwall": "QT6",
    "bob": "QU9",
    "bnssg": "QUY",
}


def names() -> dict[str, str]:
    """Return the name of each of the 42 systems by its code, in the order of names."""
    return dict(sorted(_names().items(), key=lambda one: one[1]))


def name_of(code: str) -> str:
    """Return a system's name."""
    return _names()[code]


def code_of(name: str) -> str:
    """Return the code of a place by name, short form or code; refuses with NotFound naming all."""
    wanted = " ".join(name.strip().lower().replace("&", "and").split())
    by_name = {known.lower(): code for code, known in _names().items()} | _ALSO
    by_name |= {code.lower(): code for code in _names()}
    if wanted in by_name:
        return by_name[wanted]
    near = get_close_matches(wanted, by_name, n=3, cutoff=0.5)
    meant = [_names()[by_name[one]] for one in near]
    hint = f" Did you mean {' or '.join(dict.fromkeys(meant))}?" if meant else ""
    known = "; ".join(f"{known} ({code})" for code, known in names().items())
    raise NotFound(f"There is no place {name!r}.{hint} There are England and its systems: {known}")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in rows("places/systems", on=_ANY_DAY)}
