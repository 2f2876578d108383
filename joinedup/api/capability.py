"""The CapabilityStatement, made from what is there: types served, parameters answered."""

from typing import Any

from joinedup import __version__
from joinedup.api.audit import AUDIT_PARAMETERS
from joinedup.api.known import oauth_extension
from joinedup.fhir.bundle import ENTRY_LIMIT
from joinedup.fhir.compartment import PATIENT_COMPARTMENT
from joinedup.fhir.search.parameters import parameters_of
from joinedup.fhir.search.served import SERVED

__all__ = ["capability"]

_SMART = {
    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
    "code": "SMART-on-FHIR",
}
_INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")


def capability(base: str) -> dict[str, Any]:
    """Return the CapabilityStatement of the server at this base address (FHIR R4 3.1.0.6)."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "experimental": True,
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "joinedup", "version": __version__},
        "implementation": {"description": "One place's record of health and care", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Updates need If-Match. Clients do not choose ids. Unknown or unsupported "
                    f"search parameters are refused. Transactions hold up to {ENTRY_LIMIT} entries."
                ),
                "security": {
                    "extension": [oauth_extension(base.removesuffix("/fhir"))],
                    "cors": True,
                    "service": [{"coding": [_SMART], "text": "SMART App Launch 2.2"}],
                    "description": "Bearer token for every request; how to get one is in "
                    "[base]/.well-known/smart-configuration.",
                },
                "resource": sorted(
                    [*map(_resource, SERVED), _audit()], key=lambda told: str(told["type"])
                ),
                "interaction": [{"code": "transaction"}],
                "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
            }
        ],
    }


def _resource(kind: str) -> dict[str, Any]:
    found = [p for p in parameters_of(kind) if p.kind in ("token", "string", "date", "reference")]
    told: dict[str, Any] = {
        "type": kind,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": True,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "enforced"],
        "searchParam": [{"name": p.code, "type": p.kind} for p in found],
    }
    pointing = sorted(
        f"{kind}:{p.code}"
        for p in found
        if p.kind == "reference" and any(t in SERVED for t in p.targets)
    )
    if pointing:
        told["searchInclude"] = pointing
    if kind in PATIENT_COMPARTMENT:
        told["documentation"] = "Also searched as Patient/[id]/" + kind + "."
    if kind == "Patient":
        definition = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        told["operation"] = [{"name": "everything", "definition": definition}]
    return told


def _audit() -> dict[str, Any]:
    """AuditEvents are made from the audit; nobody sends one in."""
    return {
        "type": "AuditEvent",
        "documentation": "Put together from the audit when asked for. Reading it is audited.",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": False,
        "conditionalCreate": False,
        "searchParam": [{"name": n, "type": k} for n, k in AUDIT_PARAMETERS.items()],
    }
