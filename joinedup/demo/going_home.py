"""Some of the people in Wards 4 and 11 on their way home, a few at every point of it.

Made by the acts of the pages, in the names of who works there: reviews, pathways, reasons, needs
sent to the hub and answered, a carer's word. Two reasons are past their chase-by this morning.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.beds import Inpatient, inpatients, stay_of
from joinedup.demo.cast import COUNCIL, HOSPITAL, NOW, TODAY, worker
from joinedup.demo.writing import at
from joinedup.discharge.actions import (
    DelayWish,
    arrange,
    choose_pathway,
    finish_plan,
    name_reason,
    take_risk,
    tell,
)
from joinedup.discharge.answering import answer
from joinedup.discharge.queries import referrals_of
from joinedup.discharge.referring import HELP, NeedsWish, keep_draft, refer
from joinedup.discharge.reviews import Answers, FirstReason, review_criteria
from joinedup.discharge.rules.pathway import OWN_HOME, Going
from joinedup.discharge.standing import Seen, standing_of
from joinedup.fhir.profiles import hub
from joinedup.fhir.profiles.hub import Hub
from joinedup.fhir.profiles.referral import Need
from joinedup.record.change import Create, Source
from joinedup.record.write import commit
from joinedup.reference.codes.discharge import criteria

__all__ = ["HUB_NAME", "send_home"]

HUB_NAME = "Marlbrook care transfer hub"
_PERMIT = system_permit("demo")


def _of(name: str, role: Role) -> Permit:
    who = worker(name)
    return worker_permit(who.reference, who.name, role, who.organisation)


_NURSE = _of("grace-adeyemi", Role.WARD_NURSE)
_HUB = _of("tomasz-nowak", Role.DISCHARGE_COORDINATOR)
_HOME = Going(place=OWN_HOME, lives_there=True, new_care=False)
_HELPED = Going(place=OWN_HOME, lives_there=True, new_care=True)
_RECOVER = Going(place="temporary", lives_there=False, new_care=True, to_recover=True)
_CARE_HOME = Going(place="independent-care-home", lives_there=False, new_care=True)
_BACK = Going(place="independent-care-home", lives_there=True, new_care=False)
_NEEDS = (
    Need("washing", "Needs somebody beside them to wash and dress"),
    Need("food", "Can eat alone; meals have to be put in front of them"),
    Need("moving", "Walks with a frame; stairs only with somebody behind them"),
)
_ARRANGED = {
    "medicines": "done",
    "transport": "done",
    "equipment": "not-needed",
    "carer": "not-needed",
}


class _Stay(Struct, frozen=True):
    """Somebody's stay: its id, and when they came."""

    spell: str
    came: datetime

    def seen(self) -> Seen:
        """The stay as a page that is opened now shows it."""
        return Seen(self.spell, standing_of(_NURSE, self.spell).version)

    def moment(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """A time some days ago, and never before they had been here half a day."""
        return max(at(TODAY - timedelta(days=days_ago), hour, minute), self.came + _HALF_A_DAY)


_HALF_A_DAY = timedelta(hours=12)
Made = Callable[[_Stay], None]


def send_home(seed: int) -> None:
    """Write down the hub, and bring each of these people as far as they are."""
    made = hub.build(Hub("marlbrook-hub", COUNCIL.code, HUB_NAME))
    change = Create(made, made["id"], Source(COUNCIL.code))
    commit(_PERMIT, [change], dangling="keep", action="import", now=at(TODAY, 4))
    lying = list(inpatients(seed))[_FIRST:_LAST]
    for lies, go in zip(_longest_first(lying), _WAYS, strict=False):
        go(_Stay(str(stay_of(lies)["id"]), lies.came))


_FIRST, _LAST = 6, 34
"""The first six are not reviewed yet; with the last ones the brokers' story begins."""


def _longest_first(lying: Sequence[Inpatient]) -> list[Inpatient]:
    return sorted(lying, key=lambda lies: (lies.came, lies.bed))


def _reviewed(stay: _Stay, when: datetime, *yes: str, reason: str = "decision") -> None:
    said = {c.code: c.code in yes for c in criteria(on=when.date())}
    first = FirstReason(reason=reason, owner=HOSPITAL.code, chase_by=when + timedelta(hours=30))
    review_criteria(
        _NURSE,
        stay.spell,
        Answers(answers=said, news2=2),
        seen=stay.seen().version,
        now=when,
        first=None if yes else first,
    )


def _needs_the_bed(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(0, 8, 40), "oxygen")


def _ready(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(1, 9))


def _ready_late(stay: _Stay) -> None:
    """Ready for four days; the first reason was never looked at again."""
    _reviewed(stay, stay.moment(4, 9), reason="medicines")


def _no_new_help(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(1, 9), reason="medicines")
    choose_pathway(_NURSE, stay.seen(), _HOME, now=stay.moment(1, 10))
    said = dict(_ARRANGED, medicines="waiting")
    arrange(_NURSE, stay.seen(), said, now=stay.moment(0, 9))


def _can_leave(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(1, 9), reason="medicines")
    choose_pathway(_NURSE, stay.seen(), _HOME, now=stay.moment(1, 10))
    arrange(_NURSE, stay.seen(), _ARRANGED, now=stay.moment(0, 9))
    way = "Spoken, and written down for them"
    tell(_NURSE, stay.seen(), "person", way, consent="Agreed", now=stay.moment(0, 9))
    finish_plan(_NURSE, stay.seen(), now=stay.moment(0, 9, 30))


def _resident(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(0, 9), reason="transport")
    choose_pathway(_NURSE, stay.seen(), _BACK, now=stay.moment(0, 9, 20))


def _drafted(stay: _Stay) -> None:
    _reviewed(stay, stay.moment(1, 9), reason="hub-referral")
    choose_pathway(_NURSE, stay.seen(), _HELPED, now=stay.moment(1, 11))
    wish = NeedsWish(purpose=HELP, needs=_NEEDS[:1], hub=COUNCIL.code)
    keep_draft(_NURSE, stay.spell, wish, token=stay.spell[-20:], now=stay.moment(0, 8))


def _referred(going: Going = _HELPED, days_ago: int = 1) -> Made:
    def go(stay: _Stay) -> None:
        _reviewed(stay, stay.moment(days_ago, 9), reason="hub-referral")
        choose_pathway(_NURSE, stay.seen(), going, now=stay.moment(days_ago, 11))
        wish = NeedsWish(purpose=HELP, needs=_NEEDS, hub=COUNCIL.code)
        sent = stay.moment(days_ago, 12)
        refer(_NURSE, stay.seen(), wish, token=stay.spell[-20:], now=sent)

    return go


def _answered(
    *acts: str,
    reason: str = "",
    going: Going = _HELPED,
    days_ago: int = 2,
    waits: str = "p1-care-arranging",
    late: bool = False,
) -> Made:
    """The hub did these acts the day after; once it accepted, what is waited for is `waits`."""

    def go(stay: _Stay) -> None:
        _referred(going, days_ago)(stay)
        when = stay.moment(days_ago - 1, 10)
        for act in acts:
            one = referrals_of(_HUB, stay.spell)[0]
            said = reason if act == acts[-1] else ""
            answer(_HUB, one.id, one.answer_version, act, reason=said, now=when)
        if "accept" in acts:
            chase = NOW - timedelta(hours=16) if late else NOW + timedelta(hours=5)
            wish = DelayWish(waits, COUNCIL.code, chase)
            name_reason(_NURSE, stay.seen(), wish, now=when)

    return go


def _answered_for(stay: _Stay) -> None:
    """Somebody answers by name for leaving this afternoon, before help is confirmed."""
    _answered("accept")(stay)
    why = "Their sister stays with them until the first visit on Wednesday evening."
    take_risk(_HUB, stay.seen(), why, now=stay.moment(0, 9))


_WAYS: tuple[Made, ...] = (
    _answered("accept", days_ago=6, late=True),
    _ready_late,
    _answered("accept", going=_CARE_HOME, days_ago=5, waits="p3-home-arranging"),
    _answered("accept", going=_RECOVER, days_ago=3, waits="p2-bed-arranging"),
    _answered("receive", "ask", reason="Is there a step into the house, and who holds a key?"),
    _answered("receive", days_ago=1),
    _answered("accept", "assess", days_ago=3),
    _referred(),
    _referred(_RECOVER),
    _drafted,
    _answered_for,
    _answered("reject", reason="They live in Wexby’s area: their hub is the one to ask."),
    _can_leave,
    _no_new_help,
    _no_new_help,
    _ready,
    _resident,
    _ready,
    *(_needs_the_bed,) * 8,
)
"""How far each has come, the longest here first."""
