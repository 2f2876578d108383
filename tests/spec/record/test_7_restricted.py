"""The record, chapter 7. Restricted people: what others state about them is withheld as well.

Whoever labels a person's own Patient restricted (meta.security R) withholds where and how to find
her (domain.md 1.2). Other organisations' own Patients about her say so too and carry no label: the
commit that changes the label derives their index rows again, whoever sees them.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.restrictions import shown
from joinedup.fhir.issue import NotPermitted
from joinedup.record import Create, Delete, Update
from joinedup.record.cluster import Urls
from joinedup.record.database import settings_of
from joinedup.record.verify import verify
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    ACT_CODE,
    CONFIDENTIALITY,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    PRACTICE,
    SOCIAL_WORKER,
    Resource,
    days_ago,
    find,
    ids,
    joyce,
    label,
    put,
    stay,
    weight,
)

RESTRICTED = label(CONFIDENTIALITY, "R")
ASKED = {
    "address-postalcode": "MQ1 4AB",
    "address": "Mill Lane",
    "phone": "01632 960001",
    "general-practitioner": f"Organization/{PRACTICE}",
    "organization": f"Organization/{HOSPITAL}",
}


def stated(identity: str = "h1", **changes: object) -> Resource:
    """What the hospital states about Joyce: where she lives, her telephone, her practice."""
    return joyce(
        identity,
        link=[{"type": "refer", "other": {"reference": "Patient/joyce"}}],
        address=[{"line": ["2 Mill Lane"], "text": "Mill Lane", "postalCode": "MQ1 4AB"}],
        telecom=[{"system": "phone", "value": "01632 960001"}],
        managingOrganization={"reference": f"Organization/{HOSPITAL}"},
        **changes,
    )


def answers(permit: Permit = GP) -> list[str]:
    """Which of the questions find the statement."""
    return [name for name, value in ASKED.items() if "h1" in ids(find(permit, "Patient", **{name: value}))]  # noqa: E501  # fmt: skip


@pytest.fixture(autouse=True)
def _stated(_nobody_yet: None) -> None:
    put(joyce(), weight(), source=PRACTICE)
    put(stated(), stay("e1", "joyce", start=days_ago(2)), source=HOSPITAL)


def restrict(version: int = 1) -> None:
    """Her practice labels her Patient."""
    record.commit(GP, [Update(joyce(meta=RESTRICTED), version)])


def lift(version: int = 2) -> None:
    """A job of the system takes the label off: her practice is shown a part, and may not."""
    record.commit(PLACE, [Update(joyce(), version)])


def test_a_statement_is_found_by_where_she_lives() -> None:
    """As long as nobody says that she is restricted."""
    assert answers() == list(ASKED)


def test_not_since_she_is_restricted() -> None:
    """In the same commit, by workers and by the system: nothing is there to be found."""
    restrict()
    assert answers() == answers(NURSE) == answers(PLACE) == []
    assert ids(find(GP, "Patient", family="Hallam")) == ids(find(NURSE, "Patient", name="Hallam"))
    assert set(ids(find(GP, "Patient", family="Hallam"))) == {"joyce", "h1"}
    assert ids(find(GP, "Observation", **{"subject:Patient.address-postalcode": "MQ1 4AB"})) == []
    assert not list(verify())


def test_and_again_when_it_is_lifted() -> None:
    """All of it is given back."""
    restrict()
    lift()
    assert answers() == answers(NURSE) == list(ASKED)
    assert not list(verify())


def test_nor_as_the_application_role_in_sql(record_database: Urls, superuser: Superuser) -> None:
    """No row of postcode, telephone, practice or organisation is left, seen or unseen."""

    def kept(connection: psycopg.Connection[tuple[int]]) -> int:
        row = connection.execute(
            "select (select count(*) from record.string where value like 'mq1%' or value like"
            " '%mill lane%') + (select count(*) from record.token where code like '%960001')"
            " + (select count(*) from record.reference r join record.head h on h.key = r.key"
            " where h.type = (select type from record.head where key = h.person))"
        ).fetchone()
        return row[0] if row else -1

    everything = kept(superuser)
    with psycopg.connect(record_database.application) as application:
        application.execute("select record.enter(%s, %s, %s, %s, %s, %s)", settings_of(NURSE))
        assert kept(application) == everything > 4
    restrict()
    with psycopg.connect(record_database.application) as application:
        application.execute("select record.enter(%s, %s, %s, %s, %s, %s)", settings_of(NURSE))
        assert kept(application) == kept(superuser) == 1  # whom the statement is about
        row = application.execute("select count(*) from record.restriction").fetchone()
        assert row == (1,)
        application.execute(
            "select record.enter(%s, %s, %s, %s, %s, %s)", settings_of(SOCIAL_WORKER)
        )
        row = application.execute("select count(*) from record.restriction").fetchone()
        assert row == (0,)


def test_what_is_shown_of_it_is_a_part() -> None:
    """By every way to it, of old versions too; who may see the label sees the whole."""
    restrict()
    looks = [
        record.read(NURSE, "Patient", "h1"),
        record.vread(NURSE, "Patient", "h1", 1),
        *record.history(NURSE, "Patient", "h1").entries,
        *(s for s in record.everything(NURSE, "joyce").entries if s.id == "h1"),
        *(s for s in find(NURSE, "Patient", family="Hallam").entries if s.id == "h1"),
    ]
    assert len(looks) == 5
    for stored in looks:
        seen = shown(NURSE, stored).resource
        assert seen["name"] == stored.resource["name"]
        assert not {"address", "telecom", "generalPractitioner", "managingOrganization"} & set(seen)
        assert seen["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert shown(PLACE, stored) is stored
    with pytest.raises(NotPermitted, match="shown a part"):
        record.commit(NURSE, [Update(stated(), 1)])
    lift()
    stored = record.read(NURSE, "Patient", "h1")
    assert shown(NURSE, stored) is stored


def test_what_she_said_before_she_was_restricted_is_withheld_too() -> None:
    """Her own earlier versions carry no label: they show no more than today's."""
    home = {"address": [{"postalCode": "MQ1 4AB"}], "telecom": [{"value": "01632 960001"}]}
    seen = record.read(PLACE, "Patient", "joyce")
    record.commit(PLACE, [Update(joyce(**home), seen.version)])
    restrict(seen.version + 1)
    past = record.vread(NURSE, "Patient", "joyce", seen.version + 1)
    for stored in (past, *record.history(NURSE, "Patient", "joyce").entries):
        assert not {"address", "telecom"} & set(shown(NURSE, stored).resource), stored.version
    assert shown(PLACE, past).resource["telecom"] == home["telecom"]


