"""The person page put together: one value holding everything its template shows."""

from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.about import About, present_about
from joinedup.people.presenters.circle import Close, Involved, present_circle, present_close
from joinedup.people.presenters.conflicts import Conflict, present_conflicts
from joinedup.people.presenters.identity import Identity, present_identity
from joinedup.people.presenters.items import Section
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.results import Results, present_results
from joinedup.people.presenters.safety import Safety, present_safety
from joinedup.people.presenters.sections import LISTS, present_section
from joinedup.people.presenters.sources import Answer, present_sources
from joinedup.people.presenters.today import Changes, Today, present_changes, present_today

__all__ = ["PersonPage", "present_page"]


class PersonPage(Struct, frozen=True, kw_only=True):
    """What the person page shows, before the timeline."""

    identity: Identity
    about: About
    safety: Safety
    circle: tuple[Involved, ...]
    close: tuple[Close, ...]
    today: Today
    changes: Changes
    conflicts: tuple[Conflict, ...]
    sections: dict[str, Section]
    results: Results
    sources: tuple[Answer, ...]
    complete: bool


def present_page(life: Life, last_looked: datetime | None, now: datetime) -> PersonPage:
    """Return the whole page about one person as one reader may see it."""
    return PersonPage(
        identity=present_identity(life, now),
        about=present_about(life, now),
        safety=present_safety(life, now),
        circle=present_circle(life),
        close=present_close(life),
        today=present_today(life, now),
        changes=present_changes(life, last_looked, now),
        conflicts=present_conflicts(life, now),
        sections={slug: present_section(life, slug, now) for slug in LISTS},
        results=present_results(life, now),
        sources=present_sources(life, now),
        complete=life.complete,
    )
