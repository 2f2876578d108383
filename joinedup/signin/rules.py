"""How long a sign-in lasts, how often somebody may try, and what a password must be. Pure.

Staff: covered after 15 minutes without use, over after 12 hours; people: 30 minutes and 12 hours
(NHS CIS2 and NHS login guidance). A place may be stricter, never laxer.
"""

import unicodedata
from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct

__all__ = [
    "EASY_WORDS",
    "LEAST_BESIDE_EASY_WORDS",
    "LIMITS",
    "LONGEST_PASSWORD",
    "SHORTEST_PASSWORD",
    "TRIES",
    "WARNING_SECONDS",
    "Lasts",
    "Sitting",
    "Standing",
    "password_problem",
    "plain_password",
    "sign_in_name",
    "standing",
    "tries_left",
]

WARNING_SECONDS = 120
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
EASY_WORDS = (
    "joinedup", "password", "passwort", "welcome", "letmein", "qwerty", "hospital", "surgery",
    "practice", "council", "clinic", "doctor", "nurse", "social", "worker", "carer", "patient",
    "ward", "nhs", "summer", "autumn", "winter", "spring", "january", "december", "monday",
    "manager", "admin", "england", "secret", "changeme",
)  # fmt: skip
"""Words of the work and the season, which are tried first (ASVS 5.0 6.1.2)."""
LEAST_BESIDE_EASY_WORDS = 6


class Lasts(Struct, frozen=True):
    """How long a sign-in may go without use, and how long it may last at all."""

    idle_seconds: int
    hard_seconds: int


LIMITS = {"worker": Lasts(15 * 60, 12 * 3600), "person": Lasts(30 * 60, 12 * 3600)}


class Tries(Struct, frozen=True):
    """So many failed tries within so long; the next is refused unread."""

    most: int
    within: timedelta


TRIES = {"name": Tries(10, timedelta(minutes=15)), "address": Tries(100, timedelta(minutes=15))}


class Standing(Enum):
    """What a sign-in is good for: everything, coming back to, or nothing."""

    OPEN = "open"
    COVERED = "covered"
    ENDED = "ended"


class Sitting(Struct, frozen=True):
    """One sign-in on one device, as far as time decides about it."""

    lasts: Lasts
    began: datetime
    seen: datetime
    ended: datetime | None = None

    def idle_left_seconds(self, at: datetime) -> int:
        """Return how long it stays open without use."""
        return _whole(self.seen + timedelta(seconds=self.lasts.idle_seconds) - at)

    def hard_left_seconds(self, at: datetime) -> int:
        """Return how long it lasts however busy."""
        return _whole(self.began + timedelta(seconds=self.lasts.hard_seconds) - at)


def _whole(left: timedelta) -> int:
    return max(0, -(-left // timedelta(seconds=1)))


def standing(sitting: Sitting, at: datetime) -> Standing:
    """Return how a sign-in stands; at the very second of a limit it has been reached."""
    if sitting.ended is not None or not sitting.hard_left_seconds(at):
        return Standing.ENDED
    return Standing.OPEN if sitting.idle_left_seconds(at) else Standing.COVERED


def tries_left(kind: str, failed: int) -> int:
    """Return how many more failed tries are let through."""
    return max(0, TRIES[kind].most - failed)


def sign_in_name(typed: str) -> str:
    """Return a sign-in name as it is kept: without spaces around it, in one case."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:200]


def plain_password(typed: str) -> str:
    """Return a password as it is hashed, whatever keyboard wrote it (NIST 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", typed)


def password_problem(password: str, name: str) -> str:
    """Return what is wrong with a new password, "" for nothing (ASVS 5.0 6.2; docs/sign-in.md)."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters. Three words you remember will do."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if len(set(password)) < 5 or name.partition("@")[0] in password.casefold():
        return "This is too easy to guess. Do not use your name or one letter many times."
    if len(_beside_easy_words(password)) < LEAST_BESIDE_EASY_WORDS:
        return "This is too easy to guess. Add words that have nothing to do with your work."
    return ""


def _beside_easy_words(password: str) -> str:
    """The letters that are left of a password without the words anybody here would try first."""
    left = password.casefold()
    for word in EASY_WORDS:
        left = left.replace(word, "")
    return "".join(letter for letter in left if letter.isalpha())
