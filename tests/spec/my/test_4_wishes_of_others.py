"""My record, chapter 4. What a wish looks like to roles that see no choices about sharing."""

import pytest

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.people.my_actions import object_to, set_permission
from joinedup.people.permission_page import wish_for
from joinedup.people.queries import gather
from tests.load.people import in_care
from tests.spec.my.test_2_what_i_agreed_to import AT, JOYCE
from tests.spec.record.place import COUNCIL, HOSPITAL, NURSE, PRACTICE, days_ago, joyce, put, stay

LINK_WORKER = worker_permit("Practitioner/l", "L", Role.LINK_WORKER, COUNCIL)
BROKER = worker_permit("Practitioner/b", "B", Role.BROKER, COUNCIL)
RECEPTION = worker_permit("Practitioner/r", "R", Role.RECEPTIONIST, HOSPITAL)
AT_HOME = worker_permit("Practitioner/p", "P", Role.RECEPTIONIST, PRACTICE)


@pytest.fixture(autouse=True)
def _in_care(record_database: object) -> None:
    put({"resourceType": "Organization", "id": COUNCIL, "name": "The council"})
    put(joyce(), stay("s1", "joyce", start=days_ago(2)))
    put({**in_care("Patient/joyce", COUNCIL), "id": "team"})


def wish(permit: Permit) -> str:
    """What stands between this reader and the page."""
    return wish_for(permit, gather(permit, "joyce"), AT)


@pytest.mark.parametrize("answer", ["ask", "no"])
def test_ask_and_no_look_alike_to_them(answer: str) -> None:
    """The page explains itself; which of the two was said is not theirs to know."""
    for permit in (LINK_WORKER, BROKER, RECEPTION, NURSE):
        assert wish(permit) == ""
    set_permission(JOYCE, "joyce", answer, (), version=0, at=AT)
    for permit in (LINK_WORKER, BROKER, RECEPTION):
        assert wish(permit) == "hidden"
    assert wish(NURSE) == answer and wish(AT_HOME) == ""
    set_permission(JOYCE, "joyce", "yes", (), version=1, at=AT)
    assert wish(LINK_WORKER) == wish(BROKER) == wish(RECEPTION) == ""


def test_an_objection_is_told_to_whom_it_is_about_alone() -> None:
    """To the council's broker; not at the hospital's desk."""
    object_to(JOYCE, "joyce", COUNCIL, version=0, at=AT)
    assert wish(BROKER) == wish(LINK_WORKER) == "hidden"
    assert wish(RECEPTION) == "" and wish(AT_HOME) == ""
