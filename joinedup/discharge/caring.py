"""Asking a carer, alone, whether they are willing and able to go on (CA-04).

What they say is kept where the person does not see it (CA-02); each asking is another answer.
"""

from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.queries import answers_of, carers_of
from joinedup.discharge.standing import Standing, labels_of, standing_of
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.profiles.carer_answer import ANSWERS, CarerAnswer, build
from joinedup.record import Create, Stored

__all__ = ["CarerWish", "ask_carer"]


class CarerWish(Struct, frozen=True, kw_only=True):
    """What a carer answered; `until` is the last day of a yes that holds for a while."""

    carer: str
    answer: str
    alone: bool
    until: date | None = None
    words: str = ""


def ask_carer(
    permit: Permit, spell_id: str, wish: CarerWish, *, token: str, now: datetime
) -> Stored:
    """Keep what a carer said; sent twice by one form it counts once.

    Raises Unprocessable for an answer that is none, a carer who is not written down, or a last day
    that is over; NotPermitted.
    """
    refuse_without(permit, Power.ARRANGE_LEAVING)
    standing = standing_of(permit, spell_id)
    person = standing.readiness.person
    if wish.carer not in {carer.reference for carer in carers_of(permit, person)}:
        raise Unprocessable(Problem("required", "Choose who was asked.", "carer"))
    if wish.answer not in ANSWERS:
        raise Unprocessable(Problem("required", "Choose what they answered.", "answer"))
    if wish.until is not None and wish.until < now.date():
        words = "That day is over. Write until which day they can go on, or leave it empty."
        raise Unprocessable(Problem("value", words, "until"))
    said = CarerAnswer(
        person=person,
        carer=wish.carer,
        asked_at=_after_the_last(permit, person, wish.carer, now),
        asked_by=permit.worker,
        alone=wish.alone,
        answer=wish.answer,
        able_until=wish.until,
        words=wish.words.strip(),
    )
    resource_id = f"carer-answer-{token}"
    change = Create(_kept(standing, build(said, resource_id)), resource_id)
    return record.commit(permit, [change], action="carer-asked").stored[0]


def _after_the_last(permit: Permit, person: str, carer: str, now: datetime) -> datetime:
    """Return now, and after what they said before: clocks of two machines differ."""
    said = (a.asked_at for a in answers_of(permit, person) if a.carer == carer)
    return max([now, *(moment + timedelta(seconds=1) for moment in said)])


def _kept(standing: Standing, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer under its own label and the stay's."""
    labels = labels_of(standing.labelled({}))
    return {**answer, "meta": {"security": [*labels_of(answer), *labels]}}
