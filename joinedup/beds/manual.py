"""The manual's page of beds and winter: `docs/beds.md`, printed from the tables.

`python -m joinedup.beds.manual > docs/beds.md`; a test fails when the page is old.
"""

from collections.abc import Iterator
from datetime import date

from joinedup.beds.rules.occupancy import POLICIES
from joinedup.beds.rules.picture import COUNTS
from joinedup.beds.rules.states import BED, CLOSURES
from joinedup.beds.rules.waiting import STOPS
from joinedup.fhir.machine import printed
from joinedup.reference.codes.discharge import opel_levels, pressures
from joinedup.reference.tables import rows

__all__ = ["beds_manual"]

_BEGINNING = """\
# Beds and winter

States, counts and thresholds, printed from the tables that the rules read by
`python -m joinedup.beds.manual > docs/beds.md`. Thresholds marked as assumed are a place's to set.
"""


def beds_manual(on: date) -> str:
    """Return docs/beds.md as the tables stand on a day."""
    parts = (_closures(), _counts(), _infections(on), _pressures(on), _levels(on), _clock())
    return "\n".join((_BEGINNING, printed(BED), *("\n".join(p) + "\n" for p in parts)))


def _closures() -> Iterator[str]:
    yield "## Why a bed is closed"
    yield ""
    yield from (f"- {words}" for words in CLOSURES.values())


def _counts() -> Iterator[str]:
    yield "## What is counted"
    yield ""
    yield "| Count | What |"
    yield "|---|---|"
    yield from (f"| `{name}` | {words} |" for name, words in COUNTS.items())
    yield ""
    yield "How full a place is, is printed with its policy:"
    yield ""
    yield from (f"- `{name}`: {words}" for name, words in POLICIES.items())


def _infections(on: date) -> Iterator[str]:
    yield "## When a ward opens again"
    yield ""
    yield "| Infection | Hours without symptoms | Cleaned first | Assumed |"
    yield "|---|---|---|---|"
    for row in rows("codes/infections", on=on):
        cells = (row["words"], row["symptom_free_hours"], row["clean_first"], row["assumption"])
        yield f"| {' | '.join(cells)} |"


def _pressures(on: date) -> Iterator[str]:
    yield "## Measures of pressure"
    yield ""
    yield "Each scores 1, 2 or 3 from its thresholds on. All are assumed."
    yield ""
    yield "| Measure | Unit | Worse when | 1 | 2 | 3 |"
    yield "|---|---|---|---|---|---|"
    for p in pressures(on=on):
        low, middle, high = p.thresholds
        worse = "higher" if p.up else "lower"
        yield f"| {p.words} | {p.unit} | {worse} | {low} | {middle} | {high} |"


def _levels(on: date) -> Iterator[str]:
    yield "## Levels"
    yield ""
    for number, begins, words in opel_levels(on=on):
        yield f"- **{number}**, from {begins} per cent of the highest score: {words}"


def _clock() -> Iterator[str]:
    yield "## What stops the clock of a waiting list"
    yield ""
    yield from (f"- {words}" for words in STOPS.values())
    yield ""
    yield "Nothing pauses it."


_PRINTED_FOR = date(2026, 11, 22)

if __name__ == "__main__":
    import sys

    sys.stdout.write(beds_manual(_PRINTED_FOR))
