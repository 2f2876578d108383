"""Which carers a plan counts on, and why it may not (CA-04).

Whoever was asked during the stay is counted on, unless the plan says that no carer is needed.
"""

from collections.abc import Iterable
from datetime import date

from joinedup.discharge.rules.carers import carer_problems
from joinedup.fhir.issue import Problem
from joinedup.fhir.profiles.carer_answer import CarerAnswer
from joinedup.fhir.profiles.readiness import Readiness

__all__ = ["carer_refusals", "relied_on"]


def relied_on(readiness: Readiness, answers: Iterable[CarerAnswer]) -> tuple[str, ...]:
    """Return the carers the plan counts on, in the order they were first asked."""
    if any(c.kind == "carer" and c.state == "not-needed" for c in readiness.checks):
        return ()
    asked = sorted(
        (a for a in answers if a.asked_at >= readiness.admitted), key=lambda a: a.asked_at
    )
    return tuple(dict.fromkeys(a.carer for a in asked))


def carer_refusals(
    readiness: Readiness, answers: Iterable[CarerAnswer], *, on: date
) -> tuple[Problem, ...]:
    """Return why the plan cannot count on those it counts on; empty where it counts on nobody."""
    known = tuple(answers)
    return carer_problems(relied_on(readiness, known), known, on=on)
