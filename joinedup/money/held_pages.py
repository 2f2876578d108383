"""The page that tells of payments held back by a label, without saying what they are for."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import SignInNeeded
from joinedup.money.held import held_back
from joinedup.money.names import names_of
from joinedup.money.payment_words import moment_words
from joinedup.web.clock import now
from joinedup.web.dates import Moment, say
from joinedup.web.layout import render

__all__ = ["held"]


@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Return what is held back: to an officer what they prepared, to a privacy officer all."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see this page.")
    found = held_back(permit)
    names = names_of(permit, [one.prepared_by for one in found], detail="payments held back")
    context = {
        "title": "Payments held back by a label",
        "crumbs": [("Money", "/money")] if permit.may(Power.KEEP_BOOKS) else [],
        "held": [
            (
                one.id.rpartition("-")[2][:8],
                names.get(one.prepared_by) or one.prepared_by,
                moment_words(one.prepared_at),
            )
            for one in found
        ],
        "reviews": permit.may(Power.REVIEW_ACCESS),
        "as_of": say(Moment(now())),
    }
    return render(request, "money/held.jinja", context, here="money")
