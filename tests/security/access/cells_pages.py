"""One cell of the matrix in pages: what a role reads on a page about somebody it stands so to.

Each resource of the stage holds a word of its own, so a page tells by its words what it shows: of
every type and everybody. Which page shows which types, and whom it is for, is written here by hand.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.security.access.filled import word
from tests.security.access.scenario import ROLES, STATES, TYPES, expected

if TYPE_CHECKING:
    from django.test import Client

__all__ = ["PAGES", "Visit", "all_visits", "wrong_on"]

_LISTS = {
    "problems": "Condition",
    "medicines": "MedicationRequest MedicationStatement",
    "services": "EpisodeOfCare ServiceRequest Task ClinicalImpression RiskAssessment",
    "plans": "CarePlan Goal",
    "encounters": "Encounter Appointment",
    "procedures": "Procedure Immunization",
    "documents": "DocumentReference Composition Communication",
    "results": "Observation",
}
_WHOLE = " ".join(_LISTS.values()) + " AllergyIntolerance Flag RelatedPerson"
_SUMMARY = "Condition AllergyIntolerance MedicationRequest MedicationStatement RelatedPerson"
PAGES = {
    "people/<str:person_id>": f"{_WHOLE} Patient",
    "people/<str:person_id>/timeline": f"{_LISTS['procedures']} Observation Patient",
    **{f"people/<str:person_id>/{slug}": f"{types} Patient" for slug, types in _LISTS.items()},
    "people/<str:person_id>/contact": "Patient",
    "people/<str:person_id>/contact save": "",
    "people/": "Patient",
    "access/break-glass": "Patient",
    "my": "",
    "my/coming": "",
    "my/summary": f"{_SUMMARY} Patient",
    "my/who-looked": "",
    "my/agreed": "",
    "my/agreed/object": "",
    "my/agreed/permission": "",
    "": "",
    "account": "",
    "staff": "",
}
"""Each page, and the types it shows of somebody who is seen; `save` sends its form."""

# domain.md 1.2: finding shows who somebody is to those who look for people, and no more.
_FINDS = frozenset(
    "gp practice-nurse receptionist district-nurse ward-nurse ward-manager consultant"
    " discharge-coordinator social-worker occupational-therapist safeguarding-lead"
    " privacy-officer".split()
)
_WORDS = {word(kind, state): (kind, state) for kind in TYPES for state in STATES}
_A_WORD = re.compile(r"Zz[A-Z][A-Za-z]+")
_VERSION = re.compile(r'name="version" value="(\d+)"')
_OWN = ("person", "proxy")
_NEVER = frozenset(r for r, rule in ROLES.items() if r in _OWN or "who" not in rule.changes)


class Visit(NamedTuple):
    """A role opens a page, about the person of a state where it is about somebody."""

    role: str
    page: str
    state: str


def all_visits() -> list[Visit]:
    """Every visit that means something, in an order that never changes."""
    return list(_visits())


def _visits() -> Iterator[Visit]:
    for role in ROLES:
        if role == "system":
            continue  # a job opens no page
        for page in PAGES:
            about = STATES if "<" in page or page == "people/" else ("",)
            yield from (Visit(role, page, state) for state in about)


def wrong_on(browser: "Client", visit: Visit) -> list[str]:
    """Open the page; return what it shows and should not, and what it should and does not."""
    if visit.page.endswith(" save"):
        return _wrong_of_saving(browser, visit)
    answer = browser.get(_address(visit))
    page, at = answer.content.decode(), " ".join(visit)
    if answer.status_code >= 500:
        return [f"{at}: status {answer.status_code}"]
    shown = {_WORDS[found] for found in _A_WORD.findall(page) if found in _WORDS}
    wrong = [f"{at}: leaks {k} of {s}" for k, s in shown if not _may_show(visit, k, s)]
    if answer.status_code != 200 and shown:
        wrong.append(f"{at}: {answer.status_code} shows {sorted(shown)}")
    missing = set(_should_show(visit)) - shown
    return wrong + [f"{at}: {answer.status_code} lacks {k} of {s}" for k, s in sorted(missing)]


def _wrong_of_saving(browser: "Client", visit: Visit) -> list[str]:
    """Send the form of contact details, with the version it was given if it was given one."""
    address = f"/people/{visit.state}/contact"
    version = _VERSION.search(browser.get(address).content.decode())
    typed = {"telephone": "01632 960001", "version": version[1] if version else "0"}
    status = browser.post(address, typed).status_code
    stands = expected(visit.role, "Patient", visit.state)
    may = visit.role not in _OWN and stands.sees and stands.changes
    if status == (302 if may else 403 if stands.sees or visit.role in _NEVER else 404):
        return []
    return [f"{' '.join(visit)}: {status}, and may {'' if may else 'not '}save"]


def _address(visit: Visit) -> str:
    if visit.page == "people/":
        family = word("Patient", visit.state)
        return f"/people/?family={family}&born-day=2&born-month=1&born-year=1940&find=1"
    everything = "?span=all" if visit.page.endswith("timeline") else ""
    return "/" + visit.page.replace("<str:person_id>", visit.state) + everything


def _may_show(visit: Visit, kind: str, state: str) -> bool:
    """Whose words may be on a page at all."""
    if kind == "Patient" and visit.page == "people/" and visit.role in _FINDS:
        return True
    if visit.page.startswith("people/<") and state != visit.state:
        return False
    return expected(visit.role, kind, state).sees


def _should_show(visit: Visit) -> Iterator[tuple[str, str]]:
    """What is missed where it is not there: pages are for workers, or for a person's own eyes."""
    role, page, state = visit
    if page == "access/break-glass":
        if role == "privacy-officer":
            yield from (("Patient", "glass"), ("Patient", "glass-over"))
        return
    if page == "people/":
        if role in _FINDS:
            yield "Patient", state
        return
    if page.startswith("my") != (role in _OWN):
        return
    about = {"person": "self", "proxy": "proxy"}.get(role, state)
    if not expected(role, "Patient", about).sees:
        return
    if page.endswith("/contact") and role in _NEVER:
        return  # a form of details is for those who change them
    if about == "objected":  # one closed page says who it is; the others lead to it
        if page in ("people/<str:person_id>", "people/<str:person_id>/contact"):
            yield "Patient", about
        return
    yield from ((k, about) for k in PAGES[page].split() if expected(role, k, about).sees)
