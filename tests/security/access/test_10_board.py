"""The board shows to each role what the record shows it, and not a line more.

It is made of rows of its own: their locks are those of every other row, its counts tell of labels
only whom policy tells, and a person who was joined to another is on it once.
"""

import re
from typing import Any

import psycopg
import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit, worker_permit
from joinedup.access.words import DataClass, Role
from joinedup.fhir.classes import ACT_CODE, LABEL_CODES
from joinedup.fhir.issue import NotFound
from joinedup.fhir.key import resource_key
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.search.extract import CONFIDENTIALITY
from joinedup.record.board import Lying, board, ways_since
from joinedup.record.cluster import Urls
from joinedup.record.database import settings_of
from joinedup.record.merge import merge
from joinedup.record.verify import verify
from tests.security.access.stage import consent, functions
from tests.spec.discharge.wards import NOW, build_wards, needs_bed, the_stay, waits
from tests.spec.record.place import COUNCIL, HOSPITAL, PLACE, PRACTICE, joyce, label, put

ROLES = [role for role in Role if role not in (Role.PERSON, Role.PROXY, Role.SYSTEM)]
ORGANISATIONS = (HOSPITAL, PRACTICE, COUNCIL, "VZ901")
LABELS = (
    (CONFIDENTIALITY, "R"),
    (CONFIDENTIALITY, "V"),
    (ACT_CODE, "HIV"),
    (ACT_CODE, "SDV"),
    (LABEL_CODES, "adoption"),
    (LABEL_CODES, "public-protection"),
    (LABEL_CODES, "serious-harm"),
)
WAY = {who: readiness.readiness_id(f"s-{who}") for who in ("joyce", "arthur", "olive", "stan")}


@pytest.fixture(autouse=True)
def _wards(record_database: Urls) -> None:
    assert record_database.application
    build_wards()


def _permits() -> list[Permit]:
    workers = [
        worker_permit(f"Practitioner/z-{role.value}", "Z", role, organisation)
        for role in ROLES
        for organisation in ORGANISATIONS
    ]
    return [*workers, person_permit("joyce", "Joyce"), proxy_permit("rp", "Susan")]


def _sees(permit: Permit, kind: str, name: str) -> bool:
    try:
        record.read(permit, kind, name)
    except NotFound:
        return False
    return True


def _as_read(permit: Permit) -> dict[str, tuple[bool, bool]]:
    """By stay that the permit may read: whether it may read the way home, and who it is."""
    return {
        who: (_sees(permit, "Task", WAY[who]), _sees(permit, "Patient", who))
        for who in WAY
        if _sees(permit, "Encounter", f"s-{who}")
    }


def _on_board(permit: Permit) -> dict[str, tuple[bool, bool]]:
    return {_who(x): (x.way is not None, x.who is not None) for x in board(permit).lines}


def _who(line: Lying) -> str:
    return line.stay.spell.removeprefix("s-")


def test_every_role_sees_on_the_board_what_it_may_read_and_no_more() -> None:
    """Every role at every organisation, a person and a proxy; labels and objections among them."""
    put(needs_bed("stan"))
    put({**waits("joyce", 5), "meta": label(CONFIDENTIALITY, "R")})
    put({**spell.build(the_stay("arthur", "w7-2")), "meta": label(ACT_CODE, "SDV")})
    put({**consent("objection", "olive", **{"class": functions("plan")}), "id": "objects"})
    seen = {permit: _on_board(permit) for permit in _permits()}
    for permit, lines in seen.items():
        what = f"{permit.role.value} of {permit.organisation}"
        ways_and_names = {who: (way, who_is) for who, (way, who_is) in _as_read(permit).items()}
        told = {w: f for w, f in ways_and_names.items() if WAY[w]}
        for who, (way, named) in lines.items():
            assert who in told, f"{what} reads no stay of {who}"
            assert way == told[who][0], f"{what}: the way home of {who}"
            assert named == told[who][1], f"{what}: who {who} is"
        assert set(lines) == set(told), what
    nurse = worker_permit("Practitioner/z-ward-nurse", "Z", Role.WARD_NURSE, HOSPITAL)
    assert seen[nurse] == {"joyce": (False, True), "olive": (False, True), "stan": (True, True)}
    assert not any(lines for p, lines in seen.items() if p.organisation == "VZ901")


