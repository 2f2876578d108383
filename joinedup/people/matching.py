"""Is this the same person? Pure rules ID-02 and ID-03 (domain.md 1.4), with reasons in plain words.

Decides from what an incoming message says and the people it might be; looking those people up is
`importing.persons` and `find`. Gender is never used: the Personal Demographics Service advises
against it, and a changed gender is not a changed person.
"""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from joinedup.people.demographics import Demographics, is_placeholder_date

__all__ = ["Candidate", "Decision", "Outcome", "decide", "disagreements"]

_VERIFIED = {"", "01", "number-present-and-verified"}
_PREFIX_LENGTH = 3


class Outcome(Enum):
    """What may be done with incoming statements; anything but `SAME` and `NEW` is for people."""

    SAME = "same person"
    NEW = "nobody known"
    CONFLICT = "conflict"
    SEVERAL = "several candidates"
    UNSURE = "one candidate, not verified"


class Candidate(Struct, frozen=True):
    """Somebody already known, who the incoming person might be."""

    person_id: str
    who: Demographics
    restricted: bool = False


class Decision(Struct, frozen=True):
    """An outcome, whom it is about, and why, a sentence each.

    `status` is the UK Core verification status to show: 01 verified, 03 trace required, 04 several
    or none, 05 conflict to resolve, 07 no number.
    """

    outcome: Outcome
    people: tuple[str, ...]
    reasons: tuple[str, ...]
    status: str


def decide(incoming: Demographics, candidates: Sequence[Candidate]) -> Decision:
    """Return who the incoming person is, if anybody may say so without asking people.

    With an NHS number, birth date and family name must agree before anything is attached (ID-02).
    Without one nobody is ever linked automatically: likely people are returned for a work queue
    (ID-03), twins and all.
    """
    if incoming.nhs_number:
        holders = [c for c in candidates if c.who.nhs_number == incoming.nhs_number]
        if holders:
            return _decide_by_number(incoming, holders)
        return Decision(Outcome.NEW, (), ("Nobody here has this NHS number.",), "01")
    likely = [c for c in candidates if _looks_like(incoming, c.who)]
    people = tuple(c.person_id for c in likely)
    if not likely:
        return Decision(Outcome.NEW, (), ("No NHS number, and nobody like this is known.",), "07")
    if len(likely) > 1:
        reasons = (
            f"{len(likely)} candidates: name, birth date and address do not tell them apart.",
        )
        return Decision(Outcome.SEVERAL, people, reasons, "04")
    reasons = ("Name and birth date agree, but without an NHS number a person must confirm it.",)
    return Decision(Outcome.UNSURE, people, reasons, "03")


def disagreements(incoming: Demographics, known: Demographics) -> tuple[str, ...]:
    """Return what speaks against two statements with one NHS number being of one person (ID-02)."""
    against = []
    if incoming.families and known.families and not _families_agree(incoming, known):
        against.append("the family names differ")
    if incoming.born and known.born and not _births_agree(incoming, known):
        against.append("the birth dates differ")
    if incoming.birth_order and known.birth_order and incoming.birth_order != known.birth_order:
        against.append("they are different children of one birth")
    if not against and not _cross_checked(incoming, known):
        against.append(
            "neither a birth date nor a family name is there to check the number against"
        )
    return tuple(against)


def _decide_by_number(incoming: Demographics, holders: Sequence[Candidate]) -> Decision:
    people = tuple(c.person_id for c in holders)
    if len(holders) > 1:
        return Decision(Outcome.CONFLICT, people, ("Two people hold this NHS number.",), "05")
    if incoming.status not in _VERIFIED:
        reason = f"The sender says the number is not verified (status {incoming.status})."
        return Decision(Outcome.CONFLICT, people, (reason,), incoming.status)
    known = holders[0].who
    against = disagreements(incoming, known)
    if against:
        reason = "The NHS number is known here, but " + " and ".join(against) + "."
        return Decision(Outcome.CONFLICT, people, (reason,), "05")
    reasons = ["The NHS number, and what it was checked against, agree."]
    if incoming.born != known.born and incoming.born and known.born:
        reasons.append("One birth date is 1 January: possible placeholder date.")
    return Decision(Outcome.SAME, people, tuple(reasons), "01")


def _families_agree(incoming: Demographics, known: Demographics) -> bool:
    """Some family name of one, old ones and halves of double ones included, is the other's too."""
    return not set(incoming.families).isdisjoint(known.families)


def _births_agree(incoming: Demographics, known: Demographics) -> bool:
    """The same day; or one is 1 January of the other's year and the given names agree too."""
    if incoming.born == known.born:
        return True
    if incoming.born[:4] != known.born[:4]:
        return False
    if not (is_placeholder_date(incoming.born) or is_placeholder_date(known.born)):
        return False
    return _givens_agree(incoming, known)


def _givens_agree(incoming: Demographics, known: Demographics) -> bool:
    return any(
        one[:_PREFIX_LENGTH] == other[:_PREFIX_LENGTH]
        for one in incoming.givens
        for other in known.givens
    )


def _cross_checked(incoming: Demographics, known: Demographics) -> bool:
    return bool((incoming.families and known.families) or (incoming.born and known.born))


def _looks_like(incoming: Demographics, known: Demographics) -> bool:
    """Family name and birth date fit, and nothing else stated on both sides tells them apart."""
    if not (incoming.families and known.families and _families_agree(incoming, known)):
        return False
    if not (incoming.born and known.born):
        return False
    placeholder = is_placeholder_date(incoming.born) or is_placeholder_date(known.born)
    same_year = incoming.born[:4] == known.born[:4]
    if incoming.born != known.born and not (placeholder and same_year):
        return False
    if incoming.givens and known.givens and not _givens_agree(incoming, known):
        return False
    return not (
        incoming.birth_order and known.birth_order and incoming.birth_order != known.birth_order
    )
