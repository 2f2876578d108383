"""A ward says what somebody needs, never which service they get (domain.md 9.1).

The hub, with the person, decides how needs are met; words that prescribe a package are sent back
with what to write instead.
"""

import re
from collections.abc import Iterator

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.referral import Need, Referral
from joinedup.reference.codes.discharge import need_areas

__all__ = ["MOST_NEEDS", "need_problems", "ready_to_send"]

MOST_NEEDS = 20
_LONGEST = 500
_LEAST = 8
_NUMBER = r"(?:\d+|one|two|three|four|five|six|seven|eight|ten|once|twice)"

_PRESCRIBED: tuple[tuple[str, str], ...] = (
    (r"\b(?:od|bd|bds|tds|qds)\b", "how often somebody comes is the hub's to arrange"),
    (r"\bdouble[- ]?(?:up|hand\w*)\b", "write “needs two people to move safely” instead"),
    (rf"\b{_NUMBER}\s+(?:care\s+)?(?:calls?|visits?|carers?)\b", "write what help is needed when"),
    (r"\b(?:calls?|visits?)\s+(?:a|per)\s+(?:day|week)\b", "write what help is needed when"),
    (r"\b\d+\s*(?:hours?|hrs?)\s*(?:a|per|of|/)", "write what help is needed, not the hours"),
    (r"\b(?:poc|care package|package of care)\b", "the hub arranges help; write what is needed"),
    (r"\b24[- ]?(?:hour|hr|7)\b.*\b(?:care|placement)\b", "write what could happen, and when"),
    (
        r"\b(?:needs?|requires?|for|into)\s+(?:an?\s+)?(?:\w+\s+)?(?:nursing|residential|care)\s+home\b",
        "where somebody is to live is not for a ward to say",
    ),
    (r"\b(?:placement|emi|d2a|discharge to assess|respite)\b", "write what help is needed"),
    (r"\b(?:reablement|rehab bed|live[- ]in|sitting service)\b", "write what they want to regain"),
)


def need_problems(needs: tuple[Need, ...], referral: Referral) -> tuple[Problem, ...]:
    """Return what is wrong with needs: none, in no area, too short, or a prescription."""
    if not needs:
        return (Problem("required", "Say what they need help with.", "ServiceRequest"),)
    if len(needs) > MOST_NEEDS:
        return (Problem("too-long", f"At most {MOST_NEEDS} needs.", "ServiceRequest"),)
    areas = need_areas(on=day_of(referral.asked_at))
    found = [p for n, need in enumerate(needs) for p in _of_need(need, n, areas)]
    return tuple(found)


def _of_need(need: Need, number: int, areas: dict[str, str]) -> Iterator[Problem]:
    where = f"ServiceRequest.extension[{number}]"
    words = " ".join(need.words.split())
    if need.area not in areas:
        yield Problem("code-invalid", f"“{need.area}” is no area of daily life.", where)
    if not _LEAST <= len(words) <= _LONGEST:
        yield Problem("value", f"Describe the need in {_LEAST} to {_LONGEST} letters.", where)
    for pattern, instead in _PRESCRIBED:
        if found := re.search(pattern, words, re.IGNORECASE):
            said = f"“{found.group(0)}” says what to provide, not what is needed: {instead}."
            yield Problem("business-rule", said, where)
            return


def ready_to_send(referral: Referral) -> Referral:
    """Return the referral; refuses, Unprocessable, one whose needs cannot be sent as they are."""
    if found := need_problems(referral.needs, referral):
        raise Unprocessable(*found)
    return referral
