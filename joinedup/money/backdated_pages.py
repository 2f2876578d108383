"""The page on which an officer sees what a price that changes back in time comes to (BU-07).

It reads and reckons, and moves nothing: what is owed on top is promised and billed as anything is.
"""

from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Problem, Refusal
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.money import Pence, in_pounds
from joinedup.money.backdated_rules import Change, Recalculated, recalculated
from joinedup.money.commitments import commitment_of
from joinedup.money.desk import keeper
from joinedup.money.forms import Reading, Typed, errors_of, read_typed
from joinedup.money.names import days_words
from joinedup.money.packages import Package, found_by_number
from joinedup.money.presenters import as_of
from joinedup.record import books
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["backdated"]

FIELDS = ("package", "price", "begins", "ends")
_MOST_DAYS = 366 * 6
"""The longest anybody goes back: the years a debt may be claimed for (Limitation Act 1980 s5)."""


class Week(Struct, frozen=True, kw_only=True):
    """One week and pot in words."""

    days: str
    pot: str
    before: str
    after: str
    owed: str


@require_safe
def backdated(request: HttpRequest) -> HttpResponse:
    """Return the form, and where it was filled in both calculations with who is owed what."""
    permit = keeper(request)
    asked = request.GET.get("nhs_number", "")[:40]
    found, problem = found_by_number(permit, asked)
    typed = read_typed(request.GET, FIELDS)
    errors: Mapping[str, tuple[str, ...]] = {}
    shown: dict[str, object] = {}
    if request.GET.get("price") is not None and found:
        try:
            shown = _shown(permit, found, typed)
        except Refusal as refusal:
            leave_trace(request, refusal)
            errors = errors_of(refusal, FIELDS)
    context = {
        "title": "A price that changed",
        "crumbs": [("Money", "/money")],
        "asked": asked,
        "found": found,
        "not_found": problem,
        "typed": typed.values,
        "errors": errors,
        "as_of": as_of(now()),
        **shown,
    }
    return render(request, "money/backdated.jinja", context, here="money")


def _shown(permit: Permit, found: tuple[Package, ...], typed: Typed) -> dict[str, object]:
    form = Reading(typed)
    package = next((p for p in found if p.said.id == typed.of("package")), None)
    if package is None:
        form.wrong("package", "Choose the package whose price changed.")
    price = form.pounds("price", "The new price of a unit")
    begins = form.day("begins", "From which day on is it the new price?")
    ends = form.day("ends", "What is the last day with the new price?")
    if date.min < ends < begins:
        form.wrong("ends", "The last day is before the first.")
    if (ends - begins).days > _MOST_DAYS:
        form.wrong("begins", "Write days of six years at most.")
    form.finish()
    assert package is not None, "a package that was not chosen was refused"
    account = Account(AccountKind.PACKAGE, package.said.id)
    postings = [kept.posting for kept in books.every_posting(permit, account=account)]
    commitment = commitment_of(package.said, postings)
    if commitment is None:
        raise Invalid(Problem("value", "Nothing was ever promised to this package.", "package"))
    result = recalculated(commitment, postings, Change(price=price, begins=begins, ends=ends))
    return {"result": result, "weeks": _weeks(result), "told": _told(result, package)}


def _weeks(result: Recalculated) -> tuple[Week, ...]:
    return tuple(
        Week(
            days=days_words(one.begins, date.fromordinal(one.begins.toordinal() + 6)),
            pot=one.payer,
            before=in_pounds(one.before),
            after=in_pounds(one.after),
            owed=_owed(one.due),
        )
        for one in result.weeks
    )


def _owed(pence: Pence) -> str:
    if not pence:
        return "nothing"
    return f"{in_pounds(pence)} to the provider" if pence > 0 else f"{in_pounds(-pence)} back"


def _told(result: Recalculated, package: Package) -> tuple[str, ...]:
    """Return who is owed what, pot by pot, and what of the promise will not be enough."""
    name = package.provider_name or package.provider or "the provider"
    pots: dict[str, Pence] = {}
    for week in result.weeks:
        pots[week.payer] = pots.get(week.payer, 0) + week.due
    told = [_who(pot, pence, name) for pot, pence in pots.items()]
    more = result.unbilled_after - result.unbilled_before
    if more > 0:
        told.append(
            f"{in_pounds(result.unbilled_before)} is promised and not billed yet. At the new price "
            f"it comes to {in_pounds(result.unbilled_after)}: promise {in_pounds(more)} more."
        )
    elif more < 0:
        told.append(
            f"{in_pounds(result.unbilled_before)} is promised and not billed yet. At the new price "
            f"it comes to {in_pounds(result.unbilled_after)}."
        )
    return tuple(told)


def _who(pot: str, pence: Pence, provider: str) -> str:
    if not pence:
        return f"{pot} and {provider} owe each other nothing more."
    if pence > 0:
        return f"{pot} owes {provider} {in_pounds(pence)} on top of what was paid."
    return f"{provider} owes {pot} {in_pounds(-pence)}."
