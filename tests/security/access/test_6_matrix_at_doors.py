"""The access matrix at the doors: the API asked in HTTP, and pages opened in a signed-in session.

What should be is the scenario's. `./dev test` asks some hundred cells of each; every one of a door:
MATRIX_CELLS=all MATRIX_DOOR=api pytest (or pages) with this file. MATRIX_SEED=7 replays another.
"""

import os
from collections.abc import Callable
from random import Random
from typing import TypeVar

import pytest

from joinedup.record.cluster import Urls
from tests.security.access.cells import Cell
from tests.security.access.cells_api import (
    CHANGING,
    all_cells_at_api,
    observed_at_api,
    should_be_at_api,
)
from tests.security.access.cells_pages import all_visits, wrong_on
from tests.security.access.stage import set_stage
from tests.security.access.visitors import visitors

SIZES = {"api": 1500, "pages": 250}
DOOR, CELLS = os.environ.get("MATRIX_DOOR", ""), os.environ.get("MATRIX_CELLS", "")
SEED = int(os.environ.get("MATRIX_SEED", "11"))
_TOLD = 40
T = TypeVar("T")


def chosen(door: str, cells: list[T], is_full: bool) -> list[T]:
    """A random sample of the cells of a door, or as many as were asked for."""
    if DOOR not in ("", door):
        pytest.skip(f"MATRIX_DOOR={DOOR}")
    if is_full or (DOOR and CELLS == "all"):
        return cells
    wanted = int(CELLS) if DOOR and CELLS else SIZES[door]
    return Random(SEED).sample(cells, min(wanted, len(cells)))


@pytest.fixture
def stage(record_database: Urls) -> None:
    assert record_database.application
    set_stage()


@pytest.mark.usefixtures("stage")
def test_no_cell_leaks_at_the_api(full: bool) -> None:
    """Issue 2, accept 1; trust F5a: at the API."""
    cells = chosen("api", all_cells_at_api(), full)
    cells.sort(key=lambda c: c.action in CHANGING)
    _tell("api", cells, observed_at_api, should_be_at_api)


def _tell(
    door: str, cells: list[Cell], observed: Callable[[Cell], str], should: Callable[[Cell], str]
) -> None:
    wrong = [
        f"{' '.join(cell)}: {got}, should be {should(cell)}"
        for cell in cells
        if (got := observed(cell)) != should(cell)
    ]
    told = "\n".join(wrong[:_TOLD])
    assert not wrong, f"MATRIX_DOOR={door} MATRIX_SEED={SEED}: {len(wrong)} of {len(cells)}\n{told}"


@pytest.mark.usefixtures("stage")
def test_no_page_shows_what_it_should_not(full: bool) -> None:
    """Issue 2, accept 1: in pages. A visit asks of all types and everybody what the page tells."""
    visits = chosen("pages", all_visits(), full)
    # Who was found a moment ago is named by the page that does not open (domain.md 1.2): find last.
    visits.sort(key=lambda v: (v.page.endswith(" save"), v.page == "people/"))
    wrong: list[str] = []
    with visitors() as sign_in:
        browsers = {role: sign_in(role) for role in sorted({v.role for v in visits})}
        for visit in visits:
            wrong += wrong_on(browsers[visit.role], visit)
    told = "\n".join(wrong[:_TOLD])
    assert not wrong, f"MATRIX_DOOR=pages MATRIX_SEED={SEED}: {len(wrong)} wrong\n{told}"
