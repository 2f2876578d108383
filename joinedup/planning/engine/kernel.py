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
from joinedup.planning.engine.compiled import compiled, entry
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
    joins_at,
    onward_at,
    person_at,
    present_at,
    rate_at,
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
    route_of,
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
        person = person_at(w.people, slot)
        move_clock(w, person.time)
        if person.rank == RANK_OVER:
            end_stay(w, slot)
        elif person.rank == RANK_ARRIVAL:
            arrive(w, slot)
        elif person.rank == RANK_GIVES_UP:
            give_up(w, slot)
        elif person.rank == RANK_CAPACITY:
            change_places(w)
        elif person.rank == RANK_BEGINS:
            come_down(w, slot)
        else:
            end_outbreak(w, slot)
            free_slot(w, slot)
    w.now = w.horizon
    while w.period < w.period_count:
        close_period(w)
    return DONE


@compiled
def new_slot(w: Any, person_class: int, number: int) -> int:
    """Return a slot for a new person."""
    slot = w.free
    if slot >= 0:
        w.free = person_at(w.people, slot).after
    else:
        slot = w.used
        w.used += 1
    person = person_at(w.people, slot)
    person.number = number
    person.born = person_class
    person.kind = person_class
    person.at = NOBODY
    person.wants = NOBODY
    person.visit = 0
    person.before = NOWHERE
    return slot


@compiled
def leave(w: Any, slot: int) -> None:
    """Let somebody out of the network; their slot is free for another."""
    note(w, slot, SAYS_GONE, NOBODY)
    free_slot(w, slot)


@compiled
def free_slot(w: Any, slot: int) -> None:
    """Keep a slot for another."""
    person_at(w.people, slot).after = w.free
    w.free = slot


@compiled
def place_present(w: Any, i: int) -> None:
    """Put one person who is there at time 0 in their place, or queue, or both."""
    there = present_at(w.present, i)
    slot = new_slot(w, there.kind, there.number)
    person = person_at(w.people, slot)
    person.key = person_key(class_at(w.classes, there.kind).key, there.number)
    if there.at >= 0:
        occupy(w, slot, there.at)
        person.came = -there.elapsed
        person.visit = 1
    if there.wants >= 0:
        join_queue(w, slot, there.wants)
        person.since = -there.waited
        if there.at >= 0:
            tally(w, there.kind, there.at).delayed += 1
    else:
        bits = draw(person.key, service_at(w.services, there.at).key, 0, STAY)
        law = route_of(w, there.kind, there.at).law
        person.rank = RANK_OVER
        schedule(w, slot, draw_time(w, law, bits, there.elapsed, there.survival))


@compiled
def start_arrivals(w: Any, person_class: int, rank: int) -> None:
    """Put a class's first arrival on the agenda, if it has any; or the first of its outbreaks."""
    c = class_at(w.classes, person_class)
    slot = RESERVED + person_class
    calendar = person_at(w.people, slot)
    calendar.rank, calendar.born, calendar.number = rank, person_class, 0
    calendar.before = NOWHERE
    if c.count == 0:
        return
    c.segment, c.cycle = -1, 0
    c.segment_end = 0.0
    next_segment(w, person_class)
    calendar.time = 0.0
    schedule_arrival(w, slot)


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
def schedule_arrival(w: Any, slot: int) -> None:
    """Find when a class's next person comes: when as much rate has gone by as chance says.

    The rate is used up step by step (Cinlar's inversion of the cumulated rate), which is exact.
    """
    calendar = person_at(w.people, slot)
    person_class = calendar.born
    c = class_at(w.classes, person_class)
    calendar.key = person_key(c.key, calendar.number)
    owed = 1.0 if c.even else exponential(draw(calendar.key, NO_SERVICE, 0, GAP))
    time = calendar.time
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
def arrive(w: Any, calendar: int) -> None:
    """Let one person in and put the next of their class on the agenda."""
    person_class = person_at(w.people, calendar).born
    slot = new_slot(w, person_class, person_at(w.people, calendar).number)
    person_at(w.people, slot).key = person_at(w.people, calendar).key
    person_at(w.people, calendar).number += 1
    schedule_arrival(w, calendar)
    ask(w, slot, class_at(w.classes, person_class).enters)


