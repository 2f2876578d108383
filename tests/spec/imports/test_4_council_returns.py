"""Bringing files in, chapter 4. Client Level Data: what a row becomes, and which are refused.

The columns, lists and rules are in cld.md; how events are written in FHIR is decision 3.
"""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.profiles import assessment, council_person, package, request, review
from joinedup.fhir.profiles.columns import COLUMNS
from joinedup.fhir.profiles.event import event_type_of
from joinedup.people.importing.council import event_key
from joinedup.people.importing.council_values import judge
from joinedup.record import history

from .conftest import COUNCIL, PERMIT, Importing

ON = date(2026, 4, 10)
PROFILES = {"Request": request, "Assessment": assessment, "Service": package, "Review": review}

PERSON = {
    "LA Code": "904",
    "Reporting Period Start Date": "01/01/2026",
    "Reporting Period End Date": "31/03/2026",
    "NHS Number": "9990012008",
    "LA Person Unique Identifier": "77",
    "First Name": "Joyce Ellen",
    "Last Name": "Hallam",
    "GP Practice Name": "Fosse Lane Surgery",
    "GP Practice Code": "Y90001",
    "Gender": "Female",
    "Ethnicity": "White: Irish",
    "Date of Birth": "11/05/1933",
    "Client Type": "Service user",
    "Primary Support Reason": "Physical Support: Personal care support",
    "Postcode": "MQ1 4AB",
    "Accommodation Status": "Owner occupier or shared ownership scheme",
}
REQUEST = PERSON | {
    "Event Type": "Request",
    "Event Reference": "R-1",
    "Event Start Date": "02/02/2026",
    "Event End Date": "03/02/2026",
    "Event Description": "Daughter rang",
    "Event Outcome": "Progress to assessment, review or reassessment",
    "Request: Route of Access": "Community / Other route",
}
ASSESSMENT = PERSON | {
    "Event Type": "Assessment",
    "Event Reference": "A-1",
    "Event Start Date": "10/02/2026",
    "Event End Date": "20/02/2026",
    "Event Outcome": "Progress to support planning or services",
    "Assessment Type": "Long term assessment",
    "Eligible Needs Identified": "Yes, eligible needs",
    "Method of Assessment": "Service user and carer",
}
SERVICE = PERSON | {
    "Event Type": "Service",
    "Event Reference": "S-1",
    "Event Start Date": "01/03/2026",
    "Service Type": "Long term support: Community",
    "Service Component": "Home support or domiciliary care",
    "Delivery Mechanism": "CASSR commissioned support",
    "Provider CQC Location Name": "Kingfisher Home Care",
    "Unit Cost": "24.10",
    "Cost Frequency (Unit Type)": "Hourly",
    "Planned units per week": "10.50",
}
REVIEW = PERSON | {
    "Event Type": "Review",
    "Event Reference": "V-1",
    "Event Start Date": "20/03/2026",
    "Event End Date": "21/03/2026",
    "Event Outcome": "Continuation of support or services",
    "Review Reason": "Planned",
    "Review Outcomes Achieved": "Partially Met",
    "Method of Review": "Service user only",
}
ROWS = (REQUEST, ASSESSMENT, SERVICE, REVIEW)
HEADERS = [column.header for column in COLUMNS]

Row = dict[str, str]