@pytest.mark.parametrize(("system", "code"), LABELS, ids=[code for _, code in LABELS])
def test_a_label_is_counted_for_whom_policy_tells_and_silent_to_others(
    system: str, code: str
) -> None:
    """AC-01: no trace and no count for a label that a role is not told of."""
    hidden = {**spell.build(the_stay("joyce", "w7-10")), "meta": label(system, code)}
    put(hidden)
    bits = _label_of("Encounter", "s-joyce")
    for permit in _permits():
        found = board(permit, hospital=HOSPITAL, ward="w7")
        sees = "joyce" in {_who(line) for line in found.lines}
        assert not (sees and bits & ~permit.labels)
        reaches = _sees(permit, "Encounter", "s-arthur")
        told = reaches and not bits & ~(permit.labels | permit.marks) and not sees
        assert found.withheld == int(told), f"{permit.role.value} of {permit.organisation}"


def _label_of(kind: str, name: str) -> int:
    from joinedup.fhir.classes import label_of

    return label_of(record.read(PLACE, kind, name).resource)


def test_counts_of_past_days_are_of_whom_the_permit_sees() -> None:
    """The chart counts nobody for a role that may read nobody."""
    seen = {p: len(ways_since(p, NOW, hospital=HOSPITAL)) for p in _permits()}
    for permit, count in seen.items():
        assert count == sum(_sees(permit, "Task", WAY[w]) for w in ("joyce", "arthur", "olive"))
    assert max(seen.values()) == 3 and min(seen.values()) == 0


def test_a_person_who_was_joined_is_on_the_board_once_under_who_they_are() -> None:
    """Both ids' rows stand under the one kept: seen by whoever sees them, and by nobody else."""
    put(joyce("twin", name=[{"family": "Twin", "given": ["Joyce"]}]))
    clerk = worker_permit("Practitioner/gp", "Dr Ash", Role.GP, PRACTICE)
    merge(clerk, "twin", "joyce", reason="The same woman", if_versions=(1, 1))
    line = next(x for x in board(PLACE, ward="w7").lines if _who(x) == "joyce")
    assert line.who and line.who.name == "Joyce Twin"
    assert line.way is not None
    assert len(board(PLACE, ward="w7").lines) == 3
    nurse = worker_permit("Practitioner/z", "Z", Role.WARD_NURSE, HOSPITAL)
    assert "joyce" in _on_board(nurse)
    assert list(verify()) == []
    put({**spell.build(the_stay("joyce", "w11-10")), "meta": label(CONFIDENTIALITY, "R")})
    assert "joyce" not in _on_board(nurse)
    assert list(verify()) == []


_QUALIFIED = re.compile(r"\b(token|mark|board_mark|board)\.")


def test_the_locks_are_those_of_every_other_row(record_database: Urls) -> None:
    """Word for word, but for the table's own name; forced on its owner too."""
    with psycopg.connect(record_database.owner) as lent:
        rows = lent.execute(
            "select polrelid::regclass::text, polname, polcmd::text,"
            " coalesce(pg_get_expr(polqual, polrelid), ''),"
            " coalesce(pg_get_expr(polwithcheck, polrelid), '') from pg_policy"
        ).fetchall()
        forced = lent.execute(
            "select bool_and(relrowsecurity and relforcerowsecurity) from pg_class"
            " where oid in ('record.board'::regclass, 'record.board_mark'::regclass)"
        ).fetchone()
    kept: dict[str, set[tuple[str, ...]]] = {}
    for table, *lock in rows:
        kept.setdefault(table, set()).add(tuple(_QUALIFIED.sub("", text) for text in lock))
    assert kept["record.board"] == kept["record.token"]
    assert kept["record.board_mark"] == kept["record.mark"]
    assert len(kept["record.board"]) == 4
    assert forced == (True,)


def test_without_a_permit_the_board_is_empty_and_nothing_is_written(record_database: Urls) -> None:
    """Lesson 12: empty means nothing; and who looks may not write rows of their own."""
    key = resource_key("Encounter", "s-joyce")
    wrong: list[str] = []
    with psycopg.connect(record_database.application) as lent:
        for table in ("board", "board_mark"):
            assert lent.execute(f"select 1 from record.{table}").fetchall() == []  # our names
        for permit in _permits():
            with lent.transaction(force_rollback=True):
                lent.execute("select record.enter(%s,%s,%s,%s,%s,%s)", settings_of(permit))
                gone = lent.execute("delete from record.board where key = %s", (key,)).rowcount
            may = any(mask >> DataClass.VISITS & 1 for mask in permit.changes)
            if gone and not (may and _sees(permit, "Encounter", "s-joyce")):
                wrong.append(permit.role.value)
    assert wrong == []


def test_the_turn_of_a_board_tells_nothing_but_that_something_changed() -> None:
    """The same number for who sees everything and who sees nothing."""
    from joinedup.record.board import board_turn

    turns: set[Any] = {board_turn(permit, hospital=HOSPITAL, ward="w7") for permit in _permits()}
    assert len(turns) == 1
    put(waits("olive", 7))
    assert board_turn(PLACE, hospital=HOSPITAL, ward="w7") not in turns
