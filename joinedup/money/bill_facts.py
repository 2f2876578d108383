"""What the place knows of a billed package: what was agreed, the visits made, stays, a death.

It is read in the officer's name with the sight of the place (`access.permit.matching`), since
whoever pays sees no care; told are hours, days and amounts, in the sentences of `matching_rules`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, matching
from joinedup.fhir.classes import label_of
from joinedup.fhir.issue import Gone, NotFound
from joinedup.fhir.profiles import visit as visit_profile
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.invoice import Invoice, fold_number, identifier_system
from joinedup.fhir.profiles.visit import Visit
from joinedup.fhir.search.query import parse_query
from joinedup.ledger.account import Account, AccountKind
from joinedup.money.bill_answers import KeptBill, sound_bill
from joinedup.money.commitments import Commitment, commitment_of, package_said
from joinedup.money.matching_rules import Matched, Stay, margins, match
from joinedup.record import Stored, books

__all__ = ["Package", "bills_before", "held_against", "package_of", "postings_touching"]

_PAGE = 1_000
_INPATIENT = {"IMP", "ACUTE", "NONAC"}  # FHIR R4 v3-ActCode: stays with a bed
Security = tuple[Mapping[str, Any], ...]


class Package(Struct, frozen=True):
    """A package as bills are held against it; `label` are the bits of its labels."""

    id: str
    person: str
    commitment: Commitment | None
    label: int
    security: Security


def package_of(permit: Permit, package_id: str) -> Package | None:
    """Return a package and what is promised to it; None where there is none of this id."""
    reads = matching(permit)
    try:
        stored = record.read(reads, "EpisodeOfCare", package_id)
    except (NotFound, Gone):
        return None
    resource = stored.resource
    said = package_said(resource)
    account = Account(AccountKind.PACKAGE, package_id)
    floors = [h.floor or 0 for h in books.held(reads, [account.kind], names=[account.name])]
    touching = (kept.posting for kept in postings_touching(permit, account))
    return Package(
        id=package_id,
        person=said.person,
        commitment=commitment_of(said, touching, floor=next(iter(floors), 0)),
        label=label_of(resource),
        security=tuple(resource.get("meta", {}).get("security", ())),
    )


def postings_touching(
    permit: Permit, account: Account, *, begins: date = date(1900, 1, 1)
) -> Iterator[books.Kept]:
    """Return every posting with an entry on an account, from a day on, oldest first."""
    return books.every_posting(matching(permit), account=account, begins=begins)


def bills_before(permit: Permit, bill: Invoice) -> tuple[KeptBill, ...]:
    """Return the bills kept of the same person, and those of the same number and provider."""
    system = identifier_system(bill.provider)
    number = ("identifier", f"{system}|{fold_number(bill.number)}")
    found: dict[str, KeptBill] = {}
    for asked in ([number], [("subject", bill.person)]):
        for stored in _all(permit, "Invoice", asked):
            if (kept := sound_bill(stored)) is not None:
                found[stored.id] = kept
    return tuple(found.values())


def held_against(
    permit: Permit,
    bill: Invoice,
    package: Package,
    before: Sequence[Invoice],
    *,
    awaited: Collection[str],
    on: date,
) -> Matched:
    """Return a bill held against its package, the visits recorded, stays, a death, and others.

    A stay with a label that the officer does not see is left out: no sentence tells of it.
    """
    begins = min(line.begins for line in bill.lines)
    ends = max(line.ends for line in bill.lines)
    return match(
        bill,
        package.commitment,
        visits=tuple(_visits(permit, package.id, begins, ends)),
        stays=tuple(_stays(permit, bill.person)),
        died=_died(permit, bill.person),
        before=before,
        awaited=awaited,
        allowed=margins(on=on),
    )


def _visits(permit: Permit, package: str, begins: date, ends: date) -> Iterator[Visit]:
    asked = [
        ("episode-of-care", f"EpisodeOfCare/{package}"),
        ("date", f"ge{begins - timedelta(1)}"),
        ("date", f"le{ends + timedelta(1)}"),
    ]
    for stored in _all(permit, "Encounter", asked):
        if visit_profile.is_visit(stored.resource):
            yield visit_profile.read(stored.resource)


def _stays(permit: Permit, person: str) -> Iterator[Stay]:
    for stored in _all(permit, "Encounter", [("patient", person)]):
        resource = stored.resource
        if label_of(resource) & ~permit.labels:
            continue
        period = resource.get("period", {})
        begins = read_day(str(period.get("start", ""))[:10])
        is_stay = resource.get("class", {}).get("code") in _INPATIENT
        if is_stay and begins and resource.get("status") in ("in-progress", "onleave", "finished"):
            yield Stay(begins, read_day(str(period.get("end", ""))[:10]))


def _died(permit: Permit, person: str) -> date | None:
    try:
        patient = record.read(matching(permit), "Patient", person.removeprefix("Patient/")).resource
    except (NotFound, Gone):
        return None
    return read_day(str(patient.get("deceasedDateTime", ""))[:10])


def _all(permit: Permit, kind: str, asked: list[tuple[str, str]]) -> Iterator[Stored]:
    cursor = ""
    while True:
        more = [("_cursor", cursor)] if cursor else []
        query = parse_query(kind, [*asked, *more], default_count=_PAGE)
        page = record.search(matching(permit), query, detail="invoices matched")
        yield from page.entries
        if not page.next_cursor:
            return
        cursor = page.next_cursor
