"""Who a message is about: PID and PD1 as the Patient that the hospital states. Pure.

HL7 v2 3.4.2. Whose statement it is, `people.identity` says; nothing here guesses.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.hl7.message import Message, at
from joinedup.hl7.times import day_of
from joinedup.hl7.unfit import Kind, Unfit
from joinedup.people import nhs_number
from joinedup.people.identity.verification import STATUSES, with_status

__all__ = ["Said", "local_number", "said_of_person"]

Resource = dict[str, Any]
_OURS = "https://joinedup.example/Id/hospital-number"
_NHS = ("NHS", "NH")
_LOCAL = ("MR", "PI", "PT", "HOSP", "")
_LONGEST = 200
_GENDERS = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown"}
_NAME_USES = {"L": "official", "": "official", "A": "usual", "N": "nickname", "M": "maiden"}
_HOME_USES = {"H": "home", "": "home", "P": "home", "C": "temp", "B": "work", "BA": "old"}
_PRACTICE_FIELD = 3


class Said(Struct, frozen=True):
    """Whom a message names: `local` is their number at the hospital, `patient` what it says."""

    local: str
    patient: Resource


def local_number(message: Message, segment: str, field: int) -> str:
    """Return the number by which the hospital knows somebody; the NHS number where it gives none.

    Unfit where the field names nobody: a message about nobody cannot be filed.
    """
    repeats = list(message.repeats(segment, field))
    for components in repeats:
        if at(components, 1) and not _is_nhs(components) and at(components, 5) in _LOCAL:
            return _short(at(components, 1), f"{segment}^1^{field}")
    for components in repeats:
        if at(components, 1) and _is_nhs(components):
            return f"nhs-{_number(at(components, 1), f'{segment}^1^{field}')}"
    words = f"{segment}-{field} names nobody: neither a hospital number nor an NHS number."
    raise Unfit(Kind.REQUIRED, words, f"{segment}^1^{field}")


def said_of_person(message: Message, organisation: str) -> Said:
    """Return the Patient that PID and PD1 state, without an id; Unfit for what cannot be true."""
    local = local_number(message, "PID", 3)
    names = list(_names(message))
    if not names:
        raise Unfit(Kind.REQUIRED, "PID-5 gives no name.", "PID^1^5")
    patient: Resource = {
        "resourceType": "Patient",
        "identifier": list(_identifiers(message, organisation)),
        "active": True,
        "name": names,
        **_part("telecom", list(_telephones(message))),
        **_born_and_died(message),
        **_part("address", list(_homes(message))),
        **_part("generalPractitioner", _practice(message)),
        "managingOrganization": {"reference": f"Organization/{organisation}"},
    }
    return Said(local, _verified(patient, message))


def _identifiers(message: Message, organisation: str) -> Iterator[Resource]:
    for components in message.repeats("PID", 3):
        value = at(components, 1)
        if not value:
            continue
        if _is_nhs(components):
            yield {"system": NHS_NUMBER_SYSTEM, "value": _number(value, "PID^1^3")}
        elif at(components, 5) in _LOCAL:
            yield {"system": f"{_OURS}/{organisation}", "value": _short(value, "PID^1^3")}


def _number(value: str, where: str) -> str:
    if not nhs_number.is_valid(value):
        words = f"{where.replace('^1^', '-')} holds an NHS number with a wrong check digit."
        raise Unfit(Kind.DATA_TYPE, words, where)
    return nhs_number.parse(value)


def _is_nhs(components: tuple[str, ...]) -> bool:
    return at(components, 4) in _NHS or at(components, 5) in _NHS


def _verified(patient: Resource, message: Message) -> Resource:
    """PID-32 as systems in England use it: the status of the NHS number, 01 to 08 or NSTS01 ..."""
    said = message.component("PID", 32).removeprefix("NSTS")
    return with_status(patient, said) if said in STATUSES else patient


def _names(message: Message) -> Iterator[Resource]:
    for components in message.repeats("PID", 5):
        family, given, middle, _, prefix = (
            _short(at(components, n), "PID^1^5") for n in range(1, 6)
        )
        if family or given:
            yield {
                "use": _NAME_USES.get(at(components, 7), "old"),
                **_part("family", family),
                **_part("given", [part for part in (given, *middle.split()) if part]),
                **_part("prefix", [prefix] if prefix else []),
            }


def _born_and_died(message: Message) -> Resource:
    found: Resource = {}
    gender = message.component("PID", 8)
    if gender and gender not in _GENDERS:
        raise Unfit(Kind.TABLE, "PID-8 is no code of table 0001: M, F, O, U, A or N.", "PID^1^8")
    if gender:
        found["gender"] = _GENDERS[gender]
    if born := message.component("PID", 7):
        found["birthDate"] = day_of(born, "PID^1^7")
    if died := message.component("PID", 29):
        found["deceasedDateTime"] = day_of(died, "PID^1^29")
    elif message.component("PID", 30) == "Y":
        found["deceasedBoolean"] = True
    order = message.component("PID", 25)
    if message.component("PID", 24) == "Y" and order.isdecimal() and 0 < int(order) < 10:
        found["multipleBirthInteger"] = int(order)
    return found


def _homes(message: Message) -> Iterator[Resource]:
    for components in message.repeats("PID", 11):
        street, second, town, county, postcode = (
            _short(at(components, n), "PID^1^11") for n in range(1, 6)
        )
        lines = [line for line in (street, second) if line]
        if lines or postcode:
            yield {
                "use": _HOME_USES.get(at(components, 7), "old"),
                **_part("line", lines),
                **_part("city", town),
                **_part("district", county),
                **_part("postalCode", postcode),
            }


def _telephones(message: Message) -> Iterator[Resource]:
    for field, use in ((13, "home"), (14, "work")):
        for components in message.repeats("PID", field):
            number = _short(at(components, 1) or at(components, 12), f"PID^1^{field}")
            is_mobile = at(components, 3) == "CP" or at(components, 2) == "PRS"
            if number and at(components, 3) not in ("Internet", "X.400"):
                yield {"system": "phone", "value": number, "use": "mobile" if is_mobile else use}


def _practice(message: Message) -> list[Resource]:
    """PD1-3: the practice by its ODS code, in the third component or the first."""
    for number in (3, 1):
        code = message.component("PD1", _PRACTICE_FIELD, number).upper()
        if len(code) == 6 and code[0].isalpha() and code[1:].isdecimal() and code.isascii():
            return [{"reference": f"Organization/{code}"}]
    return []


def _part(name: str, value: Any) -> Resource:
    return {name: value} if value else {}


def _short(text: str, where: str) -> str:
    if len(text) > _LONGEST:
        words = f"{where.replace('^1^', '-')} is longer than {_LONGEST} characters."
        raise Unfit(Kind.DATA_TYPE, words, where)
    return text
