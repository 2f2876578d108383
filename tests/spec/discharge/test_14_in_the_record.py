"""Going home, chapter 14. In the record: one open referral a stay, one person a bed, one truth.

What only one may hold is held by a primary key; who saved first wins, and the others are told.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import person_permit
from joinedup.discharge.rules.ready_date import marked_ready
from joinedup.fhir.issue import Conflict, Stale
from joinedup.fhir.profiles import carer_answer, criteria, readiness, referral, spell
from joinedup.fhir.profiles.referral import Need, Referral
from joinedup.fhir.profiles.spell import BedStay, Spell
from joinedup.record import Create, Update
from joinedup.record.cluster import Urls
from tests.spec.discharge.stays import NURSE as GRACE
from tests.spec.discharge.stays import november, review, stay, waits
from tests.spec.record.place import COUNCIL, HOSPITAL, NURSE, PLACE, PRACTICE, find, joyce, put

BESIDES = (
    ("Practitioner", "grace-adeyemi"),
    ("Practitioner", "tomasz-nowak"),
    ("Location", "w7-12"),
    ("Location", "w7-13"),
)
SPELL = Spell(
    id="spell-1",
    person="Patient/joyce",
    hospital=HOSPITAL,
    admitted=november(1),
    beds=(BedStay(bed="w7-12", since=november(1)),),
)


@pytest.fixture(autouse=True)
def _joyce_on_the_ward(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
    put(*({"resourceType": kind, "id": name} for kind, name in BESIDES))
    put(joyce(), joyce("mary"), spell.build(SPELL))


def asked(state: str = "sent", purpose: str = "help-at-home") -> dict[str, Any]:
    """A referral of this stay to the council's hub."""
    words = Referral(
        person="Patient/joyce",
        spell="spell-1",
        purpose=purpose,
        needs=(Need("washing", "Needs one person to help her wash"),),
        hospital=HOSPITAL,
        hub=COUNCIL,
        asked_by=GRACE,
        asked_at=november(3),
        state=state,
    )
    return referral.build(words, f"r-{state}-{purpose}")


def test_a_second_open_referral_of_a_stay_is_refused_in_its_own_words() -> None:
    """9.2: one active referral a spell and purpose."""
    put(asked())
    with pytest.raises(Conflict, match="has an open referral for that already"):
        put(asked("received"))
    put(asked(purpose="equipment"))
    put(asked("cancelled"))


def test_once_it_is_over_another_can_be_sent() -> None:
    put(asked())
    put({**asked("cancelled"), "id": asked()["id"]})
    put(asked("received"))


def test_of_eight_who_lay_somebody_into_a_bed_one_does() -> None:
    """9.7: a bed occupied by two cannot be; everybody else is told to choose another."""
    free = BedStay(bed="w7-13", since=november(2))

    def lay(number: int) -> str:
        here = Spell(
            id=f"s{number}",
            person="Patient/mary",
            hospital=HOSPITAL,
            admitted=november(2),
            beds=(free,),
        )
        try:
            record.commit(PLACE, [Create(spell.build(here), here.id)])
        except Conflict as refused:
            return str(refused)
        return "lies there"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lay, range(8)))
    assert answers.count("lies there") == 1
    assert sum("Choose another" in answer for answer in answers) == 7


def test_a_bed_is_free_the_moment_somebody_has_left() -> None:
    """Not when leaving was ordered: when they have gone, in the same commit."""
    other = Spell(
        id="s2",
        person="Patient/mary",
        hospital=HOSPITAL,
        admitted=november(3),
        beds=SPELL.beds,
    )
    with pytest.raises(Conflict):
        put(spell.build(other))
    put(spell.with_end(spell.build(SPELL), november(3), method="1", destination="19"))
    put(spell.build(other))


def test_two_who_change_how_somebody_stands_do_not_overwrite_each_other() -> None:
    """House law 4: the second is told, and their words are theirs to keep."""
    standing = stay(person="Patient/joyce", hospital=HOSPITAL)
    put(readiness.build(standing))
    seen = review(at=november(3), person="Patient/joyce")
    delay = waits("medicines", november(3), owner=HOSPITAL)
    ready = readiness.build(marked_ready(standing, seen, "review-1", delay=delay))
    put(criteria.build(seen, "review-1"))
    record.commit(NURSE, [Update(ready, 1)])
    with pytest.raises(Stale):
        record.commit(NURSE, [Update(ready | {"description": "later"}, 1)])
    found = record.read(NURSE, "Task", standing.id).resource
    assert readiness.read(found).ready is not None


def test_what_a_carer_said_is_found_by_the_ward_and_never_by_the_person() -> None:
    """CA-02."""
    put({"resourceType": "RelatedPerson", "id": "susan", "patient": {"reference": "Patient/joyce"}})
    said = carer_answer.CarerAnswer(
        person="Patient/joyce",
        carer="RelatedPerson/susan",
        asked_at=november(3),
        asked_by=GRACE,
        alone=True,
        answer="no",
    )
    put(carer_answer.build(said, "answer-1"))
    hers = person_permit("joyce", "Joyce Hallam")
    assert [s.id for s in find(NURSE, "Observation").entries] == ["answer-1"]
    assert find(hers, "Observation").entries == ()
