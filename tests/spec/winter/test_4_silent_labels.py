"""Winter, chapter 4. A place on the list under a label: told that it is there, or silent."""

from collections.abc import Iterator

import pytest

from joinedup.access.permit import Permit
from joinedup.fhir.profiles.elective import build
from joinedup.measures.operations import waiting_list
from joinedup.record.cluster import Cluster
from tests.spec.record.place import CONFIDENTIALITY, HOSPITAL, put
from tests.spec.returns.hospital import MARSH, NOWAK, ODUYA, hospital
from tests.spec.winter.operations import DAY, NOW, elective, listed

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture(autouse=True)
def place(cluster: Cluster) -> Iterator[None]:
    with hospital(cluster, now=NOW):
        yield


@pytest.mark.parametrize(
    ("who", "system", "code", "counts"),
    [
        (NOWAK, CONFIDENTIALITY, "R", 1),
        (NOWAK, ACT, "SEX", 0),
        (NOWAK, ACT, "SDV", 0),
        (ODUYA, ACT, "SDV", 1),
        (MARSH, ACT, "SEX", 1),
        (MARSH, CONFIDENTIALITY, "R", 0),
    ],
)
def test_what_is_silent_to_a_reader_is_not_counted_either(
    who: Permit, system: str, code: str, counts: int
) -> None:
    """A consultant sees what is restricted; a coordinator is told of it, and of no more."""
    listed(elective(1), elective(2))
    put(build(elective(2)) | {"meta": {"security": [{"system": system, "code": code}]}})
    found = waiting_list(who, HOSPITAL, on=DAY)
    sees = code == "R" and who is MARSH
    assert len(found.entries) == (2 if sees else 1)
    assert found.hidden == counts
