"""Access, chapter 1. Who may write what gives sight of a person, or takes it away (domain 1.2).

Broken glass, a proxy's trust and a permission to view are written by people in their own pages.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.access.guard import REASON_CODES, refuse_unguarded
from joinedup.access.permit import Permit, person_permit, system_permit, worker_permit
from joinedup.access.words import ROLE_SYSTEM, Power, Role
from joinedup.fhir.classes import TASK_KIND, DataClass, Label, class_of, label_of
from joinedup.fhir.issue import NotPermitted, Unprocessable
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES, Ground, reach

Resource = dict[str, Any]

NOW = datetime(2018, 1, 16, 10, 0, tzinfo=UTC)
OFFICE = "RZ901"
BELL = "Practitioner/bell"
NURSE = worker_permit(BELL, "Nurse Bell", Role.WARD_NURSE, OFFICE)
OFFICER = worker_permit("Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, OFFICE)
GP = worker_permit("Practitioner/ash", "Dr Ash", Role.GP, "Y90001")
JOYCE = person_permit("joyce", "Joyce")


def at(hours: float) -> str:
    """A moment some hours from now, as FHIR writes it."""
    return (NOW + timedelta(hours=hours)).isoformat()


def glass(reason: str = "5", text: str = "", **changes: Any) -> Resource:
    """A record opened without a relationship by Nurse Bell, for four hours."""
    task = {
        "resourceType": "Task",
        "id": "glass",
        "status": "in-progress",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "break-glass"}]},
        "for": {"reference": "Patient/joyce"},
        "requester": {"reference": BELL},
        "reasonCode": {"coding": [{"system": REASON_CODES, "code": reason}]},
        "executionPeriod": {"start": at(0), "end": at(4)},
    }
    if text:
        task["reasonCode"]["text"] = text  # type: ignore[index]  # a tree
    return task | changes


def consent(kind: str, actor: str, *, status: str = "active", **period: str) -> Resource:
    """Joyce's trust in somebody."""
    return {
        "resourceType": "Consent",
        "id": kind,
        "status": status,
        "category": [{"coding": [{"system": CONSENT_KIND, "code": kind}]}],
        "patient": {"reference": "Patient/joyce"},
        "provision": {
            "type": "permit",
            "period": period,
            "actor": [{"reference": {"reference": actor}}],
            "class": [{"system": FUNCTION_CODES, "code": "visits"}],
        },
    }


def passes(
    permit: Permit,
    after: Resource | None,
    before: Resource | None = None,
    *,
    restricted: bool = False,
) -> bool:
    """Whether the guard lets a change through."""
    try:
        refuse_unguarded(permit, before, after, now=NOW, restricted=restricted)
    except NotPermitted:
        return False
    return True


def test_a_nurse_breaks_glass_in_her_own_name_for_a_coded_reason() -> None:
    """Reasons 1 to 6; the sixth is nothing without words."""
    assert all(passes(NURSE, glass(reason)) for reason in "12345")
    assert passes(NURSE, glass("6", "Her daughter asked me in the corridor."))
    assert not any(passes(NURSE, glass(reason)) for reason in ("6", "7", ""))
    assert not passes(NURSE, glass(requester={"reference": "Practitioner/other"}))


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.PERSON, Role.PROXY)])
def test_only_roles_with_the_power_break_glass(role: Role) -> None:
    """A receptionist, a broker, an analyst and a job never do."""
    permit = worker_permit(BELL, "Bell", role, OFFICE)
    assert passes(permit, glass()) == (permit.may(Power.BREAK_GLASS) and role is not Role.SYSTEM)


def test_broken_glass_lasts_four_hours_at_most() -> None:
    """A day as an end would last to midnight, and no end for ever: neither passes."""
    for end in (at(4.001), "2018-01-16", "2018-01"):
        assert not passes(NURSE, glass(executionPeriod={"start": at(0), "end": end}))
    assert not passes(NURSE, glass(executionPeriod={"start": at(0)}))
    assert passes(NURSE, glass(executionPeriod={"start": at(-1), "end": at(1)}))


def test_no_token_and_no_job_writes_what_gives_sight() -> None:
    """What a program or a file brings opens no record."""
    token = replace(NURSE, through_token=True)
    kinds = (
        glass(),
        consent("proxy", "RelatedPerson/susan"),
        consent("permission-given", BELL, start=at(0), end=at(1)),
    )
    for permit in (token, replace(NURSE, session="token"), system_permit("import")):
        assert not any(passes(permit, kind) for kind in kinds)
        assert not passes(permit, None, glass())


def test_broken_glass_is_ended_sooner_but_never_made_longer_changed_or_deleted() -> None:
    """By the worker or the privacy officer; another worker leaves it alone."""
    sooner = glass(executionPeriod={"start": at(0), "end": at(1)})
    assert passes(NURSE, sooner, glass()) and passes(OFFICER, sooner, glass())
    assert not passes(GP, sooner, glass())
    assert not passes(NURSE, glass(), sooner) and not passes(OFFICER, glass(), sooner)
    assert not passes(NURSE, glass("1"), glass())
    assert not passes(NURSE, None, glass()) and not passes(OFFICER, None, glass())
    assert not passes(NURSE, {**glass(), "code": {"text": "Nothing"}}, glass())


