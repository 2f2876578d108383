"""Roles in the words of a page."""

from joinedup.access.words import Role

__all__ = ["ROLE_WORDS", "role_words"]

ROLE_WORDS: dict[str, str] = {
    **{role.value: role.value.replace("-", " ") for role in Role},
    Role.GP.value: "GP",
    Role.PERSON.value: "the person",
    Role.PROXY.value: "somebody the person trusts",
    Role.SYSTEM.value: "",
}


def role_words(role: str) -> str:
    """Return a role as people say it; a post written in words already stays as it is."""
    return ROLE_WORDS.get(role, role)
