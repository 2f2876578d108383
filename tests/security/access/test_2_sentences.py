"""Who may see what, in plain sentences: each is a test, asked of the record in PostgreSQL.

A sentence is about one person, Ida. `who` looks, `given` says how they stand to her, and every type
named in `sees` shows while none named in `never` does. Sources: domain.md 0, 1.2, 1.4, 5 and 6.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit, tracing, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Refusal
from joinedup.fhir.relationships import area_key
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.search.served import SERVED
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.door import at_the_api
from tests.security.access.stage import (
    ORGANISATION,
    OUTWARD,
    WORKER,
    about,
    actor,
    consent,
    day,
    functions,
    permit_of,
    relationship,
    store,
)

Resource = dict[str, Any]
RESULT, NOTE, TABLET, VISIT = "Observation", "DocumentReference", "MedicationRequest", "Appointment"
PROBLEM, PLAN, ALERT, BILL = "Condition", "CarePlan", "Flag", "Invoice"
WISH, TASK, SUPPORT, HER = "Consent", "Task", "QuestionnaireResponse", "Patient"
KINDS = (RESULT, NOTE, TABLET, VISIT, PROBLEM, PLAN, ALERT, BILL, WISH, TASK, SUPPORT, HER)
HEALTH = (RESULT, NOTE, TABLET, VISIT, PROBLEM, PLAN, ALERT)
ALL_BUT_MONEY = tuple(kind for kind in KINDS if kind != BILL)
PRACTICE = "Y90001"
HERE = {"reference": f"Organization/{ORGANISATION}"}
AWAY = {"reference": f"Organization/{PRACTICE}"}
REGISTERED = {"generalPractitioner": [HERE]}


class Sentence(NamedTuple):
    """What is said, who looks, what stands in the record, and what shows and does not."""

    said: str
    who: Permit
    given: Sequence[Resource] = ()
    sees: Sequence[str] = ()
    never: Sequence[str] = ()
    patient: Resource = {}  # noqa: RUF012  # never changed


def worker(role: Role, organisation: str = ORGANISATION, who: str = WORKER) -> Permit:
    """A worker of an organisation, on duty nowhere."""
    return worker_permit(who, "Me", role, organisation)


def why(state: str) -> list[Resource]:
    """What makes somebody stand so to Ida."""
    return relationship(state, person="ida")


def stay(status: str, **period: str) -> list[Resource]:
    """Ida's stay at the hospital."""
    return [about("Encounter", "ida", status=status, serviceProvider=HERE, period=period)]


def said(kind: str, **provision: Any) -> list[Resource]:
    """What Ida said about who may see."""
    return [consent(kind, "ida", **provision)]


def trusts(*names: str, **provision: Any) -> list[Resource]:
    """Ida trusts her daughter with these."""
    granted = {"class": functions(*names)} if names else {}
    return said("proxy", actor=actor("RelatedPerson/rp"), **granted, **provision)


def team(*members: Resource, **more: Any) -> list[Resource]:
    """A team about Ida."""
    return [about("CareTeam", "ida", status="active", participant=list(members), **more)]


GP, NURSE, COUNCIL = worker(Role.GP), worker(Role.WARD_NURSE), worker(Role.SOCIAL_WORKER)
DESK, BROKER, FINANCE = worker(Role.RECEPTIONIST), worker(Role.BROKER), worker(Role.FINANCE_OFFICER)
CARER, LINK, PRIVACY = (
    worker(Role.PROVIDER_WORKER), worker(Role.LINK_WORKER), worker(Role.PRIVACY_OFFICER),
)  # fmt: skip
LEAD, THERAPIST = worker(Role.SAFEGUARDING_LEAD), worker(Role.OCCUPATIONAL_THERAPIST)
IDA, DAUGHTER = person_permit("ida", "Ida"), proxy_permit("rp", "Her daughter")
ON_DUTY = worker_permit(WORKER, "Me", Role.SOCIAL_WORKER, "", posts=[area_key(OUTWARD)])
AT_HOME = {"address": [{"postalCode": f"{OUTWARD} 4AB"}]}
RESTRICTED = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                            "code": "R"}]}  # fmt: skip
OPEN = why("encounter")
OBJECTS_HERE = said("objection", actor=actor(HERE["reference"]))
AGREED = said("permission-given", actor=actor(WORKER), period={"start": day(-5)})
STATED = {"resourceType": "Patient", "id": "said", "generalPractitioner": [HERE],
          "link": [{"type": "refer", "other": {"reference": "Patient/ida"}}]}  # fmt: skip

