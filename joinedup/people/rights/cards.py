"""The card of `/my` that leads to what a person can ask for; the settings list it."""

from joinedup.people.my_cards import Card

__all__ = ["RIGHTS_CARD"]

RIGHTS_CARD = Card(
    "What I can ask for",
    "A copy of your whole record, and to have something put right that is wrong.",
    "/my/rights",
)
