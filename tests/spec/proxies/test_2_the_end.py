"""Proxies, chapter 2. The end of it: at once, by whom, in time, at 11 and 16; and what is told."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Stale
from joinedup.fhir.relationships import CONSENT_KIND
from joinedup.fhir.search.period import LONDON
from joinedup.people.my_actions import end_consent
from joinedup.people.my_queries import agreed
from joinedup.people.proxies.deciding import Case, allow, case_of, deny, end_trust
from joinedup.people.proxies.keeping import keep_proxies
from joinedup.people.proxies.reading import JOB, permit_for_another, requests, trust_of, trusting
from joinedup.people.proxies.resources import answered, held, related, request, trust
from joinedup.people.proxies.rules import birthday, known, latest_end, pair_id
from joinedup.record import Create, Update, database
from joinedup.record.cluster import Urls
from joinedup.record.merge import merge
from tests.spec.proxies.circle import (
    FAR,
    GP,
    JOYCE,
    NOW,
    OFFICER,
    PRACTICE_NURSE,
    SUSAN,
    allowed,
    case,
    decision,
    invited,
    stand,
    susan,
    wish,
)
from tests.spec.record.place import (
    CONFIDENTIALITY,
    NURSE,
    PRACTICE,
    find,
    ids,
    joyce,
    label,
    put,
)


@pytest.fixture(autouse=True)
def _place(record_database: Urls) -> None:
    stand()


def sees() -> list[str]:
    """Which of Joyce's visits Susan sees on her behalf."""
    return ids(find(permit_for_another(SUSAN, "joyce"), "Encounter"))


def state() -> list[str]:
    """Where Joyce's requests stand."""
    return [a.state for a in requests(GP, "joyce")]


@pytest.mark.parametrize("who", [GP, PRACTICE_NURSE, OFFICER], ids=lambda p: p.role.value)
def test_a_professional_ends_it_at_once(who: Permit) -> None:
    """With a coded reason that nobody but professionals reads."""
    consent = allowed()
    assert sees() == ["stay"]
    end_trust(who, "joyce", consent, 1, reason="worry", words="Seemed afraid", now=NOW)
    assert sees() == [] and trust_of(SUSAN, "joyce") is None and state() == ["revoked"]
    ((note, over),) = trusting(SUSAN)
    assert note.name == "Joyce Hallam" and over is None


def test_the_reason_is_for_professionals_alone() -> None:
    """Not for Joyce, on whose telephone somebody may look; not for any proxy (domain 5.4, 9)."""
    consent = allowed("visits", "who-looked")
    end_trust(GP, "joyce", consent, 1, reason="worry", words="Seemed afraid", now=NOW)

    def said(permit: Permit) -> str:
        kinds = ("Task", "Consent")
        return " ".join(s.body for kind in kinds for s in find(permit, kind).entries)

    for permit in (JOYCE, SUSAN, permit_for_another(SUSAN, "joyce"), NURSE):
        assert "Seemed afraid" not in said(permit) and "worry" not in said(permit)
        assert record.withheld(permit, "joyce") == ()
    assert "Seemed afraid" in said(GP) and "worry" in said(OFFICER)


def test_the_person_ends_it_at_once() -> None:
    """And the request that led to it is closed with it."""
    allowed()
    (proxy,) = (c for c in agreed(JOYCE, "joyce") if c.kind == "proxy")
    end_consent(JOYCE, proxy, version=proxy.version, at=NOW)
    assert sees() == [] and state() == ["revoked"]


def test_nobody_else_ends_it() -> None:
    """A nurse on the ward, the proxy herself, a receptionist."""
    consent = allowed()
    for permit in (
        NURSE,
        SUSAN,
        permit_for_another(SUSAN, "joyce"),
        worker_permit("Practitioner/c", "C", Role.RECEPTIONIST, PRACTICE),
    ):
        with pytest.raises((NotPermitted, NotFound)):
            end_trust(permit, "joyce", consent, 1, reason="asked", words="", now=NOW)
    with pytest.raises(Invalid):
        end_trust(GP, "joyce", consent, 1, reason="", words="", now=NOW)
    with pytest.raises(NotFound):
        end_trust(GP, "susan", consent, 1, reason="asked", words="", now=NOW)
    with pytest.raises(Stale):
        end_trust(GP, "joyce", consent, 7, reason="asked", words="", now=NOW)
    assert sees() == ["stay"]


def test_an_objection_that_names_the_proxy_closes_their_pages() -> None:
    """However it came into the record: what the person does not want is not shown."""
    pair = allowed()
    actor = {"reference": {"reference": f"RelatedPerson/{pair}"}}
    put(
        {
            "resourceType": "Consent",
            "id": "no-to-susan",
            "status": "active",
            "category": [{"coding": [{"system": CONSENT_KIND, "code": "objection"}]}],
            "patient": {"reference": "Patient/joyce"},
            "provision": {"type": "deny", "actor": [actor]},
        }
    )
    assert trust_of(SUSAN, "joyce") is None


