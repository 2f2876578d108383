"""Joining tells nothing: hidden facts change no answer of joining, parting, moving (trust.md F5b).

And it gives sight to nobody who reached neither, not while they are joined and not afterwards.
"""

import re

import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.words import Power, Role
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal
from joinedup.record import Update
from joinedup.record.cluster import Urls
from joinedup.record.looked import sittings
from joinedup.record.merge import merge, move_entry, unmerge
from joinedup.record.sight import withheld
from tests.spec.record.place import (
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    PRACTICE,
    SOCIAL_WORKER,
    find,
    joyce,
    label,
    put,
    stay,
    weight,
)

RECEPTION = worker_permit("Practitioner/pip", "Mr Pip", Role.RECEPTIONIST, PRACTICE)
LABELS = "https://joinedup.example/CodeSystem/label"
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")


@pytest.fixture(autouse=True)
def _organisations(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))


def _pair(name: str, *, hidden: bool) -> None:
    """Two records of the practice's; where asked, with what nobody there is told of."""
    put(joyce(f"{name}a"), joyce(f"{name}b"), weight(f"{name}w", f"{name}b"))
    if hidden:
        adopted = label(LABELS, "adoption")
        put(
            weight(f"{name}h", f"{name}b", meta=adopted),
            weight(f"{name}i", f"{name}a", meta=adopted),
            joyce(f"{name}z", generalPractitioner=[]),
        )
        other = [{"reference": f"Patient/{name}z"}]
        put(weight(f"{name}j", f"{name}b", focus=other))
        put(weight(f"{name}k", f"{name}a", hasMember=[{"reference": f"Observation/{name}w"}],
                   meta=adopted))  # fmt: skip


def _answers(permit: Permit, name: str) -> list[str]:
    """Everything that joining, looking, moving and parting answer, without names and times."""
    one, other = f"{name}a", f"{name}b"
    said: list[object] = []

    def told(value: object) -> None:
        said.append(TIMES.sub("TIME", str(value)).replace(name, "NAME"))

    def looks() -> None:
        for person in (one, other):
            told([s.body for s in find(permit, "Observation", subject=f"Patient/{person}").entries])
            told([s.body for s in find(permit, "Patient", _id=person, _total="accurate").entries])
            told(sorted(s.body for s in record.everything(permit, person).entries))
            told(withheld(permit, person))

    looks()
    merged = merge(permit, one, other, reason="same", if_versions=(1, 1))
    told((merged.kept.body, merged.other.body))
    looks()
    for refusing in (
        lambda: merge(permit, one, other, reason="same", if_versions=(2, 2)),
        lambda: record.commit(permit, [Update(merged.other.resource, 2)]),
    ):
        with pytest.raises(Refusal) as refused:
            refusing()
        told(refused.value)
    parted = unmerge(permit, one, other, reason="two")
    told((parted.kept.body, parted.other.body, parted.written_to_kept, parted.written_to_other))
    if permit is GP:
        told(move_entry(permit, f"Observation/{name}w", one, reason="hers").entry.body)
    looks()
    return [str(each) for each in said]


@pytest.mark.parametrize("permit", [GP, RECEPTION], ids=lambda p: p.role.value)
def test_what_is_silent_changes_no_answer(permit: Permit) -> None:
    """Two pairs that differ only in silent facts are joined, looked at and parted alike."""
    _pair("pln", hidden=False)
    _pair("hid", hidden=True)
    plain, hidden = _answers(permit, "pln"), _answers(permit, "hid")
    for one, other in zip(plain, hidden, strict=True):
        assert one == other


def test_who_reached_neither_sees_neither() -> None:
    """The council has no relationship to either: before, while and after, the same nothing."""
    put(joyce("a"), joyce("b"), weight("w", "b"), stay("e", "b", start="2017-12-01"))
    with pytest.raises(NotFound) as nothing:
        record.read(SOCIAL_WORKER, "Patient", "none")
    for step in ("before", "joined", "parted"):
        if step == "joined":
            merge(GP, "a", "b", reason="same", if_versions=(1, 1))
        if step == "parted":
            unmerge(GP, "a", "b", reason="two")
            with pytest.raises(NotFound):
                record.read(NURSE, "Patient", "a")
        for person in ("a", "b"):
            with pytest.raises(NotFound) as refused:
                record.read(SOCIAL_WORKER, "Patient", person)
            assert str(refused.value) == str(nothing.value).replace("none", person)
            assert find(SOCIAL_WORKER, "Observation", subject=f"Patient/{person}").entries == ()
            assert withheld(SOCIAL_WORKER, person) == ()


def test_entering_somebody_new_gives_no_sight_of_whom_they_prove_to_be() -> None:
    """Who enters a look-alike and has it joined comes to see nothing of the one it was like."""
    put(joyce("real"), weight("w", "real"))
    record.commit(SOCIAL_WORKER, [record.Create(joyce("fake", generalPractitioner=[]), "fake")])
    assert record.read(SOCIAL_WORKER, "Patient", "fake")
    officer = worker_permit("Practitioner/fox", "Ms Fox", Role.PRIVACY_OFFICER, PRACTICE)
    merge(officer, "real", "fake", reason="same", if_versions=(1, 1))
    for kind, name in (("Patient", "real"), ("Observation", "w"), ("Patient", "fake")):
        with pytest.raises(NotFound):
            record.read(SOCIAL_WORKER, kind, name)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.SYSTEM], ids=lambda r: r.value)
def test_only_the_roles_of_the_table_join(role: Role) -> None:
    """Power.MERGE, before anything is looked at; a program never, whatever its role."""
    permit = worker_permit("Practitioner/x", "X", role, PRACTICE)
    refusal = NotFound if permit.may(Power.MERGE) else NotPermitted
    for joins in (
        lambda p: merge(p, "no", "nobody", reason="x", if_versions=(1, 1)),
        lambda p: unmerge(p, "no", "nobody", reason="x"),
    ):
        with pytest.raises(refusal):
            joins(permit)
        token = worker_permit("Practitioner/x", "X", role, PRACTICE, session="token")
        with pytest.raises(NotPermitted):
            joins(token)


def test_the_wrong_persons_log_keeps_what_was_seen_of_a_moved_entry() -> None:
    """The entry is gone from her record; who looked at it is not gone from her log."""
    put(joyce("ann"), joyce("bet"), weight("w", "ann"))
    record.read(GP, "Observation", "w")
    move_entry(GP, "Observation/w", "bet", reason="sister")
    ann = person_permit("ann", "Ann")
    did = {act for s in sittings(ann, "ann") for act in s.did}
    assert {"read", "moved"} <= did
    assert record.read(PLACE, "Observation", "w").version == 2
