"""Everything a reader of a scenario is told, as plain values that a file can hold."""

from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from joinedup.planning.files.parameters import draw_values
from joinedup.planning.places import Place
from joinedup.planning.places.body import CARE
from joinedup.planning.scenarios.answers import (
    Answer,
    Effect,
    Fan,
    answer_all,
    effect_of,
    fan_of,
    headline,
    long_waits,
)
from joinedup.planning.scenarios.average import Average, flow_of
from joinedup.planning.scenarios.changes import Draw, changed, name_in
from joinedup.planning.scenarios.model import Scenario
from joinedup.planning.scenarios.pairs import CHANCES, Pairs
from joinedup.planning.scenarios.rules import Rules, rules_for
from joinedup.planning.scenarios.tornado import Bar, tornado
from joinedup.planning.statistics import Floats
from joinedup.reference.tables import rows

__all__ = ["Flows", "Now", "Results", "Seen", "gather"]

_ANY_DAY = date(2025, 8, 1)
_EMPTY = "norovirus_empty"


class Now(Struct, frozen=True):
    """The place as it is over the days played: means by run.

    `flu` is beds with somebody in them who came with flu; `closed` is beds that outbreaks shut and
    nobody is in, `shut` those shut in all (inferred: by the share of shut beds that is empty).
    """

    in_use: Effect
    held: Effect
    waiting: Effect
    closed: Effect
    shut: Effect
    flu: Effect
    long_waits: Effect
    care_in_use: dict[str, Effect]
    care_waiting: dict[str, Effect]


class Seen(Struct, frozen=True):
    """A published week: its first day from the first played, beds in use, people ready to leave."""

    day: float
    in_use: float | None
    ready: float | None


class Flows(Struct, frozen=True):
    """The same as average flows: people held, and waiting for a bed, as it is and by option."""

    held: dict[str, float]
    waiting: dict[str, float]


class Results(Struct, frozen=True):
    """What a report, a page and a table are written from."""

    title: str
    place: str
    codes: tuple[str, ...]
    starts: date
    days: int
    runs: int
    seed: int
    background: tuple[str, ...]
    headlines: tuple[str, ...]
    now: Now
    answers: tuple[Answer, ...]
    fans: tuple[Fan, ...]
    seen: tuple[Seen, ...]
    bars: tuple[Bar, ...]
    bars_of: str
    rules: Rules
    flows: Flows | None
    unknown: tuple[str, ...]


def gather(scenario: Scenario, pairs: Pairs) -> Results:
    """Return what paired runs of a scenario say."""
    answers = answer_all(pairs)
    place = pairs.place
    return Results(
        title=scenario.title,
        place=place.name,
        codes=place.codes,
        starts=scenario.starts,
        days=scenario.days,
        runs=pairs.runs,
        seed=pairs.seed,
        background=tuple(type(change).__name__ for change in scenario.background),
        headlines=tuple(headline(one, pairs.days) for one in answers),
        now=_now(pairs),
        answers=answers,
        fans=tuple(
            fan_of(pairs, i, measure)
            for measure in ("in_use", "held")
            for i in range(len(pairs.options))
        ),
        seen=_seen(place, scenario),
        bars=tornado(pairs, _main_by_run(pairs, answers[0])),
        bars_of=answers[0].name,
        rules=rules_for(place, answers, runs=pairs.runs, seed=pairs.seed),
        flows=_flows(place, pairs) if len(place.codes) == 1 else None,
        unknown=(*scenario.unknown, *place.model.unknown),
    )


def _main_by_run(pairs: Pairs, first: Answer) -> Floats:
    return -pairs.difference(1, "held" if first.by_supply else "taken")


def _now(pairs: Pairs) -> Now:
    def mean(measure: str, service: str = "beds") -> Effect:
        return effect_of(pairs.mean(0, measure, service))

    return Now(
        in_use=mean("in_use"),
        held=mean("held"),
        waiting=mean("waiting"),
        closed=mean("closed"),
        shut=effect_of(_shut(pairs)),
        flu=effect_of(_flu(pairs)),
        long_waits=effect_of(long_waits(pairs, 0)),
        care_in_use={one: mean("in_use", one) for one in CARE},
        care_waiting={one: mean("waiting", one) for one in CARE},
    )


def _flu(pairs: Pairs) -> Floats:
    """Return beds with people who came with flu: their time in them over the days, by run."""
    place, outcome = pairs.place, pairs.outcomes[0]
    found = np.zeros(pairs.runs)
    for code in place.codes:
        beds, flu = name_in(place, "beds", code), name_in(place, "flu", code)
        found = found + outcome.total("place", beds, flu)
    return found / pairs.days


def _shut(pairs: Pairs) -> Floats:
    """Return beds shut in all: the empty ones over the share of shut beds that is empty."""
    empty = [
        draw_values(pairs.place.parameters, seed=pairs.seed, number=run // CHANCES)[_EMPTY]
        for run in range(pairs.runs)
    ]
    return pairs.mean(0, "closed") / np.array(empty, dtype=np.float64)


def _seen(place: Place, scenario: Scenario) -> tuple[Seen, ...]:
    """Return the weeks that were published of the days played, where there are any."""
    code = place.codes[0] if len(place.codes) == 1 else "ENG"
    ends = scenario.starts + timedelta(days=scenario.days)
    found: dict[str, dict[str, float]] = {}
    for row in rows("places/winters", on=_ANY_DAY):
        if row["code"] == code and row["occupied"]:
            found.setdefault(row["monday"], {})["in_use"] = float(row["occupied"])
    for row in rows("places/ready", on=_ANY_DAY):
        if row["code"] == code:
            left = float(row["not_meeting_criteria"]) - float(row["discharged"])
            found.setdefault(row["monday"], {})["ready"] = left
    return tuple(
        Seen(float((day - scenario.starts).days), week.get("in_use"), week.get("ready"))
        for monday, week in sorted(found.items())
        if scenario.starts <= (day := date.fromisoformat(monday)) < ends
    )


def _flows(place: Place, pairs: Pairs) -> Flows:
    """Return the average flows of the middle values: as it is, and with each option."""
    middle = Draw(place, place.network(), place.model.values, pairs.seed, 0)
    found: dict[str, Average] = {}
    for option in pairs.options:
        network = changed(middle, (*pairs.background.changes, *option.changes))
        found[option.name] = flow_of(network)
    beds = name_in(place, "beds", place.codes[0])
    return Flows(
        held={name: one.held[beds] for name, one in found.items()},
        waiting={name: one.waiting[beds] for name, one in found.items()},
    )
