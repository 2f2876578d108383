"""Who may write what a provider is, and what it has free: the place's own lists, and the provider.

Pure. `access.guard` asks `refuse_capacity` of every commit, whichever door it came through: a
rating, a price or a free start that somebody else wrote would send a person to a provider that no
regulator or contract stands behind (MS-01, DI-05).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.provider import is_provider
from joinedup.fhir.profiles.slot import is_start, provider_said

__all__ = ["refuse_capacity"]

Resource = Mapping[str, Any]


def refuse_capacity(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a care provider's papers that no job brought in, and another provider's free starts.

    Raises NotPermitted; a service or a slot of anything else passes.
    """
    if permit.role is Role.SYSTEM:
        return
    stood = [r for r in (before, after) if r is not None]
    if any(is_provider(r) for r in stood):
        raise NotPermitted(
            "What a regulator and a contract say of a provider comes from their lists, and is "
            "written by nobody."
        )
    starts = [r for r in stood if is_start(r)]
    if not starts:
        return
    answers = permit.may(Power.ANSWER_OFFERS) and not permit.by_program
    if not answers or any(provider_said(r) != permit.organisation for r in starts):
        raise NotPermitted("What a provider has free is told by its own workers, in their pages.")
    if after is None or not is_start(after):
        raise NotPermitted("A start is taken back, and never deleted or made into something else.")
