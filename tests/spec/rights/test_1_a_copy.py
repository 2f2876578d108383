"""A person's rights, chapter 1. A copy of one's whole record (UK GDPR 15; ON-08; trust.md 8)."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.rights import as_copied, releasing
from joinedup.access.words import Role
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Conflict, Gone, Invalid, NotFound, NotPermitted, Refusal, Stale
from joinedup.people.my_queries import log
from joinedup.people.rights.asking import ask_for_copy, requests_of, take_back, take_copy
from joinedup.people.rights.cells import csv_lines, safe_cell
from joinedup.people.rights.copying import Copied
from joinedup.people.rights.files import Made, readable, zipped
from joinedup.people.rights.in_full import lines_in_full
from joinedup.people.rights.requests import due_on, latest_on
from joinedup.people.rights.reviewing import (
    approve,
    extend,
    paper_copy,
    refuse,
    review,
    waiting_requests,
)
from joinedup.record import Create, Delete, Update
from tests.spec.person_page.lives import life
from tests.spec.person_page.test_6_any_resource import ARCHIVE, examples
from tests.spec.record.place import CONFIDENTIALITY, COUNCIL, GP, NURSE, days_ago, put, stay, weight
from tests.spec.rights.asked import (
    AT,
    JOYCE,
    OFFICER,
    OTHER,
    SUSAN,
    a_place,
    approved_copy,
    labelled,
    penicillin,
    requested,
)

SECOND = worker_permit("Practitioner/ivy", "Ms Ivy", Role.PRIVACY_OFFICER, COUNCIL)
MADE = Made(at=AT, by="Joyce Hallam", asked_on="16 January 2018", approved_on="16 January 2018")
TIMES = re.compile(rb"\d\d:\d\d( to \d\d:\d\d)?")  # the minute of a look is the real clock's


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    a_place()


def opened(copied: Copied) -> zipfile.ZipFile:
    """The ZIP as it arrives."""
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(copied, MADE))))


@pytest.mark.parametrize(
    ("asked", "due", "latest"),
    [
        ((2018, 1, 16), (2018, 2, 16), (2018, 4, 16)),
        ((2018, 1, 31), (2018, 2, 28), (2018, 4, 30)),
        ((2019, 11, 30), (2019, 12, 30), (2020, 2, 29)),
        ((2018, 12, 31), (2019, 1, 31), (2019, 3, 31)),
    ],
)
def test_a_month_is_the_same_day_of_the_next(
    asked: tuple[int, int, int], due: tuple[int, int, int], latest: tuple[int, int, int]
) -> None:
    """Or that month's last day; a complex request has three from the day it was asked."""
    assert due_on(date(*asked)) == date(*due) and latest_on(date(*asked)) == date(*latest)


def test_she_asks_and_the_month_runs_from_london_s_day() -> None:
    """At half past midnight in London, in July, it is still yesterday in UTC."""
    requested(at=datetime(2018, 7, 9, 23, 30, tzinfo=UTC))
    (found,) = requests_of(JOYCE, "joyce")
    assert (found.asked_on, found.due) == (date(2018, 7, 10), date(2018, 8, 10))
    assert found.is_open and not found.may_be_taken(AT)


def test_one_request_waits_at_a_time_and_may_be_taken_back() -> None:
    """Then she may ask again; what was answered cannot be taken back."""
    first = requested()
    with pytest.raises(Conflict):
        requested()
    take_back(JOYCE, "joyce", first, at=AT)
    second = requested()
    approve(OFFICER, second, 1, at=AT)
    with pytest.raises(Stale):
        take_back(JOYCE, "joyce", second, at=AT)
    assert [r.status for r in requests_of(JOYCE, "joyce")] == ["completed", "cancelled"]


def test_a_worker_writes_it_down_for_somebody_who_telephones() -> None:
    """ON-08; the request says who wrote it, and the person sees it."""
    requested(GP)
    (found,) = requests_of(JOYCE, "joyce")
    assert found.asked_by == "Practitioner/ash"
    with pytest.raises(Refusal):
        ask_for_copy(NURSE, "ray", at=AT)  # no relationship


