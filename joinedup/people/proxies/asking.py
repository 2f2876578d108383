"""What a person and a would-be proxy do: invite, take up an invitation, ask, agree, decline.

Nothing here gives sight; that is `deciding`. A stranger's record is never told of: whoever asks
for one gets the same answer whether it is there, protected, or somebody who has died.
"""

import secrets
from datetime import date, datetime
from uuid import uuid4

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Problem
from joinedup.fhir.nhs_number import is_valid
from joinedup.fhir.search.period import LONDON
from joinedup.people.proxies.reading import (
    JOB,
    asked_by_code,
    find_exactly,
    knows,
    request_of,
    requests,
    trust_of,
)
from joinedup.people.proxies.resources import Asked, answered, held, own_note, request, step
from joinedup.people.proxies.rules import (
    MOST_MONTHS,
    Known,
    Wish,
    after_months,
    contact_problems,
    latest_end,
    pair_id,
    person_problems,
    proxy_problems,
    wish_problems,
)
from joinedup.people.proxies.states import OWN_BASIS
from joinedup.record import Create, Put, Stored, Update

__all__ = ["Looking", "agree", "ask", "decline", "invite", "may_invite", "take_up", "waiting_for"]

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_WRONG_CODE = (
    "This code does not go together with your name and date of birth, was used already, or is "
    "older than 14 days. Check it, or ask for a new one."
)


class Looking(Struct, frozen=True, kw_only=True):
    """Whose record somebody asks to see: three facts that together say who it is (ID-02)."""

    number: str
    given: str
    family: str


_NOT_ONLINE = (
    "This cannot be done online. Please ring their GP practice, or go there together: they can "
    "talk with both of you about what is possible."
)


def may_invite(permit: Permit, now: datetime) -> tuple[Known, tuple[str, ...]]:
    """Return who is signed in, and why they cannot let anybody see their record; () when they can.

    NotPermitted for anybody but the person themselves.
    """
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person decides this. Ask them, or ask their GP practice.")
    person = knows(permit, permit.worker.removeprefix("Patient/"))
    return person, person_problems(person, _today(now), online=True)


def _today(now: datetime) -> date:
    return now.astimezone(LONDON).date()


def invite(permit: Permit, wish: Wish, now: datetime) -> str:
    """Write down whom a person lets see what, and return the code to give them.

    Raises Invalid with a problem for each field, or in words for the whole of it; NotPermitted for
    anybody but the person. Until the other took it up and the practice agreed it opens nothing.
    """
    person, against = may_invite(permit, now)
    if against:
        raise Invalid(*(Problem("business-rule", words) for words in against))
    assert person.born is not None
    latest = latest_end(person.born, _today(now))
    if problems := (*wish_problems(wish, _today(now), latest), *_self(person, wish)):
        raise Invalid(*problems)
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    made = request(person.id, wish, state="requested", at=now, code=code, basis=OWN_BASIS)
    record.commit(permit, [Create(made)], action="proxy-invited")
    return f"{code[:4]}-{code[4:]}"


def _self(person: Known, wish: Wish) -> tuple[Problem, ...]:
    same = (person.given.casefold(), person.family.casefold()) == (
        wish.given.strip().casefold(),
        wish.family.strip().casefold(),
    )
    if not (same and wish.born == person.born):
        return ()
    words = "These are your own name and date of birth. You see your record already."
    return (Problem("business-rule", words, "given"),)


def take_up(permit: Permit, code: str, contact: str, now: datetime) -> str:
    """Take up an invitation in one's own name, and return the name of whoever invited.

    Who somebody is they proved by signing in; the code goes only with the name and date of birth
    it was made for. Raises Invalid, the same whatever of it is wrong.
    """
    own = _myself(permit)
    asked = asked_by_code(code, now)
    if asked is None or not _is_for(asked.wish, own):
        raise Invalid(Problem("value", _WRONG_CODE, "code"))
    person = knows(JOB, asked.person)
    _refuse(person, own, contact, permit, now)
    changed = held(step(asked, "verifying", now), own)
    _note(permit, own, person, asked.wish, contact=contact, now=now)
    record.commit(JOB, [Update(changed, asked.version)], action="proxy-taken-up")
    return person.name


def _is_for(wish: Wish, own: Known) -> bool:
    return own.born == wish.born and own.family.casefold() == wish.family.casefold()


def _myself(permit: Permit) -> Known:
    if permit.role is not Role.PERSON:
        raise NotPermitted("Sign in as yourself to act for somebody else.")
    return knows(permit, permit.worker.removeprefix("Patient/"))


def _refuse(person: Known, own: Known, contact: str, permit: Permit, now: datetime) -> None:
    today = _today(now)
    if person_problems(person, today, online=False):  # which of them is not the asker's to know
        raise Invalid(Problem("business-rule", _NOT_ONLINE))
    if problems := proxy_problems(person, own, contact, today):
        raise Invalid(*problems)
    if trust_of(permit, person.id):
        words = (
            "You can see this record already. To see more of it, ask the person or the practice."
        )
        raise Invalid(Problem("business-rule", words))


