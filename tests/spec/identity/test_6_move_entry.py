"""Chapter Identity, 6: an entry filed to the wrong person (issue 2, a person's rights).

It leaves her pages, lists, exports and history; who looked at it stays in her log.
"""

import pytest

from joinedup import record
from joinedup.access.permit import person_permit
from joinedup.fhir.issue import Gone, Invalid, NotFound, NotPermitted, Stale, Unprocessable
from joinedup.fhir.key import resource_key
from joinedup.fhir.provenance import provenance_of
from joinedup.record.looked import sittings
from joinedup.record.merge import merge, move_entry
from joinedup.record.verify import verify
from tests.spec.identity.conftest import Superuser
from tests.spec.record.place import (
    GP,
    HOSPITAL,
    NURSE,
    find,
    ids,
    joyce,
    put,
    stay,
    weight,
)

ANN, BET = person_permit("ann", "Ann"), person_permit("bet", "Bet")


def _two() -> None:
    put(joyce("ann"), joyce("bet"))
    put(
        weight("w1", "ann", subject={"reference": "Patient/ann", "display": "Ann Hallam"},
               text={"status": "generated", "div": "<div>Ann</div>"}),
        source=HOSPITAL,
    )  # fmt: skip


def test_it_leaves_the_wrong_persons_record_altogether() -> None:
    """Her readers find neither it, nor a version of it, nor that it is gone."""
    _two()
    record.read(ANN, "Observation", "w1")
    moved = move_entry(GP, "Observation/w1", "bet", reason="wrong sister")
    assert moved.entry.version == 2 and moved.dropped == ()
    assert ids(find(ANN, "Observation", subject="Patient/ann")) == []
    assert "Observation/w1" not in {s.reference for s in record.everything(ANN, "ann").entries}
    for look in (
        lambda: record.read(ANN, "Observation", "w1"),
        lambda: record.vread(ANN, "Observation", "w1", 1),
        lambda: record.vread(ANN, "Observation", "w1", 2),
        lambda: record.history(ANN, "Observation", "w1"),
    ):
        with pytest.raises(NotFound):
            look()
    assert not list(verify())


def test_it_is_in_the_right_persons_record_and_says_it_was_moved() -> None:
    """Who first said it is kept; who moved it, and when, stands beside it; no name of hers does."""
    _two()
    move_entry(GP, "Observation/w1", "bet", reason="wrong sister")
    found = record.read(BET, "Observation", "w1")
    assert found.resource["subject"] == {"reference": "Patient/bet"}
    assert found.source == HOSPITAL
    assert "Ann" not in found.body and "text" not in found.resource
    told = provenance_of(found).body
    assert "Moved here from another person" in told and "Dr Ash" in told
    assert [s.version for s in record.history(BET, "Observation", "w1").entries] == [2]
    assert [s.version for s in record.history(GP, "Observation", "w1").entries] == [2, 1]


def test_the_audit_stays_and_both_are_told(superuser: Superuser) -> None:
    """Her log still says who looked at it, and that it was moved; the outbox names both."""
    _two()
    record.read(GP, "Observation", "w1")
    move_entry(GP, "Observation/w1", "bet", reason="wrong sister")
    for permit, who in ((ANN, "ann"), (BET, "bet")):
        did = {act for s in sittings(permit, who) if s.worker == GP.worker for act in s.did}
        assert "moved" in did, who
    assert any("read" in s.did for s in sittings(ANN, "ann") if s.worker == GP.worker)
    lines = superuser.execute("select people from record.outbox order by seq desc limit 2")
    told = {person for (people,) in lines for person in people}
    assert {resource_key("Patient", "ann"), resource_key("Patient", "bet")} <= told


def test_what_holds_it_where_it_is_is_named() -> None:
    """Its stay is the wrong person's; a list of hers points at it. Each is named, nothing moves."""
    _two()
    put(stay("e1", "ann", start="2017-12-01"))
    put(weight("w2", "ann", encounter={"reference": "Encounter/e1"}))
    put(weight("w3", "ann", hasMember=[{"reference": "Observation/w2"}]))
    with pytest.raises(Unprocessable) as refused:
        move_entry(GP, "Observation/w2", "bet", reason="wrong sister")
    words = [p.message for p in refused.value.problems]
    assert any("Observation/w3 refers to it" in w for w in words)
    assert any("refers to Encounter/e1" in w for w in words)
    moved = move_entry(GP, "Observation/w3", "bet", reason="sister", drop_references=True)
    assert moved.dropped == ("Observation/w2",) and "hasMember" not in moved.entry.resource
    moved = move_entry(GP, "Observation/w2", "bet", reason="sister", drop_references=True)
    assert moved.dropped == ("Encounter/e1",) and "encounter" not in moved.entry.resource
    assert not list(verify())


def test_a_stay_takes_its_relationship_along() -> None:
    """Whoever saw her by a stay that was never hers sees her no longer."""
    _two()
    put(stay("e1", "ann", start="2017-12-01"))
    assert record.read(NURSE, "Patient", "ann")
    move_entry(GP, "Encounter/e1", "bet", reason="wrong sister")
    assert record.read(NURSE, "Patient", "bet")
    with pytest.raises(NotFound):
        record.read(NURSE, "Patient", "ann")
    assert not list(verify())


def test_to_and_from_records_that_were_joined() -> None:
    """Joined ids are one person: nothing moves between them, and all of them are left at once."""
    _two()
    put(joyce("ada"), weight("w5", "ada"))
    merge(GP, "ann", "ada", reason="same", if_versions=(1, 1))
    for to in ("ann", "ada"):
        with pytest.raises(Invalid):
            move_entry(GP, "Observation/w5", to, reason="try")
    move_entry(GP, "Observation/w5", "bet", reason="wrong sister")
    assert ids(find(ANN, "Observation", subject="Patient/ada")) == ["w1"]
    assert ids(find(BET, "Observation", subject="Patient/bet")) == ["w5"]
    assert not list(verify())


def test_who_may_move_and_what_is_refused() -> None:
    """Both records have to be the writer's to change; details and nothing are not moved."""
    _two()
    put(joyce("far", generalPractitioner=[{"reference": f"Organization/{HOSPITAL}"}]))
    refused = [
        (NotFound, GP, "Observation/w1", "far", "why"),
        (NotFound, GP, "Observation/none", "bet", "why"),
        (NotFound, NURSE, "Observation/w1", "bet", "why"),
        (NotPermitted, ANN, "Observation/w1", "ann", "why"),
        (Invalid, GP, "Observation/w1", "ann", "why"),
        (Invalid, GP, "Observation/w1", "bet", ""),
        (Invalid, GP, "Patient/ann", "bet", "why"),
        (Invalid, GP, f"Organization/{HOSPITAL}", "bet", "why"),
    ]
    for refusal, permit, reference, to, reason in refused:
        with pytest.raises(refusal):
            move_entry(permit, reference, to, reason=reason)
    with pytest.raises(Stale):
        move_entry(GP, "Observation/w1", "bet", reason="why", if_version=7)
    record.commit(GP, [record.Delete("Observation", "w1")])
    with pytest.raises((NotFound, Gone)):
        move_entry(GP, "Observation/w1", "bet", reason="why")
    assert not list(verify())
