"""A round of a ward: bed by bed, who was reviewed when, and what is typed about one person.

What a review is and makes of a stay is `rules.criteria` and `reviews`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.discharge.board import Filters, Line, Place, shown
from joinedup.discharge.reviews import (
    Answers,
    FirstReason,
    confirm_criteria,
    review_criteria,
)
from joinedup.discharge.rules.board import natural
from joinedup.discharge.rules.criteria import NEWS_MEETS
from joinedup.discharge.standing import Standing
from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.london import at_clock, day_of
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.fhir.profiles.readiness import Reviewed
from joinedup.fhir.search.period import LONDON
from joinedup.reference.codes.discharge import DelayReason, criteria, delay_reasons

__all__ = [
    "NEWS",
    "NOT_ANSWERED",
    "Said",
    "answers_said",
    "first_reasons",
    "following",
    "in_bed_order",
    "is_reviewed",
    "read_said",
    "round_of",
    "save_review",
    "said_before",
]

NEWS = "news2"
NOT_ANSWERED = "Answer yes or no."
"""What is said beside a question that was left open (DI-01)."""
_ROUND = timedelta(hours=4)
_LONGEST = 500
_TYPED = "%Y-%m-%dT%H:%M"


class Said(Struct, frozen=True, kw_only=True):
    """What a form says, as it was typed: `answers` are yes, no or "" by criterion; the NEWS2
    criterion has none, its score answers it."""

    score: str = ""
    answers: Mapping[str, str] = {}
    ended: Mapping[str, str] = {}
    cause: str = ""
    words: str = ""
    reason: str = ""
    rest_no: bool = False
    """That every question without an answer is answered no."""


def round_of(permit: Permit, place: Place, now: datetime) -> tuple[Line, ...]:
    """Return everybody in a bed of the ward, in the order of the beds."""
    return in_bed_order(shown(permit, place, Filters(), now).everybody)


def in_bed_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines bed by bed; who has no bed comes last."""
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                line.bed is None,
                natural(line.bed.name if line.bed else ""),
                line.said.spell,
            ),
        )
    )


def is_reviewed(line: Line, now: datetime) -> bool:
    """Whether somebody was reviewed in this round: there are two a day (domain.md 9.1)."""
    return line.reviewed is not None and now - line.reviewed < _ROUND


def following(lines: Sequence[Line], spell: str, now: datetime) -> str:
    """Return whose turn it is after a stay: the next bed not reviewed in this round, then from the
    first bed on; "" when everybody has been."""
    names = [line.said.spell for line in lines]
    start = names.index(spell) + 1 if spell in names else 0
    turned = [*lines[start:], *lines[:start]]
    waiting = (x.said.spell for x in turned if not is_reviewed(x, now) and x.said.spell != spell)
    return next(waiting, "")


def said_before(review: Checklist | None, now: datetime) -> Said:
    """Return what a form begins with: the answers of the last review, without its score."""
    if review is None:
        return Said(reason="decision")
    return Said(
        answers={code: "yes" if yes else "no" for code, yes in review.answers.items()},
        ended={code: _clock(at) for code, at in review.ended.items()},
        cause=review.news_cause,
        words=review.news_words,
        reason="decision",
    )


def _clock(at: datetime) -> str:
    return at.astimezone(LONDON).strftime(_TYPED)


def read_said(form: Mapping[str, str], on: datetime) -> Said:
    """Return what was typed, cut where nothing is so long."""
    known = criteria(on=day_of(on))
    return Said(
        score=form.get("score", "").strip()[:8],
        answers={c.code: form.get(f"answer-{c.code}", "")[:4] for c in known if c.code != NEWS},
        ended={c.code: form.get(f"ended-{c.code}", "")[:32] for c in known if c.window_hours},
        cause=form.get("cause", "")[:40],
        words=form.get("words", "").strip()[:_LONGEST],
        reason=form.get("reason", "")[:40],
        rest_no=form.get("rest", "") == "no",
    )


def answers_said(said: Said, now: datetime) -> Answers:
    """Return the answers of a form; Invalid, by field, where something cannot be read.

    A score above 3 is a yes to its own question, unless it is said to be usual for the person.
    """
    problems: list[Problem] = []
    score = int(said.score) if said.score.isdigit() and len(said.score) < 3 else None
    if score is None:
        problems.append(Problem("value", "Type the NEWS2 score of now, 0 to 20.", "score"))
    answers = {NEWS: score is not None and score >= NEWS_MEETS and not said.cause}
    for criterion in criteria(on=day_of(now)):
        if criterion.code == NEWS:
            continue
        typed = said.answers.get(criterion.code, "") or ("no" if said.rest_no else "")
        if typed not in ("yes", "no"):
            problems.append(Problem("required", NOT_ANSWERED, f"answer-{criterion.code}"))
        answers[criterion.code] = typed == "yes"
    ended = _ended(said, answers, problems)
    if problems:
        raise Invalid(*problems)
    return Answers(
        answers=answers,
        news2=score,
        news_cause=said.cause if score is not None and score >= NEWS_MEETS else "",
        news_words=said.words if said.cause and score is not None and score >= NEWS_MEETS else "",
        ended=ended,
    )


def _ended(said: Said, answers: Mapping[str, bool], problems: list[Problem]) -> dict[str, datetime]:
    """Return when operations ended; one that was typed counts where the answer is no as well."""
    found: dict[str, datetime] = {}
    for code, typed in said.ended.items():
        if not typed:
            continue
        try:
            at = datetime.strptime(typed, _TYPED)  # noqa: DTZ007  # as clocks in England show it
            found[code] = at_clock(at.date(), at.hour, at.minute)
        except ValueError:
            words = "Write a day and a time, like 15/01/2018 09:00."
            problems.append(Problem("value", words, f"ended-{code}"))
    return found


def first_reasons(now: datetime) -> tuple[DelayReason, ...]:
    """Return what somebody may wait for first that the hospital itself can end."""
    listed = delay_reasons(on=day_of(now)).values()
    return tuple(r for r in listed if r.owner == "hospital" and not r.pathways)


def save_review(
    permit: Permit,
    standing: Standing,
    before: Checklist | None,
    said: Said,
    *,
    seen: int,
    now: datetime,
) -> tuple[Reviewed, bool]:
    """Save what was said of one person; return the review and whether it confirms the last.

    The same answers as before confirm it; others are a review of their own. Refuses as
    `answers_said`, `reviews.confirm_criteria` and `reviews.review_criteria`.
    """
    answers, spell = answers_said(said, now), standing.readiness.spell
    if before is not None and _is_same(answers, before):
        score = answers.news2 or 0
        return confirm_criteria(permit, spell, news2=score, seen=seen, now=now), True
    first = FirstReason(
        reason=said.reason or "decision",
        owner=standing.readiness.hospital,
        chase_by=now + timedelta(days=1),
    )
    review = review_criteria(permit, spell, answers, seen=seen, now=now, first=first)
    return review, False


def _is_same(answers: Answers, before: Checklist) -> bool:
    same = answers.answers == before.answers and dict(answers.ended) == dict(before.ended)
    why = (answers.news_cause, answers.news_words) == (before.news_cause, before.news_words)
    return same and why
