"""Pages with a form: a grant, a pool, what a funder gave, a promise to a package.

What was typed stays on the page with everything wrong beside its field. Nothing moves here: what
was prepared waits for another officer (`approval`).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.profiles.agreement import GRANT, POOL, Agreement
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.money import in_pounds
from joinedup.money import grant_forms, moving_forms, pool_forms
from joinedup.money.actions import prepare_gift, prepare_promise, write_grant, write_pool
from joinedup.money.desk import keeper
from joinedup.money.forms import Typed, errors_of, read_typed
from joinedup.money.packages import Package, found_by_number
from joinedup.money.pages import expected_of
from joinedup.money.pot_rules import figures_of, first_and_last, left_in_pot
from joinedup.money.presenters import warning_of
from joinedup.money.queries import KeptAgreement, agreement_of, agreements, moved_under
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["give", "new_grant", "new_pool", "promise"]

_WRITES = ["GET", "HEAD", "POST"]
_TOKEN = re.compile(r"[0-9a-f]{32}")
_EXPECTED = (Invalid, Unprocessable, Conflict, NotPermitted)
Errors = Mapping[str, tuple[str, ...]]


def _token(request: HttpRequest) -> str:
    """Return the id of what this form prepares: the page's own, so that sent twice counts once."""
    sent = request.POST.get("token", "")
    return sent if _TOKEN.fullmatch(sent) else uuid4().hex


@require_http_methods(_WRITES)
def new_grant(request: HttpRequest) -> HttpResponse:
    """Return the form of a grant, or store it and go to where its first money waits."""
    permit = keeper(request)
    fields = grant_forms.FIELDS
    if request.method != "POST":
        return _page(request, "money/new_grant.jinja", Typed({}), title="Write down a grant")
    typed = read_typed(request.POST, fields, longest=grant_forms.LENGTHS)
    try:
        typed = _with_file(request, typed)
        wish = grant_forms.grant_wish(typed)
        made = write_grant(permit, wish, token=_token(request), now=now())
    except _EXPECTED as refusal:
        return _page(
            request,
            "money/new_grant.jinja",
            typed,
            title="Write down a grant",
            refusal=refusal,
            fields=fields,
        )
    return redirect(f"/money/grants/{made}?done=grant")


def _with_file(request: HttpRequest, typed: Typed) -> Typed:
    """Return what was typed with the text of a supplied file, which then stands on the page."""
    sent = request.FILES.get("file")
    if sent is None:
        return typed
    data = sent.read(grant_forms.MOST_BYTES + 1)  # longer than that is refused, and never held
    return Typed({**typed.values, "shares": grant_forms.shares_text(data)})


@require_http_methods(_WRITES)
def new_pool(request: HttpRequest) -> HttpResponse:
    """Return the form of a section 75 pool, or store its agreement and go to its page."""
    permit = keeper(request)
    fields = pool_forms.FIELDS
    more: dict[str, object] = {"numbers": range(1, pool_forms.PARTNERS + 1)}
    if request.method != "POST":
        return _page(
            request, "money/new_pool.jinja", Typed({}), title="Write down a pool", more=more
        )
    typed = read_typed(request.POST, fields)
    try:
        made = write_pool(permit, pool_forms.pool_wish(typed))
    except _EXPECTED as refusal:
        return _page(
            request,
            "money/new_pool.jinja",
            typed,
            title="Write down a pool",
            refusal=refusal,
            fields=fields,
            more=more,
        )
    return redirect(f"/money/pools/{made}?done=pool")


