"""Waiting and places: who is next, getting a place, giving it up, and filling it again.

Queues are linked both ways, so that giving up costs as little as being called. A place given up
is filled at once; who takes it may leave another, which is filled next: a chain, never a tree.
"""

from typing import Any

from joinedup.planning.chance.keys import PATIENCE, STAY
from joinedup.planning.engine.agenda import cancel, schedule
from joinedup.planning.engine.compiled import compiled
from joinedup.planning.engine.draws import draw, draw_time
from joinedup.planning.engine.layout import (
    NOBODY,
    RANK_GIVES_UP,
    RANK_OVER,
    level_at,
    number_at,
    person_at,
    queue_at,
    route_at,
    service_at,
)
from joinedup.planning.engine.record import (
    change,
    count_admission,
    count_departure,
    how_many,
    note,
    tally,
)
from joinedup.planning.statistics import (
    HELD,
    IN_USE,
    OUTSIDE,
    SAYS_ADMITTED,
    WAITING,
)

__all__ = [
    "admit",
    "fill",
    "fill_all",
    "give_place_up",
    "has_room",
    "join_queue",
    "leave_queue",
    "link",
    "occupy",
    "route_of",
]


@compiled
def route_of(w: Any, person_class: int, service: int) -> Any:
    """Return what a class does at a service."""
    place = number_at(w.route_of, person_class * w.service_count + service).number
    return route_at(w.routes, place)


@compiled
def queue(w: Any, service: int, level: int) -> Any:
    """Return one queue of a service."""
    return queue_at(w.queues, service * w.level_count + level)


@compiled
def has_room(w: Any, service: int) -> bool:
    """Tell whether a service has a place for one more; if so, nobody waits for it."""
    return how_many(w, service, IN_USE) < service_at(w.services, service).places


@compiled
def occupy(w: Any, slot: int, service: int) -> None:
    """Give somebody a place."""
    person_at(w.people, slot).at = service
    change(w, service, IN_USE, 1)


@compiled
def admit(w: Any, slot: int, service: int) -> None:
    """Give somebody a place and draw how long they stay."""
    person = person_at(w.people, slot)
    count_admission(w, slot, service)
    note(w, slot, SAYS_ADMITTED, service)
    occupy(w, slot, service)
    person.wants = NOBODY
    person.came = w.now
    bits = draw(person.key, service_at(w.services, service).key, person.visit, STAY)
    route = route_of(w, person.kind, service)
    person.visit += 1
    person.rank = RANK_OVER
    schedule(w, slot, w.now + draw_time(w, route.law, bits, 0.0, 1.0))


@compiled
def give_place_up(w: Any, slot: int) -> int:
    """Take somebody's place from them and return which service it was at."""
    service = person_at(w.people, slot).at
    count_departure(w, slot, service)
    change(w, service, IN_USE, -1)
    person_at(w.people, slot).at = NOBODY
    return service


@compiled
def link(w: Any, slot: int, service: int) -> None:
    """Put somebody at the end of their queue, and count them as waiting."""
    person = person_at(w.people, slot)
    levels = level_at(w.level_of, person.kind * w.service_count + service)
    holding = person.at >= 0
    level = levels.holding if holding else levels.outside
    person.wants, person.level = service, level
    last = queue(w, service, level).tail
    person.ahead, person.behind = last, NOBODY
    if last >= 0:
        person_at(w.people, last).behind = slot
    else:
        queue(w, service, level).head = slot
    queue(w, service, level).tail = slot
    change(w, service, WAITING, 1)
    if holding:
        change(w, person.at, HELD, 1)
    else:
        change(w, service, OUTSIDE, 1)


@compiled
def join_queue(w: Any, slot: int, service: int) -> None:
    """Make somebody wait for a service, for as long as they have patience."""
    person = person_at(w.people, slot)
    link(w, slot, service)
    patience = route_of(w, person.kind, service).patience
    if patience >= 0:
        bits = draw(person.key, service_at(w.services, service).key, person.visit, PATIENCE)
        person.rank = RANK_GIVES_UP
        until = w.now + draw_time(w, patience, bits, 0.0, 1.0)
        schedule(w, slot, until)


@compiled
def leave_queue(w: Any, slot: int) -> None:
    """Take somebody out of the queue they are in; what they hold they keep."""
    person = person_at(w.people, slot)
    service, level = person.wants, person.level
    if person.ahead >= 0:
        person_at(w.people, person.ahead).behind = person.behind
    else:
        queue(w, service, level).head = person.behind
    if person.behind >= 0:
        person_at(w.people, person.behind).ahead = person.ahead
    else:
        queue(w, service, level).tail = person.ahead
    change(w, service, WAITING, -1)
    if person.at >= 0:
        change(w, person.at, HELD, -1)
        tally(w, person.kind, person.at).delay += w.now - person.since
    else:
        change(w, service, OUTSIDE, -1)


@compiled
def first_waiting(w: Any, service: int) -> int:
    """Return who is next for a service: the first of the first queue that has anybody."""
    for level in range(w.level_count):
        if queue(w, service, level).head >= 0:
            return queue(w, service, level).head
    return NOBODY


@compiled
def fill(w: Any, service: int) -> None:
    """Let the next ones in while there is room; once one leaves a place elsewhere, fill that."""
    while has_room(w, service) and how_many(w, service, WAITING) > 0:
        slot = first_waiting(w, service)
        person = person_at(w.people, slot)
        cancel(w, slot)
        leave_queue(w, slot)
        left = NOBODY
        if person_at(w.people, slot).at >= 0:
            tally(w, person.kind, person.at).moved += 1
            left = give_place_up(w, slot)
        admit(w, slot, service)
        if left >= 0:
            service = left


@compiled
def fill_all(w: Any, service: int) -> None:
    """Fill several free places: `fill` alone may leave some, since it ends where its chain does."""
    while has_room(w, service) and how_many(w, service, WAITING) > 0:
        fill(w, service)