def test_nobody_answers_but_the_privacy_officer() -> None:
    """Not the person, not a GP, not by writing the Task with an answer in it."""
    asked = requested()
    for permit in (JOYCE, GP):
        for answer in (
            lambda p=permit: approve(p, asked, 1, at=AT),
            lambda p=permit: review(p, asked, now=AT),
            lambda p=permit: waiting_requests(p),
            lambda p=permit: paper_copy(p, asked, at=AT),
        ):
            with pytest.raises(NotPermitted):
                answer()
        stands = record.read(permit, "Task", asked)
        with pytest.raises(NotPermitted):
            record.commit(permit, [Update({**stands.resource, "status": "completed"}, 1)])
        with pytest.raises(NotPermitted):
            record.commit(permit, [Delete("Task", asked, 1)])
    made = {**record.read(JOYCE, "Task", asked).resource, "id": "mine", "status": "completed"}
    with pytest.raises(NotPermitted):
        record.commit(JOYCE, [Create(made, "mine")])
    with pytest.raises(NotPermitted):
        releasing(GP)
    with pytest.raises(NotPermitted):
        as_copied(GP, "joyce")


def test_an_import_cannot_bring_an_approval() -> None:
    """What a person asks for is written in pages, by them or for them."""
    asked = record.read(JOYCE, "Task", requested()).resource
    with pytest.raises(NotPermitted):
        put({**asked, "status": "completed"})


def test_the_officer_s_list_has_the_most_urgent_first() -> None:
    """With the name, and those that were answered at the end."""
    requested()
    ray = ask_for_copy(OTHER, "ray", at=AT - timedelta(days=9)).id
    assert [w.name for w in waiting_requests(OFFICER)] == ["Ray Dunn", "Joyce Hallam"]
    approve(OFFICER, ray, 1, at=AT)
    assert [w.name for w in waiting_requests(OFFICER)] == ["Joyce Hallam", "Ray Dunn"]


def test_more_time_is_taken_once_within_the_month_and_she_reads_why() -> None:
    """UK GDPR 12(3)."""
    asked = requested()
    with pytest.raises(Invalid):
        extend(OFFICER, asked, 1, " ", at=AT)
    with pytest.raises(Invalid):
        extend(OFFICER, asked, 1, "Three hospitals", at=AT + timedelta(days=32))
    extend(OFFICER, asked, 1, "Three hospitals hold papers.", at=AT)
    (found,) = requests_of(JOYCE, "joyce")
    assert (found.due, found.reason) == (date(2018, 4, 16), "Three hospitals hold papers.")
    with pytest.raises(Invalid):
        extend(OFFICER, asked, 2, "And more", at=AT)


def test_a_refusal_has_a_code_and_words() -> None:
    """And she reads both."""
    asked = requested()
    for code, words in (("", "x"), ("dislike", "x"), ("identity", "")):
        with pytest.raises(Invalid):
            refuse(OFFICER, asked, 1, code, words, at=AT)
    refuse(OFFICER, asked, 1, "identity", "Please come to the surgery.", at=AT)
    (found,) = requests_of(JOYCE, "joyce")
    assert found.status == "rejected"
    assert found.reason == "We could not be sure who was asking. Please come to the surgery."


def test_of_two_officers_the_second_is_told() -> None:
    """House law 4."""
    asked = requested()
    seen = review(OFFICER, asked, now=AT).version
    extend(OFFICER, asked, seen, "Complex", at=AT)
    with pytest.raises(Stale):
        approve(OFFICER, asked, seen, at=AT)


def test_the_copy_opens_and_holds_everything_by_section_and_source() -> None:
    """A page, the same in large print, FHIR, tables, and who looked; hashes fit."""
    put(penicillin(), source="Y90001")
    asked = approved_copy()
    _, copied = take_copy(JOYCE, "joyce", asked, at=AT)
    archive = opened(copied)
    assert archive.testzip() is None
    names = ["my-record.html", "my-record-large-print.html", "fhir-bundle.json", "entries.csv",
             "who-looked.csv", "manifest.json"]  # fmt: skip
    assert archive.namelist() == names
    page = archive.read("my-record.html").decode()
    assert "From Fosse Lane Surgery" in page and "Penicillin" in page and "Weight" in page
    bundle = json.loads(archive.read("fhir-bundle.json"))
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert bundle["type"] == "collection" and {"Patient", "AllergyIntolerance", "Task"} <= kinds
    rows = list(csv.DictReader(io.StringIO(archive.read("entries.csv").decode("utf-8-sig"))))
    assert len(rows) == len(bundle["entry"])
    told = json.loads(archive.read("manifest.json"))["sha256"]
    assert all(sha256(archive.read(n)).hexdigest() == told[n] for n in names[:-1])