@require_http_methods(_WRITES)
def give(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Return the form of what a funder gave, or prepare it and go to where it waits."""
    permit = keeper(request)
    kept = agreement_of(permit, agreement_id, GRANT, POOL)
    more = _about(permit, kept)

    def prepare(typed: Typed) -> str:
        wish = moving_forms.give_wish(typed, kept.agreement)
        return prepare_gift(permit, kept, wish, token=_token(request), now=now()).id

    first = {"on": _day_in(kept.agreement)}
    title = "Record a contribution"
    return _moving(
        request,
        "money/give.jinja",
        prepare,
        fields=moving_forms.GIVE_FIELDS,
        first=first,
        title=title,
        more=more,
    )


@require_http_methods(_WRITES)
def promise(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Return the form of a promise to a package, or prepare it and go to where it waits.

    Packages are found by the NHS number of whom they are for; who is not the officer's to see and
    who has none are told apart for nobody.
    """
    permit = keeper(request)
    kept = agreement_of(permit, agreement_id, GRANT, POOL)
    asked = (request.POST if request.method == "POST" else request.GET).get("nhs_number", "")[:40]
    found, problem = found_by_number(permit, asked)
    others = [one for one in agreements(permit) if one.agreement.year == kept.agreement.year]
    more = _about(permit, kept) | {
        "others": [(o.id, o.agreement.name) for o in others if o.id != kept.id],
        "numbers": moving_forms.OTHERS,
        "asked": asked,
        "found": found,
        "not_found": problem,
    }

    def prepare(typed: Typed) -> str:
        wish = moving_forms.promise_wish(typed)
        return prepare_promise(permit, kept, wish, token=_token(request), now=now()).id

    first = {"on": _day_in(kept.agreement), **_first_of(found, kept.agreement)}
    return _moving(
        request,
        "money/promise.jinja",
        prepare,
        fields=moving_forms.PROMISE_FIELDS,
        first=first,
        title="Promise to a package",
        more=more,
    )


def _first_of(found: tuple[Package, ...], agreement: Agreement) -> dict[str, str]:
    """Return what the one package that was found says already; of several nothing is guessed.

    Its days are those of the agreement's year that it has.
    """
    if len(found) != 1:
        return {}
    one = found[0]
    first, last = first_and_last(agreement.year)
    return {
        "package": one.said.id,
        "care": one.care,
        "provider": one.provider,
        "price": one.price,
        "begins": f"{max(one.said.begins or first, first):%d/%m/%Y}",
        "ends": f"{min(one.said.ends or last, last):%d/%m/%Y}",
    }


def _about(permit: Permit, kept: KeptAgreement) -> dict[str, object]:
    agreement = kept.agreement
    moved = moved_under(permit, kept)
    whole = figures_of(moved)
    back = f"/money/{agreement.kind}s/{kept.id}"
    expected, _ = expected_of(agreement)
    return {
        "agreement": agreement,
        "id": kept.id,
        "warning": warning_of(agreement),
        "given": in_pounds(whole.given),
        "expected": in_pounds(expected),
        "left": in_pounds(left_in_pot(kept.pot, moved)),
        "crumbs": [("Money", "/money"), (agreement.name, back)],
    }


def _day_in(agreement: Agreement) -> str:
    """Return today where it is a day of the agreement's year, otherwise its nearest day."""
    begins, ends = first_and_last(agreement.year)
    today: date = now().astimezone(LONDON).date()
    return f"{min(max(today, begins), ends):%d/%m/%Y}"


def _moving(
    request: HttpRequest,
    template: str,
    prepare: Callable[[Typed], str],
    *,
    fields: tuple[str, ...],
    first: Mapping[str, str],
    title: str,
    more: Mapping[str, object],
) -> HttpResponse:
    if request.method != "POST":
        return _page(request, template, Typed(first), title=title, more=more)
    typed = read_typed(request.POST, fields)
    try:
        made = prepare(typed)
    except _EXPECTED as refusal:
        return _page(
            request, template, typed, title=title, refusal=refusal, fields=fields, more=more
        )
    return redirect(f"/money/approvals/{made}")


def _page(
    request: HttpRequest,
    template: str,
    typed: Typed,
    *,
    title: str,
    refusal: Refusal | None = None,
    fields: tuple[str, ...] = (),
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    errors: Errors = errors_of(refusal, fields) if refusal else {}
    if refusal:
        leave_trace(request, refusal)
    context = {
        "title": title,
        "crumbs": [("Money", "/money")],
        "typed": typed.values,
        "errors": errors,
        "token": _token(request),
        **(more or {}),
    }
    status = refusal.status if refusal else 200
    return render(request, template, context, here="money", status=status)