SENTENCES = [
    # What each role sees of somebody in its care.
    Sentence("a receptionist never sees a result", DESK, [], [HER, VISIT, ALERT],
             [RESULT, PROBLEM], REGISTERED),
    Sentence("a receptionist never sees a note or a medicine", DESK, OPEN, [HER], [NOTE, TABLET]),
    Sentence("a receptionist sees nobody because glass was broken", DESK, why("glass"), [], KINDS),
    Sentence("a receptionist sees no plan, task or wish", DESK, OPEN, [], [PLAN, TASK, WISH]),
    Sentence("a GP sees the whole record but the money", GP, [], ALL_BUT_MONEY, [BILL], REGISTERED),
    Sentence("a practice nurse sees notes of the practice's list", worker(Role.PRACTICE_NURSE), [],
             [NOTE, RESULT], [BILL], REGISTERED),
    Sentence("a district nurse sees whom she was referred", worker(Role.DISTRICT_NURSE),
             why("referral"), HEALTH, [BILL]),
    Sentence("a ward nurse sees who is on the ward", NURSE, OPEN, ALL_BUT_MONEY, [BILL]),
    Sentence("a ward manager sees who is on the ward", worker(Role.WARD_MANAGER), OPEN, HEALTH),
    Sentence("a consultant sees who is on the ward", worker(Role.CONSULTANT), OPEN, HEALTH, [BILL]),
    Sentence("a discharge coordinator reads notes", worker(Role.DISCHARGE_COORDINATOR), OPEN,
             [NOTE, SUPPORT, TASK], [BILL]),
    Sentence("an OT reads notes and the support there is", THERAPIST, why("referral"),
             [NOTE, SUPPORT], [BILL]),
    Sentence("a social worker reads no note", COUNCIL, why("service"), [RESULT, PROBLEM], [NOTE]),
    Sentence("a social worker knows the budget", COUNCIL, why("service"), [BILL]),
    Sentence("a safeguarding lead reads notes, not bills", LEAD, why("request"), [NOTE], [BILL]),
    Sentence("a link worker sees no result, medicine or note", LINK, why("referral"),
             [HER, PLAN, VISIT], [RESULT, TABLET, NOTE, PROBLEM]),
    Sentence("a broker sees no note", BROKER, why("request"), [PLAN, TASK], [NOTE]),
    Sentence("a broker sees no result and no bill", BROKER, why("service"), [HER], [RESULT, BILL]),
    Sentence("a broker sees nobody for having them in a bed", BROKER, OPEN, [], KINDS),
    Sentence("a home care worker sees the plan, visits and medicines", CARER, why("service"),
             [PLAN, VISIT, TABLET, SUPPORT], [RESULT, NOTE, PROBLEM, BILL]),
    Sentence("a home care worker sees nobody for a practice's list", CARER, [], [], KINDS,
             REGISTERED),
    Sentence("a finance officer sees no diagnosis", FINANCE, why("service"), [BILL, HER],
             [PROBLEM, RESULT, TABLET, NOTE, PLAN, ALERT, VISIT]),
    Sentence("a finance officer sees nobody in a hospital bed", FINANCE, OPEN, [], KINDS),
    Sentence("a privacy officer sees wishes and names, no care", PRIVACY, [], [HER, WISH],
             [*HEALTH, BILL, TASK, SUPPORT]),
    Sentence("a commissioner sees nobody", worker(Role.COMMISSIONER), OPEN, [], KINDS, REGISTERED),
    Sentence("an analyst sees nobody", worker(Role.ANALYST), why("service"), [], KINDS, REGISTERED),
    # How somebody comes to see a person, and when that ends.
    Sentence("nobody sees a person they do not care for", GP, [], [], KINDS),
    Sentence("a worker of no organisation sees nobody", worker(Role.GP, "", "Practitioner/z"),
             OPEN, [], KINDS),
    Sentence("another practice sees nothing of a registered person", worker(Role.GP, PRACTICE,
             "Practitioner/x"), [], [], KINDS, REGISTERED),
    Sentence("a nurse still sees who went home last week, for the letter", NURSE,
             stay("finished", start=day(-20), end=day(-7)), HEALTH),
    Sentence("a ward nurse sees nobody whose stay ended six weeks ago", NURSE,
             stay("finished", start=day(-60), end=day(-42)), [], KINDS),
    Sentence("a stay that begins next week shows nothing yet", NURSE,
             stay("planned", start=day(7)), [], KINDS),
    Sentence("a cancelled stay shows nothing", NURSE, stay("cancelled", start=day(-2)), [], KINDS),
    Sentence("a stay entered in error shows nothing", NURSE, stay("entered-in-error"), [], KINDS),
    Sentence("a stay finished without an end is over since its beginning", NURSE,
             stay("finished", start=day(-90)), [], KINDS),
    Sentence("a finished stay without any date shows nothing", NURSE, stay("finished"), [], KINDS),
    Sentence("a service that ended shows nothing six weeks on", COUNCIL, why("service-ended"), [],
             KINDS),
    Sentence("a completed referral without a date shows nothing", GP, [about("ServiceRequest",
             "ida", status="completed", performer=[HERE])], [], KINDS),
    Sentence("a completed task without a date shows nothing", GP, [about("Task", "ida",
             status="completed", owner=HERE)], [], KINDS),
    Sentence("a draft referral shows nothing", GP, [about("ServiceRequest", "ida", status="draft",
             performer=[HERE])], [], KINDS),
    Sentence("a revoked referral shows nothing", GP, [about("ServiceRequest", "ida",
             status="revoked", performer=[HERE])], [], KINDS),
    Sentence("a rejected request shows nothing", COUNCIL, [about("Task", "ida", status="rejected",
             owner=HERE)], [], KINDS),
    Sentence("a member of the care team sees her", GP, team({"member": {"reference": WORKER}}),
             HEALTH),
    Sentence("a colleague of a member does not", worker(Role.GP, ORGANISATION, "Practitioner/y"),
             team({"member": {"reference": WORKER}}), [], KINDS),
    Sentence("a member who left the team sees nothing", GP, team({"member": {"reference": WORKER},
             "period": {"start": day(-90), "end": day(-40)}}), [], KINDS),
    Sentence("a member of a team that is over sees nothing", GP, team({"member": {"reference":
             WORKER}, "period": {"start": day(-90)}}, period={"end": day(-40)}), [], KINDS),
    Sentence("a relative in the care team gets nothing by it", DAUGHTER, team({"member":
             {"reference": "RelatedPerson/rp"}}), [], KINDS),
    Sentence("the worker on duty sees who lives in the area", ON_DUTY, [], [HER, PROBLEM], [NOTE],
             AT_HOME),
    Sentence("an old address is nobody's area", ON_DUTY, [], [], KINDS,
             {"address": [{"use": "old", "postalCode": f"{OUTWARD} 4AB"}]}),
    Sentence("a restricted person's home is nobody's area", ON_DUTY, [], [], KINDS,
             {**AT_HOME, "meta": RESTRICTED}),
    Sentence("what another organisation believes of her practice gives it nothing", GP,
             [STATED], [], KINDS),
    Sentence("a practice's own word that she is on its list does", GP,
             [{**STATED, "managingOrganization": HERE}], ALL_BUT_MONEY),
    Sentence("a visit planned for nobody knows when shows nothing", NURSE, stay("planned"), [],
             KINDS),
    Sentence("a visit planned from yesterday on shows", NURSE, stay("planned", start=day(-1)),
             HEALTH),
    Sentence("nor by what another organisation says of her home", ON_DUTY, [{"resourceType":
             "Patient", "id": "said", "link": [{"type": "refer", "other": {"reference":
             "Patient/ida"}}], **AT_HOME}], [], KINDS, {"meta": RESTRICTED}),
    Sentence("an alert about a look gives its owner no look", GP, [{**why("glass")[0], "code":
             {"coding": [{"system": "https://joinedup.example/CodeSystem/task", "code":
             "access-alert"}]}, "owner": HERE}], [], KINDS),
    Sentence("broken glass shows the record while it lasts", GP, why("glass"), HEALTH, [BILL]),
    Sentence("broken glass shows nothing the day after", GP, why("glass-over"), [], KINDS),
    Sentence("broken glass is for the worker, not a colleague", worker(Role.GP, ORGANISATION,
             "Practitioner/y"), why("glass"), [], KINDS),
    Sentence("broken glass without an end opens nothing", GP, [{**why("glass")[0],
             "executionPeriod": {"start": day(-1)}}], [], KINDS),
    # What people do not want shown.
    Sentence("an objection to the hospital closes it to the ward", NURSE, [*OPEN, *OBJECTS_HERE],
             [HER, WISH], [RESULT, NOTE, TABLET, PLAN]),
    Sentence("an objection to the hospital leaves the practice its sight", worker(Role.GP, PRACTICE,
             "Practitioner/x"), OBJECTS_HERE, ALL_BUT_MONEY, [],
             {"generalPractitioner": [AWAY]}),
    Sentence("an objection to all leaves the practice its sight", GP, said("objection"),
             ALL_BUT_MONEY, [], REGISTERED),
    Sentence("an objection to all closes the record to the council", COUNCIL,
             [*why("service"), *said("objection")], [HER], [RESULT, SUPPORT, BILL]),
    Sentence("an objection to the practice is honoured too", GP, OBJECTS_HERE, [HER],
             [RESULT, NOTE], REGISTERED),
    Sentence("an objection about medicines hides medicines alone", NURSE, [*OPEN,
             *said("objection", **{"class": functions("medicines")})], [RESULT, NOTE], [TABLET]),
    Sentence("an objection taken back hides nothing", NURSE, [*OPEN, {**OBJECTS_HERE[0],
             "status": "inactive"}], HEALTH),
    Sentence("a permission to view of No closes the record", NURSE, [*OPEN,
             *said("permission-to-view")], [HER], [RESULT, NOTE]),
    Sentence("a yes to one who asked opens it to them", NURSE, [*OPEN, *said("permission-to-view"),
             *why("permission")], HEALTH),
    Sentence("a yes is over when it is over", NURSE, [*OPEN, *said("permission-to-view"),
             *why("permission-over")], [HER], [RESULT, NOTE]),
    Sentence("a yes about visits shows visits alone", GP, said("permission-given", **{"class":
             functions("visits"), "actor": actor(WORKER)}), [VISIT], [RESULT, NOTE, HER]),
    Sentence("an objection that is over closes nothing", NURSE, [*OPEN, *said("objection",
             period={"end": day(-1)})], HEALTH),
    Sentence("an objection from next year closes nothing yet", NURSE, [*OPEN, *said("objection",
             period={"start": day(300)})], HEALTH),
    Sentence("an objection said after a yes goes before it", NURSE, [*OPEN, *AGREED, {
             **OBJECTS_HERE[0], "dateTime": day(-1)}], [HER, WISH], [RESULT, NOTE]),
    Sentence("an objection without a date gives way to no yes", NURSE, [*OPEN, *AGREED,
             *OBJECTS_HERE], [HER, WISH], [RESULT, NOTE]),
    Sentence("an objection said before a yes gives way to it", NURSE, [*OPEN, *AGREED, {
             **OBJECTS_HERE[0], "dateTime": day(-9)}], HEALTH),
    Sentence("an objection to her daughter closes nothing to the ward", NURSE, [*OPEN,
             *said("objection", actor=actor("RelatedPerson/rp"))], HEALTH),
    Sentence("an emergency goes before an objection", GP, [*OBJECTS_HERE, *why("glass")], HEALTH),
    Sentence("an objection closes nothing to the person herself", IDA, said("objection"), KINDS),
    # The person and those she trusts.
    Sentence("a person sees her own record, the bills too", IDA, [], KINDS),
    Sentence("a person sees nobody else", person_permit("other", "Else"), [], [], KINDS),
    Sentence("a daughter without a proxy sees nothing", DAUGHTER, [], [], KINDS),
    Sentence("a daughter with proxy for visits sees visits and nothing else", DAUGHTER,
             trusts("visits"), [VISIT], [kind for kind in KINDS if kind != VISIT]),
    Sentence("a daughter with proxy for letters sees notes, no results", DAUGHTER,
             trusts("letters"), [NOTE], [RESULT, BILL]),
    Sentence("a proxy for money sees bills and no diagnosis", DAUGHTER, trusts("money"), [BILL],
             [PROBLEM, NOTE]),
    Sentence("a proxy with no function named sees nothing", DAUGHTER, trusts(), [], KINDS),
    Sentence("a proxy for something unheard of sees nothing", DAUGHTER, trusts("x"), [], KINDS),
    Sentence("a proxy that ended sees nothing", DAUGHTER, trusts("visits", period={"end": day(-1)}),
             [], KINDS),
    Sentence("a proxy taken back sees nothing", DAUGHTER, [{**trusts("visits")[0],
             "status": "inactive"}], [], KINDS),
    Sentence("an objection to her daughter closes what she was trusted with", DAUGHTER,
             [*trusts("visits"), *said("objection", actor=actor("RelatedPerson/rp"))], [], KINDS),
    Sentence("an objection to care leaves her daughter's trust alone", DAUGHTER,
             [*trusts("visits"), *said("objection")], [VISIT]),
    Sentence("a restricted person's proxy sees nothing while she is", DAUGHTER, trusts("visits"),
             [], KINDS, {"meta": RESTRICTED}),
    Sentence("a son is not the daughter", proxy_permit("son", "Son"), trusts("visits"), [], KINDS),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _one_record(cluster: Cluster) -> Iterator[None]:
    """One record for all sentences: every sentence has an Ida of its own."""
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        store({"resourceType": "Organization", "id": ORGANISATION})
        yield
        database.close()


@pytest.mark.parametrize("number", range(len(SENTENCES)), ids=lambda n: SENTENCES[n].said)
def test_it_is_so(number: int) -> None:
    """Issue 2, accept 1: read by name, found by search and counted, or none of these."""
    sentence, ida = SENTENCES[number], f"ida{number}"
    _tell(sentence, number, ida)
    who = person_permit(ida, "Ida") if sentence.who is IDA else sentence.who
    for kind in sentence.sees:
        assert all(_shows(who, kind, ida)), f"{kind} is withheld"
    for kind in sentence.never:
        assert not any(_shows(who, kind, ida)), f"{kind} shows"
    assert sentence.sees or sentence.never


def _tell(sentence: Sentence, number: int, ida: str) -> None:
    """Store an Ida as the sentence has her, with one resource of each kind."""
    store({"resourceType": "Patient", "id": ida, **sentence.patient})
    store(*(about(kind, ida, id=f"{kind.lower()}-{ida}") for kind in KINDS if kind != HER))
    given = [_of(each, ida) for each in sentence.given]
    store(*({**each, "id": f"given-{number}-{ida}-{n}"} for n, each in enumerate(given)))


EVERY_THIRD = range(0, len(SENTENCES), 3)


@pytest.mark.parametrize("number", EVERY_THIRD, ids=lambda n: SENTENCES[n].said)
def test_it_is_so_at_the_api(number: int) -> None:
    """The same, asked of the API: hidden is 404, with no entry and no count."""
    sentence, ida = SENTENCES[number], f"ida-at-the-api-{number}"
    _tell(sentence, number, ida)
    who = person_permit(ida, "Ida") if sentence.who is IDA else sentence.who
    with at_the_api(who) as ask:
        for kind in SERVED:
            if kind not in (*sentence.sees, *sentence.never):
                continue
            name = ida if kind == HER else f"{kind.lower()}-{ida}"
            shows = kind in sentence.sees
            read, found = ask("GET", f"/{kind}/{name}"), ask("GET", f"/{kind}?_id={name}")
            past, whole = ask("GET", f"/{kind}/{name}/_history"), ask("GET", _everything(ida))
            assert read[0] == past[0] == (200 if shows else 404), kind
            assert (name in found[2].partition('"entry"')[2]) == shows, kind
            assert shows or f'"id":"{name}"' not in whole[2], kind


def _everything(ida: str) -> str:
    return f"/Patient/{ida}/$everything"


def _of(given: Any, ida: str) -> Any:
    """A resource that says Ida, of this Ida."""
    if isinstance(given, dict):
        return {name: _of(value, ida) for name, value in given.items()}
    if isinstance(given, list):
        return [_of(value, ida) for value in given]
    return f"Patient/{ida}" if given == "Patient/ida" else given


def test_there_are_eighty() -> None:
    """Issue 2, accept 1; two sentences cannot be the same."""
    assert len({s.said for s in SENTENCES}) >= 80


def _shows(permit: Permit, kind: str, ida: str) -> list[bool]:
    name = ida if kind == HER else f"{kind.lower()}-{ida}"
    shows = [_answers(lambda: record.read(permit, kind, name))]
    if kind in SERVED:
        page = record.search(permit, parse_query(kind, [("_id", name), ("_total", "accurate")]))
        shows += [bool(page.entries), bool(page.total)]
    return shows


def _answers(call: Any) -> bool:
    try:
        call()
    except Refusal:
        return False
    return True


def test_finding_a_person_shows_who_they_are_and_no_more() -> None:
    """A role that may trace finds somebody it does not care for, and opens nothing by it."""
    store(
        {"resourceType": "Patient", "id": "found"}, about(RESULT, "found", id="observation-found")
    )
    assert all(_shows(tracing(GP), HER, "found"))
    assert not any(_shows(tracing(GP), RESULT, "found"))


@pytest.mark.parametrize("role", ["broker", "provider-worker", "link-worker", "finance-officer",
                                  "analyst", "commissioner", "person", "proxy"])  # fmt: skip
def test_who_may_not_look_for_people_by_name(role: str) -> None:
    """Power.TRACE is refused, not answered with nothing."""
    with pytest.raises(Refusal):
        tracing(permit_of(role))
