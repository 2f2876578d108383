"""What people, workers, organisations and accounts are called on pages about money.

Whoever the permit does not see has no name here: a page says so, and never guesses.
"""

from collections.abc import Iterable
from datetime import date

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Refusal
from joinedup.fhir.search.clause import Ids, Query
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import authority_of
from joinedup.people.presenters.life import name_of_resource

__all__ = ["account_words", "day_words", "days_words", "month_words", "names_of"]

_KIND_WORDS = {
    AccountKind.FUNDER: "what {name} gives",
    AccountKind.POT: "the pot {name}",
    AccountKind.PACKAGE: "what is set aside for the package {name}",
    AccountKind.PERSON: "what the person {name} owes",
    AccountKind.PROVIDER: "what is owed to {name}",
    AccountKind.DIRECT_PAYMENT: "the direct payment {name}",
    AccountKind.BANK: "the bank, {name}",
}


def names_of(permit: Permit, references: Iterable[str], *, detail: str) -> dict[str, str]:
    """Return the names behind references (`Patient/...`), of those that the permit sees."""
    wanted: dict[str, list[str]] = {}
    for reference in dict.fromkeys(references):
        kind, _, name = reference.partition("/")
        if kind in ("Patient", "Practitioner", "Organization") and name:
            wanted.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    for kind, ids in wanted.items():
        query = Query(type=kind, clauses=(Ids(tuple(ids)),), count=len(ids))
        try:
            page = record.search(permit, query, detail=detail)
        except Refusal:
            continue
        found |= {s.reference: name_of_resource(s.resource) for s in page.entries}
    return found


def account_words(account: Account, names: dict[str, str]) -> str:
    """Return an account as people say it: `what is owed to Kingfisher Home Care (VZ901)`."""
    if (aside := authority_of(account)) is not None:
        month = month_words(aside[1].year, aside[1].month)
        return f"what is set aside from {aside[0].name} for urgent starts in {month}"
    called = names.get(f"Organization/{account.name}", "")
    name = f"{called} ({account.name})" if called else account.name
    return _KIND_WORDS[account.kind].format(name=name)


def day_words(day: date) -> str:
    """Return a day in words, `16 January 2018`."""
    return f"{day.day} {day:%B %Y}"


def days_words(begins: date, ends: date) -> str:
    """Return days in words, both counted in: `1 January 2018 to 7 January 2018`, or the one."""
    return day_words(begins) if begins == ends else f"{day_words(begins)} to {day_words(ends)}"


def month_words(year: int, month: int) -> str:
    """Return a month in words, `January 2018`."""
    return f"{date(year, month, 1):%B %Y}"
