"""A pay run: what providers are owed to a day, paid once; one prepares it, another authorises it.

Pure. Each provider's payment is a posting of its own id, so that a run taken up again after a
crash pays nobody twice. The file says whom to pay how much; no bank details are kept in this
release, so whoever pays has them.
"""

import re
from collections.abc import Iterable
from datetime import date
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Problem, Unprocessable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import balances
from joinedup.ledger.money import Pence, in_pounds, read_pounds
from joinedup.ledger.posting import Entry, Posting
from joinedup.money.csv_text import read_table, write_table

__all__ = [
    "BANK",
    "COLUMNS",
    "MOST_LINES",
    "PayLine",
    "PayRun",
    "authorise",
    "owed",
    "payment_file",
    "postings_of",
    "prepare",
    "read_payment_file",
    "refuse_run",
]

BANK = Account(AccountKind.BANK, "payments")
MOST_LINES = 5_000
COLUMNS = ("record", "run", "number", "provider", "pounds", "reference")
_RUN = re.compile(r"[a-z0-9][a-z0-9\-]{0,39}")
_PAYMENT, _CONTROL = "payment", "control"


class PayLine(Struct, frozen=True, order=True):
    """What one provider is paid, in pence."""

    provider: str
    pence: Pence


class PayRun(Struct, frozen=True, kw_only=True):
    """One run: providers in the order of their codes; `due_to` is the last day that counts.

    `prepared_by` and `authorised_by` are references; "" while nobody authorised it.
    """

    id: str
    on: date
    due_to: date
    lines: tuple[PayLine, ...]
    prepared_by: str
    authorised_by: str = ""

    @property
    def total(self) -> Pence:
        """What leaves the bank."""
        return sum(line.pence for line in self.lines)


def owed(postings: Iterable[Posting], due_to: date) -> dict[str, Pence]:
    """Return what each provider is owed by postings up to a day, that day counted in.

    Payments after that day count too: what has been paid is not owed. A provider in credit is
    below zero; one that is even is left out.
    """
    kept = tuple(postings)
    before = balances(posting for posting in kept if posting.on <= due_to)
    paid = balances(p for p in kept if p.on > due_to and p.source.startswith("payrun/"))
    found = {}
    for account, balance in before.items():
        if account.kind is not AccountKind.PROVIDER:
            continue
        later = paid[account].actual if account in paid else 0
        if balance.actual + later:
            found[account.name] = balance.actual + later
    return dict(sorted(found.items()))


def prepare(
    run_id: str, amounts: dict[str, Pence], *, on: date, due_to: date, prepared_by: str
) -> PayRun:
    """Return a run that pays every provider who is owed something; who is in credit waits.

    Refuses as `refuse_run`.
    """
    lines = tuple(sorted(PayLine(who, pence) for who, pence in amounts.items() if pence > 0))
    run = PayRun(id=run_id, on=on, due_to=due_to, lines=lines, prepared_by=prepared_by)
    refuse_run(run)
    return run


def refuse_run(run: PayRun) -> None:
    """Refuse a run that is not sound: Unprocessable, naming everything wrong with it."""
    found = []
    if not _RUN.fullmatch(run.id):
        found.append("A pay run's name is small letters, digits and hyphens, such as 2018-01-19.")
    if not run.lines:
        found.append(f"No provider is owed anything to {run.due_to:%d/%m/%Y}.")
    if len(run.lines) > MOST_LINES:
        found.append(f"A pay run has {MOST_LINES:,} payments at most. Choose an earlier day.")
    if run.due_to > run.on:
        found.append("A pay run pays what is owed to its own day at the latest.")
    if len({line.provider for line in run.lines}) < len(run.lines):
        found.append("A provider is paid once in a run.")
    if any(line.pence <= 0 for line in run.lines):
        found.append("A payment is a penny at least.")
    if not run.prepared_by:
        found.append("Say who prepared the pay run.")
    if found:
        raise Unprocessable(*(Problem("business-rule", message) for message in found))
    _refuse_payee(run, run.prepared_by, "")


