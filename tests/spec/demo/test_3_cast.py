"""The tour's people: what a visitor is told about them is what their records say."""

from base64 import b64decode
from datetime import date

from joinedup.access.words import Role
from joinedup.demo.bundles import council_events, sheaves
from joinedup.demo.cast import (
    ACCOUNTS,
    ADJUSTMENT,
    BED,
    DAUGHTER,
    MAN,
    NOW,
    SEED,
    TODAY,
    WOMAN,
    worker,
)
from joinedup.demo.writing import Resource

WRITTEN: dict[str, list[tuple[str, Resource]]] = {}
for _sheaf in sheaves(SEED, 3):
    if _sheaf.person:
        WRITTEN.setdefault(_sheaf.person.id, []).extend(
            (_sheaf.organisation, resource) for resource in _sheaf.resources
        )


def of(person_id: str, *kinds: str) -> list[Resource]:
    """Return the entries of a person, of some kinds."""
    return [r for _, r in WRITTEN[person_id] if r["resourceType"] in kinds]


def test_it_is_tuesday_the_sixteenth_of_january_ten_o_clock() -> None:
    """The hour at which the place stands."""
    assert NOW.strftime("%A %d %B %Y %H:%M") == "Tuesday 16 January 2018 10:00"


def test_the_woman_is_84_lives_alone_and_lies_in_bed_12() -> None:
    """She came on 5 January and is there still."""
    assert WOMAN.age(TODAY) == 84 and WOMAN.lives_alone
    (stay,) = [e for e in of(WOMAN.id, "Encounter") if e["status"] == "in-progress"]
    assert stay["location"][-1]["location"]["reference"] == f"Location/{BED}"
    assert stay["period"] == {"start": "2018-01-05T00:10:00+00:00"}


def test_her_surgery_and_the_hospital_differ_about_penicillin_and_nothing_else() -> None:
    """The one disagreement to show side by side."""
    said = {
        organisation: resource["code"]["text"]
        for organisation, resource in WRITTEN[WOMAN.id]
        if resource["resourceType"] == "AllergyIntolerance"
    }
    assert said == {"Y90001": "Penicillin", "RZ901": "No known drug allergies"}


def test_she_wears_hearing_aids_and_reads_large_print() -> None:
    """Communication needs are reasonable adjustment flags (domain.md 5.1)."""
    needs = [
        flag["code"]["coding"][0]["code"]
        for flag in of(WOMAN.id, "Flag")
        if flag["category"][0]["coding"][0]["code"] == ADJUSTMENT
    ]
    assert {"285055002", "957331000000109"} <= set(needs)


def test_her_results_have_trends() -> None:
    """Kidneys, blood, clotting and weight on many days, from surgery and ward."""
    for words in ("Kidney function (eGFR)", "Haemoglobin", "INR", "Weight", "Blood pressure"):
        days = {
            o["effectiveDateTime"][:10]
            for o in of(WOMAN.id, "Observation")
            if o["code"]["text"] == words
        }
        assert len(days) >= 9, words


def test_nobody_has_asked_for_help_at_home_yet() -> None:
    """The tour's loop begins here: the council had her until 2016, and knows nothing of this."""
    events = council_events(WOMAN, SEED)
    assert max(e.end or TODAY for e in events) == date(2016, 5, 12)
    assert [e for e in events if e.end is None] == []
    asked = [r for r in of(WOMAN.id, "ServiceRequest") if r["requester"]["display"].startswith("T")]
    assert asked == []
    words = [
        b64decode(d["content"][0]["attachment"]["data"]).decode()
        for d in of(WOMAN.id, "DocumentReference")
    ]
    assert any("Nobody has yet asked the council" in text for text in words)


def test_her_about_me_is_in_her_own_words() -> None:
    """Heading and words; written as herself."""
    (about,) = of(WOMAN.id, "QuestionnaireResponse")
    assert about["author"] == about["subject"]
    said = {item["text"]: item["answer"][0]["valueString"] for item in about["item"]}
    assert said["Please do"].startswith("Call me Joyce.")


def test_the_daughter_is_her_carer_and_a_person_of_her_own() -> None:
    """She is named on her mother's record with her telephone, and has a record herself (CA-01)."""
    (susan,) = [p for p in of(WOMAN.id, "RelatedPerson") if p["name"][0]["given"] == ["Susan"]]
    assert susan["relationship"][0]["text"].startswith("Daughter and main carer")
    assert {t["value"] for t in susan["telecom"]} == {DAUGHTER.telephone, DAUGHTER.mobile}
    assert of(DAUGHTER.id, "Patient") and of(DAUGHTER.id, "Condition")
    assert all(e.client_type == "Unpaid carer" for e in council_events(DAUGHTER, SEED))


def test_what_the_daughter_told_is_not_on_her_mothers_record() -> None:
    """Rule CA-02: neither sees the other's notes; nothing of one refers to the other's Patient."""
    mother, daughter = str(WRITTEN[WOMAN.id]), str(WRITTEN[DAUGHTER.id])
    assert DAUGHTER.reference not in mother
    assert WOMAN.reference not in daughter


def test_the_man_went_home_last_month_and_his_loop_is_finished() -> None:
    """In, asked for, assessed, home with reablement, planned, reviewed: all over, goals reached."""
    (stay,) = [e for e in of(MAN.id, "Encounter") if e["class"]["code"] == "IMP"]
    assert stay["status"] == "finished" and stay["period"]["end"].startswith("2017-12-11")
    kinds = [event.kind for event in council_events(MAN, SEED)]
    assert kinds == ["Request", "Assessment", "Service", "Service", "Review"]
    assert all(event.end and event.end < TODAY for event in council_events(MAN, SEED))
    (asked,) = of(MAN.id, "ServiceRequest")
    assert asked["status"] == "completed"
    assert [p["status"] for p in of(MAN.id, "CarePlan")] == ["completed"]
    assert {g["lifecycleStatus"] for g in of(MAN.id, "Goal")} == {"completed"}


def test_there_is_an_account_for_each_role_of_the_tour() -> None:
    """GP, ward nurse, discharge coordinator, social worker and analyst, each at an organisation."""
    roles = {account.sign_in: account.organisation for account in ACCOUNTS}
    assert (
        roles.items()
        >= {
            Role.GP: "Y90001",
            Role.WARD_NURSE: "RZ901",
            Role.DISCHARGE_COORDINATOR: "RZ901",
            Role.SOCIAL_WORKER: "E99901",
            Role.ANALYST: "E99901",
        }.items()
    )
    assert worker("grace-adeyemi").role_reference == "PractitionerRole/grace-adeyemi-role"
