"""Reading a copy of somebody's record under the permit of whom it is for, as it was approved.

The permit decides what is in it: nothing here filters. What was written after the approval, and so
was not reviewed, is left as it was then.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotPermitted, TooLarge
from joinedup.people.my_queries import glass_reasons, organisation_names
from joinedup.people.presenters.my_summary import withheld_words
from joinedup.people.presenters.who_looked import Line, present_log
from joinedup.people.queries import life_of
from joinedup.people.rights.content import Copy, copy_of
from joinedup.people.rights.money import MoneyLine, money_lines
from joinedup.record import books
from joinedup.record.change import Stored
from joinedup.record.looked import Sitting, sittings
from joinedup.record.sight import withheld

__all__ = ["MOST_ENTRIES", "Copied", "copied", "log_lines"]

MOST_ENTRIES = 50_000
_AT_ONCE = 500
_MOST_LINES = 100_000


class Copied(Struct, frozen=True):
    """A copy as it was read: its resources, the same in words, who looked, and what was posted."""

    entries: tuple[Stored, ...]
    copy: Copy
    looked: tuple[Line, ...]
    money: tuple[MoneyLine, ...]


def copied(
    permit: Permit, person_id: str, *, approved: datetime | None, now: datetime, detail: str
) -> Copied:
    """Return what the permit sees of the person, as it stood when the copy was approved.

    Raises NotFound where it does not see her, TooLarge beyond `MOST_ENTRIES`.
    """
    page = record.everything(permit, person_id, count=MOST_ENTRIES, detail=detail)
    if page.next_cursor is not None:
        raise TooLarge(
            f"There are more than {MOST_ENTRIES:,} entries. The privacy officer makes such a copy "
            "in parts; ask them."
        )
    entries = tuple(_as_approved(permit, page.entries, approved))
    life = life_of(permit, person_id, entries)
    return Copied(
        entries,
        copy_of(life, withheld_words(withheld(permit, person_id)), now),
        log_lines(permit, person_id),
        money_lines(books.of_person(permit, person_id, until=approved)),
    )


def _as_approved(
    permit: Permit, entries: Iterable[Stored], approved: datetime | None
) -> Iterable[Stored]:
    for stored in entries:
        if approved is None or stored.updated <= approved:
            yield stored
        elif earlier := _earlier(permit, stored, approved):
            yield earlier


def _earlier(permit: Permit, stored: Stored, approved: datetime) -> Stored | None:
    """Return the version that stood at the approval; None for what is newer than it."""
    cursor = None
    while True:
        page = record.history(permit, stored.type, stored.id, cursor=cursor)
        for version in page.entries:
            if version.updated <= approved:
                return None if version.deleted else version
        if page.next_cursor is None:
            return None
        cursor = page.next_cursor


def log_lines(permit: Permit, person_id: str) -> tuple[Line, ...]:
    """Return who looked, newest first; nothing where the log is not the permit's to see."""
    found: list[Sitting] = []
    before: int | None = None
    while len(found) < _MOST_LINES:
        try:
            page = sittings(permit, person_id, before=before, count=_AT_ONCE)
        except NotPermitted:
            return ()
        found.extend(page)
        if len(page) < _AT_ONCE:
            break
        before = page[-1].place
    names = organisation_names(permit, (s.organisation for s in found))
    return present_log(found, names, glass_reasons(permit, person_id), permit.worker)
