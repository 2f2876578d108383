"""Which apps can be opened from a person's page, by whom, and the link there that says so."""

from collections.abc import Iterable

from joinedup.access.apps import allowed_scopes
from joinedup.access.permit import Permit
from joinedup.access.scopes import special_of
from joinedup.people.person_links import Link
from joinedup.smart.clients import Client, all_clients

__all__ = ["app_links", "launchable"]


def launchable(permit: Permit) -> tuple[Client, ...]:
    """Return the apps that open from a person's page and that this reader's role may let in.

    An app of which the policy would let nothing through is not offered: its page would say no.
    """
    return tuple(c for c in all_clients() if _opens(c) and allowed_scopes(permit, c.most))


def _opens(client: Client) -> bool:
    return bool(client.launch) and "launch" in special_of(client.scopes)


def app_links(permit: Permit, person_id: str) -> Iterable[Link]:
    """Yield the link to the apps of a person, for whoever can open one."""
    if launchable(permit):
        yield Link("Open in an app", f"/smart/open/{person_id}")
