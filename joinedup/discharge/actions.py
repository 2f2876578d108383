"""What is done about going home: the pathway, the reason, what is arranged, who was told.

Each act changes the one Task of the stay from the version that was seen, or refuses in words.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.queries import answers_of, referrals_of
from joinedup.discharge.referring import HELP
from joinedup.discharge.rules.delays import changed, chased, waiting_for
from joinedup.discharge.rules.hub import with_hub
from joinedup.discharge.rules.leaving import arranged, plan_made, reopened, risk_taken, told
from joinedup.discharge.rules.pathway import Going, chosen, pathway_of
from joinedup.discharge.rules.plan_count import carer_refusals, relied_on
from joinedup.discharge.rules.turn import refuse_out_of_turn
from joinedup.discharge.standing import Seen, Standing, keep, seen_now
from joinedup.discharge.withdrawing import not_needed
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Check, RiskOwner, Told
from joinedup.record import Stored

__all__ = [
    "DelayWish",
    "arrange",
    "chase",
    "choose_pathway",
    "finish_plan",
    "name_reason",
    "take_risk",
    "tell",
]


class DelayWish(Struct, frozen=True):
    """Why somebody waits now, which organisation can end it, and when it will be chased."""

    reason: str
    owner: str
    chase_by: datetime


def _begin(permit: Permit, seen: Seen) -> Standing:
    refuse_without(permit, Power.ARRANGE_LEAVING)
    return seen_now(permit, seen)


def choose_pathway(
    permit: Permit, seen: Seen, going: Going, *, why: str = "", now: datetime
) -> Stored:
    """Decide, or change, the way home that follows from where somebody goes and what is new.

    A referral that is open follows: on pathway 0 it is no longer needed, and is cancelled in the
    same commit. Refuses as `chosen`; NotPermitted, Stale.
    """
    standing = _begin(permit, seen)
    refuse_out_of_turn(standing.readiness, "choose")
    by = Reference(permit.worker)
    choice = replace(pathway_of(going, by=by, at=now), why=why.strip())
    then, also = chosen(standing.readiness, choice), []
    for one in referrals_of(permit, seen.spell):
        if not one.is_open or one.referral.purpose != HELP or one.answer is None:
            continue
        if choice.code == "0":
            reason = why.strip() or "They go home with no new help."
            then, more = not_needed(permit, standing, one, then, why=reason, now=now)
            also += more
        else:
            then = with_hub(then, one.answer)
    return keep(permit, standing, then, action="pathway", also=also)


def name_reason(permit: Permit, seen: Seen, wish: DelayWish, *, now: datetime) -> Stored:
    """Say what somebody waits for now, whose it is and when it is chased (DI-02, DI-03).

    Refuses as `waiting_for` and `changed`; NotPermitted, Stale.
    """
    standing = _begin(permit, seen)
    before = standing.readiness.delay
    delay = waiting_for(
        wish.reason,
        owner=wish.owner,
        since=max(now, before.since) if before else now,
        chase_by=wish.chase_by,
        set_by=Reference(permit.worker),
    )
    return keep(permit, standing, changed(standing.readiness, delay), action="reason-for-waiting")


def chase(permit: Permit, seen: Seen, chase_by: datetime, *, now: datetime) -> Stored:
    """Say when the reason now is chased next; refuses as `chased`; NotPermitted, Stale."""
    standing = _begin(permit, seen)
    then = chased(standing.readiness, chase_by, at=now)
    return keep(permit, standing, then, action="chase-by")


def arrange(permit: Permit, seen: Seen, states: Mapping[str, str], *, now: datetime) -> Stored:
    """Say of each thing that it is arranged (`done`), `not-needed`, or `waiting` again.

    A carer is arranged only by their own answer, asked alone (CA-04). What falls through undoes a
    plan that was ready. Refuses as `arranged`; NotPermitted, Stale.
    """
    standing = _begin(permit, seen)
    if standing.readiness.left is not None:
        refuse_out_of_turn(standing.readiness, "arrange")
    then = standing.readiness
    for kind, state in states.items():
        check = Check(kind=kind, state=state, by=Reference(permit.worker), at=now)
        then = arranged(then, check)
    if states.get("carer") == "done":
        _refuse_unasked(permit, standing, now)
    return keep(permit, standing, reopened(then), action="arranged")


def _refuse_unasked(permit: Permit, standing: Standing, now: datetime) -> None:
    person = standing.readiness.person
    answers = answers_of(permit, person)
    counted = replace(standing.readiness, checks=())
    if not relied_on(counted, answers):
        words = "No carer was asked during this stay. Not asked is never yes: ask them alone first."
        raise Unprocessable(Problem("business-rule", words, "carer"))
    if found := carer_refusals(counted, answers, on=day_of(now)):
        raise Unprocessable(*found)


def finish_plan(permit: Permit, seen: Seen, *, now: datetime) -> Stored:
    """Say that everything is arranged; refuses, Unprocessable, naming what waits.

    Counts on no carer who has not said yes in the last days (CA-04).
    """
    standing = _begin(permit, seen)
    refuse_out_of_turn(standing.readiness, "arrange")
    answers = answers_of(permit, standing.readiness.person)
    if found := carer_refusals(standing.readiness, answers, on=day_of(now)):
        raise Unprocessable(*found)
    return keep(permit, standing, plan_made(standing.readiness), action="plan-ready")


def tell(
    permit: Permit, seen: Seen, who: str, way: str, *, consent: str = "", now: datetime
) -> Stored:
    """Write down that the person or their carer was told, in which format (DI-06).

    Refuses as `told`; NotPermitted, Stale.
    """
    standing = _begin(permit, seen)
    telling = Told(who=who, way=way, by=Reference(permit.worker), at=now, consent=consent)
    return keep(permit, standing, told(standing.readiness, telling), action="told")


def take_risk(permit: Permit, seen: Seen, why: str, *, now: datetime) -> Stored:
    """Answer by one's own name for leaving before a start is confirmed (DI-04).

    Refuses as `risk_taken`; NotPermitted for a role that cannot answer for it, Stale.
    """
    refuse_without(permit, Power.OWN_RISK)
    standing = _begin(permit, seen)
    owner = RiskOwner(worker=Reference(permit.worker), why=why.strip(), at=now)
    return keep(permit, standing, risk_taken(standing.readiness, owner), action="risk-owner")
