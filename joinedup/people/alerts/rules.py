"""Which looks raise an alert: own record, same household, colleague, VIP, sight prolonged. Pure.

A heuristic that errs on the side of asking (domain.md 1.4, AC-03): the privacy officer reads it and
says what it was. Who a worker is as a person comes from the record's own links (`workers`).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.key import hash64

__all__ = [
    "FINDINGS",
    "REASONS",
    "SETTLED",
    "Home",
    "Look",
    "alert_id",
    "home_of",
    "is_opening",
    "is_vip",
    "kin",
    "reasons_for",
]

Resource = Mapping[str, Any]
REASONS: Mapping[str, str] = {
    "own": "They opened their own record with a worker's sign-in",
    "household": "Same family name and same address",
    "address": "Same address",
    "colleague": "The person works for the same organisation",
    "vip": "The person is marked as somebody whose record may be looked at out of curiosity",
    "prolonged": "They could see it for some hours only, and wrote what lets them go on seeing it",
}
"""Why a look raises an alert, strongest first, in the words of the privacy officer's list."""

FINDINGS: Mapping[str, str] = {
    "appropriate": "It was appropriate",
    "not-appropriate": "It was not appropriate",
    "passed-on": "Passed on to somebody who looks into it",
}
SETTLED = ("appropriate", "not-appropriate")
"""Findings that close an alert; what was passed on stays on the list until it is one of these."""

_VIP = "http://hl7.org/fhir/StructureDefinition/patient-importance"
_LISTS = ("find a person", "invoices matched")
"""Lists of people, and what is read for a bill without being shown to whoever takes it in."""
_EVERY_POSTING = ("money", "postings")
_NOT_A_LOOK = ("refused", "import")


class Home(Struct, frozen=True):
    """Where somebody lives, as it is compared: normalised, or empty where it is not known."""

    family: str
    address: str


class Look(Struct, frozen=True, kw_only=True):
    """One event of the audit, with what is known of both sides of it."""

    worker: str
    is_own: bool
    worker_home: Home | None
    person_home: Home
    works_for: frozenset[str]
    """Organisations the person looked at works for."""
    organisation: str
    vip: bool
    prolonged: bool = False
    """Whether they gave themselves lasting sight with what they wrote."""


_OPENERS = ("_id=", "identifier=", "_include", "_revinclude", "_has")


def is_opening(action: str, detail: str) -> bool:
    """Whether an event is a look at one person's record or a change of it, and no list of people.

    Everybody found in a list is in the audit all the same, and in their own log (domain.md 1.7, 2).
    """
    if action in _NOT_A_LOOK or (action, detail) == _EVERY_POSTING:
        return False
    if action != "search":
        return True
    kind, _, asked = detail.partition("?")
    # Naming somebody, or asking for what hangs on them, is no list of people.
    return detail not in _LISTS and (kind != "Patient" or any(o in asked for o in _OPENERS))


def reasons_for(look: Look) -> tuple[str, ...]:
    """Return why a look raises an alert, strongest first; empty where it raises none."""
    if look.is_own:
        return ("own",)
    found = []
    if look.worker_home and (near := kin(look.worker_home, look.person_home)):
        found.append(near)
    if look.organisation and look.organisation in look.works_for:
        found.append("colleague")
    if look.vip:
        found.append("vip")
    if look.prolonged:
        found.append("prolonged")
    return tuple(found)


def kin(one: Home, other: Home) -> str:
    """Return `household`, `address` or "": how two homes are alike (AC-03)."""
    if not one.address or one.address != other.address:
        return ""
    return "household" if one.family and one.family == other.family else "address"


def home_of(patient: Resource) -> Home:
    """Return where somebody lives now; without a postcode and a line there is nothing to compare.

    Where nobody lives (ZZ99: no fixed abode) is no household.
    """
    names = (n for n in patient.get("name", ()) if n.get("use") != "old")
    family = next((str(n.get("family", "")) for n in names), "")
    for address in patient.get("address", ()):
        postcode = _plain(str(address.get("postalCode", "")))
        line = _plain(str(next(iter(address.get("line", ())), "")))
        lives = address.get("use") not in ("old", "billing", "temp")
        if lives and postcode and line and not postcode.startswith("zz99"):
            return Home(_plain(family), f"{line}/{postcode}")
    return Home(_plain(family), "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def is_vip(patient: Resource) -> bool:
    """Whether a Patient is marked VIP (HL7 extension patient-importance)."""
    marks = (e for e in patient.get("extension", ()) if e.get("url") == _VIP)
    codes = (c for e in marks for c in e.get("valueCodeableConcept", {}).get("coding", ()))
    return any(c.get("code") == "VIP" for c in codes)


def alert_id(worker: str, person: int, reasons: Iterable[str], day: str) -> str:
    """Return the one id of what a worker did with a person's record on a day, for these reasons.

    Looking twice, or reading the audit twice after a fault, raises it once.
    """
    return f"alert-{hash64('/'.join([worker, str(person), *reasons, day])) & (2**64 - 1):016x}"
