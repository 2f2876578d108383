"""The forms of proxies: what was typed, kept as typed, and read as the rules read it."""

from collections.abc import Mapping
from datetime import date

from django.http import QueryDict
from msgspec import Struct

from joinedup.fhir.issue import Refusal
from joinedup.fhir.relationships import FUNCTIONS
from joinedup.people.proxies.asking import Looking
from joinedup.people.proxies.deciding import Decision
from joinedup.people.proxies.rules import Wish

__all__ = [
    "WHOLE",
    "Filled",
    "date_parts",
    "decision_of",
    "errors_in",
    "filled",
    "looking_of",
    "wish_of",
]

WHOLE = "form"
_TEXTS = ("given", "family", "relationship", "contact", "number", "code", "basis", "reason")
_DATES = ("born", "until")
_PARTS = ("day", "month", "year")
_LONGEST = 200


class Filled(Struct, frozen=True):
    """Every field as it was typed, and the boxes that were ticked."""

    values: Mapping[str, str]
    functions: tuple[str, ...]

    def of(self, name: str) -> str:
        """Return what was typed into a field, "" where nothing was."""
        return self.values.get(name, "")

    def day(self, name: str) -> date | None:
        """Return a date of three parts; None where it is none."""
        parts = [self.of(f"{name}-{part}").strip() for part in _PARTS]
        if not all(p.isascii() and p.isdigit() and len(p) <= 4 for p in parts):
            return None
        day, month, year = map(int, parts)
        try:
            return date(year, month, day)
        except ValueError:
            return None


def filled(sent: QueryDict, **defaults: str) -> Filled:
    """Return what a form sent; `defaults` stand where it was not sent at all."""
    names = [
        *_TEXTS,
        "words",
        *(f"{d}-{p}" for d in _DATES for p in _PARTS),
        "is_safe",
        "is_needed",
    ]
    longest = {"words": 2_000}
    values = {n: str(sent[n])[: longest.get(n, _LONGEST)] for n in names if n in sent}
    ticked = tuple(f for f in FUNCTIONS if f in sent.getlist("functions"))
    return Filled({**defaults, **values}, ticked)


def date_parts(name: str, day: date) -> dict[str, str]:
    """Return a date as the three fields it is typed into."""
    return {
        f"{name}-day": str(day.day),
        f"{name}-month": str(day.month),
        f"{name}-year": str(day.year),
    }


def wish_of(form: Filled) -> Wish:
    """Return a form as a wish; what is missing or impossible is for the rules to say."""
    return Wish(
        given=form.of("given"),
        family=form.of("family"),
        born=form.day("born"),
        relationship=form.of("relationship"),
        functions=form.functions,
        until=form.day("until"),
        contact=form.of("contact"),
    )


def looking_of(form: Filled) -> Looking:
    """Return whose record a form asks for."""
    return Looking(number=form.of("number"), given=form.of("given"), family=form.of("family"))


def decision_of(form: Filled) -> Decision:
    """Return what a worker decided."""
    return Decision(
        functions=form.functions,
        until=form.day("until"),
        basis=form.of("basis"),
        is_safe=form.of("is_safe") == "yes",
        is_needed=form.of("is_needed") == "yes",
    )


def errors_in(refusal: Refusal) -> dict[str, str]:
    """Return the first message for each field; what belongs to no field stands for the form."""
    errors: dict[str, str] = {}
    for problem in refusal.problems:
        errors.setdefault(problem.path or WHOLE, problem.message)
    return errors
