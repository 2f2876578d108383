"""Finding a person: what may be asked, in which searches, and how well each candidate fits. Pure.

Non-fuzzy first, fuzzy only if that finds nobody and only with enough to go on (domain.md 1.2).
`find` runs the searches; nothing here knows where the people are.
"""

from collections.abc import Mapping
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.nhs_number import VERIFIED
from joinedup.fhir.profiles.days import read_day
from joinedup.people import nhs_number
from joinedup.people.demographics import (
    Demographics,
    demographics_of,
    is_placeholder_date,
    normal_name,
    normal_postcode,
)

__all__ = [
    "Asked",
    "FindForm",
    "Fit",
    "exact_searches",
    "fit",
    "fuzzy_searches",
    "may_be_fuzzy",
    "read",
]

Pairs = tuple[tuple[str, str], ...]
Search = tuple[str, Pairs]

WILDCARD = "*"
LEAST_LETTERS = 2
LEAST_SCORE = 0.7
OLDEST_YEARS = 120
REPLACED = "This NHS number was replaced."
_NEARLY = 0.99
_UNVERIFIED = 0.8
_WEIGHTS = {"family": 3.0, "given": 2.0, "born": 3.0, "postcode": 1.0}
_STEM = 3


class FindForm(Struct, frozen=True, kw_only=True):
    """What a worker typed. Dates are yyyy-mm-dd or dd/mm/yyyy; `born_to` makes `born` a range."""

    nhs_number: str = ""
    family: str = ""
    given: str = ""
    born: str = ""
    born_to: str = ""
    gender: str = ""
    postcode: str = ""


class Asked(Struct, frozen=True, kw_only=True):
    """A form that has been understood."""

    nhs_number: str = ""
    family: str = ""
    given: str = ""
    born: date | None = None
    born_to: date | None = None
    gender: str = ""
    postcode: str = ""


class Fit(Struct, frozen=True):
    """How well a person fits what was asked: 1.0 is exact; `reasons` say why, a sentence each."""

    score: float
    reasons: tuple[str, ...]
    placeholder: bool


def read(form: FindForm, *, today: date) -> Asked:
    """Return the form understood; refuses with `Invalid`, each `Problem` naming its field."""
    problems: list[Problem] = []
    number = ""
    if form.nhs_number.strip():
        try:
            number = nhs_number.parse(form.nhs_number)
        except Invalid as refusal:
            problems.append(Problem("value", str(refusal), "nhs_number"))
    born = _read_date(form.born, "born", today, problems)
    born_to = _read_date(form.born_to, "born_to", today, problems)
    if born and born_to and born_to < born:
        problems.append(
            Problem("value", "The second birth date must be after the first", "born_to")
        )
    for field, text in (("family", form.family), ("given", form.given)):
        _check_name(field, text, problems)
    if not form.nhs_number.strip():
        problems += _missing(form)
    if problems:
        raise Invalid(*problems)
    return Asked(
        nhs_number=number,
        family=form.family.strip(),
        given=form.given.strip(),
        born=born,
        born_to=born_to,
        gender=form.gender.strip(),
        postcode=normal_postcode(form.postcode),
    )


def exact_searches(asked: Asked) -> tuple[Pairs, ...]:
    """Return the non-fuzzy searches, as search parameters of Patient, best first.

    Beside the birth date typed, 1 January of that year is looked for, as it may stand for a date
    nobody knew; when 1 January is typed, the whole year is (domain.md 1.7, 9).
    """
    if asked.nhs_number:
        return ((("identifier", f"{nhs_number.SYSTEM}|{asked.nhs_number}"),),)
    if not (asked.family and asked.born):
        return ()
    pairs = [("family", _escaped(asked.family)), *_birth_pairs(asked)]
    if asked.given:
        pairs.append(("given", _escaped(asked.given)))
    if asked.postcode:
        pairs.append(("address-postalcode", _spaced(asked.postcode)))
    return (tuple(pairs),)


