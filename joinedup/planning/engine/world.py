"""A world: the memory of one run, fresh or grown, and what is read out of it when it is over."""

from typing import Any

import numpy as np
from msgspec import Struct

from joinedup.planning.chance.keys import class_key, outbreaks_key, run_key
from joinedup.planning.engine import layout
from joinedup.planning.engine.layout import Array
from joinedup.planning.engine.lower import Lowered
from joinedup.planning.statistics import COUNTS, MEASURES, SUMS

__all__ = ["World", "fresh_world", "grow", "numbers_now"]

SPARE_SLOTS = 64
MOST_BUCKETS = 1 << 22


class World(Struct):
    """One run's tables, kept alive for as long as its state holds their addresses."""

    state: Array
    plan: dict[str, Array]
    tables: dict[str, Array]


def fresh_world(lowered: Lowered, seed: int, run: int, *, wheel: bool, log_room: int = 1) -> World:
    """Return a world in which nothing has happened yet, for one run of a seed."""
    network = lowered.network
    n, c = len(network.services), len(network.classes)
    classes = lowered.classes.copy()
    key = run_key(seed, run)
    classes["key"] = [class_key(key, one.name) for one in network.classes] + [
        outbreaks_key(key, *names) for names in lowered.outbreak_keys
    ]
    slots = lowered.calendar_slots + lowered.expected_people + len(lowered.plan["present"])
    sizes = {
        "people": slots + SPARE_SLOTS,
        "queues": n * lowered.levels,
        "buckets": _bucket_count(lowered) if wheel else 1,
        "heap": 1 if wheel else slots + SPARE_SLOTS,
        "figures": n * len(MEASURES),
        "tallies": n * c,
        "over": max(1, n * c * len(network.wait_bounds)),
        "kept": (len(lowered.plan["edges"]) - 1) * n * len(MEASURES),
        "log": log_room,
    }
    tables = {name: np.zeros(size, layout.WORLD_TABLES[name]) for name, size in sizes.items()}
    tables |= {"services": lowered.services.copy(), "classes": classes}
    for name in ("head", "tail"):
        tables["queues"][name] = layout.NOBODY
    tables["buckets"]["number"] = layout.NOBODY
    world = World(_state(lowered, wheel, sizes), lowered.plan, tables)
    _write_addresses(world)
    return world


def grow(world: World) -> None:
    """Give the world room for twice as many people."""
    for name in ("people", "heap"):
        table = world.tables[name]
        if name == "people" or len(table) > 1:
            world.tables[name] = np.concatenate([table, np.zeros_like(table)])
    _write_addresses(world)


def numbers_now(world: World, measure: int) -> Array:
    """Return a measure of every service as it is now."""
    return world.tables["figures"]["now"].reshape(-1, len(MEASURES))[:, measure]


def _write_addresses(world: World) -> None:
    state = world.state[0]
    for name, table in (world.plan | world.tables).items():
        state[name] = table.ctypes.data
    state["people_room"] = len(world.tables["people"])


def _bucket_count(lowered: Lowered) -> int:
    wanted = 2 * lowered.expected_people + len(lowered.network.classes)
    return int(min(1 << max(wanted, 64).bit_length(), MOST_BUCKETS))


def _state(lowered: Lowered, wheel: bool, sizes: dict[str, int]) -> Array:
    network = lowered.network
    warm = network.warm_up > 0.0
    first_end = float(lowered.plan["edges"]["time"][0 if warm else 1])
    values: dict[str, Any] = {
        "horizon": network.horizon,
        "period": -1 if warm else 0,
        "period_end": first_end,
        "left": first_end,
        "per_time": _buckets_a_time(lowered),
        "mask": sizes["buckets"] - 1,
        "wheel": wheel,
        "free": layout.NOBODY,
        "used": lowered.calendar_slots,
        "watched_class": layout.NOBODY,
        "log_room": sizes["log"],
        "service_count": len(network.services),
        "class_count": len(network.classes),
        "outbreak_count": len(lowered.outbreak_keys),
        "level_count": lowered.levels,
        "period_count": len(lowered.plan["edges"]) - 1,
        "bound_count": len(network.wait_bounds),
        "change_count": lowered.change_count,
        "present_count": lowered.present_count,
    }
    state = np.zeros(1, layout.STATE)
    for name, value in values.items():
        state[name] = value
    return state


def _buckets_a_time(lowered: Lowered) -> float:
    """Return about one bucket to a happening, and never so many that a lap could not be counted."""
    horizon = lowered.network.horizon
    return min(max(lowered.events_a_time, SPARE_SLOTS / horizon), 1e12 / horizon)


def tallied(world: World, names: tuple[str, ...], classes: int) -> Array:
    """Return counts or sums by class, service and kind."""
    table = world.tables["tallies"]
    return np.stack([table[name].reshape(classes, -1) for name in names], axis=-1)


assert set(COUNTS) | set(SUMS) == set(layout.TALLY.names or ())
