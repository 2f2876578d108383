"""A moment as somebody types it, and as it is shown to them: never without its zone.

In the night the clocks go back, an hour comes twice; a moment in it is asked for in UTC.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.period import LONDON

__all__ = ["in_words", "read_moment"]

_TYPED = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"\s*(?P<zone>Z|UTC|[+-]\d\d:\d\d|[A-Z][A-Za-z_]+/[A-Za-z_/]+)?\Z"
)


def read_moment(text: str) -> datetime:
    """Return what `2026-01-16T10:00:00Z`, `... +01:00` or `... Europe/London` says, in UTC.

    Refuses one without a zone, one that is no time, and one that a change of clocks makes unclear.
    """
    found = _TYPED.match(text.strip())
    if found is None:
        raise Invalid(f"{text!r} is not a time. Write it like 2026-01-16T10:00:00Z.")
    if found["zone"] is None:
        raise Invalid(
            f"{text!r} does not say in which zone. Add Z for UTC, or Europe/London for the time "
            "on the wall."
        )
    try:
        if "/" in found["zone"]:
            return _on_the_wall(f"{found['day']}T{found['time']}", found["zone"])
        zone = "+00:00" if found["zone"] in ("Z", "UTC") else found["zone"]
        return datetime.fromisoformat(f"{found['day']}T{found['time']}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Invalid(f"{text!r} is not a time: {wrong}.") from wrong


def in_words(moment: datetime) -> str:
    """Return a moment in UTC and as on the wall in England."""
    at = moment.astimezone(UTC)
    wall = moment.astimezone(LONDON)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({wall:%H:%M:%S} in England)"


def _on_the_wall(text: str, zone_name: str) -> datetime:
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, OSError) as unknown:
        raise Invalid(f"{zone_name} is not a zone this machine knows. Use UTC.") from unknown
    first = datetime.fromisoformat(text).replace(tzinfo=zone)
    second = first.replace(fold=1)
    if first.utcoffset() != second.utcoffset():
        raise Invalid(f"The clocks change at {text} in {zone_name}. Give the time in UTC.")
    return first.astimezone(UTC)
