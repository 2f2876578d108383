"""Accounts: what money belongs to, by kind and name."""

from enum import IntEnum

from msgspec import Struct

__all__ = ["Account", "AccountKind"]


class AccountKind(IntEnum):
    """What an account stands for. Stored with every entry; a number is never reused."""

    FUNDER = 1
    """Who gives: an integrated care board, a council, another. Below zero by what they gave."""
    POT = 2
    """A section 75 pool, a partner's mainstream budget, a grant: what is left in it."""
    PACKAGE = 3
    """Care agreed for a person: what is committed to it and not yet spent."""
    PERSON = 4
    """What a person owes towards their care, and has paid."""
    PROVIDER = 5
    """What a provider is owed for accepted invoices."""
    DIRECT_PAYMENT = 6
    """Money a person holds to buy their own care; separate by law (BU-06)."""
    BANK = 7
    """What has left through a bank, or come in."""


_MAY_BE_OVERDRAWN = (AccountKind.FUNDER, AccountKind.BANK, AccountKind.PERSON)
_SOMEBODYS = (AccountKind.PACKAGE, AccountKind.PERSON, AccountKind.DIRECT_PAYMENT)


class Account(Struct, frozen=True, order=True):
    """One account; `name` is a code or an id, such as `QR1` or a package's."""

    kind: AccountKind
    name: str

    @property
    def is_floored(self) -> bool:
        """Whether more may never leave it than came in, but by a floor somebody approved.

        What is given, owed and paid out runs the other way; for those there is no floor.
        """
        return self.kind not in _MAY_BE_OVERDRAWN

    @property
    def is_somebodys(self) -> bool:
        """Whether it belongs to one person, and is seen by those who see that person's money."""
        return self.kind in _SOMEBODYS

    def __str__(self) -> str:
        """Return its name for messages: `pot winter-2018`."""
        return f"{self.kind.name.lower().replace('_', ' ')} {self.name}"
