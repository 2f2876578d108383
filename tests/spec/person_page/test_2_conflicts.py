"""Where organisations differ, both are shown with their sources, and nothing is settled."""

from typing import Any

from joinedup.people.presenters.conflicts import Conflict, present_conflicts
from joinedup.people.presenters.safety import present_safety
from joinedup.people.presenters.sections import present_section
from tests.spec.person_page.lives import (
    HOSPITAL,
    NOW,
    SURGERY,
    coded,
    life,
    patient,
    says,
    state,
)


def allergy(code: str, words: str, status: str = "active") -> dict[str, Any]:
    clinical = state("allergyintolerance-clinical", status)
    return {
        "resourceType": "AllergyIntolerance",
        "code": coded(code, words),
        "clinicalStatus": clinical,
    }


def problem(status: str) -> dict[str, Any]:
    clinical = state("condition-clinical", status)
    asthma = coded("195967001", "Asthma")
    return {"resourceType": "Condition", "code": asthma, "clinicalStatus": clinical}


def words_of(conflict: Conflict) -> list[tuple[str, str]]:
    return [(s.words, s.told.organisation) for s in conflict.sides]


def test_no_known_allergy_beside_an_allergy() -> None:
    """The most dangerous one comes first."""
    (found,) = present_conflicts(
        life(
            says(SURGERY, allergy("91936005", "Penicillin")),
            says(HOSPITAL, allergy("409137002", "No known drug allergies")),
        ),
        NOW,
    )
    assert found.is_safety
    assert words_of(found) == [
        ("Penicillin", "Fosse Lane Surgery"),
        ("No known drug allergies", "Marlbrook General Hospital"),
    ]


def test_a_refuted_allergy_is_no_conflict_with_none() -> None:
    """What was withdrawn is not stated any more."""
    refuted = allergy("91936005", "Penicillin") | {
        "verificationStatus": state("allergyintolerance-verification", "refuted")
    }
    none = allergy("716186003", "No known allergy")
    assert present_conflicts(life(says(SURGERY, refuted), says(HOSPITAL, none)), NOW) == ()


def test_one_says_it_goes_on_and_another_that_it_is_over() -> None:
    """The same code, active and resolved; in the list it is one item with two voices."""
    held = life(says(SURGERY, problem("active")), says(HOSPITAL, problem("resolved")))
    (found,) = present_conflicts(held, NOW)
    assert found.about == "Asthma"
    assert {w for w, _ in words_of(found)} == {"active", "resolved"}
    (item,) = present_section(held, "problems", NOW).items
    assert item.disputed and len(item.voices) == 2


def test_two_that_agree_are_one_item_with_two_sources() -> None:
    """Nothing anybody said is lost when the same is said twice."""
    held = life(says(SURGERY, problem("active")), says(HOSPITAL, problem("active")))
    (item,) = present_section(held, "problems", NOW).items
    assert not item.disputed
    assert {v.told.organisation for v in item.voices} == {
        "Fosse Lane Surgery",
        "Marlbrook General Hospital",
    }
    assert present_conflicts(held, NOW) == ()


def test_personal_details_that_differ() -> None:
    """The address at the hospital is an old one: both are shown."""
    old = {"address": [{"line": ["1 Mill Lane"], "city": "Wexby"}]}
    new = {"address": [{"line": ["14 Orchard Row"], "city": "Marlbrook"}]}
    held = life(person=patient(**new), others=(patient(HOSPITAL, **old),))
    (found,) = present_conflicts(held, NOW)
    assert found.about == "Address" and not found.is_safety
    assert {w for w, _ in words_of(found)} == {"14 Orchard Row, Marlbrook", "1 Mill Lane, Wexby"}


def test_to_say_less_is_not_to_say_otherwise() -> None:
    """A council's return holds a postcode alone; one of two telephone numbers is enough."""
    row = {"line": ["14 Orchard Row"], "city": "Marlbrook", "postalCode": "MQ1 4AB"}
    numbers = [{"system": "phone", "value": v} for v in ("01632 960514", "07700 900214")]
    here = patient(address=[row], telecom=numbers)
    there = patient(HOSPITAL, address=[{"postalCode": "mq1 4ab"}], telecom=numbers[1:])
    assert present_conflicts(life(person=here, others=(there,)), NOW) == ()


def test_a_title_or_a_middle_name_is_no_conflict() -> None:
    """Mrs Joyce Ellen Hallam is Joyce Hallam, and capitals mean nothing."""
    name = [{"prefix": ["Mrs"], "given": ["JOYCE", "Ellen"], "family": "HALLAM"}]
    assert present_conflicts(life(others=(patient(HOSPITAL, name=name),)), NOW) == ()


def test_a_restricted_persons_addresses_are_not_compared_in_sight() -> None:
    """domain.md 1.2, step 7: no address, whatever the record holds."""
    marked = {
        "meta": {
            "security": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
            ]
        }
    }
    here, there = ({"address": [{"line": [f"{n} Row"]}]} for n in (1, 2))
    held = life(person=patient(**marked, **here), others=(patient(HOSPITAL, **there),))
    assert present_conflicts(held, NOW) == ()


def test_the_high_risk_allergy_comes_first() -> None:
    """And an inactive one last, with its standing said."""
    held = life(
        says(SURGERY, allergy("1", "Grass", "inactive")),
        says(SURGERY, allergy("2", "Latex")),
        says(SURGERY, allergy("3", "Peanut") | {"criticality": "high"}),
    )
    found = present_safety(held, NOW).allergies
    assert [(a.title, a.standing) for a in found] == [
        ("Peanut", ""),
        ("Latex", ""),
        ("Grass", "inactive"),
    ]
