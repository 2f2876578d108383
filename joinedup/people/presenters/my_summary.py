"""My summary: problems, medicines, allergies, who helps, what is withheld; in plain words.

Made from the same presenters as a worker's page, under the person's own permit. A list that holds
something withheld never says that there is none (house law 13).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.access.words import DataClass, Label
from joinedup.people.presenters.absence import Notice
from joinedup.people.presenters.circle import Close, Involved, present_circle, present_close
from joinedup.people.presenters.items import Section
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.safety import Safety, present_safety
from joinedup.people.presenters.sections import present_section
from joinedup.people.presenters.sources import Answer, present_sources
from joinedup.people.presenters.words import human_name
from joinedup.record.sight import Withheld

__all__ = ["MySummary", "present_summary", "withheld_words"]

_CLASS_WORDS: Mapping[int, str] = {
    DataClass.DEMOGRAPHIC: "your details",
    DataClass.CLINICAL: "your health",
    DataClass.SOCIAL_CARE: "your care and support",
    DataClass.FINANCIAL: "money",
    DataClass.ACCESS: "who looked at your record",
    DataClass.VISITS: "your stays and appointments",
    DataClass.MEDICINES: "your medicines",
    DataClass.NOTES: "what was written about you",
    DataClass.ALERTS: "your alerts and needs",
    DataClass.PLAN: "your plans",
    DataClass.WORK: "what was asked for you",
}
_HARM = (
    "a professional judged that seeing it here, without somebody to talk to, could do serious harm"
)
_WHY: Mapping[Label, str] = {Label.VERY_RESTRICTED: _HARM, Label.SERIOUS_HARM: _HARM}
_SOME = "Something here is withheld from this page."


class MySummary(Struct, frozen=True, kw_only=True):
    """What the summary page shows."""

    name: str
    problems: Section
    medicines: Section
    safety: Safety
    problem_notices: tuple[Notice, ...]
    medicine_notices: tuple[Notice, ...]
    allergy_notices: tuple[Notice, ...]
    circle: tuple[Involved, ...]
    close: tuple[Close, ...]
    withheld: tuple[str, ...]
    sources: tuple[Answer, ...]


def present_summary(life: Life, withheld: Iterable[Withheld], now: datetime) -> MySummary:
    """Return the summary of one life; `withheld` are the marks the reader is told of."""
    marks = tuple(withheld)
    problems = present_section(life, "problems", now)
    medicines = present_section(life, "medicines", now)
    safety = present_safety(life, now)
    clinical, given = _has(marks, DataClass.CLINICAL), _has(marks, DataClass.MEDICINES)
    return MySummary(
        name=human_name(life.person.resource.get("name")) or "Name not recorded",
        problems=problems,
        medicines=medicines,
        safety=safety,
        problem_notices=_notices(problems.notices, is_withheld=clinical),
        medicine_notices=_notices(medicines.notices, is_withheld=given),
        allergy_notices=_notices(safety.allergy_notices, is_withheld=clinical),
        circle=present_circle(life),
        close=present_close(life),
        withheld=withheld_words(marks),
        sources=present_sources(life, now),
    )


def _has(marks: tuple[Withheld, ...], data_class: DataClass) -> bool:
    return any(mark.data_class == data_class for mark in marks)


def _notices(found: Iterable[object], *, is_withheld: bool) -> tuple[Notice, ...]:
    """Where something is withheld nobody's "none recorded" stands: it could be this."""
    said = tuple(n for n in found if isinstance(n, Notice))
    if not is_withheld:
        return said
    return (Notice("withheld", _SOME), *(n for n in said if n.kind not in ("none", "not-received")))


def withheld_words(marks: Iterable[Withheld]) -> tuple[str, ...]:
    """Return what a person is told is withheld from them, and why, each sentence once.

    The decision to withhold carries the label of its entry, and is not one thing more.
    """
    decision = Withheld(int(Label.SERIOUS_HARM), int(DataClass.ACCESS))
    return tuple(dict.fromkeys(_words(mark) for mark in marks if mark != decision))


def _words(mark: Withheld) -> str:
    about = _CLASS_WORDS.get(mark.data_class, "your record")
    why = next(
        (w for label, w in _WHY.items() if mark.label & label), "it is labelled as sensitive"
    )
    return f"Something about {about} is not shown here, because {why}."
