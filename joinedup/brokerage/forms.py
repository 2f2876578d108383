"""What is typed into forms about finding care: kept as typed, read with every fault by field."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TypeVar

from django.http import HttpRequest, QueryDict

from joinedup.brokerage.rules.providers import Override
from joinedup.fhir.issue import Invalid, Problem, Refusal
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.placement import Wanted
from joinedup.fhir.profiles.slot import HOMES
from joinedup.fhir.search.period import LONDON

__all__ = [
    "SKILLS",
    "errors_of",
    "moment",
    "override_typed",
    "read_date",
    "typed_of",
    "wanted_typed",
]

LONGEST = 1_000
WHOLE = "form"
SKILLS = ("hoist", "peg", "insulin", "catheter", "dementia")
"""What a visit can need training for, as the forms offer it."""
_Value = TypeVar("_Value")
Typed = Mapping[str, str]


def typed_of(form: QueryDict) -> dict[str, str]:
    """Return what was typed, cut where no field is so long; several choices joined by blanks."""
    return {name: " ".join(form.getlist(name)).strip()[:LONGEST] for name in form}


def errors_of(refusal: Refusal, fields: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what a refusal says by field; what is about none stands over the form."""
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        place = problem.path if problem.path in fields else WHOLE
        found.setdefault(place, []).append(problem.message)
    return {place: tuple(dict.fromkeys(said)) for place, said in found.items()}


def wanted_typed(typed: Typed) -> Wanted:
    """Return what is wanted, as a form says it; Invalid with everything wrong by its field."""
    problems: list[Problem] = []

    def take(field: str, read: Callable[[str], _Value], words: str, otherwise: _Value) -> _Value:
        try:
            return read(typed.get(field, ""))
        except ValueError:
            problems.append(Problem("value", words, field))
            return otherwise

    service = typed.get("service", "")
    is_home = service in HOMES
    number = "Write a whole number."
    wanted = Wanted(
        service=service,
        area=typed.get("area", "").upper(),
        begins=take("begins", read_date, "Write a day, like 16/1/2018.", date.min),
        bands=() if is_home else tuple(typed.get("bands", "").split()),
        visits=1 if is_home else take("visits", int, number, 1),
        minutes=30 if is_home else take("minutes", int, number, 30),
        carers=take("carers", int, number, 1),
        skills=tuple(typed.get("skills", "").split()),
        personal_care=bool(typed.get("personal_care")),
        nursing=bool(typed.get("nursing")),
        urgent=bool(typed.get("urgent")),
        short_reason=typed.get("short_reason", ""),
        words=typed.get("words", ""),
    )
    if problems:
        raise Invalid(*problems)
    return wanted


def read_date(text: str) -> date:
    """Return a day as people write it; ValueError for what is none."""
    found = read_day(text)
    if found is None:
        raise ValueError(text)
    return found


def override_typed(typed: Typed) -> Override | None:
    """Return who allows a provider rated inadequate; None where nothing of it was filled in."""
    by, post = typed.get("allowed_by", ""), typed.get("allowed_post", "")
    why, review = typed.get("allowed_why", ""), typed.get("allowed_review", "")
    if not (by or post or why or review):
        return None
    try:
        day = read_date(review)
    except ValueError:
        raise Invalid(Problem("value", "Write a day, like 16/1/2018.", "allowed_review")) from None
    return Override(by=by, post=post, why=why, review_on=day)


def moment(request: HttpRequest, name: str) -> datetime:
    """Return a moment that was chosen, or typed as day and time; Invalid for what is none."""
    chosen = request.POST.get(name, "")[:40]
    try:
        if chosen and chosen != "other":
            at = datetime.fromisoformat(chosen)
        else:
            day = read_date(request.POST.get(f"{name}_day", "")[:20].strip())
            hour = time.fromisoformat(request.POST.get(f"{name}_time", "")[:5].strip())
            at = datetime.combine(day, hour, LONDON)
    except ValueError:
        words = "Choose a time, or write a day like 16/1/2018 and a time like 18:30."
        raise Invalid(Problem("value", words, name)) from None
    return at if at.tzinfo else at.replace(tzinfo=LONDON)