def may_be_fuzzy(asked: Asked) -> bool:
    """Return whether there is enough to go on for a fuzzy search (domain.md 1.2, step 1)."""
    if asked.nhs_number or not asked.born or asked.born_to:
        return False
    whole = asked.family and asked.given
    return bool(whole or ((asked.family or asked.given) and asked.gender and asked.postcode))


def fuzzy_searches(asked: Asked) -> tuple[Pairs, ...]:
    """Return searches whose union holds everybody who might be meant; `fit` then judges each."""
    assert asked.born is not None, "a fuzzy search has a birth date"
    day = asked.born.isoformat()
    searches: list[Pairs] = [(("birthdate", day),)]
    stems: list[tuple[str, str]] = []
    if asked.family:
        stems.append(("family", _escaped(asked.family, _STEM)))
    if asked.given:
        stems.append(("given", _escaped(asked.given, _STEM)))
    if len(stems) > 1:
        searches.append(tuple(stems))
    year = ("birthdate", str(asked.born.year))
    searches += [(stem, year) for stem in stems]
    if asked.postcode:
        searches.append((("address-postalcode", _spaced(asked.postcode)), year))
    return tuple(searches)


def fit(asked: Asked, patient: Mapping[str, Any], *, fuzzy: bool) -> Fit | None:
    """Return how well a Patient fits, or None if it does not; gender is never held against anyone.

    A restricted person is judged without postcode, which must never be what found her.
    """
    who = demographics_of(patient)
    if asked.nhs_number:
        return _fit_number(asked, who)
    parts = _parts(asked, who)
    if not fuzzy and any(score < _NEARLY and name != "born" for name, score, _ in parts):
        return None
    weight = sum(_WEIGHTS[name] for name, _, _ in parts)
    score = sum(_WEIGHTS[name] * score for name, score, _ in parts) / weight
    placeholder = _is_placeholder_for(asked, who)
    if fuzzy:
        score = min(score, _NEARLY)
    if score < LEAST_SCORE or (not fuzzy and not placeholder and score < _NEARLY):
        return None
    return Fit(round(score, 4), tuple(reason for _, _, reason in parts), placeholder)


def _fit_number(asked: Asked, who: Demographics) -> Fit | None:
    if asked.nhs_number not in (who.nhs_number, *who.more_numbers, *who.old_numbers):
        return None
    reasons = ["The NHS number agrees."]
    if asked.nhs_number in who.old_numbers:
        now = f"It is now {nhs_number.show(who.nhs_number)}." if who.nhs_number else ""
        reasons = [f"{REPLACED} {now}".strip()]
    score = 1.0
    if asked.nhs_number == who.nhs_number and who.status not in VERIFIED:
        score, reasons = (
            _UNVERIFIED,
            ["The NHS number agrees, and is not verified for this person."],
        )
    for name, part, reason in _parts(asked, who):
        if part < 1.0:
            score = min(score, 1.0 - _WEIGHTS[name] / 10)
            reasons.append(f"But check: {reason[0].lower()}{reason[1:]}")
    return Fit(round(score, 4), tuple(reasons), _is_placeholder_for(asked, who))


def _parts(asked: Asked, who: Demographics) -> list[tuple[str, float, str]]:
    """Return (field, how alike from 0 to 1, reason) of each field that was asked."""
    parts: list[tuple[str, float, str]] = []
    if asked.family:
        parts.append(_name_part("family", "family name", asked.family, who.families))
    if asked.given:
        parts.append(_name_part("given", "first name", asked.given, who.givens))
    if asked.born:
        parts.append(("born", *_born_part(asked, who)))
    if asked.postcode and asked.postcode in who.postcodes:
        parts.append(("postcode", 1.0, "The postcode agrees."))
    elif asked.postcode:
        parts.append(("postcode", 0.0, "The postcode differs."))
    return parts


