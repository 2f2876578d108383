"""Decisions about the books that an officer prepares on a page: the end of a month, a tolerance."""

import re
from datetime import date, datetime
from uuid import uuid4

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import authority_of
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.money import read_pounds
from joinedup.ledger.period import Month
from joinedup.money.approval import id_to_prepare, prepare
from joinedup.money.names import month_words
from joinedup.record import Stored, books

__all__ = [
    "days_of",
    "month_of",
    "open_months",
    "pots",
    "prepare_month_end",
    "prepare_tolerance",
]

_MONTH = re.compile(r"((?:19|2[01])[0-9]{2})-(0[1-9]|1[0-2])")
_SHOWN_MONTHS = 24


def open_months(permit: Permit, *, now: datetime) -> tuple[Month, ...]:
    """Return the months that could be closed now, the newest first: past ones, two years back."""
    closed = books.closed_months(permit)
    today = now.astimezone(LONDON).date()
    found = []
    month = Month.of(today)
    for _ in range(_SHOWN_MONTHS):
        month = _before(month)
        if month not in closed:
            found.append(month)
    return tuple(found)


def _before(month: Month) -> Month:
    return Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)


def prepare_month_end(permit: Permit, month_text: str, words: str, *, now: datetime) -> Stored:
    """Prepare the end of a month, written `2017-12`, for another officer to approve.

    Refuses, Invalid, a month that is not over, one that is closed, no reason; and as
    `approval.prepare`.
    """
    found = _MONTH.fullmatch(month_text.strip())
    if not found:
        raise Invalid(Problem("required", "Choose the month.", "month"))
    month = Month(int(found[1]), int(found[2]))
    if month >= Month.of(now.astimezone(LONDON).date()):
        said = f"{month_words(month.year, month.month)} is not over. Close it when it is."
        raise Invalid(Problem("value", said, "month"))
    if month in books.closed_months(permit):
        raise Invalid(Problem("value", f"{month} is closed already.", "month"))
    if not words.strip():
        raise Invalid(Problem("required", "Say who agreed that the month is complete.", "words"))
    end = Closing(
        id=id_to_prepare(permit, f"month-end/{month}"),
        month=month,
        words=words.strip(),
        prepared_by="",
        approved_by="",
    )
    return prepare(
        permit, end, now=now, words=f"End of {month_words(month.year, month.month)}: {words}"[:500]
    )


def pots(permit: Permit) -> tuple[books.Held, ...]:
    """Return the pots of the place and what is left in each, but for what is set aside there."""
    found = books.held(permit, [AccountKind.POT])
    return tuple(one for one in found if authority_of(one.account) is None)


def prepare_tolerance(
    permit: Permit, pot: str, pounds: str, words: str, *, now: datetime
) -> Stored:
    """Prepare that a pot may go so many pounds below nothing, for another to approve (BU-04).

    0 takes a tolerance back. Refuses, Invalid, a pot that is none, what is no amount, no reason.
    """
    if pot not in {held.account.name for held in pots(permit)}:
        raise Invalid(Problem("required", "Choose the pot.", "pot"))
    try:
        pence = read_pounds(pounds, what="The tolerance")
    except Invalid as problem:
        raise Invalid(Problem("value", problem.problems[0].message, "pounds")) from problem
    if pence < 0:
        said = "Write how far below nothing it may go, without a minus sign."
        raise Invalid(Problem("value", said, "pounds"))
    if not words.strip():
        raise Invalid(Problem("required", "Say why, for whoever approves it.", "words"))
    allowed = Tolerance(
        id=f"tolerance/{pot}/{uuid4().hex}",  # a pot may be given several, one after another
        account=Account(AccountKind.POT, pot),
        floor=-pence,
        words=words.strip(),
        prepared_by="",
        approved_by="",
    )
    return prepare(permit, allowed, now=now)


def month_of(text: str) -> Month | None:
    """Return the month written `2017-12`; None for anything else."""
    found = _MONTH.fullmatch(text.strip())
    return Month(int(found[1]), int(found[2])) if found else None


def days_of(month: Month) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    after = Month(month.year + (month.month == 12), month.month % 12 + 1)
    last = date(after.year, after.month, 1).toordinal() - 1
    return date(month.year, month.month, 1), date.fromordinal(last)
