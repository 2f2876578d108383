"""Whose labels follow whose: a label on one text that another, without it, would tell.

Pure. Records of one person follow one another (docs/decisions/0013), and what organisations state
of her; what a person says is wrong follows the entry it is about (0015), a question of identity the
people it asks about (0014). `record.following` finds those and writes them in the same commit.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import (
    DISAGREEMENT,
    INVOICE_EXCEPTION,
    LABEL_CODES,
    Label,
    labels_on,
    task_kind,
)
from joinedup.fhir.profiles.invoice import PACKAGE_SYSTEM, is_invoice
from joinedup.fhir.profiles.payment import PAYMENT

__all__ = [
    "PROTECTED",
    "PROTECTED_CODING",
    "LabelsChanged",
    "asked_about",
    "asks_about_bill",
    "asking_under_protection",
    "bills_of_package",
    "entry_of_disagreement",
    "hidden_with",
    "labelled_as",
    "labels_changed",
    "with_labels_changed",
]

Resource = Mapping[str, Any]

PROTECTED = (
    Label.VERY_RESTRICTED
    | Label.ADOPTION
    | Label.GENDER_HISTORY
    | Label.PUBLIC_PROTECTION
    | Label.PROTECTED_IDENTITY
)
"""Labels of a Patient whose identity must not be known to be linked (domain.md 1.5)."""
PROTECTED_CODING = {"system": LABEL_CODES, "code": "protected-identity"}
"""The label of a question about somebody protected: silent to everybody but the privacy officer."""


class LabelsChanged(Struct, frozen=True):
    """What one version says of labels that the one before did not: codings come, labels gone."""

    come: tuple[Mapping[str, str], ...]
    gone: Label

    def __bool__(self) -> bool:
        return bool(self.come or self.gone)


def labels_changed(before: Resource, after: Resource) -> LabelsChanged:
    """Return which labels came and which went between two versions of one resource."""
    had, has = labels_on(before), labels_on(after)
    come = [c for c in _security(after) if _label(c) & ~had]
    return LabelsChanged(tuple(map(_bare, come)), had & ~has)


def with_labels_changed(resource: Resource, changed: LabelsChanged) -> dict[str, Any]:
    """Return another record of the same person with the same change to its labels."""
    kept = [c for c in _security(resource) if not _label(c) & changed.gone]
    return _with(resource, kept, changed.come)


def hidden_with(statement: Resource, changed: LabelsChanged) -> dict[str, Any]:
    """Return what an organisation states of a person, hidden with her from now on.

    It is not shown again when her label goes: the organisation may have said one too, and its next
    file says how it is. That she is restricted is derived of it, not written (`record.restrict`).
    """
    ordinary = Label.RESTRICTED | Label.VERY_RESTRICTED
    come = [coding for coding in changed.come if _label(coding) & ~ordinary]
    return _with(statement, _security(statement), come)


def entry_of_disagreement(resource: Resource) -> str:
    """Return the `Type/id` that a person says is wrong; "" for any other resource."""
    if task_kind(resource) != DISAGREEMENT:
        return ""
    return str(resource.get("focus", {}).get("reference", ""))


def bills_of_package(resource: Resource, package: str) -> bool:
    """Whether a bill, or money that waits for approval, is for a package: what it costs tells it.

    A question about a bill names the bill, and follows that.
    """
    if is_invoice(resource):
        named = (e.get("valueReference", {}) for e in resource.get("extension", ()))
        ids = [n.get("identifier", {}) for n in named]
        return any(i.get("system") == PACKAGE_SYSTEM and i.get("value") == package for i in ids)
    said = [str(p.get("valueString", "")) for p in resource.get("input", ())]
    return task_kind(resource) == PAYMENT and any(f'"package":"{package}"' in s for s in said)


def asks_about_bill(resource: Resource, reference: str) -> bool:
    """Whether a Task asks if the bill of this reference is owed."""
    is_asked = task_kind(resource) == INVOICE_EXCEPTION
    return is_asked and resource.get("focus", {}).get("reference") == reference


def labelled_as(task: Resource, entry: Resource) -> dict[str, Any]:
    """Return what a person says of an entry under the labels that the entry has."""
    return _labelled(task, list(_security(entry)))


def asked_about(task: Resource) -> frozenset[str]:
    """Return the ids of the people a question of identity asks about; none for any other Task."""
    if task_kind(task) != "identity":
        return frozenset()
    said = (i for i in task.get("input", ()) if i.get("type", {}).get("text") == "candidate")
    return frozenset(str(i.get("valueString", "")) for i in said)


def asking_under_protection(task: Resource) -> dict[str, Any]:
    """Return a question of identity as the privacy officer's alone; it is never given back."""
    if labels_on(task) & Label.PROTECTED_IDENTITY:
        return dict(task)
    return _labelled(task, [*_security(task), PROTECTED_CODING])


def _with(
    resource: Resource,
    kept: Iterable[Mapping[str, Any]],
    come: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    has = labels_on({"meta": {"security": kept}})
    return _labelled(resource, [*kept, *(c for c in come if _label(c) & ~has)])


def _security(resource: Resource) -> Iterable[Mapping[str, Any]]:
    return tuple(resource.get("meta", {}).get("security", ()))


def _label(coding: Mapping[str, Any]) -> Label:
    return labels_on({"meta": {"security": [coding]}})


def _bare(coding: Mapping[str, Any]) -> dict[str, str]:
    """Return a label without what was noted of where it came from."""
    return {k: v for k, v in coding.items() if k != "extension"}


def _labelled(resource: Resource, labels: list[Mapping[str, Any]]) -> dict[str, Any]:
    meta = {k: v for k, v in resource.get("meta", {}).items() if k != "security"}
    if labels:
        meta["security"] = labels
    whole = {k: v for k, v in resource.items() if k != "meta"}
    return {**whole, "meta": meta} if meta else whole
