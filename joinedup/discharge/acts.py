"""The acts of a stay's page: each with its heading, its fields, and what it does with them.

One table; the page draws a form of any of them, and every refusal keeps what was typed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge import act_fields as ask
from joinedup.discharge import actions, ending
from joinedup.discharge.caring import CarerWish, ask_carer
from joinedup.discharge.fields import Field
from joinedup.discharge.holding import hold_help
from joinedup.discharge.queries import referrals_of
from joinedup.discharge.referring import (
    NeedsWish,
    answer_hub,
    keep_draft,
    needs_of,
    refer,
)
from joinedup.discharge.rules.pathway import Going
from joinedup.discharge.standing import Seen, Standing
from joinedup.discharge.typed import Typed, day_typed, when_typed
from joinedup.discharge.withdrawing import withdraw
from joinedup.fhir.issue import Invalid, Problem, Unprocessable

__all__ = ["ACTS", "Act", "Sent"]

_WHEN = "Write a day and a time, like 16/01/2018, 14:30."


class Sent(Struct, frozen=True, kw_only=True):
    """A form that was sent: by whom, about which version of which stay, what was typed, when."""

    permit: Permit
    seen: Seen
    typed: Typed
    token: str
    now: datetime
    button: str = ""


class Act(Struct, frozen=True, kw_only=True):
    """One act: `done` is what the stay's page then says; `extra` is a second button."""

    title: str
    lead: str
    button: str
    power: Power
    fields: Callable[[Permit, Standing, datetime], tuple[Field, ...]]
    do: Callable[[Sent], object]
    done: str
    extra: str = ""


def _pathway(sent: Sent) -> object:
    typed, found = sent.typed, []
    if not typed.of("place"):
        found.append(Problem("required", "Choose where they are going.", "place"))
    wanted = {
        "lives_there": "Say whether they lived there before.",
        "new_care": "Say whether they need new help.",
        "to_recover": "Say whether it is a bed to recover in.",
    }
    for name, message in wanted.items():
        if typed.of(name) not in ("yes", "no"):
            found.append(Problem("required", message, name))
    if found:
        raise Invalid(*found)
    going = Going(place=typed.of("place"), **{name: typed.of(name) == "yes" for name in wanted})
    return actions.choose_pathway(sent.permit, sent.seen, going, why=typed.of("why"), now=sent.now)


def _reason(sent: Sent) -> object:
    wish = actions.DelayWish(
        sent.typed.of("reason"),
        sent.typed.of("owner"),
        when_typed(sent.typed, "chase_by", _WHEN),
    )
    if not wish.reason:
        raise Invalid(Problem("required", "Choose what they wait for.", "reason"))
    return actions.name_reason(sent.permit, sent.seen, wish, now=sent.now)


def _chase(sent: Sent) -> object:
    at = when_typed(sent.typed, "chase_by", _WHEN)
    return actions.chase(sent.permit, sent.seen, at, now=sent.now)


def _checks(sent: Sent) -> object:
    said = {kind: sent.typed.of(kind) for kind in ask.BY_HAND if sent.typed.of(kind)}
    return actions.arrange(sent.permit, sent.seen, said, now=sent.now)


def _told(sent: Sent) -> object:
    typed = sent.typed
    if typed.of("consent") not in {value for value, _ in ask.CONSENTS}:
        words = "Say whether they agreed, or could not decide."
        raise Invalid(Problem("required", words, "consent"))
    return actions.tell(
        sent.permit,
        sent.seen,
        typed.of("who"),
        typed.of("way"),
        consent=typed.of("consent"),
        now=sent.now,
    )


def _risk(sent: Sent) -> object:
    return actions.take_risk(sent.permit, sent.seen, sent.typed.of("why"), now=sent.now)


def _plan(sent: Sent) -> object:
    return actions.finish_plan(sent.permit, sent.seen, now=sent.now)


