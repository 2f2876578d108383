"""Which organisations answered, how much they told us, and how old it is."""

from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.life import Life, Source
from joinedup.web.dates import When, ago, days_since, when

__all__ = ["Answer", "present_sources"]

_STALE_DAYS = 30


class Answer(Struct, frozen=True, kw_only=True):
    """One organisation's answer: how many statements, and when the newest of them reached us."""

    name: str
    lane: int
    count: int
    newest: When | None
    age: str
    is_old: bool


def _age(source: Source, now: datetime) -> str:
    if source.received is None:
        return "nothing received"
    # A place whose clock stands still may receive things after its hour.
    return "just now" if source.received.at > now else ago(source.received, now)


def present_sources(life: Life, now: datetime) -> tuple[Answer, ...]:
    """Return an answer for each source; one that has told us nothing says so."""
    return tuple(
        Answer(
            name=source.name,
            lane=source.lane,
            count=source.statements_count,
            newest=when(source.received, now, time=True),
            age=_age(source, now),
            is_old=source.received is not None and days_since(source.received, now) > _STALE_DAYS,
        )
        for source in life.sources
    )
