"""The card of `/my` that leads to the apps somebody let in; the settings name it."""

from joinedup.people.my_cards import Card

__all__ = ["APPS_CARDS"]

APPS_CARDS: tuple[Card, ...] = (
    Card(
        "Apps I let in",
        "Apps you allowed to use your record, what they see, and how to end it.",
        "/my/apps",
    ),
)
