"""The work list of bills that wait for a decision, and the page where one is decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Stale, Unprocessable
from joinedup.fhir.profiles.invoice import Invoice
from joinedup.fhir.profiles.invoice_exception import DECISIONS
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.money import in_pounds
from joinedup.money.bill_answers import REASON_WORDS
from joinedup.money.desk import keeper
from joinedup.money.exceptions import Question, accept, question_of, questions, send_back
from joinedup.money.invoice_pages import BillLine, bill_lines
from joinedup.money.names import day_words, days_words, names_of
from joinedup.money.typed import tell, typed
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["exception_page", "exceptions_page"]

_LIST = "/money/exceptions"
_DONE = {
    "accepted": "It is accepted. Its payment waits for another officer to approve it.",
    "additional": "It is accepted on top. Its payment waits for another officer to approve it.",
    "refused": "It is sent back. Tell the provider why: nothing is sent to them from here.",
}


class _Asked(Struct, frozen=True, kw_only=True):
    """One question as a line of the list."""

    id: str
    line: BillLine
    reasons: tuple[tuple[str, str], ...]
    asked_on: str
    waits_days: int


@require_safe
def exceptions_page(request: HttpRequest) -> HttpResponse:
    """Return the bills that wait for a decision, the oldest first, by reason and provider."""
    permit, today = keeper(request), now().astimezone(LONDON).date()
    reason = request.GET.get("reason", "")[:40]
    provider = request.GET.get("provider", "")[:40].strip().upper()
    every = questions(permit)
    found = [
        q
        for q in every
        if (not reason or reason in {code for code, _ in q.asked.reasons})
        and (not provider or q.bill.provider == provider)
    ]
    lines = bill_lines(permit, [q.bill for q in found])
    asked = [
        _Asked(
            id=q.asked.id,
            line=line,
            reasons=_reasons(q),
            asked_on=day_words(day := q.asked.asked_at.astimezone(LONDON).date()),
            waits_days=(today - day).days,
        )
        for q, line in zip(found, lines, strict=True)
    ]
    there = {code for q in every for code, _ in q.asked.reasons}
    providers = dict.fromkeys(sorted(q.bill.provider for q in every))
    names = names_of(permit, (f"Organization/{p}" for p in providers), detail="invoices to decide")
    context = {
        "title": "Invoices to decide",
        "asked": asked,
        "every": len(every),
        "total": in_pounds(sum(q.bill.gross for q in found)),
        "reasons": [(code, words) for code, words in REASON_WORDS.items() if code in there],
        "providers": [(p, names.get(f"Organization/{p}", p)) for p in providers],
        "reason": reason,
        "provider": provider,
        "done": _DONE.get(request.GET.get("done", "")),
    }
    return render(request, "money/exceptions.jinja", context, here="money")


def _reasons(question: Question) -> tuple[tuple[str, str], ...]:
    return tuple((REASON_WORDS.get(code, code), said) for code, said in question.asked.reasons)


@require_http_methods(["GET", "HEAD", "POST"])
def exception_page(request: HttpRequest, task_id: str) -> HttpResponse:
    """Return one bill, why it waits and what may be decided; a POST decides.

    What stands in the way is told above, with what was typed kept.
    """
    permit = keeper(request)
    problems: list[str] = []
    status = 200
    wish = typed(request, "do", 20)
    if request.method == "POST":
        try:
            _decide(permit, request, task_id, wish)
            return redirect(f"{_LIST}?done={wish}")
        except (Conflict, Invalid, NotPermitted, Stale, Unprocessable) as refusal:
            problems, status = tell(request, refusal), refusal.status
    found = question_of(permit, task_id)
    (line,) = bill_lines(permit, [found.bill])
    names = names_of(permit, [found.asked.decided_by], detail="invoices to decide")
    context = {
        "title": f"Invoice {found.bill.number}",
        "id": task_id,
        "version": found.version,
        "line": line,
        "dated": day_words(found.bill.day),
        "lines": _billed(found.bill),
        "reasons": _reasons(found),
        "is_open": found.is_open,
        "decision": DECISIONS.get(found.asked.decision, ""),
        "decided_by": names.get(found.asked.decided_by, found.asked.decided_by),
        "words": found.asked.words,
        "problems": problems,
        "wish": wish,
        "typed": typed(request, "words"),
    }
    return render(request, "money/exception.jinja", context, here="money", status=status)


def _billed(bill: Invoice) -> list[tuple[str, str, str, str]]:
    return [
        (
            days_words(line.begins, line.ends),
            f"{line.units:f} {line.unit if line.units == 1 else line.unit + 's'}",
            in_pounds(line.unit_cost),
            in_pounds(line.gross),
        )
        for line in bill.lines
    ]


def _decide(permit: Permit, request: HttpRequest, task_id: str, wish: str) -> None:
    version, words, at = version_sent(request.POST), typed(request, "words"), now()
    if wish == "refused":
        send_back(permit, task_id, version, words=words, now=at)
    elif wish in ("accepted", "additional"):
        additional = wish == "additional"
        accept(permit, task_id, version, words=words, now=at, additional=additional)
    else:
        raise Invalid("Choose what is to be done with the invoice.")
