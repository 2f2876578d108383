"""Proxies, chapter 3. What people get wrong, and the words they are given (domain 5.3)."""

from datetime import date, timedelta

import pytest

from joinedup.access.permit import person_permit
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.people.proxies.asking import Looking, ask, invite, may_invite, take_up
from joinedup.people.proxies.deciding import allow
from joinedup.people.proxies.reading import permit_for_another, requests, trust_of
from joinedup.people.proxies.rules import (
    Known,
    after_months,
    age_on,
    birthday,
    contact_problems,
    known,
    latest_end,
    person_problems,
    proxy_problems,
    wish_problems,
)
from joinedup.record.cluster import Urls
from tests.spec.proxies.circle import (
    GP,
    JOYCE,
    JOYCE_NUMBER,
    NOW,
    SUSAN,
    SUSAN_NUMBER,
    TODAY,
    allowed,
    case,
    decision,
    invited,
    stand,
    susan,
    wish,
)
from tests.spec.record.place import CONFIDENTIALITY, NURSE, label, numbered, put

LATEST = date(2099, 1, 1)


def person(**changes: object) -> Known:
    """Joyce as the rules know her."""
    return known(numbered("joyce", JOYCE_NUMBER, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"deceasedBoolean": True}, "after a death"),
        ({"deceasedDateTime": "2017-12-01"}, "after a death"),
        ({"meta": label(CONFIDENTIALITY, "R")}, "specially protected"),
        ({"meta": label(CONFIDENTIALITY, "V")}, "specially protected"),
        ({"birthDate": "1933"}, "GP practice"),
        ({"birthDate": "2010-05-11"}, "what you say counts"),
    ],
)
def test_gentle_words_that_name_what_to_do(changes: dict[str, object], words: str) -> None:
    """Dead, restricted, a child: each is told whom to ask."""
    (said,) = person_problems(person(**changes), date(2018, 1, 16), online=True)
    assert words in said and ("practice" in said)


def test_a_child_of_twelve() -> None:
    """Lets nobody in alone, which the practice can do with them; and is let in by nobody."""
    twelve = date(2005, 5, 11)
    day = date(2018, 1, 16)
    assert age_on(twelve, day) == 12
    assert person_problems(person(birthDate="2005-05-11"), day, online=True)
    assert person_problems(person(birthDate="2005-05-11"), day, online=False) == ()
    assert [p.path for p in wish_problems(wish(born=twelve, until=day), day, LATEST)] == ["born"]
    young = known(susan(birthDate="2005-05-11"))
    assert "16 or older" in proxy_problems(person(), young, "", day)[0].message


def test_oneself() -> None:
    """Under any id, by any number (two accounts, one number)."""
    twin = known(numbered("other-id", JOYCE_NUMBER))
    for same in (person(), twin):
        assert "same person" in proxy_problems(person(), same, "", TODAY)[0].message


def test_who_has_no_number_is_not_confirmed() -> None:
    """An account whose person was never traced (ID-02)."""
    untraced = known({k: v for k, v in susan().items() if k != "identifier"})
    assert "confirm who you are" in proxy_problems(person(), untraced, "", TODAY)[0].message


@pytest.mark.parametrize(
    ("address", "is_wrong"),
    [
        ("", False),
        ("susan@x.example", False),
        ("j@x.example", True),
        (" J@X.Example ", True),
        ("susan", True),
        ("a b@x.example", True),
        ("s.whitlock@nhs.net", True),
        ("s@marlbrook.gov.uk", True),
        ("s@fosse.nhs.uk", True),
        ("s@notnhs.uk", False),
    ],
)
def test_addresses(address: str, is_wrong: bool) -> None:
    """Shared by a couple, or at work: each is told why, and left out is fine."""
    assert bool(contact_problems(address, ("j@x.example",))) == is_wrong


def test_a_form_left_empty_names_every_field() -> None:
    """All at once, not one after the other."""
    empty = wish(given=" ", family="", born=None, relationship="x", until=None, functions=())
    found = [p.path for p in wish_problems(empty, TODAY, LATEST)]
    assert found == ["given", "family", "born", "relationship", "functions", "until"]
    odd = wish("visits", "everything", until=TODAY - timedelta(days=1))
    assert [p.path for p in wish_problems(odd, TODAY, LATEST)] == ["functions", "until"]


