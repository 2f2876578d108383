"""Places that come and go: schedules and closures known before playing, and outbreaks at random.

Nobody is put out; places that open are filled at once.
"""

from typing import Any

from joinedup.planning.engine.agenda import schedule
from joinedup.planning.engine.compiled import compiled, wide
from joinedup.planning.engine.layout import (
    NOWHERE,
    RANK_CAPACITY,
    change_at,
    class_at,
    due_at,
    person_at,
    service_at,
)
from joinedup.planning.engine.queues import fill_all
from joinedup.planning.engine.record import change
from joinedup.planning.network.curves import NO_LIMIT
from joinedup.planning.statistics import CLOSED

__all__ = [
    "begin_outbreak",
    "change_places",
    "end_outbreak",
    "schedule_change",
    "start_closures",
]


@compiled
def start_closures(w: Any, service: int) -> None:
    """Count the places that are closed from the start."""
    change(w, service, CLOSED, closed(w, service))


@compiled
def closed(w: Any, service: int) -> int:
    """Return how many places are shut; none where there is no limit."""
    here = service_at(w.services, service)
    return 0 if here.planned == NO_LIMIT else here.planned - here.places


@compiled
def reckon(w: Any, service: int, before: int) -> None:
    """Find how many places admit, after something has changed, and count those newly shut."""
    here = service_at(w.services, service)
    here.places = 0 if here.shut_whole > 0 else max(0, here.open - here.shut)
    change(w, service, CLOSED, closed(w, service) - before)


@compiled
def shut(w: Any, outbreak: int, by: int) -> None:
    """Add or take away one outbreak."""
    kind = class_at(w.classes, outbreak)
    here = service_at(w.services, kind.enters)
    before = closed(w, kind.enters)
    if kind.places < 0:
        here.shut_whole += by
    else:
        here.shut += by * kind.places
    reckon(w, kind.enters, before)


@compiled
def begin_outbreak(w: Any, outbreak: int) -> None:
    """Shut what an outbreak shuts."""
    shut(w, outbreak, 1)


@compiled
def end_outbreak(w: Any, slot: int) -> None:
    """Open what an outbreak had shut, and fill it."""
    outbreak = wide(person_at(w.people, slot).born)
    shut(w, outbreak, -1)
    fill_all(w, class_at(w.classes, outbreak).enters)


@compiled
def schedule_change(w: Any) -> None:
    """Put the next change of places on the agenda."""
    i = w.change
    calendar = person_at(w.people, 0)
    calendar.rank, calendar.born, calendar.number = RANK_CAPACITY, 0, i
    due_at(w.due, 0).before = NOWHERE
    if i < w.change_count:
        schedule(w, 0, change_at(w.changes, i).time)


@compiled
def change_places(w: Any) -> None:
    """Change how many places a service has; nobody is put out, and new places are filled."""
    changed = change_at(w.changes, w.change)
    w.change += 1
    here = service_at(w.services, changed.service)
    before = closed(w, changed.service)
    here.planned, here.open = changed.planned, changed.open
    reckon(w, changed.service, before)
    fill_all(w, changed.service)
    schedule_change(w)
