"""What a person may ask of those who keep her record: the permits for it, and who may write what.

Pure. Each permit below is for one purpose of `people.rights` and for nothing else, as `tracing` is
for finding; `access.guard` asks `refuse_rights` of every commit, whichever door it came through.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from joinedup.access import policy
from joinedup.access.permit import Permit
from joinedup.access.words import Action, Ground, Power, Role
from joinedup.fhir.classes import DISAGREEMENT, task_kind
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key

__all__ = [
    "GUARDED",
    "as_copied",
    "disagreeing",
    "may_print",
    "printing",
    "refuse_own_request",
    "refuse_rights",
    "releasing",
    "taking",
]

Resource = Mapping[str, Any]
GUARDED = ("record-request", "withholding", "legal-hold", DISAGREEMENT)
"""Kinds of Task that say what somebody asked for or decided, and so are not anybody's to write."""

HOLDS_RECORDS = "system/retention"
"""The job that notes and ends legal holds (`joinedup retention`)."""

_ASKED = ("for", "requester", "authoredOn", "code", "focus")
_HER_WORDS = (*_ASKED, "description")


def releasing(permit: Permit) -> Permit:
    """Return the permit that reviews the whole record of somebody who asked for it.

    It sees what the person could take away, with every label, and may change labels. Raises
    NotPermitted without the power (UK GDPR 15; DPA 2018 Schedule 3).
    """
    if not permit.may(Power.RELEASE_RECORD):
        raise NotPermitted("Your role does not answer requests for a whole record.")
    place = _on_place(policy.masks(Role.PERSON, Action.EXPORT)[Ground.SELF])
    return replace(permit, sees=place, changes=place)


def as_copied(permit: Permit, person_id: str) -> Permit:
    """Return the permit that reads what the person's own copy holds, for sending it on paper.

    Raises NotPermitted without the power. What is reached and the labels are the person's, so that
    nothing kept from her, and nothing about anybody else, can be on it.
    """
    seen = releasing(permit)
    shared = policy.masks(Role.PERSON, Action.LOOK)[Ground.NONE]
    return replace(
        seen,
        parties=(resource_key("Patient", person_id),),
        sees=(shared, *policy.masks(Role.PERSON, Action.EXPORT)[Ground.NONE + 1 :]),
        changes=(0,) * len(Ground),
        labels=policy.labels_seen(Role.PERSON),
        marks=policy.labels_marked(Role.PERSON),
    )


def disagreeing(permit: Permit) -> Permit:
    """Return the permit with which a person says that an entry of her own record is wrong.

    Raises NotPermitted for anybody else: a worker writes it down for her with their own.
    """
    if permit.role is not Role.PERSON:
        raise NotPermitted("Only the person says this, or a worker writes it down for them.")
    own = tuple(mask if ground == Ground.SELF else 0 for ground, mask in enumerate(permit.sees))
    return replace(permit, changes=own)


def printing(permit: Permit) -> Permit:
    """Return the permit that reads what its holder may put on paper, and changes nothing.

    Raises NotPermitted for a role that prints nothing.
    """
    prints = _prints(permit)
    if not any(prints):
        raise NotPermitted("Your role does not print from people's records.")
    return _reading(permit, prints)


def may_print(permit: Permit) -> bool:
    """Return whether there is anything that this permit may put on paper."""
    return any(_prints(permit))


def _prints(permit: Permit) -> tuple[int, ...]:
    masks = policy.masks(permit.role, Action.PRINT)
    return tuple(may & sees for may, sees in zip(masks, permit.sees, strict=True))


def taking(permit: Permit) -> Permit:
    """Return the permit that reads what its holder may take away in a copy, and changes nothing."""
    return _reading(permit, permit.exports)


def _reading(permit: Permit, masks: tuple[int, ...]) -> Permit:
    """The names of places and workers go with it: without them nobody could tell who said what."""
    named = (permit.sees[Ground.NONE], *masks[Ground.NONE + 1 :])
    return replace(permit, sees=named, changes=(0,) * len(Ground))