def test_until_when_at_most() -> None:
    """Two years; for a child the day before a birthday at which it is looked at again."""
    day = date(2018, 1, 16)
    assert latest_end(date(1933, 5, 11), day) == date(2020, 1, 16)
    assert latest_end(date(2008, 2, 1), day) == date(2019, 1, 31)
    assert latest_end(date(2004, 2, 29), day) == date(2020, 1, 16)
    assert latest_end(date(2003, 2, 28), day) == date(2019, 2, 27)
    assert birthday(date(2004, 2, 29), 11) == date(2015, 3, 1)
    assert after_months(date(2018, 1, 31), 1) == date(2018, 2, 28)


@pytest.fixture
def _place(record_database: Urls) -> None:
    stand()


@pytest.mark.usefixtures("_place")
class TestInTheRecord:
    """With Joyce and Susan in the record."""

    def test_a_restricted_person_is_told_and_nothing_is_stored(self) -> None:
        """The page says so before there is a form."""
        put(numbered("joyce", JOYCE_NUMBER, meta=label(CONFIDENTIALITY, "R")))
        assert "specially protected" in may_invite(JOYCE, NOW)[1][0]
        with pytest.raises(Invalid):
            invite(JOYCE, wish(), NOW)
        assert requests(GP, "joyce") == ()

    def test_who_was_invited_is_not_told_that_the_record_is_protected(self) -> None:
        """The words are those of any hindrance: ring the practice."""
        said = []
        for change in ({"meta": label(CONFIDENTIALITY, "R")}, {"deceasedBoolean": True}):
            code = invite(JOYCE, wish(), NOW)
            put(numbered("joyce", JOYCE_NUMBER, **change))
            with pytest.raises(Invalid) as wrong:
                take_up(SUSAN, code, "", NOW)
            said.append(str(wrong.value))
            put(numbered("joyce", JOYCE_NUMBER))
        assert said[0] == said[1] and "protected" not in said[0] and "ring" in said[0]

    def test_asking_for_a_restricted_person_stores_nothing_of_hers(self) -> None:
        """And answers as for anybody."""
        put(numbered("joyce", JOYCE_NUMBER, meta=label(CONFIDENTIALITY, "R")))
        looking = Looking(number=JOYCE_NUMBER, given="Joyce", family="Hallam")
        ask(SUSAN, looking, wish(born=date(1933, 5, 11)), NOW)
        assert requests(GP, "joyce") == ()

    def test_the_practice_cannot_say_yes_to_what_became_protected(self) -> None:
        """Restricted between the wish and the answer."""
        invited()
        put(numbered("joyce", JOYCE_NUMBER, meta=label(CONFIDENTIALITY, "R")))
        found = case()
        assert "specially protected" in found.against[0]
        with pytest.raises(Invalid):
            allow(found, GP, decision(), found.asked.version, NOW)

    def test_ones_own_number_and_ones_own_name(self) -> None:
        """Asked for, or invited."""
        with pytest.raises(Invalid):
            invite(JOYCE, wish(given="Joyce", family="Hallam", born=date(1933, 5, 11)), NOW)
        own = Looking(number=SUSAN_NUMBER, given="Susan", family="Whitlock")
        with pytest.raises(Invalid):
            ask(SUSAN, own, wish(born=date(1959, 9, 2)), NOW)

    def test_who_sees_it_already_is_told(self) -> None:
        """A second invitation to the same daughter."""
        allowed()
        code = invite(JOYCE, wish(), NOW)
        with pytest.raises(Invalid) as wrong:
            take_up(SUSAN, code, "", NOW)
        assert "already" in str(wrong.value)

    def test_a_worker_is_nobodys_proxy_in_a_workers_sign_in(self) -> None:
        """And a proxy invites nobody in the person's name."""
        with pytest.raises(NotPermitted):
            take_up(NURSE, "ABCD-2345", "", NOW)
        with pytest.raises(NotPermitted):
            permit_for_another(NURSE, "joyce")
        allowed()
        with pytest.raises(NotPermitted):
            invite(permit_for_another(SUSAN, "joyce"), wish(), NOW)
        with pytest.raises(NotPermitted):
            permit_for_another(permit_for_another(SUSAN, "joyce"), "tom")

    def test_somebody_elses_address_gives_nothing(self) -> None:
        """Whose proxy one is comes from who one is: another's id in the address is of no use."""
        allowed()
        stranger = person_permit("desmond", "Desmond Clarke")
        assert trust_of(stranger, "joyce") is None
        assert trust_of(SUSAN, "desmond") is None
