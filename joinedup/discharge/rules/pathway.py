"""Which way somebody goes home: one of four pathways, and a destination that fits (domain.md 9.1).

Home first: pathway 0 needs no new help; people who go back to their own care home without new
needs are on it too, and are returned as such.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.machine import after
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import PathwayChoice, Readiness
from joinedup.reference.codes.discharge import destinations, pathway

__all__ = ["CARE_HOMES", "OWN_HOME", "Going", "chosen", "pathway_of"]

OWN_HOME = "own-home"
CARE_HOMES: Mapping[str, str] = {
    "independent-care-home": "85",
    "council-care-home": "65",
    "nhs-care-home": "54",
}
"""Kinds of care home, with the national destination code of each."""


class Going(Struct, frozen=True, kw_only=True):
    """Where somebody goes and what is new. `place` is OWN_HOME, a kind of care home or `temporary`.

    `lives_there`: they lived at that very place before; `to_recover`: a bed for a while.
    """

    place: str
    lives_there: bool
    new_care: bool
    to_recover: bool = False


def pathway_of(going: Going, *, by: Reference, at: datetime) -> PathwayChoice:
    """Return the pathway and destination that follow; refuses, Unprocessable, what fits none."""
    destination = _destination(going)
    code = _code(going)
    return PathwayChoice(
        code=code,
        destination=destination,
        decided_by=by,
        decided_at=at,
        new_care=going.new_care,
        returning=code == "0" and going.place in CARE_HOMES,
    )


def _code(going: Going) -> str:
    if going.to_recover:
        return "2"
    if going.place in CARE_HOMES and not going.lives_there:
        return "3"
    return "1" if going.new_care else "0"


def _destination(going: Going) -> str:
    if going.place in CARE_HOMES:
        return CARE_HOMES[going.place]
    if going.place not in (OWN_HOME, "temporary"):
        raise Unprocessable(f"“{going.place}” is no kind of place to go to.")
    return "19" if going.place == OWN_HOME and not going.to_recover else "29"


def chosen(readiness: Readiness, choice: PathwayChoice) -> Readiness:
    """Return the readiness with the pathway; refuses, Unprocessable, what contradicts itself.

    Pathway 0 with new care, a destination that does not fit, somebody not ready, and a second
    pathway beside the first without saying why it changes (domain.md 9.7).
    """
    _fits(choice)
    before = readiness.pathway
    if before is not None and before.code != choice.code and not choice.why.strip():
        words = f"They are on pathway {before.code}. To change it to {choice.code}, say why."
        raise Unprocessable(Problem("business-rule", words, "Task.extension[pathway]"))
    state = after(WAY_HOME, readiness.state, "choose")
    return replace(readiness, state=state, pathway=choice)


def _fits(choice: PathwayChoice) -> None:
    day = day_of(choice.decided_at)
    try:
        way = pathway(choice.code, on=day)
    except KeyError:
        raise Unprocessable(f"“{choice.code}” is no pathway: 0, 1, 2 or 3.") from None
    if choice.new_care and not way.new_care:
        words = "Pathway 0 is for going home with no new help. With new care it is pathway 1."
        raise Unprocessable(Problem("business-rule", words, "Task.extension[pathway]"))
    if way.new_care and choice.code == "1" and not choice.new_care:
        words = "Pathway 1 is home with new or more help. Without any it is pathway 0."
        raise Unprocessable(Problem("business-rule", words, "Task.extension[pathway]"))
    if choice.destination not in way.destinations:
        named = destinations(on=day).get(choice.destination, "that place")
        raise Unprocessable(f"Nobody goes to “{named}” on pathway {choice.code}.")