def text_of(*rows: Row, headers: list[str] = HEADERS, delimiter: str = ",") -> str:
    """The rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([[row.get(header, "") for header in headers] for row in rows])
    return out.getvalue()


def sent(importing: Importing, *rows: Row, name: str = "cld.csv", **more: Any) -> Path:
    return importing.write(name, text_of(*rows, **more))


def exported(importing: Importing) -> list[Row]:
    """Every event the record holds, as rows of the return again."""
    people = {p.id: p.resource for p in importing.everything("Patient")}
    rows = []
    for kind in ("ServiceRequest", "Task", "EpisodeOfCare"):
        for stored in importing.everything(kind):
            profile = PROFILES[event_type_of(stored.resource)]
            person = profile.read(stored.resource).person.removeprefix("Patient/")
            stated = council_person.columns(council_person.read(people[person]))
            rows.append(profile.columns(stored.resource, stated))
    return rows


def test_four_rows_are_four_events_of_one_person(importing: Importing) -> None:
    """Request, assessment, service and review; the person is stated once."""
    report = importing(sent(importing, *ROWS), organisation=COUNCIL)
    counts = {kind: count.stored for kind, count in report.counts.items()}
    assert counts == {
        "EpisodeOfCare": 1,
        "Organization": 1,
        "Patient": 1,
        "ServiceRequest": 1,
        "Task": 2,
    }
    assert (report.refusals, report.notes) == (0, ())


def test_every_column_comes_back_out(importing: Importing) -> None:
    """What the record holds makes the same rows again."""
    importing(sent(importing, *ROWS), organisation=COUNCIL)
    back = {row["Event Type"]: row for row in exported(importing)}
    for row in ROWS:
        assert back[row["Event Type"]] == {header: row.get(header, "") for header in HEADERS}


def test_a_repeat_stores_nothing(importing: Importing) -> None:
    """Ids come from the national key of an event (cld.md 2.8)."""
    path = sent(importing, *ROWS)
    importing(path, organisation=COUNCIL)
    again = importing(path, organisation=COUNCIL)
    assert (again.stored, again.unchanged) == (0, 5)


def test_a_service_that_ended_is_a_new_version(importing: Importing) -> None:
    """The end is not part of a service's key; its episode is finished now."""
    importing(sent(importing, SERVICE), organisation=COUNCIL)
    importing(sent(importing, SERVICE | {"Event End Date": "30/03/2026"}), organisation=COUNCIL)
    (episode,) = importing.everything("EpisodeOfCare")
    assert (episode.version, episode.resource["status"]) == (2, "finished")
    assert len(history(PERMIT, "EpisodeOfCare", episode.id).entries) == 2


def test_an_older_return_does_not_undo_a_newer_one(importing: Importing) -> None:
    """Whatever order files arrive in, the latest reporting period is what is known."""
    ended = SERVICE | {"Event End Date": "30/03/2026"}
    older = SERVICE | {"Reporting Period End Date": "31/12/2025", "Postcode": "MQ9 9ZZ"}
    importing(sent(importing, ended), organisation=COUNCIL)
    report = importing(sent(importing, older), organisation=COUNCIL)
    assert report.stored == 0
    assert any("left aside" in note for note in report.notes)
    assert importing.everything("Patient")[0].resource["address"][0]["postalCode"] == "MQ1 4AB"


def test_of_two_rows_with_one_key_one_is_kept(importing: Importing) -> None:
    """An open end before an ended one (cld.md 2.10 and edge test 9); the other is refused."""
    ended = SERVICE | {"Event End Date": "05/03/2026"}
    report = importing(sent(importing, ended, SERVICE), organisation=COUNCIL)
    (episode,) = importing.everything("EpisodeOfCare")
    assert "end" not in episode.resource["period"]
    (line,) = importing.refusals()
    assert (line["entry"], report.counts["EpisodeOfCare"].refused) == (2, 1)
    assert "Row 3" in line["message"]


def test_columns_may_stand_in_any_order_and_spelling_of_case(importing: Importing) -> None:
    """Headers are matched by name; unknown ones are named and left out."""
    headers = [h.upper() for h in reversed(HEADERS)] + ["Our own column"]
    shouting = {h.upper(): v for h, v in SERVICE.items()}
    report = importing(sent(importing, shouting, headers=headers), organisation=COUNCIL)
    assert report.counts["EpisodeOfCare"].stored == 1
    assert any("Our own column" in note for note in report.notes)


def test_listed_values_are_matched_trimmed_and_ignoring_case(importing: Importing) -> None:
    """And kept in the listed spelling; release 1 words stay release 1 words."""
    row = SERVICE | {"Gender": " female ", "Client Type": "carer"}
    importing(sent(importing, row), organisation=COUNCIL)
    (back,) = exported(importing)
    assert (back["Gender"], back["Client Type"]) == ("Female", "Carer")


def test_a_value_outside_its_list_is_kept_and_noted(importing: Importing) -> None:
    """No list here is the official one, so no row is lost to it (cld.md 2.13)."""
    report = importing(
        sent(importing, REVIEW | {"Review Reason": "Unplanned - flood"}), organisation=COUNCIL
    )
    assert report.counts["Task"].stored == 1
    assert any("Review Reason" in note for note in report.notes)
    assert exported(importing)[0]["Review Reason"] == "Unplanned - flood"


