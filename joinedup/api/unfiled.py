"""Entries that come without saying whose they are: taken in, never answered with what is known.

FHIR R4 3.1.0.8 with 202: it was accepted, and is not yet in anybody's record. domain.md 1.7, 4.
"""

from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.scopes import right
from joinedup.api.answer import Answer, json_answer, outcome
from joinedup.api.scoped import ended
from joinedup.fhir.issue import NotPermitted, Problem
from joinedup.people.identity.arriving import take_in

__all__ = ["taken_in"]

_WORDS = (
    "Taken in. It is filed when it is certain whose it is; if that is not certain, it waits until "
    "a person has decided."
)


def taken_in(permit: Permit, resource: dict[str, Any]) -> Answer:
    """Take in an entry that describes its person within itself; the answer is always the same.

    Raises NotPermitted for who may not create such entries, and for an app that was let in for one
    person, or for some of a type.
    """
    kind = resource["resourceType"]
    if over := ended(permit):
        raise over
    if permit.scopes is not None:
        found = right(permit.scopes, kind, "c")
        if found is None or found.filters or found.is_bound:
            raise NotPermitted(f"This app was not let in to create {kind} about just anybody.")
    take_in(permit, resource)
    return json_answer(outcome([Problem("informational", _WORDS, severity="information")]), 202)
