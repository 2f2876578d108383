"""Saving one review of the criteria to reside: the Observation and the stay's Task, in one commit.

A round and the page of a stay both come here. What a review makes of the stay is `rules`; the
version of the Task decides who was first.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.discharge.holding import needed_again
from joinedup.discharge.rules.criteria import CLINICIANS, confirmed, judged
from joinedup.discharge.rules.delays import waiting_for
from joinedup.discharge.rules.ready_date import marked_meeting, marked_ready
from joinedup.discharge.rules.states import LEFT
from joinedup.discharge.standing import Standing, saved, standing_of
from joinedup.fhir.issue import Conflict, Gone, NotFound, NotPermitted, Stale, Unprocessable
from joinedup.fhir.profiles import criteria
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.readiness import Delay, Readiness, Reviewed
from joinedup.record import Create

__all__ = [
    "FIRST_REASON",
    "Answers",
    "FirstReason",
    "confirm_criteria",
    "last_review",
    "review_criteria",
]

FIRST_REASON = "decision"
"""What somebody who has just become ready waits for, where nobody says otherwise."""
_CHASE_WITHIN = timedelta(days=1)
_TOLD = "Somebody else has reviewed or changed this stay since you opened it. Look again first."


class Answers(Struct, frozen=True, kw_only=True):
    """What a clinician answers: by criterion, the NEWS2 score and why it is usual, and when an
    operation or procedure ended."""

    answers: Mapping[str, bool]
    news2: int | None
    news_cause: str = ""
    news_words: str = ""
    ended: Mapping[str, datetime] = {}


class FirstReason(Struct, frozen=True, kw_only=True):
    """Why somebody who is ready from this review still waits; `owner` an organisation's id."""

    reason: str
    owner: str
    chase_by: datetime


def last_review(permit: Permit, standing: Standing) -> tuple[str, Checklist] | None:
    """Return the id and the answers of the last review; None where there is none to be seen."""
    if standing.readiness.reviewed is None:
        return None
    name = standing.readiness.reviewed.checklist
    try:
        return name, criteria.read(record.read(permit, "Observation", name).resource)
    except (NotFound, Gone, KeyError, ValueError, TypeError):
        return None


def review_criteria(
    permit: Permit,
    spell_id: str,
    answers: Answers,
    *,
    seen: int,
    now: datetime,
    first: FirstReason | None = None,
) -> Reviewed:
    """Save a review with all its answers, and what it makes of the stay (DI-01); return it.

    `seen` is the version of the Task that was looked at (`standing_of`), 0 for none. Refuses:
    NotPermitted who is no clinician, Stale where somebody was first, Unprocessable what does not
    hold together. `first` says what a person who becomes ready waits for.
    """
    standing = _to_review(permit, spell_id, seen)
    stay = standing.readiness
    review = judged(
        Checklist(
            person=stay.person,
            spell=stay.spell,
            answered_by=permit.worker,
            role=permit.role.value,
            at=_later(stay, now),
            answers=answers.answers,
            news2=answers.news2,
            news_cause=answers.news_cause,
            news_words=answers.news_words,
            ended=answers.ended,
        )
    )
    return _saved(permit, standing, review, first)


def confirm_criteria(
    permit: Permit, spell_id: str, *, news2: int, seen: int, now: datetime
) -> Reviewed:
    """Save that the last answers are unchanged, with the score of now; refuses as `review_criteria`
    and, Unprocessable, where there is no earlier review or time has changed an answer."""
    standing = _to_review(permit, spell_id, seen)
    before = last_review(permit, standing)
    if before is None:
        raise Unprocessable("There is no earlier review to confirm. Answer the eleven questions.")
    at = _later(standing.readiness, now)
    by = permit.worker
    again = confirmed(before[1], before[0], at=at, by=by, role=permit.role.value, news2=news2)
    return _saved(permit, standing, again, None)


def _to_review(permit: Permit, spell_id: str, seen: int) -> Standing:
    if permit.role not in CLINICIANS:
        raise NotPermitted("Only a doctor or nurse of the ward answers the criteria to reside.")
    standing = standing_of(permit, spell_id)
    if standing.version != seen:
        raise Stale(_TOLD)
    if standing.readiness.state in LEFT:
        raise Unprocessable("They have left, so there is nothing more to review in this stay.")
    return standing


def _later(stay: Readiness, now: datetime) -> datetime:
    """Return when this review is: now, and after whatever came before it, to the second.

    Clocks of two machines differ, and in an invented place the clock stands still.
    """
    before = [s.until or s.since for s in stay.spans] + [d.since for d in stay.delays]
    before += [stay.reviewed.at] if stay.reviewed else []
    return max([now, *(moment + timedelta(seconds=1) for moment in before)])


def _saved(
    permit: Permit, standing: Standing, review: Checklist, first: FirstReason | None
) -> Reviewed:
    name = str(uuid4())
    by = Reference(permit.worker)
    done = Reviewed(checklist=name, at=review.at, by=by, meets=review.meets)
    stands = _standing_after(standing.readiness, review, name, first)
    seen = Create(standing.labelled(criteria.build(review, name)), name)
    kept = saved(standing, replace(stands, reviewed=done))
    is_news = review.meets and standing.readiness.state != "meets-criteria"
    after = needed_again(permit, standing, review.at) if is_news else []
    try:
        record.commit(permit, [seen, kept, *after], action="review")
    except Conflict as taken:
        raise Stale(_TOLD) from taken
    return done


def _standing_after(
    stay: Readiness, review: Checklist, name: str, first: FirstReason | None
) -> Readiness:
    """Return the stay after a review; who is ready and stays so keeps the date that stands."""
    if review.meets:
        return marked_meeting(stay, review)
    if stay.ready is not None:
        return stay
    return marked_ready(stay, review, name, delay=_first_delay(stay, review, first))


def _first_delay(stay: Readiness, review: Checklist, first: FirstReason | None) -> Delay:
    said = first or FirstReason(
        reason=FIRST_REASON, owner=stay.hospital, chase_by=review.at + _CHASE_WITHIN
    )
    return waiting_for(
        said.reason,
        owner=said.owner,
        since=review.at,
        chase_by=said.chase_by,
        set_by=Reference(review.answered_by),
    )
