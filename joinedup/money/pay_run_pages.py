"""The pages of pay runs: prepared by one officer, authorised by another, then a file to pay by."""

from collections.abc import Callable
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    Problem,
    Stale,
    Unprocessable,
)
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.money import in_pounds
from joinedup.money.desk import keeper
from joinedup.money.journal import journal_of_month, months_posted
from joinedup.money.month_ends import month_of
from joinedup.money.names import day_words, month_words, names_of
from joinedup.money.pay_runs import (
    KeptRun,
    authorise_run,
    due,
    payment_file_of,
    prepare_return,
    prepare_run,
    refuse_run,
    run_of,
    runs,
    withdraw_run,
)
from joinedup.money.typed import tell, typed
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["journal_page", "pay_run_file", "pay_run_page", "pay_runs_page"]

_LIST = "/money/pay-runs"
_DONE = {
    "prepared": "The pay run is prepared. Another officer must authorise it.",
    "authorise": "The pay run is authorised and posted. Its file can be downloaded.",
    "refuse": "The pay run is refused. Nothing was paid.",
    "withdraw": "You took the pay run back. Nothing was paid.",
    "return": "That it came back is prepared. Another officer must approve it.",
}
_STANDS = {
    "": ("Waits", "soon"),
    "authorised": ("Authorised", "now"),
    "refused": ("Refused", "high"),
    "withdrawn": ("Taken back", "pause"),
}
_REFUSALS = (Conflict, Invalid, NotFound, NotPermitted, Stale, Unprocessable)


@require_http_methods(["GET", "HEAD", "POST"])
def pay_runs_page(request: HttpRequest) -> HttpResponse:
    """Return what providers are owed and the runs there were; a POST prepares one to a day."""
    permit, at = keeper(request), now()
    today = at.astimezone(LONDON).date()
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            made = prepare_run(permit, _day(request, today), now=at)
            return redirect(f"{_LIST}/{made.said.run}?done=prepared")
        except _REFUSALS as refusal:
            problems, status = tell(request, refusal), refusal.status
    owed, kept = due(permit, today), runs(permit)
    names = _names(permit, owed, kept)
    context = {
        "title": "Pay runs",
        "problems": problems,
        "owed": [(_provider(who, names), in_pounds(pence)) for who, pence in owed.items()],
        "total": in_pounds(sum(pence for pence in owed.values() if pence > 0)),
        "runs": [_line(run, names) for run in kept],
        "today": today.isoformat(),
        "typed": typed(request, "due-to", 20),
        "months": [(str(m), month_words(m.year, m.month)) for m in months_posted(at)],
    }
    return render(request, "money/pay_runs.jinja", context, here="money", status=status)


def _day(request: HttpRequest, today: date) -> date:
    day = read_day(typed(request, "due-to", 20))
    if day is None:
        raise Invalid(Problem("required", "Say to which day providers are paid.", "due-to"))
    if not today - timedelta(days=3_660) <= day <= today:
        raise Invalid(Problem("value", "Choose today or a day before it.", "due-to"))
    return day


def _names(permit: Permit, owed: dict[str, int], kept: tuple[KeptRun, ...]) -> dict[str, str]:
    wanted = [f"Organization/{provider}" for provider in owed]
    wanted += [who for run in kept for who in (run.said.prepared_by, run.said.answered_by) if who]
    return names_of(permit, wanted, detail="pay runs")


def _provider(code: str, names: dict[str, str]) -> str:
    name = names.get(f"Organization/{code}", "")
    return f"{name} ({code})" if name else code


def _line(kept: KeptRun, names: dict[str, str]) -> dict[str, object]:
    said = kept.said
    standing, tone = _STANDS[said.answer]
    return {
        "run": said.run,
        "due_to": day_words(said.due_to),
        "count": len(said.lines),
        "total": in_pounds(kept.run.total),
        "standing": standing,
        "tone": tone,
        "prepared_by": names.get(said.prepared_by, said.prepared_by),
        "answered_by": names.get(said.answered_by, said.answered_by),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def pay_run_page(request: HttpRequest, run: str) -> HttpResponse:
    """Return one run, each line of it, and its answer; a POST answers it, or takes a return down.

    What stands in the way is told above, with what was typed kept.
    """
    permit = keeper(request)
    problems: list[str] = []
    status = 200
    wish = typed(request, "do", 20)
    if request.method == "POST":
        try:
            act = _ACTS.get(wish)
            if act is None:
                raise Invalid("Use the buttons of the page.")
            act(permit, request, run)
            return redirect(f"{_LIST}/{run}?done={wish}")
        except _REFUSALS as refusal:
            problems, status = tell(request, refusal), refusal.status
    kept = run_of(permit, run)
    wanted = [f"Organization/{provider}" for provider, _ in kept.said.lines]
    names = names_of(permit, wanted, detail="pay runs") | _names(permit, {}, (kept,))
    context = {
        "title": f"Pay run {kept.said.run}",
        "run": _line(kept, names),
        "version": kept.version,
        "is_open": kept.is_open,
        "mine": kept.mine,
        "is_paid": kept.said.answer == "authorised",
        "why": kept.said.why,
        "lines": [
            (number, code, _provider(code, names), in_pounds(pence))
            for number, (code, pence) in enumerate(kept.said.lines, 1)
        ],
        "check": _check(permit, kept),
        "problems": problems,
        "wish": wish,
        "typed": {name: typed(request, name) for name in ("why", "words", "provider")},
        "done": _DONE.get(request.GET.get("done", "")),
    }
    return render(request, "money/pay_run.jinja", context, here="money", status=status)


def _check(permit: Permit, kept: KeptRun) -> str:
    """Return the check of the control line, as the bank's officer reads it in the file."""
    if kept.said.answer != "authorised":
        return ""
    last = payment_file_of(permit, kept.said.run).decode().splitlines()[-1]
    return last.rpartition(",")[2]


def _authorise(permit: Permit, request: HttpRequest, run: str) -> None:
    authorise_run(permit, run, version_sent(request.POST), now=now())


def _refuse(permit: Permit, request: HttpRequest, run: str) -> None:
    refuse_run(permit, run, version_sent(request.POST), typed(request, "why"), now=now())


def _withdraw(permit: Permit, request: HttpRequest, run: str) -> None:
    withdraw_run(permit, run, version_sent(request.POST), now=now())


def _return(permit: Permit, request: HttpRequest, run: str) -> None:
    provider = typed(request, "provider", 40)
    prepare_return(permit, run, provider, typed(request, "words"), now=now())


_ACTS: dict[str, Callable[[Permit, HttpRequest, str], None]] = {
    "authorise": _authorise,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "return": _return,
}


@require_safe
def pay_run_file(request: HttpRequest, run: str) -> HttpResponse:
    """Return the authorised file of a run, always the same bytes."""
    file = payment_file_of(keeper(request), run)
    return _csv(file, f"pay-run-{run}.csv")


@require_safe
def journal_page(request: HttpRequest) -> HttpResponse:
    """Return a month's journal for the general ledger, as CSV; the month as `2018-01`."""
    permit = keeper(request)
    month = month_of(request.GET.get("month", "")[:20])
    if month is None:
        return redirect(f"{_LIST}#journal")
    return _csv(journal_of_month(permit, month), f"general-ledger-{month}.csv")


def _csv(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
