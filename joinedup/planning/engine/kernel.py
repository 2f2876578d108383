"""Playing: from one happening to the next until the horizon; each kind of happening in turn.

At one instant places change first, then stays end, then people give up, then people arrive: what
comes free is there for whoever asks at that moment. Called from `run` alone: `begin` once, then
`advance`, which returns early when it needs more memory and goes on when it is called again.
"""

from typing import Any

import numpy as np

from joinedup.planning.chance.keys import BALK, GAP, ROUTE, STAY
from joinedup.planning.engine.agenda import schedule, take_next
from joinedup.planning.engine.closures import (
    begin_outbreak,
    change_places,
    end_outbreak,
    schedule_change,
    start_closures,
)
from joinedup.planning.engine.compiled import compiled, entry, wide
from joinedup.planning.engine.draws import draw, draw_time, exponential, person_key, uniform
from joinedup.planning.engine.layout import (
    NOBODY,
    NOWHERE,
    RANK_ARRIVAL,
    RANK_BEGINS,
    RANK_CAPACITY,
    RANK_ENDS,
    RANK_GIVES_UP,
    RANK_OVER,
    RESERVED,
    class_at,
    due_at,
    joins_at,
    onward_at,
    person_at,
    present_at,
    rate_at,
    route_at,
    service_at,
)
from joinedup.planning.engine.queues import (
    admit,
    fill,
    fill_all,
    give_place_up,
    has_room,
    join_queue,
    leave_queue,
    occupy,
)
from joinedup.planning.engine.record import close_period, how_many, move_clock, note, tally
from joinedup.planning.statistics import (
    OUTSIDE,
    SAYS_ASKED,
    SAYS_BALKED,
    SAYS_GAVE_UP,
    SAYS_GONE,
    SAYS_OVER,
    SAYS_TURNED_AWAY,
)

__all__ = ["DONE", "FULL", "advance", "begin"]

DONE, FULL = 0, 1
NO_SERVICE = np.uint64(0)


@entry
def begin(state: Any) -> None:
    """Put the people who are there in their places, then the first arrivals on the agenda."""
    w = state[0]
    for service in range(w.service_count):
        start_closures(w, service)
    for i in range(w.present_count):
        place_present(w, i)
    for service in range(w.service_count):
        fill_all(w, service)
    for i in range(w.class_count + w.outbreak_count):
        start_arrivals(w, i, RANK_ARRIVAL if i < w.class_count else RANK_BEGINS)
    schedule_change(w)


@entry
def advance(state: Any) -> int:
    """Play on; returns DONE at the horizon, FULL when there is no slot left for an arrival."""
    w = state[0]
    while True:
        if w.free < 0 and w.used == w.people_room:
            return FULL
        slot = take_next(w)
        if slot < 0:
            break
        w.events += 1
        move_clock(w, due_at(w.due, slot).time)
        rank = person_at(w.people, slot).rank
        if rank == RANK_OVER:
            end_stay(w, slot)
        elif rank == RANK_ARRIVAL:
            arrive(w, slot)
        elif rank == RANK_GIVES_UP:
            give_up(w, slot)
        elif rank == RANK_CAPACITY:
            change_places(w)
        elif rank == RANK_BEGINS:
            come_down(w, slot)
        else:
            end_outbreak(w, slot)
            free_slot(w, slot)
    w.now = w.horizon
    while w.period < w.period_count:
        close_period(w)
    return DONE


@compiled
def new_slot(w: Any, born: int, number: int) -> int:
    """Return a slot for a new person."""
    slot = w.free
    if slot >= 0:
        w.free = wide(due_at(w.due, slot).after)
    else:
        slot = w.used
        w.used += 1
    person = person_at(w.people, slot)
    person.number = number
    person.born = born
    person.here = NOBODY
    person.next = NOBODY
    person.visit = 0
    due_at(w.due, slot).before = NOWHERE
    return slot


