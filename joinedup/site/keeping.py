"""What the place does by itself about access: raising alerts, looking after proxies, tirelessly.

One thread of the process that serves, with a pool of its own. What a round does is in
`people.alerts` and `people.proxies`; where it cannot be done it is tried again, and nothing is
passed by.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from time import monotonic

from joinedup.fhir.issue import Refusal
from joinedup.people.alerts.raising import raise_alerts
from joinedup.people.proxies.keeping import keep_proxies
from joinedup.record import database
from joinedup.site.log_lines import LogLine, log_unexpected

__all__ = ["Keeper", "KeeperState"]

ROUND_SECONDS = 1.0
PROXIES_SECONDS = 600.0
STOP_LIMIT_SECONDS = 10.0
_CONNECTIONS = 6
"""Its own two, and those of the jobs that run beside it in this process."""


class KeeperState(Enum):
    """What a keeper tells when it changes."""

    KEEPING = "alerts are raised"
    BEHIND = "alerts are not raised: the record cannot be reached"


class Keeper:
    """Looks after alerts and proxies of the record at `url` for as long as the context lasts.

    `moment` is the hour an invented place stands still at.
    """

    def __init__(
        self, url: str, tell: Callable[[KeeperState], None], *, moment: datetime | None = None
    ) -> None:
        self._url, self._tell, self._moment = url, tell, moment
        self._state: KeeperState | None = None
        self._due = monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def __enter__(self) -> "Keeper":
        database.configure(self._url, connections=_CONNECTIONS, moment=self._moment)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(STOP_LIMIT_SECONDS)
        database.close()

    def _run(self) -> None:
        while not self._ended.wait(ROUND_SECONDS):
            try:
                self._step()
                state = KeeperState.KEEPING
            except Refusal:
                state = KeeperState.BEHIND
            except Exception as fault:  # ours; what it would have done waits in the audit
                if self._state is not KeeperState.BEHIND:
                    log_unexpected(fault)
                state = KeeperState.BEHIND
            if state is not self._state:
                self._state = state
                self._tell(state)

    def _step(self) -> None:
        raise_alerts()
        if monotonic() >= self._due:
            keep_proxies(self._moment or datetime.now(UTC), _passed_by)
            self._due = monotonic() + PROXIES_SECONDS


def _passed_by(fault: Exception) -> None:
    log_unexpected(fault, LogLine.PROXY_PASSED_BY)
