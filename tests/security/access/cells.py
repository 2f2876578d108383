"""One cell of the matrix: what a role gets when it does something with a type, standing so.

`observed` asks the record as anybody would, by its own functions; `should_be` asks the scenario.
"""

from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Refusal
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED
from joinedup.fhir.wire import read_resource
from joinedup.record import Create, Delete, Put, Update
from joinedup.record.export import export_all
from tests.security.access.scenario import KIND_OF, ROLES, STATES, TYPES, expected
from tests.security.access.stage import (
    CARRIERS,
    HOMES,
    SYSTEM,
    about,
    named,
    permit_of,
    target,
)

__all__ = ["ACTIONS", "Cell", "all_cells", "observed", "should_be"]

ACTIONS = (
    "read vread history search total include revinclude chain everything create update delete"
    " conditional-create export"
).split()
_SEARCHED = ("search", "total", "include", "revinclude", "chain", "conditional-create")
_REFERS = {"List": "item", "Appointment": "supporting-info", "Provenance": "target"}
_new = count()


class Cell(NamedTuple):
    """Role, type, action, and how the role stands to the person."""

    role: str
    kind: str
    action: str
    state: str


def all_cells() -> list[Cell]:
    """Every cell that means something, in an order that never changes."""
    return [
        Cell(role, kind, action, state)
        for role in ROLES
        for kind in TYPES
        for action in ACTIONS
        if _means_something(kind, action)
        for state in STATES
    ]


def _means_something(kind: str, action: str) -> bool:
    """Not every type is searched; nobody's resources are in nobody's record; a new person has
    chapters of their own, and a person with entries is not deleted."""
    if action in _SEARCHED and kind not in SERVED:
        return False
    if kind == "Patient":
        return action not in (
            "create", "delete", "conditional-create", "include", "chain", "revinclude"
        )  # fmt: skip
    return not (KIND_OF[kind] == "shared" and action in ("everything", "revinclude"))


def carriers_of(role: str) -> tuple[str, str]:
    """The carrier a role surely sees, and whose it is; "" where there is none."""
    home = HOMES.get(role, "referral")
    seen = (c for c in CARRIERS if expected(role, c, home).sees)
    return next(seen, ""), home


def should_be(cell: Cell) -> str:
    """What the scenario says of a cell: seen or hidden, done or refused, found."""
    role, kind, action, state = cell
    cell_expects = expected(role, kind, state)
    sees, changes = cell_expects.sees, cell_expects.changes
    match action:
        case "create":
            return "done" if changes else "refused"
        case "update" | "delete":
            return "done" if sees and changes else "refused"
        case "conditional-create":
            if not ROLES[role].changes and not ROLES[role].keeps_lists:
                return "refused"
            return "found" if sees else "done" if changes else "refused"
        case "export":
            return "seen" if cell_expects.exports else "hidden"
        case "include" | "chain":
            sees = sees and bool(carriers_of(role)[0])
        case "everything" | "revinclude":
            sees = sees and expected(role, "Patient", state).sees
    return "seen" if sees else "hidden"


def observed(cell: Cell) -> str:
    """What the record does."""
    role, kind, action, state = cell
    permit, name = permit_of(role), named(kind, state)
    match action:
        case "read":
            return _seen(lambda: record.read(permit, kind, name))
        case "vread":
            return _seen(lambda: record.vread(permit, kind, name, 1))
        case "history":
            return _seen(lambda: record.history(permit, kind, name))
        case "search":
            return _in(name, searched(role, kind))
        case "total":
            return "seen" if _total(permit, kind, name) else "hidden"
        case "include":
            return _in(f"{kind}/{name}", included(role, state))
        case "revinclude":
            return _in(name, reverse_included(role, kind))
        case "chain":
            return _chained(role, kind, name, state)
        case "everything":
            return _in(f"{kind}/{name}", everything(role, state))
        case "export":
            return _in(f"{kind}/{name}", exported(role))
    return _written(cell, permit, name)


