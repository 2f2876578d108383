"""Restricted people: what a commit says of them reaches what other organisations state about them.

A Patient labelled restricted withholds where and how to find that person (domain.md 1.2). Other
organisations' own Patients about the same person (`link` refer) carry no such label: their index
rows are derived under the restriction, and derived again in the commit that changes it.
"""

from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace

from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.derive import derive
from joinedup.fhir.search.extract import CONFIDENTIALITY, is_restricted
from joinedup.fhir.types import type_number
from joinedup.fhir.wire import read_resource
from joinedup.record.arrays import index_arguments, numbers
from joinedup.record.database import Connection, entered
from joinedup.record.prepare import Prepared
from joinedup.record.settle import Settled

__all__ = ["derive_again", "keep_restrictions"]

_KEEP = "select * from record.keep_restrictions(%s, %s, %s)"
_AGAIN = b"select record.index_again(%s, " + b", ".join([b"%s"] * 16) + b")"
_STATEMENTS = (
    "select v.body, h.person from record.head h"
    " join record.version v on v.key = h.key and v.version = h.version"
    " where h.person = any (%s::bigint[]) and h.type = %s and h.key <> h.person"
)
_MOST_AT_ONCE = 1_000


def keep_restrictions(
    lent: Connection, settled: Sequence[Settled]
) -> tuple[list[Settled], list[int]]:
    """Keep who is restricted, as this commit says, and return its changes under the restrictions.

    Also returns the people for whom a restriction came or went: `derive_again` follows once the
    commit is written.
    """
    patients = [s.prepared for s in settled if s.prepared and s.prepared.stored.type == "Patient"]
    if not patients:
        return list(settled), []
    said = {p.derived.key: _says_restricted(p) for p in patients if not p.stored.deleted}
    stated = {p.derived.person for p in patients if p.derived.person != p.derived.key}
    row = lent.execute(
        _KEEP,
        (
            numbers(sorted(k for k, restricted in said.items() if restricted)),
            numbers(k for k, restricted in said.items() if not restricted),
            numbers(stated),
        ),
    ).fetchone()
    assert row is not None
    changed, under = cast("tuple[list[int], list[int]]", row)
    if not under:
        return list(settled), changed
    return [_under(s, frozenset(under)) for s in settled], changed


def _says_restricted(prepared: Prepared) -> bool:
    body = prepared.stored.body
    return CONFIDENTIALITY in body and is_restricted(read_resource(body))


def _under(settled: Settled, restricted: frozenset[int]) -> Settled:
    """Return a change as it is when these people are restricted."""
    prepared = settled.prepared
    if prepared is None or not _is_statement_about(prepared, restricted):
        return settled
    stored = replace(prepared.stored, restricted=True)
    derived = prepared.derived
    if not stored.deleted:
        derived = derive(stored.resource, stored.body, restricted=True)
    return replace(
        settled, stored=stored, prepared=replace(prepared, stored=stored, derived=derived)
    )


def _is_statement_about(prepared: Prepared, people: frozenset[int]) -> bool:
    derived = prepared.derived
    is_statement = prepared.stored.type == "Patient" and derived.person != derived.key
    return is_statement and derived.person in people


def derive_again(lent: Connection, permit: Permit, changed: Sequence[int]) -> None:
    """Derive the index rows of all statements about these people again, within the commit.

    Done as the system: statements that the writer does not see are withheld, and given back, too.
    """
    if not changed:
        return
    entered(lent, system_permit("restriction"))
    rows = lent.execute(
        "select p from unnest(%s::bigint[]) p where record.is_restricted(p)",
        (numbers(changed),),
    ).fetchall()
    restricted = {person for (person,) in rows}
    with lent.cursor() as statements:
        statements.execute(_STATEMENTS, (numbers(changed), type_number("Patient")))
        while found := statements.fetchmany(_MOST_AT_ONCE):
            derived = [
                derive(read_resource(str(body)), str(body), restricted=person in restricted)
                for body, person in found
            ]
            placed = list(enumerate(derived, 1))
            lent.execute(_AGAIN, (numbers(d.key for d in derived), *index_arguments(placed)))
    entered(lent, permit)
