"""Sending what waits: one message a receiver, once, in their format, and not at night.

What is written down before and after each message decides what a crash means
(docs/notices.md): what was only taken is tried again, what was being handed over never is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.jobs.asking import ask_the_practice
from joinedup.jobs.posting import Outcome, Post
from joinedup.jobs.reached import audience_of, reached
from joinedup.jobs.rules.quiet import apart, next_try, quiet_until
from joinedup.jobs.rules.ways import NoWay, Way
from joinedup.jobs.rules.words import Place, message_of
from joinedup.record.notices import Taken, last_told, move, recover, take_next
from joinedup.record.turns import turn

__all__ = ["Round", "Sender", "send_waiting"]

MOST_A_ROUND = 200
MOST_TRIES = 12


class Sender(Struct, frozen=True, kw_only=True):
    """How a place sends: where to, in which words, and what time it is there.

    `says` is the hour that quiet hours are judged by: in an invented place it stands still. `gap`
    replaces the row `told-apart`, where it is given.
    """

    post: Post
    place: Place
    clock: Callable[[], datetime]
    says: Callable[[], datetime]
    gap: timedelta | None = None


class Round(Struct, frozen=True, kw_only=True):
    """What a round did: messages sent, put off, given up or in doubt; whether the post is down."""

    sent: int = 0
    later: int = 0
    given_up: int = 0
    in_doubt: int = 0
    is_down: bool = False


def send_waiting(sender: Sender) -> Round:
    """Send what is due, as far as one round goes; nothing where another process has the turn."""
    counts = dict.fromkeys(("sent", "later", "given_up", "in_doubt"), 0)
    is_down = False
    with turn("notices") as has_turn:
        if not has_turn:
            return Round()
        counts["in_doubt"] += recover(sender.clock())[1]
        for _ in range(MOST_A_ROUND):
            taken = take_next(sender.clock())
            if taken is None or is_down:
                break
            ended, is_down = _tell(sender, taken)
            counts[ended] += 1
            if is_down:
                break
    return Round(**counts, is_down=is_down)


def _tell(sender: Sender, taken: Taken) -> tuple[str, bool]:
    """Tell one receiver, or say why not yet; returns what it counts as, and whether all is down."""
    now, says = sender.clock(), sender.says()
    way, known = reached(taken.receiver, sender.place)
    if isinstance(way, NoWay):
        if way.reason and known is not None:
            ask_the_practice(known.patient, way, at=says)
        move(taken, "not-told", now=now)
        return "given_up", False
    if due := _not_yet(sender, taken, way, now, says):
        move(taken, "waiting", now=now, due=due, untried=True)
        return "later", False
    message = message_of(taken.message, audience_of(taken.receiver), way, sender.place)

    def about_to() -> bool:
        return move(taken, "handing-over", now=sender.clock(), way=way.kind)

    return _ended(sender, taken, way, sender.post.hand_over(message, now, about_to))


def _not_yet(
    sender: Sender, taken: Taken, way: Way, now: datetime, says: datetime
) -> datetime | None:
    """Return when to come back, where it is night or somebody was told of something just now."""
    if quiet := quiet_until(way.kind, says):
        return now + (quiet - says)
    gap = sender.gap if sender.gap is not None else apart(says.astimezone(LONDON).date())
    told = last_told(taken.receiver)
    return told + gap if told and told + gap > now else None


def _ended(sender: Sender, taken: Taken, way: Way, outcome: Outcome) -> tuple[str, bool]:
    now, before = sender.clock(), ("taken", "handing-over")
    if outcome is Outcome.STOPPED:
        return "later", False
    if outcome is Outcome.SENT:
        move(taken, "sent", now=now, way=way.kind, before=(*before, "in-doubt"))
        return "sent", False
    if outcome is Outcome.IN_DOUBT:
        move(taken, "in-doubt", now=now, way=way.kind, before=before)
        return "in_doubt", False
    if outcome is Outcome.REFUSED or taken.tries >= MOST_TRIES:
        _tell_practice(sender, taken)
        move(taken, "not-told", now=now, way=way.kind, before=before)
        return "given_up", False
    due = next_try(taken.tries, now)
    move(taken, "waiting", now=now, due=due, before=before)
    return "later", outcome is Outcome.DOWN


_REFUSED = NoWay("A message to them could not be delivered. Ask for the right address.")


def _tell_practice(sender: Sender, taken: Taken) -> None:
    _, known = reached(taken.receiver, sender.place)
    if known is not None:
        ask_the_practice(known.patient, _REFUSED, at=sender.says())
