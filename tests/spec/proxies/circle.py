"""Joyce, her daughter Susan, and who works at her practice, for the chapter on proxies."""

from datetime import UTC, date, datetime
from typing import Any

from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.people.proxies.asking import invite, take_up
from joinedup.people.proxies.deciding import Case, Decision, allow, case_of
from joinedup.people.proxies.reading import requests
from joinedup.people.proxies.rules import Wish
from tests.spec.record.place import PRACTICE, days_ago, numbered, put, stay, weight

NOW = datetime.now(UTC)
TODAY = NOW.date()
JOYCE_NUMBER, SUSAN_NUMBER, CHILD_NUMBER = "9990012008", "9990012016", "9990012024"
JOYCE = person_permit("joyce", "Joyce Hallam", session="j")
SUSAN = person_permit("susan", "Susan Whitlock", session="s")
GP = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, PRACTICE)
PRACTICE_NURSE = worker_permit("Practitioner/tate", "Nurse Tate", Role.PRACTICE_NURSE, PRACTICE)
OFFICER = worker_permit("Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, "E99901")
FAR = "Y90002"


def in_months(months: int) -> date:
    """The same day some months on, near enough for an expiry."""
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 + months, 12)
    return date(year, month + 1, min(TODAY.day, 28))


def susan(**changes: Any) -> dict[str, Any]:
    """Her daughter, who has a record of her own at another practice."""
    return numbered(
        "susan",
        SUSAN_NUMBER,
        **{
            "name": [{"family": "Whitlock", "given": ["Susan"]}],
            "birthDate": "1959-09-02",
            "generalPractitioner": [{"reference": f"Organization/{FAR}"}],
            **changes,
        },
    )


def stand() -> None:
    """Joyce lies in hospital; Susan is somebody of her own."""
    put({"resourceType": "Organization", "id": PRACTICE, "name": "Fosse Lane Surgery"})
    put(numbered("joyce", JOYCE_NUMBER, telecom=[{"system": "email", "value": "j@x.example"}]))
    put(susan())
    put(stay("stay", "joyce", start=days_ago(2)), weight("w1", "joyce"))


def wish(*functions: str, **changes: Any) -> Wish:
    """Susan may see visits for half a year, unless it says otherwise."""
    said: dict[str, Any] = {
        "given": "Susan",
        "family": "Whitlock",
        "born": date(1959, 9, 2),
        "relationship": "daughter",
        "functions": functions or ("visits",),
        "until": in_months(6),
    }
    return Wish(**{**said, **changes})


def invited(*functions: str) -> None:
    """Joyce invited Susan, who took it up."""
    take_up(SUSAN, invite(JOYCE, wish(*functions), NOW), "", NOW)


def case(permit: Permit = GP) -> Case:
    """The newest request about Joyce, as a worker sees it."""
    return case_of(permit, "joyce", requests(permit, "joyce")[-1].id, NOW)


def decision(*functions: str, **changes: Any) -> Decision:
    """Yes, to these functions, as Joyce said herself."""
    said: dict[str, Any] = {
        "functions": functions or ("visits",),
        "until": in_months(3),
        "basis": "own",
        "is_safe": True,
        "is_needed": True,
    }
    return Decision(**{**said, **changes})


def allowed(*functions: str, permit: Permit = GP) -> str:
    """Susan is Joyce's proxy; returns the id of the Consent."""
    invited(*functions)
    found = case(permit)
    return allow(found, permit, decision(*functions), found.asked.version, NOW).id
