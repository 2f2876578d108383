"""Mass assignment: every form that changes the record is sent with fields it does not have.

What is stored is compared with what the form alone stores, word for word (issue 2, bad input).
"""

import re

import pytest

from joinedup import record
from joinedup.fhir.search.query import parse_query
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.stage import SYSTEM
from tests.security.access.visitors import visitors
from tests.security.test_11_bad_input_in_pages import set_people

_EXTRA = {
    "role": "privacy-officer", "worker": "Practitioner/other", "organisation_code": "E99901",
    "person_id": "none", "patient": "Patient/none", "subject": "Patient/none", "id": "chosen",
    "status": "active", "resourceType": "Consent", "permit": "system", "account": "gp",
    "is_staff": "1", "is_superuser": "1", "hours": "9999", "until": "2099-01-01",
    "executionPeriod": "2099-01-01", "requester": "Practitioner/other", "source": "E99901",
    "family": "Changed", "birthDate": "2000-01-01", "nhs_number": "9990012008", "meta": "{}",
    "meta.security": "R", "actor": "Practitioner/other", "provision": "permit", "class": "money",
    "businessStatus": "reviewed", "note": "Nothing was wrong", "owner": "Practitioner/other",
    "__class__": "x", "request.permit": "x", "generalPractitioner": "Organization/E99901",
}  # fmt: skip
_CONTACT = {"telephone": "01632 960001", "version": "0"}
_FORMS: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    "contact details": ("gp", "people/referral/contact", _CONTACT, ("Patient",)),
    "broken glass": ("gp", "people/none/break-glass", {"reason": "5"}, ("Task",)),
    "an objection": (
        "person", "my/agreed/object", {"organisation": "RZ901", "version": "0"}, ("Consent",),
    ),
    "permission to view": (
        "person", "my/agreed/permission", {"answer": "ask", "version": "0"}, ("Consent",),
    ),
    "the end of a wish": ("person", "my/agreed/nothing/end", {"version": "1"}, ("Consent",)),
}  # fmt: skip
_OWN = re.compile(r'"id":"[\w.-]+"|"lastUpdated":"[^"]+"|20\d\d-\d\d-\d\d(?:T[\d:.+Z-]+)?')


@pytest.mark.parametrize("form", _FORMS)
def test_a_field_the_form_does_not_have_changes_nothing(form: str, cluster: Cluster) -> None:
    """Mass assignment: what is stored is the same with thirty fields more."""
    role, address, sent, kinds = _FORMS[form]
    stored = []
    for more in ({}, _EXTRA):
        with _Copied(cluster) as urls:
            database.configure(urls.application)
            set_people()
            with visitors() as sign_in:
                browser = sign_in(role)
                browser.get("/people/?family=ZzNone&born-day=2&born-month=1&born-year=1940&find=1")
                answer = browser.post(f"/{address}", {**more, **sent})
            stored.append([answer.status_code, *_all(kinds)])
            database.close()
    assert stored[0] == stored[1]
    assert form == "the end of a wish" or stored[0][0] == 302


def _all(kinds: tuple[str, ...]) -> list[str]:
    """Every resource of these types, without names and times of its own."""
    found = [
        s for kind in kinds for s in record.search(SYSTEM, parse_query(kind, [])).entries
    ]  # fmt: skip
    return sorted(f"{s.source} {s.role} {s.version} " + _OWN.sub("~", s.body) for s in found)