def _on_place(mask: int) -> tuple[int, ...]:
    shared = policy.masks(Role.PERSON, Action.LOOK)[Ground.NONE]
    given = {Ground.NONE: shared, Ground.PLACE: mask}
    return tuple(given.get(ground, 0) for ground in Ground)


def refuse_rights(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a change to what a person asked for, or to what was decided, by who may not make it.

    Raises NotPermitted; anything that is not `GUARDED` passes.
    """
    kinds = {task_kind(r) for r in (before, after) if r is not None} & set(GUARDED)
    if not kinds:
        return
    if "legal-hold" in kinds:
        if permit.worker != HOLDS_RECORDS:
            raise NotPermitted("A legal hold is noted by command, by those who run this place.")
        return
    if permit.role in (Role.SYSTEM, Role.PROXY) or permit.by_program:
        raise NotPermitted("What a person asks for is written in pages, by them or for them.")
    if after is None:
        raise NotPermitted("What a person asked for or said is never deleted.")
    if before is not None and task_kind(before) != task_kind(after):
        raise NotPermitted("What a person asked for cannot be made into something else.")
    kind = kinds.pop()
    if kind == "withholding":
        _need(permit, Power.RELEASE_RECORD)
    elif kind == "record-request":
        _guard_request(permit, before, after)
    else:
        _guard_disagreement(permit, before, after)


def _need(permit: Permit, power: Power) -> None:
    if not permit.may(power):
        raise NotPermitted("Your role does not decide this. The privacy officer does.")


def _guard_request(permit: Permit, before: Resource | None, after: Resource) -> None:
    if before is None:
        _begins(permit, after)
        if "output" in after or "statusReason" in after:
            raise NotPermitted("The privacy officer answers a request, not who makes it.")
        return
    _stays(before, after, _ASKED)
    if _is_about(permit, before):
        if after.get("status") != "cancelled" or before.get("status") != "requested":
            raise NotPermitted("You may take your request back. The privacy officer answers it.")
        _stays(before, after, ("output", "restriction", "businessStatus"))
        return
    _need(permit, Power.RELEASE_RECORD)
    refuse_own_request(permit, str(before.get("requester", {}).get("reference", "")))


def refuse_own_request(permit: Permit, asked_by: str) -> None:
    """Refuse to review or answer a request to the worker who wrote it down.

    Otherwise one worker alone could ask for a record that nobody asked for, and take it away.
    """
    if asked_by == permit.worker:
        raise NotPermitted(
            "You wrote this request down, so somebody else must read and answer it. Ask another "
            "privacy officer."
        )


def _guard_disagreement(permit: Permit, before: Resource | None, after: Resource) -> None:
    if before is None:
        _begins(permit, after)
        return
    if _is_about(permit, before):
        _stays(before, after, (*_ASKED, "note", "owner", "output"))
        if after.get("status") not in ("requested", "cancelled"):
            raise NotPermitted("The organisation answers what you said, not you yourself.")
        return
    _stays(before, after, _HER_WORDS)
    if before.get("owner", {}).get("reference") != f"Organization/{permit.organisation}":
        raise NotPermitted("Only the organisation that was asked answers this.")


def _begins(permit: Permit, after: Resource) -> None:
    if after.get("status") != "requested":
        raise NotPermitted("A request begins as asked, and is answered later.")
    if after.get("requester", {}).get("reference") != permit.worker:
        raise NotPermitted("You ask in your own name, and say for whom.")
    if permit.role is Role.PERSON and not _is_about(permit, after):
        raise NotPermitted("You ask about your own record.")


def _is_about(permit: Permit, task: Resource) -> bool:
    return bool(task.get("for", {}).get("reference") == permit.worker)


def _stays(before: Resource, after: Resource, elements: tuple[str, ...]) -> None:
    if any(before.get(element) != after.get(element) for element in elements):
        raise NotPermitted("What was asked, by whom and when stays as it was written.")
