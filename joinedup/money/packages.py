"""The packages of care that an officer may promise money to: those of people they see.

Finance does not see care; of a package they pay for, this tells what it is, its days and its price,
as the council's service says it, and nothing of why.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, paying
from joinedup.fhir.classes import label_of
from joinedup.fhir.issue import Invalid, NotFound
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.profiles import package as profile
from joinedup.fhir.profiles.event import stated_columns
from joinedup.fhir.search.query import parse_query
from joinedup.money.commitments import PackageSaid, package_said
from joinedup.people.nhs_number import parse
from joinedup.record import Stored

__all__ = ["Package", "found_by_number", "package_of", "packages_of"]

_MOST = 50
_TYPE = "EpisodeOfCare"


class Package(Struct, frozen=True, kw_only=True):
    """A package: what it is of, its price as it was agreed, and the version that was read."""

    said: PackageSaid
    version: int
    care: str
    provider: str
    provider_name: str
    price: str
    units_a_week: str
    label: int

    @property
    def paper(self) -> str:
        """The document a promise to it rests on."""
        return f"{_TYPE}/{self.said.id}/_history/{self.version}"


def packages_of(permit: Permit, nhs_number: str) -> tuple[Package, ...]:
    """Return the packages of whoever has the number and the permit sees, the newest first.

    Nobody by the number, somebody not seen and somebody without a package are the same: ().
    """
    reads = paying(permit)
    asked = [("identifier", f"{NHS_NUMBER_SYSTEM}|{nhs_number}")]
    people = record.search(reads, parse_query("Patient", asked)).entries
    found: dict[str, Package] = {}
    for person in people:
        of_them = parse_query(_TYPE, [("patient", person.id)], default_count=_MOST)
        for stored in record.search(reads, of_them).entries:
            found[stored.id] = _package(stored)
    newest = sorted(found.values(), key=lambda p: str(p.said.begins or ""), reverse=True)
    return tuple(newest)


def found_by_number(permit: Permit, asked: str) -> tuple[tuple[Package, ...], str]:
    """Return the packages found by an NHS number as typed, and what is wrong where there are none.

    Nothing typed is nothing wrong.
    """
    if not asked.strip():
        return (), ""
    try:
        found = packages_of(permit, parse(asked))
    except Invalid as refusal:
        return (), str(refusal.problems[0].message)
    return found, "" if found else "There is no package of somebody you pay for by this number."


def package_of(permit: Permit, package_id: str) -> Package:
    """Return one package; NotFound for none, and for one whose person the permit does not see."""
    found = _package(record.read(paying(permit), _TYPE, package_id))
    if not found.said.person:
        raise NotFound(f"There is no {_TYPE}/{package_id} that you can see.")
    return found


def _package(stored: Stored) -> Package:
    resource = stored.resource
    columns = stated_columns(resource)
    return Package(
        said=package_said(resource),
        version=stored.version,
        care=_care_of(resource),
        provider=columns.get("Provider CQC Location ID", ""),
        provider_name=columns.get("Provider CQC Location Name", ""),
        price=columns.get("Unit Cost", ""),
        units_a_week=columns.get("Planned units per week", ""),
        label=label_of(resource),
    )


def _care_of(resource: Mapping[str, Any]) -> str:
    """Return what kind of care it is, "" where the service does not say."""
    try:
        event = profile.read(resource)
    except (KeyError, AssertionError):
        return ""  # a service that no council's file brought
    return event.says("Service Component") or event.says("Service Type")
