"""Beds and wards: every worker sees them, the staff of their hospital change them, no program does.

Written from decision 20 and domain.md 9.2, apart from access/policy; asked of the record in
PostgreSQL and of its twin in memory, which must agree.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, narrowed, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound, NotPermitted, Refusal
from joinedup.fhir.profiles.bed import Bed, Ward, build_bed, build_ward
from joinedup.fhir.search.query import parse_query
from joinedup.record import Create, Delete, Put, Update, database
from joinedup.record.cluster import Cluster
from joinedup.record.memory import Memory
from joinedup.record.stamp import stamp
from tests.conftest import _Copied
from tests.security.access.scenario import ROLES
from tests.security.access.stage import ORGANISATION, permit_of

Resource = dict[str, Any]

ELSEWHERE = "RZ905"
SYSTEM = system_permit("import")
STAFF = ("ward-nurse", "ward-manager", "consultant", "discharge-coordinator")
NOBODY = ("person", "proxy")
WORKERS = tuple(role for role in ROLES if role not in (*NOBODY, "system"))
EVERY = -1  # every class that a scope could leave


def ward(hospital: str) -> Resource:
    return build_ward(Ward(id=f"ward-{hospital}", name="Ward 7", hospital=hospital))


def bed(hospital: str, condition: str = "clean") -> Resource:
    return build_bed(
        Bed(
            id=f"bed-{hospital}",
            ward=f"ward-{hospital}",
            name="Bed 1",
            hospital=hospital,
            condition=condition,
        )
    )


def clinic() -> Resource:
    """A place that is no bed: it stays everybody's, and is kept by who keeps the lists."""
    here = {"reference": f"Organization/{ORGANISATION}"}
    return {"resourceType": "Location", "id": "clinic", "managingOrganization": here}


PLACES = [
    *({"resourceType": "Organization", "id": o} for o in (ORGANISATION, ELSEWHERE)),
    *(make(o) for o in (ORGANISATION, ELSEWHERE) for make in (ward, bed)),
    clinic(),
]


class Both:
    """The record and its twin: each call goes to both, and both must answer the same way."""

    def __init__(self) -> None:
        self.twin = Memory()

    def commit(self, permit: Permit, change: Any) -> str:
        """What became of it: "stored", or the name of the refusal."""
        found = {
            self._of(record.commit, permit, change),
            self._of(self.twin.commit, permit, change),
        }
        assert len(found) == 1, f"the record and its twin differ: {found}"
        return found.pop()

    def _of(self, commit: Any, permit: Permit, change: Any) -> str:
        try:
            commit(permit, [change])
        except Refusal as refusal:
            return type(refusal).__name__
        return "stored"

    def reads(self, permit: Permit, kind: str, name: str) -> bool:
        found = set()
        for read in (record.read, self.twin.read):
            try:
                read(permit, kind, name)
                found.add(True)
            except NotFound:
                found.add(False)
        assert len(found) == 1, "the record and its twin differ"
        return found.pop()


@pytest.fixture(scope="module")
def both(cluster: Cluster) -> Iterator[Both]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        made = Both()
        for resource in PLACES:
            assert made.commit(SYSTEM, Put(resource)) == "stored"
        yield made
        database.close()


def version(name: str) -> int:
    return record.read(SYSTEM, "Location", name).version


def turned(hospital: str) -> Update:
    """A bed that is cleaned, or used, by turns: always a change."""
    name = f"bed-{hospital}"
    stands = version(name)
    return Update(bed(hospital, "used" if stands % 2 else "clean"), stands)


@pytest.mark.parametrize("role", WORKERS)
def test_every_worker_sees_the_beds_of_the_place(both: Both, role: str) -> None:
    permit = permit_of(role)
    for hospital in (ORGANISATION, ELSEWHERE):
        assert both.reads(permit, "Location", f"bed-{hospital}")
        assert both.reads(permit, "Location", f"ward-{hospital}")
    found = record.search(permit, parse_query("Location", [])).entries
    assert len(found) == 5


