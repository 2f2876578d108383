"""Returns, chapter 1. A day is counted from states, sent by name, amended, counted again.

DI-08, DI-09; domain.md 9.9 example 10; issue 4, accept 4. With a real record.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.discharge.rules.endings import ended
from joinedup.fhir.issue import Conflict, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.returned import build
from joinedup.fhir.profiles.returned import read as read_return
from joinedup.measures.sent import hospitals_of, sent_between, sent_on
from joinedup.measures.sitreps import amend_sitrep, build_sitrep, counted_again, send_sitrep
from joinedup.record.cluster import Cluster
from joinedup.record.stood import latest
from tests.spec.discharge.stays import november
from tests.spec.record.place import HOSPITAL
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
    from tests.spec.record.place import PLACE

    send()
    name = f"{KIND}-{HOSPITAL}-2025-11-03-v1"
    stored = record.read(NOWAK, "MeasureReport", name)
    changed = {**stored.resource, "date": "2025-11-05T08:00:00+00:00"}
    for permit in (NOWAK, PLACE):
        for change in (record.Update(changed, 1), record.Delete("MeasureReport", name)):
            with pytest.raises(Refusal, match="stays as it was sent"):
                record.commit(permit, [change])
    assert record.read(NOWAK, "MeasureReport", name).version == 1