def _refer(sent: Sent) -> object:
    typed = sent.typed
    pairs = [
        (name.removeprefix("need-"), words)
        for name, words in typed.values.items()
        if name.startswith("need-")
    ]
    asked = referrals_of(sent.permit, sent.seen.spell)
    draft = next((a for a in asked if a.referral.state == "draft"), None)
    same = draft if draft and draft.referral.purpose == typed.of("purpose") else None
    wish = NeedsWish(
        purpose=typed.of("purpose"),
        needs=needs_of(pairs),
        hub=typed.of("hub"),
        draft=same.id if same else "",
        draft_version=same.version if same else 0,
    )
    if sent.button == "extra":
        return keep_draft(sent.permit, sent.seen.spell, wish, token=sent.token, now=sent.now)
    return refer(sent.permit, sent.seen, wish, token=sent.token, now=sent.now)


def _hold(sent: Sent) -> object:
    done = hold_help(sent.permit, sent.seen.spell)
    if not done.outcomes:
        raise Unprocessable("No help at home goes on that could be held. Nothing was changed.")
    return done


def _withdraw(sent: Sent) -> object:
    asked = [a for a in referrals_of(sent.permit, sent.seen.spell) if a.is_open]
    wanted = sent.typed.of("referral") or (asked[0].id if len(asked) == 1 else "")
    if asked and not wanted:
        raise Invalid(Problem("required", "Choose which referral.", "referral"))
    one = next((a for a in asked if a.id == wanted), None)
    if one is None:
        raise Unprocessable("There is no referral that could be withdrawn.")
    return withdraw(sent.permit, sent.seen, one.id, sent.typed.of("why"), now=sent.now)


def _answer(sent: Sent) -> object:
    asked = referrals_of(sent.permit, sent.seen.spell)
    waits = (a for a in asked if a.answer and a.answer.state == "info-requested")
    one = next(waits, None)
    if one is None:
        raise Unprocessable("The hub has not asked for anything.")
    words = sent.typed.of("words")
    return answer_hub(sent.permit, one.id, one.answer_version, words, now=sent.now)


def _carer(sent: Sent) -> object:
    typed = sent.typed
    until = day_typed(typed, "until", "Write a day, like 25/1/2018, or leave it empty.")
    wish = CarerWish(
        carer=typed.of("carer"),
        answer=typed.of("answer"),
        alone=typed.of("alone") == "yes",
        until=until,
        words=typed.of("words"),
    )
    return ask_carer(sent.permit, sent.seen.spell, wish, token=sent.token, now=sent.now)


def _leave(sent: Sent) -> object:
    typed = sent.typed
    restart = {
        name.removeprefix("restart-"): int(version)
        for name, version in typed.values.items()
        if name.startswith("restart-") and version.isascii() and version.isdigit()
    }
    wish = ending.Leaving(
        at=when_typed(typed, "at", _WHEN), destination=typed.of("destination"), restart=restart
    )
    return ending.leave(sent.permit, sent.seen, wish, now=sent.now)


def _otherwise(kind: str, method: str = "", destination: str = "") -> Callable[[Sent], object]:
    def do(sent: Sent) -> object:
        return ending.end_otherwise(
            sent.permit,
            sent.seen,
            kind,
            at=when_typed(sent.typed, "at", _WHEN),
            method=method or sent.typed.of("method"),
            destination=destination or sent.typed.of("destination"),
            now=sent.now,
        )

    return do


def _back(sent: Sent) -> object:
    at = when_typed(sent.typed, "at", _WHEN)
    return ending.come_back(sent.permit, sent.seen, at=at, now=sent.now)


def _act(
    title: str,
    button: str,
    fields: Callable[[Permit, Standing, datetime], tuple[Field, ...]],
    do: Callable[[Sent], object],
    done: str,
    *,
    lead: str = "",
    power: Power = Power.ARRANGE_LEAVING,
    extra: str = "",
) -> Act:
    return Act(
        title=title,
        lead=lead,
        button=button,
        power=power,
        fields=fields,
        do=do,
        done=done,
        extra=extra,
    )


