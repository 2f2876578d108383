"""One timeline across organisations: a lane each, filters, and a list that says the same in words.

Pure. `choose_events` picks what the filters ask for; `draw_lanes` turns it into positions in per
cent, so that the drawing fits any width without a script.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.people.presenters.items import status_of
from joinedup.people.presenters.kinds import KINDS, kind_of, title_of
from joinedup.people.presenters.life import Life, Statement, Told, told
from joinedup.people.presenters.words import status_words
from joinedup.web.dates import When, read_moment, when

__all__ = ["SPANS", "Asked", "Event", "Timeline", "choose_events", "present_timeline"]

SPANS = {
    "month": ("1 month", timedelta(days=31)),
    "quarter": ("3 months", timedelta(days=92)),
    "year": ("1 year", timedelta(days=366)),
    "decade": ("10 years", timedelta(days=3653)),
    "all": ("Everything", timedelta(days=200 * 366)),
}
_AHEAD = timedelta(days=14)
_LISTED = 25
_PERIOD_KEYS = ("period", "occurrencePeriod", "executionPeriod", "performedPeriod")
_LONG = frozenset({"stay", "service", "plan"})


class Asked(Struct, frozen=True, kw_only=True):
    """What the filter form asks for; empty means all."""

    organisation: str = ""
    kind: str = ""
    span: str = "year"
    everything: bool = False


class Event(Struct, frozen=True, kw_only=True):
    """One thing that happened, as it is drawn."""

    statement: Statement
    kind: str
    start: datetime
    end: datetime | None
    organisation: str


class Line(Struct, frozen=True, kw_only=True):
    """One thing that happened, as the list says it."""

    title: str
    status: str
    when: When | None
    told: Told
    anchor: str


class Choice(Struct, frozen=True):
    """One option of a filter."""

    value: str
    words: str
    chosen: bool


class Timeline(Struct, frozen=True, kw_only=True):
    """The timeline of a page: filter choices, the events listed, and how many there are in all."""

    events: tuple[Event, ...]
    listed: tuple[Line, ...]
    total: int
    all_total: int
    organisations: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    spans: tuple[Choice, ...]
    asked: Asked
    start: datetime
    end: datetime


def present_timeline(life: Life, asked: Asked, now: datetime) -> Timeline:
    """Return the events the filters ask for, newest first, and the filters as they stand."""
    every = events_of(life.statements, now)
    span = SPANS.get(asked.span, SPANS["year"])[1]
    start, end = now - span, now + _AHEAD
    if asked.span == "all" and every:
        end = max(end, every[0].start)
        start = max(start, min(now, every[-1].start))
    chosen = choose_events(every, asked, start, end)
    return Timeline(
        events=tuple(chosen),
        listed=tuple(_line(life, e, now) for e in chosen[: None if asked.everything else _LISTED]),
        total=len(chosen),
        all_total=len(every),
        organisations=(
            Choice("", "All organisations", not asked.organisation),
            *(Choice(s.code, s.name, s.code == asked.organisation) for s in life.sources),
        ),
        kinds=(Choice("", "Everything", not asked.kind), *_kind_choices(every, asked.kind)),
        spans=tuple(Choice(k, words, k == asked.span) for k, (words, _) in SPANS.items()),
        asked=asked,
        start=start,
        end=end,
    )


def _kind_choices(events: Sequence[Event], asked: str) -> Iterable[Choice]:
    present = {e.kind for e in events}
    return (Choice(k, words, k == asked) for k, words in KINDS.items() if k in present)


def events_of(statements: Iterable[Statement], now: datetime) -> list[Event]:
    """Return every dated statement about the person as an event, newest first."""
    found = [e for s in statements if (e := _event(s, now)) is not None]
    found.sort(key=_start, reverse=True)
    return found


def _start(event: Event) -> datetime:
    return event.start


def choose_events(
    events: Iterable[Event], asked: Asked, start: datetime, end: datetime
) -> list[Event]:
    """Return the events of the organisation and kind asked for that touch the window."""
    return [
        e
        for e in events
        if (not asked.organisation or e.organisation == asked.organisation)
        and (not asked.kind or e.kind == asked.kind)
        and e.start <= end
        and (e.start >= start or (e.end is not None and e.end >= start))
    ]


def _event(statement: Statement, now: datetime) -> Event | None:
    kind = kind_of(statement)
    if statement.happened is None or not kind or status_of(statement) == "entered-in-error":
        return None
    return Event(
        statement=statement,
        kind=kind,
        start=statement.happened.at,
        end=_end(statement, now) if kind in _LONG else None,
        organisation=statement.organisation,
    )


def _line(life: Life, event: Event, now: datetime) -> Line:
    statement = event.statement
    return Line(
        title=title_of(life, statement),
        status=status_words(status_of(statement)),
        when=when(statement.happened, now, time=event.kind in ("appointment", "contact")),
        told=told(life, statement, now),
        anchor=f"event-{statement.type}-{statement.id}",
    )


def _end(statement: Statement, now: datetime) -> datetime | None:
    """A period with no end that is still going on reaches to now."""
    for key in _PERIOD_KEYS:
        period = statement.resource.get(key)
        if period and period.get("end"):
            moment = read_moment(period["end"])
            return moment.at if moment else None
        if period and status_of(statement) in ("active", "in-progress"):
            return now
    return None
