"""The access matrix: every role does everything with every type, standing every way to a person.

What should be is the scenario's, written apart from the policy. `./dev test` asks a random sample,
`./dev test --full` every cell: pytest --full tests/security/access/test_1_matrix.py
Between the two: MATRIX_CELLS=50000; to replay: MATRIX_SEED=7 pytest, with this file.
"""

import os
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import errors

from joinedup.fhir.classes import CLASS_OF_TYPE
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.served import SERVED
from joinedup.record.cluster import Urls
from joinedup.record.database import settings_of
from tests.security.access.cells import all_cells, forget, observed, should_be
from tests.security.access.scenario import KIND_OF, ROLES, STATES, TYPES, expected
from tests.security.access.stage import named, permit_of, set_stage

SAMPLE, LEAST = int(os.environ.get("MATRIX_CELLS", "5000")), 45_360
SEED = int(os.environ.get("MATRIX_SEED", "11"))
_TOLD = 40


@pytest.fixture
def stage(record_database: Urls) -> None:
    assert record_database.application
    forget()
    set_stage()


@pytest.mark.usefixtures("stage")
def test_no_cell_leaks_and_none_refuses_wrongly(full: bool) -> None:
    """Trust F5a; issue 2, accept 1: at the record."""
    cells = all_cells()
    assert len(cells) >= LEAST
    if not full:
        cells = Random(SEED).sample(cells, SAMPLE)
    # What changes the stage comes last, so that every other cell is asked of the same stage.
    cells.sort(key=lambda c: c.action in ("create", "update", "delete", "conditional-create"))
    wrong = [
        f"{' '.join(cell)}: {got}, should be {should_be(cell)}"
        for cell in cells
        if (got := observed(cell)) != should_be(cell)
    ]
    told = "\n".join(wrong[:_TOLD])
    assert not wrong, f"MATRIX_SEED={SEED}: {len(wrong)} of {len(cells)} cells\n{told}"


_ROWS = ("head version token string date reference quantity uri composite word claim board").split()


@pytest.mark.usefixtures("stage")
def test_no_row_leaks_in_sql_as_the_application(record_database: Urls) -> None:
    """Trust F5a: the second lock alone, on every table that holds resources, in all cells."""
    keys = {
        resource_key(kind, named(kind, state)): (kind, state) for kind in TYPES for state in STATES
    }
    wrong: list[str] = []
    with psycopg.connect(record_database.application) as lent:
        for role in ROLES:
            may_see = {k for k, (t, s) in keys.items() if expected(role, t, s).sees}
            may_change = {k for k, (t, s) in keys.items() if expected(role, t, s).changes}
            for what, (seen, should) in _rows(lent, role, list(keys)).items():
                allowed = may_see & may_change if what == "changed" else may_see
                wrong += [f"{role} {keys[k]} leaks in {what}" for k in seen - allowed]
                if should:
                    wrong += [f"{role} {keys[k]} is missing in {what}" for k in allowed - seen]
    assert not wrong, f"{len(wrong)} of {len(keys) * len(ROLES)}\n" + "\n".join(wrong[:_TOLD])


def _rows(
    lent: psycopg.Connection[Any], role: str, keys: list[int]
) -> dict[str, tuple[set[int], bool]]:
    """The keys that show under a role's permit, by table, and whether each should be there."""
    found: dict[str, tuple[set[int], bool]] = {}
    with lent.transaction(force_rollback=True):
        lent.execute("select record.enter(%s, %s, %s, %s, %s, %s)", settings_of(permit_of(role)))
        for table in _ROWS:
            rows = lent.execute(
                f"select key from record.{table} where key = any (%s)",  # our names
                (keys,),
            ).fetchall()
            found[table] = {k for (k,) in rows}, table in ("head", "version")
        rows = lent.execute(
            "update record.head set version = version where key = any (%s) returning key", (keys,)
        ).fetchall()
        found["changed"] = {k for (k,) in rows}, True
    return found


_FORGED = (
    "insert into record.reach (person, party, key, ground, starts, ends, withheld)"
    " values (1, 2, 3, 2, '-infinity', 'infinity', 0)"
)


@pytest.mark.usefixtures("stage")
def test_without_a_permit_nothing_shows_and_nothing_is_written(record_database: Urls) -> None:
    """Lesson 12: empty means nothing."""
    with psycopg.connect(record_database.application) as lent:
        for table in (*_ROWS, "mark", "reach", "objection", "audit_event", "outbox"):
            assert lent.execute(f"select 1 from record.{table}").fetchall() == [], table
        with pytest.raises(errors.InsufficientPrivilege):
            lent.execute(_FORGED)


def test_every_served_type_has_a_rule_and_a_place_in_the_scenario() -> None:
    """Issue 2, accept 1: a type without a rule fails the build."""
    assert [kind for kind in SERVED if kind not in CLASS_OF_TYPE] == []
    unplaced = [kind for kind in SERVED if kind not in KIND_OF and CLASS_OF_TYPE[kind] != 1]
    assert unplaced == []
