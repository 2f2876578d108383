"""The form that finds a person: what was typed, kept as typed, and what is wrong with it.

The rules are `find_rules`; this module turns the fields of the page into its `FindForm` and the
problems it names back into messages beside those fields.
"""

from collections.abc import Mapping

from msgspec import Struct

from joinedup.fhir.issue import Refusal
from joinedup.people.find_rules import FindForm

__all__ = ["DATE_PARTS", "Typed", "errors_of", "find_form", "read_typed"]

DATE_PARTS = ("day", "month", "year")
_TEXTS = ("nhs_number", "family", "given", "gender", "postcode")
_DATES = ("born", "born_to")
_LONGEST = 200
_WHOLE_FORM = "family"


class Typed(Struct, frozen=True):
    """Every field as it was typed, by the name it has on the page (`born-day`)."""

    values: Mapping[str, str]
    asked: bool

    def of(self, name: str) -> str:
        """Return what was typed into a field, "" where nothing was."""
        return self.values.get(name, "")


def read_typed(query: Mapping[str, str]) -> Typed:
    """Return what was typed, from the address of the page; `asked` once anything was."""
    names = [*_TEXTS, *(f"{d}-{p}" for d in _DATES for p in DATE_PARTS)]
    values = {n: query.get(n, "")[:_LONGEST] for n in names}
    return Typed(values, asked="find" in query or any(v.strip() for v in values.values()))


def find_form(typed: Typed) -> FindForm:
    """Return the form as the finding rules read it; an impossible date is passed on as typed."""
    texts = {name: typed.of(name).strip() for name in _TEXTS}
    return FindForm(**texts, born=_date(typed, "born"), born_to=_date(typed, "born_to"))


def _date(typed: Typed, name: str) -> str:
    day, month, year = (typed.of(f"{name}-{part}").strip() for part in DATE_PARTS)
    return f"{day.zfill(2)}/{month.zfill(2)}/{year}" if day or month or year else ""


def errors_of(refusal: Refusal) -> dict[str, str]:
    """Return the first message for each field, in the order they were found."""
    errors: dict[str, str] = {}
    for problem in refusal.problems:
        errors.setdefault(problem.path or _WHOLE_FORM, problem.message)
    return errors
