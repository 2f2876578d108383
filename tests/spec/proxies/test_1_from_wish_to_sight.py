"""Proxies, chapter 1. From the wish to sight: who says what, and that nothing opens before."""

from datetime import date, timedelta

import pytest

from joinedup import record
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.people.proxies.asking import (
    Looking,
    agree,
    ask,
    decline,
    invite,
    take_up,
    waiting_for,
)
from joinedup.people.proxies.deciding import allow, deny
from joinedup.people.proxies.reading import (
    notes_of,
    permit_for_another,
    requests,
    trust_of,
    trusting,
)
from joinedup.people.proxies.states import MOVES, moved
from joinedup.record.cluster import Urls
from tests.spec.proxies.circle import (
    GP,
    JOYCE,
    JOYCE_NUMBER,
    NOW,
    OFFICER,
    PRACTICE_NURSE,
    SUSAN,
    allowed,
    case,
    decision,
    in_months,
    invited,
    stand,
    wish,
)
from tests.spec.record.place import NURSE, find, ids


@pytest.fixture(autouse=True)
def _place(record_database: Urls) -> None:
    stand()


def state() -> list[str]:
    """Where Joyce's requests stand."""
    return [a.state for a in requests(GP, "joyce")]


def sees() -> list[str]:
    """Which of Joyce's entries Susan sees on her behalf."""
    permit = permit_for_another(SUSAN, "joyce")
    kinds = ("Patient", "Encounter", "Observation", "Consent", "Task", "RelatedPerson")
    return [name for kind in kinds for name in ids(find(permit, kind))]


def test_from_invitation_to_sight() -> None:
    """Invited, taken up, judged: each step is somebody's, and only the last opens anything."""
    code = invite(JOYCE, wish(), NOW)
    assert state() == ["requested"] and sees() == []
    assert take_up(SUSAN, code, "", NOW) == "Joyce Hallam"
    assert state() == ["verifying"] and sees() == [] and trust_of(SUSAN, "joyce") is None
    found = case()
    allow(found, GP, decision(), found.asked.version, NOW)
    assert state() == ["active"] and sees() == ["stay"]


def test_visits_and_nothing_else() -> None:
    """Not even the name and address of whose visits they are, nor why somebody agreed."""
    allowed("visits")
    trust = trust_of(SUSAN, "joyce")
    assert trust is not None and trust.functions == ("visits",) and trust.ends is not None
    assert sees() == ["stay"]
    with pytest.raises(NotFound):
        record.read(permit_for_another(SUSAN, "joyce"), "Patient", "joyce")


def test_her_own_record_stays_hers_and_her_mothers_her_mothers() -> None:
    """Two permits and never one: her own shows nothing of Joyce, the other nothing of her."""
    allowed("contacts", "visits")
    own, other = SUSAN, permit_for_another(SUSAN, "joyce")
    assert ids(find(own, "Patient")) == ["susan"] and ids(find(other, "Patient")) == ["joyce"]
    assert ids(find(own, "Encounter")) == []


def test_both_are_told() -> None:
    """Susan finds it among those who trust her; Joyce among those she trusts (domain 5.1)."""
    allowed()
    ((note, trust),) = trusting(SUSAN)
    assert (note.name, note.relationship) == ("Joyce Hallam", "daughter") and trust is not None
    (consent,) = find(JOYCE, "Consent").entries
    assert consent.resource["status"] == "active"


@pytest.mark.parametrize("wrong", ["", "ABCD-2345", "x" * 200])
def test_a_wrong_code_opens_nothing(wrong: str) -> None:
    """And says no more than that it is wrong."""
    invite(JOYCE, wish(), NOW)
    with pytest.raises(Invalid):
        take_up(SUSAN, wrong, "", NOW)
    assert state() == ["requested"]


def test_a_code_is_for_one_person_once_and_for_two_weeks() -> None:
    """Found in a drawer, or by somebody of another name, it is of no use."""
    code = invite(JOYCE, wish(), NOW)
    with pytest.raises(Invalid):
        take_up(SUSAN, code, "", NOW + timedelta(days=14))
    with pytest.raises(Invalid):
        take_up(JOYCE, code, "", NOW)
    take_up(SUSAN, code.lower().replace("-", " "), "", NOW)
    with pytest.raises(Invalid):
        take_up(SUSAN, code, "", NOW)
    other = invite(JOYCE, wish(family="Whitfield"), NOW)
    with pytest.raises(Invalid):
        take_up(SUSAN, other, "", NOW)


LOOKING = Looking(number=JOYCE_NUMBER, given="Joyce", family="Hallam")


def asking(**changes: object) -> None:
    """Susan asks for Joyce's record; the date of birth is Joyce's."""
    ask(SUSAN, LOOKING, wish("visits", "letters", **{"born": date(1933, 5, 11), **changes}), NOW)


