"""A hospital on 3 November 2025: 42 ready to go home, 15 gone, 27 still there at midnight."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.spell import Spell
from joinedup.record import Put, database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.visitors import Visitors, visitors
from tests.spec.discharge.stays import november, ready, stay, went
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, PRACTICE, joyce, put

DAY = date(2025, 11, 3)
NEXT_ELEVEN = november(4, 10, 50)
NOWAK = worker_permit("Practitioner/nowak", "Mr Nowak", Role.DISCHARGE_COORDINATOR, HOSPITAL)
MARSH = worker_permit("Practitioner/marsh", "Dr Marsh", Role.CONSULTANT, HOSPITAL)
ODUYA = worker_permit("Practitioner/oduya", "Mr Oduya", Role.WARD_MANAGER, HOSPITAL)
REID = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL)
ANALYST = worker_permit("Practitioner/dean", "Mr Dean", Role.ANALYST, COUNCIL)
ELSEWHERE = worker_permit("Practitioner/far", "Ms Far", Role.DISCHARGE_COORDINATOR, "RZ999")


def still(name: str, since: datetime, *, admitted: datetime | None = None) -> Readiness:
    """Somebody ready who has not left."""
    came = admitted or november(1)
    here = stay(spell=name, person=f"Patient/{name}", hospital=HOSPITAL, admitted=came)
    return ready(since, before=here)


def gone(
    name: str, at: datetime, *, pathway: str = "0", since: datetime | None = None
) -> Readiness:
    """Somebody who went home."""
    left = went(name, since=since or november(2), at=at, pathway=pathway)
    return replace(left, hospital=HOSPITAL)


def forty_two() -> list[Readiness]:
    """42 ready on the day: 10 leave by five, 5 in the evening, 27 remain (9.9 example 10)."""
    early = [gone(f"early-{n}", november(3, 9 + n % 8), pathway=str(n % 4)) for n in range(10)]
    late = [gone(f"late-{n}", november(3, 18 + n), since=november(3, 7)) for n in range(5)]
    return [*early, *late, *(still(f"still-{n:02}", november(3, n % 24)) for n in range(27))]


def encounter(one: Readiness) -> dict[str, Any]:
    """The stay itself, as the hospital's own system says it."""
    return spell.build(
        Spell(
            id=one.spell,
            person=one.person,
            hospital=one.hospital,
            admitted=one.admitted,
            left=one.left,
            method=one.method,
            destination=one.destination,
        )
    )


def admit(people: Iterable[Readiness], *, came: datetime, **about: Any) -> None:
    """Write these people, their stays and how they stand into the record, as come at a time."""
    changes: list[Put] = []
    for one in people:
        name = one.person.removeprefix("Patient/")
        changes.append(Put(joyce(name, name=[{"family": name.title()}], **about)))
        changes += [Put(encounter(one)), Put(readiness.build(one))]
    record.commit(PLACE, changes, dangling="keep", now=came)


def rewrite(people: Sequence[Readiness]) -> None:
    """Put right how these people stand, now."""
    record.commit(PLACE, [Put(readiness.build(one)) for one in people], dangling="keep")


@contextmanager
def hospital(cluster: Cluster, *, now: datetime = NEXT_ELEVEN) -> Iterator[None]:
    """Connect a record of its own with the hospital's workers in it and nobody in a bed."""
    with _Copied(cluster) as urls:
        database.configure(urls.application, moment=now)
        try:
            put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
            names = ("nowak", "marsh", "oduya", "reid", "dean", "grace-adeyemi", "tomasz-nowak")
            put(
                *(
                    {"resourceType": "Practitioner", "id": n, "name": [{"text": n.title()}]}
                    for n in names
                )
            )
            yield
        finally:
            database.close()


@contextmanager
def offices(*, now: datetime = NEXT_ELEVEN) -> Iterator[Visitors]:
    """Lend what signs in Mr Nowak, Dr Marsh, Mr Oduya, Ms Reid and Mr Dean, at an hour."""
    with visitors(NOWAK, MARSH, ODUYA, REID, ANALYST) as sign_in:
        from django.test import override_settings

        with override_settings(JOINEDUP_NOW=now):
            yield sign_in


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be another hour for the pages."""
    from django.test import override_settings

    with override_settings(JOINEDUP_NOW=moment):
        yield


__all__ = [
    "ANALYST",
    "DAY",
    "ELSEWHERE",
    "MARSH",
    "NEXT_ELEVEN",
    "NOWAK",
    "ODUYA",
    "REID",
    "admit",
    "at",
    "encounter",
    "forty_two",
    "gone",
    "hospital",
    "offices",
    "rewrite",
    "still",
]
