"""The work list of identity in words: what came, who it might be, what was said. No record here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.access.restrictions import WITHHELD, is_restricted
from joinedup.fhir.involve import master_of
from joinedup.people.identity.question import (
    DONE,
    REASONS,
    TO_CARRY_OUT,
    WITH_OFFICER,
    Answer,
    Question,
)
from joinedup.people.identity.queue import Looked, Shown
from joinedup.people.presenters.identity import nhs_number_of
from joinedup.people.presenters.words import address_lines, human_name, nhs_number_words
from joinedup.web.dates import ago, moment_of, read_moment, say

__all__ = [
    "Face",
    "Line",
    "Said",
    "faces",
    "incoming_face",
    "kept_of",
    "line_of",
    "named",
    "said_of",
]

Names = Mapping[str, str]
_WHAT = {
    "Patient": "A person’s details",
    "Observation": "A result",
    "DiagnosticReport": "A report",
    "DocumentReference": "A letter",
    "Encounter": "A visit or stay",
    "Appointment": "An appointment",
    "ServiceRequest": "A referral or request",
    "EpisodeOfCare": "A service",
}
_STATES = {
    WITH_OFFICER: "With the privacy officer",
    TO_CARRY_OUT: "Answered, not yet carried out",
    DONE: "Decided",
}


class Line(Struct, frozen=True, kw_only=True):
    """One line of the list."""

    id: str
    title: str
    what: str
    reason: str
    fits: str
    asked: str
    state: str
    protected: bool
    said: str


class Face(Struct, frozen=True, kw_only=True):
    """Who somebody is said to be, fact by fact, with what speaks for and against it being them."""

    id: str
    name: str
    facts: tuple[tuple[str, str], ...]
    likeness: str = ""
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    restricted: bool = False
    joined_to: str = ""


class Said(Struct, frozen=True):
    """One thing that was said to a question."""

    words: str
    who: str
    when: str
    why: str


def line_of(question: Question, names: Names, now: datetime) -> Line:
    """Return a question as a line: who is meant, what came, why people must decide, how long."""
    answer = question.answer
    sent_by = names.get(f"Organization/{question.organisation}", question.organisation)
    what = "Two records" if question.is_pair else _WHAT.get(question.what, "An entry")
    return Line(
        id=question.id,
        title=_title(question, names),
        what=f"{what}, sent by {sent_by}" if sent_by else what,
        reason=REASONS.get(question.reason, ""),
        fits=_fits(question),
        asked=_long(question.asked_at, now),
        state=_STATES.get(question.state, ""),
        protected=question.protected,
        said=_answer_words(question, answer, names) if answer else "",
    )


def _title(question: Question, names: Names) -> str:
    if question.is_pair:
        both = [names.get(f"Patient/{p}", "") for p in question.people]
        return " and ".join(name for name in both if name) or "Two records"
    name = human_name(question.incoming.get("name")) or "Name not stated"
    born = read_moment(str(question.incoming.get("birthDate", "")))
    return f"{name}, born {say(born)}" if born else name


def _fits(question: Question) -> str:
    count = len(question.people)
    if question.is_pair:
        return ""
    return f"{count} candidates" if count > 1 else "1 candidate" if count else "No candidate"


def _long(asked_at: datetime, now: datetime) -> str:
    moment = moment_of(asked_at)
    assert moment is not None, "a question was asked at some time"
    said = ago(moment, now)
    return "Waiting since today" if said == "today" else f"Came {said}, on {say(moment)}"


def incoming_face(looked: Looked) -> Face | None:
    """Return what came, fact by fact; None for a pair.

    Of somebody restricted, or beside them, it says nothing of where anybody lives: it could be
    her home.
    """
    question = looked.question
    if question.is_pair:
        return None
    incoming = question.incoming
    if is_restricted(incoming) or any(shown.restricted for shown in looked.shown):
        incoming = {k: v for k, v in incoming.items() if k not in WITHHELD}
    return _face(incoming, question.own)


def faces(looked: Looked) -> tuple[Face, ...]:
    """Return the candidates, best first; of a pair both, the kept one first."""
    found = [_candidate(shown, looked.question) for shown in looked.shown]
    if looked.question.is_pair and (kept := kept_of(looked)):
        found.sort(key=lambda face: face.id != kept)
    return tuple(found)


def kept_of(looked: Looked) -> str:
    """Return which of a pair would be kept: the one with a verified number, or the older record."""
    both = sorted(
        looked.shown,
        key=lambda s: (nhs_number_of(dict(s.patient))[1] != "checked", not _number(s), -s.version),
    )
    return str(both[0].patient["id"]) if len(both) == 2 else ""


def _number(shown: Shown) -> str:
    return nhs_number_of(dict(shown.patient))[0]


def _candidate(shown: Shown, question: Question) -> Face:
    master = master_of(shown.patient)
    weighed = shown.weighed
    return _face(
        shown.patient,
        str(shown.patient["id"]),
        likeness="" if question.is_pair else _likeness(weighed.score),
        reasons_for=() if _is_first(shown, question) else weighed.reasons_for,
        reasons_against=() if _is_first(shown, question) else weighed.reasons_against,
        restricted=shown.restricted,
        joined_to=master if master != shown.patient["id"] else "",
    )


def _is_first(shown: Shown, question: Question) -> bool:
    """Of a pair, the one that the other is held against."""
    return question.is_pair and str(shown.patient["id"]) == question.people[0]


def _likeness(score: float) -> str:
    if score >= 0.95:
        return "Very like"
    return "Like" if score >= 0.6 else "Little alike"


def _face(patient: Mapping[str, Any], person_id: str, **more: Any) -> Face:
    number, checked = nhs_number_of(dict(patient))
    told = f"{nhs_number_words(number)} ({checked})" if checked else nhs_number_words(number)
    facts = (
        ("Born", _born(patient)),
        ("NHS number", told if number else ""),
        ("Address", ", ".join(address_lines(patient.get("address")))),
        ("Earlier names", ", ".join(_other_names(patient))),
        ("One of twins", _twin(patient)),
    )
    return Face(
        id=person_id,
        name=human_name(patient.get("name")) or "Name not stated",
        facts=tuple((name, value or "not stated") for name, value in facts[:3])
        + tuple(fact for fact in facts[3:] if fact[1]),
        **more,
    )


def _born(patient: Mapping[str, Any]) -> str:
    text = str(patient.get("birthDate", ""))
    born = read_moment(text)
    if born is None:
        return ""
    odd = ", a possible placeholder date" if text.endswith("-01-01") else ""
    return f"{say(born)}{odd}"


def _other_names(patient: Mapping[str, Any]) -> list[str]:
    names = patient.get("name", ())
    return [human_name([n]) for n in names if n.get("use") in ("old", "maiden")]


def _twin(patient: Mapping[str, Any]) -> str:
    order = patient.get("multipleBirthInteger")
    return {1: "born first", 2: "born second", 3: "born third"}.get(order or 0, "")


def said_of(question: Question, names: Names) -> tuple[Said, ...]:
    """Return everything that was said to a question, oldest first."""
    return tuple(
        Said(
            _answer_words(question, a, names),
            names.get(a.by, ""),
            say(moment) if (moment := moment_of(a.at)) else "",
            a.words,
        )
        for a in question.answers
        if a.said != "done"
    )


def _answer_words(question: Question, answer: Answer, names: Names) -> str:
    name = names.get(f"Patient/{answer.person}", "one of them")
    if answer.said == "same":
        return "They are one person" if question.is_pair else f"It is {name}"
    if answer.said == "different":
        return "They are two people" if question.is_pair else "It is somebody else"
    return {"pass": "Passed to the privacy officer", "open": "Could not be carried out"}.get(
        answer.said, ""
    )


def named(questions: Sequence[Question]) -> tuple[str, ...]:
    """Return every reference that a list of questions needs a name for."""
    found: dict[str, None] = {}
    for question in questions:
        found[f"Organization/{question.organisation}"] = None
        found.update((a.by, None) for a in question.answers)
        found.update((f"Patient/{a.person}", None) for a in question.answers if a.person)
        if question.is_pair:
            found.update((f"Patient/{p}", None) for p in question.people)
    return tuple(r for r in found if not r.endswith("/"))
