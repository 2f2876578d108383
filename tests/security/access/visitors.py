"""Browsers that are signed in: for every role, with a real session, through the whole of the site.

The one-click accounts of an invented place stand for the workers of the stage, at its organisation;
everything from the click on is the product's own: session, cookie, middleware, permit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from tests.security.access.stage import OUTWARD, permit_of
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

__all__ = ["Visitors", "visitors"]

Visitors = Callable[[str], "Client"]


@contextmanager
def visitors(*permits: Permit) -> Iterator[Visitors]:
    """Lend what signs somebody in: a role goes in, their browser comes out.

    Of the roles of `permits` it is who they say; of every other, the worker of the stage.
    """
    set_up()
    from django.conf import settings
    from django.db import connections
    from django.test import Client

    from joinedup.signin import accounts, holders

    stage = {role.value: permit_of(role.value) for role in Role if role is not Role.SYSTEM}
    given = stage | {permit.role.value: permit for permit in permits}
    made = {role: _account(permit) for role, permit in given.items()}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "JOINEDUP_NOW", None)
        patched.setattr(settings, "JOINEDUP_INVENTED", True)
        patched.setattr(accounts, "_BY_NAME", made)
        patched.setattr(holders, "_ONE_CLICK", {held.key: held for held in made.values()})

        def sign_in(role: str) -> Client:
            browser = Client(headers={"User-Agent": "Firefox/140"}, raise_request_exception=False)
            answer = browser.post("/sign-in", {"account": role, "next": "/account"})
            assert answer.status_code == 302, answer.content.decode()
            return browser

        yield sign_in
        connections.close_all()


def _account(permit: Permit) -> object:
    from joinedup.signin.accounts import ONE_CLICK, Account

    role = permit.role.value
    is_worker = role not in ("person", "proxy")
    return Account(
        key=f"{ONE_CLICK}{role}",
        name=role,
        worker=permit.worker,
        full_name="Somebody",
        post="A post",
        role=permit.role,
        organisation=permit.organisation,
        organisation_name="Marlbrook General Hospital" if is_worker else "",
        areas=(OUTWARD,) if is_worker else (),
        kind="worker" if is_worker else "person",
    )