def test_ended_and_set_up_again() -> None:
    """One Consent for two people: its history says all that was."""
    consent = allowed()
    end_trust(GP, "joyce", consent, 1, reason="asked", words="", now=NOW)
    assert allowed() == consent and sees() == ["stay"]
    assert len(record.history(GP, "Consent", consent).entries) == 3


def moved(urls: Urls, moment: datetime) -> None:
    """Everybody looks at another hour."""
    database.configure(urls.application, moment=moment)


def test_it_ends_with_its_day_by_the_clock_alone(record_database: Urls) -> None:
    """No job has to run: the database sees the time."""
    allowed()
    last = decision().until
    assert last is not None
    midnight = datetime(last.year, last.month, last.day, tzinfo=LONDON) + timedelta(days=1)
    moved(record_database, midnight - timedelta(seconds=1))
    assert sees() == ["stay"]
    moved(record_database, midnight)
    assert sees() == [] and trust_of(SUSAN, "joyce") is None


@pytest.mark.parametrize(
    "change",
    [{"meta": label(CONFIDENTIALITY, "R")}, {"deceasedDateTime": "2017-12-01"}],
    ids=["restricted", "died"],
)
def test_who_becomes_restricted_or_dies_has_no_proxy(change: dict[str, object]) -> None:
    """The job ends it, for what was set up before (domain 5.3)."""
    allowed()
    put(joyce(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012008"}],
              **change))  # fmt: skip
    if "meta" in change:  # what a proxy's pages ask is over with the commit that restricts her
        assert trust_of(SUSAN, "joyce") is None
    assert keep_proxies(NOW) == 1 and keep_proxies(NOW) == 0
    assert sees() == [] and state() == ["revoked"]


def child(born: date) -> dict[str, object]:
    """A child of the practice."""
    return joyce(
        "tom",
        name=[{"family": "Whitlock", "given": ["Tom"]}],
        birthDate=born.isoformat(),
        identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012024"}],
    )


def parent(born: date, at: datetime, latest: date) -> None:
    """Susan is Tom's proxy as his mother, approved at a time, for as long as may be."""
    put(child(born))
    mother, agreed_to = known(susan()), wish(until=latest, relationship="mother")
    made = held(request("tom", agreed_to, state="active", at=at), mother)
    task = answered(made, agreed_to, basis="parent")
    given = trust("tom", "susan", agreed_to, basis="parent", at=at)
    who = related("tom", mother, agreed_to)
    changes = [Create(who, str(who["id"])), Create(given, str(given["id"])), Create(task)]
    record.commit(GP, changes)


@pytest.mark.parametrize(("years", "turned"), [(8, 11), (13, 16)])
def test_it_pauses_at_11_and_ends_at_16_and_the_practice_is_asked(
    record_database: Urls, years: int, turned: int
) -> None:
    """Domain 5.4, example 4, with the clock moved: not silently, and not beyond the birthday."""
    born = date(2005, 3, 4)
    day = birthday(born, turned)
    at = datetime(day.year - 1, 6, 1, 12, tzinfo=UTC)
    latest = latest_end(born, at.date())
    assert latest == day - timedelta(days=1)
    moved(record_database, at)
    parent(born, at, latest)
    assert trust_of(SUSAN, "tom") is not None and keep_proxies(at) == 0
    birth_day = datetime(day.year, day.month, day.day, 0, 0, 1, tzinfo=LONDON)
    moved(record_database, birth_day)
    assert trust_of(SUSAN, "tom") is None
    assert keep_proxies(birth_day) == 1 and keep_proxies(birth_day) == 0
    again = next(a for a in requests(GP, "tom") if a.is_again)
    assert (again.state, again.proxy) == ("consent_pending", "susan")
    found = _case(again.id, birth_day)
    assert ("parent" in found.bases) == (turned == 11)
    basis = "parent" if turned == 11 else "told"
    until = min(found.latest, date(day.year + 1, 1, 1))
    allow(found, GP, decision(basis=basis, until=until), again.version, birth_day)
    assert trust_of(SUSAN, "tom") is not None
    assert years < turned


def _case(task_id: str, at: datetime) -> Case:
    return case_of(GP, "tom", task_id, at)


def family_at_the_practice() -> None:
    """Susan is a GP at the practice, under the name of Ash; the nurse lives where Joyce does."""
    home = [{"line": ["14 Orchard Row"], "postalCode": "MQ1 4AB"}]
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012008"}
    put(joyce(identifier=[number], address=home))
    put(joyce("nurse", name=[{"family": "Hallam", "given": ["N"]}], address=home))
    for name, who in (("ash", "susan"), ("tate", "nurse")):
        targets = [{"reference": f"Patient/{who}"}, {"reference": f"Practitioner/{name}"}]
        put({"resourceType": "Practitioner", "id": name})
        put({"resourceType": "Person", "id": name, "link": [{"target": t} for t in targets]})


COLLEAGUE = worker_permit("Practitioner/other", "Dr Other", Role.GP, PRACTICE)


