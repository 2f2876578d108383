"""What the pages about joining and moving ask the record, under the reader's own permit."""

from datetime import datetime

from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.issue import Invalid, NotFound
from joinedup.people.find import find
from joinedup.people.find_rules import FindForm
from joinedup.people.merge_rules import Older
from joinedup.people.presenters.found import FoundPerson, present_found
from joinedup.people.presenters.identity import nhs_number_of
from joinedup.people.presenters.life import Life, Resource
from joinedup.people.presenters.words import human_name, nhs_number_words
from joinedup.people.queries import gather
from joinedup.record.joined import joined_now
from joinedup.web.dates import say

__all__ = ["kept_id_of", "like", "number_of_person", "older_of", "whole"]


def whole(permit: Permit, person_id: str) -> Life:
    """Return a person's life; refuses with words that say both records are needed."""
    try:
        return gather(permit, person_id)
    except NotFound as refusal:
        raise NotFound(
            "You need to be able to open both records to compare them, and one of them does not "
            "open for you. Ask your privacy officer to compare them."
        ) from refusal


def kept_id_of(permit: Permit, person_id: str) -> str:
    """Return the id of the record this one was joined to; "" where it was joined to none."""
    return next((joined.kept_id for joined in joined_now(permit, [person_id])), "")


def older_of(life: Life) -> tuple[Older, ...]:
    """Return the records that were joined to this person's, in the order they were."""
    links = life.person.resource.get("link") or ()
    targets = [k["other"]["reference"] for k in links if k.get("type") == "replaces"]
    held = {f"Patient/{s.id}": s for s in life.others}
    found = [held[t] for t in targets if t in held]
    return tuple(
        Older(
            said.id,
            human_name(said.resource.get("name")) or "Name not recorded",
            nhs_number_words(nhs_number_of(said.resource)[0]),
            say(said.received) if said.received else "",
        )
        for said in found
    )


def like(permit: Permit, patient: Resource, now: datetime) -> tuple[FoundPerson, ...] | None:
    """Return who in the place is like this person; everybody found is in the audit.

    By family name and birth date, and by all but the family name, which may be another by now or
    misspelt. None where too little is known of the person to look for another.
    """
    name: Resource = next(iter(patient.get("name") or ()), {})
    family, given = str(name.get("family", "")), str(next(iter(name.get("given") or ()), ""))
    born, gender = str(patient.get("birthDate", "")), str(patient.get("gender", ""))
    postcode = "" if is_restricted(patient) else _postcode(patient)
    people: dict[str, FoundPerson] = {}
    asked = 0
    for form in (
        FindForm(family=family, born=born),
        FindForm(given=given, born=born, gender=gender, postcode=postcode),
    ):
        try:
            found = present_found(find(permit, form), now)
        except Invalid:  # not enough to look by
            continue
        asked += 1
        people.update((one.id, one) for one in found.people if one.id not in people)
    return tuple(people.values()) if asked else None


def _postcode(patient: Resource) -> str:
    address: Resource = next(iter(patient.get("address") or ()), {})
    return str(address.get("postalCode", ""))


def number_of_person(permit: Permit, number: str) -> str:
    """Return the id of whoever has this NHS number; "" for nobody. Raises Invalid for a bad one."""
    people = find(permit, FindForm(nhs_number=number)).people
    return people[0].person_id if len(people) == 1 else ""
