"""A place with many people to get home at once, and few starts: a round apart from the others."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from joinedup import record
from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.profiles import placement, provider, referral, slot, spell
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Placement, Wanted
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.referral import HubAnswer, Need, Referral
from joinedup.fhir.profiles.slot import FreeStart
from joinedup.fhir.profiles.spell import Spell
from joinedup.record import Create

__all__ = ["NOW", "NOWAK", "build_place"]

NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
NOWAK = worker_permit("Practitioner/nowak", "T Nowak", Role.DISCHARGE_COORDINATOR, "RZ901")
_PLACE = system_permit("import")
_BY = Reference("Practitioner/nowak")
_PROVIDERS = 10
Resource = dict[str, Any]


def build_place(rounds: int, coordinators: int, starts: int) -> list[list[tuple[str, str]]]:
    """Store it; return for each round who asks for which start: (placement, slot)."""
    fixed: list[Resource] = [
        {"resourceType": "Organization", "id": code, "name": code} for code in ("RZ901", "E99901")
    ]
    fixed.append({"resourceType": "Practitioner", "id": "nowak"})
    for n in range(_PROVIDERS):
        fixed += [_provider(n), slot.build_schedule(f"location-{n}")]
    _store(fixed)
    return [_round(n, coordinators, starts) for n in range(rounds)]


def _store(resources: list[Resource]) -> None:
    changes = [Create(r, str(r["id"])) for r in resources]
    record.commit(_PLACE, changes, dangling="keep", action="import")


def _provider(n: int) -> Resource:
    return provider.build(
        CareProvider(
            location=f"location-{n}",
            organisation="E99901",
            owner=f"owner-{n}",
            name=f"Provider {n}",
            telephone="01632 960400",
            registration="active",
            rating="good",
            activities=frozenset({"personal-care"}),
            insured_until=date(2018, 12, 31),
            data_security_until=date(2018, 12, 31),
        )
    )


def _round(number: int, coordinators: int, starts: int) -> list[tuple[str, str]]:
    slots = [f"slot-{number}-{n}" for n in range(starts)]
    area = f"MQ{number + 1}"
    _store([_start(name, area, n) for n, name in enumerate(slots)])
    asked = []
    for n in range(coordinators):
        made = _person(f"{number}-{n}", area)
        _store(made)
        asked.append((str(made[-1]["id"]), slots[n % starts]))
    return asked


def _start(name: str, area: str, n: int) -> Resource:
    return slot.build(
        FreeStart(
            id=name,
            location=f"location-{n % _PROVIDERS}",
            provider="E99901",
            service="reablement",
            area=area,
            band="evening",
            at=NOW + timedelta(hours=8),
            told_at=NOW,
            told_by=_BY,
            week_minutes=420,
        )
    )


def _person(name: str, area: str) -> list[Resource]:
    person, asked = f"Patient/person-{name}", f"asked-{name}"
    stay = Spell(id=f"stay-{name}", person=person, hospital="RZ901", admitted=NOW, beds=())
    words = Referral(
        person=person,
        spell=stay.id,
        purpose="help-at-home",
        needs=(Need("washing", "Needs one person to help her wash"),),
        hospital="RZ901",
        hub="E99901",
        asked_by=str(_BY),
        asked_at=NOW,
        state="package-sought",
    )
    answer = HubAnswer(
        referral=asked, person=person, hub="E99901", state="package-sought", at=NOW, by=str(_BY)
    )
    wanted = Wanted(service="reablement", area=area, begins=NOW.date(), bands=("evening",))
    sought = Placement(
        person=person,
        referral=asked,
        spell=stay.id,
        hub="E99901",
        wanted=wanted,
        asked_by=_BY,
        asked_at=NOW,
        changed_at=NOW,
    )
    return [
        {"resourceType": "Patient", "id": f"person-{name}", "name": [{"family": f"Fam{name}"}]},
        spell.build(stay),
        referral.build(words, asked),
        referral.build_answer(answer),
        placement.build(sought),
    ]
