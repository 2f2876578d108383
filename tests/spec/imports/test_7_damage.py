"""Bringing files in, chapter 7. Damage of every kind: never a crash, never half a file unexplained.

Files are damaged at random, the same way each time: bytes changed, cut, doubled, values replaced.
"""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import COUNCIL, Importing, joyce, observation
from .test_4_council_returns import HEADERS, ROWS, text_of

WOMAN = "urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"
STRANGE: tuple[Any, ...] = (
    None, "", " ", 0, -1, 1.5, True, [], {}, [[]], [None], {"a": None}, "x" * 70_000, "\u0000",
    "\ud800", "1e999", 10**40, "Patient/1", "urn:uuid:none", "2023-02-30", {"reference": 7},
    {"reference": "Patient/" + "x" * 100}, [{"reference": "#nothing"}], "<script>", "'; drop table",
)  # fmt: skip
CELLS = ("", "1.0E+10", "####", "45123", "31/02/2020", "é", '"', "=1+1", "x" * 5000, "0", "NULL")
FEW, MANY = 60, 500


def bundle() -> dict[str, Any]:
    resources = [joyce(), observation("w1", WOMAN), observation("w2", WOMAN)]
    entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def bytes_changed(chance: random.Random, data: bytes) -> bytes:
    """Change, remove, double or insert a few bytes."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at : at + chance.randint(1, 40)]
            case 2:
                damaged[at:at] = damaged[at : at + chance.randint(1, 40)]
            case _:
                damaged[at:at] = chance.randbytes(3)
    return bytes(damaged) or b"x"


def value_replaced(chance: random.Random) -> bytes:
    """Put something strange in the place of one value of a good bundle."""
    whole: Any = bundle()
    here: Any = whole
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        place = chance.choice(places)
        if isinstance(here[place], dict | list) and here[place] and chance.random() < 0.85:
            here = here[place]
            continue
        here[place] = chance.choice(STRANGE)
        return json.dumps(whole).encode()


def cell_replaced(chance: random.Random) -> bytes:
    """Put something strange in one cell of a good return."""
    rows = [dict(row) for row in ROWS]
    chance.choice(rows)[chance.choice(HEADERS)] = chance.choice(CELLS)
    return text_of(*rows).encode()


DAMAGE: dict[str, tuple[str, Callable[[random.Random], bytes]]] = {
    "a bundle's bytes": ("json", lambda c: bytes_changed(c, json.dumps(bundle()).encode())),
    "a bundle's values": ("json", value_replaced),
    "a line's bytes": ("ndjson", lambda c: bytes_changed(c, json.dumps(joyce()).encode() * 1)),
    "a return's bytes": ("csv", lambda c: bytes_changed(c, text_of(*ROWS).encode())),
    "a return's cells": ("csv", cell_replaced),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_refused_or_stored_and_never_break_the_import(
    importing: Importing, damage: str, full: bool
) -> None:
    """Every refusal has a reason; the good file among them is always stored."""
    ending, make = DAMAGE[damage]
    chance = random.Random(damage)
    for number in range(MANY if full else FEW):
        importing.write(f"in/{number:03}.{ending}", make(chance))
    good = observation("good", "Patient/good-person")
    patient = joyce("good-person", identifier=[], birthDate="1947-10-30")
    del patient["identifier"]
    importing.write("in/zzz.ndjson", "\n".join(map(json.dumps, (patient, good))))
    report = importing(importing.folder / "in", organisation=COUNCIL)
    assert all(line["message"] for line in importing.refusals())
    assert report.counts["Observation"].stored >= 1
    assert importing(importing.folder / "in", organisation=COUNCIL).stored == 0
