"""A state machine as a value: which act leads from which state to which, in one table.

Rooms write their tables in `rules` and print them in the manual (house.md, law 10).
"""

from collections.abc import Iterator

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable

__all__ = ["Machine", "Step", "after", "is_possible", "possible", "printed", "reached"]


class Step(Struct, frozen=True):
    """One line: from any of the `sources`, `act` leads to `target`; `words` say what happened."""

    sources: tuple[str, ...]
    act: str
    target: str
    words: str


class Machine(Struct, frozen=True):
    """What something can be: `first` is how it begins, `steps` the whole table."""

    name: str
    first: str
    steps: tuple[Step, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table."""
        named = (s for step in self.steps for s in (*step.sources, step.target))
        return tuple(dict.fromkeys((self.first, *named)))


def possible(machine: Machine, state: str) -> tuple[Step, ...]:
    """Return the lines that begin at a state."""
    return tuple(step for step in machine.steps if state in step.sources)


def is_possible(machine: Machine, state: str, act: str) -> bool:
    """Whether an act may be done in a state."""
    return any(step.act == act for step in possible(machine, state))


def after(machine: Machine, state: str, act: str) -> str:
    """Return the state that an act leads to; refuses, Unprocessable, naming what may be done."""
    for step in possible(machine, state):
        if step.act == act:
            return step.target
    can = ", ".join(step.act for step in possible(machine, state)) or "nothing more"
    words = f"{machine.name}: “{act}” cannot follow “{state}”. What can: {can}."
    raise Unprocessable(Problem("business-rule", words))


def reached(machine: Machine) -> frozenset[str]:
    """Return the states that can be reached from the first."""
    found, new = {machine.first}, {machine.first}
    while new:
        new = {s.target for state in new for s in possible(machine, state)} - found
        found |= new
    return frozenset(found)


def printed(machine: Machine) -> str:
    """Return the table as Markdown, as the manual has it."""
    return "\n".join(_lines(machine)) + "\n"


def _lines(machine: Machine) -> Iterator[str]:
    yield f"## {machine.name}"
    yield ""
    yield f"Begins as `{machine.first}`."
    yield ""
    yield "| From | Act | To | What happened |"
    yield "|---|---|---|---|"
    for step in machine.steps:
        sources = ", ".join(f"`{s}`" for s in step.sources)
        yield f"| {sources} | `{step.act}` | `{step.target}` | {step.words} |"
