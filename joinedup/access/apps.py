"""The permit of an app: the holder's, less what the scopes leave out; never more (trust 2, 13).

Broken glass opens nothing through a token, and gives no token (trust 6).
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from joinedup.access import policy
from joinedup.access.permit import Permit, narrowed
from joinedup.access.scopes import Scope, classes_of, without_letters
from joinedup.access.words import Action, DataClass, Ground, Role
from joinedup.fhir.key import resource_key

__all__ = ["allowed_scopes", "app_permit", "everywhere"]

_SHARED = 1 << DataClass.SHARED
_DEMOGRAPHIC = 1 << DataClass.DEMOGRAPHIC


def allowed_scopes(permit: Permit, scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Return what of the scopes the policy lets this permit do at all, letter by letter."""
    found = (_allowed(permit, scope) for scope in scopes)
    return tuple(scope for scope in found if scope is not None)


def _allowed(permit: Permit, scope: Scope) -> Scope | None:
    classes = classes_of([scope], scope.letters)
    kept: Scope | None = scope
    if not any(mask & classes for mask in permit.sees):
        kept = without_letters(scope, "rs")
    if kept is not None and not any(mask & classes for mask in permit.changes):
        kept = without_letters(kept, "cud")
    return kept


def app_permit(
    permit: Permit, scopes: Sequence[Scope], *, bearer: str, session: str, person: str = ""
) -> Permit:
    """Return what an app may do for the holder of a permit, bound to a person where one is given.

    `bearer` is the hash of its token, looked up again by each statement; `session` names the app in
    the audit. Who is written about must be seen, so the person's own entry shows to the record
    itself; what is sent to the app is the scopes' to say.
    """
    reads = classes_of(scopes, "rscud") | _SHARED | _DEMOGRAPHIC
    lent = narrowed(permit, sees=reads, changes=classes_of(scopes, "cud"))
    within = resource_key("Patient", person) if person else 0
    closed = {Ground.BREAK_GLASS} | ({Ground.PLACE} if within else set())
    return replace(
        lent,
        sees=_without(lent.sees, closed),
        changes=_without(lent.changes, closed),
        exports=(0,) * len(Ground),
        scopes=tuple(scopes),
        bearer=bearer,
        session=session,
        within=within,
    )


def _without(masks: Sequence[int], closed: Iterable[Ground]) -> tuple[int, ...]:
    return tuple(0 if ground in closed else masks[ground] for ground in Ground)


def everywhere(permit: Permit) -> Permit:
    """Return an app's permit for what was granted beyond the person of its launch."""
    if not permit.within:
        return permit
    assert permit.role is not Role.SYSTEM, "no app is the system"
    reads = classes_of(permit.scopes or (), "rscud") | _DEMOGRAPHIC
    place = policy.masks(permit.role, Action.LOOK)[Ground.PLACE] & reads
    sees = tuple(place if g is Ground.PLACE else permit.sees[g] for g in Ground)
    return replace(permit, within=0, sees=sees)
