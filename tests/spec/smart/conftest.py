"""A small invented place: Joyce, who is in the care of the surgery, and Bob, who is too."""

import time
from collections.abc import Iterator

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.demo.cast import WOMAN
from joinedup.record import Put, Source
from joinedup.record.cluster import Urls
from tests.load.people import NHS, condition, in_care, observation, patient

JOYCE = WOMAN.id
LABORATORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def _seen(person: str, name: str, category: str, **more: object) -> dict[str, object]:
    coded = {"category": [{"coding": [{"system": LABORATORY, "code": category}]}]}
    return observation(f"Patient/{person}", id=name, **coded, **more)


def store_two_people() -> None:
    """Store them, as the surgery would have."""
    people = ((JOYCE, "9990000018", "Hallam"), ("bob", "9990000026", "Baker"))
    found = [{"resourceType": "Organization", "id": "Y90001", "name": "Fosse Lane Surgery"}]
    for name, number, family in people:
        own = f"Patient/{name}"
        practice = [{"reference": "Organization/Y90001"}]
        told = {"identifier": [{"system": NHS, "value": number}], "generalPractitioner": practice}
        found += [
            patient(family, id=name, **told),
            in_care(own, "Y90001", id=f"in-{name}"),
            condition(own, id=f"problem-{name}"),
            _seen(name, f"blood-{name}", "laboratory"),
            _seen(name, f"pressure-{name}", "vital-signs"),
        ]
    source = Source("Y90001", "Practitioner/x", "gp")
    record.commit(system_permit("test"), [Put(r, source=source) for r in found], dangling="keep")


@pytest.fixture
def place(record_database: Urls) -> Iterator[Urls]:
    """Two people of the surgery, each with a problem, a laboratory result and a blood pressure."""
    from django.db import connections

    from joinedup.smart.bearer import forget_known

    forget_known()
    store_two_people()
    yield record_database
    forget_known()
    connections.close_all()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """A clock that stands still until it is moved; it starts at the real hour."""
    clock = Clock(time.time())
    monkeypatch.setattr("joinedup.signin.clock.seconds", lambda: clock.at)
    return clock


class Clock:
    """What sign-in and apps take for the time."""

    def __init__(self, at: float) -> None:
        self.at = at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds
