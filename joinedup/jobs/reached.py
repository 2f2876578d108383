"""What the record says of a receiver: who they are, what they chose, how they can be reached.

Read as the job `system/notices`, which shows it to nobody; what a message says comes from `rules`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from joinedup.fhir.key import resource_key
from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.fhir.relationships import consent_kind
from joinedup.jobs.rules.ways import NOBODY, Reached, way_of_carer, way_of_person, way_of_work
from joinedup.jobs.rules.words import CARER, OWN, WORK, Place
from joinedup.record.notices import JOB, said_in
from joinedup.record.watched import stated_of

__all__ = ["Known", "audience_of", "known_person", "proxies_of", "reached"]

Resource = Mapping[str, Any]


class Known(Struct, frozen=True, kw_only=True):
    """A person as the job reads them: their own Patient, their Consents, what they need."""

    patient: dict[str, Any]
    consents: tuple[dict[str, Any], ...]
    needs: frozenset[str]

    @property
    def choice(self) -> Choice | None:
        """How they chose to be told; None where they never said."""
        return told.read(self.consents)


def known_person(key: int) -> Known | None:
    """Return what is known of a person by key; None for what is no person of their own."""
    found = [s.resource for s in said_in([key])]
    if not found or found[0]["resourceType"] != "Patient" or found[0].get("link"):
        return None  # gone, or one organisation's statement about somebody
    flags = [flag for _, flag in stated_of(JOB, "Flag", [key])]
    consents = tuple(consent for _, consent in stated_of(JOB, "Consent", [key]))
    return Known(patient=found[0], consents=consents, needs=told.needs_of(flags))


def proxies_of(consents: Iterable[Resource]) -> tuple[str, ...]:
    """Return whom somebody trusts now with something, as ids of RelatedPerson."""
    found = (
        str(actor.get("reference", {}).get("reference", ""))
        for consent in consents
        if consent_kind(consent) == "proxy" and consent.get("status") == "active"
        for actor in consent.get("provision", {}).get("actor", ())
    )
    named = (f.removeprefix("RelatedPerson/") for f in found if f.startswith("RelatedPerson/"))
    return tuple(dict.fromkeys(named))


def audience_of(receiver: str) -> str:
    """Return to whom a message speaks: a person, somebody they trust, or who works."""
    kinds = {"Patient": OWN, "RelatedPerson": CARER}
    return kinds.get(receiver.partition("/")[0], WORK)


def reached(receiver: str, place: Place) -> tuple[Reached, Known | None]:
    """Return the way to a receiver as the record says it now; of a person, what is known too.

    Whoever chose to be told nothing, or is trusted no more, since a line was handed on, is told
    nothing.
    """
    kind, _, name = receiver.partition("/")
    key = resource_key(kind, name)
    if kind == "Patient":
        return _person(key, place)
    found = next((s.resource for s in said_in([key])), None)
    if found is None:
        return NOBODY, None
    if kind == "RelatedPerson":
        whose = str(found.get("patient", {}).get("reference", ""))
        trusting = known_person(resource_key("Patient", whose.removeprefix("Patient/")))
        stands = trusting is not None and name in proxies_of(trusting.consents)
        return (way_of_carer(found) if stands else NOBODY), None
    return way_of_work(found), None


def _person(key: int, place: Place) -> tuple[Reached, Known | None]:
    known = known_person(key)
    if known is None or (known.choice and known.choice.what == told.NOTHING):
        return NOBODY, known
    way = way_of_person(
        known.patient,
        known.needs,
        known.choice,
        languages=place.languages,
        has_film=bool(place.film),
    )
    return way, known