def test_an_empty_section_never_says_none() -> None:
    """House law 13."""
    page = readable(take_copy(JOYCE, "joyce", approved_copy(), at=AT)[1], MADE)
    assert "That does not mean there is none" in page and "None recorded" not in page


def test_what_is_marked_is_named_and_what_is_silent_is_not() -> None:
    """Never silently withheld; but a silent label leaves no trace and no count (5.4, 3)."""
    put(labelled("V", CONFIDENTIALITY, "harm"))
    page = readable(take_copy(JOYCE, "joyce", approved_copy(), at=AT)[1], MADE)
    assert "What is not in this copy" in page and "Secret" not in page
    assert "Something about your health is not shown here, because a professional judged" in page


def test_silent_facts_change_not_a_byte_of_the_copy(record_database: object) -> None:
    """Noninterference: the same ZIP with and without what she may not know of."""
    asked = approved_copy()
    take_copy(JOYCE, "joyce", asked, at=AT)  # from here on her own looks are in her log
    before = opened(take_copy(JOYCE, "joyce", asked, at=AT)[1])
    put(
        labelled("third-party", LABEL_CODES, "tp"),
        labelled("about-another", LABEL_CODES, "aa"),
        labelled("adoption", LABEL_CODES, "ad"),
        source="RZ901",
    )
    after = opened(take_copy(JOYCE, "joyce", asked, at=AT)[1])
    told = [
        [TIMES.sub(b"", archive.read(name)) for name in archive.namelist()[:-1]]
        for archive in (before, after)
    ]
    assert before.namelist() == after.namelist() and told[0] == told[1]


def test_the_copy_is_of_what_was_reviewed() -> None:
    """What is written after the approval nobody has looked at: it is not in it, a change is not."""
    asked = approved_copy()
    put(weight("new"), weight("w1", valueString="changed"), source="Y90001")
    _, copied = take_copy(JOYCE, "joyce", asked, at=AT)
    stored = {s.reference: s for s in copied.entries}
    assert "Observation/new" not in stored
    assert stored["Observation/w1"].version == 1


def test_it_is_there_for_some_days_and_then_gone() -> None:
    """And it was never kept as a file."""
    asked = approved_copy()
    take_copy(JOYCE, "joyce", asked, at=AT + timedelta(days=27, hours=23))
    with pytest.raises(Gone):
        take_copy(JOYCE, "joyce", asked, at=AT + timedelta(days=28))


def test_nobody_else_takes_it() -> None:
    """Another person, her proxy, a worker, the officer: the same as if it were not there."""
    asked = approved_copy()
    for permit in (OTHER, SUSAN, GP, OFFICER):
        for person in ("joyce", "ray"):
            with pytest.raises(NotFound):
                take_copy(permit, person, asked, at=AT)
    for wrong in (asked[:-1] + "2", "w1", "none"):
        with pytest.raises(NotFound):
            take_copy(JOYCE, "joyce", wrong, at=AT)
    with pytest.raises(NotFound):
        take_copy(JOYCE, "joyce", requested(), at=AT)  # not approved


def test_taking_it_is_in_the_audit_with_its_ground_and_in_her_own_log() -> None:
    """AC-02."""
    take_copy(JOYCE, "joyce", approved_copy(), at=AT)
    said = " ".join(line.did for line in log(JOYCE, "joyce").lines)
    assert "took a copy of your record" in said and "asked for a copy of your record" in said


def test_the_officer_s_look_is_in_her_log_and_ends_with_the_request() -> None:
    """There is no reason to look once it was answered."""
    asked = approved_copy()
    with pytest.raises(Stale):
        review(OFFICER, asked, now=AT)
    said = [line for line in log(JOYCE, "joyce").lines if "privacy officer" in line.who]
    assert said and "office answers for the whole place" in said[0].why


