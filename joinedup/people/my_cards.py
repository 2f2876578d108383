"""The cards of `/my`: each room adds one, as a value in the settings (`JOINEDUP_MY_CARDS`).

A card names its page by address and its own template; nothing is imported from a room.
"""

from msgspec import Struct

__all__ = ["OWN_CARDS", "Card"]


class Card(Struct, frozen=True):
    """A way from `/my` to a page: its name, what it says, the address, and who draws it."""

    name: str
    says: str
    url: str
    template: str = "people/my_card.jinja"


OWN_CARDS: tuple[Card, ...] = (
    Card(
        "Who comes when",
        "Visits to your home and appointments, and who comes.",
        "/my/coming",
    ),
    Card("My summary", "Your problems, medicines, allergies, and who helps you.", "/my/summary"),
    Card(
        "Who looked at my record",
        "Everybody who opened your record, when, and why they could.",
        "/my/who-looked",
    ),
    Card(
        "What I agreed to",
        "Who may see your record, who you trust with it, and how to change that.",
        "/my/agreed",
    ),
    Card(
        "Other people’s records",
        "Open the record of somebody who trusts you with it, or ask to.",
        "/my/others",
    ),
)
