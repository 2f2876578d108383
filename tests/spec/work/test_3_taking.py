"""My work, chapter 3. Taking, giving back, finishing: versions decide, refusals in words."""

import threading

import pytest

from joinedup import record
from joinedup.fhir.issue import NotFound, Refusal, Stale, Unprocessable
from joinedup.fhir.profiles import errand
from joinedup.record.cluster import Urls
from joinedup.work.actions import finish, give_back, take
from joinedup.work.queries import work_of
from tests.spec.record.place import put
from tests.spec.work.errands import (
    COLLEAGUE,
    COORDINATOR,
    DOCTOR,
    NOW,
    call,
    set_scene,
    task,
)


@pytest.fixture(autouse=True)
def scene(record_database: Urls) -> None:
    """A call that waits."""
    set_scene()
    put(call("c1"))


def test_who_takes_it_is_named_to_the_others() -> None:
    """And the person's other readers see nobody new."""
    take(COORDINATOR, "c1", 1, at=NOW)
    (line,) = work_of(COLLEAGUE).lines
    assert (line.taken_by, line.taken_name) == (COORDINATOR.worker, "Cara Cole")


def test_two_take_it_at_once_and_one_has_it() -> None:
    """The other is told; nothing is checked and then done."""
    gate, told = threading.Barrier(8), []

    def run(permit: object) -> None:
        gate.wait()
        try:
            take(permit, "c1", 1, at=NOW)  # type: ignore[arg-type]  # a permit
            told.append("took")
        except Refusal as refusal:
            told.append(type(refusal).__name__)

    threads = [
        threading.Thread(target=run, args=(permit,)) for permit in (COORDINATOR, COLLEAGUE) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["Stale"] * 7 + ["took"]


def test_a_colleague_cannot_take_what_is_taken() -> None:
    """Even with the newest version; they may give it back for somebody who is off sick."""
    take(COORDINATOR, "c1", 1, at=NOW)
    with pytest.raises(Stale, match="Cara Cole has taken this"):
        take(COLLEAGUE, "c1", 2, at=NOW)
    give_back(COLLEAGUE, "c1", 2)
    assert take(COLLEAGUE, "c1", 3, at=NOW).version == 4


def test_what_was_seen_is_what_is_changed() -> None:
    """An old version loses, in words."""
    put({**call("c1"), "description": "Ring twice"})
    with pytest.raises(Stale, match="changed this while you were reading"):
        finish(COORDINATOR, "c1", 1, at=NOW)


def test_done_is_done_in_the_workers_name() -> None:
    """It leaves the list; the Task keeps who and when."""
    stored = finish(COORDINATOR, "c1", 1, at=NOW)
    assert stored.resource["status"] == "completed"
    assert stored.resource["output"][0]["valueReference"]["reference"] == COORDINATOR.worker
    assert work_of(COORDINATOR).lines == ()
    with pytest.raises(NotFound):
        finish(COORDINATOR, "c1", 2, at=NOW)


def test_what_a_colleague_took_is_theirs_to_finish() -> None:
    """Two telephone calls would be one too many."""
    take(COLLEAGUE, "c1", 1, at=NOW)
    with pytest.raises(Stale, match="Dev Dunn"):
        finish(COORDINATOR, "c1", 2, at=NOW)


def test_what_has_a_page_of_its_own_is_not_done_here() -> None:
    """Nor is taken what its own rules guard: whose a record is, an alert."""
    put(task("identity", "i1"))
    with pytest.raises(Unprocessable, match="own page"):
        finish(COORDINATOR, "i1", 1, at=NOW)
    with pytest.raises(Unprocessable, match="Open it"):
        take(COORDINATOR, "i1", 1, at=NOW)


def test_nobody_does_what_is_not_on_their_list() -> None:
    """A doctor who sees her is still not of the hospital's team; nor is any Task an errand."""
    with pytest.raises(Refusal):
        take(DOCTOR, "c1", 1, at=NOW)
    with pytest.raises(NotFound):
        take(COORDINATOR, "nowhere", 1, at=NOW)
    put(task("council-thing", "p1", **{"for": {"reference": "Patient/joyce"}}))
    with pytest.raises(NotFound):
        take(COORDINATOR, "p1", 1, at=NOW)


def test_giving_back_what_nobody_has_is_told() -> None:
    """The list was old."""
    with pytest.raises(Stale, match="Nobody has taken"):
        give_back(COORDINATOR, "c1", 1)


def test_the_history_keeps_who_had_it() -> None:
    """Taking and giving back are versions like any other."""
    take(COORDINATOR, "c1", 1, at=NOW)
    give_back(COORDINATOR, "c1", 2)
    second = record.vread(COORDINATOR, "Task", "c1", 2).resource
    assert errand.taken_by(second)[1] == "Cara Cole"
    assert errand.taken_by(record.read(COORDINATOR, "Task", "c1").resource)[1] == ""