@compiled
def leave(w: Any, slot: int) -> None:
    """Let somebody out of the network; their slot is free for another."""
    note(w, slot, SAYS_GONE, NOBODY)
    free_slot(w, slot)


@compiled
def free_slot(w: Any, slot: int) -> None:
    """Keep a slot for another."""
    due_at(w.due, slot).after = w.free
    w.free = slot


@compiled
def place_present(w: Any, i: int) -> None:
    """Put one person who is there at time 0 in their place, or queue, or both."""
    there = present_at(w.present, i)
    slot = new_slot(w, there.kind, there.number)
    person = person_at(w.people, slot)
    person.key = person_key(class_at(w.classes, there.kind).key, there.number)
    if there.here >= 0:
        occupy(w, slot, there.here)
        person.came = -there.elapsed
        person.visit = 1
    if there.next >= 0:
        join_queue(w, slot, there.next)
        person.since = -there.waited
        if there.here >= 0:
            tally(w, there.here).delayed += 1
    else:
        route = route_at(w.routes, there.here)
        bits = draw(person.key, route.key, 0, STAY)
        person.rank = RANK_OVER
        schedule(w, slot, draw_time(w, route.law, bits, there.elapsed, there.survival))


@compiled
def start_arrivals(w: Any, person_class: int, rank: int) -> None:
    """Put a class's first arrival on the agenda, if it has any; or the first of its outbreaks."""
    c = class_at(w.classes, person_class)
    slot = RESERVED + person_class
    calendar = person_at(w.people, slot)
    calendar.rank, calendar.born, calendar.number = rank, person_class, 0
    due_at(w.due, slot).before = NOWHERE
    if c.count == 0:
        return
    c.segment, c.cycle = -1, 0
    c.segment_end = 0.0
    next_segment(w, person_class)
    schedule_arrival(w, slot, 0.0)


@compiled
def next_segment(w: Any, person_class: int) -> None:
    """Go to the next step of a class's rate; the last one lasts for ever, or the period begins."""
    c = class_at(w.classes, person_class)
    c.segment += 1
    if c.segment == c.count:
        c.segment = 0
        c.cycle += 1
    c.rate = rate_at(w.rates, c.first + c.segment).value
    if c.segment + 1 < c.count:
        c.segment_end = c.cycle * c.period + rate_at(w.rates, c.first + c.segment + 1).time
    elif c.period > 0.0:
        c.segment_end = (c.cycle + 1) * c.period
    else:
        c.segment_end = np.inf


@compiled
def schedule_arrival(w: Any, slot: int, time: float) -> None:
    """Find when a class's next person comes: when as much rate has gone by as chance says.

    The rate is used up step by step (Cinlar's inversion of the cumulated rate), which is exact.
    """
    calendar = person_at(w.people, slot)
    person_class = wide(calendar.born)
    c = class_at(w.classes, person_class)
    calendar.key = person_key(c.key, wide(calendar.number))
    owed = 1.0 if c.even else exponential(draw(calendar.key, NO_SERVICE, 0, GAP))
    horizon = w.horizon
    while time < horizon:
        if c.rate > 0.0:
            arrival = time + owed / c.rate
            if arrival < c.segment_end:
                schedule(w, slot, arrival)
                return
            owed = max(0.0, owed - c.rate * (c.segment_end - time))
        time = c.segment_end
        if time < horizon:
            next_segment(w, person_class)


@compiled
def let_in(w: Any, calendar: int) -> int:
    """Return the slot of who comes now, and put the next of their class on the agenda."""
    coming = person_at(w.people, calendar)
    slot = new_slot(w, wide(coming.born), wide(coming.number))
    person_at(w.people, slot).key = coming.key
    coming.number += 1
    schedule_arrival(w, calendar, w.now)
    return slot


@compiled
def arrive(w: Any, calendar: int) -> None:
    """Let one person in, who asks for a place."""
    slot = let_in(w, calendar)
    ask(w, slot, class_at(w.classes, calendar - RESERVED).enters)


