"""A model: its parameters, its first day, and a network written in their names.

`network` puts numbers in: the values of the table, a draw of them, or those of a scenario.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.files.expressions import Value, WrongExpression, evaluate
from joinedup.planning.files.parameters import Parameter, values_of
from joinedup.planning.files.shape import MISSING, Reader
from joinedup.planning.network.model import Network

__all__ = ["Model", "build", "derived_values"]


class Model(Struct, frozen=True):
    """What a model file says. `body` is the network as written, in names of parameters.

    `derived` names arithmetic of parameters, each line able to use those before it. `unknown`
    says in words what the model does not know, for whoever reads its answers.
    """

    title: str
    starts: date
    parameters: tuple[Parameter, ...]
    body: dict[str, Any]
    derived: dict[str, str] = {}
    unknown: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """The value of every parameter."""
        return values_of(self.parameters)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name; KeyError names those there are."""
        for one in self.parameters:
            if one.name == name:
                return one
        known = ", ".join(p.name for p in self.parameters)
        raise KeyError(f"no parameter {name}: use one of {known}")

    def reckon(self, values: Mapping[str, Value] | None = None) -> dict[str, Value]:
        """Return parameters and derived quantities together, with these values put in."""
        reader = Reader({}, problems=[])
        found = derived_values(self, {**self.values, **(values or {})}, reader)
        if reader.problems:
            raise Invalid(*reader.problems)
        return found

    def network(self, values: Mapping[str, Value] | None = None) -> Network:
        """Return the network with these values in place of the table's (others stay).

        Refuses with Invalid, every problem told.
        """
        return build(self, {**self.values, **(values or {})})


def derived_values(model: Model, values: Mapping[str, Value], reader: Reader) -> dict[str, Value]:
    """Return the values with every derived one added; what cannot be reckoned is told and is 1."""
    found = dict(values)
    for name, text in model.derived.items():
        path = f"derived.{name}"
        if name in values:
            reader.wrong(path, "a parameter has this name: give it another")
        try:
            found[name] = evaluate(text, found)
        except WrongExpression as wrong:
            reader.wrong(path, str(wrong))
            found[name] = 1.0
    return found


def build(
    model: Model, values: Mapping[str, Value], *, problems: list[Problem] | None = None
) -> Network:
    """Return the model's network in numbers; problems are added to the list, or refused."""
    found: list[Problem] = [] if problems is None else problems
    horizon = model.body.get("horizon", 0)
    days = float(horizon) if isinstance(horizon, int | float) and 0 < horizon < 1e6 else 1.0
    reader = Reader(values, starts=model.starts, horizon=days, problems=found)
    reader.values = derived_values(model, values, reader)
    network = reader.read(model.body, Network, "")
    if found and problems is None:
        raise Invalid(*found)
    if network is MISSING:
        return Network((), (), (), 1.0)
    assert isinstance(network, Network)
    return network