@compiled
def come_down(w: Any, calendar: int) -> None:
    """Begin an outbreak, which lasts as long as its chance says; put the next on the agenda."""
    born, number = person_at(w.people, calendar).born, person_at(w.people, calendar).number
    bits = draw(person_at(w.people, calendar).key, NO_SERVICE, 0, STAY)
    slot = new_slot(w, born, number)
    person_at(w.people, calendar).number += 1
    schedule_arrival(w, calendar)
    begin_outbreak(w, born)
    person_at(w.people, slot).rank = RANK_ENDS
    schedule(w, slot, w.now + draw_time(w, class_at(w.classes, born).law, bits, 0.0, 1.0))


@compiled
def ask(w: Any, slot: int, service: int) -> None:
    """Let somebody who holds nothing ask for a place: they get it, wait, or are turned away.

    Who is turned away, or would not wait, asks elsewhere where their route says so.
    """
    person = person_at(w.people, slot)
    person.since = w.now
    while service >= 0:
        tally(w, person.kind, service).asked += 1
        note(w, slot, SAYS_ASKED, service)
        if has_room(w, service):
            admit(w, slot, service)
            return
        waiting = how_many(w, service, OUTSIDE)
        if waiting >= service_at(w.services, service).limit:
            tally(w, person.kind, service).turned_away += 1
            note(w, slot, SAYS_TURNED_AWAY, service)
        elif joins(w, slot, service, waiting):
            join_queue(w, slot, service)
            return
        else:
            tally(w, person.kind, service).balked += 1
            note(w, slot, SAYS_BALKED, service)
        service = route_of(w, person.kind, service).instead
    leave(w, slot)


@compiled
def joins(w: Any, slot: int, service: int, waiting: int) -> bool:
    """Draw whether somebody waits where so many wait already."""
    person = person_at(w.people, slot)
    route = route_of(w, person.kind, service)
    if route.joins_count == 0:
        return True
    u = uniform(draw(person.key, service_at(w.services, service).key, person.visit, BALK))
    return u < joins_at(w.joins, route.joins + min(waiting, route.joins_count - 1)).chance


@compiled
def end_stay(w: Any, slot: int) -> None:
    """End a stay: leave, or go on now, or wait in the place or outside for the next one."""
    person = person_at(w.people, slot)
    service = person.at
    route = route_of(w, person.kind, service)
    tally(w, person.kind, service).finished += 1
    note(w, slot, SAYS_OVER, service)
    onward = choose(w, slot)
    if onward < 0:
        give_place_up(w, slot)
        leave(w, slot)
        fill(w, service)
        return
    person.kind = onward_at(w.onward, onward).become
    to = onward_at(w.onward, onward).to
    if not route.holds:
        give_place_up(w, slot)
        fill(w, service)
        ask(w, slot, to)
        return
    person.since = w.now
    tally(w, person.kind, to).asked += 1
    note(w, slot, SAYS_ASKED, to)
    if has_room(w, to):
        tally(w, person.kind, service).moved += 1
        give_place_up(w, slot)
        admit(w, slot, to)
        fill(w, service)
    else:
        tally(w, person.kind, service).delayed += 1
        join_queue(w, slot, to)


@compiled
def choose(w: Any, slot: int) -> int:
    """Draw where somebody goes from where they are: an index of `onward`, or NOBODY to leave."""
    person = person_at(w.people, slot)
    route = route_of(w, person.kind, person.at)
    if route.count == 0:
        return NOBODY
    u = uniform(draw(person.key, service_at(w.services, person.at).key, person.visit, ROUTE))
    for i in range(route.first, route.first + route.count):
        if u < onward_at(w.onward, i).chance:
            return i
    return NOBODY


@compiled
def give_up(w: Any, slot: int) -> None:
    """Let somebody whose patience is over go home, leaving the place they held."""
    person = person_at(w.people, slot)
    tally(w, person.kind, person.wants).gave_up += 1
    note(w, slot, SAYS_GAVE_UP, person.wants)
    leave_queue(w, slot)
    if person.at >= 0:
        held = give_place_up(w, slot)
        leave(w, slot)
        fill(w, held)
    else:
        leave(w, slot)
