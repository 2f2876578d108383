"""Every route of the API has its rule here: hidden answers as absent does, and nobody gets nothing.

The routes are read from the dispatcher's own text: one that is added without a line here fails.
"""

import ast
import inspect
from collections.abc import Iterator

import pytest

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.api import dispatch
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.cells_api import FORM
from tests.security.access.door import at_the_api
from tests.security.access.stage import about, store

OPEN_TO_ALL = {"fhir/metadata", "fhir/.well-known/smart-configuration"}
"""What is served and where an app asks to be let in, and nothing of anybody."""
ROUTES: dict[str, tuple[str, str]] = {
    "fhir": ("POST", ""),
    "fhir/AuditEvent": ("GET", "/AuditEvent?patient=Patient/{who}"),
    "fhir/<type>": ("GET", "/Observation?patient=Patient/{who}&_total=accurate"),
    "fhir/<type>/_search": ("POST", "/Observation/_search"),
    "fhir/<type>/<id>": ("GET", "/Observation/of-{who}"),
    "fhir/<type>/<id>/_history": ("GET", "/Observation/of-{who}/_history"),
    "fhir/<type>/<id>/_history/<vid>": ("GET", "/Observation/of-{who}/_history/1"),
    "fhir/Patient/<id>/$everything": ("GET", "/Patient/{who}/$everything"),
    "fhir/Patient/<id>/<type>": ("GET", "/Patient/{who}/Observation?_total=accurate"),
}
STRANGERS = (Role.GP, Role.WARD_NURSE, Role.FINANCE_OFFICER, Role.ANALYST)


def _stranger(role: Role, route: str) -> Permit:
    """Somebody who never asked before: a worker's own looks show to them in the audit."""
    return worker_permit(f"Practitioner/z{len(route)}-{role.value}", "Z", role, "904")


def _routes_of_the_dispatcher() -> set[str]:
    tree = ast.parse(inspect.getsource(dispatch))
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {t for t in texts if isinstance(t, str) and t.split("/")[0] == "fhir" and " " not in t}


def test_every_route_has_its_rule() -> None:
    """Issue 2, accept 1: adding an address without a rule fails the build."""
    assert _routes_of_the_dispatcher() == set(ROUTES) | OPEN_TO_ALL


@pytest.fixture(scope="module", autouse=True)
def _somebody(cluster: Cluster) -> Iterator[None]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        store(about("Patient", "", id="hidden"), about("Observation", "hidden", id="of-hidden"))
        yield
        database.close()


@pytest.mark.parametrize("role", STRANGERS, ids=lambda role: role.value)
@pytest.mark.parametrize("route", ROUTES)
def test_hidden_is_absent(route: str, role: Role) -> None:
    """Trust 2, lesson 6: the same status, headers and words but for the name that was asked."""
    method, address = ROUTES[route]
    with at_the_api(_stranger(role, route)) as ask:
        hidden, absent = (
            ask(method, address.format(who=who), *_asked(who, method, address))
            for who in ("hidden", "absent")
        )
    assert hidden[0] == absent[0] < 500
    assert hidden[0] in (200, 404) or not address, "what is refused unread tests nothing"
    assert hidden[2].replace("hidden", "absent") == absent[2]


def _asked(who: str, method: str, address: str) -> tuple[object, dict[str, str]]:
    """A batch is asked of the system's own address; a search by POST is a form."""
    if method != "POST":
        return None, {}
    if address:
        return f"patient=Patient/{who}&_total=accurate", FORM
    entry = {"request": {"method": "GET", "url": f"Observation/of-{who}"}}
    return {"resourceType": "Bundle", "type": "batch", "entry": [entry]}, {}


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_token_nothing_is_answered(route: str) -> None:
    """Trust 2, lesson 2: 401 before anything is looked at."""
    method, address = ROUTES[route]
    with at_the_api(_stranger(Role.GP, route)) as ask, pytest.MonkeyPatch.context() as patched:
        patched.setattr("joinedup.api.gate._readers", [])
        status, _, body = ask(method, address.format(who="hidden"))
    assert status == 401 and "hidden" not in body
