"""Every address has its rule: pages, the API, commands. What is added without one fails here.

Issue 2, accept 1; trust 2, lessons 1, 2 and 9. That it fails is tested too, by adding one.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import typer

from joinedup.access.words import Role
from joinedup.api import dispatch
from joinedup.fhir.classes import CLASS_OF_TYPE
from joinedup.fhir.search.served import SERVED
from joinedup.record import database
from joinedup.record.cluster import Cluster
from joinedup.site.command import application
from tests.conftest import _Copied
from tests.security.access.addresses import (
    ADDRESSES,
    COMMANDS,
    FORM,
    MACHINE,
    PUBLIC,
    SECRET,
    SIGNED_IN,
    addresses_of,
    opens_for,
)
from tests.security.access.stage import person, relationship, store
from tests.security.access.visitors import Visitors, visitors
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()

INTERACTIONS = {
    "fhir": "answer_system",
    "fhir/AuditEvent": "answer_audit",
    "fhir/<type>": "answer_type",
    "fhir/<type>/_search": "answer_search",
    "fhir/<type>/<id>": "answer_instance",
    "fhir/<type>/<id>/_history": "answer_history",
    "fhir/<type>/<id>/_history/<vid>": "answer_version",
    "fhir/Patient/<id>/$everything": "answer_everything",
    "fhir/Patient/<id>/<type>": "answer_compartment",
}
"""What answers at each route of the API; `test_5_routes` asks each for what is hidden."""
_STANDS_FOR = {
    "person_id": "referral",
    "kept_id": "00000000-0000-0000-0000-000000000000",
    "agreement_id": "00000000-0000-0000-0000-000000000000",
    "slug": "problems",
}


def _pages() -> list[str]:
    from joinedup.site import door_urls, urls

    return [*addresses_of(urls.urlpatterns), *addresses_of(door_urls.urlpatterns)]


def _without_rule(addresses: list[str]) -> list[str]:
    return [address for address in addresses if address not in ADDRESSES]


def _interactions(source: str) -> dict[str, str]:
    """What the dispatcher's text answers at each route: the pairs that `_interaction` returns."""
    tree = ast.parse(source)
    body = next(n for n in tree.body if getattr(n, "name", "") == "_interaction")
    pairs = [n.value for n in ast.walk(body) if isinstance(n, ast.Return)]
    found = [(p.elts[0].value, p.elts[1].id) for p in pairs if isinstance(p, ast.Tuple)]  # type: ignore[attr-defined]  # a text and a name
    assert len(found) == len(pairs) == len(dict(found))
    return dict(found)


def _commands(group: typer.Typer = application, before: str = "") -> set[str]:
    """Every command by its full name, also those of groups and of groups within groups."""
    own = {
        before + (c.name or c.callback.__name__)  # type: ignore[union-attr]  # each has one
        for c in group.registered_commands
    }
    below = (
        _commands(g.typer_instance, f"{before}{g.name or g.typer_instance.info.name} ")  # type: ignore[union-attr,arg-type]  # a group has its own
        for g in group.registered_groups
    )
    return own.union(*below)


def test_every_page_has_its_rule_and_every_rule_its_page() -> None:
    """Who may open what is written down before it is served."""
    told = "give each a line in tests/security/access/addresses.py: who may open it"
    assert _without_rule(_pages()) == [], told
    assert [address for address in ADDRESSES if address not in _pages()] == []


def test_a_page_that_is_added_without_a_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also below an address that has one."""
    from django.urls import path

    from joinedup.people import urls as people
    from joinedup.site import urls

    new = path("people/<str:person_id>/new-room", lambda request, person_id: None)
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, new])
    assert _without_rule(_pages()) == ["people/<str:person_id>/new-room"]
    monkeypatch.undo()
    monkeypatch.setattr(people, "urlpatterns", people.urlpatterns)
    people.urlpatterns.append(new)
    try:
        assert _without_rule(_pages()) == ["people/<str:person_id>/new-room"]
    finally:
        people.urlpatterns.remove(new)


def test_every_interaction_of_the_api_has_its_rule() -> None:
    """A route that answers with something else than before needs a line of its own."""
    assert _interactions(inspect.getsource(dispatch)) == INTERACTIONS


def test_an_interaction_that_is_added_without_a_rule_fails() -> None:
    """A new route, and a new answer at an old route, are both seen."""
    source = inspect.getsource(dispatch)
    added = 'if parts == ("all",):\n        return "fhir/all", answer_all\n    kind = served'
    more = _interactions(source.replace("kind = served", added, 1))
    assert set(more) - set(INTERACTIONS) == {"fhir/all"}
    other = source.replace('<vid>", answer_version', '<vid>", answer_anything', 1)
    assert _interactions(other) != INTERACTIONS


def test_every_command_says_what_it_reads() -> None:
    """A command is a door too: it runs as a job of the system, which sees the place."""
    assert _commands() == set(COMMANDS)


def test_a_command_that_is_added_without_a_rule_fails() -> None:
    """Typer keeps the list that the command line is made of."""
    application.command(name="peek")(lambda: None)
    try:
        assert _commands() - set(COMMANDS) == {"peek"}
    finally:
        application.registered_commands.pop()


def test_a_command_that_is_added_in_a_group_without_a_rule_fails() -> None:
    """Also beside known ones (`joinedup client peek`), and in a group within a group."""
    client = next(g for g in application.registered_groups if g.name == "client").typer_instance
    assert client is not None
    inner = typer.Typer(name="inner")
    inner.command(name="look")(lambda: None)
    client.command(name="peek")(lambda: None)
    client.add_typer(inner)
    try:
        assert _commands() - set(COMMANDS) == {"client peek", "client inner look"}
    finally:
        client.registered_commands.pop()
        client.registered_groups.pop()


def test_who_admits_staff_is_said_once() -> None:
    """The roles a manager's page knows are those of the policy; later ones open nothing yet."""
    from joinedup.access.policy import POWERS
    from joinedup.access.words import Power
    from joinedup.signin.staff_rules import ADMITS

    known = {role.value for role in Role}
    assert {r for r in ADMITS if r in known} == {r.value for r in POWERS[Power.ADMIT_STAFF]}


