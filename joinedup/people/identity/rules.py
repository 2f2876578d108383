"""Whether two statements are of one person: evidence, weighed, in plain words. Pure (ID-02, ID-03).

Gender is no evidence: the Personal Demographics Service advises against it, and a changed gender is
not a changed person. What is known of each candidate is found by `candidates`.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import Enum

from msgspec import Struct

from joinedup.fhir.nhs_number import VERIFIED
from joinedup.people.demographics import Demographics, is_placeholder_date

__all__ = [
    "LEAST_SCORE",
    "Candidate",
    "Decision",
    "Evidence",
    "Outcome",
    "Weighed",
    "decide",
    "disagreements",
    "givens_agree",
    "looks_like",
    "reasons_of",
    "weigh",
    "worth_asking",
]

_PREFIX_LENGTH = 3
_ALIKE = 0.84
_ENOUGH_POINTS = 10.0
_NEARLY_CERTAIN = 0.999999
LEAST_SCORE = 0.6
"""The score from which somebody is worth a question."""
_POINTS_A_DOUBLING = 2.0


class Outcome(Enum):
    """What may be done with incoming statements; anything but `SAME` and `NEW` is for people."""

    SAME = "same person"
    NEW = "nobody known"
    CONFLICT = "conflict"
    SEVERAL = "several candidates"
    UNSURE = "one candidate, not verified"


class Candidate(Struct, frozen=True):
    """Somebody already known, who the incoming person might be.

    `protected`: an identity that is never proposed, linked or shown to who may not know of it.
    """

    person_id: str
    who: Demographics
    restricted: bool = False
    protected: bool = False


class Evidence(Struct, frozen=True):
    """One thing that two statements agree or differ on: points for (above 0) or against (below)."""

    points: float
    words: str


class Weighed(Struct, frozen=True, kw_only=True):
    """A candidate with a score from 0 to 1 and plain reasons, strongest first."""

    person_id: str
    score: float
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]


class Decision(Struct, frozen=True):
    """An outcome, whom it is about, and why, a sentence each.

    `status` is the UK Core verification status to show: 01 verified, 03 trace required, 04 several
    or none, 05 conflict to resolve, 07 no number.
    """

    outcome: Outcome
    people: tuple[str, ...]
    reasons: tuple[str, ...]
    status: str


def weigh(incoming: Demographics, candidate: Candidate) -> Weighed:
    """Return how likely a candidate is who came in, with what speaks for it and against it.

    1.0 is never reached: certainty is for people (ID-02).
    """
    evidence = sorted(_evidence(incoming, candidate.who), key=lambda e: -abs(e.points))
    points = sum(e.points for e in evidence) - _ENOUGH_POINTS
    score = 1 / (1 + 2 ** (-points / _POINTS_A_DOUBLING))
    return Weighed(
        person_id=candidate.person_id,
        score=round(min(score, _NEARLY_CERTAIN), 6),
        reasons_for=tuple(e.words for e in evidence if e.points > 0),
        reasons_against=tuple(e.words for e in evidence if e.points <= 0),
    )


def reasons_of(incoming: Demographics, candidate: Candidate) -> tuple[str, ...]:
    """Return what speaks for two being one person, then what speaks against it."""
    weighed = weigh(incoming, candidate)
    return (*weighed.reasons_for, *weighed.reasons_against)


def decide(incoming: Demographics, candidates: Sequence[Candidate]) -> Decision:
    """Return who the incoming person is, if anybody may say so without asking people.

    With an NHS number, birth date and family name must agree before anything is attached (ID-02).
    Without one nobody is ever linked automatically: likely people are returned for a work queue
    (ID-03), twins and all. A protected person is linked by her own verified number alone.
    """
    if incoming.more_numbers:
        return _two_numbers(incoming, candidates)
    if incoming.nhs_number:
        holders = [
            c
            for c in candidates
            if c.who.nhs_number == incoming.nhs_number and c.who.status in VERIFIED
        ]
        if holders:
            return _decide_by_number(incoming, holders, candidates)
        if incoming.status in VERIFIED:
            return Decision(Outcome.NEW, (), ("Nobody here has this NHS number.",), "01")
    likely = [c for c in candidates if not c.protected and worth_asking(incoming, c)]
    people = tuple(dict.fromkeys(c.person_id for c in likely))
    if not people:
        return Decision(Outcome.NEW, (), ("No NHS number, and nobody like this is known.",), "07")
    if len(people) > 1:
        reason = f"{len(people)} candidates: name, birth date and address do not tell them apart."
        return Decision(Outcome.SEVERAL, people, (reason,), "04")
    alike = looks_like(incoming, likely[0].who)
    said = "Name and birth date agree" if alike else "One person here is much like this one"
    why = "the sender has not verified the NHS number"
    if not incoming.nhs_number:
        why = "without an NHS number a person must confirm it"
    return Decision(Outcome.UNSURE, people, (f"{said}, but {why}.",), "03")


def worth_asking(incoming: Demographics, candidate: Candidate) -> bool:
    """Return whether people should be asked about a candidate: alike, or nearly, with faults in it.

    Never of two verified numbers that differ, and never of different children of one birth.
    """
    known = candidate.who
    if _numbers_differ(incoming, known) or _births_ordered_apart(incoming, known):
        return False
    return looks_like(incoming, known) or weigh(incoming, candidate).score >= LEAST_SCORE


def disagreements(incoming: Demographics, known: Demographics) -> tuple[str, ...]:
    """Return what speaks against two statements with one NHS number being of one person (ID-02)."""
    against = []
    if incoming.families and known.families and not _families_agree(incoming, known):
        against.append("the family names differ")
    if incoming.born and known.born and not _births_agree(incoming, known):
        against.append("the birth dates differ")
    if _births_ordered_apart(incoming, known):
        against.append("they are different children of one birth")
    if not against and not _cross_checked(incoming, known):
        against.append(
            "neither a birth date nor a family name is there to check the number against"
        )
    return tuple(against)


def looks_like(incoming: Demographics, known: Demographics) -> bool:
    """Return whether family name and birth date fit, and nothing stated on both sides differs.

    Two verified NHS numbers that differ are two people, or one with a number that was replaced:
    that is for the record's own links, never for a likeness.
    """
    if not (incoming.families and known.families and _families_agree(incoming, known)):
        return False
    if not (incoming.born and known.born):
        return False
    placeholder = is_placeholder_date(incoming.born) or is_placeholder_date(known.born)
    same_year = incoming.born[:4] == known.born[:4]
    if incoming.born != known.born and not (placeholder and same_year):
        return False
    if incoming.givens and known.givens and not givens_agree(incoming, known):
        return False
    return not (_numbers_differ(incoming, known) or _births_ordered_apart(incoming, known))


def _two_numbers(incoming: Demographics, candidates: Sequence[Candidate]) -> Decision:
    """One person has one number: which of these is theirs, and whose the other is, people say."""
    numbers = {incoming.nhs_number, *incoming.more_numbers} - {""}
    holders = tuple(dict.fromkeys(c.person_id for c in candidates if c.who.nhs_number in numbers))
    reason = f"{len(numbers)} NHS numbers are given for one person, and none as replaced."
    return Decision(Outcome.CONFLICT, holders, (reason,), "05")


def _decide_by_number(
    incoming: Demographics, holders: Sequence[Candidate], everybody: Sequence[Candidate]
) -> Decision:
    people = tuple(c.person_id for c in holders)
    if len(holders) > 1:
        return Decision(Outcome.CONFLICT, people, ("Two people hold this NHS number.",), "05")
    if incoming.status not in VERIFIED:
        reason = f"The sender says the number is not verified (status {incoming.status})."
        return Decision(Outcome.CONFLICT, people, (reason,), incoming.status)
    known = holders[0].who
    against = disagreements(incoming, known)
    if against:
        reason = "The NHS number is known here, but " + " and ".join(against) + "."
        return Decision(Outcome.CONFLICT, people, (reason,), "05")
    if twins := [c for c in everybody if _is_twin_meant(incoming, known, c)]:
        reason = (
            "The NHS number is of one person and the first name of another, born on the same day "
            "with the same family name: perhaps twins were swapped."
        )
        both = (*people, *(c.person_id for c in twins))
        return Decision(Outcome.CONFLICT, both, (reason,), "05")
    reasons = ["The NHS number, and what it was checked against, agree."]
    if incoming.born != known.born and incoming.born and known.born:
        reasons.append("One birth date is 1 January: possible placeholder date.")
    return Decision(Outcome.SAME, people, tuple(reasons), "01")


def _is_twin_meant(incoming: Demographics, known: Demographics, other: Candidate) -> bool:
    """Whether another fits name and day of birth, and the first name is theirs (domain.md 1.5)."""
    if other.protected or other.who.nhs_number == incoming.nhs_number:
        return False
    if not (incoming.givens and known.givens and other.who.givens):
        return False
    return (
        not givens_agree(incoming, known)
        and givens_agree(incoming, other.who)
        and incoming.born == other.who.born
        and _families_agree(incoming, other.who)
    )


def _evidence(incoming: Demographics, known: Demographics) -> list[Evidence]:
    found = [
        _number_evidence(incoming, known),
        _birth_evidence(incoming, known),
        _family_evidence(incoming, known),
        _given_evidence(incoming, known),
        *_home_evidence(incoming, known),
    ]
    if _births_ordered_apart(incoming, known):
        found.append(Evidence(-12.0, "They are different children of one birth."))
    if _may_be_twins(incoming, known):
        found.append(Evidence(-4.0, "Same home, birth date and family name: perhaps twins."))
    return [e for e in found if e is not None]


def _number_evidence(incoming: Demographics, known: Demographics) -> Evidence | None:
    one, other = incoming.nhs_number, known.nhs_number
    if not (one and other):
        return None
    verified = incoming.status in VERIFIED and known.status in VERIFIED
    if one == other:
        words = "The NHS number is the same."
        if not verified:
            return Evidence(4.0, f"{words[:-1]}, but it is not verified.")
        return Evidence(12.0, words)
    return Evidence(-12.0 if verified else -2.0, "The NHS numbers differ.")


def _birth_evidence(incoming: Demographics, known: Demographics) -> Evidence | None:
    one, other = incoming.born, known.born
    if not (one and other):
        return Evidence(0.0, "A birth date is missing.")
    if one == other:
        return Evidence(8.0, "The birth date is the same.")
    placeholder = is_placeholder_date(one) or is_placeholder_date(other)
    if placeholder and one[:4] == other[:4]:
        return Evidence(3.0, "Same year of birth; one date is 1 January: a possible placeholder.")
    if len(one) == len(other) == len("1933-05-11"):
        if (one[:4], one[5:7], one[8:]) == (other[:4], other[8:], other[5:7]):
            return Evidence(5.0, "Day and month of birth are swapped.")
        if sorted(one) == sorted(other):
            return Evidence(3.0, "The digits of the birth date are in another order.")
        if sum(a != b for a, b in zip(one, other, strict=True)) == 1:
            return Evidence(2.0, "One digit of the birth date differs.")
    return Evidence(-10.0, "The birth dates differ.")


def _family_evidence(incoming: Demographics, known: Demographics) -> Evidence | None:
    if not (incoming.families and known.families):
        return Evidence(0.0, "A family name is missing.")
    if incoming.families[0] == known.families[0]:
        return Evidence(5.0, "The family name is the same.")
    if _families_agree(incoming, known):
        return Evidence(4.0, "A family name of one is an earlier or double name of the other.")
    if _most_alike(incoming.families, known.families) >= _ALIKE:
        return Evidence(3.0, "The family names are spelt almost alike.")
    return Evidence(-5.0, "The family names differ.")


def _given_evidence(incoming: Demographics, known: Demographics) -> Evidence | None:
    if not (incoming.givens and known.givens):
        return Evidence(0.0, "A first name is missing.")
    if not set(incoming.givens).isdisjoint(known.givens):
        return Evidence(4.0, "The first name is the same.")
    if givens_agree(incoming, known):
        return Evidence(3.0, "The first names begin with the same three letters.")
    if _most_alike(incoming.givens, known.givens) >= _ALIKE:
        return Evidence(2.0, "The first names are spelt almost alike.")
    return Evidence(-5.0, "The first names differ.")


def _home_evidence(incoming: Demographics, known: Demographics) -> list[Evidence]:
    """Addresses change, so a different one says little; the same one says more."""
    found = []
    if incoming.postcodes and known.postcodes:
        if set(incoming.postcodes).isdisjoint(known.postcodes):
            found.append(Evidence(-1.0, "The postcodes differ."))
        else:
            found.append(Evidence(3.0, "The postcode is the same."))
    if incoming.lines and known.lines and not set(incoming.lines).isdisjoint(known.lines):
        found.append(Evidence(2.0, "The first line of the address is the same."))
    return found


def _may_be_twins(incoming: Demographics, known: Demographics) -> bool:
    return bool(
        incoming.givens
        and known.givens
        and not givens_agree(incoming, known)
        and incoming.born
        and incoming.born == known.born
        and _families_agree(incoming, known)
        and not set(incoming.postcodes).isdisjoint(known.postcodes)
    )


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
    return givens_agree(incoming, known)


def givens_agree(incoming: Demographics, known: Demographics) -> bool:
    """Return whether some first names begin with the same three letters (domain.md 1.2)."""
    return any(
        one[:_PREFIX_LENGTH] == other[:_PREFIX_LENGTH]
        for one in incoming.givens
        for other in known.givens
    )


def _births_ordered_apart(incoming: Demographics, known: Demographics) -> bool:
    one, other = incoming.birth_order, known.birth_order
    return bool(one and other and one != other)


def _numbers_differ(incoming: Demographics, known: Demographics) -> bool:
    one, other = incoming.nhs_number, known.nhs_number
    verified = incoming.status in VERIFIED and known.status in VERIFIED
    return bool(one and other and one != other and verified)


def _cross_checked(incoming: Demographics, known: Demographics) -> bool:
    return bool((incoming.families and known.families) or (incoming.born and known.born))


def _most_alike(ones: Sequence[str], others: Sequence[str]) -> float:
    return max(SequenceMatcher(None, a, b).ratio() for a in ones for b in others)
