"""The transaction of a merge, a parting or a move: run whole, and again when it lost a race.

What the three have in common beside `write.store`; what each does is in `merge` and `merge_move`.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from psycopg import errors

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Problem, Stale, Unavailable
from joinedup.record.database import Connection, connection, entered
from joinedup.record.write import ATTEMPTS, FIRST_PAUSE_SECONDS

__all__ = ["LONGEST_REASON", "alone", "as_house", "reason_of", "run"]

LONGEST_REASON = 500
T = TypeVar("T")


def reason_of(written: str) -> str:
    """Return why, as it is kept in the audit. Raises Invalid for nothing and for too much."""
    if not written.strip():
        raise Invalid(Problem("required", "Write down why.", "reason"))
    if len(written) > LONGEST_REASON:
        raise Invalid(Problem("too-long", f"Say it in {LONGEST_REASON} characters.", "reason"))
    return written.strip()


def alone(work: Callable[[Connection], T]) -> T:
    """Run the work in one transaction; one that loses a deadlock is run again whole.

    Raises Stale where somebody else wrote what it writes, Conflict where an NHS number is held by
    another record, NotPermitted where the permit may not write what the work came to.
    """
    for attempt in range(ATTEMPTS):
        try:
            with connection() as lent, lent.transaction():
                return work(lent)
        except (errors.DeadlockDetected, errors.SerializationFailure):
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        except errors.UniqueViolation as problem:
            raise _refusal(problem) from problem
        except errors.InsufficientPrivilege as problem:
            raise NotPermitted(_NOT_YOURS) from problem
    raise Unavailable("Others are changing these records. Nothing was done; try again.")


_NOT_YOURS = "You may not change both of these records. Ask somebody who may."


def _refusal(problem: errors.UniqueViolation) -> Stale | Conflict | NotPermitted:
    match problem.diag.constraint_name:
        case "version_pkey":
            return Stale("Somebody else changed this meanwhile. Look again, and repeat it.")
        case "head_pkey":  # what it stands under could not be taken away
            return NotPermitted(_NOT_YOURS)
        case "claim_pkey":
            return Conflict(
                "Somebody else's record has the NHS number of one of these now. Settle whose it "
                "is first."
            )
    raise problem


def as_house(lent: Connection, statement: str, arguments: tuple[object, ...]) -> None:
    """Run a statement that reaches what the worker does not see: it is placed with the rest.

    The permit has to be entered again after it.
    """
    entered(lent, system_permit("merge"))
    run(lent, statement, arguments)


def run(lent: Connection, statement: str, arguments: tuple[object, ...]) -> None:
    """Run a statement of this package, under whatever permit is entered."""
    lent.execute(statement.encode(), arguments)