def test_a_worker_never_decides_for_their_own_family() -> None:
    """Susan is a GP at the practice; or the nurse lives where Joyce does (AC-03)."""
    family_at_the_practice()
    invited()
    for permit, words in ((GP, "yourself"), (PRACTICE_NURSE, "your family name")):
        found = case(permit)
        assert words in found.kin and any(words in said for said in found.against)
        with pytest.raises(Invalid):
            allow(found, permit, decision(), found.asked.version, NOW)
    assert case(COLLEAGUE).against == () and case(COLLEAGUE).kin == ""


def test_nor_says_no_to_it() -> None:
    """Whoever may not say yes may not say no either: a no is a decision too (AC-03)."""
    family_at_the_practice()
    invited()
    asked = case(COLLEAGUE).asked
    for permit, words in ((GP, "yourself"), (PRACTICE_NURSE, "your family name")):
        with pytest.raises(NotPermitted, match=words):
            deny(permit, asked.id, asked.version, reason="not-safe", words="", now=NOW)
    assert state() == ["verifying"]
    deny(COLLEAGUE, asked.id, asked.version, reason="not-safe", words="", now=NOW)
    assert state() == ["rejected"]


def test_nor_ends_it() -> None:
    """A colleague does, at once; and the person herself always may."""
    family_at_the_practice()
    consent = allowed(permit=COLLEAGUE)
    for permit, words in ((GP, "yourself"), (PRACTICE_NURSE, "your family name")):
        with pytest.raises(NotPermitted, match=words):
            end_trust(permit, "joyce", consent, 1, reason="worry", words="", now=NOW)
    assert sees() == ["stay"]
    end_trust(COLLEAGUE, "joyce", consent, 1, reason="worry", words="", now=NOW)
    assert sees() == []


def test_nor_under_another_id_of_theirs() -> None:
    """Susan asked under a record that was joined to hers since: still it is about herself."""
    family_at_the_practice()
    elsewhere = [{"line": ["1 Far Lane"], "postalCode": "MQ9 9ZZ"}]
    put(susan() | {"id": "susan-too", "identifier": [], "address": elsewhere})
    asked = known(record.read(JOB, "Patient", "susan-too").resource)
    made = held(request("joyce", wish(), state="verifying", at=NOW, basis="own"), asked)
    task = record.commit(GP, [Create(made)]).stored[0].id
    assert "yourself" not in case_of(GP, "joyce", task, NOW).kin
    merge(OFFICER, "susan", "susan-too", reason="same woman", if_versions=(1, 1))
    assert "yourself" in case_of(GP, "joyce", task, NOW).kin
    with pytest.raises(NotPermitted, match="yourself"):
        deny(GP, task, 1, reason="not-safe", words="", now=NOW)


def test_one_that_cannot_be_read_does_not_stop_the_others() -> None:
    """The job passes it by, says so, and ends what is to be ended."""
    put(child(date(2010, 1, 1)), joyce("old", identifier=[]))
    mother, agreed_to = known(susan()), wish(relationship="mother")
    for person in ("tom", "old"):
        made = held(request(person, agreed_to, state="active", at=NOW), mother)
        asked = answered(made, agreed_to, basis="parent")
        given = trust(person, "susan", agreed_to, basis="parent", at=NOW)
        if person == "old":
            del given["provision"]["period"]["end"]  # as some systems write "no end"
        else:
            (born,) = (f for f in asked["input"] if f["type"]["coding"][0]["code"] == "born")
            born["valueString"] = "long ago"
        who = related(person, mother, agreed_to)
        changes = [Create(who, str(who["id"])), Create(given, str(given["id"])), Create(asked)]
        record.commit(GP, changes)
    allowed()
    put(joyce(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012008"}],
              deceasedDateTime="2017-12-01"))  # fmt: skip
    told: list[Exception] = []
    assert keep_proxies(NOW, told.append) == 1
    assert [type(fault) for fault in told] == [ValueError] and sees() == []
    assert [n.person for n, t in trusting(SUSAN) if t] == ["old"]  # told, though it has no end


def test_nobody_writes_the_papers_but_those_who_may() -> None:
    """A ward nurse, a program and an import can neither approve nor say that somebody agreed."""
    forged: Iterable[Permit] = (NURSE, _token(GP), _token(JOYCE))
    made = request("joyce", wish(), state="verifying", at=NOW, basis="own")
    for permit in forged:
        with pytest.raises(NotPermitted):
            record.commit(permit, [Create(made)])
        with pytest.raises(NotPermitted):
            record.commit(permit, [Create(trust("joyce", "susan", wish(), basis="x", at=NOW))],
                          dangling="keep")  # fmt: skip
    with pytest.raises(NotPermitted):
        put(made | {"id": "imported"})
    consent = allowed()
    stands = record.read(GP, "Consent", consent)
    with pytest.raises(NotPermitted):  # nor may a job make it last longer
        record.commit(JOB, [Update(stands.resource | {"dateTime": "2018-01-01"}, 1)])
    assert pair_id("joyce", "susan") == consent and FAR != PRACTICE


def _token(permit: Permit) -> Permit:
    return replace(permit, session="token")
