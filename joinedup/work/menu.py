"""How much work waits, for the menu of every page: counted twice a minute a session, not a page.

Kept under the session's own key, so that no count goes from one permit to another; the list itself
is always counted anew, and says here what it found.
"""

from threading import Lock
from time import monotonic

from joinedup.access.permit import Permit
from joinedup.access.work import HAS_WORK
from joinedup.work.queries import count_of

__all__ = ["KEPT_SECONDS", "counted", "waiting"]

KEPT_SECONDS = 30.0
_MOST_KEPT = 2_000
_Key = tuple[str, str, str, str]
_kept: dict[_Key, tuple[float, int]] = {}
_turn = Lock()


def waiting(permit: Permit | None) -> int | None:
    """Return how many errands wait, as it was half a minute ago at most; None for who has none."""
    if permit is None or permit.role not in HAS_WORK:
        return None
    held = _kept.get(_key(permit))
    if held is not None and held[0] > monotonic():
        return held[1]
    return counted(permit, count_of(permit) or 0)


def counted(permit: Permit, count: int) -> int:
    """Keep what was counted just now for the menu of this session, and return it."""
    if permit.session:
        with _turn:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[_key(permit)] = (monotonic() + KEPT_SECONDS, count)
    return count


def _key(permit: Permit) -> _Key:
    return permit.session, permit.worker, permit.role.value, permit.organisation
