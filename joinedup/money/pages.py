"""Pages that are read: the home of the place's money, one grant, one pool."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles.agreement import GRANT, POOL, Agreement
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.grant import allocation
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import Month
from joinedup.money import presenters as shown
from joinedup.money.agreement_rules import grant_of
from joinedup.money.approval import waiting
from joinedup.money.desk import reader
from joinedup.money.partners import partner_table
from joinedup.money.pool_pages import answer_draft, draft_page
from joinedup.money.pot_rules import asides_of, by_care, by_month, figures_of
from joinedup.money.queries import (
    KeptAgreement,
    agreement_of,
    agreements,
    contributed,
    draft_of,
    drafts,
    months_closed,
    moved_under,
    moved_under_each,
)
from joinedup.record.books import Movement
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["expected_of", "grant", "money", "pool"]

_LONGEST_SOUGHT = 100
_DONE = {
    "grant": "The grant is written down. Our part waits for another officer to approve it.",
    "agree": "It is agreed. Record what each partner gives as it comes.",
}
_CRUMBS = [("Money", "/money")]


@require_safe
def money(request: HttpRequest) -> HttpResponse:
    """Return every grant and pool with its figures, what waits for approval, months closed."""
    permit = reader(request)
    kept = agreements(permit)
    moved = moved_under_each(permit, kept)
    cards = [_card(one, moved[one.id]) for one in kept]
    keeps = permit.may(Power.KEEP_BOOKS)
    context = {
        "title": "Money",
        "grants": [card for card in cards if card["kind"] == GRANT],
        "pools": [card for card in cards if card["kind"] == POOL],
        "as_of": shown.as_of(now()),
        "keeps": keeps,
        "drafts": drafts(permit) if keeps else (),
        "waiting": len(waiting(permit)) if keeps else 0,
        "closed": [shown.month_words(str(month)) for month in months_closed(permit)],
    }
    return render(request, "money/money.jinja", context, here="money")


def _card(kept: KeptAgreement, moved: tuple[Movement, ...]) -> dict[str, object]:
    agreement = kept.agreement
    expected, what = expected_of(agreement)
    return {
        "id": kept.id,
        "kind": agreement.kind,
        "name": agreement.name,
        "year": agreement.year,
        "period": shown.period_of(agreement),
        "warning": shown.warning_of(agreement),
        "one_off": shown.only_one_off(agreement),
        "figures": shown.figures(figures_of(moved), expected, what),
    }


def expected_of(agreement: Agreement) -> tuple[Pence, str]:
    """Return what an agreement says this place's pot gets in its year, and what that is called."""
    if agreement.kind == GRANT:
        return allocation(grant_of(agreement)).get(agreement.host, 0), "allocated to us"
    return sum(part.gives or 0 for part in agreement.parts), "agreed"


@require_safe
def grant(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Return a grant: allocated, promised, spent, left; by council, kind of care and month."""
    permit = reader(request)
    kept = agreement_of(permit, grant_id, GRANT)
    wanted = request.GET.get("council", "")[:_LONGEST_SOUGHT]
    found = shown.councils(kept.agreement, wanted)
    context = _figures(permit, kept) | {
        "total": in_pounds(kept.agreement.total),
        "source": kept.agreement.source,
        "councils": found,
        "own": next((one for one in found if one.own), None),
        "count": len(kept.agreement.parts),
        "wanted": wanted,
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "money/grant.jinja", context, here="money")


@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, pool_id: str) -> HttpResponse:
    """Return a pool: what was agreed, and the statement of each partner to the penny.

    One that no second officer has agreed to yet is shown as it was written down; a POST answers it.
    """
    permit = reader(request)
    if request.method == "POST":
        return answer_draft(request, pool_id)
    try:
        draft = draft_of(permit, pool_id)
    except NotFound:
        pass
    else:
        return draft_page(request, permit, draft)
    kept = agreement_of(permit, pool_id, POOL)
    context = _figures(permit, kept)
    spent = figures_of(moved_under(permit, kept)).spent
    table = partner_table(kept.agreement, contributed(permit, kept), spent)
    titles = {part.name: part.title or part.name for part in kept.agreement.parts}
    context |= {
        "done": _DONE.get(request.GET.get("done", ""), ""),
        "partners": table,
        "host": titles.get(kept.agreement.host, ""),
        "vat_by": titles.get(kept.agreement.vat_by, ""),
    }
    return render(request, "money/pool.jinja", context, here="money")


def _figures(permit: Permit, kept: KeptAgreement) -> dict[str, object]:
    agreement = kept.agreement
    moved = moved_under(permit, kept)
    whole, lines = figures_of(moved), by_care(moved)
    expected, what = expected_of(agreement)
    asides = asides_of(kept.pot, moved)
    care = shown.care_table(lines, exact=permit.may(Power.KEEP_BOOKS))
    return {
        "title": agreement.name,
        "crumbs": _CRUMBS,
        "id": kept.id,
        "agreement": agreement,
        "period": shown.period_of(agreement),
        "as_of": shown.as_of(now()),
        "warning": shown.warning_of(agreement),
        "one_off": shown.only_one_off(agreement),
        "figures_": shown.figures(whole, expected, what, sum(a.figures.left for a in asides)),
        "asides": shown.aside_rows(asides, this=Month.of(now().astimezone(LONDON).date())),
        "care": care,
        "bought": in_pounds(whole.promised + whole.spent),
        "months": shown.month_table(by_month(moved)),
        "flow": shown.drawn(lines, care),
        "keeps": permit.may(Power.KEEP_BOOKS),
        "done": "",
    }
