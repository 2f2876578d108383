"""The record, chapter 2. Nobody sees anything without a permit, nor beyond it.

A permit carries an organisation, data classes and labels. Whom the organisation has in its care is
in the record itself: reach, derived from what was stored, tested by PostgreSQL on every row.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Label
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Refusal, Unprocessable
from joinedup.record import Create, Delete, Put, Source, Stored, Update
from tests.spec.record.place import (
    ACT_CODE,
    ANALYST,
    CONFIDENTIALITY,
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    PRACTICE,
    SOCIAL_WORKER,
    Resource,
    days_ago,
    find,
    ids,
    joyce,
    label,
    put,
    service,
    stay,
    weight,
)


def sees(permit: Permit, kind: str = "Patient", identity: str = "joyce") -> bool:
    """Whether reading, searching and the history say the same, and what they say."""
    said = set()
    for look in (record.read, record.history):
        try:
            look(permit, kind, identity)
            said.add(True)
        except NotFound:
            said.add(False)
    said.add(identity in ids(find(permit, kind, _id=identity)))
    assert len(said) == 1
    return said.pop()


class TestReach:
    """Which organisation has whom in its care, from when until when (domain 1.2)."""

    def test_a_stranger_sees_nobody(self) -> None:
        """Three organisations; only the practice where she is registered has her in its care."""
        put(joyce(), weight())
        assert sees(GP)
        assert sees(GP, "Observation", "w1")
        assert not sees(NURSE)
        assert not sees(SOCIAL_WORKER, "Observation", "w1")

    def test_an_organisation_without_parties_sees_nobody(self) -> None:
        """Empty means nothing, never everything (trust.md 2, lesson 12)."""
        put(joyce())
        assert not sees(replace(GP, parties=()))

    def test_a_stay_gives_the_hospital_reach(self) -> None:
        """To all that is known of her, not to the stay alone."""
        put(joyce(), weight(), stay("e1", "joyce", start=days_ago(2)))
        assert sees(NURSE)
        assert sees(NURSE, "Observation", "w1")

    @pytest.mark.parametrize(("days", "seen"), [(10, True), (27, True), (30, False), (400, False)])
    def test_for_28_days_after_it_ended(self, days: int, seen: bool) -> None:
        """Letters and loose ends take a while; then the hospital no longer sees her."""
        put(joyce(), stay("e1", "joyce", start=days_ago(500), end=days_ago(days)))
        assert sees(NURSE) is seen

    def test_but_not_before_it_begins(self) -> None:
        """A stay planned for next week gives no sight today."""
        put(joyce(), stay("e1", "joyce", start=days_ago(-7)))
        assert not sees(NURSE)

    def test_an_end_in_9999_is_no_end(self) -> None:
        """Some systems write "not yet" as the last day there is."""
        put(joyce(), stay("e1", "joyce", start=days_ago(9), end="9999-12-31"))
        assert sees(NURSE)

    def test_reach_goes_with_the_resource_that_gave_it(self) -> None:
        """A stay entered for the wrong woman: deleted, or put right, and she is hidden again."""
        put(joyce(), joyce("ellen"), stay("e1", "joyce", start=days_ago(2)))
        put(stay("e1", "ellen", start=days_ago(2)))
        assert (sees(NURSE), sees(NURSE, "Patient", "ellen")) == (False, True)
        record.commit(PLACE, [Delete("Encounter", "e1")])
        assert not sees(NURSE, "Patient", "ellen")

    def test_having_written_about_somebody_is_no_relationship(self) -> None:
        """The council wrote about her once; only what it does for her lets it see her."""
        put(joyce())
        put(weight(), source=COUNCIL)
        assert not sees(SOCIAL_WORKER)
        put(service("s1", "joyce", start=days_ago(3)))
        assert sees(SOCIAL_WORKER)

    def test_writing_as_a_worker_never_widens_reach(self) -> None:
        """A nurse who knows her number still cannot write herself into her care."""
        put(joyce())
        own = stay("e1", "joyce", start=days_ago(0))
        with pytest.raises(Unprocessable, match="Patient/joyce is not in the record"):
            record.commit(NURSE, [Create(own, "e1")])
        with pytest.raises(Unprocessable):
            record.commit(NURSE, [Create(own, "e1")], dangling="keep")
        link = [{"type": "refer", "other": {"reference": "Patient/joyce"}}]
        with pytest.raises(Unprocessable):
            record.commit(NURSE, [Create(joyce("mine", link=link), "mine")])
        assert not sees(NURSE)

    def test_a_worker_who_registers_somebody_new_sees_them(self) -> None:
        """Whoever is new is known to who wrote them down."""
        record.commit(NURSE, [Create(joyce("new", generalPractitioner=[]), "new")])
        assert sees(NURSE, "Patient", "new")

    def test_but_nobody_whom_the_record_names_already(self) -> None:
        """What an import left without its person would come to light with whoever made up the id.

        The refusal is that of an id in use, and tells no more.
        """
        put(joyce("anna"), joyce("iris", meta=label(ACT_CODE, "SEX")), source=PRACTICE)
        put(weight("w1", "joyce"), source=HOSPITAL)
        put(weight("w2", "anna", performer=[{"reference": "Patient/ellen"}]))
        put(weight("w3", "grace"), source=HOSPITAL)
        put(weight("w3", "anna"), source=HOSPITAL)
        told = []
        for name in ("joyce", "ellen", "grace", "anna", "iris"):
            for change in (Create(joyce(name), id=name), Put(joyce(name))):
                with pytest.raises(Conflict) as refused:
                    record.commit(SOCIAL_WORKER, [change], dangling="keep")
                told.append(str(refused.value))
            assert not sees(SOCIAL_WORKER, "Patient", name)
        assert set(told) == {"This id is taken in the record. Leave it out, or choose another."}
        assert ids(find(SOCIAL_WORKER, "Observation")) == []
        record.commit(SOCIAL_WORKER, [Create(joyce("nobody"), id="nobody")])

    def test_an_import_may_bring_the_person_later(self) -> None:
        """Files come in any order; what they leave dangling waits for its person."""
        put(weight("w1", "joyce"), source=HOSPITAL)
        put(joyce(), source=PRACTICE)
        assert sees(GP, "Observation", "w1")

    def test_a_referral_gives_reach_to_whom_it_is_sent(self) -> None:
        """And so do a task and an episode; the sender's own reach is needed to send it."""
        performer = [{"reference": f"Organization/{COUNCIL}"}]
        put(joyce())
        asked = {**weight("s1"), "resourceType": "ServiceRequest", "status": "active"}
        del asked["code"]
        record.commit(GP, [Create({**asked, "intent": "order", "performer": performer}, "s1")])
        assert sees(SOCIAL_WORKER)

    def test_what_names_two_people_needs_reach_to_both(self) -> None:
        """A letter about her that names her neighbour is not for who knows only one of them."""
        put(joyce(), joyce("ellen", generalPractitioner=[]))
        both = weight("w2", performer=[{"reference": "Patient/ellen"}])
        put(weight(), both)
        assert ids(find(GP, "Observation")) == ["w1"]
        assert not sees(GP, "Observation", "w2")
        put(stay("e1", "ellen", start=days_ago(1)), stay("e2", "joyce", start=days_ago(1)))
        assert sees(NURSE, "Observation", "w2")

    def test_a_statement_is_of_the_person_it_refers_to(self) -> None:
        """Who reaches her sees what every organisation says of her, and nobody else does."""
        link = [{"type": "refer", "other": {"reference": "Patient/joyce"}}]
        put(joyce(), joyce("council-7", generalPractitioner=[], link=link))
        assert sees(GP, "Patient", "council-7")
        assert not sees(NURSE, "Patient", "council-7")


