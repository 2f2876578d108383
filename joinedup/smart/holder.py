"""Who stands behind an agreement now: the account, its post, its sign-in; or a service's own role.

Asked anew each time a token is made. A token in use is ended by the record and by triggers
themselves, in the statement that would have used it (SQL 0031).
"""

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Gone, NotFound, NotPermitted
from joinedup.signin import clock
from joinedup.signin.accounts import Account, permit_for
from joinedup.signin.holders import account_behind
from joinedup.signin.models import SessionRow
from joinedup.signin.posts import forget, read_post
from joinedup.signin.rules import Lasts, Sitting, Standing, standing
from joinedup.smart.clients import Client
from joinedup.smart.rules import Fault, Refused
from joinedup.web.clock import now

if TYPE_CHECKING:
    from joinedup.smart.agreements import Agreement

__all__ = ["Holder", "PostSeen", "holder_of", "service_permit"]


class PostSeen(Struct, frozen=True):
    """The PractitionerRole that somebody works under, as it was when it was looked at."""

    id: str
    version: int
    until: datetime | None


class Holder(Struct, frozen=True, kw_only=True):
    """Who an app acts for: their permit, and who they are where it is somebody."""

    agreement: "Agreement"
    permit: Permit
    account: Account | None = None
    post: PostSeen | None = None


def holder_of(agreement: "Agreement", client: Client) -> Holder:
    """Return who stands behind an agreement at this moment; Refused once nobody does.

    A sign-in that is covered lets nothing new out either; when its owner is back, it does again.
    """
    if not agreement.account:
        return Holder(agreement=agreement, permit=service_permit(client))
    _refuse_ended_sign_in(agreement)
    post = _post_seen(agreement.post) if agreement.post else None
    held = account_behind(agreement.account, agreement.post)
    if held is None or (agreement.post and post is None):
        raise Refused(Fault.INVALID_GRANT, "holder-over")
    try:
        permit = permit_for(held)
    except NotPermitted:
        raise Refused(Fault.INVALID_GRANT, "holder-over") from None
    return Holder(agreement=agreement, permit=permit, account=held, post=post)


def service_permit(client: Client) -> Permit:
    """Return what a backend service may do: what its role may, for its organisation."""
    assert client.is_service, "only a service works by itself"
    return worker_permit(f"system/{client.id}", client.name, Role(client.role), client.organisation)


def _refuse_ended_sign_in(agreement: "Agreement") -> None:
    if agreement.session is None:
        return
    row = SessionRow.objects.filter(id=agreement.session).first()
    if row is None:
        raise Refused(Fault.INVALID_GRANT, "sign-in-over")
    lasts = Lasts(row.idle_seconds, row.hard_seconds)
    sitting = Sitting(lasts, row.began_at, row.seen_at, row.ended_at)
    if standing(sitting, clock.now()) is not Standing.OPEN:
        raise Refused(Fault.INVALID_GRANT, "sign-in-over")


def _post_seen(post_id: str) -> PostSeen | None:
    """Return the post as the record has it this instant, and let sign-in ask again too."""
    forget(post_id)
    try:
        stored = record.read(system_permit("sign-in"), "PractitionerRole", post_id)
    except (NotFound, Gone):
        return None
    post = read_post(stored.resource)
    return PostSeen(post.id, stored.version, post.ends) if post.is_held(now()) else None
