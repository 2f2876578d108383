"""Brokerage, chapter 9. Labels: what is kept from somebody stays so, whoever writes next."""

from datetime import timedelta
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import person_permit
from joinedup.brokerage.actions import free_lapsed, hold
from joinedup.brokerage.answers import confirm_visit, say_no, say_yes
from joinedup.brokerage.links import answers_as
from joinedup.brokerage.overdue import errand_id, raise_overdue
from joinedup.brokerage.presenters import area_of
from joinedup.brokerage.starting import confirm_start
from joinedup.fhir.classes import Label, labels_on
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles import referral
from joinedup.fhir.withholding import with_label
from joinedup.record import Update
from tests.spec.brokerage.scene import ELLIS, EVENING, HOLT, NOW, NOWAK, sought
from tests.spec.record.place import CONFIDENTIALITY, PLACE, joyce, put

pytestmark = pytest.mark.usefixtures("scene")
SOON = NOW + timedelta(minutes=10)
TONIGHT = NOW + timedelta(hours=8)
ABUSE = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "SDV"}
RESTRICTED = {"system": CONFIDENTIALITY, "code": "R"}
ANSWER = referral.answer_id("asked-joyce")


def resource(kind: str, name: str) -> dict[str, Any]:
    return record.read(PLACE, kind, name).resource


def label(kind: str, name: str) -> None:
    """A label of domestic abuse, put on what is there already."""
    found = record.read(PLACE, kind, name)
    labelled = found.resource | {"meta": {"security": [ABUSE]}}
    record.commit(PLACE, [Update(labelled, found.version)])


def test_a_search_for_care_is_kept_from_whom_its_referral_is_kept_from() -> None:
    """The privacy officer keeps a referral from Joyce: what is looked for says the same of her."""
    found = record.read(PLACE, "ServiceRequest", "asked-joyce")
    kept = with_label(found.resource, "serious-harm")
    record.commit(PLACE, [Update(kept, found.version)])
    placement = sought().id
    with pytest.raises(NotFound):
        record.read(person_permit("joyce", "Joyce Hallam"), "Task", placement)
    hold(NOWAK, placement, EVENING, now=NOW)
    say_yes(HOLT, placement, "o1", starts=TONIGHT, now=SOON)
    assert labels_on(resource("Task", placement)) == Label.SERIOUS_HARM


@pytest.mark.parametrize("way", ["yes", "no", "by the link", "no answer in time"])
def test_no_answer_takes_a_label_off(way: str) -> None:
    """Who answers an offer, and the job that ends one, write over what they may not see."""
    placement = sought().id
    hold(NOWAK, placement, EVENING, now=NOW)
    label("Task", placement)
    label("Task", ANSWER)
    if way == "no answer in time":
        assert free_lapsed(NOW + timedelta(hours=3)) == 1
    elif way == "no":
        say_no(HOLT, placement, "o1", reason="area", words="", now=SOON)
    else:
        who = HOLT if way == "yes" else answers_as("VZ901")
        say_yes(who, placement, "o1", starts=TONIGHT, now=SOON)
    for name in (placement, ANSWER):
        assert labels_on(resource("Task", name)) == Label.DOMESTIC_ABUSE, name
        assert record.read(PLACE, "Task", name).version > 2


def test_nor_does_a_first_visit() -> None:
    """It closes the referral, the hub's Task and the search for care."""
    placement = sought().id
    hold(NOWAK, placement, EVENING, now=NOW)
    say_yes(HOLT, placement, "o1", starts=TONIGHT, now=SOON)
    confirm_start(NOWAK, placement, now=SOON)
    named = [("Task", placement), ("Task", ANSWER), ("ServiceRequest", "asked-joyce")]
    for kind, name in named:
        label(kind, name)
    confirm_visit(HOLT, placement, "o1", at=TONIGHT, now=TONIGHT)
    for kind, name in named:
        assert labels_on(resource(kind, name)) == Label.DOMESTIC_ABUSE, name


def test_a_visit_that_nobody_confirmed_is_told_under_the_labels_of_its_placement() -> None:
    placement = sought().id
    hold(NOWAK, placement, EVENING, now=NOW)
    say_yes(HOLT, placement, "o1", starts=TONIGHT, now=SOON)
    late = confirm_start(NOWAK, placement, now=SOON).placement
    label("Task", placement)
    assert raise_overdue(TONIGHT + timedelta(hours=3)) == 1
    assert labels_on(resource("Task", errand_id(late))) == Label.DOMESTIC_ABUSE


@pytest.mark.parametrize(("security", "area"), [([], "MQ1"), ([RESTRICTED], "")])
def test_where_a_restricted_person_lives_is_not_filled_in(
    security: list[dict[str, str]], area: str
) -> None:
    """The form of what is wanted begins with her area, of somebody whose address is no secret."""
    labelled = {"meta": {"security": security}} if security else {}
    put(joyce("joyce", address=[{"postalCode": "MQ1 2AB"}], **labelled))
    assert area_of(ELLIS, "Patient/joyce") == area
