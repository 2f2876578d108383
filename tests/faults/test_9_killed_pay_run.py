"""Kill -9 of who authorises a pay run, at any moment: every provider is paid exactly once.

A process is killed before, in or after its commit; whoever looks next takes the run up again, and
pays it, or finds it paid. Ten runs killed up to three times in the ordinary run, 200 with --full.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest

from joinedup import record
from joinedup.fhir.issue import Refusal
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import Entry
from joinedup.money.pay_run_rules import BANK, read_payment_file
from joinedup.money.pay_runs import (
    KeptRun,
    authorise_run,
    payment_file_of,
    posted_of,
    prepare_run,
    run_of,
)
from joinedup.record import books
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.conftest import ROOT
from tests.spec.money.invoices import posting
from tests.spec.money.officers import NOW, OKAFOR, PATEL, POT, actual, given, set_scene
from tests.spec.record.place import PLACE, put

ORDINARY_RUNS, FULL_RUNS = 10, 200
MOST_KILLS_A_RUN, PROVIDERS = 3, 6
TODAY = date(2018, 1, 16)
EARLIEST, LATEST = 0.5, 1.3
"""When kills fall, in times of the quickest authorising: while it reads, commits, and after."""


class Authoriser:
    """The process that authorises, and may be killed while it does."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.pay_run_worker", url],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def authorise(self, run: str, *, killed_after: float | None = None) -> str:
        """Return `done`, `refused: ...`, or `killed` where it was killed before it could say."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"okafor {run}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        if killed_after is not None:
            time.sleep(killed_after)
            with suppress(ProcessLookupError):  # it had said all
                os.kill(pid, signal.SIGKILL)
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout
        self._process.stdout.close()


@pytest.fixture
def authoriser(record_database: Urls) -> Iterator[Authoriser]:
    """Who authorises, at a place with providers."""
    set_scene()
    put(*({"resourceType": "Organization", "id": _code(n)} for n in range(PROVIDERS)))
    record.commit(PLACE, [], [given(10**9, "much")])
    made = Authoriser(record_database.application)
    yield made
    made.close()


def _code(number: int) -> str:
    return f"VK{number:03d}"


def _owed(number: int) -> KeptRun:
    """A run that pays each provider a sum of its own."""
    bills = []
    for n in range(PROVIDERS):
        pence, provider = 1_000 + number * 10 + n, Account(AccountKind.PROVIDER, _code(n))
        name = f"owed/{number}/{n}"
        bills.append(posting(name, Entry(POT, -pence), Entry(provider, pence), on=TODAY))
    record.commit(PLACE, [], bills)
    return prepare_run(PATEL, TODAY, now=NOW)


def test_every_provider_is_paid_exactly_once(authoriser: Authoriser, full: bool) -> None:
    """Issue 3, accept 3: kill -9 during a pay run."""
    luck = random.Random(2018)
    takes = _seconds_taken(authoriser)
    fates = {"before": 0, "after": 0, "told": 0}
    paid = actual(BANK)
    for number in range(1, 1 + (FULL_RUNS if full else ORDINARY_RUNS)):
        made = _owed(number)
        is_paid = False
        for _ in range(MOST_KILLS_A_RUN):
            if is_paid:
                break
            moment = luck.uniform(EARLIEST, LATEST) * takes
            # too late makes the next kill earlier, too early later: most fall about the commit
            said = authoriser.authorise(made.said.run, killed_after=moment)
            is_paid = _is_paid(made)
            assert said in ("done", "killed"), said
            assert said == "killed" or is_paid, "what was told is so"
            fate = "told" if said == "done" else "after" if is_paid else "before"
            takes *= {"told": 0.8, "after": 1.0, "before": 1.1}[fate]
            fates[fate] += 1
        assert authoriser.authorise(made.said.run) == "done"
        paid += made.run.total
        _is_paid_once(made, paid)
    print(f"kills: {fates}; authorising takes {takes * 1000:.0f} ms")
    assert fates["before"] and fates["after"] + fates["told"], fates
    assert not list(verify())


def _seconds_taken(authoriser: Authoriser) -> float:
    """How long a process takes to authorise a run, from its beginning: the quickest of three."""
    taken = []
    for number in range(3):
        made = _owed(10_000 + number)
        began = time.monotonic()
        assert authoriser.authorise(made.said.run) == "done"
        taken.append(time.monotonic() - began)
    return min(taken)


def _is_paid(made: KeptRun) -> bool:
    """Whether all of a run is posted; half of it never is.

    PostgreSQL may still commit what a killed process had sent: run and ledger are read until they
    agree, which takes a moment and no more.
    """
    for _ in range(100):
        posted = len(posted_of(PATEL, made.run))
        answer = run_of(PATEL, made.said.run).said.answer
        assert posted in (0, PROVIDERS), "never half"
        if bool(posted) == (answer == "authorised"):
            return bool(posted)
        time.sleep(0.02)
    raise AssertionError(f"{posted} postings of a run that is {answer or 'waiting'}")


def _is_paid_once(made: KeptRun, paid: int) -> None:
    assert actual(BANK) == paid
    run, lines = read_payment_file(payment_file_of(PATEL, made.said.run))
    assert run == made.said.run and lines == made.run.lines
    assert all(h.balance.left == 0 for h in books.held(PLACE, [AccountKind.PROVIDER]))
    with pytest.raises(Refusal):  # and there is nothing left to pay
        prepare_run(PATEL, TODAY, now=NOW)
    authorise_run(OKAFOR, made.said.run, 1, now=NOW)
    assert actual(BANK) == paid
