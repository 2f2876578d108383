"""What is wrong with a scenario whose fields are there: amounts, days, shares, places, names."""

import math
from collections.abc import Callable, Iterator
from datetime import date

from joinedup.fhir.issue import Invalid, Problem, Refusal
from joinedup.planning import flu
from joinedup.planning.places import Place, code_of
from joinedup.planning.scenarios.changes import MILD, NEVER_FLU
from joinedup.planning.scenarios.model import (
    CareBreaks,
    Change,
    Deferral,
    FluLike,
    Grant,
    Norovirus,
    Option,
    Places,
    Prevention,
    Scenario,
    TurnRound,
    Vaccination,
    Workforce,
)

__all__ = ["MOST_OPTIONS", "MOST_RUNS", "require_fitting", "scenario_problems"]

MOST_RUNS, MOST_OPTIONS, MOST_CHANGES = 10_000, 60, 40
MOST_DAYS, MOST_POUNDS, MOST_NAME = 366, 1e12, 120
FIRST, LAST = date(2015, 1, 1), date(2043, 12, 31)
Tell = Callable[[str, str], None]


def scenario_problems(scenario: Scenario) -> list[Problem]:
    """Return everything wrong with a scenario, by path."""
    found: list[Problem] = []

    def tell(path: str, message: str) -> None:
        found.append(Problem("value", message, path))

    _head(scenario, tell)
    names: set[str] = {"as it is"}
    for i, option in enumerate(scenario.options):
        path = f"options[{i}]"
        if not option.name.strip() or len(option.name) > MOST_NAME:
            tell(f"{path}.name", f"give it a name of 1 to {MOST_NAME} letters")
        if option.name in names:
            tell(f"{path}.name", f"{option.name!r} is there already: give it another name")
        names.add(option.name)
        if not option.changes:
            tell(path, "it changes nothing: add [[options.changes]], or take the option out")
        _changes(option.changes, f"{path}.changes", scenario, tell)
    _changes(scenario.background, "background", scenario, tell)
    return found


def require_fitting(place: Place, option: Option) -> None:
    """Refuse with Invalid a change that names a system which the place does not hold."""
    found = []
    for change in option.changes:
        at = getattr(change, "at", None)
        if at is not None and code_of(at) not in place.codes:
            message = f"{at} is no part of {place.name}: play England, or leave `at` out"
            found.append(Problem("value", f"{option.name}: {message}", "at"))
    if found:
        raise Invalid(*found)


def _head(scenario: Scenario, tell: Tell) -> None:
    if not scenario.title.strip():
        tell("title", "say in a line what is asked")
    if not FIRST <= scenario.starts <= LAST:
        tell("starts", f"give a day from {FIRST} to {LAST}, which people are projected for")
    if not 7 <= scenario.days <= MOST_DAYS:
        tell("days", f"{scenario.days} is given: 7 to {MOST_DAYS} days are wanted")
    if not 2 <= scenario.runs <= MOST_RUNS:
        tell("runs", f"{scenario.runs} is given: 2 to {MOST_RUNS:,} are wanted")
    if scenario.seed < 0:
        tell("seed", "give 0 or a whole number above it")
    if not 1 <= len(scenario.options) <= MOST_OPTIONS:
        tell("options", f"{len(scenario.options)} are given: 1 to {MOST_OPTIONS} are wanted")


def _changes(changes: tuple[Change, ...], path: str, of: Scenario, tell: Tell) -> None:
    if len(changes) > MOST_CHANGES:
        tell(path, f"{len(changes)} are given: at most {MOST_CHANGES}")
    for i, change in enumerate(changes):
        for field, message in _change(change, of):
            tell(f"{path}[{i}].{field}", message)


def _change(change: Change, of: Scenario) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong and what to do)."""
    match change:
        case Grant(amount=amount, price=price):
            if not 0.0 < amount <= MOST_POUNDS:
                yield "amount", f"{amount:g} is given: pounds above 0 and up to a million million"
            if price is not None and not 1.0 <= price <= 1e7:
                yield "price", f"{price:g} is given: pounds a package, from 1 to ten million"
        case Places(more=more, share=share):
            if more == 0.0 and share == 0.0:
                yield "more", "0 is given: say how many more (or fewer, below 0), or a share"
            if not abs(more) <= 1e6 or not -1.0 <= share <= 10.0:
                yield "more", "at most a million places, and a share from -1 (all shut) to 10"
        case Workforce(most_share=most, opens_share_a_week=opens):
            if not 0.0 <= most <= 10.0:
                yield "most_share", f"{most:g} is given: a share of today's places, 0 to 10"
            if opens is not None and not 0.0 < opens <= 10.0:
                yield "opens_share_a_week", f"{opens:g} is given: above 0, up to 10"
        case FluLike(like=like, times=times):
            known = (*(w.winter for w in flu.past_winters()), MILD, NEVER_FLU)
            if like and like not in known:
                yield "like", f"{like!r} is no winter known: use one of {', '.join(known)}"
            yield from _amount("times", times, most=20.0)
        case Norovirus(times=times):
            yield from _amount("times", times, most=20.0)
        case Deferral(share=share, back_over_days=back):
            yield from _amount("share", share)
            yield from _amount("back_over_days", back, most=3660.0)
        case Vaccination(fewer_share=share) | Prevention(fewer_share=share):
            yield from _amount("fewer_share", share)
        case CareBreaks(fewer_admissions_share=fewer, fewer_needing_care_share=needing):
            yield from _amount("fewer_admissions_share", fewer)
            yield from _amount("fewer_needing_care_share", needing)
        case TurnRound(sooner_days=days):
            yield from _amount("sooner_days", days, most=60.0)
    yield from _common(change, of)


def _amount(field: str, value: float, *, most: float = 1.0) -> Iterator[tuple[str, str]]:
    if not (math.isfinite(value) and 0.0 <= value <= most):
        wanted = "a share from 0 to 1" if most == 1.0 else f"0 to {most:g}"
        yield field, f"{value:g} is given: {wanted} is wanted"


def _common(change: Change, of: Scenario) -> Iterator[tuple[str, str]]:
    """What several kinds have: a source, its doubt, days, a system."""
    if hasattr(change, "source") and not change.source.strip():
        yield "source", "say who found it, or why it is thought fair: nobody else can say"
    doubt = getattr(change, "factor_sd", 0.0)
    if not 0.0 <= doubt <= 2.0:
        yield "factor_sd", f"{doubt:g} is given: 0 (no doubt) to 2 is wanted"
    begins, ends = getattr(change, "begins", None), getattr(change, "ends", None)
    first = begins or of.starts
    if ends is not None and ends < first:
        yield "ends", f"{ends} is before {first}: exchange them, or give a later day"
    elif first > of.ends:
        yield "begins", f"{first} is after the last day played, {of.ends}: give an earlier day"
    elif ends is not None and ends < of.starts:
        yield "ends", f"{ends} is before the first day played, {of.starts}: give a later day"
    at = getattr(change, "at", None)
    if at is not None:
        try:
            code_of(at)
        except Refusal as refusal:
            yield "at", refusal.problems[0].message
