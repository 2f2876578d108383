"""What joining two people writes into both their Patients, and what parting them takes out again.

Pure: from the texts as they stood to the texts as they will. The links are FHIR's (R4 8.1.4.1):
the other is `replaced-by` the kept, which `replaces` it. Nothing else about a person is decided
here: names, addresses and everything else stay each one's own.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.fhir.involve import is_statement, master_of
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.search.extract import CONFIDENTIALITY

__all__ = ["is_statement", "joined_texts", "master_of", "parted_kept"]

Patient = Mapping[str, Any]
_WITHHELD = ("R", "V")


def joined_texts(kept: Patient, other: Patient) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both as they say it once they are one: the kept, and the other.

    The kept is found by the other's numbers too, its NHS number as an old one where both have one;
    a restriction of the other restricts the kept.
    """
    both = dict(kept)
    both["link"] = [*kept.get("link", ()), _link(other, "replaces")]
    if identifiers := [*kept.get("identifier", ()), *_taken_over(kept, other)]:
        both["identifier"] = identifiers
    security = kept.get("meta", {}).get("security", ())
    if restrictions := _restrictions_of(other, security):
        both["meta"] = {**kept.get("meta", {}), "security": [*security, *restrictions]}
    ended = dict(other) | {"active": False}
    ended["link"] = [*other.get("link", ()), _link(kept, "replaced-by")]
    return both, ended


def _link(other: Patient, kind: str) -> dict[str, Any]:
    return {"other": {"reference": f"Patient/{other['id']}"}, "type": kind}


def _named(identifier: Mapping[str, Any]) -> tuple[Any, Any]:
    return identifier.get("system"), identifier.get("value")


def _taken_over(kept: Patient, other: Patient) -> list[dict[str, Any]]:
    """Return the other's identifiers that the kept has not, as the kept will have them."""
    have = {_named(i) for i in kept.get("identifier", ())}
    numbered = any(
        i.get("system") == NHS_NUMBER_SYSTEM and i.get("use") != "old"
        for i in kept.get("identifier", ())
    )
    found = [i for i in other.get("identifier", ()) if _named(i) not in have]
    return [
        {**i, "use": "old"} if numbered and i.get("system") == NHS_NUMBER_SYSTEM else dict(i)
        for i in found
    ]


def _restrictions_of(patient: Patient, have: Any) -> list[dict[str, Any]]:
    return [
        dict(coding)
        for coding in patient.get("meta", {}).get("security", ())
        if coding.get("system") == CONFIDENTIALITY
        and coding.get("code") in _WITHHELD
        and coding not in have
    ]


def parted_kept(now: Patient, before: Patient, other: Patient) -> dict[str, Any]:
    """Return the kept Patient without what joining it to the other had put in.

    `now` is as it stands, `before` and `other` are both as they were joined. What was changed since
    stays as it is.
    """
    whole = dict(now)
    put_in = {_named(i) for i in _taken_over(before, other)}
    _replace(whole, "identifier", [i for i in now.get("identifier", ()) if _named(i) not in put_in])
    _replace(whole, "link", [k for k in now.get("link", ()) if not _is_link_to(k, other)])
    meta = dict(now.get("meta", {}))
    had = before.get("meta", {}).get("security", ())
    added = _restrictions_of(other, had)
    _replace(meta, "security", [c for c in meta.get("security", ()) if c not in added])
    _replace(whole, "meta", meta)
    return whole


def _replace(whole: dict[str, Any], element: str, value: Any) -> None:
    """Put a value in, or take the element out where nothing is left of it (FHIR has no empty)."""
    if value:
        whole[element] = value
    else:
        whole.pop(element, None)


def _is_link_to(link: Mapping[str, Any], other: Patient) -> bool:
    target = str(link.get("other", {}).get("reference", ""))
    return link.get("type") == "replaces" and target == f"Patient/{other['id']}"
