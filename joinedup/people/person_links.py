"""Links of a person's page that others add, as names in the settings (`JOINEDUP_PERSON_LINKS`).

Each names a function that is told who reads and who the person is; nothing is imported from a room.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string
from msgspec import Struct

from joinedup.access.permit import Permit

__all__ = ["Link", "links_for"]


class Link(Struct, frozen=True):
    """A link: its words, and the address it leads to."""

    words: str
    href: str


_Offers = Callable[[Permit, str], Iterable[Link]]


def links_for(permit: Permit, person_id: str) -> tuple[Link, ...]:
    """Return what others offer this reader for this person; none where nobody offers anything."""
    return tuple(
        link for name in settings.JOINEDUP_PERSON_LINKS for link in _offers(name)(permit, person_id)
    )


@cache
def _offers(name: str) -> _Offers:
    return cast("_Offers", import_string(name))
