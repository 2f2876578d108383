"""What is decided about the books beside postings: a floor below nothing, and the end of a month.

Both are prepared by one person and approved by another, like money (BU-04, BU-05), and neither is
ever undone: a later decision stands after it.
"""

from msgspec import Struct

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.ledger.account import Account
from joinedup.ledger.authority import authority_of
from joinedup.ledger.money import MOST_PENCE, Pence, in_pounds
from joinedup.ledger.period import Month

__all__ = ["Closing", "Tolerance", "refuse_decision"]

_LONGEST_WORDS = 500


class Tolerance(Struct, frozen=True, kw_only=True):
    """How far below nothing an account may go: `floor` is in pence, 0 or less (BU-04).

    `person` is whose account it is, as a reference; "" for an account of the place.
    """

    id: str
    account: Account
    floor: Pence
    words: str
    prepared_by: str
    approved_by: str
    person: str = ""


class Closing(Struct, frozen=True, kw_only=True):
    """The end of a month: nothing more is posted to it."""

    id: str
    month: Month
    words: str
    prepared_by: str
    approved_by: str


def refuse_decision(decision: Tolerance | Closing) -> None:
    """Refuse a decision that is not sound: Unprocessable, naming everything wrong with it."""
    found = []
    if not decision.id:
        found.append("A decision about the books has an id of its own.")
    if not 0 < len(decision.words.strip()) <= _LONGEST_WORDS:
        found.append(f"Say in 1 to {_LONGEST_WORDS} letters why.")
    if not decision.prepared_by or not decision.approved_by:
        found.append("A decision about the books names who prepared it and who approved it.")
    elif decision.prepared_by == decision.approved_by:
        found.append("Who prepared this cannot approve it. Ask somebody else.")
    if isinstance(decision, Tolerance):
        found += _of_tolerance(decision)
    if found:
        raise Unprocessable(*(Problem("business-rule", message) for message in found))


def _of_tolerance(decision: Tolerance) -> list[str]:
    if authority_of(decision.account) is not None:
        return [f"{decision.account} has no tolerance: set more aside instead."]
    if not decision.account.is_floored:
        return [f"{decision.account} has no floor: what it is below nothing is what was given."]
    if decision.account.is_somebodys != bool(decision.person):
        return [f"{decision.account}: name whose it is, and nobody where it is the place's."]
    if not -MOST_PENCE <= decision.floor <= 0:
        least = in_pounds(-MOST_PENCE)
        return [f"A floor is between {least} and nothing, not {in_pounds(decision.floor)}."]
    return []
