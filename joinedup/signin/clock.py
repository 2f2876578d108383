"""What time it is for sessions, codes and tokens: always the real time, also in an invented place.

Tests move it by putting another function in place of `time.time`.
"""

import time
from datetime import UTC, datetime

__all__ = ["now", "seconds"]


def seconds() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def now() -> datetime:
    """Return the time."""
    return datetime.fromtimestamp(seconds(), UTC)
