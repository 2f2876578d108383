"""The manual's page of the way home: `docs/discharge.md`, printed from the tables.

`python -m joinedup.discharge.manual > docs/discharge.md`; a test fails when the page is old.
"""

from collections.abc import Iterator
from datetime import date

from joinedup.discharge.rules.endings import ACTS, ENDINGS
from joinedup.discharge.rules.states import WAY_HOME
from joinedup.fhir.machine import printed
from joinedup.fhir.profiles.referral_states import REFERRAL
from joinedup.reference.codes.discharge import criteria, delay_reasons, pathways

__all__ = ["discharge_manual"]

_BEGINNING = """\
# The way home from hospital

States, criteria, pathways and reasons, printed from the tables that the rules read by
`python -m joinedup.discharge.manual > docs/discharge.md`. What no line of a table allows is
refused.
"""


def discharge_manual(on: date) -> str:
    """Return docs/discharge.md as the tables stand on a day."""
    parts = (_criteria(on), _pathways(on), _endings(), _reasons(on))
    tables = "\n".join("\n".join(part) for part in parts)
    return "\n".join((_BEGINNING, printed(WAY_HOME), printed(REFERRAL), tables)) + "\n"


def _criteria(on: date) -> Iterator[str]:
    yield "## Criteria to reside"
    yield ""
    yield "Any one is a reason to stay. All are answered, by a clinician, each time (DI-01)."
    yield ""
    yield from (f"- {c.words}" for c in criteria(on=on))
    yield ""


def _pathways(on: date) -> Iterator[str]:
    yield "## Pathways"
    yield ""
    yield from (f"- **{p.code}** {p.words}" for p in pathways(on=on))
    yield ""


def _endings() -> Iterator[str]:
    yield "## When a stay ends otherwise"
    yield ""
    for kind, ending in ENDINGS.items():
        told = ", ".join(ending.tells)
        yield f"**{kind}** (told: {told}):"
        yield ""
        yield from (f"- {ACTS[act]}" for act in ending.acts)
        yield ""


def _reasons(on: date) -> Iterator[str]:
    yield "## Reasons for waiting"
    yield ""
    yield "| Reason | Whose | Pathways | Returned as |"
    yield "|---|---|---|---|"
    for reason in delay_reasons(on=on).values():
        ways = ", ".join(reason.pathways) or "any"
        yield f"| {reason.words} | {reason.owner} | {ways} | {reason.national} |"


_PRINTED_FOR = date(2026, 11, 22)

if __name__ == "__main__":
    import sys

    sys.stdout.write(discharge_manual(_PRINTED_FOR))