def test_what_is_stated_later_is_withheld_from_the_start() -> None:
    """By a worker who is told back a part, and in the commit that restricts her."""
    record.commit(NURSE, [Delete("Patient", "h1", 1)])
    restrict()
    made = record.commit(NURSE, [Create(stated("h2"))]).stored[0]
    assert "address" not in shown(NURSE, made).resource
    put(joyce(), stated("h3"), source=HOSPITAL)
    assert "h3" in ids(find(PLACE, "Patient", address="Mill"))
    both = [Update(joyce(meta=RESTRICTED), 3), Update(stated("h3", gender="female"), 1)]
    changed = record.commit(PLACE, both).stored[1]
    assert changed.restricted
    assert ids(find(PLACE, "Patient", address="Mill")) == []
    assert not list(verify())


def test_also_what_the_writer_does_not_see() -> None:
    """A statement under a label of its own is withheld, and given back, all the same."""
    put(stated(meta=label(ACT_CODE, "SDV")), source=HOSPITAL)
    restrict()
    assert answers(PLACE) == []
    assert not list(verify())
    lift()
    assert answers(PLACE) == list(ASKED)


def test_a_restriction_outlives_its_person() -> None:
    """Statements that are left when the Patient is deleted, or was never there, stay as it said."""
    put(joyce("ellen", meta=RESTRICTED))
    record.commit(PLACE, [Delete("Patient", "ellen", 1)])
    link = [{"type": "refer", "other": {"reference": "Patient/ellen"}}]
    put(joyce("h4", link=link, address=[{"city": "Marlbrook"}]), source=HOSPITAL)
    assert ids(find(PLACE, "Patient", address="Marlbrook")) == []
    assert not list(verify())


def test_a_person_who_arrives_restricted_after_what_is_stated() -> None:
    """Files come in any order."""
    link = [{"type": "refer", "other": {"reference": "Patient/ellen"}}]
    put(joyce("h4", link=link, address=[{"city": "Marlbrook"}]), source=HOSPITAL)
    assert ids(find(PLACE, "Patient", address="Marlbrook")) == ["h4"]
    put(joyce("ellen", meta=RESTRICTED), source=PRACTICE)
    assert ids(find(PLACE, "Patient", address="Marlbrook")) == []
    assert not list(verify())


def test_restricting_and_stating_at_once() -> None:
    """Whoever is first: no statement stays findable. Neither waits for the other for ever."""
    for number in range(6):
        name = f"p{number}"
        put(joyce(name), source=PRACTICE)
        put(weight(f"w{name}", name), stay(f"e{name}", name, start=days_ago(1)))
        link = [{"type": "refer", "other": {"reference": f"Patient/{name}"}}]
        town = [{"city": f"Town{number}"}]
        states = [Create(joyce(f"s{name}{n}", link=link, address=town)) for n in range(4)]
        with ThreadPoolExecutor(5) as pool:
            done = [pool.submit(record.commit, NURSE, [s]) for s in states[:2]]
            done += [pool.submit(record.commit, GP, [Update(joyce(name, meta=RESTRICTED), 1)])]
            done += [pool.submit(record.commit, NURSE, [s]) for s in states[2:]]
        for future in done:
            future.result()
        assert ids(find(PLACE, "Patient", **{"address-city": f"Town{number}"})) == []
    assert not list(verify())