def test_only_the_privacy_officer_says_what_was_found() -> None:
    """Nobody reviews themselves."""
    reviewed = glass(status="completed", note=[{"text": "Seen the notes: rightly so."}])
    assert passes(OFFICER, reviewed, glass())
    assert not passes(NURSE, reviewed, glass())
    assert not passes(NURSE, reviewed)


def test_a_proxy_is_approved_by_who_may_and_ended_by_the_person_too() -> None:
    """Never for a restricted person, never for oneself (domain 1.2, 5.2)."""
    trust = consent("proxy", "RelatedPerson/susan")
    ended = consent("proxy", "RelatedPerson/susan", status="inactive")
    assert passes(GP, trust) and not passes(NURSE, trust) and not passes(JOYCE, trust)
    assert not passes(GP, trust, restricted=True)
    assert not passes(GP, consent("proxy", "Practitioner/ash"))
    assert passes(JOYCE, ended, trust) and passes(GP, ended, trust)
    assert not passes(NURSE, ended, trust) and not passes(NURSE, None, trust)
    assert not passes(person_permit("desmond", "Desmond"), ended, trust)
    itself = replace(GP, parties=(*GP.parties, resource_key("RelatedPerson", "susan")))
    assert not passes(itself, trust)


def test_a_permission_to_view_is_for_the_worker_who_asked_and_a_day_at_most() -> None:
    """Domain 1.7, example 7."""
    given_now = consent("permission-given", BELL, start=at(0), end=at(12))
    assert passes(NURSE, given_now)
    assert not passes(GP, given_now)
    assert not passes(NURSE, consent("permission-given", BELL, start=at(0), end=at(25)))
    assert not passes(NURSE, consent("permission-given", BELL, start=at(0)))
    assert not passes(NURSE, consent("permission-given", f"Organization/{OFFICE}", end=at(1)))


_PERMITS = st.sampled_from(
    [
        *(
            worker_permit(f"Practitioner/{name}", name, role, OFFICE)
            for role in Role
            if role not in (Role.PERSON, Role.PROXY)
            for name in ("bell", "ash")
        ),
        JOYCE,
        replace(NURSE, through_token=True),
    ]
)
_ACTORS = st.sampled_from([BELL, "Practitioner/ash", "RelatedPerson/susan", "Organization/RZ901"])
_ENDS = st.sampled_from([at(1), at(4), at(12), at(24), at(30), "2018-01-16", "2030"])


@st.composite
def _resources(draw: st.DrawFn) -> Resource:
    if draw(st.booleans()):
        period = {"start": at(0), "end": draw(_ENDS)}
        return glass(
            draw(st.sampled_from("1567")),
            requester={"reference": draw(_ACTORS)},
            executionPeriod=period,
            status=draw(st.sampled_from(["in-progress", "completed", "cancelled"])),
        )
    kind = draw(st.sampled_from(["proxy", "permission-given", "objection"]))
    status = draw(st.sampled_from(["active", "inactive"]))
    return consent(kind, draw(_ACTORS), status=status, end=draw(_ENDS))


@settings(max_examples=400, deadline=None)
@given(_PERMITS, _resources(), st.none() | _resources())
def test_nobody_else_gains_sight_on_these_grounds(
    permit: Permit, after: Resource, before: Resource | None
) -> None:
    """Whatever is written over whatever: a row of these grounds that was not there before is the
    writer's own and short, or a proxy's from who approves."""
    had = set() if before is None else {(r.ground, r.party, r.ends) for r in reach(before, 1)}
    if not passes(permit, after, before):
        return
    kind, name = permit.worker.split("/")
    for row in reach(after, 1):
        if (row.ground, row.party, row.ends) in had:
            continue
        hours = {Ground.BREAK_GLASS: 4, Ground.PERMISSION: 24}.get(Ground(row.ground))
        assert permit.role is not Role.SYSTEM and not permit.through_token
        if hours is None:
            assert row.ground == Ground.PROXY and permit.may(Power.APPROVE_PROXY)
        elif before is None or row.ground == Ground.PERMISSION:
            assert row.party == resource_key(kind, name)
            assert datetime.fromisoformat(row.ends) <= NOW + timedelta(hours=hours)
        else:
            assert any(row.ground == g and row.party == p and row.ends < e for g, p, e in had)


def wish(kind: str = "objection", *, status: str = "active", **provision: Any) -> Resource:
    """What Joyce does not want."""
    said = consent(kind, f"Organization/{OFFICE}", status=status)
    said["dateTime"] = at(0)
    said["provision"] = {"type": "deny", "actor": said["provision"]["actor"], **provision}
    return said


