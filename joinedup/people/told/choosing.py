"""What a person chose, and what their record knows of how to reach them; writing a choice.

One Consent a person (`fhir/profiles/told`), one commit; the version that was seen goes with it.
"""

from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.fhir.search.query import parse_query
from joinedup.people.presenters.words import telephones
from joinedup.record import Create, Stored, Update

__all__ = ["Standing", "choose", "standing_of"]

_STALE = "This changed while you were reading. Look at what stands now."


class Standing(Struct, frozen=True, kw_only=True):
    """What stands: the choice (version 0: none was made), addresses of hers, what she needs."""

    choice: Choice | None
    version: int
    emails: tuple[str, ...]
    telephones: tuple[str, ...]
    needs: tuple[str, ...]


def standing_of(permit: Permit, person_id: str) -> Standing:
    """Return what a person chose and what her record knows; refuses as `record.read`."""
    patient = record.read(permit, "Patient", person_id).resource
    kept = _kept(permit, person_id)
    asked = parse_query("Flag", [("patient", person_id)], default_count=100)
    flags = [s.resource for s in record.search(permit, asked, detail="how I am told").entries]
    telecom = patient.get("telecom", ())
    return Standing(
        choice=told.read([kept.resource]) if kept else None,
        version=kept.version if kept else 0,
        emails=tuple(str(t.get("value", "")) for t in telecom if t.get("system") == "email"),
        telephones=tuple(t.number for t in telephones(telecom)),
        needs=tuple(sorted(told.needs_of(flags))),
    )


def _kept(permit: Permit, person_id: str) -> Stored | None:
    try:
        return record.read(permit, "Consent", told.choice_id(person_id))
    except NotFound:
        return None


def choose(permit: Permit, person_id: str, choice: Choice, *, version: int, at: datetime) -> Stored:
    """Write how a person wants to be told; it holds from the next message.

    Raises Invalid for what is no choice, Stale when it changed meanwhile, NotPermitted for anybody
    but the person.
    """
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person decides this. Ask them, or ask their GP practice.")
    wrong = []
    if choice.what not in (told.EVERYTHING, told.EXPECTED, told.NOTHING):
        wrong.append(Problem("required", "Choose what you want to be told of.", "what"))
    if choice.way not in told.WAYS:
        wrong.append(Problem("required", "Choose how you want to be told.", "way"))
    if wrong:
        raise Invalid(*wrong)
    made = told.build(person_id, choice, at)
    change = Update(made, version) if version else Create(made, str(made["id"]))
    try:
        return record.commit(permit, [change], action="told-chosen").stored[0]
    except Conflict as taken:  # her other tab was first
        raise Stale(_STALE) from taken
