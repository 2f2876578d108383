"""My work, chapter 1. What a line says, and in which order lines stand."""

from datetime import timedelta
from typing import Any

import pytest

from joinedup.access.words import Role
from joinedup.access.work import WORK, kinds_of
from joinedup.fhir import classes
from joinedup.fhir.profiles import errand
from joinedup.work.presenters import count_words, shown
from joinedup.work.rules import KINDS, Line, groups_of, in_order, line_of, of_view
from tests.spec.web.site import set_up
from tests.spec.work.errands import NOW, call, task

set_up()


def line(made: dict[str, Any], version: int = 1) -> Line:
    """The line of a Task that is one."""
    found = line_of(made, version)
    assert found is not None
    return found


def words(made: dict[str, Any], worker: str = "Practitioner/cole") -> Any:
    """A line as the page shows it, with Joyce in sight."""
    return shown(
        line(made),
        NOW,
        people={"Patient/joyce": "Joyce Hallam"},
        places={"Organization/RZ901": "Marlbrook General"},
        worker=worker,
        href="",
    )


def test_a_line_says_what_about_whom_since_when_and_by_when() -> None:
    """In plain words, with a day that anybody reads."""
    said = words(call("c1", due=timedelta(hours=4)))
    assert said.what == "Telephone somebody who went home"
    assert said.about == "Joyce Hallam"
    assert said.since == "Waiting since 15 January 2018"
    assert said.due == "Due 16 January 2018, 14:00"


def test_what_is_late_says_so() -> None:
    """And is marked for more than its colour."""
    said = words(call("c1", due=-timedelta(hours=1)))
    assert said.due.startswith("Late: it was due 16 January 2018, 09:00") and said.tone == "high"


def test_a_day_lasts_to_its_end() -> None:
    """Due on the 16th is not late at ten that morning."""
    made = task("record-request", "r1", restriction={"period": {"end": "2018-01-16"}})
    assert not line(made).is_late(NOW) and words(made).due == "Due 16 January 2018"


def test_somebody_the_permit_does_not_see_is_not_named() -> None:
    """The line stands, since the work is there; the name does not."""
    assert words(call("c1", "mary")).about == "Somebody whose name you do not see"


def test_late_comes_first_then_what_is_due_then_what_waits_longest() -> None:
    """Whatever order they came in."""
    made = [
        call("later", due=timedelta(days=2)),
        call("late", due=-timedelta(days=1)),
        call("none"),
        call("soon", due=timedelta(hours=1)),
    ]
    assert [x.id for x in in_order(map(line, made), NOW)] == ["late", "soon", "later", "none"]


def test_what_is_over_is_no_line() -> None:
    """Nor is a Task that keeps something, and asks nobody for anything."""
    assert line_of(errand.done(call("c1"), "Practitioner/cole", NOW), 2) is None
    assert line_of(task("held", "h1"), 1) is None
    assert line_of({"resourceType": "Task", "id": "x", "status": "requested"}, 1) is None


def test_mine_is_what_i_took_and_my_teams_what_nobody_took() -> None:
    """What a colleague took is in neither; All shows it."""
    mine = errand.taken(call("mine"), "Practitioner/cole", "Cara Cole", NOW)
    theirs = errand.taken(call("theirs"), "Practitioner/dunn", "Dev Dunn", NOW)
    lines = [line(x) for x in (mine, theirs, call("free"))]
    shows = {v: {x.id for x in of_view(lines, v, worker="Practitioner/cole")} for v in
             ("mine", "team", "all")}  # fmt: skip
    assert shows == {"mine": {"mine"}, "team": {"free"}, "all": {"mine", "theirs", "free"}}
    assert words(theirs).whose == "Dev Dunn took this"
    assert words(mine).whose == "You took this"
    assert words(call("free")).whose.startswith("Nobody has taken this")


def test_taking_changes_no_owner_and_giving_back_leaves_nothing() -> None:
    """So taking gives nobody sight, and what other readers read is as it was."""
    made = call("c1")
    taken = errand.taken(made, "Practitioner/cole", "Cara Cole", NOW)
    assert taken["owner"] == made["owner"] and errand.given_back(taken) == made


def test_every_kind_is_somebodys_work_and_every_worker_has_few_searches() -> None:
    """A kind in use that is missing here fails: it would wait where nobody looks."""
    quiet = {"held", "adt", "proxy-reason", "proxy-for", "legal-hold", "month-end"}
    known = {*classes.ACCESS_TASKS, classes.DISAGREEMENT, *classes.MONEY_TASKS}
    known |= {*classes.IDENTITY_TASKS}
    assert known - quiet <= set(WORK) and quiet.isdisjoint(WORK)
    assert set(KINDS) == set(WORK) and all(WORK.values())
    assert all(len(groups_of(role)) <= 5 for role in Role)
    assert kinds_of(Role.PERSON) == kinds_of(Role.ANALYST) == ()


@pytest.mark.parametrize(
    ("count", "late", "says"),
    [
        (0, 0, "Nothing waits for you."),
        (1, 0, "1 thing waits. None is late."),
        (1, 1, "1 thing waits. 1 is late, and comes first."),
        (1200, 3, "1,200 things wait. 3 are late, and come first."),
    ],
)
def test_the_count_is_a_sentence(count: int, late: int, says: str) -> None:
    """Of none it says so."""
    assert count_words(count, late) == says


def test_a_readiness_says_what_is_waited_for_and_when_its_owner_is_chased() -> None:
    """DI-03: one reason now, with an owner and a day to chase it by."""
    from joinedup.fhir.profiles.parts import Reference
    from joinedup.fhir.profiles.readiness import Delay, Readiness, build

    delay = Delay(
        reason="transport",
        owner="E10900",
        since=NOW - timedelta(days=1),
        chase_by=NOW - timedelta(hours=2),
        set_by=Reference("Practitioner/bell"),
    )
    made = build(
        Readiness(
            person="Patient/joyce",
            spell="s-joyce",
            hospital="RZ901",
            admitted=NOW - timedelta(days=9),
            state="pathway-decided",
            delays=(delay,),
        )
    )
    said = words(made)
    assert said.detail == "Waiting for transport" and said.tone == "high"
    assert said.since == "", "the day they came in is not the day they began to wait"
    assert line(made).owner == "Organization/E10900", "who can end it, not who keeps the Task"
