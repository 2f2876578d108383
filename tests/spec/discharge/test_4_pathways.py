"""Going home, chapter 4. Four pathways, home first, and a destination that fits."""

from datetime import date
from itertools import product

import pytest
from msgspec.structs import replace

from joinedup.discharge.rules.leaving import gone_home, returning_resident
from joinedup.discharge.rules.pathway import CARE_HOMES, OWN_HOME, Going, chosen, pathway_of
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.readiness import PathwayChoice, RiskOwner, build, read
from joinedup.reference.codes.discharge import destinations, methods, pathways
from tests.spec.discharge.stays import COORDINATOR, NURSE, november, on_pathway, ready

AT = november(3)


def choice(going: Going) -> PathwayChoice:
    return pathway_of(going, by=COORDINATOR, at=AT)


def test_the_pathway_follows_from_where_and_what_is_new() -> None:
    """0 nothing new, 1 new help at home, 2 a bed to recover in, 3 a new care home."""
    home = Going(place=OWN_HOME, lives_there=True, new_care=False)
    assert (choice(home).code, choice(home).destination) == ("0", "19")
    helped = choice(replace(home, new_care=True))
    assert (helped.code, helped.destination) == ("1", "19")
    bed = choice(Going(place="temporary", lives_there=False, new_care=True, to_recover=True))
    assert (bed.code, bed.destination) == ("2", "29")
    moves = choice(Going(place="council-care-home", lives_there=False, new_care=True))
    assert (moves.code, moves.destination) == ("3", "65")


@pytest.mark.parametrize(("home", "code"), sorted(CARE_HOMES.items()))
def test_a_care_home_resident_going_back_is_on_pathway_nought(home: str, code: str) -> None:
    """9.9 example 7: same home, no new needs; destination 85, 65 or 54; a returning resident."""
    back = choice(Going(place=home, lives_there=True, new_care=False))
    assert (back.code, back.destination, back.returning) == ("0", code, True)
    left = gone_home(chosen(ready(AT), back), november(3, 15))
    assert left.destination == code and returning_resident(left)


def test_somebody_going_to_their_own_home_is_no_returning_resident() -> None:
    assert not returning_resident(gone_home(on_pathway("0", AT), november(3, 15)))


def test_every_answer_leads_to_a_pathway_that_fits_its_destination() -> None:
    """No combination of answers ends in a choice that is then refused."""
    places = (OWN_HOME, "temporary", *CARE_HOMES)
    for place, there, new, recover in product(places, *[(True, False)] * 3):
        if recover and not new:
            continue  # a bed to recover in is new care by itself
        made = choice(Going(place=place, lives_there=there, new_care=new, to_recover=recover))
        if made.code == "3":
            made = replace(made, new_care=True)
        assert chosen(ready(AT), made).pathway == made


def test_pathway_nought_has_no_new_care() -> None:
    """domain.md 9.7: P0 with a new package."""
    wrong = replace(on_pathway("0", AT).pathway, new_care=True)
    with pytest.raises(Unprocessable, match="With new care it is pathway 1"):
        chosen(ready(AT), wrong)
    none_new = replace(on_pathway("1", AT).pathway, new_care=False)
    with pytest.raises(Unprocessable, match="Without any it is pathway 0"):
        chosen(ready(AT), none_new)


def test_a_second_pathway_beside_the_first_is_refused() -> None:
    """domain.md 9.7: it can change, for a reason that is said."""
    standing = on_pathway("1", AT)
    second = on_pathway("2", AT).pathway
    with pytest.raises(Unprocessable, match=r"on pathway 1\. To change it to 2, say why"):
        chosen(standing, second)
    changed = chosen(standing, replace(second, why="Fell again: stairs not safe yet"))
    assert changed.pathway is not None and changed.pathway.code == "2"


def test_a_text_that_says_two_pathways_is_not_read() -> None:
    """From any door: one spell, one way home."""
    task = build(on_pathway("1", AT))
    other = build(on_pathway("2", AT))
    two = [e for e in other["extension"] if e["url"].endswith("readiness-pathway")]
    with pytest.raises(ValueError, match="its pathway once, not 2 times"):
        read({**task, "extension": [*task["extension"], *two]})


@pytest.mark.parametrize(("code", "destination"), [("3", "19"), ("1", "79"), ("0", "88")])
def test_a_destination_that_does_not_fit_is_refused(code: str, destination: str) -> None:
    wrong = replace(on_pathway(code, AT).pathway, destination=destination)
    with pytest.raises(Unprocessable, match=f"on pathway {code}"):
        chosen(ready(AT), wrong)


def test_there_is_no_fifth_pathway_and_no_other_place() -> None:
    with pytest.raises(Unprocessable, match="is no pathway"):
        chosen(ready(AT), replace(on_pathway("0", AT).pathway, code="4"))
    with pytest.raises(Unprocessable, match="no kind of place"):
        choice(Going(place="corridor", lives_there=False, new_care=False))


def test_national_codes_are_those_of_the_tables() -> None:
    """There is no method 2; every destination a pathway allows has words."""
    day = date(2025, 11, 3)
    assert "2" not in methods(on=day) and methods(on=day)["6"] == "Discharged themselves"
    named = destinations(on=day)
    assert all(d in named for p in pathways(on=day) for d in p.destinations)


def test_a_place_other_than_planned_must_fit_the_pathway_too() -> None:
    standing = replace(
        on_pathway("1", AT), risk_owner=RiskOwner(worker=NURSE, why="Daughter stays", at=AT)
    )
    assert gone_home(standing, november(4), destination="29").destination == "29"
    with pytest.raises(Unprocessable, match="does not fit pathway 1"):
        gone_home(standing, november(4), destination="51")
    with pytest.raises(Unprocessable, match="no national destination"):
        gone_home(standing, november(4), destination="20")
