"""What is taken out of a resource on its way to somebody who may see the rest of it.

A restricted person (meta.security R or V) is found by name and birth date and shown without
address, telephone, contacts and practice (domain.md 1.2, "S-flag").
"""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.policy import SEES_WHERE_RESTRICTED
from joinedup.fhir.search.extract import CONFIDENTIALITY, is_restricted
from joinedup.fhir.wire import write_resource

__all__ = ["WITHHELD", "is_restricted", "shown", "withheld"]

WITHHELD = ("address", "telecom", "contact", "generalPractitioner", "managingOrganization")
"""Elements of a restricted Patient that only who is told where a restricted person is sees."""

_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


class _Stored(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def restricted(self) -> bool: ...
    @property
    def resource(self) -> dict[str, Any]: ...


S = TypeVar("S", bound=_Stored)


def withheld(
    permit: Permit, patient: Mapping[str, Any], *, restricted: bool = False
) -> dict[str, Any]:
    """Return a Patient as the permit may see it, tagged SUBSETTED when something was taken out.

    `restricted` says that it is a statement about somebody whose own Patient is restricted.
    """
    whole = dict(patient)
    if permit.role in SEES_WHERE_RESTRICTED or not (restricted or is_restricted(patient)):
        return whole
    kept = {k: v for k, v in whole.items() if k not in WITHHELD and k != "text"}
    meta = kept["meta"]
    kept["meta"] = {**meta, "tag": [*meta.get("tag", ()), _SUBSETTED]}
    return kept


def shown(permit: Permit, stored: S) -> S:
    """Return a stored resource as the permit may see it; only Patients ever differ."""
    if stored.type != "Patient" or not (stored.restricted or CONFIDENTIALITY in stored.body):
        return stored
    resource = stored.resource
    seen = withheld(permit, resource, restricted=stored.restricted)
    return stored if seen == resource else replace(stored, body=write_resource(seen))  # type: ignore[type-var]  # Stored is a Struct
