"""The labels that keep an entry from the person it is about: giving, lifting and keeping them.

A label in `meta.security` is all there is to it: row security does the rest, in pages, exports and
the log alike (ON-01, ON-05). The reason, the reviewer and the date are a Task of their own.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.wire import read_resource

__all__ = ["WITHHOLDING", "keeping_withheld", "with_label", "withheld_for", "without_label"]

Resource = Mapping[str, Any]
WITHHOLDING: Mapping[str, str] = {
    "serious-harm": "Seeing it could do serious harm to the person or to somebody else",
    "about-another": "It is about somebody else, who has not agreed that it is shown",
}
"""Why an entry is kept from a person (DPA 2018 Schedule 3, 2 and 5; Schedule 2, 16)."""


def withheld_for(resource: Resource) -> str:
    """Return the code for which an entry is kept from the person; "" where it is not."""
    return next((str(c["code"]) for c in _labels(resource) if _is_ours(c)), "")


def with_label(resource: Resource, code: str) -> dict[str, Any]:
    """Return the entry kept from the person for that reason; what it says stays as it is."""
    assert code in WITHHOLDING
    kept = [c for c in _labels(resource) if not _is_ours(c)]
    return _labelled(resource, [*kept, {"system": LABEL_CODES, "code": code}])


def without_label(resource: Resource) -> dict[str, Any]:
    """Return the entry no longer kept from the person; other labels stay."""
    return _labelled(resource, [c for c in _labels(resource) if not _is_ours(c)])


def keeping_withheld(before: str, resource: Resource) -> Resource:
    """Return what an import says, still kept from the person where the stored text was.

    Whoever sends an entry again does not know of the label, and must not lift it.
    """
    if LABEL_CODES not in before or not (code := withheld_for(read_resource(before))):
        return resource
    return resource if withheld_for(resource) else with_label(resource, code)


def _labels(resource: Resource) -> list[Any]:
    return list(resource.get("meta", {}).get("security", ()))


def _is_ours(coding: Any) -> bool:
    return bool(coding.get("system") == LABEL_CODES and coding.get("code") in WITHHOLDING)


def _labelled(resource: Resource, labels: list[Any]) -> dict[str, Any]:
    meta = {k: v for k, v in resource.get("meta", {}).items() if k != "security"}
    if labels:
        meta["security"] = labels
    return {**resource, "meta": meta}
