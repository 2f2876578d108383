"""Who may admit whom: the words and limits of admitting a worker to a post. Pure.

Until `access/policy` says it for every action, which manager may admit which role is this table.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.fhir.issue import Problem

__all__ = ["ADMITS", "LONGEST_POST", "Admission", "admission_problems", "ended_role", "new_role"]

LONGEST_POST = timedelta(days=366)

ADMITS: Mapping[str, tuple[str, ...]] = {
    "ward-manager": ("ward-nurse", "consultant", "occupational-therapist", "discharge-coordinator"),
    "practice-manager": ("gp", "practice-nurse", "receptionist", "link-worker"),
    "team-manager": ("social-worker", "occupational-therapist", "broker", "finance-officer"),
}
"""By the values of `access.words.Role`; a role that does not exist there is not offered."""


class Admission(Struct, frozen=True, kw_only=True):
    """What was typed to admit somebody; `until` None where it names no time."""

    given: str
    family: str
    sign_in: str
    role: str
    place: str
    until: datetime | None


def admission_problems(wish: Admission, offered: tuple[str, ...], at: datetime) -> list[Problem]:
    """Return what is wrong, a problem for each field, in words that say what to do."""
    found = [
        Problem("required", words, path)
        for path, text, words in (
            ("given", wish.given, "Enter their first name."),
            ("family", wish.family, "Enter their family name."),
            ("sign_in", wish.sign_in, "Enter the name they will sign in with."),
        )
        if not text.strip() or len(text) > 100
    ]
    if wish.role not in offered:
        found.append(Problem("value", "Choose what they work as.", "role"))
    if wish.until is None:
        found.append(Problem("value", "Enter a date and a time, such as 17 1 2026 and 08:00.", "until"))  # fmt: skip  # noqa: E501
    elif not at < wish.until <= at + LONGEST_POST:
        found.append(Problem("value", "The end must be after now, and within a year.", "until"))
    return found


def new_role(
    wish: Admission, *, practitioner: str, organisation: str, code: Mapping[str, str], at: datetime
) -> dict[str, object]:
    """Return the PractitionerRole of an admission; `code` is the role's coding and text.

    `organisation` and `wish.place` are "Type/id|words"; the words are kept as displays.
    """
    assert wish.until is not None, "an admission has an end"
    reference, _, words = organisation.partition("|")
    place, _, place_words = wish.place.partition("|")
    located = {"location": [{"reference": place, "display": place_words}]} if place else {}
    coding = {"system": code["system"], "code": code["code"]}
    return {
        "resourceType": "PractitionerRole",
        "active": True,
        "period": {"start": at.isoformat(), "end": wish.until.isoformat()},
        "practitioner": {
            "reference": practitioner,
            "display": f"{wish.given.strip()} {wish.family.strip()}",
        },
        "organization": {"reference": reference, "display": words},
        "code": [{"coding": [coding], "text": code["text"]}],
        **located,
    }


def ended_role(resource: Mapping[str, object], at: datetime) -> dict[str, object]:
    """Return a PractitionerRole whose period ends now; it stays in the record."""
    period = resource.get("period", {})
    assert isinstance(period, Mapping)
    return {**resource, "period": {**period, "end": at.isoformat()}}