def test_on_paper_it_holds_the_same_but_the_log() -> None:
    """For somebody who has no sign-in; nothing silent comes in by that door either."""
    put(labelled("third-party", LABEL_CODES, "tp"), labelled("V", CONFIDENTIALITY, "harm"))
    put(weight("both", "joyce", performer=[{"reference": "Patient/ray"}]))
    put(weight("rays", "ray", performer=[{"reference": "Patient/joyce"}]))
    asked = approved_copy()
    _, own = take_copy(JOYCE, "joyce", asked, at=AT)
    _, _, paper = paper_copy(OFFICER, asked, at=AT)
    assert [s.reference for s in paper.entries] == [s.reference for s in own.entries]
    assert not {"Observation/both", "Observation/rays"} & {s.reference for s in paper.entries}
    assert paper.copy.withheld == own.copy.withheld and paper.looked == ()
    with pytest.raises(Stale):
        paper_copy(OFFICER, asked, at=AT + timedelta(days=28))


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u200b=1", "＝1", "|calc", "%0A=1"],
)
def test_a_cell_that_could_run_is_made_to_be_read(formula: str) -> None:
    """Trust 8: CSV formulas."""
    assert safe_cell(formula) == f"'{formula}"
    assert list(csv.reader(io.StringIO("".join(csv_lines(["a"], [[formula]])))))[1][0][0] == "'"


@pytest.mark.parametrize("text", ["", "Penicillin", "a=b", "1-2", " ", "5 mg"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    """Only what could begin a formula is touched."""
    assert safe_cell(text) == text


def test_a_formula_in_the_record_comes_out_harmless() -> None:
    """From what somebody typed into a record to what a spreadsheet opens."""
    put(penicillin(code={"text": '=HYPERLINK("http://evil","x")'}), source="Y90001")
    archive = opened(take_copy(JOYCE, "joyce", approved_copy(), at=AT)[1])
    rows = csv.reader(io.StringIO(archive.read("entries.csv").decode("utf-8-sig")))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]


def test_script_in_the_record_stays_text() -> None:
    """The page of the copy is opened from her own disk."""
    put(penicillin(code={"text": "<script>alert(1)</script>"}), source="Y90001")
    page = readable(take_copy(JOYCE, "joyce", approved_copy(), at=AT)[1], MADE)
    assert "<script" not in page and "&lt;script&gt;" in page


def test_hospital_sees_nothing_more_for_it() -> None:
    """A request about access is no relationship."""
    approved_copy()
    with pytest.raises(NotFound):
        record.read(NURSE, "Patient", "joyce")
    put(stay("s1", "joyce", start=days_ago(1)))
    assert record.read(NURSE, "Patient", "joyce").id == "joyce"


def test_every_example_of_the_standard_is_said_in_full(shared: Path) -> None:
    """Whatever is valid comes out as words, none of them a program's."""
    found = examples(shared / ARCHIVE)
    said = {f"{r['resourceType']}/{r['id']}": lines_in_full(life(), r) for r in found}
    odd = {
        name
        for name, lines in said.items()
        if any(not words.strip() or words.startswith(("{'", "[{'")) for _, words in lines)
    }
    assert len(said) > 700 and odd == set()


def test_who_wrote_a_request_down_does_not_answer_it() -> None:
    """Else one officer alone could ask for a record, read it whole, approve and print it."""
    asked = requested(OFFICER)
    (line,) = waiting_requests(OFFICER)
    assert line.is_own and not waiting_requests(SECOND)[0].is_own
    stands = record.read(OFFICER, "Task", asked)
    refusing = (
        lambda: review(OFFICER, asked, now=AT),
        lambda: approve(OFFICER, asked, 1, at=AT),
        lambda: extend(OFFICER, asked, 1, "Much to read.", at=AT),
        lambda: refuse(OFFICER, asked, 1, "excessive", "Too often.", at=AT),
        lambda: record.commit(OFFICER, [Update({**stands.resource, "status": "completed"}, 1)]),
    )
    for answer in refusing:
        with pytest.raises(NotPermitted, match="somebody else must"):
            answer()
    assert record.read(JOYCE, "Task", asked).version == 1
    approve(SECOND, asked, review(SECOND, asked, now=AT).version, at=AT)
    assert paper_copy(OFFICER, asked, at=AT)


def test_nobody_answers_a_request_of_their_own_or_of_their_family() -> None:
    """The officer would read what is kept from her in her own record, or her mother's."""
    put(
        {
            "resourceType": "Person",
            "id": "oak",
            "link": [
                {"target": {"reference": "Practitioner/oak"}},
                {"target": {"reference": "Patient/joyce"}},
            ],
        }
    )
    asked = requested()
    for answer in (
        lambda: review(OFFICER, asked, now=AT),
        lambda: approve(OFFICER, asked, 1, at=AT),
    ):
        with pytest.raises(NotPermitted, match=r"about yourself\. Somebody else must"):
            answer()
    assert review(SECOND, asked, now=AT)
