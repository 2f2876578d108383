"""The drawing of the timeline: lanes, bars, marks and ticks, as positions in per cent.

Marks that would fall on one another are joined into one with a count, so a life of thousands of
statements stays a few hundred shapes. The list beneath says everything the drawing shows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.kinds import KINDS, title_of
from joinedup.people.presenters.life import Life, Source
from joinedup.people.timeline import Event, Timeline
from joinedup.web.dates import say

__all__ = ["Drawing", "draw_lanes"]

_STEPS = 56
_ROW, _BAR, _TOP, _BARS_MAX = 18, 10, 8, 4
_SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SHAPES = {
    "appointment": "ring",
    "contact": "dot",
    "stay": "dot",
    "result": "tick",
    "problem": "diamond",
    "allergy": "diamond",
    "alert": "diamond",
    "assessment": "square",
    "plan": "square",
    "document": "square",
}


class Bar(Struct, frozen=True):
    """Something that lasted: a stay, a service, a plan."""

    x: str
    width: str
    y: int
    kind: str
    says: str


class Mark(Struct, frozen=True):
    """One moment, or `count` moments that fall on one another."""

    x: str
    y: int
    shape: str
    count: int
    says: str


class Tick(Struct, frozen=True):
    """A date on the axis; `minor` ones give way on a narrow screen."""

    x: str
    words: str
    minor: bool

    @property
    def anchor(self) -> str:
        """Keep the words of the first tick inside the drawing."""
        return "start" if float(self.x[:-1]) < 4 else "middle"


class Lane(Struct, frozen=True, kw_only=True):
    """One organisation's row."""

    name: str
    lane: int
    says: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    height: int


class Drawing(Struct, frozen=True, kw_only=True):
    """All lanes, the axis, and where now is."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    now_x: str


class _Scale(Struct, frozen=True):
    start: datetime
    end: datetime

    def part(self, at: datetime) -> float:
        """Return where a time lies between start and end, 0 to 1, held to the edges."""
        whole = (self.end - self.start) / timedelta(seconds=1)
        here = (at - self.start) / timedelta(seconds=1)
        return min(max(here / whole, 0.0), 1.0)


def _percent(part: float) -> str:
    return f"{100 * part:.2f}%"


def draw_lanes(life: Life, timeline: Timeline, now: datetime) -> Drawing:
    """Return the drawing of a timeline's events, a lane for each organisation asked for."""
    scale = _Scale(timeline.start, timeline.end)
    lanes = []
    for source in life.sources:
        own = [e for e in timeline.events if e.organisation == source.code]
        asked = timeline.asked.organisation in ("", source.code)
        if own or asked:
            lanes.append(_lane(life, source, own, scale))
    return Drawing(lanes=tuple(lanes), ticks=_ticks(scale), now_x=_percent(scale.part(now)))


def _lane(life: Life, source: Source, events: Sequence[Event], scale: _Scale) -> Lane:
    bars = _bars(life, [e for e in events if e.end is not None], scale)
    rows = max((b.y for b in bars), default=_TOP - _ROW) + _ROW
    marks = _marks(life, [e for e in events if e.end is None], scale, rows + 2)
    height = rows + (_ROW if marks else 0) + 4
    return Lane(
        name=source.name,
        lane=source.lane,
        says=_says(events),
        bars=tuple(bars),
        marks=tuple(marks),
        height=max(height, 34),
    )


def _says(events: Sequence[Event]) -> str:
    counts: dict[str, int] = {}
    for event in events:
        counts[event.kind] = counts.get(event.kind, 0) + 1
    words = [f"{KINDS[k].lower()}: {n}" for k, n in counts.items()]
    return ", ".join(words) or "nothing in these dates"


def _bars(life: Life, events: Sequence[Event], scale: _Scale) -> list[Bar]:
    """Place bars on the first row where they touch no other; the last row takes what is left."""
    row_ends: list[float] = []
    bars = []
    for event in sorted(events, key=lambda e: e.start):
        assert event.end is not None
        left, right = scale.part(event.start), scale.part(event.end)
        right = max(right, left + 0.008)
        row = next((i for i, end in enumerate(row_ends) if end < left), len(row_ends))
        row = min(row, _BARS_MAX - 1)
        row_ends[row : row + 1] = [right]
        says = f"{title_of(life, event.statement)}, from {_date(event)}"
        bars.append(
            Bar(_percent(left), _percent(right - left), _TOP + row * _ROW, event.kind, says)
        )
    return bars


def _marks(life: Life, events: Sequence[Event], scale: _Scale, y: int) -> list[Mark]:
    places: dict[int, list[Event]] = {}
    for event in events:
        places.setdefault(round(scale.part(event.start) * _STEPS), []).append(event)
    return [
        Mark(
            _percent(place / _STEPS),
            y + _BAR // 2,
            _shape(held),
            len(held),
            _mark_words(life, held),
        )
        for place, held in sorted(places.items())
    ]


def _shape(events: Sequence[Event]) -> str:
    kinds = {e.kind for e in events}
    return _SHAPES.get(events[0].kind, "dot") if len(kinds) == 1 else "many"


def _mark_words(life: Life, events: Sequence[Event]) -> str:
    words = f"{_date(events[0])}: {title_of(life, events[0].statement)}"
    return words if len(events) == 1 else f"{words}, and {len(events) - 1} more"


def _date(event: Event) -> str:
    moment = event.statement.happened
    return say(moment, short=True) if moment else ""


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    days = (scale.end - scale.start).days
    if days > 800:
        return _year_ticks(scale, max(1, round(days / 365 / 6)))
    months = 1 if days > 60 else 0
    if not months:
        weeks = [scale.start + timedelta(days=7 * i) for i in range(days // 7 + 1)]
        return tuple(
            Tick(_percent(scale.part(w)), f"{w.day} {_SHORT[w.month - 1]}", i % 2 == 1)
            for i, w in enumerate(weeks)
        )
    return _month_ticks(scale, 2 if days > 200 else 1)


def _year_ticks(scale: _Scale, step: int) -> tuple[Tick, ...]:
    years = range(scale.start.year + 1, scale.end.year + 1, step)
    return tuple(
        Tick(_percent(scale.part(datetime(y, 1, 1, tzinfo=LONDON))), str(y), i % 2 == 1)
        for i, y in enumerate(years)
    )


def _month_ticks(scale: _Scale, step: int) -> tuple[Tick, ...]:
    ticks: list[Tick] = []
    count = scale.start.year * 12 + scale.start.month
    while (at := datetime(count // 12, count % 12 + 1, 1, tzinfo=LONDON)) < scale.end:
        words = _SHORT[at.month - 1] + (f" {at.year}" if at.month <= step else "")
        ticks.append(Tick(_percent(scale.part(at)), words, len(ticks) % 2 == 1))
        count += step
    return tuple(ticks)
