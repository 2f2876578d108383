"""Requests and disagreements in words, for the pages of the person and of workers alike."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.people.disagreement import ANSWERS
from joinedup.people.rights.requests import RecordRequest
from joinedup.web.dates import Moment, read_moment, say

if TYPE_CHECKING:
    from django.http import HttpRequest

    from joinedup.people.rights.disagreeing import Said

__all__ = ["Line", "Request", "present_request", "present_said", "said_day", "sent_version"]


class Request(Struct, frozen=True, kw_only=True):
    """A request for a copy, ready for a page."""

    id: str
    person: str
    asked_on: str
    due: str
    standing: str
    tone: str
    reason: str
    until: str
    is_open: bool
    is_late: bool
    may_end: bool
    may_take: bool
    days_left: int


class Line(Struct, frozen=True, kw_only=True):
    """Something that a person says is wrong, ready for a page."""

    id: str
    person: str
    version: int
    entry: str
    title: str
    words: str
    said_on: str
    owner: str
    standing: str
    tone: str
    reasons: tuple[str, ...]
    is_open: bool
    stands: bool
    was_refused: bool


_STANDING = {
    "requested": ("Waiting for an answer", "soon"),
    "in-progress": ("Waiting: more time is needed", "pause"),
    "rejected": ("Refused", "pause"),
    "cancelled": ("You took it back", "over"),
}


def present_request(request: RecordRequest, now: datetime) -> Request:
    """Return a request in words, as it stands now."""
    today = now.astimezone(LONDON).date()
    may_take = request.may_be_taken(now)
    standing, tone = _STANDING.get(request.status, ("", ""))
    if request.status == "completed":
        standing, tone = ("Ready", "now") if may_take else ("No longer here", "over")
    until = request.until.astimezone(LONDON) if request.until else None
    return Request(
        id=request.id,
        person=request.person,
        asked_on=said_day(request.asked_on),
        due=said_day(request.due),
        standing=standing,
        tone=tone,
        reason=request.reason,
        until=say(Moment(until), time=True) if until else "",
        is_open=request.is_open,
        is_late=request.is_open and today > request.due,
        may_end=request.status == "requested",
        may_take=may_take,
        days_left=(request.due - today).days,
    )


def present_said(said: "Said", now: datetime) -> Line:
    """Return a disagreement in words; `owner` is the code of who must answer."""
    found = said.disagreement
    standing, tone = "Waiting for an answer", "soon"
    if found.answer == "passed" and found.is_open:
        standing = "Waiting: passed to another organisation"
    elif found.status == "cancelled":
        standing, tone = "Taken back", "over"
    elif not found.is_open:
        standing, tone = ANSWERS.get(found.answer, "Answered"), "over"
    return Line(
        id=found.id,
        person=found.person,
        version=said.version,
        entry=found.entry,
        title=found.title,
        words=found.words,
        said_on=said_day(found.said_on),
        owner=found.owner,
        standing=standing,
        tone="differ" if found.answer == "not-changed" and not found.is_open else tone,
        reasons=found.reasons,
        is_open=found.is_open,
        stands=found.stands,
        was_refused=found.answer == "not-changed" and not found.is_open,
    )


def said_day(day: date | str) -> str:
    """Return a day as people say it; "" for what is none."""
    moment = read_moment(day if isinstance(day, str) else day.isoformat())
    return say(Moment(moment.at, "day")) if moment else ""


def sent_version(request: "HttpRequest") -> int:
    """Return the version a form was made from; 0 for what is no number."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
