"""Setting part of a pot aside for urgent starts of a month, and giving the rest back.

Both are prepared by one officer and approved by another (`approval`); what a start may do with it
is in `ledger.authority` (decision 0020). A pot's figures hold what is set aside: it counts once.
"""

from datetime import date, datetime

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Problem, Unprocessable
from joinedup.fhir.profiles.agreement import Agreement
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.authority import account_of, give_back, set_aside
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import Month
from joinedup.money.approval import prepare
from joinedup.money.forms import Reading, Typed
from joinedup.money.month_ends import month_of
from joinedup.money.names import month_words
from joinedup.money.pot_rules import asides_of, first_and_last
from joinedup.money.queries import KeptAgreement, moved_under
from joinedup.record import Stored, books

__all__ = [
    "FIELDS",
    "AsideWish",
    "aside_wish",
    "months_to_start",
    "prepare_aside",
    "prepare_return",
]

FIELDS = ("month", "pounds", "paper", "words")


class AsideWish(Struct, frozen=True, kw_only=True):
    """What is to be set aside: for which month, how much, by what paper and why."""

    month: Month
    pence: Pence
    paper: str
    words: str


def aside_wish(typed: Typed) -> AsideWish:
    """Return what was typed; Invalid names everything wrong, field by field."""
    form = Reading(typed)
    month = month_of(typed.of("month"))
    if month is None:
        form.wrong("month", "Choose the month in which care may be started.")
    pence = form.pounds("pounds", "The amount")
    paper = form.text("paper", "Name the paper it rests on.", longest=200)
    words = form.text("words", "Write what it is for, for whoever approves it.", longest=300)
    form.finish()
    assert month is not None, "a month that was not chosen was refused"
    return AsideWish(month=month, pence=pence, paper=paper, words=words)


def months_to_start(permit: Permit, agreement: Agreement, *, now: datetime) -> tuple[Month, ...]:
    """Return the months of the agreement's year that are not over and not closed."""
    closed = books.closed_months(permit)
    first, _ = first_and_last(agreement.year)
    year = [Month(first.year + (n > 12), (n - 1) % 12 + 1) for n in range(4, 16)]
    this = Month.of(now.astimezone(LONDON).date())
    return tuple(month for month in year if month >= this and month not in closed)


def prepare_aside(
    permit: Permit, kept: KeptAgreement, wish: AsideWish, *, token: str, now: datetime
) -> Stored:
    """Prepare that part of a pot is set aside, for another officer to approve.

    Raises Invalid for a month that is past, closed or of another year, and as `approval.prepare`;
    that the pot has it is looked at when it is approved.
    """
    if wish.month not in months_to_start(permit, kept.agreement, now=now):
        said = f"Choose a month of {kept.agreement.year} that is not over and not closed."
        raise Invalid(Problem("value", said, "month"))
    posting = set_aside(
        kept.pot,
        wish.month,
        wish.pence,
        posting_id=f"aside/{kept.id}/{wish.month}/{token}",
        words=f"Set aside for urgent starts in {_words(wish.month)}: {wish.words}",
        paper=wish.paper,
    )
    return prepare(permit, posting, now=now)


def prepare_return(
    permit: Permit, kept: KeptAgreement, month: Month, *, token: str, now: datetime
) -> Stored:
    """Prepare that all that is left of a month's goes back to its pot; no start after that.

    Raises Unprocessable where nothing is left, and as `approval.prepare`. A start made before it
    is approved leaves too little, and it is refused then.
    """
    found = {one.month: one.figures for one in asides_of(kept.pot, moved_under(permit, kept))}
    left = found[month].left if month in found else 0
    if left <= 0:
        said = f"Nothing is left of what was set aside for {_words(month)}."
        raise Unprocessable(Problem("business-rule", said, "month"))
    posting = give_back(
        account_of(kept.pot, month),
        left,
        posting_id=f"aside-back/{kept.id}/{month}/{token}",
        on=_day_in(kept.agreement, now),
        words=f"{in_pounds(left)} set aside for urgent starts in {_words(month)} goes back",
        paper=f"aside/{kept.id}/{month}",
    )
    return prepare(permit, posting, now=now)


def _day_in(agreement: Agreement, now: datetime) -> date:
    begins, ends = first_and_last(agreement.year)
    return min(max(now.astimezone(LONDON).date(), begins), ends)


def _words(month: Month) -> str:
    return month_words(month.year, month.month)
