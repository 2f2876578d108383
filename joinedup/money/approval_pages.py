"""What waits for a second officer: the list, one of them with its answer, and what is prepared
beside postings: the end of a month, a tolerance."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from joinedup.access.permit import Permit
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotPermitted,
    Refusal,
    Stale,
    Unprocessable,
)
from joinedup.fhir.profiles.invoice_exception import DECISIONS
from joinedup.ledger.money import in_pounds
from joinedup.money.approval import (
    Waiting,
    approve,
    payment_of,
    refuse_payment,
    waiting,
    withdraw,
)
from joinedup.money.bill_answers import bill_of, exception_of, is_bill
from joinedup.money.desk import keeper
from joinedup.money.held import held_back
from joinedup.money.month_ends import open_months, pots, prepare_month_end, prepare_tolerance
from joinedup.money.names import month_words, names_of
from joinedup.money.payment_words import amount_of, named_words, present, references_in
from joinedup.money.typed import by_field, tell, typed
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["approval_page", "approvals_page", "decisions_page"]

_LIST = "/money/approvals"
_DONE = {
    "approve": "It is approved, and posted to the ledger.",
    "refuse": "It is refused. Nothing was posted, and whoever prepared it reads why.",
    "withdraw": "You took it back. Nothing was posted.",
    "month-end": "The end of the month is prepared. Another officer must approve it.",
    "tolerance": "The tolerance is prepared. Another officer must approve it.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def approvals_page(request: HttpRequest) -> HttpResponse:
    """Return what waits; a POST approves each that was ticked, one by one, and says which."""
    permit = keeper(request)
    told: list[tuple[str, str]] = []
    approved = 0
    if request.method == "POST":
        approved, told = _approve_ticked(permit, request, now())
    found = waiting(permit)
    names = names_of(permit, references_in(found), detail="money that waits")
    shown = [present(each, names) for each in found]
    context = {
        "title": "Money that waits for approval",
        "waiting": shown,
        "theirs": [s for s in shown if not s.mine],
        "total": in_pounds(sum(amount_of(each.said) for each in found)),
        "done": _DONE.get(request.GET.get("done", "")),
        "approved": approved,
        "held": len(held_back(permit)),
        "told": told,
    }
    return render(request, "money/approvals.jinja", context, here="money")


def _approve_ticked(
    permit: Permit, request: HttpRequest, at: datetime
) -> tuple[int, list[tuple[str, str]]]:
    """Approve each payment that was ticked, each whole by itself, and tell what kept the others."""
    told, count = [], 0
    for ticked in dict.fromkeys(request.POST.getlist("ticked")):
        task_id, _, version = ticked.partition("@")
        try:
            approve(permit, task_id, version_sent({"version": version}), now=at)
            count += 1
        except Refusal as refusal:
            told.append((_words_of(permit, task_id), " ".join(tell(request, refusal))))
    return count, told


def _words_of(permit: Permit, task_id: str) -> str:
    try:
        found = payment_of(permit, task_id)
    except Refusal:
        return "One that you ticked"
    names = names_of(permit, references_in([found]), detail="money that waits")
    return named_words(found.payment.words, found.said, names)


@require_http_methods(["GET", "HEAD", "POST"])
def approval_page(request: HttpRequest, task_id: str) -> HttpResponse:
    """Return what would be posted, in words, and its answer; a POST answers it.

    What stands in the way is told above the buttons, with what was typed kept.
    """
    permit = keeper(request)
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        act = _ACTS.get(typed(request, "do", 20))
        try:
            if act is None:
                raise Invalid("Use the buttons of the page.")
            act(permit, request, task_id)
            return redirect(f"{_LIST}?done={typed(request, 'do', 20)}")
        except (Conflict, Invalid, NotPermitted, Stale, Unprocessable) as refusal:
            problems, status = tell(request, refusal), refusal.status
    found = payment_of(permit, task_id)
    names = names_of(permit, references_in([found]), detail="money that waits")
    context = {
        "title": _title(found),
        "payment": present(found, names),
        "decided": _decided(permit, found),
        "problems": problems,
        "why": typed(request, "why"),
    }
    return render(request, "money/approval.jinja", context, here="money", status=status)


def _decided(permit: Permit, found: Waiting) -> tuple[tuple[str, ...], str, str, str] | None:
    """Return why a bill waited for a decision, what was decided, by whom and in which words."""
    if not is_bill(found.said) or (bill := bill_of(permit, found.said)) is None:
        return None
    asked = exception_of(permit, bill.invoice.id)
    if asked is None or not asked[0].decision:
        return None
    said = asked[0]
    by = names_of(permit, [said.decided_by], detail="money that waits").get(said.decided_by, "")
    reasons = tuple(sentence for _, sentence in said.reasons)
    return reasons, DECISIONS[said.decision], by or said.decided_by, said.words


def _title(found: Waiting) -> str:
    return "Money that waits for approval" if found.is_open else "Money that was answered"


def _approve(permit: Permit, request: HttpRequest, task_id: str) -> None:
    approve(permit, task_id, version_sent(request.POST), now=now())


def _refuse(permit: Permit, request: HttpRequest, task_id: str) -> None:
    why = typed(request, "why")
    refuse_payment(permit, task_id, version_sent(request.POST), why, now=now())


def _withdraw(permit: Permit, request: HttpRequest, task_id: str) -> None:
    withdraw(permit, task_id, version_sent(request.POST), now=now())


_ACTS: dict[str, Callable[[Permit, HttpRequest, str], None]] = {
    "approve": _approve,
    "refuse": _refuse,
    "withdraw": _withdraw,
}


@require_http_methods(["GET", "HEAD", "POST"])
def decisions_page(request: HttpRequest) -> HttpResponse:
    """Return the forms for the end of a month and for a tolerance; a POST prepares one."""
    permit, at = keeper(request), now()
    errors: dict[str, str] = {}
    wish = typed(request, "do", 20)
    if request.method == "POST":
        try:
            _prepare(permit, request, wish, at)
            return redirect(f"{_LIST}?done={wish}")
        except (Conflict, Invalid, NotPermitted, Unprocessable) as refusal:
            tell(request, refusal)
            fields = ("pot", "pounds", "words") if wish == "tolerance" else ("month", "words")
            errors = {f"{wish}-{k}": said for k, said in by_field(refusal, fields).items()}
    context = {
        "title": "Month end and tolerance",
        "months": [(str(m), month_words(m.year, m.month)) for m in open_months(permit, now=at)],
        "pots": [
            (h.account.name, in_pounds(h.balance.left), in_pounds(-(h.floor or 0)))
            for h in pots(permit)
        ],
        "errors": errors,
        "typed": request.POST if request.method == "POST" else {},
        "wish": wish,
    }
    status = 422 if errors else 200
    return render(request, "money/decisions.jinja", context, here="money", status=status)


def _prepare(permit: Permit, request: HttpRequest, wish: str, at: datetime) -> None:
    words = typed(request, "words")
    if wish == "month-end":
        prepare_month_end(permit, typed(request, "month", 20), words, now=at)
    elif wish == "tolerance":
        pot, pounds = typed(request, "pot", 200), typed(request, "pounds", 40)
        prepare_tolerance(permit, pot, pounds, words, now=at)
    else:
        raise Invalid("Use the buttons of the page.")