@pytest.mark.parametrize("role", NOBODY)
def test_a_person_sees_the_clinic_and_no_bed(both: Both, role: str) -> None:
    permit = permit_of(role)
    assert both.reads(permit, "Location", "clinic")
    assert not both.reads(permit, "Location", f"bed-{ORGANISATION}")
    found = record.search(permit, parse_query("Location", [("_total", "accurate")]))
    assert [s.id for s in found.entries] == ["clinic"] and found.total == 1


@pytest.mark.parametrize("role", [*WORKERS, *NOBODY])
def test_a_bed_is_changed_by_the_ward_staff_of_its_hospital(both: Both, role: str) -> None:
    permit = permit_of(role)
    answer = both.commit(permit, turned(ORGANISATION))
    assert (answer == "stored") == (role in STAFF), answer


@pytest.mark.parametrize("role", [*WORKERS, *NOBODY])
def test_a_bed_of_another_hospital_is_changed_by_nobody_here(both: Both, role: str) -> None:
    assert both.commit(permit_of(role), turned(ELSEWHERE)) != "stored"


@pytest.mark.parametrize("role", WORKERS)
def test_nothing_is_done_with_a_bed_through_a_token(both: Both, role: str) -> None:
    """Decision 20: a program reads beds and changes none, whoever let it in."""
    permit = narrowed(permit_of(role), sees=EVERY, changes=EVERY)
    assert both.reads(permit, "Location", f"bed-{ORGANISATION}")
    assert both.commit(permit, turned(ORGANISATION)) != "stored"
    by_session = replace(permit_of(role), session="token")
    assert both.commit(by_session, turned(ORGANISATION)) != "stored"


@pytest.mark.parametrize("role", STAFF)
def test_a_bed_is_never_deleted_given_away_or_made_into_something_else(
    both: Both, role: str
) -> None:
    permit, name = permit_of(role), f"bed-{ORGANISATION}"
    stands = version(name)
    plain = {**clinic(), "id": name}
    away = {**bed(ELSEWHERE), "id": name}
    a_ward = {**ward(ORGANISATION), "id": name}
    for change in (
        Delete("Location", name, stands),
        *(Update(resource, stands) for resource in (plain, away, a_ward)),
    ):
        assert both.commit(permit, change) != "stored"
    into = Update({**bed(ORGANISATION), "id": "clinic"}, version("clinic"))
    assert both.commit(permit, into) != "stored"


def test_a_new_bed_is_of_ones_own_hospital(both: Both) -> None:
    nurse = permit_of("ward-nurse")
    own = {**bed(ORGANISATION), "id": "bed-new"}
    other = {**bed(ELSEWHERE), "id": "bed-other"}
    assert both.commit(nurse, Create(own, "bed-new")) == "stored"
    assert both.commit(nurse, Create(other, "bed-other")) == "NotPermitted"


def test_a_file_of_the_hospital_brings_its_beds(both: Both) -> None:
    assert both.commit(SYSTEM, turned(ELSEWHERE)) == "stored"


def test_who_keeps_the_lists_still_keeps_the_other_places(both: Both) -> None:
    """A Location that is no bed stays shared: a consultant keeps the list, a nurse does not."""
    named = {**clinic(), "name": "Eye clinic"}
    assert both.commit(permit_of("ward-nurse"), Update(named, version("clinic"))) != "stored"
    assert both.commit(permit_of("consultant"), Update(named, version("clinic"))) == "stored"


def test_whether_anything_changed_is_asked_by_the_system_alone(both: Both) -> None:
    assert both.twin is not None
    nurse = worker_permit("Practitioner/bell", "Bell", Role.WARD_NURSE, ORGANISATION)
    with pytest.raises(NotPermitted):
        stamp(nurse, [f"Location/bed-{ORGANISATION}"])
    before = stamp(SYSTEM, [f"Location/bed-{ORGANISATION}"])
    record.commit(permit_of("ward-nurse"), [turned(ORGANISATION)])
    assert stamp(SYSTEM, [f"Location/bed-{ORGANISATION}"]) != before
