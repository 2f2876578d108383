"""What came in by a form of the money pages, and what a refusal says about it."""

from django.http import HttpRequest

from joinedup.fhir.issue import Refusal
from joinedup.web.refusals import leave_trace

__all__ = ["by_field", "said_by", "tell", "typed"]

_LONGEST_TYPED = 10_000


def typed(request: HttpRequest, name: str, longest: int = _LONGEST_TYPED) -> str:
    """Return what was typed into a field, cut where nobody types that much."""
    return request.POST.get(name, "").strip()[:longest]


def said_by(refusal: Refusal) -> list[str]:
    """Return what a refusal says, each thing once."""
    return list(dict.fromkeys(problem.message for problem in refusal.problems))


def tell(request: HttpRequest, refusal: Refusal) -> list[str]:
    """Return the same, for the page that was asked; the attempt is in the audit (4.7, 9)."""
    leave_trace(request, refusal)
    return said_by(refusal)


def by_field(refusal: Refusal, fields: tuple[str, ...]) -> dict[str, str]:
    """Return what a refusal says by field of a form; what is about none stands with the first."""
    found: dict[str, str] = {}
    for problem in refusal.problems:
        found.setdefault(problem.path if problem.path in fields else fields[0], problem.message)
    return found
