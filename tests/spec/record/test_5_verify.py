"""The record, chapter 5. What is kept beside the texts can be checked against them.

`joinedup verify` recomputes every derived row from the stored text. Here each kind of row is broken
by hand, as no part of the application could, and found.
"""

import pytest

from joinedup import record
from joinedup.fhir.issue import NotPermitted
from joinedup.record import Create, Delete, Put, Update
from joinedup.record.verify import VerifyReport, verify
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    GP,
    HOSPITAL,
    PLACE,
    days_ago,
    joyce,
    label,
    numbered,
    put,
    stay,
    weight,
)

SEXUAL_HEALTH = label("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SEX")


@pytest.fixture(autouse=True)
def _some_history(_nobody_yet: None) -> None:
    """Versions, a deletion, a batch, a statement, stays with and without end, a worker's words."""
    link = [{"type": "refer", "other": {"reference": "Patient/joyce"}}]
    put(numbered("joyce", "9990000018"), joyce("h1", link=link), source=HOSPITAL)
    put(weight(effectiveDateTime="2024-01-01", encounter={"reference": "Encounter/e1"}))
    put(stay("e1", "joyce", start=days_ago(9)), stay("e2", "joyce", start="2020", end="9999-12-31"))
    put(weight("w2", meta=SEXUAL_HEALTH, performer=[{"reference": "Patient/joyce"}]))
    record.commit(GP, [Update(weight(effectiveDateTime="2024-01-01", issued="2024-01-02"), 1)])
    record.commit(GP, [Create(weight("w3"), "w3")])
    record.commit(GP, [Delete("Observation", "w3", 1)])


def test_a_record_that_was_left_alone_agrees() -> None:
    """Nothing differs, and the report says how much was looked at."""
    report = verify()
    assert (list(report), len(report), report.reasons) == ([], 0, {})
    assert (report.resources, report.versions, report.commits) == (9, 12, 8)