def _note(
    permit: Permit, own: Known, person: Known, wish: Wish, *, contact: str, now: datetime
) -> None:
    """Keep in the asker's own record that they asked; once it was approved it says whose it is."""
    note_id = pair_id(person.id, own.id)
    made = own_note(own.id, note_id, person.name, wish.relationship, contact=contact, at=now)
    record.commit(permit, [Put(made)], action="proxy-noted")


def ask(permit: Permit, looking: Looking, wish: Wish, now: datetime) -> None:
    """Ask to see somebody's record; what comes of it is told by the person or their practice.

    Raises Invalid for what is wrong in the form itself, and for asking for one's own record. It
    says nothing of whether such a record is here, protected, or of somebody who has died.
    """
    own, today = _myself(permit), _today(now)
    if problems := _form_problems(looking, wish, own, now):
        raise Invalid(*problems)
    assert wish.born is not None
    person = find_exactly(_digits(looking.number), looking.family, wish.born)
    typed = f"{looking.given.strip()} {looking.family.strip()}"
    made = own_note(
        own.id, f"asked-{uuid4()}", typed, wish.relationship, contact=wish.contact, at=now
    )
    record.commit(permit, [Create(made)], action="proxy-noted")
    if person is None or person_problems(person, today, online=False):
        return
    if proxy_problems(person, own, "", today) or trust_of(permit, person.id):
        return
    if any(a.proxy == own.id and a.state in _OPEN for a in requests(JOB, person.id)):
        return
    own_facts = Wish(
        given=own.given,
        family=own.family,
        born=own.born,
        relationship=wish.relationship,
        functions=wish.functions,
        until=wish.until,
    )
    task = held(request(person.id, own_facts, state="consent_pending", at=now), own)
    record.commit(JOB, [Create(task)], action="proxy-asked")


_ASKERS = {
    "relationship": "Choose who you are to them.",
    "functions": "Choose at least one thing that you need to see.",
}
"""What is said to whoever asks, where the words for whoever invites would not fit."""
_OPEN = ("requested", "consent_pending", "verifying")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _form_problems(looking: Looking, wish: Wish, own: Known, now: datetime) -> tuple[Problem, ...]:
    """Whose record: a number, a name and a date of birth; the rest as for every wish."""
    today = _today(now)
    found = []
    if not is_valid(_digits(looking.number)):
        words = "Enter their NHS number: ten digits. It is on letters from the NHS."
        found.append(Problem("value", words, "number"))
    elif _digits(looking.number) == own.number:
        words = "This is your own number. Your own record is under My record."
        found.append(Problem("business-rule", words, "number"))
    typed = Wish(
        given=looking.given,
        family=looking.family,
        born=wish.born,
        relationship=wish.relationship,
        functions=wish.functions,
        until=wish.until,
    )
    latest = after_months(today, MOST_MONTHS)
    said = (p for p in wish_problems(typed, today, latest) if p.code != "business-rule")
    found += [Problem(p.code, _ASKERS.get(p.path, p.message), p.path) for p in said]
    return (*found, *contact_problems(wish.contact, ()))


def waiting_for(permit: Permit) -> tuple[Asked, ...]:
    """Return what waits for the person's own answer or for others, of what they may decide."""
    person_id = permit.worker.removeprefix("Patient/")
    return tuple(a for a in requests(permit, person_id) if a.state in _OPEN)


def agree(permit: Permit, task_id: str, wish: Wish, version: int, now: datetime) -> Stored:
    """Say yes to somebody who asked, to no more than they asked for; the practice looks next.

    Raises Invalid, Stale where it was answered meanwhile, NotPermitted for anybody but the person.
    """
    person, against = may_invite(permit, now)
    asked = _own_request(permit, person, task_id)
    if against:
        raise Invalid(*(Problem("business-rule", words) for words in against))
    if not wish.functions or not set(wish.functions) <= set(asked.wish.functions):
        raise Invalid(Problem("required", "Choose at least one thing they may see.", "functions"))
    changed = answered(step(asked, "verifying", now), wish, basis=OWN_BASIS)
    return record.commit(permit, [Update(changed, version)], action="proxy-agreed").stored[0]


def decline(permit: Permit, task_id: str, version: int, now: datetime) -> Stored:
    """Say no to somebody who asked, or take an invitation back. Refuses as `agree` does."""
    person, _ = may_invite(permit, now)
    asked = _own_request(permit, person, task_id)
    changed = step(asked, "rejected", now)
    return record.commit(permit, [Update(changed, version)], action="proxy-declined").stored[0]


def _own_request(permit: Permit, person: Known, task_id: str) -> Asked:
    asked = request_of(permit, task_id)
    if asked.person != person.id:
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    return asked
