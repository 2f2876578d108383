"""What the place knows of a billed package: what was agreed, the visits made, stays, a death.

The place's own job reads it, since whoever pays sees no care; what an officer is told of it are
hours, days and amounts, in the sentences of `matching_rules`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import system_permit
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

__all__ = ["JOB", "Package", "bills_before", "held_against", "package_of", "postings_touching"]

JOB = system_permit("invoices")
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


def package_of(package_id: str) -> Package | None:
    """Return a package and what is promised to it; None where there is none of this id."""
    try:
        stored = record.read(JOB, "EpisodeOfCare", package_id)
    except (NotFound, Gone):
        return None
    resource = stored.resource
    said = package_said(resource)
    account = Account(AccountKind.PACKAGE, package_id)
    floors = [h.floor or 0 for h in books.held(JOB, [account.kind], names=[account.name])]
    touching = (kept.posting for kept in postings_touching(account))
    return Package(
        id=package_id,
        person=said.person,
        commitment=commitment_of(said, touching, floor=next(iter(floors), 0)),
        label=label_of(resource),
        security=tuple(resource.get("meta", {}).get("security", ())),
    )


def postings_touching(account: Account, *, begins: date = date(1900, 1, 1)) -> Iterator[books.Kept]:
    """Return every posting with an entry on an account, from a day on, oldest first."""
    return books.every_posting(JOB, account=account, begins=begins)


def bills_before(bill: Invoice) -> tuple[KeptBill, ...]:
    """Return the bills kept of the same person, and those of the same number and provider."""
    system = identifier_system(bill.provider)
    number = ("identifier", f"{system}|{fold_number(bill.number)}")
    found: dict[str, KeptBill] = {}
    for asked in ([number], [("subject", bill.person)]):
        for stored in _all("Invoice", asked):
            if (kept := sound_bill(stored)) is not None:
                found[stored.id] = kept
    return tuple(found.values())


def held_against(
    bill: Invoice, package: Package, before: Sequence[Invoice], *, on: date, labels: int
) -> Matched:
    """Return a bill held against its package, the visits recorded, stays, a death, and others.

    A stay with a label outside `labels` is left out: no sentence tells of it.
    """
    begins = min(line.begins for line in bill.lines)
    ends = max(line.ends for line in bill.lines)
    return match(
        bill,
        package.commitment,
        visits=tuple(_visits(package.id, begins, ends)),
        stays=tuple(_stays(bill.person, labels)),
        died=_died(bill.person),
        before=before,
        allowed=margins(on=on),
    )


def _visits(package: str, begins: date, ends: date) -> Iterator[Visit]:
    asked = [
        ("episode-of-care", f"EpisodeOfCare/{package}"),
        ("date", f"ge{begins - timedelta(1)}"),
        ("date", f"le{ends + timedelta(1)}"),
    ]
    for stored in _all("Encounter", asked):
        if visit_profile.is_visit(stored.resource):
            yield visit_profile.read(stored.resource)


def _stays(person: str, labels: int) -> Iterator[Stay]:
    for stored in _all("Encounter", [("patient", person)]):
        resource = stored.resource
        if label_of(resource) & ~labels:
            continue
        period = resource.get("period", {})
        begins = read_day(str(period.get("start", ""))[:10])
        is_stay = resource.get("class", {}).get("code") in _INPATIENT
        if is_stay and begins and resource.get("status") in ("in-progress", "onleave", "finished"):
            yield Stay(begins, read_day(str(period.get("end", ""))[:10]))


def _died(person: str) -> date | None:
    try:
        patient = record.read(JOB, "Patient", person.removeprefix("Patient/")).resource
    except (NotFound, Gone):
        return None
    return read_day(str(patient.get("deceasedDateTime", ""))[:10])


def _all(kind: str, asked: list[tuple[str, str]]) -> Iterator[Stored]:
    cursor = ""
    while True:
        more = [("_cursor", cursor)] if cursor else []
        query = parse_query(kind, [*asked, *more], default_count=_PAGE)
        page = record.search(JOB, query, detail="invoices matched")
        yield from page.entries
        if not page.next_cursor:
            return
        cursor = page.next_cursor
