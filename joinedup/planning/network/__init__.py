"""The model as data: services with places, classes of people, and the routes they take.

`model` holds the values, `curves` makes rates and capacities over time, `sound` says what is
wrong with a network, `flow` how busy its services would be. Nothing here plays anything.
"""

from joinedup.planning.network.curves import seasonal, steady, weekly
from joinedup.planning.network.flow import Load, loads
from joinedup.planning.network.model import (
    Closure,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Network,
    Onward,
    Outbreaks,
    PersonClass,
    Present,
    Route,
    Service,
    Steps,
)
from joinedup.planning.network.sound import concerns, problems, require_sound

__all__ = [
    "Closure",
    "Empirical",
    "Exponential",
    "Fixed",
    "Gamma",
    "Law",
    "Load",
    "Lognormal",
    "Network",
    "Onward",
    "Outbreaks",
    "PersonClass",
    "Present",
    "Route",
    "Service",
    "Steps",
    "concerns",
    "loads",
    "problems",
    "require_sound",
    "seasonal",
    "steady",
    "weekly",
]
