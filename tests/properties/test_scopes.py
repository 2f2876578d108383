"""Scopes on random input: they only ever take away (trust 2, lesson 13).

Whatever is added to a request for access, as a filter, a type or a person it is bound to, no row
appears that was not there without it; and no app sees a row that its holder does not.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joinedup.access.apps import app_permit
from joinedup.access.permit import Permit, person_permit, worker_permit
from joinedup.access.scopes import LETTERS, Scope, is_within, narrowed_to, read_scopes, right
from joinedup.access.words import Role
from joinedup.api import scoped
from joinedup.fhir.issue import Refusal
from joinedup.fhir.search.query import parse_query
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.spec.smart.conftest import JOYCE, LABORATORY, store_two_people

KINDS = ("Patient", "Observation", "Condition", "Encounter", "Organization")
FILTERS = (
    ("category", f"{LABORATORY}|laboratory"),
    ("category", "vital-signs"),
    ("category:not", "laboratory"),
    ("status", "final"),
    ("status", "amended"),
    ("date", "ge2018-01-01"),
    ("_lastUpdated", "ge2000-01-01"),
)
HOLDERS: tuple[Permit, ...] = (
    worker_permit("Practitioner/a", "A", Role.GP, "Y90001"),
    worker_permit("Practitioner/b", "B", Role.RECEPTIONIST, "Y90001"),
    worker_permit("Practitioner/c", "C", Role.WARD_NURSE, "RZ901"),
    worker_permit("Practitioner/d", "D", Role.PRIVACY_OFFICER, "Y90001"),
    person_permit(JOYCE, "Joyce"),
)
letters = st.sets(st.sampled_from(LETTERS), min_size=1).map(
    lambda found: "".join(c for c in LETTERS if c in found)
)
plain = st.builds(
    Scope, st.sampled_from(["patient", "user"]), st.sampled_from(["*", *KINDS]), letters
)
filtered = st.builds(
    Scope,
    st.sampled_from(["patient", "user"]),
    st.just("Observation"),
    st.sampled_from(["rs", "s", "r"]),
    st.lists(st.sampled_from(FILTERS), min_size=1, max_size=2, unique=True).map(
        lambda found: tuple(sorted(found))
    ),
)
scopes = st.lists(st.one_of(plain, filtered), max_size=5).map(tuple)


@given(scopes, scopes)
def test_narrowing_is_within_both(asked: tuple[Scope, ...], most: tuple[Scope, ...]) -> None:
    """Scope by scope, and right by right."""
    got = narrowed_to(asked, most)
    assert all(is_within(s, asked) and is_within(s, most) for s in got)
    for kind in KINDS:
        for letter in LETTERS:
            if right(got, kind, letter) is not None:
                assert right(asked, kind, letter) is not None
                assert right(most, kind, letter) is not None


@given(scopes)
def test_a_scope_is_read_as_it_is_written(found: tuple[Scope, ...]) -> None:
    """Text and value say the same."""
    for scope in found:
        assert read_scopes(scope.text) == (scope,)


@pytest.fixture(scope="module")
def place(cluster: Cluster) -> Iterator[None]:
    """Two people of the surgery."""
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        store_two_people()
        yield
        database.close()


def rows(permit: Permit, kind: str) -> set[str]:
    """All of a type that a permit finds; nothing where it is refused."""
    try:
        page = scoped.search(permit, parse_query(kind, [("_count", "100")]))
    except Refusal:
        return set()
    return {stored.reference for stored in page.entries}


def read_one_by_one(permit: Permit, references: set[str]) -> set[str]:
    """Those of them that a permit reads by name."""
    found = set()
    for reference in references:
        try:
            found.add(scoped.read(permit, *reference.split("/")).reference)
        except Refusal:
            continue
    return found


def lent(holder: Permit, granted: tuple[Scope, ...], person: str) -> Permit:
    """What an app may do for a holder."""
    return app_permit(holder, granted, bearer="", session="app:x:1", person=person)


def _with_filter(scope: Scope, extra: tuple[str, str]) -> Scope | None:
    """A scope of Observations with one more filter, which goes with reading alone."""
    if scope.kind != "Observation":
        return scope
    kept = "".join(c for c in scope.letters if c in "rs")
    filters = tuple(sorted({*scope.filters, extra}))
    return Scope(scope.level, scope.kind, kept, filters) if kept else None


@pytest.mark.usefixtures("place")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    holder=st.sampled_from(HOLDERS),
    granted=scopes,
    extra=st.sampled_from(FILTERS),
    person=st.sampled_from(["", JOYCE, "bob", "nobody"]),
)
def test_no_scope_and_no_filter_adds_a_row(
    holder: Permit, granted: tuple[Scope, ...], extra: tuple[str, str], person: str
) -> None:
    """Holder, app, app with one more filter, app bound to one person: fewer each time."""
    narrower = tuple(n for s in granted if (n := _with_filter(s, extra)) is not None)
    bound = tuple(Scope("patient", s.kind, s.letters, s.filters) for s in granted)
    for kind in ("Patient", "Observation", "Condition"):
        own = rows(holder, kind)
        app = rows(lent(holder, granted, person), kind)
        assert app <= own
        assert rows(lent(holder, narrower, person), kind) <= app
        of_one = rows(lent(holder, bound, person or "nobody"), kind)
        assert of_one <= own and not any(o.endswith("bob") for o in of_one if person != "bob")
        readable = read_one_by_one(lent(holder, granted, person), own)
        assert readable <= read_one_by_one(holder, own)
