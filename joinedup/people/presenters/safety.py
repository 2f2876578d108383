"""What can hurt, and what a person needs from us: allergies, alerts, communication needs.

These are the first things on the page. "No known allergies" is a statement by somebody on a
date, and is shown as one; where somebody else states an allergy, the two stand side by side.
"""

from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.absence import Notice, present_notices
from joinedup.people.presenters.items import group_by, is_withdrawn, status_of
from joinedup.people.presenters.life import Life, Resource, Statement, Told, told
from joinedup.people.presenters.words import (
    codes_of,
    concept,
    concept_key,
    status_words,
)
from joinedup.web.dates import read_moment

__all__ = [
    "NO_ALLERGY",
    "Allergy",
    "Marked",
    "Safety",
    "is_no_allergy",
    "is_standing",
    "present_safety",
]

# SNOMED CT: no known allergy; no known drug allergy; FHIR's own "no known" codes in the IPS.
NO_ALLERGY = frozenset(
    {"716186003", "409137002", "no-known-allergies", "no-known-medication-allergies"}
)
_ADJUSTMENT = "reasonable-adjustment"
_OVER = frozenset({"inactive", "resolved", "entered-in-error", "refuted"})


class Allergy(Struct, frozen=True, kw_only=True):
    """One allergy or intolerance, said by one or more organisations."""

    title: str
    reaction: str
    is_high_risk: bool
    standing: str
    disputed: bool
    told: tuple[Told, ...]


class Marked(Struct, frozen=True, kw_only=True):
    """An alert or a need: its name, and what each organisation adds to it."""

    title: str
    voices: tuple[tuple[str, Told], ...]


class Safety(Struct, frozen=True, kw_only=True):
    """The first column of the page."""

    allergies: tuple[Allergy, ...]
    no_allergies_said: tuple[tuple[str, Told], ...]
    allergy_notices: tuple[Notice, ...]
    alerts: tuple[Marked, ...]
    needs: tuple[Marked, ...]
    alert_notices: tuple[Notice, ...]
    need_notices: tuple[Notice, ...]


def is_no_allergy(statement: Statement) -> bool:
    """Return whether a statement says that the person has no (drug) allergy."""
    return bool(codes_of(statement.resource.get("code")) & NO_ALLERGY)


def present_safety(life: Life, now: datetime) -> Safety:
    """Return allergies, alerts and needs, and what must be said where there are none."""
    stated = [s for s in life.of("AllergyIntolerance") if status_of(s) != "entered-in-error"]
    named = [s for s in stated if not is_no_allergy(s)]
    allergies = [_allergy(life, group, now) for group in group_by(named, _substance).values()]
    flags = [s for s in life.of("Flag") if _is_current_flag(s.resource, now)]
    alerts = _marked(life, [s for s in flags if not _is_need(s.resource)], now)
    needs = _needs(life, flags, now)
    return Safety(
        allergies=tuple(sorted(allergies, key=lambda a: (not a.is_high_risk, bool(a.standing)))),
        no_allergies_said=tuple(
            (concept(s.resource.get("code")), told(life, s, now))
            for s in stated
            if is_no_allergy(s) and status_of(s) not in _OVER
        ),
        allergy_notices=present_notices(life, "allergies", is_empty=not stated, now=now),
        alerts=alerts,
        needs=needs,
        alert_notices=present_notices(life, "alerts", is_empty=not alerts, now=now),
        need_notices=present_notices(life, "needs", is_empty=not needs, now=now),
    )


def _substance(statement: Statement) -> str:
    return concept_key(statement.resource.get("code"))


def _allergy(life: Life, group: list[Statement], now: datetime) -> Allergy:
    standings = {status_of(s) for s in group}
    live = [s for s in group if status_of(s) not in _OVER]
    shown = live or group
    return Allergy(
        title=concept(shown[0].resource.get("code")) or "Substance not named",
        reaction=next((r for r in map(_reaction, shown) if r), ""),
        is_high_risk=any(s.resource.get("criticality") == "high" for s in live),
        standing="" if "active" in standings else status_words(min(standings)),
        disputed=bool(live) and len({s in _OVER for s in standings}) == 2,
        told=tuple(told(life, s, now) for s in group),
    )


def _reaction(statement: Statement) -> str:
    words = []
    for reaction in statement.resource.get("reaction") or ():
        shown = ", ".join(filter(None, (concept(m) for m in reaction.get("manifestation") or ())))
        severity = reaction.get("severity", "")
        words.append(f"{shown} ({severity})" if shown and severity else shown or severity)
    return "; ".join(filter(None, words))


def _is_need(flag: Resource) -> bool:
    categories = flag.get("category") or ()
    codes = {code for c in categories for code in codes_of(c)}
    words = " ".join(concept(c) for c in categories).casefold()
    return any(_ADJUSTMENT in c for c in codes) or "adjustment" in words or "communication" in words


def _is_current_flag(flag: Resource, now: datetime) -> bool:
    ended = read_moment((flag.get("period") or {}).get("end", ""))
    return flag.get("status", "active") == "active" and (ended is None or ended.at > now)


def _marked(life: Life, flags: list[Statement], now: datetime) -> tuple[Marked, ...]:
    """Flags about one thing become one, named by the shortest of the words used for it."""
    marked = []
    for group in group_by(flags, lambda s: concept_key(s.resource.get("code"))).values():
        title = min((w for s in group for w in _flag_words(s.resource)), key=len)
        voices = tuple((_note(s.resource, title), told(life, s, now)) for s in group)
        marked.append(Marked(title=title.rstrip("."), voices=voices))
    return tuple(marked)


def _flag_words(flag: Resource) -> list[str]:
    coded = concept({"coding": (flag.get("code") or {}).get("coding", [])})
    words = [w for w in (concept(flag.get("code")), coded) if w]
    return words or [concept(next(iter(flag.get("category") or ()), None)) or "Not named"]


def _note(flag: Resource, title: str) -> str:
    """What the organisation wrote, where that is more than the title."""
    words = concept(flag.get("code"))
    return "" if words == title else words


def _needs(life: Life, flags: list[Statement], now: datetime) -> tuple[Marked, ...]:
    marked = list(_marked(life, [s for s in flags if _is_need(s.resource)], now))
    for statement in (life.person, *life.others):
        for entry in statement.resource.get("communication") or ():
            language = concept(entry.get("language"))
            if language and not language.casefold().startswith("en"):
                said = "Preferred language" if entry.get("preferred") else "Also spoken"
                voice = (said, told(life, statement, now))
                if all(language != m.title for m in marked):
                    marked.append(Marked(title=language, voices=(voice,)))
    return tuple(marked)


def is_standing(statement: Statement) -> bool:
    """Return whether an allergy statement still holds."""
    return not is_withdrawn(statement) and status_of(statement) not in _OVER
