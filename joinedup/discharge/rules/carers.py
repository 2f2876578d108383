"""Whether the help that a plan counts on from a carer is really there (CA-04).

Asked alone, answered yes, not more than seven days ago, and still true on the day: anything less
is no yes, and not asked is never one.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.carer_answer import CarerAnswer
from joinedup.reference.calendars import amount

__all__ = ["CarerStanding", "carer_problems", "standing_of"]


class CarerStanding(Struct, frozen=True):
    """How it stands with one carer on a day; `state` is `willing` or says why it is not.

    Others are: `not-asked`, `not-alone`, `out-of-date`, `cannot`, `in-part`, `declined`, `ends`.
    """

    carer: str
    state: str
    words: str

    @property
    def willing(self) -> bool:
        """Whether a plan may count on them."""
        return self.state == "willing"


def standing_of(carer: str, answers: Iterable[CarerAnswer], *, on: date) -> CarerStanding:
    """Return how it stands with a carer on a day, by their last answer up to then."""
    said = [a for a in answers if a.carer == carer and day_of(a.asked_at) <= on]
    if not said:
        words = "Carer not asked. Ask alone whether they are willing and able."
        return CarerStanding(carer, "not-asked", words)
    last = max(said, key=lambda answer: answer.asked_at)
    return CarerStanding(carer, *_judge(last, on))


def _judge(last: CarerAnswer, on: date) -> tuple[str, str]:
    asked = day_of(last.asked_at)
    if last.answer == "no":
        return "cannot", f"Carer cannot continue (asked {asked:%-d %B})."
    if last.answer == "partly":
        return "in-part", f"Carer can do some of it (asked {asked:%-d %B}): plan the rest."
    if last.answer == "declined":
        return "declined", "Carer did not want to answer. That is no yes."
    if not last.alone:
        return "not-alone", "Carer was asked in front of the person. Ask again, alone."
    if (on - asked).days > amount("carer-asked-within", on=on):
        return "out-of-date", f"Carer was last asked on {asked:%-d %B}. Ask again."
    if last.able_until and on > last.able_until:
        return "ends", f"Carer can go on until {last.able_until:%-d %B} only."
    return "willing", f"Willing and able (asked {asked:%-d %B})."


def carer_problems(
    relied_on: Iterable[str], answers: Iterable[CarerAnswer], *, on: date
) -> tuple[Problem, ...]:
    """Return why a plan that relies on these carers cannot go ahead on a day; empty when it can."""
    known = tuple(answers)
    standings = (standing_of(carer, known, on=on) for carer in relied_on)
    return tuple(Problem("business-rule", s.words, s.carer) for s in standings if not s.willing)
