"""Refusals of the search language: each names the parameter and says what to do instead."""

from joinedup.fhir.issue import Invalid, Problem

__all__ = ["not_served", "wrong"]


def wrong(name: str, why: str) -> Invalid:
    """Return the refusal of a search parameter that cannot be understood."""
    return Invalid(Problem("invalid", f"Search parameter {name}: {why}.", f"http.{name}"))


def not_served(name: str, what: str = "it") -> Invalid:
    """Return the refusal of something FHIR has and this server does not serve yet."""
    message = f"Search parameter {name}: {what} is not served yet. Leave it out."
    return Invalid(Problem("not-supported", message, f"http.{name}"))
