"""Who may write what waits for people to say whose it is: `identity` and `held` Tasks.

Pure. `access.guard` asks `refuse_identity` of every commit, whichever door it came through. The
matching jobs of the place write both; a page adds a decision to the first, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from joinedup.access import policy
from joinedup.access.permit import Permit
from joinedup.access.words import Action, Power, Role
from joinedup.fhir.classes import IDENTITY_TASKS, task_kind
from joinedup.fhir.issue import NotPermitted

__all__ = ["refuse_identity", "settling"]

Resource = Mapping[str, Any]
_DECIDED = ("status", "businessStatus", "output", "owner", "lastModified", "meta")
"""What a decision changes of an `identity` Task; what was asked, and of whom, stays as it came."""


def settling(permit: Permit) -> Permit:
    """Return the permit that moves what was filed to the wrong person by an earlier answer.

    It sees and changes the place in the name of who corrects the answer, for that alone. Raises
    NotPermitted without the power (ID-03, ID-04).
    """
    if not permit.may(Power.SETTLE_IDENTITY):
        raise NotPermitted("Your role does not say whose record it is.")
    return replace(
        permit,
        sees=policy.masks(Role.SYSTEM, Action.LOOK),
        changes=policy.masks(Role.SYSTEM, Action.CHANGE),
        labels=policy.labels_seen(Role.SYSTEM),
    )


def refuse_identity(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a change to what waits for a decision by who may not make it (ID-03).

    Raises NotPermitted; anything that is not of these kinds passes. Were it otherwise, whoever
    writes such a Task could have the system store what it says about anybody.
    """
    kinds = {task_kind(r) for r in (before, after) if r is not None} & set(IDENTITY_TASKS)
    if not kinds:
        return
    if permit.by_program:
        raise NotPermitted("Whose record it is, people say in pages. A program cannot.")
    if permit.role is Role.SYSTEM:
        return
    if kinds != {"identity"} or before is None or after is None:
        raise NotPermitted("Only the place's own jobs write what waits for a decision.")
    if not permit.may(Power.SETTLE_IDENTITY):
        raise NotPermitted("Your role does not say whose record it is.")
    if any(before.get(name) != after.get(name) for name in {*before, *after} - set(_DECIDED)):
        raise NotPermitted("What came, and whom it might be, stays as it was written.")
    if _labels(before) != _labels(after):
        raise NotPermitted("Who may see it stays as it was.")
    earlier, later = list(before.get("output", ())), list(after.get("output", ()))
    if len(later) <= len(earlier) or later[: len(earlier)] != earlier:
        raise NotPermitted("A decision is added to those before it; none is taken away.")


def _labels(task: Resource) -> Any:
    return task.get("meta", {}).get("security")
