"""What a practice does: looks at a request, says yes to all or less of it, says no, and ends it.

A worker with the power judges that it is safe and needed; both are told on their own pages. A
worker never decides for their own family (domain.md 1.4, AC-03).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Label, Power
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.relationships import consent_kind
from joinedup.fhir.search.period import LONDON
from joinedup.people.alerts.workers import kin_of_worker
from joinedup.people.proxies.reading import JOB, knows, notes_of_person, request_of, requests
from joinedup.people.proxies.resources import (
    Asked,
    answered,
    note,
    noted,
    own_note,
    related,
    step,
    trust,
    trust_ended,
)
from joinedup.people.proxies.rules import (
    OLD_ENOUGH,
    Known,
    Wish,
    age_on,
    latest_end,
    pair_id,
    person_problems,
    proxy_problems,
)
from joinedup.people.proxies.states import BASES, DENIALS, ENDINGS, OWN_BASIS, PARENTAL
from joinedup.record import Change, Create, Put, Stored, Update
from joinedup.record.sight import Withheld
from joinedup.record.trusted import labelled

__all__ = [
    "Case",
    "Decision",
    "allow",
    "case_of",
    "deny",
    "end_trust",
    "kin_between",
    "may_decide",
    "closed_requests",
    "tell_proxy",
]

_LONGEST_WORDS = 500


class Case(Struct, frozen=True, kw_only=True):
    """A request with all that the worker who decides must see."""

    asked: Asked
    person: Known
    proxy: Known
    kin: str
    """How the worker is family of either, in words; who is decides nothing, "" for nobody."""
    against: tuple[str, ...]
    withheld: Sequence[Withheld]
    latest: date
    bases: tuple[str, ...]
    """The ways agreement may be known, as codes; the person's own is kept where they gave it."""


class Decision(Struct, frozen=True, kw_only=True):
    """What the worker chose: no more than was asked, how agreement is known, and two judgements."""

    functions: tuple[str, ...]
    until: date | None
    basis: str
    is_safe: bool
    is_needed: bool


def may_decide(permit: Permit) -> None:
    """Refuse with NotPermitted whoever does not approve proxies."""
    if not permit.may(Power.APPROVE_PROXY):
        raise NotPermitted("Your role does not approve proxies.")


def case_of(permit: Permit, person_id: str, task_id: str, now: datetime) -> Case:
    """Return a request for a worker of the person's practice to decide; NotFound for others'."""
    may_decide(permit)
    asked = request_of(permit, task_id)
    person = knows(permit, person_id)
    if asked.person != person_id or not asked.proxy:
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    proxy, today = knows(JOB, asked.proxy), now.astimezone(LONDON).date()
    latest = latest_end(person.born or today, today)
    kin = _kin_of(permit, person_id, asked.proxy)
    return Case(
        asked=asked,
        person=person,
        proxy=proxy,
        kin=kin,
        against=(*filter(None, [kin]), *_against(permit, person, proxy, today)),
        withheld=labelled(permit, person_id),
        latest=min(latest, asked.wish.until or latest) if not asked.is_again else latest,
        bases=_bases(asked, person, today),
    )


def _against(permit: Permit, person: Known, proxy: Known, today: date) -> Iterable[str]:
    """Why this worker cannot say yes now, whatever they choose."""
    if permit.organisation not in person.practices:
        yield "Only the person's own GP practice sets this up."
    yield from person_problems(person, today, online=False)
    yield from (p.message for p in proxy_problems(person, proxy, "", today))


def _kin_of(permit: Permit, person_id: str, proxy_id: str) -> str:
    """Return why this worker decides nothing between two people, being family; "" if they may."""
    people = [name for name in (person_id, proxy_id) if name]
    kin = kin_of_worker(permit.worker, people)
    return f"{kin} Somebody else at the practice decides this." if kin else ""


def _refuse_kin(kin: str) -> None:
    if kin:
        raise NotPermitted(kin)


def _bases(asked: Asked, person: Known, today: date) -> tuple[str, ...]:
    if asked.basis == OWN_BASIS:
        return (OWN_BASIS,)
    is_child = person.born is not None and age_on(person.born, today) < OLD_ENOUGH
    offered = [b for b in BASES if b != OWN_BASIS and (is_child or b != PARENTAL)]
    if is_child and person.born is not None and age_on(person.born, today) < _UNDERSTANDS:
        return (PARENTAL,)
    return tuple(offered)


_UNDERSTANDS = 11
"""From this age a child may decide it, as the practice judges; below, whoever is their parent."""


def allow(case: Case, permit: Permit, decision: Decision, version: int, now: datetime) -> Stored:
    """Give the sight that was decided, from now to the end of a day, and return its Consent.

    Raises Invalid with a problem for each field or for what stands against it, Stale where it was
    settled meanwhile, NotPermitted as `access.guard` says it. Both find it on their own pages.
    """
    may_decide(permit)
    if problems := tuple(_problems(case, decision, now.astimezone(LONDON).date())):
        raise Invalid(*problems)
    if case.asked.version != version:
        raise Stale("This was settled meanwhile. Look at what stands now.")
    old, wish = case.asked.wish, decision
    agreed = Wish(
        given=case.proxy.given,
        family=case.proxy.family,
        born=case.proxy.born,
        relationship=old.relationship,
        functions=tuple(f for f in old.functions if f in wish.functions),
        until=wish.until,
    )
    asked = case.asked
    if asked.state == "consent_pending":
        task = step(asked, "verifying", now)
        asked = replace(asked, resource=task, state="verifying")
    done = answered(step(asked, "active", now), agreed, basis=decision.basis)
    consent = trust(case.person.id, case.proxy.id, agreed, basis=BASES[decision.basis], at=now)
    changes = [*_who(permit, case, agreed), _trusting(permit, consent), Update(done, version)]
    stored = record.commit(permit, changes, action="proxy-allowed", detail=decision.basis).stored
    tell_proxy(case.person.id, case.person.name, case.proxy.id, old.relationship, now)
    return stored[-2]


