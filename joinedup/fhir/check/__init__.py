"""Checking that a resource is good FHIR R4: `check(resource)` returns everything that is wrong.

    walk        one check under way: the problems found so far, and what is contained
    shape       one kind of object: its elements, how many, which choice
    primitive   strings, numbers, dates, codes
    refine      what an element asks beyond its type: reference targets, required codes
    rule        invariants that tables cannot say, written as code

The tables are `fhir.definitions`; each shape is compiled into small functions on first use.
Profiles and the rest of FHIR's invariants are not checked here.
"""

from typing import Any

from joinedup.fhir.check.shape import check_resource
from joinedup.fhir.check.walk import Walk
from joinedup.fhir.issue import Problem

__all__ = ["check"]


def check(resource: dict[str, Any]) -> tuple[Problem, ...]:
    """Return every problem of a resource as `wire.read_resource` gives it, each with its FHIRPath.

    Empty when nothing is wrong. It never refuses, whatever the tree holds; beyond the first
    `walk.MOST_PROBLEMS` problems it only counts.
    """
    walk = Walk()
    check_resource(resource, "", walk)
    return walk.found()
