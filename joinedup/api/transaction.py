"""Transactions: a bundle of changes, all or none (FHIR R4 3.1.0.11.2).

Conditions are looked up first so that references can be given their names, and looked up again
inside the commit; when somebody was quicker in between, the whole bundle is run again.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import msgspec

from joinedup.access.permit import Permit
from joinedup.api import scoped
from joinedup.api.answer import Answer, bundle, json_answer
from joinedup.api.request import Asked, refuse_method, resource_id, served_type
from joinedup.api.request import read_body as read
from joinedup.api.scoped import Change, Create, Delete, MatchAppeared, Outcome, Update
from joinedup.api.sense import sensible
from joinedup.api.type import condition_of
from joinedup.fhir import narrative
from joinedup.fhir.bundle import Wanted, conditional_references, make_relative, rename, wanted
from joinedup.fhir.check import check
from joinedup.fhir.issue import Invalid, Problem, Refusal, SeveralMatches, Unavailable
from joinedup.people.identity.arriving import look_later

__all__ = ["answer_system"]

ATTEMPTS = 8
_STATUS = {"created": "201", "updated": "200", "unchanged": "200", "deleted": "204"}


def answer_system(asked: Asked, permit: Permit) -> Answer:
    """Answer POST of a transaction Bundle at the base address."""
    if asked.method != "POST":
        raise refuse_method(asked.method, "POST a transaction Bundle here", "POST")
    entries = wanted(_checked(read(asked)))
    for entry in entries:
        served_type(entry.type)
    text = msgspec.json.Encoder(decimal_format="number").encode([e.resource for e in entries])
    for _ in range(ATTEMPTS):
        try:
            committed = scoped.commit(permit, _changes(permit, entries, asked.base))
        except MatchAppeared:
            entries = _fresh(entries, text)
            continue
        for outcome in committed.outcomes:
            if outcome.action == "created" and outcome.stored.type == "Patient":
                look_later(permit, outcome.stored.id)
        told = [_told(outcome) for outcome in committed.outcomes]
        return json_answer(bundle("transaction-response", told, links={}))
    raise Unavailable("Others are storing the same things. Nothing was saved; send it again.")


def _checked(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the bundle with every resource checked, its problems placed by entry."""
    problems = check(whole)
    if problems:
        raise Invalid(*problems[:200])
    for place, entry in enumerate(whole.get("entry", ())):
        if resource := entry.get("resource"):
            entry["resource"] = _sensible(narrative.clean(resource), place)
    return whole


def _sensible(resource: dict[str, Any], place: int) -> dict[str, Any]:
    try:
        return sensible(resource)
    except Refusal as refusal:
        where = f"Bundle.entry[{place}].resource"
        raise type(refusal)(
            *(Problem(p.code, p.message, f"{where}: {p.path}") for p in refusal.problems)
        ) from None


def _fresh(entries: Sequence[Wanted], text: bytes) -> tuple[Wanted, ...]:
    """Return the entries with their resources as they came, references not yet renamed."""
    from joinedup.fhir.wire import read_resource

    as_came = read_resource(b'{"entries":' + text + b"}")["entries"]
    return tuple(
        msgspec.structs.replace(e, resource=r) for e, r in zip(entries, as_came, strict=True)
    )


def _changes(permit: Permit, entries: Sequence[Wanted], base: str) -> list[Change]:
    names: dict[str, str] = {c: _only_match(permit, c) for c in conditional_references(entries)}
    changes: list[Change] = []
    for entry in entries:
        change = _change(permit, entry)
        changes.append(change)
        if isinstance(change, Create):
            names[entry.full_url] = f"{entry.type}/{change.id}"
        else:
            names[entry.full_url] = f"{entry.type}/{entry.id}"
    names.pop("", None)
    for entry in entries:
        make_relative(rename(entry.resource, names), base)
    return changes


def _change(permit: Permit, entry: Wanted) -> Change:
    if entry.method == "DELETE":
        return Delete(entry.type, resource_id(entry.id), entry.version)
    if entry.method == "PUT":
        assert entry.version is not None, "a PUT without a version was refused"
        return Update(entry.resource, entry.version)
    entry.resource.pop("id", None)
    query = condition_of(entry.type, entry.condition)
    if query is None:
        return Create(entry.resource, id=str(uuid4()))
    found = scoped.search(permit, msgspec.structs.replace(query, count=2)).entries
    if len(found) > 1:
        raise SeveralMatches(
            Problem("multiple-matches", "More than one resource fits ifNoneExist.", entry.path)
        )
    if found:  # stands for itself in the answer; the commit looks again
        return Create(entry.resource, id=found[0].id, if_none_exist=query)
    return Create(entry.resource, id=str(uuid4()), if_none_exist=query, must_be_new=True)


def _only_match(permit: Permit, condition: str) -> str:
    kind, _, text = condition.partition("?")
    query = condition_of(served_type(kind), text)
    assert query is not None, "a condition that is there is read or refused"
    found = scoped.search(permit, msgspec.structs.replace(query, count=2)).entries
    if len(found) != 1:
        count = "no resource" if not found else "more than one resource"
        raise SeveralMatches(f"{count} fits the reference {condition!r}. It must fit exactly one.")
    return found[0].reference


def _told(outcome: Outcome) -> str:
    stored = outcome.stored
    response = {
        "status": _STATUS[outcome.action],
        "location": f"{stored.reference}/_history/{stored.version}",
        "etag": f'W/"{stored.version}"',
        "lastModified": stored.updated,
    }
    return '{"response":' + msgspec.json.encode(response).decode() + "}"
