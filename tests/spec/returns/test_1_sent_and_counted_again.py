"""Returns, chapter 1. A day is counted from states, sent by name, amended, counted again.

DI-08, DI-09; domain.md 9.9 example 10; issue 4, accept 4. With a real record.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, counting, system_permit, worker_permit
from joinedup.access.words import DataClass, Role
from joinedup.discharge.rules.endings import ended
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles import readiness
from joinedup.fhir.profiles.returned import Return, build
from joinedup.fhir.profiles.returned import read as read_return
from joinedup.fhir.search.query import parse_query
from joinedup.measures.sent import hospitals_of, sent_between, sent_on
from joinedup.measures.sitreps import amend_sitrep, build_sitrep, counted_again, send_sitrep
from joinedup.record import Create, Put
from joinedup.record.cluster import Cluster
from joinedup.record.memory import Memory
from joinedup.record.stood import latest, stood
from tests.spec.discharge.stays import november
from tests.spec.record.place import HOSPITAL, PLACE, joyce
from tests.spec.returns.hospital import (
    DAY,
    ELSEWHERE,
    MARSH,
    NEXT_ELEVEN,
    NOWAK,
    REID,
    admit,
    forty_two,
    gone,
    hospital,
    rewrite,
    still,
)

KIND = "discharge-sitrep"


@pytest.fixture
def _full(cluster: Cluster) -> Iterator[None]:
    with hospital(cluster):
        admit(forty_two(), came=november(3, 23, 59))
        yield


def send(day: date = DAY) -> object:
    return send_sitrep(NOWAK, HOSPITAL, day, now=NEXT_ELEVEN, stood_at=latest())


@pytest.mark.usefixtures("_full")
def test_42_ready_15_gone_10_before_five_27_remain() -> None:
    """9.9 example 10, from the record."""
    built = build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=latest())
    counts = built.report.counts
    assert counts["not-meeting-criteria"] == 42
    assert (counts["discharged"], counts["discharged-by-1700"]) == (15, 10)
    assert counts["remaining"] == len(built.report.named["remaining"]) == 27
    assert built.is_known and built.problems == () and built.unreviewed == ()


@pytest.mark.usefixtures("_full")
def test_what_was_sent_stays_and_an_amendment_is_a_version_of_its_own() -> None:
    """DI-08: version 1 is as it was sent; version 2 says what was wrong, who says so and when."""
    send()
    rewrite([gone("still-00", november(3, 12))])
    amend_sitrep(NOWAK, HOSPITAL, DAY, why="One had gone", now=november(5), stood_at=latest())
    one, two = sent_on(REID, KIND, HOSPITAL, DAY)
    assert (one.version, one.counts["remaining"], one.sent_by) == (1, 27, "Practitioner/nowak")
    assert (two.version, two.counts["remaining"], two.why) == (2, 26, "One had gone")
    assert one.sent_at == NEXT_ELEVEN and two.sent_at == november(5)


@pytest.mark.usefixtures("_full")
def test_any_past_day_counted_again_is_what_was_sent() -> None:
    """Accept 4: people leave, die and are put right since; each version is still what it was."""
    send()
    codes = {"method": "4", "destination": "79"}
    later = [
        ended(still(f"still-{n:02}", november(3, n)), "died", november(6), **codes) for n in (1, 2)
    ]
    rewrite([person.readiness for person in later])
    rewrite([gone("still-00", november(3, 12)), still("early-0", november(3, 9))])
    admit([still("found", november(3, 4))], came=datetime.now(UTC))
    amend_sitrep(NOWAK, HOSPITAL, DAY, why="Put right", now=november(6), stood_at=latest())
    rewrite([still("late-0", november(3, 7))])
    versions = sent_on(NOWAK, KIND, HOSPITAL, DAY)
    assert [counted_again(NOWAK, version) for version in versions] == [{}, {}]
    now = build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=latest()).report.counts
    assert now["remaining"] == versions[-1].counts["remaining"] + 1


@pytest.mark.usefixtures("_full")
def test_of_eight_who_send_a_day_one_does() -> None:
    """The key of the version decides; the others are told that it was sent."""

    def one(_: int) -> str:
        try:
            send()
        except Conflict as refused:
            return str(refused)
        return "sent"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert answers.count("sent") == 1
    assert sum("has been sent already" in answer for answer in answers) == 7
    assert len(sent_on(NOWAK, KIND, HOSPITAL, DAY)) == 1


@pytest.mark.usefixtures("_full")
def test_a_day_of_which_nothing_is_known_is_not_nought() -> None:
    """Missing is never zero: nobody was reviewed in June, so June cannot be sent."""
    june = date(2025, 6, 3)
    assert not build_sitrep(NOWAK, HOSPITAL, june, stood_at=latest()).is_known
    with pytest.raises(Unprocessable, match="not nought people"):
        send(june)
    assert june not in sent_between(REID, KIND, HOSPITAL, june, DAY)


@pytest.mark.usefixtures("_full")
def test_a_day_that_is_not_over_and_one_that_was_never_sent() -> None:
    with pytest.raises(Unprocessable, match="not over yet"):
        send(date(2025, 11, 4))
    with pytest.raises(Unprocessable, match="has not been sent"):
        amend_sitrep(NOWAK, HOSPITAL, DAY, why="x", now=NEXT_ELEVEN, stood_at=latest())


@pytest.mark.usefixtures("_full")
def test_amending_has_an_end_and_a_reason() -> None:
    """DI-08: until the end of the fourteenth day after it was due."""
    send()
    rewrite([gone("still-00", november(3, 12))])
    for moment, why, told in (
        (november(19), "Late", "until 18 November 2025"),
        (november(5), "  ", "Say what was wrong"),
    ):
        with pytest.raises(Unprocessable, match=told):
            amend_sitrep(NOWAK, HOSPITAL, DAY, why=why, now=moment, stood_at=latest())
    assert len(sent_on(NOWAK, KIND, HOSPITAL, DAY)) == 1


@pytest.mark.usefixtures("_full")
def test_only_the_hospital_s_own_senders_send() -> None:
    """A consultant, a commissioner, and a coordinator of another hospital."""
    for permit in (MARSH, REID, ELSEWHERE):
        with pytest.raises(NotPermitted):
            send_sitrep(permit, HOSPITAL, DAY, now=NEXT_ELEVEN, stood_at=latest())


@pytest.mark.usefixtures("_full")
def test_what_does_not_add_up_is_not_sent() -> None:
    """DI-09: somebody discharged without a pathway stops the return."""
    rewrite([replace(gone("still-00", november(3, 12)), pathway=None)])
    with pytest.raises(Unprocessable, match="15 of 16 discharged have a pathway: still-00"):
        send()


@pytest.mark.usefixtures("_full")
def test_who_was_never_reviewed_is_told_apart() -> None:
    """In a bed, and nobody has said whether they need it: no number, and no silence either."""
    from tests.spec.record.place import joyce, put, stay

    put(joyce("quiet"), stay("quiet-stay", "quiet", start="2025-11-02"))
    built = build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=latest())
    assert built.unreviewed == ("quiet-stay",)
    assert built.report.counts["not-meeting-criteria"] == 42


def test_the_night_the_clocks_go_back_is_one_day_of_25_hours(cluster: Cluster) -> None:
    """26 October 2025: half past one comes twice; the day ends at midnight in London."""
    sunday = date(2025, 10, 26)
    second = datetime(2025, 10, 26, 1, 30, tzinfo=UTC)  # 01:30 for the second time
    ends = at_clock(date(2025, 10, 27), 0)
    came = at_clock(date(2025, 10, 20), 9)
    with hospital(cluster, now=at_clock(date(2025, 10, 27), 11)):
        people = [
            still("first", second - timedelta(hours=1), admitted=came),
            still("second", second, admitted=came),
            still("last", ends - timedelta(seconds=1), admitted=came),
            still("monday", ends, admitted=came),
        ]
        admit(people, came=ends)
        counts = build_sitrep(NOWAK, HOSPITAL, sunday, stood_at=latest()).report.counts
        assert counts["remaining"] == counts["not-meeting-criteria"] == 3
        monday = build_sitrep(NOWAK, HOSPITAL, date(2025, 10, 27), stood_at=latest())
        assert monday.report.counts["remaining"] == 4
        send_sitrep(NOWAK, HOSPITAL, sunday, now=ends + timedelta(hours=10), stood_at=latest())
        (sent,) = sent_on(REID, KIND, HOSPITAL, sunday)
        assert counted_again(REID, sent) == {}
        assert sent.taken_at == datetime(2025, 10, 27, 8, tzinfo=UTC)


@pytest.mark.usefixtures("_full")
def test_a_return_names_nobody_and_is_fhir() -> None:
    """A MeasureReport: complete, a summary, its reporter and day; no person and no stay in it."""
    send()
    stored = record.read(REID, "MeasureReport", f"{KIND}-{HOSPITAL}-2025-11-03-v1")
    resource = stored.resource
    assert (resource["status"], resource["type"]) == ("complete", "summary")
    assert resource["reporter"] == {"reference": f"Organization/{HOSPITAL}"}
    assert "still-" not in stored.body and "Patient/" not in stored.body
    assert build(read_return(resource)) | {"meta": resource.get("meta")} == resource | {
        "meta": resource.get("meta")
    }
    assert hospitals_of(REID) == (HOSPITAL,)


@pytest.mark.usefixtures("_full")
def test_a_return_is_never_changed_and_never_deleted() -> None:
    """By nobody, a job of the system included."""
    send()
    name = f"{KIND}-{HOSPITAL}-2025-11-03-v1"
    stored = record.read(NOWAK, "MeasureReport", name)
    changed = {**stored.resource, "date": "2025-11-05T08:00:00+00:00"}
    for permit in (NOWAK, PLACE):
        for change in (record.Update(changed, 1), record.Delete("MeasureReport", name)):
            with pytest.raises(Refusal, match="stays as it was sent"):
                record.commit(permit, [change])
    assert record.read(NOWAK, "MeasureReport", name).version == 1


@pytest.mark.usefixtures("_full")
def test_a_job_sends_in_the_name_of_who_answers_for_it() -> None:
    """`joinedup returns send`: a name that is nobody's is refused."""
    job = system_permit("returns", HOSPITAL)
    with pytest.raises(Unprocessable):
        send_sitrep(
            job, HOSPITAL, DAY, now=NEXT_ELEVEN, stood_at=latest(), by="Practitioner/nobody"
        )
    send_sitrep(job, HOSPITAL, DAY, now=NEXT_ELEVEN, stood_at=latest(), by=NOWAK.worker)
    (sent,) = sent_on(REID, KIND, HOSPITAL, DAY)
    assert sent.sent_by == NOWAK.worker


