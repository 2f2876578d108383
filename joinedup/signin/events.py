"""What happened at the door: kept in a table that is only added to, and told to the log.

The log's list of lines is the site's, which is above this floor; it says where to with `tell`.
"""

import uuid
from collections.abc import Callable
from enum import Enum

from joinedup.signin import clock
from joinedup.signin.models import EventRow

__all__ = ["Door", "happened", "tell"]


class Door(Enum):
    """Everything that can happen at the door."""

    SIGNED_IN = "signed-in"
    REFUSED = "refused"
    SIGNED_OUT = "signed-out"
    CAME_BACK = "came-back"
    ENDED = "ended"
    CHANGED = "changed"
    ADMITTED = "admitted"
    LEFT = "left"
    APP_LET_IN = "app-let-in"
    APP_ENDED = "app-ended"


Listener = Callable[[Door, str, str], None]
_listeners: list[Listener] = []


def tell(listener: Listener) -> None:
    """Let the log hear of it: what happened, why (a code), and by which method."""
    _listeners[:] = [listener]


def happened(
    what: Door, *, why: str = "", method: str = "", account: str = "", session: uuid.UUID | None
) -> None:
    """Keep an event; `why` and `method` are codes of ours, never what somebody typed."""
    EventRow.objects.create(
        at=clock.now(), what=what.value, why=why, method=method, account=account, session=session
    )
    for listener in _listeners:
        listener(what, why, method)
