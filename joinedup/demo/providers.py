"""Who gives care in Marlbrook and Wexby, and what they have free this Tuesday.

Six invented providers: one whose insurance runs out soon, one rated inadequate, one whose
registration was cancelled, one with care homes. Who needs them is in `going_home`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import system_permit
from joinedup.demo.cast import COUNCIL, HOME_CARE, NOW, TODAY, worker
from joinedup.demo.people import chance_of
from joinedup.demo.writing import Resource, at
from joinedup.fhir.profiles import provider as providers
from joinedup.fhir.profiles import slot
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import BANDS, FreeStart
from joinedup.record.change import Create, Source
from joinedup.record.write import commit

__all__ = ["PROVIDERS", "arrange_care"]

_PERMIT = system_permit("demo")
_HOLT, _NOWAK, _ELLIS = worker("debbie-holt"), worker("tomasz-nowak"), worker("dawn-ellis")
_AREAS = ("MQ1", "MQ2", "MQ3", "WQ1", "WQ2")
_HOURS = {"morning": 8, "midday": 12, "tea": 16, "evening": 18, "night": 22}
_SOUGHT = ("reablement", "MQ1", "evening")
"""What everybody wants tonight: one start of each provider that gives it."""
_CARE = frozenset({"personal-care"})


class Provider(Struct, frozen=True, kw_only=True):
    """One provider: its location, what it gives, and in a hundred chances how many starts."""

    said: CareProvider
    services: tuple[str, ...]
    chance: int
    told: datetime
    carers: int = 1


def _provider(number: int, name: str, rating: str, **more: object) -> CareProvider:
    said: dict[str, object] = {
        "location": f"1-9000010{number}",
        "organisation": f"VZ90{number}",
        "owner": f"1-9000020{number}",
        "name": name,
        "telephone": f"01632 96042{number}",
        "registration": "active",
        "rating": rating,
        "activities": _CARE,
        "insured_until": date(2018, 9, 30),
        "data_security_until": date(2018, 6, 30),
        "hour_pence": 1_560 + 20 * number,
    }
    return CareProvider(**(said | more))  # type: ignore[arg-type]  # each is of its field


_HOMES = frozenset({"accommodation", "nursing-accommodation"})
PROVIDERS = (
    Provider(
        said=_provider(1, HOME_CARE.name, "good", telephone=HOME_CARE.telephone),
        services=("reablement", "home-care"),
        chance=45,
        told=at(TODAY, 9, 20),
    ),
    Provider(
        said=_provider(2, "Harbour Lights Care", "outstanding"),
        services=("reablement", "home-care", "live-in"),
        chance=25,
        told=at(TODAY, 8, 5),
        carers=2,
    ),
    Provider(
        said=_provider(
            3, "Wrenfield Care at Home", "requires-improvement", insured_until=date(2018, 2, 3)
        ),
        services=("home-care", "reablement"),
        chance=30,
        told=at(TODAY - timedelta(days=1), 16, 40),
    ),
    Provider(
        said=_provider(4, "Lowfield Homecare", "inadequate"),
        services=("home-care", "reablement"),
        chance=40,
        told=at(TODAY, 7, 50),
    ),
    Provider(
        said=_provider(5, "Green Lane Care", "good", registration="cancelled"),
        services=("home-care", "reablement"),
        chance=40,
        told=at(TODAY - timedelta(days=12), 9),
    ),
    Provider(
        said=_provider(
            6,
            "The Limes and Beech House",
            "good",
            activities=_HOMES,
            nursing=True,
            week_pence=72_000,
        ),
        services=("residential-home", "nursing-home"),
        chance=50,
        told=at(TODAY, 8, 45),
    ),
)
"""Kingfisher's is the one whose worker has an account; ids and telephones are invented."""


def arrange_care(seed: int) -> None:
    """Store the providers with what they have free."""
    resources = [r for provider in PROVIDERS for r in _of_provider(provider, seed)]
    changes = [Create(r, str(r["id"]), Source(COUNCIL.code)) for r in resources]
    commit(_PERMIT, changes, dangling="keep", action="import", now=at(TODAY, 9, 30))


def _of_provider(one: Provider, seed: int) -> Iterator[Resource]:
    said = one.said
    if said.organisation != HOME_CARE.code:
        yield {
            "resourceType": "Organization",
            "id": said.organisation,
            "name": said.name,
            "telecom": [{"system": "phone", "value": said.telephone}],
        }
    yield providers.build(said)
    yield slot.build_schedule(said.location)
    yield from _starts(one, seed)


def _starts(one: Provider, seed: int) -> Iterator[Resource]:
    chance = chance_of(seed, one.said.location, "free")
    for service in one.services:
        bands = ("",) if service in slot.HOMES else tuple(BANDS)
        for area in _AREAS:
            for band in bands:
                has, many = chance.randrange(100) < one.chance, chance.choice((1, 1, 2))
                if (service, area, band) == _SOUGHT:
                    has, many = True, 1
                if has:
                    for number in range(many):
                        yield slot.build(_start(one, service, area, band, number))


def _start(one: Provider, service: str, area: str, band: str, number: int) -> FreeStart:
    """A start this evening is tonight; one for a time of day that is over is tomorrow's."""
    hour = _HOURS.get(band, 14)
    day = TODAY if at(TODAY, hour) > NOW else TODAY + timedelta(days=1)
    is_home = service in slot.HOMES
    return FreeStart(
        id="-".join(filter(None, (one.said.location, service, area.lower(), band, str(number)))),
        location=one.said.location,
        provider=one.said.organisation,
        service=service,
        area=area,
        band=band,
        at=at(day, hour),
        told_at=one.told,
        told_by=Reference(
            _HOLT.reference if one.said.organisation == "VZ901" else _ELLIS.reference
        ),
        week_minutes=0 if is_home else 420,
        carers=1 if is_home else one.carers,
    )
