"""Whose work each kind of Task is: one table beside `policy`, and a chapter of its manual.

It widens nothing: what somebody sees of a Task, and whether at all, row security decides. Pure.
"""

from collections.abc import Mapping

from joinedup.access.policy import POWERS
from joinedup.access.words import Power, Role

__all__ = ["HAS_WORK", "WORK", "kinds_of"]

_HOMEWARD = (
    Role.WARD_NURSE,
    Role.WARD_MANAGER,
    Role.CONSULTANT,
    Role.DISCHARGE_COORDINATOR,
    Role.OCCUPATIONAL_THERAPIST,
)
_FINDERS = (Role.BROKER, Role.DISCHARGE_COORDINATOR, Role.SOCIAL_WORKER)
_CALLERS = (
    Role.DISCHARGE_COORDINATOR,
    Role.WARD_NURSE,
    Role.DISTRICT_NURSE,
    Role.SOCIAL_WORKER,
    Role.LINK_WORKER,
    Role.OCCUPATIONAL_THERAPIST,
)
_PRACTICE = (Role.GP, Role.PRACTICE_NURSE, Role.LINK_WORKER)
_ANSWERS = (
    *_PRACTICE,
    *_HOMEWARD,
    Role.DISTRICT_NURSE,
    Role.SOCIAL_WORKER,
    Role.SAFEGUARDING_LEAD,
)
_TEAMS = tuple(dict.fromkeys((*_CALLERS, *_HOMEWARD, *_FINDERS, Role.GP, Role.PRACTICE_NURSE)))

WORK: Mapping[str, tuple[Role, ...]] = {
    "payment": POWERS[Power.KEEP_BOOKS],
    "pay-run": POWERS[Power.KEEP_BOOKS],
    "start-lost": POWERS[Power.KEEP_BOOKS],
    "invoice-exception": POWERS[Power.KEEP_BOOKS],
    "identity": POWERS[Power.SETTLE_IDENTITY],
    "adt-held": POWERS[Power.SETTLE_IDENTITY],
    "proxy-request": POWERS[Power.APPROVE_PROXY],
    "break-glass": POWERS[Power.REVIEW_ACCESS],
    "access-alert": POWERS[Power.REVIEW_ACCESS],
    "record-request": POWERS[Power.RELEASE_RECORD],
    "withholding": POWERS[Power.RELEASE_RECORD],
    "disagreement": _ANSWERS,
    "readiness": _HOMEWARD,
    "hub-referral": POWERS[Power.READ_HUB],
    "placement": _FINDERS,
    "first-visit-overdue": _FINDERS,
    "safety-net-call": _CALLERS,
    "stay-ended": (*_TEAMS, Role.PROVIDER_WORKER),
    "discharge-letter": _HOMEWARD,
    "package-held": (*_FINDERS, Role.PROVIDER_WORKER),
    "package-restart": _FINDERS,
    "help-withdrawn": (*_FINDERS, Role.PROVIDER_WORKER),
    "reach": _PRACTICE,
    "deferral": (Role.CONSULTANT,),
    "deferral-telling": POWERS[Power.PUT_OFF],
    "harm-review": (Role.CONSULTANT,),
}
"""Kind of Task -> the roles that have it on their list (`/work`). A kind that is not here is no
errand: what keeps content until somebody answers (`held`, `adt`), or a note (`proxy-for`)."""

HAS_WORK: tuple[Role, ...] = tuple(
    role for role in Role if role not in (Role.PERSON, Role.PROXY, Role.SYSTEM)
)
"""Who has a list at all: every worker, with something on it or not."""


def kinds_of(role: Role) -> tuple[str, ...]:
    """Return the kinds of Task that are a role's work, in the order of the table."""
    return tuple(kind for kind, roles in WORK.items() if role in roles)