def test_she_asks_her_mother_agrees_to_less_and_the_practice_looks() -> None:
    """Asked for visits and letters: Joyce says visits."""
    asking()
    (waiting,) = waiting_for(JOYCE)
    assert waiting.state == "consent_pending" and waiting.wish.functions == ("visits", "letters")
    agree(JOYCE, waiting.id, wish("visits"), waiting.version, NOW)
    found = case()
    assert found.bases == ("own",) and sees() == []
    with pytest.raises(Invalid):
        allow(found, GP, decision("visits", "letters"), found.asked.version, NOW)
    allow(found, GP, decision("visits"), found.asked.version, NOW)
    assert sees() == ["stay"]


def test_she_asks_and_her_mother_says_no() -> None:
    """That is the end of it; and no is not answered twice."""
    asking()
    (waiting,) = waiting_for(JOYCE)
    decline(JOYCE, waiting.id, waiting.version, NOW)
    assert state() == ["rejected"] and waiting_for(JOYCE) == ()
    with pytest.raises(Stale):
        agree(JOYCE, waiting.id, wish("visits"), waiting.version + 1, NOW)


def test_who_cannot_answer_here_is_answered_for_by_the_practice() -> None:
    """With a coded reason: best interests, a document that was seen (domain 5.1)."""
    asking()
    found = case()
    assert "attorney" in found.bases and "own" not in found.bases and "parent" not in found.bases
    with pytest.raises(Invalid):
        allow(found, GP, decision(basis="own"), found.asked.version, NOW)
    consent = allow(found, GP, decision(basis="attorney"), found.asked.version, NOW)
    assert "attorney" in consent.resource["policyRule"]["text"] and sees() == ["stay"]


def test_asking_is_answered_alike_whoever_is_asked_for() -> None:
    """No such number, another name, another birthday: nothing is told, nothing is stored of it."""
    nobody = Looking(number="9990012032", given="J", family="Hallam")
    ask(SUSAN, nobody, wish(born=date(1933, 5, 11)), NOW)
    ask(
        SUSAN,
        Looking(number=JOYCE_NUMBER, given="J", family="Smith"),
        wish(born=date(1933, 5, 11)),
        NOW,
    )
    asking(born=date(1933, 5, 12))
    assert state() == [] and len(notes_of(SUSAN)) == 3
    assert all(note.person == "" for note in notes_of(SUSAN))


def test_asking_twice_is_one_request() -> None:
    """Somebody impatient does not fill her mother's page."""
    asking()
    asking()
    assert state() == ["consent_pending"]


def test_the_practice_may_allow_less_and_shorter_never_more() -> None:
    """Narrowed scope; an end that is sooner (domain 5.1)."""
    invited("visits", "letters", "medicines")
    found = case()
    with pytest.raises(Invalid):
        allow(found, GP, decision("visits", "summary"), found.asked.version, NOW)
    with pytest.raises(Invalid):
        allow(found, GP, decision("visits", until=in_months(7)), found.asked.version, NOW)
    allow(found, GP, decision("visits"), found.asked.version, NOW)
    trust = trust_of(SUSAN, "joyce")
    assert trust is not None and trust.functions == ("visits",)


@pytest.mark.parametrize("unsaid", ["is_safe", "is_needed"])
def test_safe_and_needed_are_both_judged(unsaid: str) -> None:
    """Neither is taken for granted."""
    invited()
    found = case()
    with pytest.raises(Invalid) as wrong:
        allow(found, GP, decision(**{unsaid: False}), found.asked.version, NOW)
    assert [p.path for p in wrong.value.problems] == [unsaid]


def test_the_practice_says_no() -> None:
    """For a coded reason."""
    invited()
    found = case()
    with pytest.raises(Invalid):
        deny(GP, found.asked.id, found.asked.version, reason="", words="", now=NOW)
    deny(GP, found.asked.id, found.asked.version, reason="not-safe", words="", now=NOW)
    assert state() == ["rejected"] and sees() == []


def test_who_may_decide() -> None:
    """A GP, a practice nurse: of the person's own practice, and nobody else."""
    invited()
    with pytest.raises(NotPermitted):
        case(NURSE)
    elsewhere = case(OFFICER)
    assert elsewhere.against
    with pytest.raises(Invalid):
        allow(elsewhere, OFFICER, decision(), elsewhere.asked.version, NOW)
    found = case(PRACTICE_NURSE)
    assert found.against == ()
    allow(found, PRACTICE_NURSE, decision(), found.asked.version, NOW)
    assert sees() == ["stay"]


def test_of_two_who_decide_the_second_is_told() -> None:
    """House law 4."""
    invited()
    found = case()
    allow(found, GP, decision(), found.asked.version, NOW)
    with pytest.raises(Stale):
        allow(found, PRACTICE_NURSE, decision(), found.asked.version, NOW)


def test_every_state_leads_somewhere_or_is_an_end() -> None:
    """One table (house law 10); what does not follow is refused."""
    for state_, nexts in MOVES.items():
        for after in MOVES:
            if after in nexts:
                assert moved(state_, after) == after
            else:
                with pytest.raises(Stale):
                    moved(state_, after)
