"""Measures the ledger in PostgreSQL: one who posts, sixteen at once, and a year told."""

import io
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

from benchmarks.figure import Figure
from benchmarks.ledger.year import (
    COUNCIL,
    PARTNERS,
    POOL,
    PROVIDERS,
    WEEK_PENCE,
    bill,
    given,
    officer,
    paid,
    promised,
    resources,
)
from benchmarks.processes import cpu_seconds
from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.issue import Refusal, Unprocessable
from joinedup.ledger.account import AccountKind
from joinedup.ledger.balance import Balance
from joinedup.ledger.money import in_pounds
from joinedup.ledger.pool import Pool, statements
from joinedup.ledger.posting import Posting
from joinedup.record import Put, Source, books

__all__ = ["fill_people", "measure_one", "measure_sixteen", "measure_year"]

PLACE = system_permit("benchmark")
BATCH = 250
CLIENTS = 16
ENTRIES_OF_A_BILL = 4
YEAR_WEEKS = 40
OF_THE_PLACE = (AccountKind.FUNDER, AccountKind.POT, AccountKind.PROVIDER, AccountKind.BANK)


def fill_people(people: int) -> None:
    """Store everybody and their care through `commit`."""
    source = Source(COUNCIL, "benchmark", "system")
    batch = [Put(resource, source=source) for resource in resources(people)]
    for first in range(0, len(batch), 2 * BATCH):
        record.commit(PLACE, batch[first : first + 2 * BATCH], dangling="keep")


def measure_one(postmaster: int, times: int) -> list[Figure]:
    """Post weekly bills one by one as a finance officer; CPU of Python and PostgreSQL together."""
    by = officer(0)
    weeks = times + 40
    post(by, given(COUNCIL, WEEK_PENCE * weeks, "one", by=by), promised(0, weeks, by=by))
    for number in range(40):
        post(by, bill(0, 0, f"warm-{number}", by=by))
    before = cpu_seconds(postmaster) + _own_seconds()
    for number in range(times):
        post(by, bill(0, number % 52, f"one-{number}", by=by))
    used = cpu_seconds(postmaster) + _own_seconds() - before
    again = bill(0, 0, "one-0", by=by)
    before = cpu_seconds(postmaster) + _own_seconds()
    for _ in range(times):
        post(by, again)
    replayed = cpu_seconds(postmaster) + _own_seconds() - before
    return [
        Figure("a posting of four entries", used / times * 1000, "ms CPU", "<= 3"),
        Figure("the same posting again", replayed / times * 1000, "ms CPU", "<= 3"),
    ]


def measure_sixteen(entries: int) -> list[Figure]:
    """Sixteen officers post bills against four packages of one pool, more than there is money for.

    What reaches them but a refusal in words is a failure; so is an account below its floor, or a
    penny that the entries and the sums kept for the floor do not agree on.
    """
    packages, each = 4, entries // ENTRIES_OF_A_BILL // CLIENTS
    affordable = each * CLIENTS * 9 // 10 // packages
    by = officer(0)
    post(by, given(COUNCIL, WEEK_PENCE * affordable * packages, "sixteen", by=by))
    numbers = range(1, packages + 1)
    for number in numbers:
        post(by, promised(number, affordable, by=by))
    told: Counter[str] = Counter()
    start = threading.Barrier(CLIENTS)

    def work(client: int) -> None:
        permit = officer(client)
        start.wait(60)
        for count in range(each):
            number = numbers[(client + count) % packages]
            told[_outcome(permit, bill(number, 1, f"s{client}-{count}", by=permit))] += 1

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    seconds = time.monotonic() - began
    rate = ENTRIES_OF_A_BILL * told["posted"] / seconds
    sys.stderr.write(f"sixteen at once: {dict(told)}, {rate:,.0f} entries/s\n")
    failures = sum(count for outcome, count in told.items() if outcome not in ("posted", "refused"))
    lost = abs(told["posted"] - affordable * packages)
    low, adrift = _wrong()
    return [
        Figure(f"failures shown to sixteen, {entries:,} entries", failures, "failures", "<= 0"),
        Figure("affordable bills not posted, or others posted", lost, "bills", "<= 0"),
        Figure("accounts below their floor", low, "accounts", "<= 0"),
        Figure("pence adrift", adrift, "pence", "<= 0"),
    ]


