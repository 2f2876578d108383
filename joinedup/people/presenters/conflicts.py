"""Where organisations say different things: shown side by side, never settled silently.

Three kinds: personal details that differ between Patients, a thing that one organisation says
holds and another says has ended, and "no known allergies" beside a stated allergy.
"""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from joinedup.access.restrictions import is_restricted
from joinedup.people.presenters.items import group_by, status_of
from joinedup.people.presenters.life import Life, Resource, Statement, Told, told
from joinedup.people.presenters.safety import is_no_allergy, is_standing
from joinedup.people.presenters.sections import is_disputed
from joinedup.people.presenters.words import (
    address_lines,
    concept,
    concept_key,
    human_name,
    status_words,
    telephones,
)
from joinedup.web.dates import read_moment, say

__all__ = ["Conflict", "Side", "present_conflicts"]


class Side(Struct, frozen=True):
    """What one organisation says."""

    words: str
    told: Told


class Conflict(Struct, frozen=True, kw_only=True):
    """A matter on which two organisations differ; `is_safety` puts it beside the allergies."""

    about: str
    sides: tuple[Side, ...]
    is_safety: bool = False


def present_conflicts(life: Life, now: datetime) -> tuple[Conflict, ...]:
    """Return every conflict: those about safety first."""
    found = [*_no_allergy(life, now), *_standing(life, now), *_details(life, now)]
    return tuple(sorted(found, key=lambda c: not c.is_safety))


def _no_allergy(life: Life, now: datetime) -> list[Conflict]:
    stated = [s for s in life.of("AllergyIntolerance") if is_standing(s)]
    none = [s for s in stated if is_no_allergy(s)]
    some = [s for s in stated if not is_no_allergy(s)]
    if not none or not some or {s.organisation for s in none} == {s.organisation for s in some}:
        return []
    sides = [_side(life, s, concept(s.resource.get("code")), now) for s in (*some, *none)]
    return [Conflict(about="Allergies", sides=tuple(sides), is_safety=True)]


def _standing(life: Life, now: datetime) -> list[Conflict]:
    found = []
    stated = [s for s in life.of("AllergyIntolerance", "Condition") if status_of(s)]
    groups = group_by(stated, lambda s: f"{s.type} {concept_key(s.resource.get('code'))}")
    for group in groups.values():
        latest = list({s.organisation: s for s in group}.values())
        if len(latest) > 1 and is_disputed(latest):
            sides = [_side(life, s, status_words(status_of(s)), now) for s in latest]
            about = concept(latest[0].resource.get("code"))
            safety = latest[0].type == "AllergyIntolerance"
            found.append(Conflict(about=about, sides=tuple(sides), is_safety=safety))
    return found


def _details(life: Life, now: datetime) -> list[Conflict]:
    restricted = life.restricted or is_restricted(life.person.resource)
    found = []
    for about, shown, compared, is_private in _FIELDS:
        if restricted and is_private:
            continue
        said = [(s, shown(s.resource)) for s in (life.person, *life.others)]
        held = [(s, words) for s, words in said if words]
        if _differ([compared(words) for _, words in held]):
            sides = tuple(_side(life, s, words, now) for s, words in held)
            found.append(Conflict(about=about, sides=sides))
    return found


def _differ(said: list[frozenset[str]]) -> bool:
    """To say less is not to say otherwise: a postcode alone agrees with the whole address."""
    return any(not (one <= other or other <= one) for one in said for other in said)


def _side(life: Life, statement: Statement, words: str, now: datetime) -> Side:
    return Side(words, told(life, statement, now))


def _parts(words: str) -> frozenset[str]:
    """The words compared: case and punctuation mean nothing, nor does their order."""
    return frozenset(re.findall(r"[a-z0-9]+", words.casefold()))


def _whole(words: str) -> frozenset[str]:
    return frozenset({re.sub(r"[^a-z0-9]", "", words.casefold())})


def _numbers(words: str) -> frozenset[str]:
    return frozenset(re.sub(r"\D", "", number) for number in words.split(","))


def _name(patient: Resource) -> str:
    names = patient.get("name") or ()
    kept = [n | {"prefix": [], "given": list(n.get("given", ()))[:1]} for n in names]
    return human_name(kept)


def _born(patient: Resource) -> str:
    born = read_moment(patient.get("birthDate", ""))
    return say(born) if born else ""


def _died(patient: Resource) -> str:
    died = read_moment(str(patient.get("deceasedDateTime", "")))
    return f"died {say(died)}" if died else ""


def _telephone(patient: Resource) -> str:
    return ", ".join(t.number for t in telephones(patient.get("telecom")))


_Field = tuple[str, Callable[[Resource], str], Callable[[str], frozenset[str]], bool]
_FIELDS: tuple[_Field, ...] = (
    ("Name", _name, _whole, False),
    ("Date of birth", _born, _whole, False),
    ("Gender", lambda p: str(p.get("gender", "")), _whole, False),
    ("Address", lambda p: ", ".join(address_lines(p.get("address"))), _parts, True),
    ("Telephone", _telephone, _numbers, True),
    ("Date of death", _died, _whole, False),
)
