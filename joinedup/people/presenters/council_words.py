"""What the council's own return values mean, in words for everybody.

The values are those of Client Level Data, kept as sent in the record; only the page says them
otherwise. A value that is not here is shown as it stands.
"""

from collections.abc import Mapping

__all__ = ["council_words"]

_WORDS: Mapping[str, str] = {
    "progress to reablement/st-max": "short-term help to get back on their feet was agreed",
    "progress to assessment, review or reassessment": "went on to an assessment",
    "progress to support planning or services": "went on to planning support",
    "continuation of support or services": "support goes on",
    "admitted to hospital": "went into hospital",
    "nfa: responsibility moved to another local authority": "moved to another council’s care",
    "nfa: referral to nhs services or nhs funded social care": "passed on to the NHS",
    "nfa: self-funded client or under 12wk disregard": "pays for their own support",
    "nfa: information and advice or signposting": "information and advice were given",
    "nfa: referral to other service within the local authority": "passed on within the council",
    "nfa: support declined": "support was declined",
    "nfa: deceased": "has died",
    "nfa: support ended as planned": "support ended as planned",
    "nfa: support ended for other reason": "support ended for another reason",
    "nfa: no services offered for other reason": "no support was offered",
    "nfa: other": "nothing further",
    "long term support: nursing care": "long-term nursing care",
    "long term support: residential care": "long-term residential care",
    "long term support: community": "long-term support at home",
    "short term support: st-max": "short-term help to get back to doing things for oneself",
    "short term support: ongoing low level": "low-level support that goes on",
    "short term support: other short term": "short-term support",
    "unpaid carer support: direct to unpaid carer": "support for the carer",
    "unpaid carer support: support involving the person cared-for": "a break for the carer",
    "home support or domiciliary care": "Home care",
    "cassr commissioned support": "arranged by the council",
    "cassr managed personal budget": "personal budget, managed by the council",
    "direct payment": "direct payment",
    "discharge from hospital": "came from: leaving hospital",
    "diversion from hospital services": "came from: instead of going to hospital",
    "community / other route": "came from: home or the community",
    "discharge from reablement": "came from: the end of reablement",
    "planned entry (transition)": "came from: children’s services",
    "self-funder": "came from: paid for their own support before",
    "yes, eligible needs": "eligible needs were found",
    "needs but none eligible": "needs were found, none of them eligible",
    "no needs": "no eligible needs were found",
    "hourly": "hours",
    "short term assessment": "Short assessment of what help is needed now",
    "long term assessment": "Care and support assessment",
    "review of short term support": "Review at the end of short-term help",
    "planned": "Planned review",
}


def council_words(value: str) -> str:
    """Return a council's listed value in plain words, or as it stands."""
    return _WORDS.get(" ".join(value.split()).casefold(), value)
