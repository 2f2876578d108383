"""Waiting and places: who is next, getting a place, giving it up, and filling it again.

Queues are linked both ways, so that giving up costs as little as being called. A place given up
is filled at once; who takes it may leave another, which is filled next: a chain, never a tree.
What somebody does at a service is a row of routes, and stands for their class and the service.
"""

from typing import Any

from joinedup.planning.chance.keys import PATIENCE, STAY
from joinedup.planning.engine.agenda import cancel, schedule
from joinedup.planning.engine.compiled import compiled, wide
from joinedup.planning.engine.draws import draw, draw_time
from joinedup.planning.engine.layout import (
    NOBODY,
    RANK_GIVES_UP,
    RANK_OVER,
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
    "occupy",
]


@compiled
def has_room(w: Any, service: int) -> bool:
    """Tell whether a service has a place for one more; if so, nobody waits for it."""
    return how_many(w, service, IN_USE) < service_at(w.services, service).places


@compiled
def occupy(w: Any, slot: int, row: int) -> None:
    """Give somebody a place."""
    person_at(w.people, slot).here = row
    change(w, route_at(w.routes, row).service, IN_USE, 1)


@compiled
def admit(w: Any, slot: int, row: int) -> None:
    """Give somebody a place and draw how long they stay."""
    person = person_at(w.people, slot)
    route = route_at(w.routes, row)
    count_admission(w, slot, row)
    note(w, slot, SAYS_ADMITTED, route.service)
    occupy(w, slot, row)
    person.next = NOBODY
    person.came = w.now
    bits = draw(person.key, route.key, person.visit, STAY)
    person.visit += 1
    person.rank = RANK_OVER
    schedule(w, slot, w.now + draw_time(w, route.law, bits, 0.0, 1.0))


@compiled
def give_place_up(w: Any, slot: int) -> int:
    """Take somebody's place from them and return which service it was at."""
    row = wide(person_at(w.people, slot).here)
    service = route_at(w.routes, row).service
    count_departure(w, slot, row)
    change(w, service, IN_USE, -1)
    person_at(w.people, slot).here = NOBODY
    return service


@compiled
def link(w: Any, slot: int, row: int) -> None:
    """Put somebody at the end of their queue, and count them as waiting."""
    person = person_at(w.people, slot)
    route = route_at(w.routes, row)
    here = wide(person.here)
    number = route.holding if here >= 0 else route.outside
    queue = queue_at(w.queues, number)
    person.next, person.queue = row, number
    person.ahead, person.behind = queue.tail, NOBODY
    if queue.tail >= 0:
        person_at(w.people, wide(queue.tail)).behind = slot
    else:
        queue.head = slot
    queue.tail = slot
    change(w, route.service, WAITING, 1)
    if here >= 0:
        change(w, route_at(w.routes, here).service, HELD, 1)
    else:
        change(w, route.service, OUTSIDE, 1)


@compiled
def join_queue(w: Any, slot: int, row: int) -> None:
    """Make somebody wait for a service, for as long as they have patience."""
    link(w, slot, row)
    route = route_at(w.routes, row)
    if route.patience >= 0:
        person = person_at(w.people, slot)
        bits = draw(person.key, route.key, person.visit, PATIENCE)
        person.rank = RANK_GIVES_UP
        schedule(w, slot, w.now + draw_time(w, route.patience, bits, 0.0, 1.0))


@compiled
def leave_queue(w: Any, slot: int) -> None:
    """Take somebody out of the queue they are in; what they hold they keep."""
    person = person_at(w.people, slot)
    queue = queue_at(w.queues, wide(person.queue))
    if person.ahead >= 0:
        person_at(w.people, wide(person.ahead)).behind = person.behind
    else:
        queue.head = person.behind
    if person.behind >= 0:
        person_at(w.people, wide(person.behind)).ahead = person.ahead
    else:
        queue.tail = person.ahead
    service = route_at(w.routes, wide(person.next)).service
    change(w, service, WAITING, -1)
    here = wide(person.here)
    if here >= 0:
        change(w, route_at(w.routes, here).service, HELD, -1)
        tally(w, here).delay += w.now - person.since
    else:
        change(w, service, OUTSIDE, -1)


@compiled
def first_waiting(w: Any, service: int) -> int:
    """Return who is next for a service: the first of the first queue that has anybody."""
    here = service_at(w.services, service)
    for number in range(here.first_queue, here.first_queue + here.queue_count):
        head = wide(queue_at(w.queues, number).head)
        if head >= 0:
            return head
    return NOBODY


@compiled
def fill(w: Any, service: int) -> None:
    """Let the next ones in while there is room; once one leaves a place elsewhere, fill that."""
    while has_room(w, service) and how_many(w, service, WAITING) > 0:
        slot = first_waiting(w, service)
        cancel(w, slot)
        leave_queue(w, slot)
        here = wide(person_at(w.people, slot).here)
        left = NOBODY
        if here >= 0:
            tally(w, here).moved += 1
            left = give_place_up(w, slot)
        admit(w, slot, wide(person_at(w.people, slot).next))
        if left >= 0:
            service = left


@compiled
def fill_all(w: Any, service: int) -> None:
    """Fill several free places: `fill` alone may leave some, since it ends where its chain does."""
    while has_room(w, service) and how_many(w, service, WAITING) > 0:
        fill(w, service)
