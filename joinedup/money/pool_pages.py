"""The page of a pool that one officer wrote down, on which another agrees to it (BU-05, BU-09)."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import Invalid, NotPermitted, Stale
from joinedup.money.actions import agree_pool, refuse_pool_draft
from joinedup.money.desk import keeper
from joinedup.money.names import names_of
from joinedup.money.partners import partner_table
from joinedup.money.queries import Draft, draft_of
from joinedup.money.typed import tell, typed
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["answer_draft", "draft_page"]


def answer_draft(request: HttpRequest, pool_id: str) -> HttpResponse:
    """Agree to a pool or refuse it, and go to where it stands; what is in the way is told."""
    permit = keeper(request)
    try:
        version = version_sent(request.POST)
        match typed(request, "do", 20):
            case "agree":
                agree_pool(permit, pool_id, version)
                return redirect(f"/money/pools/{pool_id}?done=agree")
            case "refuse":
                refuse_pool_draft(permit, pool_id, version)
                return redirect("/money")
            case _:
                raise Invalid("Use the buttons of the page.")
    except (Invalid, NotPermitted, Stale) as refusal:
        told = tell(request, refusal)
        draft = draft_of(permit, pool_id)
        return draft_page(request, permit, draft, problems=told, status=refusal.status)


def draft_page(
    request: HttpRequest,
    permit: Permit,
    draft: Draft,
    *,
    problems: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Return a pool as it was written down, with the buttons of whoever keeps the books."""
    agreement = draft.agreement
    titles = {part.name: part.title or part.name for part in agreement.parts}
    names = names_of(permit, [draft.prepared_by], detail="pools and grants")
    context = {
        "title": agreement.name,
        "crumbs": [("Money", "/money")],
        "id": draft.id,
        "version": draft.version,
        "agreement": agreement,
        "partners": partner_table(agreement, {}, 0),
        "host": titles.get(agreement.host, ""),
        "vat_by": titles.get(agreement.vat_by, ""),
        "prepared_by": names.get(draft.prepared_by) or draft.prepared_by,
        "keeps": permit.may(Power.KEEP_BOOKS),
        "mine": draft.prepared_by == permit.worker,
        "problems": problems,
    }
    return render(request, "money/pool_draft.jinja", context, here="money", status=status)
