"""Many machines: runs played by the workers of a Dask scheduler, where the extra is installed.

`pip install joinedup[cluster]` on the scheduler, on every worker and here. Runs are named by seed
and number, so that a run lost with a worker is played again elsewhere and gives the same bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import cast

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.engine import Executor

__all__ = ["workers_at"]

TRIES_AGAIN = 5  # of runs whose worker was lost


@contextmanager
def workers_at(address: str) -> Iterator[Executor]:
    """Return the workers of a scheduler (`tcp://host:8786`) as an executor for `simulate`.

    Refuses with Invalid where the extra is not installed, or no scheduler answers.
    """
    try:
        distributed = import_module("distributed")
    except ImportError:
        message = (
            "Dask is not installed here: pip install joinedup[cluster], or leave --cluster out"
        )
        raise Invalid(Problem("not-supported", message, "cluster")) from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        message = f"No Dask scheduler answers at {address}: start one, or mend the address"
        raise Invalid(Problem("transient", message, "cluster")) from error
    with client:
        yield cast("Executor", client.get_executor(retries=TRIES_AGAIN))
