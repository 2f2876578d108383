"""The lists below the fold: problems, medicines, stays and contacts, services, plans, documents.

Each is a table row here: which resource types, how they are grouped, and the details shown.
Results have trends and live in `results`; what empties a list lives in `absence`.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.about import is_about_me
from joinedup.people.presenters.absence import present_notices
from joinedup.people.presenters.details import details_of
from joinedup.people.presenters.items import (
    Item,
    Section,
    Voice,
    group_by,
    is_current,
    is_withdrawn,
    item_of,
    newest_first,
    status_of,
    voice_of,
)
from joinedup.people.presenters.kinds import kind_of, title_of
from joinedup.people.presenters.life import Life, Statement
from joinedup.people.presenters.words import concept_key, status_words
from joinedup.web.dates import say

__all__ = ["LISTS", "present_section"]

_CURRENT = frozenset({"active", "in-progress", "recurrence", "relapse", "on-hold", "intended"})
_SETTLED = frozenset({"inactive", "resolved", "remission", "completed", "stopped", "refuted"})


class _List(Struct, frozen=True, kw_only=True):
    title: str
    kinds: frozenset[str]
    joined: bool = False
    hint: str = ""
    shown: int = 8


LISTS: Mapping[str, _List] = {
    "problems": _List(title="Problems", kinds=frozenset({"problem"}), joined=True, shown=10),
    "medicines": _List(title="Medicines", kinds=frozenset({"medicine"}), joined=True, shown=12),
    "services": _List(
        title="Services and requests",
        kinds=frozenset({"service", "assessment"}),
        hint="Care and support at home, what has been asked for, and assessments.",
    ),
    "plans": _List(title="Plans", kinds=frozenset({"plan"})),
    "encounters": _List(
        title="Stays, visits and appointments",
        kinds=frozenset({"stay", "contact", "appointment"}),
    ),
    "procedures": _List(
        title="Procedures and vaccinations",
        kinds=frozenset({"procedure"}),
        joined=True,
        shown=6,
    ),
    "documents": _List(title="Documents and letters", kinds=frozenset({"document"}), shown=6),
}


def present_section(life: Life, slug: str, now: datetime, *, limit: int | None = None) -> Section:
    """Return one list: current things first, then newest first; KeyError for an unknown slug."""
    kept = LISTS[slug]
    stated = [s for s in life.statements if kind_of(s) in kept.kinds and _is_listed(s)]
    groups = group_by(newest_first(stated), _joined_key if kept.joined else _own_key)
    ordered = sorted(groups.values(), key=lambda group: not _is_current(group))
    shown = _shown(ordered, kept.shown) if limit is None else ordered[:limit]
    return Section(
        slug=slug,
        title=kept.title,
        items=tuple(_item(life, group, now) for group in shown),
        total=len(ordered),
        notices=present_notices(life, slug, is_empty=not ordered, now=now),
        hint=kept.hint,
    )


def _is_listed(statement: Statement) -> bool:
    """The person's own words have a place of their own on the page."""
    return status_of(statement) != "entered-in-error" and not is_about_me(statement)


def _is_current(group: list[Statement]) -> bool:
    """Any organisation says that it holds now or is to come."""
    return any(is_current(s) for s in _latest_of_each(group))


def _shown(ordered: list[list[Statement]], most: int) -> list[list[Statement]]:
    """Show what holds now; what is over only where there is room for it."""
    current = [group for group in ordered if _is_current(group)]
    return current[:most] if len(current) >= most // 2 else ordered[:most]


def _own_key(statement: Statement) -> str:
    return f"{statement.type}/{statement.id}"


def _joined_key(statement: Statement) -> str:
    resource = statement.resource
    elements = ("code", "medicationCodeableConcept", "vaccineCode")
    coded = next((resource[e] for e in elements if e in resource), None)
    return concept_key(coded if isinstance(coded, dict) else None) or _own_key(statement)


def _item(life: Life, group: list[Statement], now: datetime) -> Item:
    latest = _latest_of_each(group)
    voices: list[Voice] = [
        voice_of(life, s, details_of(life, s, now), status_words(status_of(s)), now) for s in latest
    ]
    older = [s.happened for s in group if s not in latest and s.happened]
    return item_of(
        title_of(life, latest[0]),
        latest,
        voices,
        disputed=is_disputed(latest),
        earlier=tuple(dict.fromkeys(say(m, short=True) for m in older)),
    )


def _latest_of_each(group: list[Statement]) -> list[Statement]:
    """Keep each organisation's newest statement of a thing; older ones are on the timeline."""
    latest: dict[tuple[str, bool], Statement] = {}
    for statement in group:
        latest.setdefault((statement.organisation, is_withdrawn(statement)), statement)
    return list(latest.values())


def is_disputed(statements: list[Statement]) -> bool:
    """Return whether two organisations say that a thing holds and that it does not."""
    standings = {s.organisation: status_of(s) for s in statements}
    says_yes = any(status in _CURRENT for status in standings.values())
    return says_yes and any(status in _SETTLED for status in standings.values())
