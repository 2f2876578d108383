"""Who is involved now, with their telephone: the circle around a person.

Read from care teams, open episodes, stays and plans, the registered practice, and the people
who are close. Each is shown once, however many statements name them.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from joinedup.access.restrictions import is_restricted
from joinedup.people.presenters.life import Life, Statement, telephone_of
from joinedup.people.presenters.words import Telephone, concept, human_name, telephones
from joinedup.web.dates import read_moment

__all__ = ["Close", "Involved", "present_circle", "present_close"]

_OPEN = frozenset({"in-progress", "arrived", "triaged", "active", "onleave"})


class Involved(Struct, frozen=True, kw_only=True):
    """Somebody who works with the person now."""

    name: str
    role: str
    organisation: str
    lane: int
    telephone: str
    href: str


class Close(Struct, frozen=True, kw_only=True):
    """A relative, friend or carer."""

    name: str
    relationship: str
    note: str
    telephones: tuple[Telephone, ...]


def present_circle(life: Life) -> tuple[Involved, ...]:
    """Return who is involved now: named workers before organisations, nobody twice."""
    found: dict[str, Involved] = {}
    for person in _everybody(life):
        held = found.get(person.name.casefold())
        if held is None or (person.telephone and not held.telephone):
            found[person.name.casefold()] = person
    return tuple(found.values())


def _everybody(life: Life) -> Iterator[Involved]:
    for statement in life.of("CareTeam"):
        if statement.resource.get("status", "active") == "active":
            yield from _team(life, statement)
    for statement in life.of("EpisodeOfCare"):
        if statement.resource.get("status") in _OPEN:
            role = concept(next(iter(statement.resource.get("type") or ()), None))
            yield from _one(
                life, statement, statement.resource.get("careManager"), role or "Care manager"
            )
    for statement in life.of("Encounter"):
        if statement.resource.get("status") in _OPEN:
            for participant in statement.resource.get("participant") or ():
                role = concept(next(iter(participant.get("type") or ()), None))
                yield from _one(life, statement, participant.get("individual"), role)
    for statement in life.of("CarePlan"):
        if statement.resource.get("status") == "active":
            yield from _one(life, statement, statement.resource.get("author"), "Plan author")
    if not (life.restricted or is_restricted(life.person.resource)):
        for statement in (life.person, *life.others):
            for practice in statement.resource.get("generalPractitioner") or ():
                yield from _one(life, statement, practice, "Registered GP practice")


def _team(life: Life, statement: Statement) -> Iterator[Involved]:
    for participant in statement.resource.get("participant") or ():
        ended = read_moment((participant.get("period") or {}).get("end", ""))
        member = participant.get("member") or {}
        close = member.get("reference", "").startswith(("RelatedPerson/", "Patient/"))
        if ended is None and not close:
            role = concept(next(iter(participant.get("role") or ()), None))
            yield from _one(life, statement, member, role, participant.get("onBehalfOf"))


def _one(
    life: Life,
    statement: Statement,
    reference: dict[str, Any] | None,
    role: str,
    behalf: dict[str, Any] | None = None,
) -> Iterator[Involved]:
    name = life.name_of(reference)
    if not reference or not name:
        return
    held = life.names.get(reference.get("reference", ""), {})
    post = held if held.get("resourceType") == "PractitionerRole" else {}
    source = life.source(statement.organisation)
    organisation = life.name_of(post.get("organization") or behalf) or source.name
    own = {"reference": f"Organization/{statement.organisation}"}
    telephone = telephone_of(
        life,
        (reference, post.get("practitioner"), post.get("organization"), behalf, own),
    )
    yield Involved(
        name=name,
        role=role or concept(next(iter(post.get("code") or ()), None)),
        organisation="" if organisation == name else organisation,
        lane=source.lane,
        telephone=telephone,
        href="tel:" + "".join(c for c in telephone if c.isdigit() or c == "+"),
    )


def present_close(life: Life) -> tuple[Close, ...]:
    """Return carers, relatives and friends, carers first; none of them for a restricted person."""
    if life.restricted or is_restricted(life.person.resource):
        return ()
    people = [
        _close(s.resource.get("name"), s.resource.get("relationship"), s.resource.get("telecom"))
        for s in life.of("RelatedPerson")
        if s.resource.get("active", True) and not (s.resource.get("period") or {}).get("end")
    ]
    for statement in (life.person, *life.others):
        for contact in statement.resource.get("contact") or ():
            names = [contact["name"]] if contact.get("name") else []
            people.append(_close(names, contact.get("relationship"), contact.get("telecom")))
    found = list({p.name.casefold(): p for p in reversed(people) if p.name}.values())[::-1]
    return tuple(
        sorted(found, key=lambda p: "carer" not in f"{p.relationship} {p.note}".casefold())
    )


def _close(names: Any, relationships: Any, telecom: Any) -> Close:
    said = [concept(r) for r in relationships or ()]
    return Close(
        name=human_name(names),
        relationship=said[0] if said else "",
        note=", ".join(s for s in said[1:] if s),
        telephones=telephones(telecom),
    )
