"""Does somebody still need this hospital bed? The criteria to reside, all answered (DI-01).

A clinician answers; the rules hold the answers against the NEWS2 score and the hours since an
operation, counted in whole hours that really passed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from joinedup.access.words import Role
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of, elapsed
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.reference.codes.discharge import Criterion, criteria

__all__ = [
    "CLINICIANS",
    "NEWS_CAUSES",
    "NEWS_MEETS",
    "confirmed",
    "ends_meeting_at",
    "judged",
    "problems",
]

CLINICIANS = frozenset({Role.CONSULTANT, Role.WARD_NURSE, Role.WARD_MANAGER, Role.GP})
"""Who may answer; the GP of a community hospital is one."""

NEWS_CAUSES: Mapping[str, str] = {
    "atrial-fibrillation": "Atrial fibrillation",
    "chronic-breathing": "A long-standing disease of breathing",
}
"""What may make a score above 3 usual for somebody; a clinician then says so in words."""
NEWS_MEETS = 4
_NEWS_HIGHEST = 20
_LEAST_WORDS = 10


def judged(checklist: Checklist) -> Checklist:
    """Return the review with its verdict; refuses, Unprocessable, one that does not hold together.

    It meets the criteria when any answer is yes (DI-01; domain.md 9.1).
    """
    if found := problems(checklist):
        raise Unprocessable(*found)
    return replace(checklist, meets=any(checklist.answers.values()))


def problems(checklist: Checklist) -> tuple[Problem, ...]:
    """Return everything that is wrong with a review: who, what is missing, what contradicts."""
    known = criteria(on=day_of(checklist.at))
    found = [*_who(checklist), *_answered(checklist, known), *_news(checklist)]
    for criterion in known:
        if criterion.window_hours is not None and criterion.code in checklist.answers:
            found += _window(checklist, criterion)
    return tuple(found)


def _who(checklist: Checklist) -> Iterator[Problem]:
    if checklist.role not in {role.value for role in CLINICIANS}:
        words = "Only a doctor or nurse of the ward answers the criteria to reside."
        yield Problem("forbidden", words, "Observation.performer")


def _answered(checklist: Checklist, known: tuple[Criterion, ...]) -> Iterator[Problem]:
    codes = {criterion.code: criterion.words for criterion in known}
    for code, words in codes.items():
        if code not in checklist.answers:
            yield Problem("required", f"Not answered: {words}.", f"component[{code}]")
    for code in checklist.answers.keys() - codes.keys():
        yield Problem("value", f"“{code}” is no criterion to reside.", "component")


def _news(checklist: Checklist) -> Iterator[Problem]:
    score, says = checklist.news2, checklist.answers.get("news2")
    where = "component[news2]"
    if score is None or not 0 <= score <= _NEWS_HIGHEST:
        yield Problem("value", "Give the NEWS2 score, 0 to 20.", where)
        return
    if says and score < NEWS_MEETS:
        words = f"A NEWS2 score of {score} is no reason to stay by itself: it must be above 3."
        yield Problem("business-rule", words, where)
    if says is False and score >= NEWS_MEETS and not _is_usual(checklist):
        words = (
            f"A NEWS2 score of {score} is a reason to stay. If it is usual for this person, "
            "say which: atrial fibrillation or a long-standing disease of breathing, and why."
        )
        yield Problem("business-rule", words, where)


def _is_usual(checklist: Checklist) -> bool:
    words = len(checklist.news_words.strip())
    return checklist.news_cause in NEWS_CAUSES and words >= _LEAST_WORDS


def _window(checklist: Checklist, criterion: Criterion) -> Iterator[Problem]:
    """Yield where a yes or no contradicts the time since the operation."""
    says, ended = checklist.answers[criterion.code], checklist.ended.get(criterion.code)
    where = f"component[{criterion.code}]"
    if ended is None:
        if says:
            yield Problem("required", f"{criterion.words}: say when it ended.", where)
        return
    if ended > checklist.at:
        yield Problem("value", "An operation that has not ended yet is not counted from.", where)
        return
    inside = elapsed(ended, checklist.at) <= _window_of(criterion)
    hours = elapsed(ended, checklist.at) // timedelta(hours=1)
    if says and not inside:
        words = f"{criterion.words}: it ended {hours} hours ago."
        yield Problem("business-rule", words, where)
    if inside and not says and not criterion.judged:
        words = f"It ended {hours} hours ago: still {criterion.words[0].lower()}"
        yield Problem("business-rule", f"{words}{criterion.words[1:]}.", where)


def _window_of(criterion: Criterion) -> timedelta:
    """Return its length; the last moment belongs to it: 48 hours to the minute is within 48."""
    assert criterion.window_hours is not None, "asked of those with a window only"
    return timedelta(hours=criterion.window_hours)


def ends_meeting_at(checklist: Checklist) -> datetime | None:
    """Return after which moment an operation alone no longer keeps somebody here.

    None where something else does too, or nothing does: a board shows when to ask again.
    """
    known = {c.code: c for c in criteria(on=day_of(checklist.at))}
    yes = [known[code] for code, says in checklist.answers.items() if says]
    if not yes or any(c.code not in checklist.ended or c.window_hours is None for c in yes):
        return None
    return max(checklist.ended[c.code] + _window_of(c) for c in yes)


def confirmed(
    before: Checklist, resource_id: str, *, at: datetime, by: str, role: str, news2: int
) -> Checklist:
    """Return a new review with the answers of an earlier one, the score asked afresh.

    Refuses, Unprocessable, where time alone has changed an answer, such as 48 hours that passed,
    or where it is not later than the one before.
    """
    if at <= before.at:
        raise Unprocessable("A review that confirms another comes after it.")
    again = replace(before, at=at, answered_by=by, role=role, news2=news2, confirms=resource_id)
    return judged(again)