def _in(name: str, found: frozenset[str]) -> str:
    return "seen" if name in found else "hidden"


def _seen(call: Callable[[], Any]) -> str:
    try:
        call()
    except Refusal:
        return "hidden"
    return "seen"


def _written(cell: Cell, permit: Permit, name: str) -> str:
    new = f"new-{next(_new)}"
    fresh = about(cell.kind, cell.state, id=new)
    match cell.action:
        case "create":
            change = Create(fresh, new)
        case "conditional-create":
            condition = parse_query(cell.kind, [("_id", name)])
            change = Create(fresh, new, if_none_exist=condition)
        case "update":
            stands = record.read(SYSTEM, cell.kind, name).version
            change = Update({**target(cell.kind, cell.state), "language": "en"}, stands)
        case _:
            if should_be(cell) == "done":
                record.commit(SYSTEM, [Put(fresh)], dangling="keep")
                name = new
            change = Delete(cell.kind, name)
    try:
        done = record.commit(permit, [change])
    except Refusal:
        return "refused"
    return "found" if done.outcomes[0].action == "unchanged" else "done"


@cache
def searched(role: str, kind: str) -> frozenset[str]:
    """The ids a role finds among those of all states."""
    names = ",".join(named(kind, state) for state in STATES)
    page = record.search(permit_of(role), parse_query(kind, [("_id", names), ("_count", "100")]))
    return frozenset(s.id for s in page.entries)


def _total(permit: Permit, kind: str, name: str) -> int:
    pairs = [("_id", name), ("_total", "accurate"), ("_count", "0")]
    return record.search(permit, parse_query(kind, pairs)).total or 0


@cache
def included(role: str, state: str) -> frozenset[str]:
    """What comes along with a carrier the role sees, by `_include`."""
    carrier, home = carriers_of(role)
    carrier = carrier or CARRIERS[0]
    name = f"{carrier.lower()}-{home}-to-{state}"
    pairs = [("_id", name), ("_include", f"{carrier}:{_REFERS[carrier]}")]
    page = record.search(permit_of(role), parse_query(carrier, pairs))
    return frozenset(s.reference for s in page.included)


@cache
def reverse_included(role: str, kind: str) -> frozenset[str]:
    """The ids that come along with all the people a role finds, by `_revinclude`."""
    element = "actor" if kind == "Appointment" else "patient"
    pairs = [("_id", ",".join(STATES)), ("_count", "100"), ("_revinclude", f"{kind}:{element}")]
    page = record.search(permit_of(role), parse_query("Patient", pairs))
    return frozenset(s.id for s in page.included)


def _chained(role: str, kind: str, name: str, state: str) -> str:
    carrier, home = carriers_of(role)
    carrier = carrier or CARRIERS[0]
    pairs = [
        ("_id", f"{carrier.lower()}-{home}-to-{state}"),
        (f"{_REFERS[carrier]}:{kind}._id", name),
    ]
    page = record.search(permit_of(role), parse_query(carrier, pairs))
    return "seen" if page.entries else "hidden"


@cache
def everything(role: str, state: str) -> frozenset[str]:
    """What `$everything` of the person of a state holds."""
    try:
        page = record.everything(permit_of(role), state)
    except Refusal:
        return frozenset()
    return frozenset(s.reference for s in page.entries)


@cache
def exported(role: str) -> frozenset[str]:
    """What a role may take away as files."""
    with TemporaryDirectory() as folder:
        where = Path(folder) / "out"
        try:
            export_all(where, permit=permit_of(role))
        except Refusal:
            return frozenset()
        lines = [x for f in where.glob("*.ndjson") for x in f.read_text().splitlines()]
    return frozenset(f"{r['resourceType']}/{r['id']}" for r in map(read_resource, lines))


def forget() -> None:
    """Forget what was asked of an earlier stage."""
    for asked in (searched, included, reverse_included, everything, exported):
        asked.cache_clear()
