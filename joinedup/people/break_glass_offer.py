"""The page that says why a record does not open, and offers to open it for a coded reason.

Only for people whom this session was shown in find-a-person, and for those who do not want to be
looked at: a guessed address stays a page that is not there.
"""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest, HttpResponse

from joinedup.access.guard import REASONS
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.web.layout import render

__all__ = ["may_break_glass", "offer_page", "remember_shown", "was_shown"]

_SHOWN = "shown"
_MOST_SHOWN = 200


def remember_shown(request: HttpRequest, people: Iterable[tuple[str, str]]) -> None:
    """Keep in the session whom it was shown without a relationship: an id and a name each."""
    new = dict(people)
    if new:
        kept = {k: v for k, v in request.session.get(_SHOWN, {}).items() if k not in new}
        request.session[_SHOWN] = dict([*kept.items(), *new.items()][-_MOST_SHOWN:])


def was_shown(request: HttpRequest, person_id: str) -> str:
    """Return the name under which this session was shown somebody; "" where it was not."""
    return str(request.session.get(_SHOWN, {}).get(person_id, ""))


def may_break_glass(request: HttpRequest, permit: Permit, person_id: str) -> bool:
    """Whether this session may give a reason to open the record of somebody."""
    return permit.may(Power.BREAK_GLASS) and bool(was_shown(request, person_id))


def offer_page(
    request: HttpRequest,
    permit: Permit,
    person_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the page NO_RELATIONSHIP (403), with the reasons where the role may give one."""
    context = {
        "title": "You have no relationship with this person",
        "person_id": person_id,
        "name": was_shown(request, person_id),
        "may_break": permit.may(Power.BREAK_GLASS),
        "reasons": REASONS,
        "typed": typed or {},
        "errors": errors or {},
    }
    status = 422 if errors else 403
    return render(request, "people/no_relationship.jinja", context, here="people", status=status)
