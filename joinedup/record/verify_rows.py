"""One range of keys under `verify`: the rows that are there, and those that should be.

Rows are compared as multisets, each with the people, class and label that its lock tests.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from joinedup.fhir.board_row import Kind
from joinedup.fhir.derive import Derived, derive
from joinedup.fhir.issue import Refusal
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import Reach
from joinedup.fhir.search.extract import is_restricted
from joinedup.fhir.types import TYPES, type_number
from joinedup.fhir.wire import read_resource
from joinedup.record.database import Connection
from joinedup.record.verify_joined import SamePeople, read_same_people

__all__ = ["LAST_KEY", "Finding", "next_range", "range_findings"]

LAST_KEY = 2**63 - 1
RANGE_VERSIONS = 2_000

_SAID = {
    "head": "select key, person, others, class, label, type, version, about, when_low::text,"
    " when_high::text, updated::text from record.head where key between %s and %s",
    "token": "select key, person, others, class, label, slot, code, system, words"
    " from record.token where key between %s and %s",
    "string": "select key, person, others, class, label, slot, value, exact"
    " from record.string where key between %s and %s",
    "date": "select key, person, others, class, label, slot, low::text, high::text"
    " from record.date where key between %s and %s",
    "reference": "select key, person, others, class, label, slot, target"
    " from record.reference where key between %s and %s",
    "claim": "select key, person, others, class, label, name"
    " from record.claim where key between %s and %s",
    "reach": "select key, person, null::bigint[], 0, 0, party, starts::text, ends::text, ground,"
    " withheld from record.reach where key between %s and %s and key <> 0",
    "objection": "select key, person, null::bigint[], 0, 0, party, said::text, starts::text,"
    " ends::text, classes, against from record.objection where key between %s and %s",
    "mark": "select key, person, others, class, label from record.mark where key between %s and %s",
    "board": "select key, person, others, class, label, kind, hospital, place, pair, ends::text,"
    " said from record.board where key between %s and %s",
    "board_mark": "select key, person, others, class, label, hospital, place"
    " from record.board_mark where key between %s and %s",
    "restriction": "select person, person, null::bigint[], 0, 0"
    " from record.restriction where person between %s and %s",
}
_VERSIONS = (
    "select key, version, person, others, class, label, type, deleted, received::text,"
    " case when coalesce(lead(deleted) over one, true) then body end"
    " from record.version where key between %s and %s"
    " window one as (partition by key order by version) order by key, version"
)
_NEXT = (
    "select max(key), count(*) from"
    " (select key from record.version where key >= %s order by key limit %s) k"
)
_TIMES = {
    "head": (8, 9, 10),
    "date": (6, 7),
    "reach": (6, 7),
    "objection": (6, 7, 8),
    "board": (9,),
}

Rows = dict[int, list[tuple[Any, ...]]]


class Finding(Struct, frozen=True):
    """One difference: where, and what differs."""

    where: str
    reason: str


def next_range(lent: Connection, first: int) -> int:
    """Return the last key of the range that starts at `first`; the last range has no end."""
    row = lent.execute(_NEXT, (first, RANGE_VERSIONS)).fetchone()
    assert row is not None
    return int(str(row[0])) if int(str(row[1])) == RANGE_VERSIONS else LAST_KEY


def range_findings(lent: Connection, first: int, last: int) -> tuple[list[Finding], int, int]:
    """Return the differences of the keys first to last, how many are current, and versions."""
    kept = {table: _rows(lent, table, first, last) for table in _SAID}
    versions: Rows = defaultdict(list)
    for row in lent.execute(_VERSIONS, (first, last)):
        versions[int(str(row[0]))].append(row)
    people = read_same_people(lent)
    restricted = _restricted(lent, people)
    found: list[Finding] = []
    for key in sorted({*versions, *(k for rows in kept.values() for k in rows)}):
        mine = {table: rows.get(key, []) for table, rows in kept.items()}
        found += _of_one(key, versions.get(key, []), mine, restricted, people)
    return found, len(kept["head"]), sum(map(len, versions.values()))


def _rows(lent: Connection, table: str, first: int, last: int) -> Rows:
    rows: Rows = defaultdict(list)
    for row in lent.execute(_SAID[table].encode(), (first, last)):
        plain = list(row)
        plain[2] = _people(row[2])
        for place in _TIMES.get(table, ()):
            plain[place] = _moment(str(row[place]))
        rows[int(str(row[0]))].append(tuple(plain))
    return rows


def _restricted(lent: Connection, people: SamePeople) -> frozenset[int]:
    """Return who is restricted: a restriction of any of somebody's records stands for all."""
    rows = lent.execute("select person from record.restriction").fetchall()
    return frozenset(p for (said,) in rows for p in people.same(int(str(said))))


def _people(others: Any) -> tuple[int, ...]:
    return tuple(others or ())


def _moment(text: str) -> datetime | str:
    """Return a time so that two spellings of one are equal."""
    if text.endswith("infinity"):
        return text
    return datetime.fromisoformat(text).astimezone(UTC)


