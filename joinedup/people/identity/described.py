"""Entries that say within themselves whom they are about: a result with a name and a birth date.

Pure. Such an entry names nobody of the record; whose it is, is judged as for anybody who comes
(domain.md 1.7, example 4).
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["DESCRIBED", "described_in", "renamed", "without_person"]

DESCRIBED = "described-"
"""How the id begins of somebody an entry describes and no organisation sent a Patient of."""

_SUBJECTS = ("subject", "patient", "for", "beneficiary")

Resource = dict[str, Any]


def described_in(resource: Mapping[str, Any]) -> Resource | None:
    """Return the Patient that an entry contains as its own subject, with enough to look for.

    That is an NHS number, or a family name and a birth date; None for anything else.
    """
    for element in _SUBJECTS:
        named = resource.get(element)
        reference = named.get("reference", "") if isinstance(named, Mapping) else ""
        if isinstance(reference, str) and reference.startswith("#"):
            for contained in resource.get("contained", ()):
                if contained.get("id") == reference[1:] and _is_described(contained):
                    return dict(contained)
    return None


def _is_described(contained: Mapping[str, Any]) -> bool:
    if contained.get("resourceType") != "Patient":
        return False
    families = any(name.get("family") for name in contained.get("name", ()))
    return bool(contained.get("identifier") or (families and contained.get("birthDate")))


def without_person(resource: Resource, own: str, described: str) -> Resource:
    """Return an entry that describes somebody within itself, about a person of an id instead.

    `described` is the id of what it contains; everything else stays.
    """
    rest = [c for c in resource.get("contained", ()) if c.get("id") != described]
    kept = {k: v for k, v in resource.items() if k != "contained"}
    if rest:
        kept["contained"] = rest
    filed: Resource = renamed(kept, f"#{described}", f"Patient/{own}")
    return filed


def renamed(value: Any, own: str, master: str) -> Any:
    """Return a tree in which every reference `own` is `master`."""
    if isinstance(value, Mapping):
        return {
            k: master if k == "reference" and v == own else renamed(v, own, master)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [renamed(v, own, master) for v in value]
    return value