def _problems(case: Case, decision: Decision, today: date) -> Iterable[Problem]:
    yield from (Problem("business-rule", words) for words in case.against)
    if not decision.functions or not set(decision.functions) <= set(case.asked.wish.functions):
        yield Problem("required", "Choose at least one, and none that was not asked.", "functions")
    if decision.until is None or not today <= decision.until <= case.latest:
        words = f"Enter a day from today to {case.latest.day} {case.latest:%B} {case.latest.year}."
        yield Problem("value", words, "until")
    if decision.basis not in case.bases:
        yield Problem("required", "Choose how you know that this is agreed.", "basis")
    if not decision.is_safe:
        yield Problem("required", "Confirm that it is safe, or say no.", "is_safe")
    if not decision.is_needed:
        yield Problem("required", "Confirm that it is needed, or say no.", "is_needed")


def _who(permit: Permit, case: Case, wish: Wish) -> Iterable[Change]:
    """Who the proxy is, in the record of the person: written once, and left as it is after that."""
    made = related(case.person.id, case.proxy, wish)
    try:
        record.read(permit, "RelatedPerson", str(made["id"]))
    except NotFound:
        yield Create(made, id=str(made["id"]))


def _trusting(permit: Permit, consent: dict[str, object]) -> Change:
    try:
        stands = record.read(permit, "Consent", str(consent["id"]))
    except NotFound:
        return Create(consent, id=str(consent["id"]))
    return Update(consent, stands.version)


def tell_proxy(person_id: str, name: str, proxy_id: str, relationship: str, now: datetime) -> None:
    """Write into the proxy's own record whose record they may open: their pages list it.

    Written again by the job that looks after proxies, should this process end before it is done.
    """
    note_id = pair_id(person_id, proxy_id)
    held = next((n for n in notes_of_person(proxy_id) if n.id == note_id), None)
    if held and held.person == person_id:
        return
    made = (
        held.resource
        if held
        else own_note(proxy_id, note_id, name, relationship, contact="", at=now)
    )
    record.commit(JOB, [Put(noted(made, person_id, now))], action="proxy-noted")


def deny(
    permit: Permit, task_id: str, version: int, *, reason: str, words: str, now: datetime
) -> None:
    """Say no, for a coded reason that professionals alone read. Refuses as `allow` does.

    Family says neither yes nor no: NotPermitted (domain.md 1.4, AC-03).
    """
    may_decide(permit)
    asked = request_of(permit, task_id)
    _refuse_kin(_kin_of(permit, asked.person, asked.proxy))
    _refuse_reason(reason, words, DENIALS)
    changed = step(asked, "rejected", now)
    record.commit(permit, [Update(changed, version)], action="proxy-denied", detail=reason)
    _write_why(permit, asked.person, reason, words, now)


def _refuse_reason(reason: str, words: str, reasons: Iterable[str]) -> None:
    if reason not in reasons:
        raise Invalid(Problem("required", "Choose why.", "reason"))
    if len(words) > _LONGEST_WORDS:
        raise Invalid(Problem("too-long", f"Use at most {_LONGEST_WORDS} characters.", "words"))


def _write_why(permit: Permit, person_id: str, reason: str, words: str, now: datetime) -> None:
    """The reason carries a label; who may not give that label has it written by the place's job."""
    carries = bool(permit.labels & Label.THIRD_PARTY)
    why = note(person_id, permit.worker, reason=reason, words=words, at=now)
    writes = permit if carries else JOB
    record.commit(writes, [Create(why)], dangling="keep", action="proxy-reason")


def end_trust(
    permit: Permit,
    person_id: str,
    consent_id: str,
    version: int,
    *,
    reason: str,
    words: str,
    now: datetime,
) -> None:
    """End what a proxy is trusted with, at once. The proxy is not told why, and cannot find out.

    Raises Invalid without a reason, Stale where it was ended meanwhile, NotPermitted for whoever
    does not approve proxies, and for family of either.
    """
    if permit.worker != JOB.worker:
        may_decide(permit)
        _refuse_kin(kin_between(permit, person_id, consent_id))
    _refuse_reason(reason, words, ENDINGS)
    stands = record.read(permit, "Consent", consent_id)
    person = str(stands.resource.get("patient", {}).get("reference", ""))
    if consent_kind(stands.resource) != "proxy" or person != f"Patient/{person_id}":
        raise NotFound(f"There is no Consent/{consent_id} that you can see.")
    if stands.resource.get("status") != "active" or stands.version != version:
        raise Stale("This was ended meanwhile. Look at what stands now.")
    changes = [Update(trust_ended(stands.resource, now), version)]
    changes += closed_requests(permit, person_id, consent_id, now)
    record.commit(permit, changes, action="proxy-ended", detail=reason)
    _write_why(permit, person_id, reason, words, now)


def kin_between(permit: Permit, person_id: str, consent_id: str) -> str:
    """Return why this worker does not end a trust, being family of either; "" if they may."""
    proxies = (a.proxy for a in requests(permit, person_id) if a.proxy)
    proxy = next((p for p in proxies if pair_id(person_id, p) == consent_id), "")
    return _kin_of(permit, person_id, proxy)


def closed_requests(permit: Permit, person_id: str, consent_id: str, now: datetime) -> list[Update]:
    """Return what closes the requests that led to a trust, for the commit that ends it."""
    return [
        Update(step(a, "revoked", now), a.version)
        for a in requests(permit, person_id)
        if a.state == "active" and pair_id(person_id, a.proxy) == consent_id
    ]
