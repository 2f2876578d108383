"""By which way somebody is told, from what the record says of how to reach them. Pure.

What a disability asks for goes before convenience (Accessible Information Standard, DAPB1605;
ON-07). Whoever is restricted is never written to: their address is withheld (domain.md 1.2). Where
no way is known, people ask: a Task for the practice.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.told import Choice
from joinedup.fhir.search.extract import is_restricted

__all__ = [
    "LASTING",
    "NOBODY",
    "PROTECTED",
    "UNKNOWN",
    "NoWay",
    "Reached",
    "Way",
    "is_dead",
    "way_of_carer",
    "way_of_person",
    "way_of_work",
]

Resource = Mapping[str, Any]
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}", re.A)
_MOBILE = re.compile(r"(?:\+44|0)7\d{9}", re.ASCII)
_GONE = ("old", "temp")
_ENGLISH = ("", "en", "english")


class Way(Struct, frozen=True, kw_only=True):
    """A way to somebody: `kind` is email, text or letter, `format` how it is written."""

    kind: str
    address: str
    format: str = "plain"
    language: str = ""


class NoWay(Struct, frozen=True):
    """Why nobody is told: `reason` says what people are to do, "" where nothing is to be done."""

    reason: str


Reached = Way | NoWay
NOBODY = NoWay("")

UNKNOWN = NoWay("No email address or mobile number is known. Ask how they want to be told.")
PROTECTED = NoWay("joinedup does not write to them. Ask how they can be told safely.")
TELEPHONE = NoWay("They want to be telephoned. Telephone them: there is something new.")
BRAILLE = NoWay("They read Braille, which joinedup does not make. Send it, or telephone them.")
READ_OUT = NoWay("Somebody reads to them. Ask who may, and tell them in that way.")
LANGUAGE = NoWay("They need an interpreter, and joinedup has no words in their language.")
SIGNS = NoWay("They use British Sign Language, and no film is set up here. Ask how to tell them.")

LASTING = (TELEPHONE, BRAILLE, READ_OUT, LANGUAGE, SIGNS)
"""What people have to do each time there is something new, rather than once."""


def way_of_person(
    patient: Resource,
    needs: frozenset[str],
    choice: Choice | None,
    *,
    languages: Iterable[str] = (),
    has_film: bool = False,
) -> Reached:
    """Return the way to a person, or why there is none.

    `languages` are those in which the place has its words, `has_film` whether it has them in
    British Sign Language.
    """
    if is_dead(patient):
        return NOBODY
    if is_restricted(patient):
        return PROTECTED
    if stopped := _cannot_be_written(patient, needs, choice, languages, has_film=has_film):
        return stopped
    written = _format(needs)
    language = _language(patient)
    for kind in _wanted(needs, choice):
        if address := _address(patient, kind):
            return Way(kind=kind, address=address, format=written, language=language)
    return UNKNOWN


def _cannot_be_written(
    patient: Resource,
    needs: frozenset[str],
    choice: Choice | None,
    languages: Iterable[str],
    *,
    has_film: bool,
) -> NoWay | None:
    chosen = choice.way if choice else ""
    if chosen == "telephone" or (not chosen and "telephone" in needs):
        return TELEPHONE
    if "braille" in needs and chosen not in ("email", "text"):  # read by their own machine
        return BRAILLE
    if "read-out" in needs and not chosen:
        return READ_OUT
    if "signs" in needs and not has_film:
        return SIGNS
    spoken = _language(patient)
    if spoken and spoken not in languages:
        return LANGUAGE
    return None


def _wanted(needs: frozenset[str], choice: Choice | None) -> tuple[str, ...]:
    """Return the ways in the order they are tried; what somebody chose is the only one."""
    if choice and choice.way:
        return (choice.way,)
    for asked in ("email", "text"):
        if asked in needs:
            return (asked,)
    if needs & {"large-print", "easy-read"}:
        return ("letter",)
    return ("email", "text")


def _format(needs: frozenset[str]) -> str:
    return next((n for n in ("easy-read", "signs", "large-print") if n in needs), "plain")


def _language(patient: Resource) -> str:
    """Return the language somebody prefers, in small letters; "" for English, or none said."""
    for entry in patient.get("communication", ()):
        if not entry.get("preferred"):
            continue
        language = entry.get("language", {})
        codes = [str(c.get("code", "")) for c in language.get("coding", ())]
        said = str(language.get("text") or next(iter(codes), "")).strip().lower()
        return "" if said in _ENGLISH or said.startswith("en-") else said
    return ""


def way_of_carer(related: Resource) -> Reached:
    """Return the way to somebody trusted with a record, as that record knows them."""
    for kind in ("email", "text"):
        if address := _address(related, kind):
            return Way(kind=kind, address=address)
    return NOBODY


def way_of_work(party: Resource) -> Reached:
    """Return the way to a team or a worker: their own mailbox at work, or none."""
    address = _address(party, "email")
    return Way(kind="email", address=address) if address else NOBODY


def is_dead(patient: Resource) -> bool:
    """Whether the record says that somebody has died: nobody writes to them again."""
    return bool(patient.get("deceasedDateTime") or patient.get("deceasedBoolean"))


def _address(holder: Resource, kind: str) -> str:
    if kind == "letter":
        return _home(holder)
    said = sorted(
        (t for t in holder.get("telecom", ()) if t.get("use") not in _GONE and not _over(t)),
        key=lambda t: int(t.get("rank", 9)),
    )
    for one in said:
        value, system = str(one.get("value", "")).strip(), one.get("system")
        if kind == "email" and system == "email" and _EMAIL.fullmatch(value):
            return value
        number = re.sub(r"[\s()-]", "", value)
        if kind == "text" and system in ("phone", "sms") and _MOBILE.fullmatch(number):
            return number
    return ""


def _over(telecom: Resource) -> bool:
    return bool(telecom.get("period", {}).get("end"))


def _home(holder: Resource) -> str:
    for address in holder.get("address", ()):
        if address.get("use") in ("old", "billing") or address.get("period", {}).get("end"):
            continue
        lines = [*address.get("line", ()), address.get("city"), address.get("postalCode")]
        if address.get("line") and address.get("postalCode"):
            return "\n".join(str(line) for line in lines if line)
    return ""
