"""What an imported resource is called here: the same file always gives the same ids. Pure.

An id is made from the organisation that sent the resource and what it is called there, so a repeat
finds what the first import stored, and two organisations never meet in one id by accident.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b, sha1
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL

from joinedup.fhir.types import TYPE_NUMBERS

__all__ = [
    "ODS_SYSTEM",
    "names_of",
    "ods_code",
    "record_id",
    "references_of",
    "rewrite",
    "source_name",
]

ODS_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code"
_ODS = re.compile(r"[A-Z][A-Z0-9]{2,7}|\d{3}")
_RELATIVE = re.compile(
    r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)

Resource = dict[str, Any]
Resolve = Callable[[str], str]


def record_id(organisation: str, name: str) -> str:
    """Return the id here of what `organisation` calls `name` (`Patient/12`, or a `urn:uuid:`)."""
    # uuid5(NAMESPACE_URL, ...), written out: making the object costs twice as much as the rest.
    said = f"joinedup:{organisation}|{name}".encode()
    found = bytearray(sha1(NAMESPACE_URL.bytes + said, usedforsecurity=False).digest()[:16])
    found[6] = found[6] & 0x0F | 0x50
    found[8] = found[8] & 0x3F | 0x80
    text = found.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def source_name(full_url: str, resource: Mapping[str, Any], data: bytes) -> str:
    """Return what the source calls a resource.

    `Type/id` wherever `fullUrl` agrees with it or is not given, so that one resource sent in a
    bundle and as a line is one; otherwise the `fullUrl`; and for a resource with neither its text.
    """
    kind, identity = resource["resourceType"], resource.get("id")
    if isinstance(identity, str) and (
        not full_url or full_url.endswith((f"/{identity}", f":{identity}"))
    ):
        return f"{kind}/{identity}"
    if full_url:
        return full_url
    return f"{kind}#{blake2b(data, digest_size=16).hexdigest()}"


def names_of(full_url: str, resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return everything by which other entries of a bundle may refer to this one."""
    names = [full_url] if full_url else []
    if isinstance(identity := resource.get("id"), str):
        names.append(f"{resource['resourceType']}/{identity}")
    return tuple(names)


def ods_code(resource: Mapping[str, Any]) -> str:
    """Return the ODS code of an Organization, which is its id here, or ""."""
    for identifier in resource.get("identifier", ()):
        if isinstance(identifier, dict) and identifier.get("system") == ODS_SYSTEM:
            code = str(identifier.get("value", "")).strip().upper()
            return code if _ODS.fullmatch(code) else ""
    identity = str(resource.get("id", ""))
    return identity if is_ods(identity) else ""


def is_ods(code: str) -> bool:
    """Return whether an id is written like an ODS code (RTE, Y90001) or a council's (904)."""
    return _ODS.fullmatch(code) is not None


def relative_name(reference: str) -> tuple[str, str] | None:
    """Return type and id of a relative reference, without its version; None if it is not one."""
    found = _RELATIVE.fullmatch(reference)
    if found is None or found[1] not in TYPE_NUMBERS:
        return None
    return found[1], found[2]


def rewrite(resource: Resource, resolve: Resolve) -> None:
    """Change every literal reference of a resource, in place, to what `resolve` makes of it.

    A conditional reference (`Practitioner?identifier=system|value`) becomes a logical one, which
    says the same and can be kept. The tree is known to be shallow: `read_resource` saw to it.
    """
    reference = resource.get("reference")
    if type(reference) is str:
        if "?" in reference and (identifier := _logical(reference)):
            del resource["reference"]
            resource["identifier"] = identifier
        elif not reference.startswith("#"):
            resource["reference"] = resolve(reference)
    for value in resource.values():
        if type(value) is dict:
            rewrite(value, resolve)
        elif type(value) is list:
            for each in value:
                if type(each) is dict:
                    rewrite(each, resolve)


def references_of(resource: Mapping[str, Any]) -> list[str]:
    """Return every literal reference of a resource, wherever it stands."""
    found: list[str] = []

    def keep(reference: str) -> str:
        found.append(reference)
        return reference

    rewrite(cast("Resource", resource), keep)
    return found


def _logical(reference: str) -> Resource | None:
    kind, _, query = reference.partition("?")
    pairs = parse_qsl(query)
    if kind not in TYPE_NUMBERS or len(pairs) != 1 or pairs[0][0] != "identifier":
        return None
    system, bar, value = pairs[0][1].rpartition("|")
    if not value:
        return None
    return {"system": system, "value": value} if bar and system else {"value": value}
