"""Going home, chapter 5. The two tables of states, and that nothing goes round them.

They are printed in docs/discharge.md.
"""

from pathlib import Path

import pytest

from joinedup.discharge.manual import discharge_manual
from joinedup.discharge.rules.states import IN_HOSPITAL, LEFT, WAY_HOME
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.machine import Machine, after, is_possible, possible, reached
from joinedup.fhir.profiles.referral_states import REFERRAL
from tests.spec.discharge.stays import november

ROOT = Path(__file__).parents[3]
TABLES = (WAY_HOME, REFERRAL)


def walk(machine: Machine, *acts: str) -> str:
    """The state after acts, one by one, from the first."""
    state = machine.first
    for act in acts:
        state = after(machine, state, act)
    return state


@pytest.mark.parametrize("machine", TABLES, ids=lambda m: m.name)
def test_every_state_can_be_reached_and_no_act_is_told_twice(machine: Machine) -> None:
    assert reached(machine) == set(machine.states)
    lines = [(source, step.act) for step in machine.steps for source in step.sources]
    assert len(set(lines)) == len(lines)


def test_home_by_way_of_the_hub() -> None:
    """The whole way of 9.2."""
    acts = ("ready", "choose", "refer", "accept", "arrange", "leave")
    assert walk(WAY_HOME, *acts) == "discharged"
    on_nought = ("ready", "choose", "arrange", "leave")
    assert walk(WAY_HOME, *on_nought) == "discharged"


def test_needing_the_bed_again_takes_anybody_back() -> None:
    """From every state of waiting; and being ready is then found anew."""
    waiting = [s for s in IN_HOSPITAL if s not in ("admitted", "meets-criteria")]
    assert {after(WAY_HOME, s, "meet") for s in waiting} == {"meets-criteria"}
    assert walk(WAY_HOME, "ready", "choose", "meet", "ready") == "ready"


@pytest.mark.parametrize("act", ["self-discharge", "die", "transfer"])
def test_anybody_in_hospital_can_leave_otherwise(act: str) -> None:
    assert all(is_possible(WAY_HOME, s, act) for s in IN_HOSPITAL)
    assert not any(is_possible(WAY_HOME, s, act) for s in LEFT)


def test_nobody_leaves_twice_and_the_dead_do_not_come_back() -> None:
    for state in LEFT:
        assert {s.act for s in possible(WAY_HOME, state)} <= {"fail"}
    assert possible(WAY_HOME, "died") == ()


def test_a_refusal_names_what_can_be_done() -> None:
    with pytest.raises(
        Unprocessable, match=r"“leave” cannot follow “admitted”\. What can: meet, ready"
    ):
        after(WAY_HOME, "admitted", "leave")
    with pytest.raises(Unprocessable, match="What can: nothing more"):
        after(WAY_HOME, "died", "leave")


def test_a_referral_from_a_ward_to_a_visit_that_was_made() -> None:
    """Started is when somebody came, not when a date was agreed."""
    acts = ("send", "receive", "accept", "assess", "seek", "offer", "take", "confirm")
    assert walk(REFERRAL, *acts) == "start-confirmed"
    assert walk(REFERRAL, *acts, "start") == "started"
    assert walk(REFERRAL, *acts, "lose") == "package-sought"
    assert walk(REFERRAL, "send", "receive", "ask", "answer", "accept") == "accepted"


def test_a_referral_can_be_cancelled_until_it_is_over() -> None:
    over = {"started", "rejected", "cancelled"}
    assert {s for s in REFERRAL.states if is_possible(REFERRAL, s, "cancel")} == (
        set(REFERRAL.states) - over
    )


def test_the_manual_is_what_the_tables_say() -> None:
    """Print it again: python -m joinedup.discharge.manual > docs/discharge.md"""
    assert (ROOT / "docs/discharge.md").read_text() == discharge_manual(november(22).date())
