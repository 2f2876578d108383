"""What is measured, as it happens: areas under numbers, counts, sums of waits, one person's log.

A change of a number at time t adds change x (end of period - t) to its area; the number as the
period began is added times its length when it ends. So a change costs one product, and a period
nothing but its end.
"""

from typing import Any

from joinedup.planning.engine.compiled import compiled
from joinedup.planning.engine.layout import (
    figure_at,
    kept_at,
    line_at,
    number_at,
    person_at,
    tally_at,
    time_at,
)
from joinedup.planning.statistics import COUNTS, MEASURES, SUMS

__all__ = [
    "change",
    "close_period",
    "count_admission",
    "count_departure",
    "how_many",
    "move_clock",
    "note",
    "tally",
]

KINDS = len(MEASURES)
assert len(COUNTS) == 10 and len(SUMS) == 4, "clear() names them all"


@compiled
def how_many(w: Any, service: int, measure: int) -> int:
    """Return a number of a service, now."""
    return figure_at(w.figures, service * KINDS + measure).now


@compiled
def change(w: Any, service: int, measure: int, by: int) -> None:
    """Change a number of a service, now."""
    figure = figure_at(w.figures, service * KINDS + measure)
    figure.now += by
    figure.area += by * w.left


@compiled
def tally(w: Any, row: int) -> Any:
    """Return what is counted of a class at a service: of a row of routes."""
    return tally_at(w.tallies, row)


@compiled
def move_clock(w: Any, now: float) -> None:
    """Set the time, closing every period that has ended by then."""
    while now >= w.period_end and w.period < w.period_count:
        close_period(w)
    w.now = now
    w.left = w.period_end - now


@compiled
def close_period(w: Any) -> None:
    """Write a period's figures and begin the next; what came before the warm-up ended is dropped.

    Periods count from 0; the warm-up is period -1.
    """
    length = w.period_end - w.period_start
    many = w.service_count * KINDS
    for i in range(many):
        figure = figure_at(w.figures, i)
        if w.period >= 0:
            kept = kept_at(w.kept, w.period * many + i)
            kept.area = number_at(w.starts, i).number * length + figure.area
            kept.end = figure.now
        number_at(w.starts, i).number = figure.now
        figure.area = 0.0
    if w.period < 0:
        clear(w)
    w.period += 1
    w.period_start = w.period_end
    if w.period < w.period_count:
        w.period_end = time_at(w.edges, w.period + 1).time


@compiled
def clear(w: Any) -> None:
    """Begin counting again from nothing."""
    for i in range(w.route_count):
        t = tally_at(w.tallies, i)
        t.asked = t.admitted = t.waited = t.turned_away = t.balked = t.gave_up = 0
        t.finished = t.moved = t.delayed = t.left = 0
        t.wait = t.wait_squared = t.place = t.delay = 0.0
    for i in range(w.route_count * w.bound_count):
        number_at(w.over, i).number = 0


@compiled
def count_admission(w: Any, slot: int, row: int) -> None:
    """Count somebody who gets a place, and how long they waited for it."""
    wait = w.now - person_at(w.people, slot).since
    t = tally(w, row)
    t.admitted += 1
    if wait > 0.0:
        t.waited += 1
        t.wait += wait
        t.wait_squared += wait * wait
        for i in range(w.bound_count):
            if wait > time_at(w.bounds, i).time:
                number_at(w.over, row * w.bound_count + i).number += 1


@compiled
def count_departure(w: Any, slot: int, row: int) -> None:
    """Count somebody who gives a place up, and how long they had it."""
    t = tally(w, row)
    t.left += 1
    t.place += w.now - person_at(w.people, slot).came


@compiled
def note(w: Any, slot: int, word: int, service: int) -> None:
    """Log what happens to the one person who is watched."""
    if w.watched_class < 0:
        return
    person = person_at(w.people, slot)
    if person.born != w.watched_class or person.number != w.watched_number:
        return
    if w.logged < w.log_room:
        line = line_at(w.log, w.logged)
        line.time = w.now
        line.word = word
        line.service = service
    w.logged += 1
