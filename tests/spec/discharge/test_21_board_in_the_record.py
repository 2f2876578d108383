"""Going home, chapter 21. The board in the record: one row a stay, as true as the stay itself.

It changes in the commit that changes the stay; who looked at whom is in the audit.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from joinedup import record
from joinedup.discharge.board import mark_now, place_of, unchanged
from joinedup.discharge.board_trend import trend_of
from joinedup.discharge.rules.endings import ended
from joinedup.fhir.issue import NotFound
from joinedup.fhir.key import resource_key
from joinedup.fhir.profiles import readiness, spell
from joinedup.fhir.profiles.spell import moved
from joinedup.record import Delete
from joinedup.record.board import board
from joinedup.record.cluster import Urls
from joinedup.record.verify import verify
from tests.spec.discharge.stays import november, ready
from tests.spec.discharge.wards import (
    NOW,
    build_wards,
    names,
    seen,
    standing,
    the_stay,
    waits,
)
from tests.spec.record.place import (
    CONFIDENTIALITY,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    joyce,
    label,
    put,
)


@pytest.fixture(autouse=True)
def _wards(record_database: Urls) -> None:
    assert record_database.application
    build_wards()


def test_late_comes_first_then_who_waits_longest_then_the_bed() -> None:
    """DI-03: Joyce's medicines were to be chased on the sixth; Arthur waits longer, in time."""
    assert names(seen()) == ["joyce", "arthur", "olive", "stan"]
    assert names(seen("w7")) == ["joyce", "arthur", "olive"]
    line = seen("w7").lines[1]
    assert (line.name, line.age) == ("Arthur Arthur", 92)
    assert line.bed and (line.bed.name, line.bed.ward) == ("Bed 2", "w7")
    assert (line.said.days, line.said.pathway, line.said.owner) == (7, "1", "council")
    assert "Who pays" in line.said.waits


def test_a_filter_leaves_the_rest_on_the_board() -> None:
    """By pathway, reason and owner, one or all of them."""
    found = seen(pathway="1", owner="council")
    assert names(found) == ["arthur"]
    assert len(found.everybody) == 4
    assert names(seen(reason="No care at home is free")) == ["arthur"]
    assert names(seen(pathway="3")) == []


def test_a_move_to_another_ward_moves_the_line() -> None:
    there = moved(spell.build(the_stay("arthur", "w7-2")), "w11-2", at=NOW, status="active")
    put(there)
    assert names(seen("w7")) == ["joyce", "olive"]
    assert names(seen("w11")) == ["arthur", "stan"]


def test_whoever_left_is_on_no_board_from_that_moment() -> None:
    """In the commit that ends the stay; the history of waiting stays for the chart."""
    gone = ended(ready(november(5), before=standing("joyce")), "self-discharged", NOW,
                 method="6", destination="19").readiness  # fmt: skip
    there = spell.with_end(spell.build(the_stay("joyce", "w7-10")), NOW, method="6",
                           destination="19")  # fmt: skip
    put(there, readiness.build(gone))
    assert names(seen()) == ["arthur", "olive", "stan"]
    counts = trend_of(PLACE, HOSPITAL, NOW + timedelta(days=1)).counts
    assert counts[-7:] == (1, 2, 2, 2, 2, 2, 1)
    assert len(counts) == 8, "from the first morning that anybody is known to have been ready"


def test_a_task_that_was_deleted_leaves_somebody_unreviewed() -> None:
    record.commit(PLACE, [Delete("Task", readiness.readiness_id("s-joyce"))])
    line = next(line for line in seen().lines if line.said.spell == "s-joyce")
    assert (line.said.words, line.said.days, line.is_told) == ("Not reviewed yet", 0, True)


def test_a_way_home_that_nobody_can_read_says_so() -> None:
    """The API takes any Task; a board never takes one it cannot read for nothing."""
    odd = {**waits("joyce", 5), "executionPeriod": {}}
    put(odd)
    line = next(line for line in seen().lines if line.said.spell == "s-joyce")
    assert line.said.words == "Cannot be read: look at the stay"


def test_everybody_on_a_board_is_in_the_audit() -> None:
    """Law 2: who looked at whom, by one event, as for a search."""
    board(NURSE, hospital=HOSPITAL, ward="w7")
    with psycopg.connect(_application()) as lent, lent.transaction():
        lent.execute("select set_config('joinedup.sees', '{0,8190}', true)")
        rows = lent.execute(
            "select e.detail, array_agg(a.person) from record.audit_event e"
            " join record.audit_named a on a.seq = e.seq where e.worker = %s"
            " and e.detail like 'board%%' group by e.seq, e.detail order by e.seq desc limit 1",
            (NURSE.worker,),
        ).fetchall()
    assert rows[0][0] == f"board {HOSPITAL} w7"
    assert set(rows[0][1]) == {resource_key("Patient", n) for n in ("joyce", "arthur", "olive")}