@pytest.mark.usefixtures("_full")
def test_the_record_in_memory_stands_as_this_one_does() -> None:
    """The plain twin answers the same of any moment: before, between and after two versions."""
    memory = Memory()
    moments = [november(2), november(4), november(6)]
    first, second = still("twin", november(1, 12)), gone("twin", november(5))
    for one, came in ((first, moments[0]), (second, moments[1])):
        changes = [Put(joyce("twin")), Put(readiness.build(one))]
        memory.commit(PLACE, changes, dangling="keep", now=came)
        record.commit(PLACE, changes, dangling="keep", now=came)
    asked = parse_query("Task", [("_id", first.id)])
    for moment in (november(1), november(3), november(4), november(9)):
        plain = [s.body for s in memory.stood(PLACE, asked, moment)]
        assert [s.body for s in stood(PLACE, asked, moment, detail="twin")] == plain
    assert len(plain) == 1 and '"discharged"' in plain[0]


def test_who_may_write_a_return_is_the_same_in_both_records(cluster: Cluster) -> None:
    """Every role, in PostgreSQL and in memory: two send, two declare, six read."""
    made = {
        "discharge-sitrep": {"discharge-coordinator", "ward-manager"},
        "opel": {"ward-manager", "consultant"},
    }
    with hospital(cluster):
        for kind, senders in made.items():
            for role in Role:
                if role in (Role.PERSON, Role.PROXY, Role.SYSTEM):
                    continue
                permit = worker_permit("Practitioner/nowak", "Somebody", role, HOSPITAL)
                version = 1 + list(Role).index(role)
                report = build(a_return(kind, version))
                writes = (_may(record.commit, permit, report), _may(_memory(), permit, report))
                assert writes == (role.value in senders,) * 2, (kind, role)
                reads = role.value in READS
                assert permit.sees_class(DataClass.RETURNS) == reads, role


