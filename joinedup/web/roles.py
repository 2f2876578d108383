"""Roles in the words of a page."""

from joinedup.access.words import Role

__all__ = ["ROLE_WORDS", "role_words"]

ROLE_WORDS: dict[str, str] = {
    Role.GP.value: "GP",
    Role.WARD_NURSE.value: "ward nurse",
    Role.SOCIAL_WORKER.value: "social worker",
    Role.DISCHARGE_COORDINATOR.value: "discharge coordinator",
    Role.ANALYST.value: "analyst",
    Role.SYSTEM.value: "",
}


def role_words(role: str) -> str:
    """Return a role as people say it; a post written in words already stays as it is."""
    return ROLE_WORDS.get(role, role)
