"""What an app may do: SMART scopes as values, narrowed and asked (SMART App Launch 2.2, 3.0).

Pure. A scope never gives: it takes away from what the policy lets its holder do. Who is asked for
them and how they are kept is `smart`'s; the doors ask `right`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.classes import CLASS_OF_TYPE, DataClass
from joinedup.fhir.issue import Refusal
from joinedup.fhir.search.clause import Chain, Clause
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED

__all__ = [
    "LETTERS",
    "LONGEST_CHARACTERS",
    "SPECIAL",
    "Right",
    "Scope",
    "classes_of",
    "clauses_of",
    "is_within",
    "narrowed_to",
    "read_scopes",
    "right",
    "special_of",
    "without_letters",
    "written",
]

Level = Literal["patient", "user", "system"]
LETTERS = "cruds"
"""Create, read, update, delete, search: in this order, each once."""
LONGEST_CHARACTERS = 4_000
MOST_SCOPES = 100
MOST_FILTERS = 4
SPECIAL = frozenset(
    "openid fhirUser launch launch/patient launch/encounter offline_access online_access".split()
)
"""Scopes that say nothing of a type: who somebody is, in what context, and for how long."""
TYPES = (*SERVED, "AuditEvent")
_READS = "rs"
_FORM = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{2,40})\.(c?r?u?d?s?)(?:\?(.{1,500}))?")

Filters = tuple[tuple[str, str], ...]


class Scope(Struct, frozen=True, order=True):
    """What may be done with one type (`*`: every type), in whose name; `filters` all hold."""

    level: Level
    kind: str
    letters: str
    filters: Filters = ()

    @property
    def text(self) -> str:
        """The scope as it is written."""
        asked = "?" + urlencode(self.filters, safe=":/|,") if self.filters else ""
        return f"{self.level}/{self.kind}.{self.letters}{asked}"

    def about(self, kind: str) -> bool:
        """Whether it speaks of a type."""
        return self.kind in ("*", kind)


class Right(Struct, frozen=True):
    """What scopes leave of one thing to do with one type.

    `is_bound` says that it holds for the one person of the launch alone; of `filters` one must fit,
    none where there is none.
    """

    is_bound: bool
    filters: tuple[Filters, ...] = ()


def read_scopes(text: str) -> tuple[Scope, ...]:
    """Return the scopes of types in a text; what is not one of ours is left out (RFC 6749 3.3).

    A filter goes with reading alone: letters that write are left out of a scope that has one.
    """
    if len(text) > LONGEST_CHARACTERS:
        return ()
    words = dict.fromkeys(text.split(" "))
    found = (_read(word) for word in list(words)[:MOST_SCOPES])
    return tuple(scope for scope in found if scope is not None)


def special_of(text: str) -> frozenset[str]:
    """Return the scopes of a text that are about no type."""
    return SPECIAL & set(text[:LONGEST_CHARACTERS].split(" "))


def _read(word: str) -> Scope | None:
    form = _FORM.fullmatch(word)
    if form is None or not form[3] or form[2] not in ("*", *TYPES):
        return None
    level, kind, letters, asked = form.groups()
    if asked is None:
        return Scope(level, kind, letters)  # type: ignore[arg-type]  # of the form's three
    filters = _filters(kind, asked)
    kept = "".join(c for c in letters if c in _READS)
    return Scope(level, kind, kept, filters) if filters and kept else None  # type: ignore[arg-type]  # as above


def _filters(kind: str, asked: str) -> Filters:
    """Return a scope's filters, none where one is not understood: then the scope is not ours."""
    if kind not in SERVED:
        return ()
    try:
        pairs = parse_qsl(asked, strict_parsing=True, errors="strict", max_num_fields=MOST_FILTERS)
        query = parse_query(kind, pairs)
    except (ValueError, Refusal):
        return ()
    plain = len(query.clauses) == len(pairs)  # nothing that shapes the answer, no chain
    if not plain or any(isinstance(c, Chain) for c in query.clauses):
        return ()
    return tuple(sorted(pairs))


def clauses_of(kind: str, filters: Filters) -> tuple[Clause, ...]:
    """Return what a resource must fit; the filters were read by `read_scopes`."""
    return parse_query(kind, filters).clauses


def written(scopes: Iterable[Scope], special: Iterable[str] = ()) -> str:
    """Return scopes as a text."""
    return " ".join([*sorted(special), *(s.text for s in scopes)])


def narrowed_to(asked: Iterable[Scope], most: Sequence[Scope]) -> tuple[Scope, ...]:
    """Return what of the scopes asked is within the most there may be: never more than either."""
    found = (_both(a, m) for a in asked for m in most)
    return tuple(dict.fromkeys(scope for scope in found if scope is not None))


def _both(one: Scope, other: Scope) -> Scope | None:
    if one.level != other.level or not (one.about(other.kind) or other.about(one.kind)):
        return None
    letters = "".join(c for c in LETTERS if c in one.letters and c in other.letters)
    kind = other.kind if one.kind == "*" else one.kind
    filters = tuple(sorted({*one.filters, *other.filters}))
    return Scope(one.level, kind, letters, filters) if letters else None


def is_within(asked: Scope, granted: Iterable[Scope]) -> bool:
    """Whether one scope gives nothing that one of those granted does not give."""
    return any(
        asked.level == g.level
        and g.about(asked.kind)
        and set(asked.letters) <= set(g.letters)
        and set(g.filters) <= set(asked.filters)
        for g in granted
    )


def right(scopes: Iterable[Scope], kind: str, letter: str) -> Right | None:
    """Return what scopes leave of doing one thing (a letter) with a type; None for nothing.

    Where a scope goes beyond the person of the launch, those bound to them are not looked at.
    """
    found = [s for s in scopes if letter in s.letters and s.about(kind)]
    if not found:
        return None
    free = [s for s in found if s.level != "patient"]
    used = free or found
    whole = any(not s.filters for s in used)
    return Right(not free, () if whole else tuple(dict.fromkeys(s.filters for s in used)))


def classes_of(scopes: Iterable[Scope], letters: str) -> int:
    """Return the data classes of all types that some letter speaks of, as the sum of 2^class.

    A shared thing that names somebody is clinical, and a Task may be about access (`fhir.classes`).
    """
    kinds = {k for s in scopes for k in TYPES if s.about(k) and set(letters) & set(s.letters)}
    return _sum(c for kind in kinds for c in _classes(kind))


def _classes(kind: str) -> tuple[DataClass, ...]:
    own = CLASS_OF_TYPE[kind]
    if own is DataClass.SHARED:
        return own, DataClass.CLINICAL
    return (own, DataClass.ACCESS) if own is DataClass.WORK else (own,)


def _sum(classes: Iterable[DataClass]) -> int:
    return sum(1 << c for c in set(classes))


def without_letters(scope: Scope, dropped: str) -> Scope | None:
    """Return the scope without some letters; None where none is left."""
    letters = "".join(c for c in scope.letters if c not in dropped)
    return replace(scope, letters=letters) if letters else None
