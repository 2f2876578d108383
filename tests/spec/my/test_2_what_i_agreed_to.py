"""My record, chapter 2. What a person agreed to and refused, and that it holds at once (ON-01)."""

from datetime import UTC, datetime

import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.fhir.relationships import FUNCTIONS
from joinedup.people.my_actions import end_consent, object_to, set_permission
from joinedup.people.my_consents import Agreed
from joinedup.people.my_pages import choices_of
from joinedup.people.my_queries import agreed, log, whose
from joinedup.people.presenters.my_agreed import FUNCTION_WORDS
from joinedup.people.queries import gather
from tests.spec.my.test_1_who_looked import ORGANISATIONS, break_glass, trust
from tests.spec.record.place import GP, HOSPITAL, NURSE, PRACTICE, days_ago, joyce, put, stay

JOYCE = person_permit("joyce", "Joyce Hallam")
SUSAN = proxy_permit("susan", "Susan Whitlock")
AT = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _in_hospital(record_database: object) -> None:
    put(*({"resourceType": "Organization", "id": c, "name": n} for c, n in ORGANISATIONS.items()))
    put(joyce(), stay("s1", "joyce", start=days_ago(2)))


def sees(permit: Permit) -> bool:
    """Whether a permit opens what the hospital stay is."""
    try:
        return any(s.type == "Encounter" for s in gather(permit, "joyce").statements)
    except NotFound:
        return False


def consent_of(kind: str) -> Agreed:
    (found,) = (c for c in agreed(JOYCE, "joyce") if c.kind == kind)
    return found


def test_an_objection_takes_the_hospitals_sight_away_at_once() -> None:
    """Domain 1.2: the person has not objected; nobody else loses anything."""
    assert sees(NURSE) and sees(GP)
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    assert not sees(NURSE) and sees(GP)
    (choice,) = choices_of(JOYCE, "joyce").objections
    assert choice.who == "Marlbrook General Hospital" and choice.about == "your whole record"


def test_broken_glass_passes_an_objection_and_still_shows_in_her_log() -> None:
    """Domain 1.2: in an emergency, with a reason, and she is told."""
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    break_glass(NURSE)
    assert sees(NURSE)
    (line,) = (n for n in log(JOYCE, "joyce").lines if n.is_glass and "looked" in n.did)
    assert line.why.endswith("the reason they gave: it was an emergency")


def test_and_ending_it_gives_it_back() -> None:
    """One consent for one organisation: objected, ended, objected again are its versions."""
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    end_consent(JOYCE, consent_of("objection"), version=1, at=AT)
    assert sees(NURSE) and choices_of(JOYCE, "joyce").objections == ()
    object_to(JOYCE, "joyce", HOSPITAL, version=2, at=AT)
    assert not sees(NURSE) and consent_of("objection").version == 3


def test_an_objection_to_the_own_practice_holds_too() -> None:
    """She may object to anybody; the check says what it means for her care."""
    object_to(JOYCE, "joyce", PRACTICE, version=0, at=AT)
    assert not sees(GP) and sees(NURSE)


@pytest.mark.parametrize(("answer", "nurse"), [("yes", True), ("ask", False), ("no", False)])
def test_permission_to_view_is_yes_ask_or_no(answer: str, nurse: bool) -> None:
    """Domain 1.2: ask and no both stand against everybody but her own practice."""
    set_permission(JOYCE, "joyce", answer, (), version=0, at=AT)
    assert (sees(NURSE), sees(GP)) == (nurse, True)
    assert choices_of(JOYCE, "joyce").answer == answer


def test_a_yes_ends_every_no_that_stood() -> None:
    """Also one that somebody else wrote down for her: what she says last is what she said."""
    no = consent_elsewhere()
    put(no)
    assert not sees(NURSE) and choices_of(JOYCE, "joyce").answer == "no"
    consents = agreed(JOYCE, "joyce")
    set_permission(JOYCE, "joyce", "yes", consents, version=0, at=AT)
    assert sees(NURSE) and choices_of(JOYCE, "joyce").answer == "yes"


def consent_elsewhere() -> dict[str, object]:
    from joinedup.people.my_consents import permission

    return {**permission("joyce", "no", AT), "id": "from-the-surgery"}


def test_of_two_windows_the_second_is_told() -> None:
    """House law 4, for the first consent as for its versions; nothing of the second is stored."""
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    with pytest.raises(Stale):
        object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    seen = consent_of("objection")
    end_consent(JOYCE, seen, version=1, at=AT)
    with pytest.raises(Stale):
        end_consent(JOYCE, seen, version=1, at=AT)
    set_permission(JOYCE, "joyce", "no", (), version=0, at=AT)
    with pytest.raises(Stale):
        set_permission(JOYCE, "joyce", "yes", (), version=0, at=AT)
    assert choices_of(JOYCE, "joyce").answer == "no"


def test_a_proxy_is_told_in_words_and_ended_by_the_person() -> None:
    """Who, for what, until when; what she ends is over at once (domain.md 5.1)."""
    trust("contacts", "visits")
    assert sees(SUSAN)
    (choice,) = choices_of(JOYCE, "joyce").trusted
    assert choice.who == "Susan Whitlock" and choice.until == ""
    assert choice.about == ("your name, address and telephone; your stays, visits and appointments")
    proxy = consent_of("proxy")
    end_consent(JOYCE, proxy, version=proxy.version, at=AT)
    assert not sees(SUSAN) and choices_of(JOYCE, "joyce").trusted == ()


def test_every_function_has_words() -> None:
    """A new function cannot come without words for it."""
    assert set(FUNCTION_WORDS) == set(FUNCTIONS)


def test_a_proxy_decides_nothing() -> None:
    """She looks on behalf of, and never chooses for."""
    trust("contacts", "who-looked")
    with pytest.raises(NotPermitted):
        object_to(SUSAN, "joyce", HOSPITAL, version=0, at=AT)
    with pytest.raises(NotPermitted):
        set_permission(SUSAN, "joyce", "no", (), version=0, at=AT)


def test_what_was_not_chosen_is_asked_for() -> None:
    """Each problem names its field."""
    with pytest.raises(Invalid):
        object_to(JOYCE, "joyce", "", version=0, at=AT)
    with pytest.raises(Invalid):
        set_permission(JOYCE, "joyce", "perhaps", (), version=0, at=AT)


def test_what_she_decided_is_in_her_log() -> None:
    """In words, as everything else is."""
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    did = " ".join(n.did for n in log(JOYCE, "joyce").lines if n.is_you)
    assert "asked that an organisation does not see your record" in did


def test_home_is_the_persons_or_of_whoever_trusts_a_proxy() -> None:
    """A worker has no /my of anybody."""
    trust("contacts")
    assert whose(JOYCE) == whose(SUSAN) == "joyce"
    for permit in (GP, NURSE):
        with pytest.raises(NotPermitted):
            whose(permit)


def test_nothing_of_it_is_written_but_consents() -> None:
    """The kinds of `fhir.relationships`, found by any system that reads FHIR."""
    object_to(JOYCE, "joyce", HOSPITAL, version=0, at=AT)
    stored = record.read(JOYCE, "Consent", consent_of("objection").id)
    assert stored.resource["provision"]["type"] == "deny"
    assert stored.author == "Patient/joyce"
