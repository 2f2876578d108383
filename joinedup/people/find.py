"""Find a person: the non-fuzzy search first, the fuzzy one only if that finds nobody.

What may be asked and how well somebody fits are `find_rules`. Who may trace searches the whole
place; everyone returned is in the audit, opened or not, and of those whom the permit does not
reach there is a minimal identity and no more (domain.md 1.2).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit, tracing
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.involve import master_of
from joinedup.fhir.search.period import LONDON
from joinedup.fhir.search.query import parse_query
from joinedup.people.demographics import (
    demographics_of,
    postcode_of,
    telephone_of,
    town_of,
)
from joinedup.people.find_rules import (
    Asked,
    FindForm,
    Fit,
    Pairs,
    exact_searches,
    fit,
    fuzzy_searches,
    may_be_fuzzy,
    read,
)
from joinedup.record import search
from joinedup.record.sight import reached

__all__ = ["MOST_FOUND", "FindForm", "FindResult", "Found", "find"]

MOST_FOUND = 50
_MOST_JUDGED = 200

Patient = Mapping[str, Any]


class Found(Struct, frozen=True, kw_only=True):
    """Somebody who fits. A restricted person comes without postcode and telephone (None).

    `score` 1.0 is exact; `nhs_number` is ten digits or "". Without `reached` there is a name, birth
    date, number and town alone.
    """

    person_id: str
    name: str
    birth_date: str
    nhs_number: str
    postcode: str | None
    phone: str | None
    score: float
    reasons: tuple[str, ...]
    restricted: bool
    placeholder_birth_date: bool
    deceased: bool
    town: str = ""
    reached: bool = True


class FindResult(Struct, frozen=True):
    """At most 50 people, best first; `truncated` when more fitted."""

    people: tuple[Found, ...]
    how: Literal["exact", "fuzzy"]
    truncated: bool


def find(permit: Permit, form: FindForm) -> FindResult:
    """Return who in the place fits the form, best first; NotPermitted for a role without TRACE.

    Refuses with `Invalid`, one `Problem` a field in plain words, a form with too little to go on:
    an NHS number, or a family name and birth date, or one of the sets a fuzzy search needs.
    """
    asked = read(form, today=datetime.now(LONDON).date())
    traces = tracing(permit)
    searches = exact_searches(asked)
    found, more = _run(traces, asked, searches, fuzzy=False) if searches else ((), False)
    if found or not may_be_fuzzy(asked):
        return FindResult(_as_seen(permit, found), "exact", more)
    found, more = _run(traces, asked, fuzzy_searches(asked), fuzzy=True)
    return FindResult(_as_seen(permit, found), "fuzzy", more)


def _as_seen(permit: Permit, found: tuple[Found, ...]) -> tuple[Found, ...]:
    """Leave of everybody whom the permit does not reach their minimal identity."""
    known = reached(permit, [one.person_id for one in found]) if found else frozenset()
    return tuple(
        one
        if one.person_id in known
        else replace(one, reached=False, postcode=None, phone=None, deceased=False)
        for one in found
    )


def _run(
    permit: Permit, asked: Asked, searches: Iterable[Pairs], *, fuzzy: bool
) -> tuple[tuple[Found, ...], bool]:
    """Return the best 50 of everybody the searches find, once each, and whether there are more."""
    patients: dict[str, Patient] = {}
    more = False
    for pairs in searches:
        query = parse_query("Patient", pairs, default_count=_MOST_JUDGED)
        page = search(permit, query, detail="find a person")
        more = more or page.next_cursor is not None
        patients.update((stored.id, stored.resource) for stored in page.entries)
    fitting: dict[str, tuple[Fit, Patient]] = {}
    for patient in patients.values():
        fits = fit(asked, patient, fuzzy=fuzzy)
        person = master_of(patient)
        if fits and (person not in fitting or _better((fits, patient), fitting[person], person)):
            fitting[person] = fits, patient
    masters = _masters(permit, fitting, patients)
    people = []
    for person, (fits, patient) in fitting.items():
        master = masters.get(person, patient)
        restricted = is_restricted(master) or is_restricted(patient)
        judged = _without_postcode(asked, master, fuzzy=fuzzy) if restricted else fits
        if judged:
            people.append(_found(person, judged, master, restricted=restricted))
    people.sort(key=lambda one: (-one.score, one.name, one.birth_date, one.person_id))
    return tuple(people[:MOST_FOUND]), more or len(people) > MOST_FOUND


def _better(one: tuple[Fit, Patient], other: tuple[Fit, Patient], person: str) -> bool:
    """The better fit, and of equals the person's own record before what another says of them."""
    return (one[0].score, one[1]["id"] == person) > (other[0].score, other[1]["id"] == person)


def _without_postcode(asked: Asked, patient: Patient, *, fuzzy: bool) -> Fit | None:
    """Judge a restricted person as if no postcode was typed: it must never be what found her.

    Another organisation's statement may still carry an address that is searched, so a plain search
    by postcode drops her altogether.
    """
    if asked.postcode and not fuzzy:
        return None
    return fit(replace(asked, postcode=""), patient, fuzzy=fuzzy)


def _masters(
    permit: Permit, people: Iterable[str], patients: Mapping[str, Patient]
) -> dict[str, Patient]:
    """Return the master Patients of those found, also where only a statement about them fitted."""
    have = {person: patients[person] for person in people if person in patients}
    wanted = [person for person in people if person not in have]
    for some in _parts(wanted):
        query = parse_query("Patient", (("_id", ",".join(some)),), default_count=len(some))
        page = search(permit, query, detail="find a person")
        have.update((stored.id, stored.resource) for stored in page.entries)
    return have


def _parts(values: list[str], size: int = 100) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _found(person_id: str, fits: Fit, patient: Patient, *, restricted: bool) -> Found:
    return Found(
        person_id=person_id,
        name=_name_of(patient),
        birth_date=str(patient.get("birthDate", "")),
        nhs_number=demographics_of(patient).nhs_number,
        postcode=None if restricted else postcode_of(patient) or None,
        phone=None if restricted else telephone_of(patient) or None,
        score=fits.score,
        reasons=fits.reasons,
        restricted=restricted,
        placeholder_birth_date=fits.placeholder,
        deceased=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        town="" if restricted else town_of(patient),
    )


def _name_of(patient: Patient) -> str:
    """Return the name in use as it is said: `Joyce Hallam`."""
    names = sorted(patient.get("name", ()), key=lambda n: n.get("use") in ("old", "maiden"))
    for name in names:
        parts = (*name.get("given", ())[:1], name.get("family", ""))
        if words := " ".join(part for part in parts if part) or str(name.get("text", "")):
            return words
    return "Name not known"
