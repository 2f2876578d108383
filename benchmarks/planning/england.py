"""England in outline, as one network: 42 systems that lend one another care, for size and speed.

Numbers are round ones of the right size (16 million admissions a year, about 100,000 beds), not a
model of any place: those are made from the figures in `joinedup.planning.places`.
"""

import math

import msgspec

from joinedup.planning.network import (
    Law,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Route,
    Service,
    loads,
    seasonal,
    weekly,
)

__all__ = ["england"]

SYSTEMS, HOSPITALS, COUNCILS = 42, 6, 4
EMERGENCIES_A_DAY, PLANNED_A_DAY = 17_800.0, 27_000.0
NEIGHBOUR = 0.1  # of those who need care, how many live across the border
# Care after hospital: who needs it, of those on a ward for older people, and for how long.
CARE: dict[str, tuple[float, Law]] = {
    "homecare": (0.14, Lognormal(60.0, 50.0)),
    "reablement": (0.08, Lognormal(35.0, 20.0)),
    "rehabilitation": (0.06, Lognormal(26.0, 16.0)),
    "care home": (0.04, Lognormal(400.0, 350.0)),
}
WARDS: dict[str, tuple[float, Law]] = {
    "medical": (0.34, Lognormal(6.0, 8.0)),
    "surgical": (0.16, Lognormal(5.0, 6.0)),
    "older people": (0.16, Lognormal(11.0, 11.0)),
}


def england(*, horizon: float = 365.0, scale: float = 1.0) -> Network:
    """Return the network; places are what is needed on average and a little more."""
    systems = range(SYSTEMS)
    network = Network(
        services=tuple(Service(name) for i in systems for name in _names(i)),
        classes=tuple(c for i in systems for h in range(HOSPITALS) for c in _people(i, h, scale)),
        routes=tuple(r for i in systems for h in range(HOSPITALS) for r in _routes(i, h)),
        horizon=horizon,
        period=7.0,
        wait_bounds=(4.0 / 24.0, 0.5),
    )
    places = {
        load.service: math.ceil(load.wanted + 1.3 * math.sqrt(load.wanted))
        for load in loads(network)
    }
    services = tuple(
        Service(s.name, places[s.name], holders_first=s.name.endswith("medical"))
        for s in network.services
    )
    return msgspec.structs.replace(network, services=services)


def _names(system: int) -> list[str]:
    hospitals = ("A&E", "assessment", "day", *WARDS, "critical")
    care = [f"{system}.{c} {kind}" for c in range(COUNCILS) for kind in CARE]
    return [f"{system}.{h} {ward}" for h in range(HOSPITALS) for ward in hospitals] + care


def _people(system: int, hospital: int, scale: float) -> list[PersonClass]:
    here, share = f"{system}.{hospital}", scale / (SYSTEMS * HOSPITALS)
    week = [1.25, 1.25, 1.25, 1.25, 1.2, 0.5, 0.3]
    planned = weekly([PLANNED_A_DAY * share * day for day in week])
    emergencies = seasonal(EMERGENCIES_A_DAY * share, 0.08, peak=15.0)
    return [
        PersonClass(f"{here} emergency", f"{here} A&E", emergencies, priority=1),
        PersonClass(f"{here} planned", f"{here} day", planned, priority=2),
    ]


def _routes(system: int, hospital: int) -> list[Route]:
    here = f"{system}.{hospital}"
    sick, planned = f"{here} emergency", f"{here} planned"
    wards = tuple(Onward(f"{here} {name}", share) for name, (share, _) in WARDS.items())
    routes = [
        Route(sick, f"{here} A&E", Lognormal(0.2, 0.12), (Onward(f"{here} assessment", 0.99),)),
        Route(sick, f"{here} assessment", Lognormal(0.7, 0.6), wards),
        Route(planned, f"{here} day", Lognormal(0.3, 0.1), (Onward(f"{here} surgical", 0.1),)),
        Route(
            planned, f"{here} surgical", Lognormal(3.0, 3.0), (Onward(f"{here} critical", 0.03),)
        ),
        Route(planned, f"{here} critical", Lognormal(3.0, 4.0)),
    ]
    care = []
    for council, chance in _homes(system, hospital):
        care += [Onward(f"{council} {kind}", share * chance) for kind, (share, _) in CARE.items()]
        routes += [Route(sick, f"{council} {kind}", stay) for kind, (_, stay) in CARE.items()]
    for name, (_, stay) in WARDS.items():
        share = 1.0 if name == "older people" else 0.3
        onward = tuple(Onward(o.to, o.probability * share) for o in care)
        routes.append(Route(sick, f"{here} {name}", stay, onward))
    return routes


def _homes(system: int, hospital: int) -> list[tuple[str, float]]:
    """Whose care people of a hospital need: two councils of their own system, one of the next."""
    first, second = hospital % COUNCILS, (hospital + 1) % COUNCILS
    return [
        (f"{system}.{first}", 0.6),
        (f"{system}.{second}", 0.4 - NEIGHBOUR),
        (f"{(system + 1) % SYSTEMS}.{first}", NEIGHBOUR),
    ]
