"""Notices, chapter 2. Who hears of what: asked under the receiver's own permit, line by line."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from joinedup import record
from joinedup.access.permit import person_permit, system_permit
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.profiles import errand, told
from joinedup.jobs.asking import reach_id
from joinedup.jobs.telling import hand_on_lines
from joinedup.record import notices
from joinedup.record.cluster import Urls
from joinedup.record.database import connection, entered
from joinedup.record.verify import verify
from tests.spec.notices.people import (
    EMAIL,
    HOME,
    LANDLINE,
    MOBILE,
    NIGHT,
    SURGERY,
    WARD,
    choose,
    files,
    flag,
    set_scene,
    tell,
    trust,
    visit,
    write,
)
from tests.spec.record.place import CONFIDENTIALITY, HOSPITAL, PRACTICE, put, weight


@pytest.fixture(autouse=True)
def scene(record_database: Urls) -> Urls:
    """Joyce has an e-mail address."""
    set_scene(telecom=[EMAIL, LANDLINE], address=[HOME])
    return record_database


def test_somebody_hears_of_an_appointment_and_not_what_it_is(tmp_path: Path) -> None:
    """One file, to her, without content."""
    write(visit())
    assert tell(tmp_path).sent == 1
    (file,) = tmp_path.glob("*.eml")
    text = file.read_text()
    assert "To: joyce@mail.example" in text and "There is something new in your record" in text
    assert not any(word in text for word in ("Oncology", "Hallam", "Bell", "Marlbrook", "clinic"))


def test_nobody_is_told_twice(tmp_path: Path) -> None:
    """However often the jobs run; nor of another line in the same message."""
    write(visit("v1"))
    write(visit("v2"))
    assert tell(tmp_path).sent == 1 and tell(tmp_path).sent == 0
    assert files(tmp_path) == [".eml"]
    write(visit("v3"))
    assert tell(tmp_path).sent == 1 and files(tmp_path) == [".eml", ".eml"]


def test_every_line_is_marked_and_the_record_is_whole(scene: Urls, tmp_path: Path) -> None:
    """A line that was told of stays, with when; `verify` finds nothing missing."""
    write(visit())
    tell(tmp_path)
    with psycopg.connect(scene.owner.replace("joinedup_owner", "postgres")) as superuser:
        waiting = "select count(*) from record.outbox where sent is null"
        assert superuser.execute(waiting).fetchone() == (0,)
        assert superuser.execute("select count(*) from record.notice").fetchone() == (1,)
    assert len(verify()) == 0


def test_what_she_wrote_herself_is_no_news(tmp_path: Path) -> None:
    """Her choice about notices is one of these."""
    choose(told.EVERYTHING)
    assert tell(tmp_path).sent == 0


def test_who_never_said_hears_of_what_they_expect_and_who_asked_of_everything(
    tmp_path: Path,
) -> None:
    """A weight on the ward is for who wants all of it."""
    write(weight())
    assert tell(tmp_path).sent == 0
    choose(told.EVERYTHING)
    write(weight("w2"))
    assert tell(tmp_path).sent == 1


def test_who_wants_nothing_is_told_nothing_even_of_what_waits(tmp_path: Path) -> None:
    """Saying so stops what was handed on already."""
    write(visit())
    hand_on_lines(datetime.now(UTC))
    choose(told.NOTHING)
    assert tell(tmp_path).sent == 0 and files(tmp_path) == []
    choose(told.EXPECTED)
    assert tell(tmp_path).sent == 0
    write(visit("v2"))
    assert tell(tmp_path).sent == 1


def test_what_is_kept_from_her_is_not_told_of(tmp_path: Path) -> None:
    """A message would say that there is something (ON-01, ON-05)."""
    choose(told.EVERYTHING)
    hidden = {"security": [{"system": LABEL_CODES, "code": "serious-harm"}]}
    third = {"security": [{"system": LABEL_CODES, "code": "third-party"}]}
    write(weight("w3", meta=hidden), by=SURGERY)
    write(weight("w4", meta=third), by=SURGERY)
    assert tell(tmp_path).sent == 0


def test_history_that_arrives_is_no_news(tmp_path: Path) -> None:
    """A place that imports ten years of letters writes to nobody."""
    choose(told.EVERYTHING)
    write(visit(), action="import")
    assert tell(tmp_path).sent == 0


def test_a_carer_hears_of_what_was_granted_and_of_nothing_else(tmp_path: Path) -> None:
    """Visits, not medicines; and in words that name nobody."""
    trust("visits")
    write(weight())
    choose(told.NOTHING)
    assert tell(tmp_path).sent == 0
    write(visit())
    assert tell(tmp_path).sent == 1
    (file,) = tmp_path.glob("*.eml")
    text = file.read_text()
    assert "To: susan@mail.example" in text and "a record that you were trusted with" in text
    assert "Joyce" not in text and "joyce" not in text


def test_a_carer_hears_nothing_once_trust_has_ended(tmp_path: Path) -> None:
    """Not even of what waited."""
    trust("visits")
    choose(told.NOTHING)
    write(visit())
    hand_on_lines(datetime.now(UTC))
    stored = record.read(SURGERY, "Consent", "trust-susan")
    ended = {**stored.resource, "status": "inactive"}
    record.commit(SURGERY, [record.Update(ended, stored.version)])
    assert tell(tmp_path).sent == 0 and files(tmp_path) == []


def test_nobody_writes_to_somebody_who_is_restricted(tmp_path: Path) -> None:
    """Nor to whom she trusted; her practice asks her, in words that give nothing away."""
    restricted = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    trust("visits")
    stands = record.read(SURGERY, "Patient", "joyce")
    put({**stands.resource, "telecom": [EMAIL, MOBILE], "address": [HOME], "meta": restricted})
    hand_on_lines(datetime.now(UTC))
    choose(told.EVERYTHING, "email")
    write(visit())
    assert tell(tmp_path).sent == 0 and files(tmp_path) == []
    asked = record.read(SURGERY, "Task", reach_id("joyce")).resource
    assert asked["owner"]["reference"] == f"Organization/{PRACTICE}"
    assert "joyce@mail.example" not in str(asked) and "Orchard" not in str(asked)


def test_where_no_way_is_known_the_practice_is_asked_once(tmp_path: Path) -> None:
    """A landline is no way for a machine: a Task on the practice's list, due in a week."""
    stands = record.read(SURGERY, "Patient", "joyce")
    put({**stands.resource, "telecom": [LANDLINE]})
    write(visit("v1"))
    assert tell(tmp_path).given_up == 1
    write(visit("v2"))
    tell(tmp_path)
    asked = record.read(SURGERY, "Task", reach_id("joyce"))
    assert asked.version == 1 and errand.is_open(asked.resource)
    assert "No email address or mobile number is known" in asked.resource["description"]
    done = errand.done(asked.resource, SURGERY.worker, datetime.now(UTC))
    record.commit(SURGERY, [record.Update(done, 1)])
    write(visit("v3"))
    tell(tmp_path)
    assert record.read(SURGERY, "Task", reach_id("joyce")).version == 2


