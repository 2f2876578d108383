"""Checking that a resource is good FHIR R4: `check(resource)` returns everything that is wrong.

`accept` says yes quickly to what is good. For the rest `shape` walks any object by the tables of
`fhir.definitions`, with `element` (one value or many), `primitive` (dates, numbers, text), `refine`
(targets, codes) and `rule` (invariants as code); `walk` collects. Profiles and most of FHIR's
invariants are not checked here.
"""

from typing import Any

from joinedup.fhir.check.accept import accepts
from joinedup.fhir.check.shape import check_resource
from joinedup.fhir.check.walk import Walk
from joinedup.fhir.issue import Problem

__all__ = ["check"]


def check(resource: dict[str, Any]) -> tuple[Problem, ...]:
    """Return every problem of a resource as `wire.read_resource` gives it, each with its FHIRPath.

    Empty when nothing is wrong. It never refuses, whatever the tree holds; beyond the first
    `walk.MOST_PROBLEMS` problems it only counts.
    """
    if accepts(resource):
        return ()
    walk = Walk()
    check_resource(resource, "", walk)
    return walk.found()