ACTS: Mapping[str, Act] = {
    "pathway": _act(
        "How they go home",
        "Decide",
        ask.pathway_fields,
        _pathway,
        "The pathway is decided.",
        lead="Home first. The pathway follows from your answers.",
    ),
    "reason": _act(
        "What they wait for",
        "Save",
        ask.reason_fields,
        _reason,
        "The reason is saved. The one before has ended.",
        lead="One reason at a time: the one that, once it ends, lets them go home.",
    ),
    "chase": _act(
        "When it is chased", "Save", ask.chase_fields, _chase, "The time to chase it is saved."
    ),
    "arranged": _act(
        "What is arranged",
        "Save",
        ask.checks_fields,
        _checks,
        "What is arranged is saved.",
        lead="When help starts is written here by who found it.",
    ),
    "told": _act("Who was told", "Save", ask.told_fields, _told, "Who was told is saved."),
    "plan": _act(
        "Everything is arranged",
        "Yes, they can leave",
        ask.plan_fields,
        _plan,
        "Everything is arranged.",
    ),
    "risk": _act(
        "Answer for leaving before help is confirmed",
        "I answer for it",
        ask.risk_fields,
        _risk,
        "You answer for this, by name.",
        lead="Your name stands beside it, and everybody who works on this can read it.",
        power=Power.OWN_RISK,
    ),
    "refer": _act(
        "What they need",
        "Send to the hub",
        ask.needs_fields,
        _refer,
        "Saved.",
        lead="Describe what they need help with, and when. How it is met, the hub works out with "
        "them: write no visits, hours or services. Leave empty what they can do.",
        extra="Keep as a draft",
    ),
    "hold": _act(
        "Hold help at home",
        "Hold it",
        ask.plan_fields,
        _hold,
        "Help at home is on hold, and its people are told.",
        lead="Visits stop while they are in hospital, and the place is kept for them. A stay that "
        "a hospital’s message began does this by itself.",
    ),
    "withdraw": _act(
        "Withdraw the referral",
        "Withdraw it",
        ask.withdraw_fields,
        _withdraw,
        "The referral is withdrawn.",
    ),
    "answer": _act(
        "Answer the hub", "Send the answer", ask.answer_fields, _answer, "The hub has your answer."
    ),
    "carer": _act(
        "Ask the carer, alone",
        "Save",
        ask.carer_fields,
        _carer,
        "What the carer said is saved. The person does not see it.",
        lead="Are they willing and able to go on? Ask where the person cannot hear. The person "
        "never sees what you write here.",
    ),
    "leave": _act(
        "They have left",
        "They have left",
        ask.leave_fields,
        _leave,
        "They have gone home. Each team has it on its list of work.",
        power=Power.END_STAY,
    ),
    "self-discharge": _act(
        "They left of their own accord",
        "They have left",
        ask.self_fields,
        _otherwise("self-discharged"),
        "Written down. Visits are stopped, and each team has it on its list of work.",
        lead="Visits, offers and transport stop, and each team is told at once.",
        power=Power.END_STAY,
    ),
    "died": _act(
        "They have died",
        "They have died",
        ask.died_fields,
        _otherwise("died", "4", "79"),
        "Written down. Everything that was planned is stopped. Each team has it on its list of "
        "work.",
        lead="Appointments, visits, letters and calls stop, and each team is told at once. "
        "Somebody rings the family: no message is sent to them.",
        power=Power.END_STAY,
    ),
    "transfer": _act(
        "They went to another hospital",
        "They have gone",
        ask.transfer_fields,
        _otherwise("transferred", "1", "51"),
        "Written down. Help at home stays on hold, and each team has it on its list of work.",
        power=Power.END_STAY,
    ),
    "back": _act(
        "They are back in hospital",
        "They are back",
        ask.back_fields,
        _back,
        "Written down. Visits are stopped, and each team has it on its list of work.",
        lead="Within a day of leaving: visits stop, help at home is held, and the carer is asked "
        "again.",
        power=Power.END_STAY,
    ),
}
"""Every act, by the last part of its address."""
