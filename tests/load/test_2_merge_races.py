"""Joining while others write, and two who join crosswise: no work is lost, one of two wins."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from joinedup import record
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Conflict, Refusal, Stale
from joinedup.people.disagreement import disagreement_task
from joinedup.record import Create, Update
from joinedup.record.cluster import Urls
from joinedup.record.merge import merge, move_entry, unmerge
from joinedup.record.verify import verify
from tests.spec.record.place import (
    ACT_CODE,
    GP,
    HOSPITAL,
    PLACE,
    PRACTICE,
    find,
    ids,
    joyce,
    label,
    put,
    weight,
)

TURNS, FULL_TURNS = 4, 60
WRITERS, ENTRIES = 4, 12
LIMIT_SECONDS = 120


@pytest.fixture(autouse=True)
def _organisations(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL)))
    put({"resourceType": "Practitioner", "id": "ash"})


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment and return what came of each, refusals too."""
    start = threading.Barrier(len(doings))

    def do(doing: Callable[[], Any]) -> Any:
        start.wait(30)
        try:
            return doing()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(doings)) as pool:
        return [f.result(LIMIT_SECONDS) for f in [pool.submit(do, each) for each in doings]]


def test_of_two_who_join_crosswise_one_wins(full: bool) -> None:
    """A to B and B to A at once: one joining, one clear refusal, and never a circle."""
    for turn in range(FULL_TURNS if full else TURNS):
        one, other = f"a{turn}", f"b{turn}"
        put(joyce(one), joyce(other), weight(f"w{turn}", one), weight(f"v{turn}", other))
        came = at_once(
            lambda one=one, other=other: merge(GP, one, other, reason="x", if_versions=(1, 1)),
            lambda one=one, other=other: merge(GP, other, one, reason="x", if_versions=(1, 1)),
        )
        refused = [c for c in came if isinstance(c, Refusal)]
        assert len(refused) == 1 and isinstance(refused[0], (Stale, Conflict)), came
        for person in (one, other):
            found = sorted(ids(find(GP, "Observation", subject=f"Patient/{person}")))
            assert found == [f"v{turn}", f"w{turn}"]
    assert not list(verify())


def test_what_is_written_while_they_are_joined_and_parted_is_kept(full: bool) -> None:
    """Every entry answered for is under whom it names at the end, and `verify` is clean."""
    for turn in range(FULL_TURNS if full else TURNS):
        one, other = f"a{turn}", f"b{turn}"
        put(joyce(one), joyce(other))

        def write(writer: int, turn: int = turn, one: str = one, other: str = other) -> list[str]:
            made = []
            for n in range(ENTRIES):
                name, who = f"e{turn}-{writer}-{n}", (one, other)[n % 2]
                record.commit(GP, [Create(weight(name, who), name)])
                made.append(name)
            return made

        def join_and_part(one: str = one, other: str = other) -> None:
            for _ in range(3):
                seen = {p: record.read(PLACE, "Patient", p).version for p in (one, other)}
                merge(GP, one, other, reason="x", if_versions=seen)
                unmerge(GP, one, other, reason="y")
            seen = {p: record.read(PLACE, "Patient", p).version for p in (one, other)}
            merge(GP, one, other, reason="x", if_versions=seen)

        came = at_once(join_and_part, *(lambda w=w: write(w) for w in range(WRITERS)))
        assert not [c for c in came if isinstance(c, Refusal)], came
        made = sorted(name for names in came[1:] for name in names)
        for person in (one, other):
            query = {"subject": f"Patient/{person}", "_count": "500"}
            assert sorted(ids(find(GP, "Observation", **query))) == made
        unmerge(GP, one, other, reason="y")
        mine = sorted(ids(find(GP, "Observation", subject=f"Patient/{one}", _count="500")))
        assert mine == [name for name in made if int(name.split("-")[2]) % 2 == 0]
    found = list(verify())
    assert not found, found[:5]


def test_a_change_to_who_is_being_joined_is_told_so(full: bool) -> None:
    """The other Patient is changed while it is joined: one of the two is refused."""
    for turn in range(FULL_TURNS if full else TURNS):
        one, other = f"a{turn}", f"b{turn}"
        put(joyce(one), joyce(other), weight(f"w{turn}", other))
        changed = {**record.read(GP, "Patient", other).resource, "birthDate": "1940-01-02"}
        came = at_once(
            lambda one=one, other=other: merge(GP, one, other, reason="x", if_versions=(1, 1)),
            lambda changed=changed: record.commit(GP, [Update(changed, 1)]),
            lambda turn=turn, one=one: move_entry(GP, f"Observation/w{turn}", one, reason="z"),
        )
        assert sum(isinstance(c, Refusal) for c in came[:2]) == 1, came
        assert ids(find(GP, "Observation", subject=f"Patient/{one}")) == [f"w{turn}"]
    found = list(verify())
    assert not found, found[:5]


def _labels(kind: str, name: str) -> list[str]:
    security = record.read(PLACE, kind, name).resource.get("meta", {}).get("security", ())
    return [coding["code"] for coding in security]


def test_who_is_joined_while_she_is_protected_is_protected_too_or_not_joined(full: bool) -> None:
    """Whoever comes first: no two of one person are ever under different labels."""
    adopted = label(LABEL_CODES, "adoption")
    for turn in range(FULL_TURNS if full else TURNS):
        one, other, third = (f"{n}{turn}" for n in "abc")
        put(joyce(one), joyce(other), joyce(third))
        merge(GP, one, other, reason="x", if_versions=(1, 1))
        kept = record.read(PLACE, "Patient", one).resource
        came = at_once(
            lambda kept=kept: put({**kept, "meta": adopted}),
            lambda one=one, third=third: merge(
                GP, one, third, reason="x", if_versions={one: 2, third: 1}
            ),
        )
        assert not isinstance(came[0], Refusal), came
        joined = [one, other] if isinstance(came[1], Refusal) else [one, other, third]
        assert [_labels("Patient", name) for name in joined] == [["adoption"]] * len(joined)
    found = list(verify())
    assert not found, found[:5]


def test_what_is_said_of_an_entry_while_it_is_labelled_has_the_label(full: bool) -> None:
    """Her words and the label at the same moment: they never stand without it."""
    for turn in range(FULL_TURNS if full else TURNS):
        person, entry = f"a{turn}", f"w{turn}"
        put(joyce(person), weight(entry, person))
        stands = record.read(GP, "Observation", entry).resource
        task = disagreement_task(
            person, stands, "Not so.",
            title="Weight", owner=PRACTICE, requester=GP.worker, at=datetime.now(UTC),
        )  # fmt: skip
        came = at_once(
            lambda entry=entry, person=person: put(
                weight(entry, person, meta=label(ACT_CODE, "SEX"))
            ),
            lambda task=task: record.commit(GP, [Create(task, str(task["id"]))]),
        )
        assert not [c for c in came if isinstance(c, Refusal)], came
        assert _labels("Task", str(task["id"])) == ["SEX"]
    found = list(verify())
    assert not found, found[:5]