def measure_year(people: int) -> list[Figure]:
    """Post a year of weekly bills and pay runs, then fold every account and print every statement.

    Posting it is no part of the figure.
    """
    by = officer(0)
    first = 5
    whole = WEEK_PENCE * YEAR_WEEKS * people
    for partner, percent in zip(PARTNERS, (60, 40), strict=True):
        post(PLACE, given(partner, whole * percent // 100 + 100, f"year-{partner}", by=by))
    entries = 4 + _post_all(promised(first + n, YEAR_WEEKS, by=by) for n in range(people))
    for week in range(YEAR_WEEKS):
        entries += _post_all(
            bill(first + n, week, f"year-{n}-{week}", by=by) for n in range(people)
        )
        owed = Counter((first + n) % PROVIDERS for n in range(people))
        entries += _post_all(
            paid(number, week, WEEK_PENCE * count, by=by) for number, count in owed.items()
        )
    began = time.monotonic()
    out = io.StringIO()
    told = _print_statements(out)
    seconds = time.monotonic() - began
    sys.stderr.write(f"a year: {entries:,} entries, {told:,} statements, {out.tell():,} letters\n")
    return [Figure(f"a year of {entries:,} entries, every statement", seconds, "s", "<= 10")]


def post(permit: Permit, *postings: Posting) -> None:
    """Commit some postings."""
    record.commit(permit, [], postings)


def _post_all(postings: Iterable[Posting]) -> int:
    batch = list(postings)
    for first in range(0, len(batch), BATCH):
        post(PLACE, *batch[first : first + BATCH])
    return sum(len(posting.entries) for posting in batch)


def _outcome(permit: Permit, posting: Posting) -> str:
    try:
        post(permit, posting)
    except Unprocessable:
        return "refused"
    except Refusal as refusal:
        return type(refusal).__name__
    except Exception as problem:  # whatever else reaches a person is a failure, and counted
        return repr(problem)[:80]
    return "posted"


def _own_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system


def _wrong() -> tuple[int, int]:
    """Return how many accounts are below their floor, and the pence that do not sum to zero."""
    held = books.held(PLACE, [*AccountKind])
    low = sum(one.floor is not None and one.balance.left < one.floor for one in held)
    totals = Balance(
        sum(one.balance.committed for one in held),
        sum(one.balance.released for one in held),
        sum(one.balance.actual for one in held),
    )
    return low, abs(totals.committed) + abs(totals.released) + abs(totals.actual)


def _print_statements(out: io.StringIO) -> int:
    """Write each account's balance, the place's accounts by month, and each partner's year."""
    held = books.held(PLACE, [*AccountKind])
    for one in held:
        out.write(f"{one.account}: {in_pounds(one.balance.left)} left\n")
    for kind in OF_THE_PLACE:
        for moved in books.movements(PLACE, kind):
            out.write(
                f"{moved.account} {moved.month} {moved.book.name.lower()} {moved.care} "
                f"{moved.package} {moved.provider} {in_pounds(moved.pence)}\n"
            )
    gave = {
        partner: -sum(
            one.balance.actual
            for one in held
            if one.account.kind is AccountKind.FUNDER and one.account.name == partner
        )
        for partner in PARTNERS
    }
    in_pot = next(one.balance.actual for one in held if one.account == POOL)
    told = statements(_pool(gave), sum(gave.values()) - in_pot)
    for statement in told:
        out.write(
            f"{statement.partner} gave {in_pounds(statement.contributed)}, "
            f"bears {in_pounds(statement.bears)}\n"
        )
    return len(held) + len(told)


def _pool(gave: dict[str, int]) -> Pool:
    shares = dict(zip(PARTNERS, (Fraction(6, 10), Fraction(4, 10)), strict=True))
    return Pool(
        name="Better care",
        host=COUNCIL,
        year="2018-19",
        contributions=gave,
        overspend=shares,
        underspend=shares,
        functions=("home care",),
        vat_by=COUNCIL,
        ends="With six months' notice.",
    )
