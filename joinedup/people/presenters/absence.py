"""Why a list is empty or short: never "none recorded" for withheld, not shared or not yet here.

The rule is domain.md 0 (Absence) and 1.7 (8); the codes are UK Core's list warnings and
empty reasons. Each notice names the organisation it comes from.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.fhir.classes import DataClass
from joinedup.people.presenters.life import Life, Resource, Statement
from joinedup.people.presenters.words import codes_of
from joinedup.web.dates import when

__all__ = ["SECTION_CLASS", "Notice", "present_notices"]

_WARNING = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ListWarningCode"
_WARNINGS: Mapping[str, tuple[str, str]] = {
    "confidential-items": ("withheld", "Some items are withheld by {who}."),
    "data-in-transit": ("coming", "Some items are on their way from {who}."),
    "data-awaiting-filing": ("coming", "Some items at {who} are waiting to be filed."),
}
_EMPTY: Mapping[str, tuple[str, str]] = {
    "no-content-recorded": ("none", "{who} has none recorded{date}."),
    "nilknown": ("none", "{who} knows of none{date}."),
    "notasked": ("not-asked", "{who} has not asked about this."),
    "withheld": ("withheld", "{who} has withheld this."),
    "unavailable": ("coming", "{who} could not send this{date}."),
    "notstarted": ("not-asked", "{who} has not started on this."),
    "closed": ("not-asked", "{who} closed this list{date}."),
}
_LISTS: Mapping[str, frozenset[str]] = {
    "allergies": frozenset({"allergies", "886921000000105"}),
    "medicines": frozenset({"medications", "933361000000108", "1102421000000108"}),
    "problems": frozenset({"problems", "717711000000103"}),
    "results": frozenset({"results", "1082101000000102"}),
    "plans": frozenset({"plans", "735324008"}),
}
_EVERYTHING = frozenset({"826501000000100"})
SECTION_CLASS: Mapping[str, DataClass] = {
    "alerts": DataClass.ALERTS,
    "needs": DataClass.ALERTS,
    "allergies": DataClass.CLINICAL,
    "problems": DataClass.CLINICAL,
    "medicines": DataClass.MEDICINES,
    "results": DataClass.CLINICAL,
    "encounters": DataClass.VISITS,
    "services": DataClass.SOCIAL_CARE,
    "plans": DataClass.PLAN,
    "procedures": DataClass.CLINICAL,
    "documents": DataClass.NOTES,
}
"""The data class that a section's entries are of; a section without one holds several."""


class Notice(Struct, frozen=True):
    """One reason why a list may be empty or short: `kind` chooses the mark beside it."""

    kind: str
    words: str


def present_notices(
    life: Life, section: str, *, is_empty: bool, now: datetime
) -> tuple[Notice, ...]:
    """Return what must be said beside a section's list, or in its place."""
    if SECTION_CLASS.get(section) in life.hidden:
        return (Notice("not-shared", "Your role does not open this part of the record."),)
    lists = [s for s in life.of("List") if _is_about(s.resource, section)]
    said = tuple(n for s in lists for n in _of_list(life, s, is_empty=is_empty, now=now))
    if said or not is_empty:
        return tuple(dict.fromkeys(said))
    return (Notice("not-received", _nothing_received(life)),)


def _is_about(resource: Resource, section: str) -> bool:
    codes = codes_of(resource.get("code"))
    if codes & _LISTS.get(section, frozenset()):
        return True
    title = resource.get("title", "").casefold()
    return bool(codes & _EVERYTHING) or not codes or (bool(title) and section in title)


def _of_list(life: Life, statement: Statement, *, is_empty: bool, now: datetime) -> list[Notice]:
    resource = statement.resource
    who = life.source(statement.organisation).name
    at = when(statement.happened, now)
    date = f" (as of {at.words})" if at else ""
    codes = [
        code
        for extension in resource.get("extension") or ()
        if extension.get("url") == _WARNING
        for code in codes_of(extension.get("valueCodeableConcept"))
    ]
    found = [_WARNINGS[c] for c in codes if c in _WARNINGS]
    # An empty list speaks for its own organisation, and says nothing of what others hold.
    if not found:
        found = [_EMPTY[c] for c in codes_of(resource.get("emptyReason")) if c in _EMPTY]
    return [Notice(kind, words.format(who=who, date=date)) for kind, words in found]


def _nothing_received(life: Life) -> str:
    if not life.sources:
        return "Nothing received yet. That does not mean there is none."
    names = _and([s.name for s in life.sources])
    return f"Nothing received from {names}. That does not mean there is none."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