def test_who_is_telephoned_is_telephoned_each_time(tmp_path: Path) -> None:
    """By people: the Task is opened again when there is something new."""
    put(flag("795661000000104"))
    write(visit("v1"))
    tell(tmp_path)
    asked = record.read(SURGERY, "Task", reach_id("joyce"))
    assert "Telephone them" in asked.resource["description"]
    done = errand.done(asked.resource, SURGERY.worker, datetime.now(UTC))
    record.commit(SURGERY, [record.Update(done, 1)])
    write(visit("v2"))
    tell(tmp_path)
    assert errand.is_open(record.read(SURGERY, "Task", reach_id("joyce")).resource)


def test_large_print_is_a_letter_in_large_print(tmp_path: Path) -> None:
    """To her door, in 24 point."""
    put(flag("957331000000109"))
    write(visit())
    assert tell(tmp_path).sent == 1
    (file,) = tmp_path.glob("*.html")
    text = file.read_text()
    assert "24pt" in text and "14 Orchard Row" in text and "Oncology" not in text


def test_no_text_at_night_and_it_comes_in_the_morning(tmp_path: Path) -> None:
    """What waits is not lost: at eight it goes."""
    stands = record.read(SURGERY, "Patient", "joyce")
    put({**stands.resource, "telecom": [MOBILE]})
    write(visit())
    assert tell(tmp_path, says=NIGHT).later == 1 and files(tmp_path) == []
    assert tell(tmp_path).sent == 0
    assert tell(tmp_path, ahead=timedelta(hours=5, minutes=1)).sent == 1
    assert files(tmp_path) == [".txt"]


def test_messages_are_an_hour_apart(tmp_path: Path) -> None:
    """A busy day on a ward is not forty messages: what came meanwhile goes in one."""
    write(visit("v1"))
    assert tell(tmp_path, gap=None).sent == 1
    for n in range(3):
        write(visit(f"w{n}"))
    assert tell(tmp_path, gap=None).later == 1
    assert tell(tmp_path, gap=None, ahead=timedelta(minutes=61)).sent == 1
    assert files(tmp_path) == [".eml", ".eml"]


def test_a_team_hears_of_a_new_errand_and_not_of_each_change(tmp_path: Path) -> None:
    """To its own mailbox; whose it is about is in joinedup alone."""
    put({
        "resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General",
        "telecom": [{"system": "email", "value": "hub@hospital.example"}],
    })  # fmt: skip
    call = errand.build(
        "safety-net-call", "c1", "Telephone", person="Patient/joyce",
        owner=f"Organization/{HOSPITAL}", at=datetime.now(UTC),
    )  # fmt: skip
    write(call)
    assert tell(tmp_path).sent == 1
    (file,) = tmp_path.glob("*.eml")
    text = file.read_text()
    assert "There is work for you in joinedup" in text and "hub@hospital.example" in text
    assert "joyce" not in text.lower() and "elephone" not in text
    write({**call, "description": "Ring twice"})
    assert tell(tmp_path).sent == 0


def test_two_processes_hand_on_each_line_once(scene: Urls) -> None:
    """Whichever takes a line, one does (row locks, skip locked)."""
    for n in range(12):
        write(visit(f"v{n}"))
    done: list[int] = []
    threads = [
        threading.Thread(target=lambda: done.append(hand_on_lines(datetime.now(UTC))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 12 and notices.counted() == {"waiting": 12}


def test_only_the_job_sees_who_is_told(scene: Urls) -> None:
    """Not a worker, not the person, not another job: who is told what is nobody's to read."""
    write(visit())
    hand_on_lines(datetime.now(UTC))

    def seen(permit: Any) -> int:
        with connection() as lent, lent.transaction():
            entered(lent, permit)
            row = lent.execute("select count(*) from record.notice").fetchone()
            return int(str(row[0])) if row else 0

    others = (WARD, person_permit("joyce", "J"), system_permit("export"))
    assert seen(notices.JOB) == 1 and [seen(p) for p in others] == [0, 0, 0]


def test_the_dead_are_not_written_to(tmp_path: Path) -> None:
    """Nor those they trusted, by a machine."""
    trust("visits")
    stands = record.read(SURGERY, "Patient", "joyce")
    put({**stands.resource, "deceasedDateTime": "2018-01-15"})
    hand_on_lines(datetime.now(UTC))
    write(visit())
    assert tell(tmp_path).sent == 0 and files(tmp_path) == []
