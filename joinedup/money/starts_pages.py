"""The page on which officers set money aside for urgent starts, and give the rest of it back."""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.profiles.agreement import GRANT, POOL
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.money import in_pounds
from joinedup.ledger.period import Month
from joinedup.money.desk import keeper
from joinedup.money.forms import Typed, errors_of, read_typed
from joinedup.money.month_ends import month_of
from joinedup.money.names import month_words
from joinedup.money.pot_rules import asides_of, left_in_pot
from joinedup.money.presenters import as_of, aside_rows, warning_of
from joinedup.money.queries import KeptAgreement, agreement_of, moved_under
from joinedup.money.starts import (
    FIELDS,
    aside_wish,
    months_to_start,
    prepare_aside,
    prepare_return,
)
from joinedup.money.typed import typed as sent
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["starts"]

_EXPECTED = (Invalid, Unprocessable, Conflict, NotPermitted)


@require_http_methods(["GET", "HEAD", "POST"])
def starts(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Return what is set aside for urgent starts with its forms; a POST prepares one of them."""
    permit = keeper(request)
    kept = agreement_of(permit, agreement_id, GRANT, POOL)
    months = months_to_start(permit, kept.agreement, now=now())
    first = str(months[0]) if months else ""
    if request.method != "POST":
        return _page(request, permit, kept, Typed({"month": first}))
    values = read_typed(request.POST, FIELDS)
    try:
        made = _prepared(request, permit, kept, values)
    except _EXPECTED as refusal:
        return _page(request, permit, kept, values, refusal)
    return redirect(f"/money/approvals/{made}")


def _prepared(request: HttpRequest, permit: Permit, kept: KeptAgreement, values: Typed) -> str:
    token = sent(request, "token", 32) or uuid4().hex
    act = sent(request, "do", 20)
    if act == "aside":
        return prepare_aside(permit, kept, aside_wish(values), token=token, now=now()).id
    month = month_of(values.of("month"))
    if act != "back" or month is None:
        raise Invalid("Use the buttons of the page.")
    return prepare_return(permit, kept, month, token=token, now=now()).id


def _page(
    request: HttpRequest,
    permit: Permit,
    kept: KeptAgreement,
    values: Typed,
    refusal: Refusal | None = None,
) -> HttpResponse:
    errors: Mapping[str, tuple[str, ...]] = errors_of(refusal, FIELDS) if refusal else {}
    if refusal:
        leave_trace(request, refusal)
    agreement = kept.agreement
    moved = moved_under(permit, kept)
    today: date = now().astimezone(LONDON).date()
    context = {
        "title": "Set aside for urgent starts",
        "crumbs": [("Money", "/money"), (agreement.name, f"/money/{agreement.kind}s/{kept.id}")],
        "agreement": agreement,
        "id": kept.id,
        "warning": warning_of(agreement),
        "left": in_pounds(left_in_pot(kept.pot, moved)),
        "asides": aside_rows(asides_of(kept.pot, moved), this=Month.of(today)),
        "as_of": as_of(now()),
        "months": [
            (str(m), month_words(m.year, m.month))
            for m in months_to_start(permit, agreement, now=now())
        ],
        "typed": values.values,
        "errors": errors,
        "token": uuid4().hex,
    }
    status = refusal.status if refusal else 200
    return render(request, "money/starts.jinja", context, here="money", status=status)
