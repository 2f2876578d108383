"""Winter, chapter 5. What is asked, told and found of an operation put off, no program says."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.fhir.issue import NotPermitted
from joinedup.measures.deferring import propose
from joinedup.measures.operations import PROPOSAL, errands_of
from joinedup.record import Change, Create, Delete, Update
from joinedup.record.cluster import Cluster
from tests.spec.record.place import HOSPITAL
from tests.spec.returns.hospital import MARSH, NOWAK, hospital
from tests.spec.winter.operations import NOW, elective, listed


@pytest.fixture(autouse=True)
def place(cluster: Cluster) -> Iterator[None]:
    with hospital(cluster, now=NOW):
        yield


def test_a_program_neither_asks_a_consultant_nor_answers_for_one() -> None:
    """It could otherwise propose anybody, or say that no harm was found."""
    listed(elective(1))
    propose(NOWAK, HOSPITAL, ["list-1"], now=NOW)
    asked = errands_of(MARSH, HOSPITAL, PROPOSAL)["list-1"]
    done = {**asked.resource, "status": "completed"}
    forged = {**asked.resource, "id": "forged"}
    plain = {**asked.resource, "code": {"text": "A note"}}
    changes: tuple[Change, ...] = (
        Update(done, asked.version),
        Update(plain, asked.version),
        Create(forged, "forged"),
        Delete("Task", asked.id, None),
    )
    for change in changes:
        with pytest.raises(NotPermitted, match="by people in pages"):
            record.commit(replace(MARSH, through_token=True), [change])
    for change in (changes[1], changes[3]):
        with pytest.raises(NotPermitted, match="never deleted"):
            record.commit(MARSH, [change])
    assert errands_of(MARSH, HOSPITAL, PROPOSAL)["list-1"].version == asked.version
