"""Keeping that an app was refused at the door, and why, as a code; and never without end.

Anybody can send rubbish to the token address. Of each kind of refusal a process keeps so many a
minute; what goes beyond is in the log of requests alone, and fills no table.
"""

from collections import defaultdict, deque

from joinedup.signin import clock
from joinedup.signin.events import Door, happened

__all__ = ["MOST_A_MINUTE", "keep_refusal"]

MOST_A_MINUTE = 30
_kept: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MOST_A_MINUTE))


def keep_refusal(why: str) -> None:
    """Keep a refusal by its code, unless that code was kept thirty times in the last minute."""
    at, times = clock.seconds(), _kept[why]
    if len(times) == MOST_A_MINUTE and 0 <= at - times[0] < 60:
        return
    times.append(at)
    happened(Door.REFUSED, why=f"app-{why}", method="app", session=None)
