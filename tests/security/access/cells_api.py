"""One cell of the matrix at the API: the same question, asked of its door in HTTP.

Beside the actions at the record: a search sent by POST, one within the person's compartment, and a
change sent in a transaction. `should_be_at_api` asks the same scenario.
"""

import json
from itertools import count
from typing import Any

from joinedup import record
from joinedup.fhir.search.served import SERVED
from joinedup.record import Put
from tests.security.access.cells import (
    _REFERS,
    ACTIONS,
    Cell,
    _means_something,
    carriers_of,
    should_be,
)
from tests.security.access.door import Ask, Told, at_the_api
from tests.security.access.scenario import KIND_OF, ROLES, STATES, TYPES
from tests.security.access.stage import CARRIERS, SYSTEM, named, permit_of, target

__all__ = ["CHANGING", "all_cells_at_api", "observed_at_api", "should_be_at_api"]

_AT_API_ALONE = {"post-search": "search", "compartment": "search", "transaction": "create"}
_ACTIONS = [action for action in ACTIONS if action != "export"] + [*_AT_API_ALONE]
CHANGING = ("create", "update", "delete", "conditional-create", "transaction")
_SEEN = {200: "seen", 404: "hidden", 410: "hidden"}
_DONE = {200: "done", 201: "done", 204: "done", 403: "refused", 404: "refused", 422: "refused"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_new = count()


def all_cells_at_api() -> list[Cell]:
    """Every cell that means something at this door, in an order that never changes."""
    return [
        Cell(role, kind, action, state)
        for role in ROLES
        for kind in TYPES
        for action in _ACTIONS
        if _means_something(kind, _AT_API_ALONE.get(action, action))
        if not (action in _AT_API_ALONE and kind not in SERVED)
        if not (action == "compartment" and (KIND_OF[kind] == "shared" or kind == "Patient"))
        for state in STATES
    ]


def should_be_at_api(cell: Cell) -> str:
    """What the scenario says; a type that is not served is not there, whoever asks."""
    role, kind, action, state = cell
    if kind not in SERVED and action != "everything":
        return "refused" if action in CHANGING else "hidden"
    if action == "compartment" and kind in ("Device", "Task"):
        return "hidden"  # R4 lists neither in a person's compartment
    return should_be(Cell(role, kind, _AT_API_ALONE.get(action, action), state))


def observed_at_api(cell: Cell) -> str:
    """What the API does."""
    with at_the_api(permit_of(cell.role)) as ask:
        if cell.action in CHANGING:
            return _written(ask, cell)
        return _looked(ask, cell)


def _looked(ask: Ask, cell: Cell) -> str:
    role, kind, action, state = cell
    name = named(kind, state)
    carrier, home = carriers_of(role)
    carrier = carrier or CARRIERS[0]
    carried = f"{carrier.lower()}-{home}-to-{state}"
    match action:
        case "read":
            return _single(ask("GET", f"/{kind}/{name}"), name)
        case "vread":
            return _single(ask("GET", f"/{kind}/{name}/_history/1"), name)
        case "history":
            return _found(ask("GET", f"/{kind}/{name}/_history"), kind, name)
        case "search":
            return _found(ask("GET", f"/{kind}?_id={name}"), kind, name)
        case "post-search":
            return _found(ask("POST", f"/{kind}/_search", f"_id={name}", FORM), kind, name)
        case "total":
            told = ask("GET", f"/{kind}?_id={name}&_total=accurate&_count=0")
            return "seen" if told[0] == 200 and json.loads(told[2])["total"] else _status(told)
        case "compartment":
            return _found(ask("GET", f"/Patient/{state}/{kind}?_count=1000"), kind, name)
        case "include":
            query = f"_id={carried}&_include={carrier}:{_REFERS[carrier]}"
            return _found(ask("GET", f"/{carrier}?{query}"), kind, name)
        case "revinclude":
            element = "actor" if kind == "Appointment" else "patient"
            query = f"_id={state}&_revinclude={kind}:{element}"
            return _found(ask("GET", f"/Patient?{query}"), kind, name)
        case "chain":
            query = f"_id={carried}&{_REFERS[carrier]}:{kind}._id={name}"
            return _found(ask("GET", f"/{carrier}?{query}"), carrier, carried)
    return _found(ask("GET", f"/Patient/{state}/$everything?_count=1000"), kind, name)


def _single(told: Told, name: str) -> str:
    if told[0] == 200 and json.loads(told[2])["id"] != name:
        return "another resource"
    return _SEEN.get(told[0], f"status {told[0]}")


def _found(told: Told, kind: str, name: str) -> str:
    """Whether a Bundle holds it; a Bundle that is refused holds nothing."""
    if told[0] != 200:
        return _status(told)
    entries = [e["resource"] for e in json.loads(told[2]).get("entry", ()) if "resource" in e]
    is_in = any((r["resourceType"], r["id"]) == (kind, name) for r in entries)
    return "seen" if is_in else "hidden"


def _status(told: Told) -> str:
    return "hidden" if told[0] in (200, 404) else f"status {told[0]}: {told[2][:200]}"


def _written(ask: Ask, cell: Cell) -> str:
    _, kind, action, state = cell
    name, new = named(kind, state), f"at-api-{next(_new)}"
    fresh: dict[str, Any] = {**target(kind, state), "id": new}
    match action:
        case "create":
            told = ask("POST", f"/{kind}", fresh)
        case "transaction":
            told = ask("POST", "", _transaction(fresh))
        case "conditional-create":
            told = ask("POST", f"/{kind}", fresh, {"If-None-Exist": f"_id={name}"})
            if told[0] == 200:
                return "found" if json.loads(told[2])["id"] == name else "another resource"
        case "update":
            stands = record.read(SYSTEM, kind, name).version
            changed = {**target(kind, state), "language": "en"}
            told = ask("PUT", f"/{kind}/{name}", changed, {"If-Match": f'W/"{stands}"'})
        case _:
            if should_be_at_api(cell) == "done":
                record.commit(SYSTEM, [Put(fresh)], dangling="keep")
                name = new
            told = ask("DELETE", f"/{kind}/{name}")
    return _DONE.get(told[0], f"status {told[0]}: {told[2][:200]}")


def _transaction(resource: dict[str, Any]) -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    entry = {"resource": resource, "request": request}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
