"""The one shape every list on the person page is made of, and the joining of like statements.

Two organisations may say the same thing: they become one item with two sources, each with its
own status and dates, so that nothing anybody said is changed or lost.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.life import Life, Statement, Told, told
from joinedup.people.presenters.words import codes_of, concept
from joinedup.web.dates import Moment

__all__ = [
    "Item",
    "Section",
    "Voice",
    "group_by",
    "is_current",
    "item_of",
    "newest_first",
    "status_of",
]

_WITHDRAWN = frozenset({"entered-in-error", "refuted"})
_TONES = {
    "active": "now",
    "in-progress": "now",
    "arrived": "now",
    "recurrence": "now",
    "relapse": "now",
    "confirmed": "now",
    "booked": "soon",
    "planned": "soon",
    "proposed": "soon",
    "requested": "soon",
    "draft": "soon",
    "on-hold": "pause",
    "unconfirmed": "pause",
}


class Voice(Struct, frozen=True):
    """What one organisation says of an item."""

    status: str
    tone: str
    details: tuple[str, ...]
    told: Told


class Item(Struct, frozen=True, kw_only=True):
    """One thing in a list: a title, a voice for each organisation, and the dates of older ones."""

    anchor: str
    title: str
    voices: tuple[Voice, ...]
    disputed: bool = False
    at: Moment | None = None
    earlier: tuple[str, ...] = ()


class Section(Struct, frozen=True, kw_only=True):
    """A titled list on the page: `items` shown, and how many there are in all."""

    slug: str
    title: str
    items: tuple[Item, ...]
    total: int
    notices: tuple[object, ...] = ()
    hint: str = ""


def newest_first(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements with the newest true date first; undated ones last."""
    dated = [s for s in statements if s.happened]
    undated = [s for s in statements if not s.happened]
    return sorted(dated, key=_when, reverse=True) + undated


def _when(statement: Statement) -> datetime:
    assert statement.happened is not None
    return statement.happened.at


def status_of(statement: Statement) -> str:
    """Return the code of a resource's status, wherever its type keeps it; "" if it says none."""
    resource = statement.resource
    status = resource.get("status")
    if isinstance(status, str):
        return status
    verification = codes_of(resource.get("verificationStatus")) & (_WITHDRAWN | {"unconfirmed"})
    if verification:
        return min(verification)
    clinical = resource.get("clinicalStatus")
    if isinstance(clinical, dict):
        return next(iter(codes_of(clinical)), concept(clinical))
    return ""


def is_withdrawn(statement: Statement) -> bool:
    """Return whether a statement was entered in error or refuted, and so is not shown as true."""
    return status_of(statement) in _WITHDRAWN


def is_current(statement: Statement) -> bool:
    """Return whether a statement says that something holds now, pauses, or is to come."""
    return status_of(statement) in _TONES


def group_by(
    statements: Iterable[Statement], key: Callable[[Statement], str]
) -> dict[str, list[Statement]]:
    """Return statements gathered under their keys, keeping the order they came in."""
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(key(statement), []).append(statement)
    return groups


def voice_of(
    life: Life, statement: Statement, details: tuple[str, ...], words: str, now: datetime
) -> Voice:
    """Return what one statement says, ready for a page."""
    status = status_of(statement)
    return Voice(words, _TONES.get(status, "over"), details, told(life, statement, now))


def item_of(
    title: str,
    statements: list[Statement],
    voices: list[Voice],
    *,
    disputed: bool = False,
    earlier: tuple[str, ...] = (),
) -> Item:
    """Return an item from the statements about one thing; its date is the newest of theirs."""
    dates = [s.happened for s in statements if s.happened]
    return Item(
        anchor=f"{statements[0].type}-{statements[0].id}",
        title=title,
        voices=tuple(voices),
        disputed=disputed,
        earlier=earlier,
        at=max(dates) if dates else None,
    )