class TestLabels:
    """Sensitive resources carry a label; a permit sees one when it is allowed all its labels."""

    BLIND = replace(GP, labels=0)
    SEXUAL_HEALTH = weight("w1", meta=label(ACT_CODE, "SEX"))

    def test_a_labelled_resource_is_hidden_without_the_label(self) -> None:
        """From who has her in their care too; with the label it is there."""
        put(joyce(), self.SEXUAL_HEALTH)
        assert not sees(self.BLIND, "Observation", "w1")
        assert sees(replace(self.BLIND, labels=int(Label.SEXUAL_HEALTH)), "Observation", "w1")
        assert not sees(replace(self.BLIND, labels=int(Label.DOMESTIC_ABUSE)), "Observation", "w1")

    def test_older_versions_obey_the_locks_of_today(self) -> None:
        """Labelled since: what it said before was not labelled, and is hidden with it."""
        put(joyce(), weight())
        put(self.SEXUAL_HEALTH)
        with pytest.raises(NotFound):
            record.vread(self.BLIND, "Observation", "w1", 1)
        assert not sees(self.BLIND, "Observation", "w1")

    def test_and_those_of_their_own_day(self) -> None:
        """Labelled then and no longer: what was said under the label stays under it."""
        put(joyce(), self.SEXUAL_HEALTH)
        put(weight())
        assert [v.version for v in record.history(self.BLIND, "Observation", "w1").entries] == [2]
        with pytest.raises(NotFound):
            record.vread(self.BLIND, "Observation", "w1", 1)

    def test_a_deleted_resource_stays_under_its_label(self) -> None:
        """That there was one is not told either."""
        put(joyce(), self.SEXUAL_HEALTH)
        record.commit(PLACE, [Delete("Observation", "w1")])
        with pytest.raises(NotFound):
            record.read(self.BLIND, "Observation", "w1")

    def test_a_restricted_person_is_found_by_name_and_never_by_where_they_live(self) -> None:
        """Domain 1.7, 3: withheld fields answer no search either."""
        address = [{"postalCode": "MQ1 4AB"}]
        put(joyce(meta=label(CONFIDENTIALITY, "R"), address=address))
        assert ids(find(GP, "Patient", family="Hallam")) == ["joyce"]
        for asked in ({"address": "MQ1"}, {"address-postalcode": "MQ1 4AB"}):
            assert ids(find(GP, "Patient", **asked)) == []
        assert ids(find(GP, "Patient", **{"general-practitioner": "Organization/Y90001"})) == []

    def test_who_was_shown_a_part_cannot_save_the_whole(self) -> None:
        """What was withheld would be lost."""
        put(joyce(meta=label(CONFIDENTIALITY, "R"), telecom=[{"value": "01632 960001"}]))
        with pytest.raises(NotPermitted, match="shown a part"):
            record.commit(GP, [Update(joyce(), 1)])