READS = "discharge-coordinator ward-manager consultant commissioner analyst finance-officer"


def a_return(kind: str, version: int) -> Return:
    """A version of a return, in Mr Nowak's name."""
    return Return(
        kind=kind,
        organisation=HOSPITAL,
        day=DAY,
        version=version,
        counts={"declared": 2, "reckoned": 2},
        taken_at=NEXT_ELEVEN,
        sent_at=NEXT_ELEVEN,
        sent_by=NOWAK.worker,
    )


def _memory() -> Callable[..., object]:
    memory = Memory()
    needed = (("Organization", HOSPITAL), ("Practitioner", "nowak"))
    memory.commit(PLACE, [Put({"resourceType": k, "id": i}) for k, i in needed])
    return memory.commit


def _may(commit: Callable[..., object], permit: Permit, report: dict[str, Any]) -> bool:
    try:
        commit(permit, [Create(report, report["id"])])
    except NotPermitted:
        return False
    return True


@pytest.mark.usefixtures("_full")
def test_nobody_returns_in_another_s_name_for_another_hospital_or_through_a_program() -> None:
    """DI-08: by name, from the pages; a token reads returns, and writes none."""
    report = build(a_return("discharge-sitrep", 1))
    other = worker_permit("Practitioner/oduya", "Mr Oduya", Role.WARD_MANAGER, HOSPITAL)
    for permit, told in (
        (other, "in your own name"),
        (ELSEWHERE_AS_NOWAK, "by the hospital that it is about"),
        (replace(NOWAK, through_token=True), "A program reads them"),
    ):
        with pytest.raises(NotPermitted, match=told):
            record.commit(permit, [Create(report, report["id"])])
    odd = {**report, "id": "some-other-id"}
    with pytest.raises(NotPermitted, match="by its kind, hospital, day and version"):
        record.commit(NOWAK, [Create(odd, odd["id"])])
    bare = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "https://example.org/other",
        "period": {"start": "2025-11-03"},
    }
    with pytest.raises(NotPermitted, match="no return that the place sends"):
        record.commit(NOWAK, [Create(bare, "bare")])
    with pytest.raises(NotPermitted, match="Your role does not read"):
        counting(worker_permit("Practitioner/nowak", "x", Role.GP, HOSPITAL))
    with pytest.raises(NotPermitted, match="Your role does not read"):
        counting(replace(NOWAK, through_token=True))


ELSEWHERE_AS_NOWAK = worker_permit(
    "Practitioner/nowak", "Mr Nowak", Role.DISCHARGE_COORDINATOR, "RZ999"
)


@pytest.mark.usefixtures("_full")
def test_an_admission_that_was_taken_back_remains_on_no_day() -> None:
    """ADT A11 after a review: nobody lay there; what was counted before stays as it was sent."""
    counted = latest()
    stood_then = build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=counted).report
    kept = record.read(PLACE, "Encounter", "still-00")
    record.commit(PLACE, [Put({**kept.resource, "status": "cancelled"})], dangling="keep")
    now = build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=latest())
    assert (stood_then.count("remaining"), now.report.count("remaining")) == (27, 26)
    assert "still-00" not in now.report.named["remaining"] and now.problems == ()
    assert build_sitrep(NOWAK, HOSPITAL, DAY, stood_at=counted).report == stood_then
