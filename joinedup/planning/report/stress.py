"""STRESS-DES filled from the model itself: the checklist for simulation studies of queues.

Monks et al. 2019, "Strengthening the reporting of empirical simulation studies: STRESS": six
sections, twenty items. What a planner must add (why it was asked) is taken from the scenario.
"""

from msgspec import Struct

from joinedup.planning.network.model import Network
from joinedup.planning.places import Place
from joinedup.planning.report.results import Results
from joinedup.planning.scenarios.pairs import CHANCES

__all__ = ["Item", "Section", "as_markdown", "sections"]


class Item(Struct, frozen=True):
    """One item of the checklist: its number and name, and what is so here."""

    name: str
    lines: tuple[str, ...]


class Section(Struct, frozen=True):
    """One of the six sections."""

    name: str
    items: tuple[Item, ...]


def sections(results: Results, place: Place) -> tuple[Section, ...]:
    """Return the checklist of a scenario, filled."""
    network = place.network()
    return (
        Section("1. Objectives", _objectives(results)),
        Section("2. Logic", _logic(results, network)),
        Section("3. Data", _data(results, place)),
        Section("4. Experimentation", _experimentation(results)),
        Section("5. Implementation", _implementation(results)),
        Section("6. Code access", _access()),
    )


def _objectives(r: Results) -> tuple[Item, ...]:
    options = "; ".join(one.name for one in r.answers)
    return (
        Item("1.1 Purpose", (f"{r.title}. Place: {r.place}. {r.days} days from {r.starts}.",)),
        Item(
            "1.2 Outputs",
            (
                "Beds in use, people kept in a bed waiting for care, people waiting for a bed, "
                "beds shut, waits over 4 and 12 hours, places of care in use: means and by day.",
                "Beds freed: fewer people kept in a bed waiting for care than as it is.",
            ),
        ),
        Item(
            "1.3 Aims of the experiment", (f"Options compared with the place as it is: {options}.",)
        ),
    )


def _logic(r: Results, network: Network) -> tuple[Item, ...]:
    services = tuple(_service_line(network, name) for name in _first_of(network))
    people = tuple(
        f"{c.name}: enters {c.enters}, priority {c.priority}"
        for c in network.classes
        if c.arrivals is not None
    )[:8]
    return (
        Item(
            "2.1 Overview",
            (
                "People come to hospital, wait for a bed, stay, and go home or on to care. Who "
                "waits for care keeps the bed (blocking after service); who comes waits for a bed.",
            ),
        ),
        Item("2.2 Base model", ("As in the place's file; nothing is changed but the background.",)),
        Item("2.3 Scenarios", tuple(r.headlines)),
        Item(
            "2.4 Algorithms",
            (
                "Exact, event by event. Who is next: priority, then who asked first (care: who "
                "asked first). Outbreaks shut beds at random; flu is a wave of random size, peak "
                "and width.",
            ),
        ),
        Item("2.5.1 Entities", people),
        Item(
            "2.5.2 Activities", ("Stays: see the routes in place.toml, with law and parameters.",)
        ),
        Item("2.5.3 Resources", services),
        Item("2.5.4 Queues", ("One for each service; patience as in the parameters.",)),
        Item(
            "2.5.5 Entry and exit", ("Arrivals by month and weekday; who has no next step leaves.",)
        ),
    )


def _first_of(network: Network) -> list[str]:
    return [s.name for s in network.services][:6]


def _service_line(network: Network, name: str) -> str:
    service = next(s for s in network.services if s.name == name)
    if service.capacity is None:
        return f"{name}: no limit"
    if isinstance(service.capacity, int):
        return f"{name}: {service.capacity:,} places"
    values = service.capacity.values
    return f"{name}: {min(values):,.0f} to {max(values):,.0f} places over the time"


def _data(r: Results, place: Place) -> tuple[Item, ...]:
    sources = sorted({p.source for p in place.parameters if not p.assumed})
    assumed = sorted(p.name for p in place.parameters if p.assumed)
    shown = sources[:40]
    return (
        Item("3.1 Sources", tuple(shown)),
        Item(
            "3.2 Preparation",
            ("Derived from raw tables by joinedup/reference/places/derive; fitted curves say so.",),
        ),
        Item(
            "3.3 Inputs", ("The table of parameters, each with value, range, standing and date.",)
        ),
        Item(
            "3.4 Assumptions",
            (
                f"No source gives: {', '.join(assumed[:40])}.",
                *(f"Not known: {u}." for u in r.unknown),
            ),
        ),
    )


def _experimentation(r: Results) -> tuple[Item, ...]:
    rules = r.rules
    pilot = "" if rules.pilot_days is None else (
        f" MSER-5 on a pilot without seasons leaves out {rules.pilot_days}."
    )  # fmt: skip
    enough = "; ".join(f"{name}: {runs:,}" for name, runs in rules.runs_enough.items())
    return (
        Item(
            "4.1 Initialisation",
            (f"Begun in balance, {rules.warm_up_days} days of warm-up.{pilot}",),
        ),
        Item("4.2 Run length", (f"{r.days} days: a winter has an end.",)),
        Item(
            "4.3 Estimation",
            (
                f"{r.runs} paired runs: {-(-r.runs // CHANCES)} draws of every parameter, "
                f"{CHANCES} runs of chance each. Intervals hold nine runs in ten; errors of means "
                "are given.",
                f"Runs that would know the effect to a tenth or half a bed (95%): {enough}.",
            ),
        ),
    )  # fmt: skip


def _implementation(r: Results) -> tuple[Item, ...]:
    return (
        Item("5.1 Software", ("joinedup; versions of everything are in manifest.json.",)),
        Item(
            "5.2 Random numbers",
            (
                "SplitMix64, each number named by seed, run, class, person, place, visit and "
                f"purpose: options share all luck they can. Seed {r.seed}.",
            ),
        ),
        Item("5.3 Execution", ("Event-driven; order of events is fixed, threads change nothing.",)),
        Item("5.4 System", ("Any; the same bytes on every machine with the same versions.",)),
    )


def _access() -> tuple[Item, ...]:
    return (
        Item(
            "6.1 Code",
            ("joinedup, Apache-2.0. `joinedup plan replay manifest.json` plays this again.",),
        ),
    )


def as_markdown(filled: tuple[Section, ...]) -> bytes:
    """Return the checklist as Markdown."""
    lines = ["# STRESS-DES", ""]
    for section in filled:
        lines += [f"## {section.name}", ""]
        for item in section.items:
            lines += [f"**{item.name}**", "", *(f"- {line}" for line in item.lines), ""]
    return "\n".join(lines).encode()