class TestDataClasses:
    """What kind of information a row holds decides which roles see it at all."""

    def test_an_analyst_sees_no_person(self) -> None:
        """Of the council that has her in its care: organisations yes, her and hers no."""
        put(joyce(), weight(), service("s1", "joyce", start=days_ago(3)))
        assert sees(SOCIAL_WORKER)
        for kind in ("Patient", "Observation"):
            assert ids(find(ANALYST, kind)) == []
        assert set(ids(find(ANALYST, "Organization"))) == {"Y90001", HOSPITAL, COUNCIL}

    def test_what_may_be_shared_and_names_nobody_is_for_all(self) -> None:
        """Practitioners, places and questionnaires."""
        put({"resourceType": "Practitioner", "id": "ash", "name": [{"family": "Ash"}]})
        assert all(sees(p, "Practitioner", "ash") for p in (GP, NURSE, ANALYST))

    def test_but_not_when_it_names_somebody(self) -> None:
        """A hoist in her bedroom is hers, though hoists are nobody's secret."""
        device = {"resourceType": "Device", "id": "d1", "patient": {"reference": "Patient/joyce"}}
        put(joyce(), device)
        assert sees(GP, "Device", "d1")
        assert not sees(NURSE, "Device", "d1")
        assert not sees(ANALYST, "Device", "d1")

    def test_what_should_name_somebody_and_does_not_is_seen_by_no_worker(self) -> None:
        """An import keeps it for the system to look into; a worker's is refused."""
        nobodys: Resource = {"resourceType": "Flag", "id": "f1", "status": "active"}
        put(nobodys)
        assert not sees(GP, "Flag", "f1")
        assert sees(PLACE, "Flag", "f1")
        with pytest.raises(Unprocessable, match="must name the person"):
            record.commit(GP, [Create(nobodys)])


Look = Callable[[Permit, str], Any]
LOOKS: dict[str, Look] = {
    "read": lambda p, i: record.read(p, "Observation", i),
    "vread": lambda p, i: record.vread(p, "Observation", i, 1),
    "history": lambda p, i: record.history(p, "Observation", i),
    "update": lambda p, i: record.commit(p, [Update(weight(i), 1)]),
    "stale update": lambda p, i: record.commit(p, [Update(weight(i), 9)]),
    "delete": lambda p, i: record.commit(p, [Delete("Observation", i)]),
    "reference": lambda p, i: record.commit(
        p, [Create(weight("n", "anna", hasMember=[{"reference": f"Observation/{i}"}]))]
    ),
    "search": lambda p, i: find(p, "Observation", _id=i, _total="accurate"),
    "chain": lambda p, i: find(p, "Observation", **{"has-member:Observation.status": "final"}),
    "include": lambda p, i: find(p, "Observation", _include="Observation:has-member"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_hidden_and_absent_have_one_answer(name: str) -> None:
    """trust.md 2, lesson 6: whether something exists is told only to who may see it."""
    put(joyce(), weight("hidden"), source=HOSPITAL)
    members = [{"reference": "Observation/hidden"}, {"reference": "Observation/absent"}]
    put(joyce("anna"), weight("a1", "anna", hasMember=members))
    put(joyce(generalPractitioner=[]))
    assert not sees(GP, "Observation", "hidden")
    assert told(name, "hidden") == told(name, "absent").replace("absent", "hidden")


def told(name: str, identity: str) -> str:
    try:
        answer = LOOKS[name](GP, identity)
    except Refusal as refusal:
        return f"{type(refusal).__name__} {refusal}"
    included: tuple[Stored, ...] = answer.included
    return f"{ids(answer)} {ids(included)} {answer.total}"


def test_a_claim_hides_its_holder() -> None:
    """House law 3: who may not see the holder of a number learns that it is held, and no more."""
    number = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}]
    put(joyce(identifier=number))
    with pytest.raises(Refusal) as refused:
        record.commit(NURSE, [Create(joyce("other", identifier=number, generalPractitioner=[]))])
    assert "joyce" not in str(refused.value).lower()
    assert "hallam" not in str(refused.value).lower()


def test_an_import_gives_reach_to_nobody_its_resources_do_not_name() -> None:
    """Neither to whom it was imported for, nor to where the file came from."""
    said = Source(HOSPITAL)
    record.commit(
        replace(PLACE, organisation=COUNCIL), [Put(joyce(), source=said)], dangling="keep"
    )
    assert sees(GP)
    assert not sees(NURSE)
    assert not sees(SOCIAL_WORKER)