def _of_one(
    key: int,
    versions: Sequence[Sequence[Any]],
    kept: dict[str, list[tuple[Any, ...]]],
    restricted: frozenset[int],
    people: SamePeople,
) -> Iterator[Finding]:
    if not versions:
        yield from (Finding(f"key {key}", f"{t} rows of nothing") for t, r in kept.items() if r)
        return
    end = versions[-1]
    name, derived = _derived(key, end, restricted)
    yield from (Finding(name, reason) for reason in _wrong_versions(versions))
    is_kept = [(key, key, (), 0, 0)] if _is_restricted(versions) else []
    if (restriction := kept.pop("restriction")) != is_kept:
        yield Finding(name, f"restriction rows {_how(restriction, is_kept)}")
    if end[7]:
        yield from (Finding(name, f"{t} rows of a deletion") for t, r in kept.items() if r)
        return
    if derived is None:
        yield Finding(name, "a text that cannot be read, or is not what it is kept as")
        return
    guard = (derived.person, derived.others, derived.data_class, derived.label)
    if (end[2], _people(end[3]), end[4], end[5]) != guard or end[6] != derived.type:
        yield Finding(name, "version row differs")
    if key in people.kept and not people.is_said(key, read_resource(end[9])):
        yield Finding(name, "a Patient that was joined and does not say so")
    for table, expected in _expected(people.placed(derived), end):
        if Counter(kept[table]) != Counter(expected):
            yield Finding(name, f"{table} rows {_how(kept[table], expected)}")


def _how(kept: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> str:
    if len(kept) != len(expected):
        return "missing" if len(kept) < len(expected) else "too many"
    return "differ"


def _is_restricted(versions: Sequence[Sequence[Any]]) -> bool:
    """Whether this is a Patient that says restricted, or last said so before it was deleted."""
    body = next((v[9] for v in reversed(versions) if not v[7]), None)
    if body is None or versions[-1][6] != type_number("Patient"):
        return False
    try:
        return is_restricted(read_resource(body))
    except (Refusal, KeyError, TypeError, ValueError):
        return False


def _derived(
    key: int, end: Sequence[Any], restricted: frozenset[int]
) -> tuple[str, Derived | None]:
    """Return what the last version is called, and its rows; none if its text is not as kept."""
    name = f"key {key}"
    try:
        resource = read_resource(end[9])
        kind, identity, meta = resource["resourceType"], resource["id"], resource["meta"]
        name = f"{kind}/{identity}"
        told = (meta["versionId"], _moment(meta["lastUpdated"]))
        if resource_key(kind, identity) != key or TYPES[end[6] - 1] != kind:
            return name, None
        if told != (str(end[1]), _moment(end[8])):
            return name, None
        under = kind == "Patient" and end[2] != key and end[2] in restricted
        return name, None if end[7] else derive(resource, end[9], restricted=under)
    except (Refusal, KeyError, TypeError, ValueError):
        return name, None


def _wrong_versions(versions: Sequence[Sequence[Any]]) -> Iterator[str]:
    if [row[1] for row in versions] != list(range(1, len(versions) + 1)):
        yield "versions are not numbered 1, 2, 3 and so on"
    for before, after in pairwise(versions):
        if before[7]:
            yield "a version after its deletion"
        if after[7] and list(before[2:7]) != list(after[2:7]):
            yield "a deletion under other locks than what it ended"


def _expected(derived: Derived, end: Sequence[Any]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    guard = (derived.person, derived.others, derived.data_class, derived.label)
    low, high = _moment(derived.when_low), _moment(derived.when_high)
    kept = (derived.type, end[1], derived.about, low, high, _moment(end[8]))

    def placed(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [(derived.key, *guard, *row) for row in rows]

    yield "head", placed([kept])
    yield (
        "token",
        placed((s, code, system, words or None) for s, code, system, words in derived.tokens),
    )
    yield "string", placed(derived.strings)
    yield "date", placed((s, _moment(a), _moment(b)) for s, a, b in derived.dates)
    yield "reference", placed(derived.references)
    yield "claim", placed((name,) for name in derived.claims)
    yield "reach", _reach_rows(derived)
    yield "objection", _objection_rows(derived)
    yield "mark", placed([()]) if derived.label else []
    yield from _board_rows(derived, placed)


def _board_rows(
    derived: Derived, placed: Callable[[Iterable[tuple[Any, ...]]], list[tuple[Any, ...]]]
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    row = derived.board
    kept = [] if row is None else [(*astuple(row)[:4], _moment(row.ends), row.said)]
    yield "board", placed(kept)
    hidden = row is not None and row.kind == Kind.STAY and derived.label
    yield "board_mark", placed([(row.hospital, row.place)]) if row and hidden else []


def _reach_rows(derived: Derived) -> list[tuple[Any, ...]]:
    """The first relationship that a resource gives each party: it can give no second."""
    first = {(r.person, r.party): r for r in reversed(derived.reach)}
    return [
        (derived.key, r.person, (), 0, 0, r.party, *_times_of(r), r.ground, r.withheld)
        for r in first.values()
    ]


def _objection_rows(derived: Derived) -> list[tuple[Any, ...]]:
    first = {(o.person, o.party): o for o in reversed(derived.objections)}
    return [
        (
            derived.key,
            o.person,
            (),
            0,
            0,
            o.party,
            *map(_moment, (o.said, o.starts, o.ends)),
            o.classes,
            o.against,
        )
        for o in first.values()
    ]


def _times_of(reach: Reach) -> tuple[datetime | str, datetime | str]:
    return _moment(reach.starts), _moment(reach.ends)