def _name_part(
    field: str, words: str, asked: str, known: tuple[str, ...]
) -> tuple[str, float, str]:
    wanted = normal_name(asked.rstrip(WILDCARD))
    if asked.endswith(WILDCARD):
        if any(name.startswith(wanted) for name in known):
            return field, 1.0, f"The {words} begins as typed."
        return field, 0.0, f"The {words} differs."
    best = max((SequenceMatcher(None, wanted, name).ratio() for name in known), default=0.0)
    if best == 1.0:
        return field, best, f"The {words} agrees."
    return (
        field,
        best,
        f"The {words} is like it." if best >= LEAST_SCORE else f"The {words} differs.",
    )


def _born_part(asked: Asked, who: Demographics) -> tuple[float, str]:
    assert asked.born is not None
    typed = asked.born.isoformat()
    if asked.born_to and typed <= who.born <= asked.born_to.isoformat():
        return 1.0, "The birth date is in the range typed."
    if who.born == typed:
        return 1.0, "The birth date agrees."
    if _is_placeholder_for(asked, who):
        return 0.8, "One birth date is 1 January: possible placeholder date."
    if sorted(who.born) == sorted(typed):
        return 0.8, "The digits of the birth date are in another order."
    differing = sum(one != other for one, other in zip(typed, who.born, strict=False))
    if len(typed) == len(who.born) and differing == 1:
        return 0.7, "One digit of the birth date differs."
    return 0.0, "The birth date differs."


def _is_placeholder_for(asked: Asked, who: Demographics) -> bool:
    if not asked.born or asked.born_to or not who.born:
        return False
    typed = asked.born.isoformat()
    return (
        typed != who.born
        and typed[:4] == who.born[:4]
        and (is_placeholder_date(who.born) or is_placeholder_date(typed))
    )


def _birth_pairs(asked: Asked) -> list[tuple[str, str]]:
    assert asked.born is not None
    day = asked.born.isoformat()
    if asked.born_to:
        return [("birthdate", f"ge{day}"), ("birthdate", f"le{asked.born_to.isoformat()}")]
    if is_placeholder_date(day):
        return [("birthdate", day[:4])]
    return [("birthdate", f"{day},{day[:4]}-01-01")]


def _spaced(postcode: str) -> str:
    """Return a compared postcode as it is written: outward and inward part apart."""
    return f"{postcode[:-3]} {postcode[-3:]}".upper().strip()


def _escaped(name: str, letters: int | None = None) -> str:
    """Return the start of a name as a search value; signs with a meaning there are escaped."""
    start = name.rstrip(WILDCARD)[:letters].strip()
    return "".join(f"\\{letter}" if letter in ",$|\\" else letter for letter in start)


def _check_name(field: str, text: str, problems: list[Problem]) -> None:
    stem = text.strip().rstrip(WILDCARD)
    if stem and not normal_name(stem):
        words = f"{stem[:40]!r} is nobody's name. Leave it empty, or search by NHS number"
        problems.append(Problem("value", words, field))
        return
    if WILDCARD in stem:
        problems.append(Problem("value", "Put * at the end of a name only", field))
    elif text.strip().endswith(WILDCARD) and len(normal_name(stem)) < LEAST_LETTERS:
        problems.append(Problem("value", f"Type at least {LEAST_LETTERS} letters before *", field))


def _missing(form: FindForm) -> list[Problem]:
    problems = []
    if not form.born.strip():
        problems.append(Problem("required", "Enter a date of birth, or an NHS number", "born"))
    if not form.family.strip() and not (form.given and form.gender and form.postcode):
        words = "Enter a family name, or a first name with gender and postcode"
        problems.append(Problem("required", words, "family"))
    return problems


def _read_date(text: str, field: str, today: date, problems: list[Problem]) -> date | None:
    if not text.strip():
        return None
    day = read_day(text)
    if day is None:
        problems.append(Problem("value", "Enter a real date, such as 19/07/1932", field))
    elif day > today:
        problems.append(Problem("value", "A date of birth cannot be in the future", field))
    elif today.year - day.year > OLDEST_YEARS:
        problems.append(Problem("value", f"Check the year: over {OLDEST_YEARS} years ago", field))
    return day