def authorise(run: PayRun, by: str, *, works_for: str = "") -> PayRun:
    """Return the run as authorised (BU-05, domain.md 4.2).

    Refuses, Unprocessable, whoever prepared it and whoever is paid by it: `works_for` is the
    organisation of the post that `by` is signed in for.
    """
    refuse_run(run)
    if not by:
        raise Unprocessable("Say who authorises the pay run.")
    if by == run.prepared_by:
        raise Unprocessable("Who prepared a pay run cannot authorise it. Ask somebody else.")
    if run.authorised_by and run.authorised_by != by:
        raise Unprocessable("Somebody else has authorised this pay run already.")
    _refuse_payee(run, by, works_for)
    return replace(run, authorised_by=by)


def _refuse_payee(run: PayRun, who: str, works_for: str) -> None:
    named = {who.removeprefix("Organization/"), works_for.removeprefix("Organization/")}
    if named & {line.provider for line in run.lines}:
        raise Unprocessable("Nobody prepares or authorises money that comes to them.")


def postings_of(run: PayRun) -> tuple[Posting, ...]:
    """Return a posting a provider: what is owed leaves through the bank, the same ids each time.

    Refuses, Unprocessable, a run that nobody authorised.
    """
    refuse_run(run)
    if not run.authorised_by:
        raise Unprocessable("This pay run waits for somebody to authorise it.")
    return tuple(
        Posting(
            id=f"payrun/{run.id}/{line.provider}",
            on=run.on,
            words=f"Pay run {run.id}: owed to {run.due_to:%d/%m/%Y}",
            entries=(
                Entry(Account(AccountKind.PROVIDER, line.provider), -line.pence),
                Entry(BANK, line.pence),
            ),
            source=f"payrun/{run.id}",
            prepared_by=run.prepared_by,
            approved_by=run.authorised_by,
            paid_to=f"Organization/{line.provider}",
        )
        for line in run.lines
    )


def payment_file(run: PayRun) -> str:
    """Return the authorised file: a line a payment, then a control line with count, total, check.

    The check is the first 16 digits of the SHA-256 of `run|provider|pence` of all payments in
    their order, a line each: whoever loads the file can tell that nothing was changed or lost.
    Refuses, Unprocessable, a run that nobody authorised.
    """
    if not run.authorised_by:
        raise Unprocessable("This pay run waits for somebody to authorise it.")
    payments = [
        (_PAYMENT, run.id, str(n), line.provider, _pounds(line.pence), f"payrun/{run.id}")
        for n, line in enumerate(run.lines, 1)
    ]
    control = (_CONTROL, run.id, str(len(run.lines)), "", _pounds(run.total), _check(run))
    return write_table(COLUMNS, [*payments, control])


def read_payment_file(data: bytes) -> tuple[str, tuple[PayLine, ...]]:
    """Return the run and payments of such a file; Invalid for one that its control line denies."""
    table = read_table(data)
    if table.header != COLUMNS or not table.rows:
        raise Invalid(f"This is no file of payments: its columns are {', '.join(COLUMNS)}.")
    *payments, control = [row.cells for row in table.rows]
    if any(len(c) != len(COLUMNS) or c[0] != _PAYMENT or c[1] != control[1] for c in payments):
        raise Invalid("A line of the file is no payment of its run. Take the file again.")
    lines = tuple(PayLine(c[3], read_pounds(c[4])) for c in payments)
    total = sum(line.pence for line in lines)
    said = (_CONTROL, control[1], str(len(lines)), "", _pounds(total), _digest(control[1], lines))
    if control != said:
        raise Invalid("The control line does not fit the payments. Take the file again.")
    return control[1], lines


def _check(run: PayRun) -> str:
    return _digest(run.id, run.lines)


def _digest(run_id: str, lines: Iterable[PayLine]) -> str:
    text = "\n".join(f"{run_id}|{line.provider}|{line.pence}" for line in lines)
    return sha256(text.encode()).hexdigest()[:16]


def _pounds(pence: Pence) -> str:
    """Return pounds as programs read them: no sign of the pound, no commas."""
    return in_pounds(pence).replace("£", "").replace(",", "").replace("−", "-")
