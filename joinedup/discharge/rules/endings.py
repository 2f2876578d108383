"""When a stay ends otherwise, or fails: what stops with it, who is told how soon (domain.md 9.2).

Values only: actions do what `acts` name and jobs tell those in `tells`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from joinedup.discharge.rules.leaving import leaving_problems
from joinedup.discharge.rules.ready_date import closed
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of, elapsed
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.reference.calendars import length

__all__ = [
    "ACTS",
    "ENDINGS",
    "Ended",
    "Ending",
    "Tell",
    "came_back",
    "came_back_within",
    "ended",
    "home",
    "never_came",
    "not_left",
    "taken_back",
    "told_of_leaving",
]

ACTS: Mapping[str, str] = {
    "free-bed": "the bed is given back and cleaned",
    "end-wait": "the discharge-ready date and the reason for waiting end",
    "stop-visits": "planned visits stop: nobody calls expecting a plan",
    "cancel-referral": "the hub's referral is cancelled",
    "withdraw-offers": "offers are withdrawn and held slots let go",
    "lose-offers": "offers and a confirmed start are undone and held slots let go",
    "cancel-transport": "transport is cancelled",
    "stop-letters": "letters, calls and reminders stop",
    "close-appointments": "appointments ahead are cancelled",
    "hold-package": "help at home is kept for them, not given to somebody else",
    "hold-referral": "the referral waits for the other hospital",
    "call-home": "the hub rings the person, or goes to see them",
    "ask-carer": "the carer is asked again, alone",
    "review-plan": "the plan that failed is looked at before the next",
    "tell-practice": "the practice hears what was and was not arranged",
}


class Tell(Struct, frozen=True):
    """Who is told within what time; `by_a_person`: a human voice, never a message."""

    who: str
    within: timedelta
    words: str
    by_a_person: bool = False


class Ending(Struct, frozen=True):
    """One kind: the national methods and destinations that fit it, what stops, what to say."""

    act: str
    methods: tuple[str, ...]
    destinations: tuple[str, ...]
    acts: tuple[str, ...]
    told_within: str
    tells: tuple[str, ...]
    words: str


class Ended(Struct, frozen=True):
    """A stay that ended: the readiness as it then is, what to do, whom to tell."""

    readiness: Readiness
    acts: tuple[str, ...]
    tells: tuple[Tell, ...]


_ANYWHERE = ("19", "29", "54", "65", "85", "88")
_TEAMS = ("hub", "provider", "coordinator", "practice")
ENDINGS: Mapping[str, Ending] = {
    "self-discharged": Ending(
        "self-discharge",
        ("6", "7"),
        _ANYWHERE,
        (
            "free-bed",
            "end-wait",
            "stop-visits",
            "cancel-referral",
            "withdraw-offers",
            "cancel-transport",
            "call-home",
            "tell-practice",
        ),
        "self-discharge-told-within",
        (*_TEAMS, "carer"),
        "has left hospital of their own accord. No help at home has been agreed",
    ),
    "died": Ending(
        "die",
        ("4",),
        ("79",),
        (
            "free-bed",
            "end-wait",
            "stop-visits",
            "cancel-referral",
            "withdraw-offers",
            "cancel-transport",
            "close-appointments",
            "stop-letters",
        ),
        "death-told-within",
        (*_TEAMS, "carer"),
        "has died in hospital. Please stop everything that was planned",
    ),
    "transferred": Ending(
        "transfer",
        ("1",),
        ("51",),
        ("free-bed", "end-wait", "hold-referral", "lose-offers", "hold-package"),
        "admission-told-within",
        _TEAMS,
        "has gone to another hospital. Help at home stays on hold",
    ),
}
"""How a stay ends otherwise than as planned; one row a kind (domain.md 9.2)."""

_FAILED = ("hold-package", "stop-visits", "ask-carer", "review-plan", "tell-practice")


def ended(readiness: Readiness, kind: str, at: datetime, *, method: str, destination: str) -> Ended:
    """Return a stay ended otherwise than as planned, with what stops and who is told.

    Refuses, Unprocessable: a kind that there is not, before admission, somebody who has left
    already, national codes that do not fit it (nobody is discharged dead; domain.md 9.7).
    """
    if kind not in ENDINGS:
        raise Unprocessable(f"“{kind}” is no way to leave: {', '.join(ENDINGS)}.")
    ending = ENDINGS[kind]
    if at < readiness.admitted:
        raise Unprocessable("Nobody leaves before they came in.")
    if method not in ending.methods or destination not in ending.destinations:
        words = f"Method {method} and destination {destination} do not fit “{kind}”."
        raise Unprocessable(Problem("code-invalid", words, "Encounter.hospitalization"))
    state = after(WAY_HOME, readiness.state, ending.act)
    then = replace(
        closed(readiness, at, kind), state=state, left=at, method=method, destination=destination
    )
    return Ended(then, ending.acts, _tells(ending, at, kind))


def _tells(ending: Ending, at: datetime, kind: str) -> tuple[Tell, ...]:
    within = length(ending.told_within, on=day_of(at))
    voice = {"carer"} if kind == "died" else set()
    return tuple(Tell(who, within, ending.words, who in voice) for who in ending.tells)


def home(readiness: Readiness) -> tuple[Tell, ...]:
    """Return who is told that somebody has gone home as planned; they and their carer first."""
    assert readiness.left is not None, "told once they have left"
    within = length("admission-told-within", on=day_of(readiness.left))
    return tuple(Tell(who, within, _home_words(readiness)) for who in ("person", "carer", *_TEAMS))


def _home_words(readiness: Readiness) -> str:
    if readiness.start is not None:
        return "has gone home from hospital. Help starts as confirmed"
    if readiness.pathway is not None and readiness.pathway.code == "0":
        return "has gone home from hospital, with no new help"
    return "has gone home from hospital before help was confirmed. Somebody answers for it by name"


def told_of_leaving(readiness: Readiness, at: datetime, *, method: str, destination: str) -> Ended:
    """Return a stay that a hospital's message says has ended: a fact, taken as it comes.

    What leaving would have been refused for is told instead (DI-04): somebody is at home, and the
    hub and the coordinator must know what was not arranged. Refuses nothing; a stay that has ended
    already stays as it is.
    """
    if readiness.left is not None:
        return Ended(readiness, (), ())
    kind = _kind_told(method, destination)
    begun = [readiness.admitted, *(s.since for s in readiness.spans)]
    begun += [d.since for d in readiness.delays]
    ended_at = max(at, *begun)
    ending = ENDINGS.get(kind)
    state = after(WAY_HOME, readiness.state, ending.act) if ending else "discharged"
    then = replace(
        closed(readiness, ended_at, kind),
        state=state,
        left=ended_at,
        method=method,
        destination=destination,
    )
    if ending:
        return Ended(then, ending.acts, _tells(ending, ended_at, kind))
    missing = tuple(p.message for p in leaving_problems(readiness, ended_at) if p.path != _TOLD)
    return Ended(then, (), _as_told(then, missing))


_TOLD = "Task.extension[told]"


def _kind_told(method: str, destination: str) -> str:
    if method == "4" or destination == "79":
        return "died"
    if method in ENDINGS["self-discharged"].methods:
        return "self-discharged"
    return "transferred" if destination in ENDINGS["transferred"].destinations else "discharged"


def _as_told(readiness: Readiness, missing: tuple[str, ...]) -> tuple[Tell, ...]:
    if not missing:
        return home(readiness)
    assert readiness.left is not None, "told once they have left"
    within = length("self-discharge-told-within", on=day_of(readiness.left))
    words = f"has left hospital, and not everything was arranged: {' '.join(missing)[:400]}"
    return tuple(Tell(who, within, words.rstrip(".")) for who in ("carer", *_TEAMS))


def taken_back(readiness: Readiness) -> Readiness:
    """Return a stay whose ending was taken back: they are here, and waited all along.

    A start that the ending undid is not confirmed any more (DI-04). Refuses, Unprocessable, a stay
    that has not ended.
    """
    left = readiness.left
    if left is None:
        raise Unprocessable("They have not left.")
    spans, delays = readiness.spans, readiness.delays
    if spans and spans[-1].until == left:
        spans = (*spans[:-1], replace(spans[-1], until=None, ended_by=""))
    if delays and delays[-1].until == left:
        delays = (*delays[:-1], replace(delays[-1], until=None, ended_by=""))
    is_ready = bool(spans and spans[-1].until is None)
    decided = "pathway-decided" if readiness.pathway else "ready"
    state = decided if is_ready else "meets-criteria" if spans else "admitted"
    return replace(
        readiness,
        spans=spans,
        delays=delays,
        state=state,
        start=None if readiness.state in ENDINGS else readiness.start,
        left=None,
        method="",
        destination="",
    )


def not_left(left: datetime) -> Tell:
    """Return what everybody is told who was told of an ending that was taken back (9.7)."""
    words = (
        "is still in hospital: what was said of their leaving was taken back. Look at what was "
        "stopped because of it"
    )
    return Tell("everybody", length("self-discharge-told-within", on=day_of(left)), words)


def never_came(admitted: datetime) -> Tell:
    """Return what is told where the admission itself was taken back (ADT A11)."""
    words = "was never admitted: the hospital took that back. Nothing is asked for this stay"
    within = length("admission-told-within", on=day_of(admitted))
    return Tell("everybody", within, words)


def came_back_within(readiness: Readiness, at: datetime) -> str:
    """Return `failed` within a day of leaving, `readmitted` within 28, otherwise ""."""
    if readiness.left is None or at < readiness.left or readiness.state == "died":
        return ""
    away, day = elapsed(readiness.left, at), day_of(at)
    if away <= length("failed-discharge-within", on=day):
        return "failed"
    return "readmitted" if away <= length("readmission-flag-within", on=day) else ""


def came_back(readiness: Readiness, at: datetime) -> Ended:
    """Return a discharge that failed: they are in hospital again within a day.

    Refuses, Unprocessable, what is no failed discharge: another day, or never left.
    """
    if came_back_within(readiness, at) != "failed":
        raise Unprocessable("A discharge has failed when somebody is back within 24 hours.")
    state = after(WAY_HOME, readiness.state, "fail")
    within = length("admission-told-within", on=day_of(at))
    words = "is back in hospital within a day of leaving. Please stop visits and keep the place"
    tells = tuple(Tell(who, within, words) for who in (*_TEAMS, "carer"))
    return Ended(replace(readiness, state=state), _FAILED, tells)
