"""What happens next: a binary heap, or a wheel of buckets, giving the very same order.

The order is time, then rank, class and number, which no two happenings share; so it does not
depend on how they are kept. Each person has at most one thing to come, so the agenda holds slots.
The wheel is a calendar queue (Brown 1988): bucket = floor(time x buckets a unit) modulo its size;
floor is monotone, so looking at one lap of one bucket after another finds the soonest exactly.
"""

from typing import Any

import numpy as np

from joinedup.planning.engine.compiled import compiled, wide
from joinedup.planning.engine.layout import NOBODY, NOWHERE, due_at, heap_at, person_at, slot_at

__all__ = ["cancel", "schedule", "take_next"]


@compiled
def sooner(w: Any, a: int, b: int) -> bool:
    """Tell whether a comes before b at the same time."""
    p, q = person_at(w.people, a), person_at(w.people, b)
    if p.rank != q.rank:
        return p.rank < q.rank
    if p.born != q.born:
        return p.born < q.born
    return p.number < q.number


@compiled
def schedule(w: Any, slot: int, time: float) -> None:
    """Put what is next for a slot on the agenda; what is after the horizon never happens."""
    due = due_at(w.due, slot)
    due.time = time
    if not time < w.horizon:
        due.before = NOWHERE
        return
    if w.wheel:
        bucket = slot_at(w.buckets, np.int64(time * w.per_time) & w.mask)
        head = bucket.slot
        due.before = NOBODY
        due.after = head
        if head >= 0:
            due_at(w.due, wide(head)).before = slot
        bucket.slot = slot
    else:
        rise(w, slot, w.pending)
    w.pending += 1


@compiled
def take_next(w: Any) -> int:
    """Take the soonest slot off the agenda and return it; NOBODY when nothing is to come."""
    if w.pending == 0:
        return NOBODY
    if not w.wheel:
        slot = heap_at(w.heap, 0).slot
        leave_heap(w, 0)
        return slot
    slot = soonest_in_wheel(w)
    leave_wheel(w, slot)
    return slot


@compiled
def soonest_in_wheel(w: Any) -> int:
    """Return the soonest slot of a wheel that is not empty, and turn the wheel to it."""
    tick, best, when = w.tick, NOBODY, 0.0
    while best < 0:
        slot = wide(slot_at(w.buckets, tick & w.mask).slot)
        while slot >= 0:
            due = due_at(w.due, slot)
            time = due.time
            if np.int64(time * w.per_time) == tick and (
                best < 0 or time < when or (time == when and sooner(w, slot, best))
            ):
                best, when = slot, time
            slot = wide(due.after)
        tick += 1
    w.tick = tick - 1
    return best


@compiled
def cancel(w: Any, slot: int) -> None:
    """Take a slot off the agenda, if it is there."""
    before = wide(due_at(w.due, slot).before)
    if before == NOWHERE:
        return
    if w.wheel:
        leave_wheel(w, slot)
    else:
        leave_heap(w, before)


@compiled
def leave_wheel(w: Any, slot: int) -> None:
    """Unlink a slot from its bucket."""
    due = due_at(w.due, slot)
    if due.before >= 0:
        due_at(w.due, wide(due.before)).after = due.after
    else:
        slot_at(w.buckets, np.int64(due.time * w.per_time) & w.mask).slot = due.after
    if due.after >= 0:
        due_at(w.due, wide(due.after)).before = due.before
    due.before = NOWHERE
    w.pending -= 1


@compiled
def goes_before(w: Any, slot: int, place: int) -> bool:
    """Tell whether a slot comes before the one at a place of the heap."""
    time, other = due_at(w.due, slot).time, heap_at(w.heap, place).time
    if time != other:
        return time < other
    return sooner(w, slot, heap_at(w.heap, place).slot)


@compiled
def put(w: Any, slot: int, place: int) -> None:
    """Write a slot into a place of the heap."""
    heap_at(w.heap, place).time = due_at(w.due, slot).time
    heap_at(w.heap, place).slot = slot
    due_at(w.due, slot).before = place


@compiled
def rise(w: Any, slot: int, place: int) -> None:
    """Put a slot at a free place of the heap, or above it where it belongs."""
    while place > 0:
        parent = (place - 1) >> 1
        if not goes_before(w, slot, parent):
            break
        put(w, heap_at(w.heap, parent).slot, place)
        place = parent
    put(w, slot, place)


@compiled
def sink(w: Any, slot: int, place: int) -> None:
    """Put a slot at a free place of the heap, or below it where it belongs."""
    size = w.pending
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and goes_before(w, heap_at(w.heap, child + 1).slot, child):
            child += 1
        if goes_before(w, slot, child):
            break
        put(w, heap_at(w.heap, child).slot, place)
        place = child
    put(w, slot, place)


@compiled
def leave_heap(w: Any, place: int) -> None:
    """Take what is at a place out of the heap; the last one takes its place."""
    due_at(w.due, heap_at(w.heap, place).slot).before = NOWHERE
    w.pending -= 1
    if place == w.pending:
        return
    last = heap_at(w.heap, w.pending).slot
    if place > 0 and goes_before(w, last, (place - 1) >> 1):
        rise(w, last, place)
    else:
        sink(w, last, place)