@pytest.mark.parametrize("kind", ["objection", "permission-to-view"])
def test_a_wish_is_taken_back_by_the_person_or_for_her_and_by_nobody_else(kind: str) -> None:
    """A nurse may write down what Joyce objects to; she may not make it less (domain.md 5.2)."""
    stood = wish(kind)
    less = (
        wish(kind, status="inactive"),
        wish(kind, period={"end": at(1)}),
        wish(kind, period={"start": at(1)}),
        wish(kind, actor=[{"reference": {"reference": "Organization/Y90001"}}]),
        wish(kind, **{"class": [{"system": FUNCTION_CODES, "code": "visits"}]}),
        {**wish(kind), "dateTime": at(-9)},
        None,
    )
    assert passes(NURSE, stood)
    for after in less:
        assert not passes(NURSE, after, stood)
        assert not passes(replace(JOYCE, through_token=True), after, stood)
        assert not passes(person_permit("susan", "Susan"), after, stood)
        assert passes(JOYCE, after, stood) and passes(OFFICER, after, stood)
    assert passes(NURSE, {**stood, "dateTime": at(1), "policyRule": {"text": "again"}}, stood)


def post(who: str = "Practitioner/agency", role: str = "ward-nurse", **changes: Any) -> Resource:
    """A post that somebody may sign in to."""
    return {
        "resourceType": "PractitionerRole",
        "id": "post",
        "practitioner": {"reference": who},
        "organization": {"reference": f"Organization/{OFFICE}"},
        "code": [{"coding": [{"system": ROLE_SYSTEM, "code": role}]}],
        **changes,
    }


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.PERSON, Role.PROXY)])
def test_only_who_admits_staff_gives_a_post_changes_it_or_ends_it(role: Role) -> None:
    """Whoever could write one would choose what they see (issue 2: roles)."""
    permit = worker_permit(BELL, "Bell", role, OFFICE)
    admits = permit.may(Power.ADMIT_STAFF) or role is Role.SYSTEM
    for before, after in ((None, post()), (post(), post(role="gp")), (post(), None)):
        assert passes(permit, after, before) == admits
    assert passes(permit, post(code=[{"text": "Volunteer"}]))


def test_nobody_gives_themselves_a_post_nor_through_a_program() -> None:
    """Not even who admits others."""
    manager = worker_permit(BELL, "Bell", Role.WARD_MANAGER, OFFICE)
    assert passes(manager, post()) and not passes(manager, post(BELL))
    assert not passes(manager, post("Practitioner/agency"), post(BELL))
    assert not passes(replace(manager, through_token=True), post())


def staff_link(*targets: str) -> Resource:
    """The employer says which worker is which person."""
    links = [{"target": {"reference": target}} for target in targets]
    return {"resourceType": "Person", "id": "link", "link": links}


def test_which_worker_is_which_person_is_the_privacy_officers_to_write() -> None:
    """AC-03. Nobody writes it who cares for them, no program, and no officer of herself."""
    link, own = staff_link(BELL, "Patient/joyce"), staff_link(OFFICER.worker, "Patient/joyce")
    plain = staff_link("Patient/joyce", "RelatedPerson/susan")
    job = system_permit("import")
    for permit in (OFFICER, job):
        assert passes(permit, link) and passes(permit, None, link) and passes(permit, plain, link)
        assert not passes(replace(permit, through_token=True), link)
        assert not passes(replace(permit, session="token"), plain, link)
    for permit in (GP, NURSE, JOYCE):
        assert passes(permit, plain)
        for after, before in ((link, None), (link, plain), (plain, link), (None, link)):
            assert not passes(permit, after, before)
    assert passes(job, own)
    assert not passes(OFFICER, own) and not passes(OFFICER, None, own)


@pytest.mark.parametrize(
    "target",
    [{"reference": "https://a.example/Practitioner/bell"}, {"reference": "Person/other"},
     {"identifier": {"value": "C123"}}, {"reference": "#bell"}],
)  # fmt: skip
def test_a_link_that_is_not_plain_counts_as_a_workers(target: Resource) -> None:
    """Fail closed: it may lead to the worker by another way."""
    link = {"resourceType": "Person", "id": "l", "link": [{"target": target}]}
    assert class_of(link, names_somebody=True) is DataClass.ACCESS
    assert label_of(link) == Label.PRIVACY_OFFICE
    assert not passes(GP, link)


@pytest.mark.parametrize("kind", ["Practitioner", "PractitionerRole"])
def test_a_workers_own_nhs_number_is_not_kept_where_everybody_reads(kind: str) -> None:
    """It would lead to their record; other numbers of theirs are fine, whoever writes them."""
    worker = {"resourceType": kind, "id": "w", "identifier": [{"system": "gmc", "value": "C1"}]}
    numbered = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}
    for permit in (system_permit("import"), GP):
        assert passes(permit, worker)
        with pytest.raises(Unprocessable, match="Leave it out"):
            passes(permit, {**worker, "identifier": [numbered]}, worker)
        assert passes(permit, None, {**worker, "identifier": [numbered]})