def _unruled(served: tuple[str, ...]) -> list[str]:
    return [kind for kind in served if kind not in CLASS_OF_TYPE]


def test_a_type_that_is_served_without_a_rule_fails() -> None:
    """Trust 2, lesson 1: default deny by type. Every type of R4 is one of ours, or unserved."""
    assert _unruled(SERVED) == []
    assert _unruled((*SERVED, "NewType")) == ["NewType"]


@pytest.fixture(scope="module")
def browsers(cluster: Cluster) -> Iterator[dict[str, "Client"]]:
    """A browser for each role, and one of nobody; somebody who was referred, and who they are."""
    from django.test import Client

    with _Copied(cluster) as urls:
        database.configure(urls.application)
        for state in ("referral", "self", "proxy"):
            given = [{**each, "id": f"why-{state}"} for each in relationship(state)]
            store(person(state), *given)
        with visitors() as sign_in:
            yield {"": Client(), **_signed_in(sign_in)}
        database.close()


def _signed_in(sign_in: Visitors) -> dict[str, "Client"]:
    return {role.value: sign_in(role.value) for role in Role if role is not Role.SYSTEM}


def _at(address: str) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda m: _STANDS_FOR.get(m[1], "nothing"), address)


CLOSED = [a for a, rule in ADDRESSES.items() if rule not in (PUBLIC, FORM, MACHINE, SECRET)]


@pytest.mark.parametrize("address", CLOSED)
def test_a_page_opens_for_those_it_is_for(address: str, browsers: dict[str, "Client"]) -> None:
    """Whoever is not signed in is asked to; a role it is not for is refused, before it reads."""
    answer = browsers[""].get(_at(address))
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in?next=")
    for role in filter(None, browsers):
        status = browsers[role].get(_at(address)).status_code
        if ADDRESSES[address] == SIGNED_IN:
            assert status in (200, 403, 404), role
        elif role in opens_for(address):
            assert status in (200, 302, 404), (role, status)
        else:
            assert status == 403, (role, status)


@pytest.mark.parametrize("address", [a for a, rule in ADDRESSES.items() if rule == FORM])
def test_a_form_is_only_ever_sent(address: str, browsers: dict[str, "Client"]) -> None:
    """Nothing changes by following a link; a form without a session changes nothing either."""
    assert browsers["gp"].get(_at(address)).status_code == 405
    if address.startswith(("sign-in", "sign-out", "session", "tour")):
        return
    status = browsers[""].post(_at(address), {"reason": "5", "answer": "yes"}).status_code
    assert status in (302, 401, 403), status


@pytest.mark.parametrize("address", [a for a, rule in ADDRESSES.items() if rule == MACHINE])
def test_a_program_without_proof_is_told_nothing(
    address: str, browsers: dict[str, "Client"]
) -> None:
    """A session of the sender's browser counts for nothing there, and nothing is opened."""
    for browser in (browsers[""], browsers["gp"]):
        assert browser.get(_at(address)).status_code in (404, 405)
        answer = browser.post(_at(address), {"token": "x", "grant_type": "authorization_code"})
        assert answer.status_code in (400, 401, 404), answer.status_code
        assert b"Zz" not in answer.content and "sessionid" not in answer.cookies


@pytest.mark.parametrize("address", [a for a, rule in ADDRESSES.items() if rule == SECRET])
def test_a_page_that_opens_by_a_secret_tells_nothing_without_it(
    address: str, browsers: dict[str, "Client"]
) -> None:
    """Signed in or not, opened or sent to: there is no such page, and no way to one."""
    for browser in (browsers[""], browsers["gp"], browsers["provider-worker"]):
        for answer in (browser.get(_at(address)), browser.post(_at(address), {"do": "yes"})):
            assert answer.status_code == 404 and "Location" not in answer.headers


@pytest.mark.parametrize("address", [a for a, rule in ADDRESSES.items() if rule == PUBLIC])
def test_a_public_page_tells_of_nobody(address: str, browsers: dict[str, "Client"]) -> None:
    """Whoever is not signed in reads no name of the record."""
    page = browsers[""].get(_at(address)).content.decode()
    assert "ZzPatient" not in page and "referral" not in page
