"""Transaction bundles: what each entry asks, and giving new resources their names.

Pure: conditions and conditional references are handed out to be looked up and handed back in.
FHIR R4 3.1.0.11.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from joinedup.fhir.issue import Invalid, NeedsVersion, Problem, TooLarge

__all__ = ["ENTRY_LIMIT", "Wanted", "conditional_references", "make_relative", "rename", "wanted"]

ENTRY_LIMIT = 5_000
_ETAG = re.compile(r'^(?:W/)?"([0-9]{1,9})"$')
_NAMED = re.compile(r"^([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.\-]{1,64})$")
_METHODS = ("POST", "PUT", "DELETE")


class Wanted(Struct, frozen=True):
    """One entry: make, change or delete a resource of `type`; `id`, `version` when it says so."""

    method: Literal["POST", "PUT", "DELETE"]
    type: str
    place: int
    resource: dict[str, Any]
    full_url: str = ""
    id: str = ""
    version: int | None = None
    condition: str | None = None

    @property
    def path(self) -> str:
        """Where the entry stands, as FHIRPath."""
        return f"Bundle.entry[{self.place}]"


def wanted(bundle: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """Return what a transaction asks, entry by entry; refuses with the place of what is wrong."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Invalid(
            Problem("invalid", "This address takes a Bundle of type transaction.", "Bundle.type")
        )
    entries = bundle.get("entry", [])
    if len(entries) > ENTRY_LIMIT:
        raise TooLarge(f"A transaction holds at most {ENTRY_LIMIT:,} entries; split this one.")
    asked = tuple(_wanted(entry, place) for place, entry in enumerate(entries))
    _refuse_twins(asked)
    return asked


def _wanted(entry: Mapping[str, Any], place: int) -> Wanted:
    request = entry.get("request") or {}
    method, url = request.get("method"), str(request.get("url", ""))
    where = f"Bundle.entry[{place}].request"
    if method not in _METHODS:
        raise Invalid(
            Problem("not-supported", "A transaction here may POST, PUT or DELETE.", where)
        )
    resource = entry.get("resource") or {}
    if method != "DELETE" and not resource:
        raise Invalid(Problem("required", f"A {method} needs its resource.", where))
    if method == "POST":
        _expect_type(resource, url, where)
        return Wanted(
            "POST",
            url,
            place,
            resource,
            full_url=str(entry.get("fullUrl", "")),
            condition=request.get("ifNoneExist"),
        )
    kind, resource_id = _name(url, where)
    if method == "PUT":
        _expect_type(resource, kind, where)
        if resource.get("id") != resource_id:
            raise Invalid(Problem("invalid", f"The resource's id must be {resource_id}.", where))
    return Wanted(
        method,
        kind,
        place,
        resource,
        full_url=str(entry.get("fullUrl", "")),
        id=resource_id,
        version=_version(request.get("ifMatch"), method, where),
    )


def _expect_type(resource: Mapping[str, Any], kind: str, where: str) -> None:
    if resource.get("resourceType") != kind:
        raise Invalid(
            Problem("invalid", f"The url asks for {kind[:64]!r}, the resource is another.", where)
        )


def _name(url: str, where: str) -> tuple[str, str]:
    found = _NAMED.match(url)
    if not found:
        raise Invalid(
            Problem("invalid", "The url must be Type/id; conditions are not served.", where)
        )
    return found[1], found[2]


def _version(header: Any, method: str, where: str) -> int | None:
    if header is None:
        if method == "PUT":
            raise NeedsVersion(
                Problem("required", "Say which version you changed in ifMatch.", where)
            )
        return None
    found = _ETAG.match(str(header))
    if not found:
        raise Invalid(Problem("invalid", 'ifMatch must be one version, such as W/"3".', where))
    return int(found[1])


def _refuse_twins(asked: Sequence[Wanted]) -> None:
    seen: set[str] = set()
    for entry in asked:
        names = {entry.full_url} if entry.method == "POST" else {f"{entry.type}/{entry.id}"}
        if entry.condition is not None:  # neither would find the other: two would be made
            names.add(f"{entry.type}?{entry.condition}")
        for name in names - {""}:
            if name in seen:
                raise Invalid(
                    Problem("duplicate", f"{name} stands twice in the transaction.", entry.path)
                )
            seen.add(name)


def references(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every Reference object with a literal reference, wherever it stands."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            if isinstance(current.get("reference"), str):
                yield current
            stack.extend(v for v in current.values() if isinstance(v, (dict, list)))
        elif isinstance(current, list):
            stack.extend(current)


def conditional_references(asked: Sequence[Wanted]) -> tuple[str, ...]:
    """Return every distinct conditional reference, such as `Patient?identifier=...`."""
    found = (r["reference"] for w in asked for r in references(w.resource))
    return tuple(dict.fromkeys(r for r in found if "?" in r and "://" not in r.split("?")[0]))


def make_relative(resource: dict[str, Any], base: str) -> dict[str, Any]:
    """Write references to our own address as `Type/id`, in place: they are known as ours."""
    for reference in references(resource):
        if reference["reference"].startswith(f"{base}/"):
            reference["reference"] = reference["reference"].removeprefix(f"{base}/")
    return resource


def rename(resource: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Replace references found in `names` (fullUrl or condition -> `Type/id`), in place."""
    for reference in references(resource):
        told = reference["reference"]
        bare, _, fragment = (told, "", "") if told in names else told.partition("#")
        if bare in names:
            reference["reference"] = names[bare] + (f"#{fragment}" if fragment else "")
    return resource
