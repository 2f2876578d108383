"""A census for tests: a place, its network begun on the day, and people in its beds."""

from datetime import UTC, datetime, timedelta

from joinedup.planning import places
from joinedup.planning.forecast.fan import DAYS
from joinedup.planning.forecast.fortnight import for_fortnight

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
GLOUCESTERSHIRE = for_fortnight(
    places.place("Gloucestershire", on=TODAY, days=DAYS, warm_up_days=0).model, TODAY
)
NETWORK = GLOUCESTERSHIRE.network()
HEADING = "person,service,class,since,ready,waits_for\n"


def people(count: int, *, ready: int = 0) -> str:
    """A census: people of three ages who came some days ago, some ready and waiting."""
    lines = []
    for i in range(count):
        kind = ("under 65", "65 to 84", "85 and over")[i % 3]
        since = NOW - timedelta(days=0.5 + (i * 7 % 23))
        tail = ","
        if i < ready:
            tail = f"{since + timedelta(hours=6):%Y-%m-%dT%H:%M},home care"
        lines.append(f"p{i},beds,{kind},{since:%Y-%m-%dT%H:%M},{tail}")
    return HEADING + "\n".join(lines) + "\n"
