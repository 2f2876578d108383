"""A process that authorises pay runs when told to, made to be killed at any moment.

It loads everything once, then forks: each authorising is a real process with connections of its
own, so that hundreds can be killed in seconds. Started by `test_9_killed_pay_run`.
"""

import os
import sys
from datetime import UTC, datetime

from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Refusal
from joinedup.money.pay_runs import authorise_run
from joinedup.record import database

NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)


def main(url: str) -> None:
    """Read `worker run` lines; answer each with the pid of who authorises it, then with `done`."""
    for line in sys.stdin:
        worker, run = line.split()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _authorise(url, worker, run, writing)
        os.close(writing)
        print(pid, flush=True)
        with os.fdopen(reading, "rb") as told:
            said = told.read().decode()
        os.waitpid(pid, 0)
        print(said or "killed", flush=True)


def _authorise(url: str, worker: str, run: str, writing: int) -> None:
    """Authorise a run in this process, and end it without going back."""
    permit = worker_permit(f"Practitioner/{worker}", worker, Role.FINANCE_OFFICER, "904")
    database.configure(url)
    try:
        authorise_run(permit, run, 1, now=NOW)
        said = "done"
    except Refusal as refusal:
        said = f"refused: {refusal}"
    os.write(writing, said.encode())
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
