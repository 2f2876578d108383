"""The card of `/my` that leads to how a person is told; the settings list it."""

from joinedup.people.my_cards import Card

__all__ = ["TOLD_CARD"]

TOLD_CARD = Card(
    "How I am told",
    "Choose if we tell you that something is new, and how. We never say what it is.",
    "/my/told",
)