@compiled
def come_down(w: Any, calendar: int) -> None:
    """Begin an outbreak, which lasts as long as its chance says."""
    slot = let_in(w, calendar)
    outbreak = calendar - RESERVED
    begin_outbreak(w, outbreak)
    bits = draw(person_at(w.people, slot).key, NO_SERVICE, 0, STAY)
    person_at(w.people, slot).rank = RANK_ENDS
    schedule(w, slot, w.now + draw_time(w, class_at(w.classes, outbreak).law, bits, 0.0, 1.0))


@compiled
def ask(w: Any, slot: int, row: int) -> None:
    """Let somebody who holds nothing ask for a place: they get it, wait, or are turned away.

    Who is turned away, or would not wait, asks elsewhere where their route says so.
    """
    person_at(w.people, slot).since = w.now
    while row >= 0:
        route = route_at(w.routes, row)
        service = route.service
        tally(w, row).asked += 1
        note(w, slot, SAYS_ASKED, service)
        if has_room(w, service):
            admit(w, slot, row)
            return
        waiting = how_many(w, service, OUTSIDE)
        if waiting >= service_at(w.services, service).limit:
            tally(w, row).turned_away += 1
            note(w, slot, SAYS_TURNED_AWAY, service)
        elif joins(w, slot, row, waiting):
            join_queue(w, slot, row)
            return
        else:
            tally(w, row).balked += 1
            note(w, slot, SAYS_BALKED, service)
        row = route.instead
    leave(w, slot)


@compiled
def joins(w: Any, slot: int, row: int, waiting: int) -> bool:
    """Draw whether somebody waits where so many wait already."""
    route = route_at(w.routes, row)
    if route.joins_count == 0:
        return True
    person = person_at(w.people, slot)
    u = uniform(draw(person.key, route.key, person.visit, BALK))
    return u < joins_at(w.joins, route.joins + min(waiting, route.joins_count - 1)).chance


@compiled
def end_stay(w: Any, slot: int) -> None:
    """End a stay: leave, or go on now, or wait in the place or outside for the next one."""
    person = person_at(w.people, slot)
    row = wide(person.here)
    route = route_at(w.routes, row)
    service = route.service
    tally(w, row).finished += 1
    note(w, slot, SAYS_OVER, service)
    to = choose(w, slot, row)
    if to < 0:
        give_place_up(w, slot)
        leave(w, slot)
        fill(w, service)
    elif not route.holds:
        give_place_up(w, slot)
        fill(w, service)
        ask(w, slot, to)
    else:
        person.since = w.now
        tally(w, to).asked += 1
        there = route_at(w.routes, to).service
        note(w, slot, SAYS_ASKED, there)
        if has_room(w, there):
            tally(w, row).moved += 1
            give_place_up(w, slot)
            admit(w, slot, to)
            fill(w, service)
        else:
            tally(w, row).delayed += 1
            join_queue(w, slot, to)


@compiled
def choose(w: Any, slot: int, row: int) -> int:
    """Draw where somebody goes from where they are: a row of routes, or NOBODY to leave."""
    route = route_at(w.routes, row)
    if route.count > 0:
        person = person_at(w.people, slot)
        u = uniform(draw(person.key, route.key, person.visit, ROUTE))
        for i in range(route.first, route.first + route.count):
            if u < onward_at(w.onward, i).chance:
                return onward_at(w.onward, i).to
    return NOBODY


@compiled
def give_up(w: Any, slot: int) -> None:
    """Let somebody whose patience is over go home, leaving the place they held."""
    row = wide(person_at(w.people, slot).next)
    tally(w, row).gave_up += 1
    note(w, slot, SAYS_GAVE_UP, route_at(w.routes, row).service)
    leave_queue(w, slot)
    if person_at(w.people, slot).here >= 0:
        held = give_place_up(w, slot)
        leave(w, slot)
        fill(w, held)
    else:
        leave(w, slot)