def _application() -> str:
    from joinedup.record.database import address

    return address()


def test_asking_again_tells_only_whether_anything_changed() -> None:
    """It names nobody, so it is no look; any change of a stay, a way home or a bed is one."""
    place, mark = place_of(NURSE, "w7"), seen("w7").mark
    assert unchanged(NURSE, place, mark, NOW)
    put(spell.build(the_stay("stan", "w11-2")))
    assert unchanged(NURSE, place, mark, NOW), "another ward is not this one"
    put(waits("olive", 8))
    assert not unchanged(NURSE, place, mark, NOW)
    assert not unchanged(NURSE, place, "nonsense", NOW)
    assert not unchanged(NURSE, place, f"{mark_now(NURSE, place)}.", NOW)


def test_time_alone_makes_somebody_late_and_the_mark_says_when() -> None:
    """Arthur's chase-by is on the tenth at eleven."""
    place, mark = place_of(NURSE, "w7"), seen("w7").mark
    assert unchanged(NURSE, place, mark, november(10, 10, 59))
    assert not unchanged(NURSE, place, mark, november(10, 11, 1))
    assert names(seen("w7", now=november(10, 11, 1)))[:2] == ["arthur", "joyce"]


def test_a_label_hides_the_line_and_is_told_as_policy_says() -> None:
    """A nurse is told of a restricted entry, and sees nothing of whose it is (AC-01)."""
    put({**spell.build(the_stay("joyce", "w7-10")), "meta": label(CONFIDENTIALITY, "R")})
    assert names(seen("w7")) == ["arthur", "olive"]
    assert (seen("w7").withheld, seen("w11").withheld) == (1, 0)
    assert names(seen("w7", GP))[0] == "joyce", "her doctor sees what is restricted"
    put({**spell.build(the_stay("joyce", "w7-10"))})
    assert names(seen("w7"))[0] == "joyce"
    assert seen("w7").withheld == 0


def test_a_label_on_how_they_stand_hides_that_and_not_the_bed() -> None:
    """The bed is the Encounter's, the way home the Task's: each under its own lock."""
    put({**waits("joyce", 5), "meta": label(CONFIDENTIALITY, "R")})
    line = next(line for line in seen("w7").lines if line.said.spell == "s-joyce")
    assert not line.is_told
    assert (line.said.reason, line.said.days, line.name) == ("", 0, "Joyce Joyce")


def test_where_a_restricted_person_lies_is_for_their_hospital_alone() -> None:
    """domain.md 1.2: where and how to find her is withheld; the ward has to find her."""
    put(joyce(meta=label(CONFIDENTIALITY, "R"), name=[{"family": "Joyce", "given": ["Joyce"]}]))
    ours = next(line for line in seen("w7").lines if line.said.spell == "s-joyce")
    assert ours.bed and ours.bed.name == "Bed 10"
    theirs = next(line for line in seen("", GP).lines if line.said.spell == "s-joyce")
    assert theirs.bed is None and theirs.is_place_withheld
    assert "joyce" not in names(seen("w7", GP))
    assert seen("w7", GP).withheld == 1


def test_a_ward_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        seen("w99")


BROKEN = {
    "a line says another thing": (
        "update record.board set said = replace(said, 'ready', 'admitted') where kind = 2",
        "board rows differ",
    ),
    "a stay is on another ward": ("update record.board set place = 7 where kind = 1",
                                  "board rows differ"),
    "a line is gone": ("delete from record.board where kind = 2", "board rows missing"),
    "a line of another person": ("update record.board set person = 0", "board rows differ"),
    "a line under no lock": ("update record.board set class = 1 where class <> 1",
                             "board rows differ"),
    "a mark of nobody hidden": (
        "insert into record.board_mark select key, person, hospital, place, 1, class, others"
        " from record.board where kind = 1",
        "board_mark rows too many",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_verify_derives_every_line_again(what: str, record_database: Urls) -> None:
    """House law 1: what the board says is in the stay, or `joinedup verify` tells."""
    assert list(verify()) == []
    statement, reason = BROKEN[what]
    url = record_database.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(url, autocommit=True) as lent:
        assert lent.execute(statement.encode()).rowcount > 0
    assert reason in verify().reasons


def test_many_changes_at_once_leave_one_row_a_stay() -> None:
    """Four write the same Task; the row is the last one's, and there is one."""

    def change(day: int) -> None:
        put(waits("olive", day))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(2, 6)))
    assert list(verify()) == []
    assert len([name for name in names(seen()) if name == "olive"]) == 1
