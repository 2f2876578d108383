"""Who a session belongs to, as they are at this request: the account, and the post it is for."""

import uuid

from django.conf import settings

from joinedup.access.words import Role
from joinedup.signin.accounts import ACCOUNTS, ONE_CLICK, Account
from joinedup.signin.models import AccountRow
from joinedup.signin.posts import Post, post_of
from joinedup.web.clock import now

__all__ = ["account_behind"]

_ONE_CLICK = {account.key: account for account in ACCOUNTS}


def account_behind(key: str, post_id: str) -> Account | None:
    """Return the account of a session as it is now; None once it is closed, or its post is over."""
    if key.startswith(ONE_CLICK):
        return _ONE_CLICK.get(key) if settings.JOINEDUP_INVENTED else None
    row = AccountRow.objects.filter(id=uuid.UUID(key), closed_at=None).first()
    if row is None:
        return None
    if row.kind == "person":
        return _person(row)
    post = post_of(post_id)
    if post is None or post.practitioner != row.holder or not post.is_held(now()):
        return None
    return _worker(row, post)


def _worker(row: AccountRow, post: Post) -> Account:
    return Account(
        key=str(row.id),
        name=row.name,
        worker=row.holder,
        full_name=row.full_name,
        post=f"{post.words}, {post.place}" if post.place else post.words,
        role=post.role,
        organisation=post.organisation,
        organisation_name=post.organisation_name,
        post_id=post.id,
    )


def _person(row: AccountRow) -> Account:
    return Account(
        key=str(row.id),
        name=row.name,
        worker=row.holder,
        full_name=row.full_name,
        post="",
        role=Role.PERSON if row.holder.startswith("Patient/") else None,
        organisation="",
        organisation_name="",
        kind="person",
    )