def test_a_bad_nhs_number_is_left_blank_and_reported(importing: Importing) -> None:
    """It is never padded and never links anybody (cld.md 2.7)."""
    row = SERVICE | {"NHS Number": "999 001 2009"}
    report = importing(sent(importing, row), organisation=COUNCIL)
    assert any("NHS number" in note for note in report.notes)
    assert exported(importing)[0]["NHS Number"] == ""


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"NHS Number": "9.99E+09"}, "NHS Number", "Excel has turned this number into another"),
        ({"LA Person Unique Identifier": "1.0E+10"}, "LA Person Unique Identifier", "Excel"),
        ({"LA Code": "4"}, "LA Code", "leading zeros are lost"),
        ({"Event Start Date": "45123"}, "Event Start Date", "turned this date into a number"),
        ({"Date of Birth": "05/31/1933"}, "Date of Birth", "no date"),
        ({"Date of Birth": "11/05/33"}, "Date of Birth", "the year in full"),
        ({"Date of Birth": "11/05/2999"}, "Date of Birth", "in the future"),
        ({"Date of Birth": "11/05/1833"}, "Date of Birth", "more than 120 years"),
        ({"Date of Birth": "01/04/2026"}, "Date of Birth", "before the birth"),
        ({"Date of Death": "10/05/1933"}, "Date of Death", "before Date of Birth"),
        ({"Postcode": "########"}, "Postcode", "too narrow"),
        ({"Event Type": "Contact"}, "Event Type", "Request, Assessment, Service or Review"),
        ({"Event Start Date": ""}, "Event Start Date", "blank"),
        ({"Gender": "White: Irish"}, "Gender", "a value of Ethnicity"),
        ({"NHS Number": "", "LA Person Unique Identifier": ""}, "LA Person", "whose event"),
    ],
)
def test_a_row_excel_or_haste_has_changed_is_refused(change: Row, column: str, words: str) -> None:
    """With the column, the value and what to do about it."""
    judged = judge(SERVICE | change, on=date(2026, 4, 10))
    assert len(judged.problems) == 1
    (problem,) = judged.problems
    assert problem.path.startswith(column)
    assert words in problem.message


def test_a_refused_row_names_its_row_and_the_others_are_stored(importing: Importing) -> None:
    """Rows are counted as Excel counts them: the header is row 1."""
    mangled = REVIEW | {"Event Start Date": "45123"}
    rows = (REQUEST, ASSESSMENT, SERVICE, mangled)
    report = importing(sent(importing, *rows), organisation=COUNCIL)
    (line,) = importing.refusals()
    assert (line["entry"], line["path"]) == (5, "Event Start Date")
    assert "'45123'" in line["message"]
    assert report.counts["Task"].stored == 1


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Gender", "Ethnicity", "swapped"),
        ("Date of Birth", "Gender", "swapped"),
        ("Service Type", "Service Component", "swapped"),
        ("LA Code", "Last Name", "swapped or shifted"),
    ],
)
def test_swapped_columns_refuse_the_file(
    importing: Importing, one: str, other: str, words: str
) -> None:
    """Told by their values, whatever the header says; nothing is stored."""
    swapped = [SERVICE | {one: SERVICE[other], other: SERVICE[one]}] * 3
    importing(sent(importing, *swapped), organisation=COUNCIL)
    (line,) = importing.refusals()
    assert words in line["message"] and "Nothing of the file was stored" in line["message"]
    assert importing.everything("Patient") == []


def test_swapped_event_dates_refuse_the_file(importing: Importing) -> None:
    """One event that ends before it starts is kept, as the national method does; most is a swap."""
    back = {"Event Start Date": "03/02/2026", "Event End Date": "02/02/2026"}
    rows = [REQUEST | back | {"LA Person Unique Identifier": str(n)} for n in range(4)]
    importing(sent(importing, *rows), organisation=COUNCIL)
    assert "end before they start" in importing.refusals()[0]["message"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (text_of(SERVICE, delimiter=";").encode(), "separated by commas"),
        (b"a,b\r\n1,2\r\n", "no Client Level Data"),
        (text_of(SERVICE).encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest of a workbook", "Excel workbook"),
        (text_of(SERVICE).replace("Joyce", "Jo\0yce").encode(), "zero byte"),
        (text_of(SERVICE | {"First Name": "Zoë"}).encode() + b"\xff\xc3\r\n", "broken text"),
        (text_of(SERVICE).replace("Gender", "Ethnicity").encode(), "twice"),
        ((text_of(SERVICE) + '"open').encode(), "no CSV"),
    ],
)
def test_a_file_that_is_no_return_is_refused_whole(
    importing: Importing, content: bytes, words: str
) -> None:
    """Broken text, another separator, a workbook, no columns of the return."""
    importing(importing.write("cld.csv", content), organisation=COUNCIL)
    assert any(words in line["message"] for line in importing.refusals())
    assert importing.everything("EpisodeOfCare") == []


