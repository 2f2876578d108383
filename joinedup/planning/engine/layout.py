"""The engine's memory: tables of records, and one record, the state, that knows where they are.

The tables of a plan (a network in numbers) are only read, by any number of threads; those of a
world are one run's own. The first slots of `people` are no people but happenings of the calendar:
slot 0 the next change of places, then the next arrival of each class and outbreak of each kind; an
outbreak that lasts has a slot like anybody.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.planning.engine.compiled import pointed
from joinedup.planning.statistics import COUNTS, SUMS

__all__ = [
    "Array", "CHANGE", "CLASS", "DUE", "EXPONENTIAL", "FIGURE", "FIXED", "FIXED_TABLES", "GAMMA",
    "GROWING_TABLES", "HEAPED", "JOINS", "KEPT", "LAW", "LINE", "LOGNORMAL", "NOBODY", "NOWHERE",
    "NUMBER", "ONWARD", "PERSON", "PLAN_TABLES", "PRESENT", "QUEUE", "RANK_ARRIVAL",
    "RANK_BEGINS", "RANK_CAPACITY", "RANK_ENDS", "RANK_GIVES_UP", "RANK_OVER", "RATE", "RESERVED",
    "ROUTE", "SEEN", "SEEN_TIME", "SERVICE", "SLOT", "STATE", "TALLY", "TIME", "change_at",
    "class_at", "due_at", "figure_at", "heap_at", "joins_at", "kept_at", "law_at", "line_at",
    "number_at", "onward_at", "person_at", "present_at", "queue_at", "rate_at", "route_at",
    "seen_at", "service_at", "slot_at", "tally_at", "time_at",
]  # fmt: skip

Array = NDArray[Any]
NOBODY = -1  # no slot, no service, no route
NOWHERE = -2  # on no agenda: what is next for them comes after the horizon, or is another's to say
RESERVED = 1
EXPONENTIAL, LOGNORMAL, GAMMA, FIXED, SEEN = range(5)

# What happens at one instant happens in this order, then by class, then by number.
RANK_CAPACITY, RANK_ENDS, RANK_BEGINS, RANK_OVER, RANK_GIVES_UP, RANK_ARRIVAL = range(6)


def _record(real: str = "", whole: str = "", key: str = "", small: str = "") -> "np.dtype[Any]":
    """Return a record of floats, integers, 64-bit keys and 32-bit integers, by their names."""
    kinds = ((real, "f8"), (key, "u8"), (whole, "i8"), (small, "i4"))
    fields = [(name, kind) for names, kind in kinds for name in names.split()]
    return np.dtype(fields, align=True)


LAW = _record(real="a b", whole="first count kind")
SEEN_TIME = _record(real="value chance")  # of empirical laws, both rising
RATE = _record(real="value time")
TIME = _record(real="time")
NUMBER = _record(whole="number")
ONWARD = _record(real="chance", whole="to")  # which row of routes somebody comes to
JOINS = _record(real="chance")  # of joining a queue, by how many are in it
CHANGE = _record(real="time", whole="planned open service")
# What one class does at one service, and the two queues it waits in: without and with a place
# elsewhere. `key` is the service's; `instead` is a row.
ROUTE = _record(
    key="key",
    whole="law patience first count holds instead joins joins_count service outside holding",
)
# `planned` by the schedule; `open` of them but for closures; `shut` by outbreaks, of which so many
# (`shut_whole`) shut all there is; `places` admit. Its queues are in the order they are called.
SERVICE = _record(whole="places limit planned open shut shut_whole first_queue queue_count")
QUEUE = _record(small="head tail")
SLOT = _record(small="slot")
FIGURE = _record(real="area", whole="now")  # one measure of one service
KEPT = _record(real="area", whole="end")  # the same for a period that is over
TALLY = _record(real=" ".join(SUMS), whole=" ".join(COUNTS))  # one class at one service
LINE = _record(real="time", whole="word service")
HEAPED = _record(real="time", whole="slot")
PRESENT = _record(real="elapsed waited survival", whole="kind here next number")
# How people of a class come; after the classes, how outbreaks do. `enters` is a row for the one,
# for the other a service, of which they shut `places` for a time of `law`.
CLASS = _record(
    key="key",
    real="period segment_end rate",
    whole="first count segment cycle enters even law places",
)
# Somebody, in one line of a processor's cache. `since`: when they began to wait; `came`: when they
# got the place they hold. `born` and `number` name them for ever. `here`: what they do at the place
# they hold, `next`: what they wait for (rows of routes), in `queue` between `ahead` and `behind`;
# `visit`: how many places they have had; `rank`: what is due.
PERSON = _record(
    key="key",
    real="since came",
    small="number born rank visit here next queue ahead behind",
)
# When the next thing happens to a slot, and its neighbours in the wheel's bucket; in the heap
# `before` is its place. Four to a line, since finding what is next looks at many.
DUE = _record(real="time", small="before after")

PLAN_TABLES = {
    "laws": LAW, "seen": SEEN_TIME, "routes": ROUTE, "onward": ONWARD, "rates": RATE,
    "changes": CHANGE, "present": PRESENT, "edges": TIME, "bounds": TIME, "joins": JOINS,
}  # fmt: skip
# A world's tables that are all set anew for each run, and those that grow with the people.
FIXED_TABLES = {
    "services": SERVICE, "classes": CLASS, "queues": QUEUE, "buckets": SLOT, "figures": FIGURE,
    "starts": NUMBER, "tallies": TALLY, "over": NUMBER, "kept": KEPT, "log": LINE,
}  # fmt: skip
GROWING_TABLES = {"people": PERSON, "due": DUE, "heap": HEAPED}

# Addresses of the tables, their lengths where they are needed, the clock, the agenda's state
# (`per_time` buckets a unit of time, `tick` the bucket that time has reached), the free slots (a
# chain through `after`), and who is watched for the log.
STATE = _record(
    real="now left period_start period_end horizon per_time",
    whole=" ".join([*PLAN_TABLES, *FIXED_TABLES, *GROWING_TABLES])
    + " service_count class_count outbreak_count route_count period_count bound_count"
    + " change_count present_count people_room log_room tick mask wheel pending period free used"
    + " change events"
    + " watched_class watched_number logged",
)

law_at = pointed(LAW)
seen_at = pointed(SEEN_TIME)
rate_at = pointed(RATE)
time_at = pointed(TIME)
number_at = pointed(NUMBER)
onward_at = pointed(ONWARD)
change_at = pointed(CHANGE)
joins_at = pointed(JOINS)
route_at = pointed(ROUTE)
service_at = pointed(SERVICE)
queue_at = pointed(QUEUE)
slot_at = pointed(SLOT)
figure_at = pointed(FIGURE)
kept_at = pointed(KEPT)
tally_at = pointed(TALLY)
line_at = pointed(LINE)
heap_at = pointed(HEAPED)
present_at = pointed(PRESENT)
class_at = pointed(CLASS)
person_at = pointed(PERSON)
due_at = pointed(DUE)
