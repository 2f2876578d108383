"""The person's own words, and the circumstance everybody needs to know: living alone."""

from datetime import datetime

from msgspec import Struct

from joinedup.people.presenters.details import answer_words
from joinedup.people.presenters.items import newest_first, status_of
from joinedup.people.presenters.life import Life, Statement, Told, told
from joinedup.people.presenters.words import codes_of

__all__ = ["About", "is_about_me", "present_about"]

_LIVES_ALONE = "105529008"


class About(Struct, frozen=True, kw_only=True):
    """What the person says of themselves: a heading and their words for each; empty if unheard."""

    words: tuple[tuple[str, str], ...]
    told: Told | None
    lives_alone: Told | None


def present_about(life: Life, now: datetime) -> About:
    """Return the newest "about me" and whether somebody has said that they live alone."""
    forms = [s for s in life.of("QuestionnaireResponse") if is_about_me(s)]
    newest = next(iter(newest_first(forms)), None)
    items = newest.resource.get("item") or () if newest else ()
    alone = next((s for s in newest_first(life.of("Observation")) if _says_alone(s)), None)
    return About(
        words=tuple((i.get("text", ""), answer_words(i)) for i in items if answer_words(i)),
        told=told(life, newest, now) if newest else None,
        lives_alone=told(life, alone, now) if alone else None,
    )


def is_about_me(statement: Statement) -> bool:
    """Return whether a statement is the person's own "about me"."""
    return str(statement.resource.get("questionnaire", "")).partition("|")[0].endswith("/about-me")


def _says_alone(statement: Statement) -> bool:
    resource = statement.resource
    if status_of(statement) == "entered-in-error" or resource.get("valueBoolean") is False:
        return False
    coded = codes_of(resource.get("code")) | codes_of(resource.get("valueCodeableConcept"))
    return _LIVES_ALONE in coded
