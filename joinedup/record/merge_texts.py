"""What joining two people writes into both their Patients, and what parting them takes out again.

Pure: from the texts as they stood to the texts as they will. The links are FHIR's (R4 8.1.4.1):
the other is `replaced-by` the kept, which `replaces` it. The kept is found by the other's numbers,
is registered where the other was and restricted where the other was; each of these says from whom
it came, so that parting takes out just that. Names, addresses and the rest stay each one's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from joinedup.fhir.involve import is_statement
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.search.extract import CONFIDENTIALITY

__all__ = ["carried", "is_statement", "joined_texts", "parted_kept", "parted_other"]

Patient = Mapping[str, Any]
FROM = "https://joinedup.example/StructureDefinition/joined-from"
"""On an identifier, practice or restriction of the kept Patient: which record it came from."""
_WITHHELD = ("R", "V")


def joined_texts(kept: Patient, other: Patient) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both as they say it once they are one: the kept, and the other."""
    both = _with(kept, other)
    both["link"] = [*kept.get("link", ()), _link(other, "replaces")]
    ended = dict(other) | {"active": False}
    ended["link"] = [*other.get("link", ()), _link(kept, "replaced-by")]
    return both, ended


def parted_kept(now: Patient, other: Patient, remaining: Iterable[Patient]) -> dict[str, Any]:
    """Return the kept Patient without what joining it to the other had put in.

    `remaining` are those that stay joined to it, in the order they were. What was changed since
    stays as it is.
    """
    whole = _without(now)
    link = _link(other, "replaces")
    _replace(whole, "link", [k for k in now.get("link", ()) if not _same_link(k, link)])
    for patient in remaining:
        whole = _with(whole, patient)
    return whole


def parted_other(now: Patient, before: Patient) -> dict[str, Any]:
    """Return the other Patient as it was before it was joined, under the labels it has now.

    What was said of labels while the two were one was said of both, and is taken back of each: only
    people can tell of which of them it was meant (docs/decisions/0013-merge.md).
    """
    whole = dict(before)
    meta = dict(before.get("meta", {}))
    _replace(meta, "security", list(now.get("meta", {}).get("security", ())))
    _replace(whole, "meta", meta)
    return whole


def carried(stands: Patient, patient: Patient, *, whole: bool) -> dict[str, Any]:
    """Return a Patient that replaces one others were joined to, still saying so.

    What a file or a form says knows nothing of it. With `whole`, what came from the others stays
    as well; else the writer has seen it, and decides.
    """
    found = dict(patient)
    links = [k for k in stands.get("link", ()) if k.get("type") == "replaces"]
    said = list(patient.get("link", ()))
    missing = [k for k in links if not any(_same_link(k, s) for s in said)]
    _replace(found, "link", [*said, *missing])
    if not whole:
        return found
    for element in ("identifier", "generalPractitioner"):
        _replace(found, element, _added(found.get(element, ()), _marked(stands.get(element, ()))))
    meta = dict(found.get("meta", {}))
    kept = _marked(stands.get("meta", {}).get("security", ()))
    _replace(meta, "security", _added(meta.get("security", ()), kept))
    _replace(found, "meta", meta)
    return found


def _with(kept: Patient, other: Patient) -> dict[str, Any]:
    """Return the kept with what it takes over from the other, each said to come from there."""
    whole, name = dict(kept), str(other["id"])
    numbered = any(
        i.get("system") == NHS_NUMBER_SYSTEM and i.get("use") != "old"
        for i in kept.get("identifier", ())
    )
    identifiers = [
        {**i, "use": "old"} if numbered and i.get("system") == NHS_NUMBER_SYSTEM else i
        for i in other.get("identifier", ())
    ]
    practices = other.get("generalPractitioner", ())
    for element, taken in (("identifier", identifiers), ("generalPractitioner", practices)):
        _replace(whole, element, _added(kept.get(element, ()), [_mark(t, name) for t in taken]))
    meta = dict(kept.get("meta", {}))
    restrictions = [
        _mark(coding, name)
        for coding in other.get("meta", {}).get("security", ())
        if coding.get("system") == CONFIDENTIALITY and coding.get("code") in _WITHHELD
    ]
    _replace(meta, "security", _added(meta.get("security", ()), restrictions))
    _replace(whole, "meta", meta)
    return whole


def _without(kept: Patient) -> dict[str, Any]:
    """Return the kept with nothing that came from others."""
    whole = dict(kept)
    for element in ("identifier", "generalPractitioner"):
        _replace(whole, element, [v for v in kept.get(element, ()) if not _came_from(v)])
    meta = dict(kept.get("meta", {}))
    _replace(meta, "security", [c for c in meta.get("security", ()) if not _came_from(c)])
    _replace(whole, "meta", meta)
    return whole


def _mark(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    own = [e for e in value.get("extension", ()) if e.get("url") != FROM]
    return {**value, "extension": [*own, {"url": FROM, "valueString": name}]}


def _came_from(value: Mapping[str, Any]) -> bool:
    return any(e.get("url") == FROM for e in value.get("extension", ()))


def _marked(values: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [v for v in values if _came_from(v)]


def _added(
    have: Sequence[Mapping[str, Any]], more: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return what there is, and of the rest what names nothing that is there."""
    found = list(have)
    for value in more:
        if not any(_name(value) == _name(held) for held in found):
            found.append(value)
    return found


def _name(value: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an identifier, a reference or a coding names."""
    return tuple(value.get(part) for part in ("system", "value", "reference", "code"))


def _link(other: Patient, kind: str) -> dict[str, Any]:
    return {"other": {"reference": f"Patient/{other['id']}"}, "type": kind}


def _same_link(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    targets = (str(k.get("other", {}).get("reference", "")) for k in (one, other))
    return one.get("type") == other.get("type") and len(set(targets)) == 1


def _replace(whole: dict[str, Any], element: str, value: Any) -> None:
    """Put a value in, or take the element out where nothing is left of it (FHIR has no empty)."""
    if value:
        whole[element] = value
    else:
        whole.pop(element, None)
