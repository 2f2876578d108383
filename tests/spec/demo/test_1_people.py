"""The people of the invented place: as many as asked for, old enough to matter, nobody real."""

import re
from collections import Counter

from joinedup.demo.cast import CAST, ORGANISATIONS, SEED, STAFF, TODAY
from joinedup.demo.files import EXAMPLE
from joinedup.demo.people import NHS_RANGE, RESTRICTED, TWINS, make_people
from joinedup.fhir.nhs_number import is_valid

PEOPLE = make_people(SEED, 300)
EVERYBODY = (*PEOPLE, EXAMPLE)


def test_every_number_is_valid_of_the_999_range_and_one_persons() -> None:
    """Numbers that start 999 are never given to anybody real; each passes rule ID-01."""
    numbers = [person.nhs_number for person in EVERYBODY]
    assert all(n.startswith(NHS_RANGE) and is_valid(n) for n in numbers)
    assert len(set(numbers)) == len(numbers) == 301


def test_no_postcode_is_of_a_real_place() -> None:
    """Postcode areas MQ and WQ do not exist; ZZ99 3VZ means no fixed abode (domain.md 1.5)."""
    postcodes = {person.address.postcode for person in EVERYBODY}
    postcodes |= {organisation.postcode for organisation in ORGANISATIONS}
    assert [p for p in postcodes if not re.fullmatch(r"[MW]Q\d \d[A-Z]{2}|ZZ99 3VZ", p)] == []
    assert sum(person.address.postcode == "ZZ99 3VZ" for person in PEOPLE) == 1


def test_every_telephone_is_one_of_dramas() -> None:
    """Ofcom keeps 01632 960000-960999 and 07700 900000-900999 for stories."""
    told = [n for person in EVERYBODY for n in (person.telephone, person.mobile) if n]
    told += [o.telephone for o in ORGANISATIONS] + [w.telephone for w in STAFF]
    assert [n for n in told if not re.fullmatch(r"01632 960\d{3}|07700 900\d{3}", n)] == []


def test_ages_are_a_towns_weighted_to_older_people() -> None:
    """Nobody unborn or past 103; every age of life is there, and over half are 65 or more."""
    ages = [person.age(TODAY) for person in PEOPLE]
    assert min(ages) >= 0 and max(ages) <= 103
    bands = Counter("young" if a < 18 else "adult" if a < 65 else "older" for a in ages)
    assert bands["young"] >= 12
    assert bands["adult"] >= 75
    assert 150 <= bands["older"] <= 200


def test_some_people_are_hard_to_tell_apart_or_to_find() -> None:
    """One pair of twins, birth dates of 1 January, restricted people, the dead, living alone."""
    first, second = (PEOPLE[n] for n in TWINS)
    assert (first.family, first.born, first.address) == (second.family, second.born, second.address)
    assert first.given != second.given and (first.twin, second.twin) == (1, 2)
    assert sum((p.born.month, p.born.day) == (1, 1) for p in PEOPLE) >= 3
    assert [p.restricted for p in PEOPLE].count(True) == len(RESTRICTED) == 3
    assert sum(p.died is not None for p in PEOPLE) == 6
    assert 60 <= sum(p.lives_alone for p in PEOPLE) <= 130


def test_asking_for_fewer_people_changes_nobody() -> None:
    """Forty people are the first forty of three hundred; the cast comes first."""
    assert make_people(SEED, 40) == PEOPLE[:40]
    assert PEOPLE[: len(CAST)] == CAST


def test_another_seed_makes_another_town() -> None:
    """The same cast, other people."""
    other = make_people(SEED + 1, 60)
    assert other[:3] == CAST
    same = sum(a.name == b.name for a, b in zip(other[5:], PEOPLE[5:60], strict=True))
    assert same < 10
