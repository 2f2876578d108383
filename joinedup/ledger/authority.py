"""Standing authorities: money set aside for urgent starts of one month (decision 0020). Pure.

Two officers set part of a pot aside (`set_aside`); it is a pot of its own, so what is left in it is
a floor under a row lock. Whoever starts care asks `record.starts.authorities(starting(permit), on)`
for what stands, makes the posting with `start_posting(authority, start, posting_id=..., on=...,
by=permit.worker)` and gives it to `record.commit(starting(permit), changes, [posting])` with the
EpisodeOfCare it pays for. Nothing else is asked first (Care Act 2014 s19(3)).
"""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting, of_the_place

__all__ = [
    "Authority",
    "Start",
    "account_of",
    "authority_of",
    "give_back",
    "is_start",
    "main_pot",
    "problems_of_start",
    "refuse_start",
    "set_aside",
    "start_posting",
]

_NAME = re.compile(r"(?P<pot>.+)/starts-(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])")
_SOURCE = "authority/"


class Authority(Struct, frozen=True, kw_only=True):
    """What stands: the pot it is a part of, its month, and which officer approved it."""

    pot: str
    month: Month
    approved_by: str

    @property
    def account(self) -> Account:
        """The pot that holds what was set aside."""
        return account_of(Account(AccountKind.POT, self.pot), self.month)


class Start(Struct, frozen=True, kw_only=True):
    """Care that somebody starts: for whom, which package, by whom it is given, what it costs.

    `paper` is the package's version (`EpisodeOfCare/x/_history/1`), `label` its labels as bits
    (`fhir.classes.label_of`); days are counted in, `vat` is of the whole.
    """

    person: str
    package: str
    paper: str
    care: str
    provider: str
    begins: date
    ends: date
    unit_cost: Pence
    units: Decimal
    vat: Pence = 0
    label: int = 0

    @property
    def pence(self) -> Pence:
        """The whole start, to the nearest penny."""
        whole = self.unit_cost * self.units + self.vat
        return int(whole.quantize(Decimal(1), ROUND_HALF_UP))


def account_of(pot: Account, month: Month) -> Account:
    """Return the pot of what is set aside from another one for a month."""
    return Account(AccountKind.POT, f"{pot.name}/starts-{month}")


def authority_of(account: Account) -> tuple[Account, Month] | None:
    """Return the pot and the month of an authority; None for an account that is none."""
    found = _NAME.fullmatch(account.name) if account.kind is AccountKind.POT else None
    if found is None:
        return None
    month = Month(int(found["year"]), int(found["month"]))
    return Account(AccountKind.POT, found["pot"]), month


def main_pot(account: Account) -> Account:
    """Return the pot that an authority is a part of; any other account as it is."""
    found = authority_of(account)
    return found[0] if found else account


def set_aside(
    pot: Account, month: Month, pence: Pence, *, posting_id: str, words: str, paper: str
) -> Posting:
    """Return what sets part of a pot aside, posted to the first day of its month.

    Who prepares and who approves it is written by the machinery of two officers.
    """
    on = date(month.year, month.month, 1)
    return _moved(pot, account_of(pot, month), pence, posting_id, on=on, words=words, paper=paper)


def give_back(
    authority: Account, pence: Pence, *, posting_id: str, on: date, words: str, paper: str
) -> Posting:
    """Return what gives the rest of an authority back to its pot; it is withdrawn with that.

    Raises Unprocessable for an account that is none.
    """
    found = authority_of(authority)
    if found is None:
        raise Unprocessable(f"{authority} holds nothing that was set aside for starts.")
    return _moved(authority, found[0], pence, posting_id, on=on, words=words, paper=paper)


def _moved(
    sender: Account,
    receiver: Account,
    pence: Pence,
    posting_id: str,
    *,
    on: date,
    words: str,
    paper: str,
) -> Posting:
    about = About(pot=main_pot(sender).name)
    return Posting(
        id=posting_id,
        on=on,
        words=words,
        source=paper,
        prepared_by="",
        approved_by="",
        entries=(Entry(sender, -pence, Book.ACTUAL, about), Entry(receiver, pence, about=about)),
    )


def start_posting(
    authority: Authority, start: Start, *, posting_id: str, on: date, by: str
) -> Posting:
    """Return the posting of a start: promised by the authority to the package, and nothing else.

    In the name of who starts it and of the officer who approved the authority. `on` is the day it
    is agreed. Raises as `refuse_start`.
    """
    about = About(
        person=start.person,
        plan=start.paper,
        care=start.care,
        pot=authority.account.name,
        package=start.package,
        provider=start.provider,
        begins=start.begins,
        ends=start.ends,
        unit_cost=start.unit_cost,
        units=start.units,
        vat=start.vat,
        label=start.label,
    )
    package = Account(AccountKind.PACKAGE, start.package)
    made = Posting(
        id=posting_id,
        on=on,
        words=f"{start.care}, {start.units} at {in_pounds(start.unit_cost)}, started at once",
        source=_SOURCE + authority.account.name,
        prepared_by=by,
        approved_by=authority.approved_by,
        entries=(
            Entry(authority.account, -start.pence, Book.COMMITTED, of_the_place(about)),
            Entry(package, start.pence, Book.COMMITTED, about),
        ),
    )
    refuse_start(made)
    return made


def is_start(posting: Posting) -> bool:
    """Return whether a posting says that it rests on an authority; to take one back is another."""
    return posting.source.startswith(_SOURCE) and not posting.reverses


def refuse_start(posting: Posting) -> None:
    """Refuse what is not exactly a start: Unprocessable, naming everything wrong with it.

    Whether there is such an authority, who approved it and what is left, the tables decide.
    """
    if found := problems_of_start(posting):
        raise Unprocessable(*(Problem("business-rule", words, "entries") for words in found))


def problems_of_start(posting: Posting) -> tuple[str, ...]:
    """Return everything that keeps a posting from being a start; () for one that is one."""
    if len(posting.entries) != 2 or posting.reverses:
        return ("A start is one promise: from what is set aside to one package.",)
    pot, package = posting.entries
    found = authority_of(pot.account)
    if found is None or package.account.kind is not AccountKind.PACKAGE:
        return ("A start moves money from what is set aside for starts to a package alone.",)
    problems = []
    if pot.book is not Book.COMMITTED or package.book is not Book.COMMITTED or pot.pence >= 0:
        problems.append("A start is promised, and not paid: its bills are paid as every bill is.")
    if posting.source != _SOURCE + pot.account.name:
        problems.append(f"{posting.source} is not what {pot.account} is set aside by.")
    if posting.period != found[1]:
        problems.append(f"{pot.account} is for {found[1]}, and {posting.on} is not in it.")
    return (*problems, *_of_package(package))


def _of_package(entry: Entry) -> list[str]:
    about, name = entry.about, entry.account.name
    problems = []
    if about.package != name or not about.plan.startswith(f"EpisodeOfCare/{name}/"):
        problems.append(f"Say which version of package {name} it is for.")
    if not (about.care and about.provider and about.begins and about.ends):
        problems.append("Say what care it is, who gives it, and from which day to which.")
    if about.unit_cost is None or about.units is None:
        problems.append("Say how many units are started, and what one costs.")
    return problems
