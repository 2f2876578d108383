"""Going home, chapter 8. What is arranged first, and who answers where it is not (DI-04, DI-06)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from joinedup.discharge.rules.leaving import (
    CHECKS,
    arranged,
    first_call,
    gone_home,
    leaving_problems,
    letter_due,
    plan_made,
    risk_taken,
    told,
    untold,
    waiting_checks,
)
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import (
    Check,
    Readiness,
    RiskOwner,
    Start,
    Told,
    with_start,
    without_start,
)
from tests.spec.discharge.stays import (
    ADMITTED,
    COORDINATOR,
    NURSE,
    november,
    on_pathway,
    ready,
    stay,
)

MADE, LEAVES, EVENING = november(3), november(6, 14), november(6, 18)


def check(kind: str, state: str = "done") -> Check:
    return Check(kind=kind, state=state, by=COORDINATOR, at=MADE)


def start(at: object = EVENING) -> Start:
    return Start(at=at, provider="AP1", confirmed_by=COORDINATOR, confirmed_at=MADE)


def all_arranged(readiness: Readiness) -> Readiness:
    for kind in CHECKS:
        readiness = arranged(readiness, check(kind))
    return readiness


@pytest.mark.parametrize("pathway", ["1", "2", "3"])
def test_nobody_leaves_on_pathways_1_to_3_before_a_start_is_confirmed(pathway: str) -> None:
    """DI-04: or somebody answers for it by name."""
    standing = on_pathway(pathway, MADE)
    with pytest.raises(Unprocessable, match="before a start is confirmed"):
        gone_home(standing, LEAVES)
    home = gone_home(with_start(standing, start()), LEAVES)
    assert (home.state, home.left, home.method) == ("discharged", LEAVES, "1")
    owner = RiskOwner(worker=NURSE, why="Her daughter stays the first weekend", at=LEAVES)
    assert gone_home(risk_taken(standing, owner), LEAVES).risk_owner == owner


def test_pathway_nought_needs_no_start() -> None:
    assert gone_home(on_pathway("0", MADE), LEAVES).state == "discharged"


def test_a_start_in_the_past_confirms_nothing() -> None:
    """domain.md 9.7: neither when it is confirmed, nor when they leave after it."""
    with pytest.raises(Unprocessable, match="this one is in the past"):
        with_start(on_pathway("1", MADE), start(MADE - timedelta(minutes=1)))
    missed = with_start(on_pathway("1", MADE), start())
    with pytest.raises(Unprocessable, match=r"before they leave\. Confirm a new one"):
        gone_home(missed, EVENING + timedelta(minutes=1))
    with pytest.raises(Unprocessable, match="which provider"):
        with_start(on_pathway("1", MADE), replace(start(), provider=""))


@pytest.mark.parametrize(
    ("worker", "why"), [("Organization/hub", "Nobody else could"), (NURSE, "ok"), (NURSE, "")]
)
def test_a_risk_has_a_name_and_a_reason(worker: str, why: str) -> None:
    owner = RiskOwner(worker=Reference(worker), why=why, at=LEAVES)
    with pytest.raises(Unprocessable):
        risk_taken(on_pathway("1", MADE), owner)


def test_a_plan_is_ready_when_nothing_waits() -> None:
    """9.2: medicines, transport, equipment, carer, money, provider, start."""
    accepted = replace(on_pathway("1", MADE), state="accepted-by-hub")
    assert waiting_checks(accepted) == tuple(CHECKS)
    with pytest.raises(Unprocessable, match="Not arranged yet: medicines to take home, transport"):
        plan_made(accepted)
    assert plan_made(all_arranged(accepted)).state == "plan-ready"


def test_a_confirmed_start_is_the_start_arranged() -> None:
    assert "start" not in waiting_checks(with_start(on_pathway("1", MADE), start()))


def test_pathway_nought_waits_for_less_and_for_no_hub() -> None:
    standing = on_pathway("0", MADE)
    assert waiting_checks(standing) == ("medicines", "transport", "equipment", "carer")
    assert plan_made(all_arranged(standing)).state == "plan-ready"
    with pytest.raises(Unprocessable, match="the hub accepts the referral first"):
        plan_made(all_arranged(on_pathway("1", MADE)))
    with pytest.raises(Unprocessable, match="Decide the pathway first"):
        plan_made(all_arranged(ready(MADE)))


def test_what_was_arranged_can_fall_through() -> None:
    """The last word on each counts; a word that is none is refused."""
    standing = arranged(on_pathway("0", MADE), check("transport"))
    assert "transport" not in waiting_checks(standing)
    assert "transport" in waiting_checks(arranged(standing, check("transport", "waiting")))
    assert len(arranged(standing, check("transport", "not-needed")).checks) == 1
    for wrong in (check("taxi"), check("transport", "maybe")):
        with pytest.raises(Unprocessable, match="nothing that is arranged here"):
            arranged(standing, wrong)


def test_person_and_carer_are_told_in_their_format_or_it_is_said_that_nobody_did() -> None:
    """DI-06: a warning, since nobody is kept in hospital by a missing tick."""
    standing = arranged(on_pathway("0", MADE), check("carer"))
    assert untold(standing) == ("person", "carer")
    warnings = [p for p in leaving_problems(standing, LEAVES) if p.severity == "warning"]
    assert len(warnings) == 2
    large = Told(who="person", way="large print, read to her", by=NURSE, at=MADE, consent="agreed")
    assert untold(told(standing, large)) == ("carer",)
    assert gone_home(standing, LEAVES).state == "discharged"
    for wrong in (replace(large, way=" "), replace(large, who="neighbour")):
        with pytest.raises(Unprocessable, match="in which form"):
            told(standing, wrong)


def test_a_plan_without_a_carer_tells_the_person_alone() -> None:
    assert untold(arranged(on_pathway("0", MADE), check("carer", "not-needed"))) == ("person",)


def test_nobody_goes_home_unready_or_without_a_pathway() -> None:
    """Every discharge is counted by one pathway (DI-09)."""
    with pytest.raises(Unprocessable) as refused:
        gone_home(stay(), LEAVES)
    words = " ".join(p.message for p in refused.value.problems)
    assert "Review the criteria first" in words and "Decide the pathway first" in words


def test_nobody_leaves_before_they_came() -> None:
    """domain.md 9.7: discharge before admission."""
    with pytest.raises(Unprocessable, match="before they came in"):
        gone_home(on_pathway("0", MADE), ADMITTED - timedelta(hours=1))


@pytest.mark.parametrize(("method", "destination"), [("4", "79"), ("1", "79"), ("6", "19")])
def test_the_dead_do_not_go_home(method: str, destination: str) -> None:
    """domain.md 9.7: discharged dead; and who leaves of their own accord has their own button."""
    with pytest.raises(Unprocessable, match="have their own buttons"):
        gone_home(on_pathway("0", MADE), LEAVES, method=method, destination=destination)


def test_leaving_ends_the_wait_and_its_reason() -> None:
    home = gone_home(on_pathway("0", MADE), LEAVES)
    assert home.ready is None and home.delay is None
    assert home.spans[-1].ended_by == home.delays[-1].ended_by == "discharged"
    with pytest.raises(Unprocessable, match="cannot follow “discharged”"):
        gone_home(replace(home, spans=on_pathway("0", MADE).spans), LEAVES)


def test_the_practice_has_the_letter_in_a_day_and_somebody_rings_within_two() -> None:
    """DI-06, DI-07."""
    assert letter_due(LEAVES) == november(7, 14)
    assert first_call(LEAVES) == (november(7, 14), november(8, 14))


def test_a_start_that_fell_through_undoes_the_plan() -> None:
    """What a broker writes: the state is that of `undo`, or it stays (domain.md 9.2)."""
    standing = with_start(on_pathway("1", MADE), start())
    assert without_start(standing) == on_pathway("1", MADE)
    fallen = without_start(replace(standing, state="plan-ready"))
    assert (fallen.start, fallen.state) == (None, after(WAY_HOME, "plan-ready", "undo"))
