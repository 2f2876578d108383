"""What I agreed to, in words: who may not see, permission to view, who I trust, and until when."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.people.my_consents import (
    Agreed,
    ends_at,
    functions_of,
    permission_of,
    until_of,
)
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.words import concept, human_name
from joinedup.web.dates import read_moment, say

__all__ = ["FUNCTION_WORDS", "PERMISSION_WORDS", "Choice", "MyChoices", "present_choices"]

FUNCTION_WORDS: Mapping[str, str] = {
    "contacts": "your name, address and telephone",
    "summary": "your problems, allergies, results and alerts",
    "medicines": "your medicines",
    "visits": "your stays, visits and appointments",
    "letters": "your letters and notes",
    "plan": "your plans, care and support",
    "money": "money for your care",
    "who-looked": "who looked at your record",
}
"""What a proxy can be trusted with, in words; one for each function there is."""

PERMISSION_WORDS: Mapping[str, str] = {
    "yes": "Yes: those who care for you may open your record.",
    "ask": "Ask: your GP practice may open your record; everybody else asks you each time.",
    "no": "No: your GP practice may open your record, and nobody else.",
}
_EVERYTHING = "your whole record"


class Choice(Struct, frozen=True, kw_only=True):
    """One thing agreed or refused that stands: whom, what about, since and until when."""

    id: str
    version: int
    who: str
    about: str
    since: str
    until: str


class MyChoices(Struct, frozen=True, kw_only=True):
    """Everything that stands now; `answer` is permission to view, and "" was never said."""

    objections: tuple[Choice, ...]
    trusted: tuple[Choice, ...]
    given: tuple[Choice, ...]
    answer: str
    answer_since: str

    def of(self, choice_id: str) -> Choice | None:
        """Return the objection, proxy or permission with an id, None where none stands."""
        every = (*self.objections, *self.trusted, *self.given)
        return next((c for c in every if c.id == choice_id), None)


def present_choices(
    consents: Iterable[Agreed], life: Life, organisations: Mapping[str, str], now: datetime
) -> MyChoices:
    """Return what stands at `now`; what was ended, or ran out, is history and left out."""
    standing = [c for c in consents if c.is_active and not _is_over(c, now)]
    answers = [c for c in standing if c.kind == "permission-to-view"]
    # Any denial stands against everybody, whoever wrote down a yes beside it.
    answer = min(answers, key=lambda c: _STRICT.index(permission_of(c.resource)), default=None)
    names = _names(life, organisations)

    def choices(kind: str) -> tuple[Choice, ...]:
        return tuple(_choice(c, names) for c in standing if c.kind == kind)

    return MyChoices(
        objections=choices("objection"),
        trusted=choices("proxy"),
        given=choices("permission-given"),
        answer=permission_of(answer.resource) if answer else "",
        answer_since=_date(answer.resource.get("dateTime", "")) if answer else "",
    )


_STRICT = ("no", "ask", "yes")


def _is_over(agreed: Agreed, now: datetime) -> bool:
    until = ends_at(agreed.resource)
    return until is not None and until <= now


def _names(life: Life, organisations: Mapping[str, str]) -> dict[str, str]:
    held = {f"Organization/{code}": name for code, name in organisations.items()}
    for statement in life.of("RelatedPerson"):
        relation = concept(next(iter(statement.resource.get("relationship") or ()), None))
        name = human_name(statement.resource.get("name"))
        held[f"RelatedPerson/{statement.id}"] = f"{name} ({relation})" if relation else name
    for reference, resource in life.names.items():
        held.setdefault(reference, life.name_of({"reference": reference}) or str(resource["id"]))
    return held


def _choice(agreed: Agreed, names: Mapping[str, str]) -> Choice:
    who = [names.get(a) or "Somebody not named here" for a in agreed.actors]
    functions = [FUNCTION_WORDS[f] for f in functions_of(agreed.resource) if f in FUNCTION_WORDS]
    return Choice(
        id=agreed.id,
        version=agreed.version,
        who=", ".join(who) or "Everybody but your GP practice",
        about="; ".join(functions) or _EVERYTHING,
        since=_date(agreed.resource.get("dateTime", "")),
        until=_date(until_of(agreed.resource)),
    )


def _date(text: str) -> str:
    moment = read_moment(text) if text else None
    return say(moment) if moment else ""
