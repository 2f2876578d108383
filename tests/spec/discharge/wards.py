"""Two wards of the hospital in the record, with people in their beds: what a board shows."""

from datetime import datetime
from typing import Any

from joinedup.discharge.board import Filters, Shown, place_of, shown
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.bed import Bed, Ward, build_bed, build_ward
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.spell import BedStay, Spell
from tests.spec.discharge.stays import november, now_waits, on_pathway, ready, review, stay
from tests.spec.record.place import COUNCIL, HOSPITAL, NURSE, PLACE, PRACTICE, joyce, put

WARDS = {"w7": "Ward 7", "w11": "Ward 11"}
NOW = november(10, 10)


def the_stay(who: str, bed: str, admitted: datetime | None = None) -> Spell:
    """Somebody's stay, in a bed such as `w7-2`."""
    came = admitted or november(1)
    beds = (BedStay(bed=bed, since=came),) if bed else ()
    return Spell(
        id=f"s-{who}", person=f"Patient/{who}", hospital=HOSPITAL, admitted=came, beds=beds
    )


def standing(who: str) -> Readiness:
    """Somebody who has not been reviewed."""
    return stay(person=f"Patient/{who}", spell=f"s-{who}", hospital=HOSPITAL)


def waits(who: str, day: int, reason: str = "medicines") -> dict[str, Any]:
    """The Task of somebody who has been ready since a day of November, waiting for the hospital."""
    return readiness.build(ready(november(day), reason=reason, before=standing(who)))


def waits_for_care(who: str, day: int) -> dict[str, Any]:
    """The Task of somebody on pathway 1 for whom the council finds no care."""
    stands = on_pathway("1", november(day), before=ready(november(day), before=standing(who)))
    return readiness.build(now_waits(stands, "p1-care-none", november(9, 11)))


def needs_bed(who: str) -> dict[str, Any]:
    """The Task of somebody who needs the bed."""
    from joinedup.discharge.rules.ready_date import marked_meeting

    before = standing(who)
    seen = review("oxygen", at=november(2), spell=before.spell, person=before.person)
    return readiness.build(marked_meeting(before, seen))


def build_wards() -> None:
    """Four people: Joyce late, Arthur waiting for care, Olive who needs the bed, Stan unreviewed
    on the other ward."""
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, COUNCIL)))
    put({"resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General Hospital"})
    put(*({"resourceType": "Practitioner", "id": n} for n in ("bell", "grace-adeyemi")))
    put({"resourceType": "Practitioner", "id": "tomasz-nowak"})
    for ward, name in WARDS.items():
        put(build_ward(Ward(id=ward, name=name, hospital=HOSPITAL)))
        put(
            *(
                build_bed(Bed(id=f"{ward}-{n}", ward=ward, name=f"Bed {n}", hospital=HOSPITAL))
                for n in (1, 2, 10)
            )
        )
    for who, bed in (("joyce", "w7-10"), ("arthur", "w7-2"), ("olive", "w7-1"), ("stan", "w11-1")):
        name = [{"family": who.title(), "given": [who.title()]}]
        put(joyce(who, name=name), spell.build(the_stay(who, bed)))
    put(waits("joyce", 5), waits_for_care("arthur", 3), needs_bed("olive"))


def seen(ward: str = "", permit: Any = NURSE, now: datetime = NOW, **filters: str) -> Shown:
    """The board as somebody sees it."""
    return shown(permit, place_of(permit, ward), Filters(**filters), now)


def names(found: Shown) -> list[str]:
    """Who is on a board, in order."""
    return [line.said.spell.removeprefix("s-") for line in found.lines]


__all__ = [
    "NOW",
    "PLACE",
    "build_wards",
    "names",
    "needs_bed",
    "seen",
    "standing",
    "the_stay",
    "waits",
    "waits_for_care",
]
