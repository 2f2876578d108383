"""Scenarios: what might be done in a place, written as files, and played in pairs on equal luck.

`model` holds the values (`Scenario` is a file, `Option` one thing that might be done, made of
changes), `read` checks files, `changes` makes of an option a network, `pairs` plays them:

    pairs = run_pairs(place, [Option("more", (Places("home care", more=20),))], runs=100, seed=1)
    freed = -pairs.difference(1, "held")  # by run; option 0 is the place as it is
"""

from joinedup.planning.scenarios.model import AS_NOW, Grant, Option, Places, Scenario
from joinedup.planning.scenarios.pairs import Pairs, run_pairs
from joinedup.planning.scenarios.read import read_scenario

__all__ = [
    "AS_NOW",
    "Grant",
    "Option",
    "Pairs",
    "Places",
    "Scenario",
    "read_scenario",
    "run_pairs",
]