BROKEN = {
    "a head row is gone": (
        "delete from record.head where when_low = '2024-01-01'",
        "head rows missing",
    ),
    "a head row has another date": (
        "update record.head set when_low = '2020-01-01' where when_low = '2024-01-01'",
        "head rows differ",
    ),
    "a head row stands at another version": (
        "update record.head set version = 1 where version = 2",
        "head rows differ",
    ),
    "a head row under another label": ("update record.head set label = 0", "head rows differ"),
    "a head row under another class": (
        "update record.head set class = 1 where class = 3",
        "head rows differ",
    ),
    "a head row of another person": ("update record.head set person = 0", "head rows differ"),
    "a token is gone": ("delete from record.token where code = '29463-7'", "token rows missing"),
    "a token has another code": (
        "update record.token set code = 'x' where code = '29463-7'",
        "token rows differ",
    ),
    "words are gone": ("update record.token set words = null", "token rows differ"),
    "a token is under no label": ("update record.token set label = 0", "token rows differ"),
    "a token is there twice": (
        "insert into record.token select * from record.token",
        "token rows too many",
    ),
    "a string has another value": ("update record.string set value = 'x'", "string rows differ"),
    "a string of another person": ("update record.string set person = 0", "string rows differ"),
    "a date is gone": ("delete from record.date", "date rows missing"),
    "a date is a microsecond longer": (
        "update record.date set high = high + '1 us'::interval where slot in"
        " (select slot from record.date limit 1)",
        "date rows differ",
    ),
    "a reference leads elsewhere": (
        "update record.reference set target = 7",
        "reference rows differ",
    ),
    "a claim is gone": ("delete from record.claim", "claim rows missing"),
    "a claim is another's": ("update record.claim set person = 0", "claim rows differ"),
    "reach is gone": ("delete from record.reach where key <> 0", "reach rows missing"),
    "reach does not end": (
        "update record.reach set starts = '-infinity' where starts > '2020-02-01'",
        "reach rows differ",
    ),
    "reach that nobody gave": (
        "insert into record.reach select person, 5, key, starts, ends, 0, 2 from record.reach"
        " where key <> 0 and ground = 2",
        "reach rows too many",
    ),
    "reach on another ground": ("update record.reach set ground = 11", "reach rows differ"),
    "reach shows more than was granted": (
        "update record.reach set withheld = 4",
        "reach rows differ",
    ),
    "reach to somebody new whom others entered": (
        "insert into record.reach values (1, 2, 0, '-infinity', 'infinity', 0, 9)",
        "reach to somebody new for who did not enter them",
    ),
    "a mark is gone": ("delete from record.mark", "mark rows missing"),
    "an objection nobody made": (
        "insert into record.objection select person, 0, key, now(), now(), now(), 8, 0"
        " from record.head limit 1",
        "objection rows too many",
    ),
    "a restriction that nobody set": (
        "insert into record.restriction select key from record.head where version = 2",
        "restriction rows too many",
    ),
    "a statement found by what is withheld": (
        "insert into record.restriction select person from record.claim",
        "reference rows too many",
    ),
    "a text was changed": (
        "update record.version set body = replace(body, '29463-7', 'x')",
        "token rows differ",
    ),
    "a text is no JSON": (
        "update record.version set body = left(body, -1) where version = 2",
        "a text that cannot be read, or is not what it is kept as",
    ),
    "a text is another's": (
        "update record.version set body = replace(body, 'Patient/joyce', 'Patient/h1')"
        " where version = 2 and not deleted",
        "version row differs",
    ),
    "a version is under no label": ("update record.version set label = 0", "version row differs"),
    "a version is missing": (
        "delete from record.version where version = 1 and key in"
        " (select key from record.version where version = 2)",
        "versions are not numbered 1, 2, 3 and so on",
    ),
    "a deletion is under another lock": (
        "update record.version set class = 1 where deleted",
        "a deletion under other locks than what it ended",
    ),
    "a deletion is not the end": (
        "update record.version set deleted = version = 1 where key in"
        " (select key from record.version where deleted)",
        "a version after its deletion",
    ),
    "rows of what is deleted": (
        "insert into record.date select '2024-01-01', '2024-01-02', key, person, 1, label, class,"
        " others from record.version where deleted",
        "date rows of a deletion",
    ),
    "rows of nothing": (
        "insert into record.reference values (1, 99, 0, 1, 0, 1, null)",
        "reference rows of nothing",
    ),
    "no audit event": ("delete from record.audit_event", "an outbox line without its audit event"),
    "an audit event names nobody": (
        "update record.audit_event set person = 0 where person <> 0",
        "an outbox line without its audit event",
    ),
    "no outbox line": ("delete from record.outbox", "a version without its outbox line"),
    "an audit event without an outbox line": (
        "delete from record.outbox",
        "an audit event of a change without its outbox line",
    ),
    "an outbox line of nothing": (
        "update record.outbox set keys = keys || 99::bigint",
        "an outbox line of a version that is not there",
    ),
    "an audit event of nothing": (
        "update record.audit_event set version = 7 where version = 2",
        "an audit event of a version that is not there",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(superuser: Superuser, what: str) -> None:
    """Each kind of row, gone, changed, doubled, or under another lock."""
    statement, reason = BROKEN[what]
    superuser.execute("set session_replication_role = replica")
    assert superuser.execute(statement).rowcount > 0
    report = verify()
    assert reason in report.reasons
    assert len(report) == sum(report.reasons.values())
    assert any(reason in line for line in report)


def test_progress_is_told() -> None:
    """What is being done, how much is done, of how much."""
    told: list[tuple[str, int, int]] = []
    verify(progress=lambda what, done, whole: told.append((what, done, whole)))
    assert told == [("Recomputing", 9, 9)]


def test_a_difference_names_its_resource(superuser: Superuser) -> None:
    """By type and id, and nothing of what it says."""
    superuser.execute("delete from record.claim")
    assert list(verify()) == ["Patient/joyce: claim rows missing"]


def test_many_differences_are_counted_and_some_are_named() -> None:
    """A thousand lines are enough to see what is wrong."""
    report = VerifyReport(2000, 2000, 1, {"head rows missing": 1500}, ("a",) * 1000)
    assert len(report) == 1500
    assert list(report)[-1] == "... and 500 more"


def test_only_who_sees_the_place_can_verify_it() -> None:
    """What is hidden from a worker would look as if it were missing."""
    assert not GP.sees_place
    with pytest.raises(NotPermitted):
        verify(GP)


def test_verifying_leaves_a_trace_and_changes_nothing(superuser: Superuser) -> None:
    """One event, which names nobody: nobody was shown."""
    verify()
    verify()
    rows = superuser.execute(
        "select e.detail, count(a.seq) from record.audit_event e left join record.audit_named a"
        " on a.seq = e.seq where e.action = 'verify' group by e.seq, e.detail"
    ).fetchall()
    assert rows == [("0 differences", 0)] * 2
    assert record.commit(PLACE, [Put(weight("w4"))]).outcomes[0].action == "created"