def test_windows_text_is_read_with_a_note(importing: Importing) -> None:
    """Excel's plain CSV is not UTF-8; names with accents should be looked at."""
    path = importing.write("cld.csv", text_of(SERVICE | {"First Name": "Zoë"}).encode("cp1252"))
    report = importing(path, organisation=COUNCIL)
    assert exported(importing)[0]["First Name"] == "Zoë"
    assert any("Windows Western" in note for note in report.notes)


def test_a_byte_order_mark_is_no_part_of_the_first_header(importing: Importing) -> None:
    """Excel's CSV UTF-8 begins with one."""
    path = importing.write("cld.csv", text_of(SERVICE).encode("utf-8-sig"))
    assert importing(path, organisation=COUNCIL).counts["EpisodeOfCare"].stored == 1


def test_a_row_of_another_width_is_refused(importing: Importing) -> None:
    """A comma too many shifts every column after it."""
    path = importing.write("cld.csv", text_of(SERVICE) + "904,too,short\r\n")
    report = importing(path, organisation=COUNCIL)
    assert report.counts["EpisodeOfCare"].stored == 1
    assert "3 values" in importing.refusals()[0]["message"]


def test_the_key_of_an_event_is_the_national_one() -> None:
    """The end counts for a request, assessment or review and not for a service (cld.md 2.8)."""
    ended = {"Event End Date": "30/03/2026"}
    assert event_key(SERVICE) == event_key(SERVICE | ended)
    assert event_key(REVIEW) != event_key(REVIEW | ended)
    assert event_key(SERVICE) != event_key(SERVICE | {"Service Component": "Meals"})
    assert event_key(REQUEST) != event_key(REQUEST | {"Request: Route of Access": "Prison"})
    assert event_key(ASSESSMENT) != event_key(ASSESSMENT | {"Client Type": "Unpaid carer"})


LISTED = st.dictionaries(
    st.sampled_from(
        [c.header for c in COLUMNS if c.kind in ("text", "identifier") and not c.identity]
    ),
    st.text("abcXYZ éß.,-£", min_size=1, max_size=20)
    .map(lambda t: " ".join(t.split()))
    .filter(bool),
)


@given(st.sampled_from(ROWS), LISTED)
def test_any_text_survives_the_way_into_fhir_and_back(row: Row, more: Row) -> None:
    """Whatever a council writes in a free column, the return says it again."""
    sent_row = {**row, **more, "Event Type": row["Event Type"]}
    judged = judge(sent_row, on=ON)
    assert judged.problems == ()
    profile = PROFILES[row["Event Type"]]
    from joinedup.people.importing.council import _event

    resource = profile.build(_event(judged.values, "Patient/p", COUNCIL), "e")
    back = profile.columns(
        resource, {c.header: judged.values.get(c.header, "") for c in COLUMNS if c.identity}
    )
    assert back == {header: judged.values.get(header, "") for header in HEADERS}


def test_of_two_files_in_one_import_the_later_period_counts(importing: Importing) -> None:
    """Whatever the files are called; and the same folder again stores nothing."""
    ended = SERVICE | {"Event End Date": "30/03/2026"}
    older = SERVICE | {"Reporting Period End Date": "31/12/2025"}
    sent(importing, ended, name="in/a.csv")
    sent(importing, older, name="in/b.csv")
    sent(importing, SERVICE, name="in/c.csv")
    importing(importing.folder / "in", organisation=COUNCIL)
    (episode,) = importing.everything("EpisodeOfCare")
    assert (episode.version, episode.resource["period"]["end"]) == (1, "2026-03-30")
    assert "An earlier file of this import" in importing.refusals()[-1]["message"]
    assert importing(importing.folder / "in", organisation=COUNCIL).stored == 0
