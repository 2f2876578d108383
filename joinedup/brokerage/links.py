"""Secret links by which a provider answers one offer from a telephone.

The secret is made here, shown once, and kept nowhere: the placement holds its hash. What is wrong
or over is told apart for nobody. How often somebody may try is `signin.limited`.
"""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit, system_permit
from joinedup.brokerage.queries import KeptPlacement, kept
from joinedup.brokerage.rules.placing import is_link_open
from joinedup.fhir.issue import NotFound
from joinedup.fhir.profiles.placement import LINK, Offer
from joinedup.fhir.search.query import parse_query

__all__ = ["LINKS", "NOTHING", "Linked", "answers_as", "hash_of", "new_secret", "offer_behind"]

LINKS = "offer-link"
_BYTES = 24
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}")
NOTHING = "This link leads nowhere, or it has ended. Telephone who sent it."


class Linked(Struct, frozen=True):
    """The offer behind a link, and its placement."""

    kept: KeptPlacement
    offer: Offer


def new_secret() -> str:
    """Return a secret that nobody can guess: 192 bits of chance."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> str:
    """Return what a link is found by; the secret cannot be worked out from it."""
    return sha256(f"joinedup offer {secret}".encode()).hexdigest()


def answers_as(provider: str) -> Permit:
    """Return the permit of whoever holds a link: the place's own job, for that provider."""
    return system_permit(LINKS, provider)


def offer_behind(secret: str, now: datetime) -> Linked:
    """Return the offer of a link; NotFound in the same words for a wrong one and one that ended."""
    if not _SECRET.fullmatch(secret):
        raise NotFound(NOTHING)
    sought = hash_of(secret)
    query = parse_query("Task", [("identifier", f"{LINK}|{sought}")])
    found = record.search(system_permit(LINKS), query, detail="an offer by its link").entries
    one = kept(found[0]) if found else None
    offer = next((o for o in one.placement.offers if o.link == sought), None) if one else None
    if one is None or offer is None or not is_link_open(one.placement, offer.id, now):
        raise NotFound(NOTHING)
    return Linked(one, offer)
