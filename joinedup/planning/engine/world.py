"""A world: the memory of one run after another, what is written before each and read after it.

All that a run changes often lies in one block of its own, beginning on a line of the processor's
cache, so that two threads never write to one line. A world is made once for many runs: what is
asked of the machine anew for each would cost threads the wait for one another.
"""

from typing import Any

import numpy as np
from msgspec import Struct

from joinedup.planning.chance.keys import mix, run_key
from joinedup.planning.engine import layout
from joinedup.planning.engine.layout import Array
from joinedup.planning.engine.lower import Lowered
from joinedup.planning.statistics import COUNTS, MEASURES, SUMS

__all__ = ["World", "begin_again", "new_world", "numbers_now", "tallied"]

SPARE_SLOTS = 64
MOST_BUCKETS = 1 << 22
LINE_BYTES = 128  # two lines of 64 bytes, which processors fetch together


class World(Struct):
    """The tables of one run at a time, kept alive for as long as its state has their addresses."""

    lowered: Lowered
    block: Array
    state: Array
    tables: dict[str, Array]
    wheel: bool


def new_world(lowered: Lowered, *, wheel: bool, log_room: int = 1) -> World:
    """Return a world for runs of a network; `begin_again` before each."""
    network = lowered.network
    routes, figures = len(network.routes), len(network.services) * len(MEASURES)
    slots = lowered.calendar_slots + lowered.expected_people + len(lowered.plan["present"])
    sizes = {
        "services": len(lowered.services),
        "classes": len(lowered.classes),
        "queues": lowered.queues,
        "buckets": _bucket_count(lowered) if wheel else 1,
        "figures": figures,
        "starts": figures,
        "tallies": routes,
        "over": max(1, routes * len(network.wait_bounds)),
        "kept": (len(lowered.plan["edges"]) - 1) * figures,
        "log": log_room,
    }
    block, tables = _one_block({"state": (layout.STATE, 1)} | {
        name: (layout.FIXED_TABLES[name], size) for name, size in sizes.items()
    })  # fmt: skip
    world = World(lowered, block, tables.pop("state"), tables, wheel)
    for name, dtype in layout.GROWING_TABLES.items():
        tables[name] = np.zeros(1 if name == "heap" and wheel else slots + SPARE_SLOTS, dtype)
    return world


def _one_block(wanted: dict[str, tuple[Any, int]]) -> tuple[Array, dict[str, Array]]:
    """Return tables that lie in one block of memory, each beginning on lines of its own."""
    starts, end = {}, 0
    for name, (dtype, size) in wanted.items():
        starts[name] = end
        end += -(-dtype.itemsize * size // LINE_BYTES) * LINE_BYTES
    raw = np.zeros(end + LINE_BYTES, np.uint8)
    first = -raw.ctypes.data % LINE_BYTES
    block = raw[first : first + end]
    return block, {
        name: block[starts[name] : starts[name] + dtype.itemsize * size].view(dtype)
        for name, (dtype, size) in wanted.items()
    }


def begin_again(world: World, seed: int, run: int) -> None:
    """Make a world one in which nothing has happened yet."""
    lowered, tables = world.lowered, world.tables
    world.block.fill(0)
    tables["services"][:] = lowered.services
    tables["classes"][:] = lowered.classes
    key = run_key(seed, run)
    tables["classes"]["key"] = [mix(key ^ name) for name in lowered.class_names] + [
        mix(mix(key ^ service) ^ name) for service, name in lowered.outbreak_names
    ]
    for name in ("queues", "buckets"):
        tables[name].view(np.uint8).fill(255)  # every number -1: NOBODY
    _set_state(world)
    _write_addresses(world)


def grow(world: World) -> None:
    """Give the world room for twice as many people."""
    for name in layout.GROWING_TABLES:
        table = world.tables[name]
        if len(table) > 1:
            world.tables[name] = np.concatenate([table, np.zeros_like(table)])
    _write_addresses(world)


def numbers_now(world: World, measure: int) -> Array:
    """Return a measure of every service as it is now."""
    return world.tables["figures"]["now"].reshape(-1, len(MEASURES))[:, measure]


def tallied(world: World, names: tuple[str, ...]) -> Array:
    """Return counts or sums by route and kind."""
    return np.stack([world.tables["tallies"][name] for name in names], axis=-1)


def _write_addresses(world: World) -> None:
    state = world.state[0]
    for name, table in (world.lowered.plan | world.tables).items():
        state[name] = table.ctypes.data
    state["people_room"] = len(world.tables["people"])


def _bucket_count(lowered: Lowered) -> int:
    wanted = 2 * lowered.expected_people + len(lowered.network.classes)
    return int(min(1 << max(wanted, 64).bit_length(), MOST_BUCKETS))


def _set_state(world: World) -> None:
    lowered, network = world.lowered, world.lowered.network
    warm = network.warm_up > 0.0
    first_end = float(lowered.plan["edges"]["time"][0 if warm else 1])
    values: dict[str, Any] = {
        "horizon": network.horizon,
        "period": -1 if warm else 0,
        "period_end": first_end,
        "left": first_end,
        "per_time": _buckets_a_time(lowered),
        "mask": len(world.tables["buckets"]) - 1,
        "wheel": world.wheel,
        "free": layout.NOBODY,
        "used": lowered.calendar_slots,
        "watched_class": layout.NOBODY,
        "log_room": len(world.tables["log"]),
        "service_count": len(network.services),
        "class_count": len(network.classes),
        "outbreak_count": len(lowered.outbreak_names),
        "route_count": len(network.routes),
        "period_count": len(lowered.plan["edges"]) - 1,
        "bound_count": len(network.wait_bounds),
        "change_count": lowered.change_count,
        "present_count": lowered.present_count,
    }
    state = world.state[0]
    for name, value in values.items():
        state[name] = value


def _buckets_a_time(lowered: Lowered) -> float:
    """Return about one bucket to a happening, and never so many that a lap could not be counted."""
    horizon = lowered.network.horizon
    return min(max(lowered.events_a_time, SPARE_SLOTS / horizon), 1e12 / horizon)


assert set(COUNTS) | set(SUMS) == set(layout.TALLY.names or ())
