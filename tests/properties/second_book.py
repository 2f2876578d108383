"""A second book-keeper: the same money in dictionaries and Decimal pounds, written separately.

It knows postings only by their parts and takes nothing from the ledger: what it would refuse, what
each account holds and what each partner bears are its own reckoning (house law 7).
"""

from decimal import ROUND_DOWN, Decimal
from typing import Any

__all__ = ["Name", "SecondBook", "partners_bear"]

Name = tuple[str, str]
PENNY = Decimal("0.01")
COLUMNS = ("COMMITTED", "RELEASED", "ACTUAL")
# Who gives, the bank and what a person owes may stand below nothing.
WITHOUT_FLOOR = ("FUNDER", "BANK", "PERSON")
OF_ONE_PERSON = ("PACKAGE", "PERSON", "DIRECT_PAYMENT")


class SecondBook:
    """Columns of pounds by account, a day book by id, and the months that are shut."""

    def __init__(self, floors: dict[Name, Decimal] | None = None) -> None:
        self.columns: dict[str, dict[Name, Decimal]] = {column: {} for column in COLUMNS}
        self.day_book: dict[str, Any] = {}
        self.taken_back: set[str] = set()
        self.owners: dict[Name, str] = {}
        self.shut: set[tuple[int, int]] = set()
        self.floors = floors or {}

    def judge(self, posting: Any) -> str:
        """Return `posted`, `again`, `conflict` or `refused`: what should become of it."""
        if posting.id in self.day_book:
            return "again" if self.day_book[posting.id] == posting else "conflict"
        if (
            self._adds_up_to_something(posting)
            or self._one_hand_twice(posting)
            or self._names_the_wrong_one(posting)
            or (posting.on.year, posting.on.month) in self.shut
        ):
            return "refused"
        if posting.reverses in self.taken_back:
            return "conflict"
        return "refused" if self._is_anothers(posting) or self._too_deep(posting) else "posted"

    def write(self, posting: Any) -> None:
        """Enter a posting that was accepted."""
        self.day_book[posting.id] = posting
        if posting.reverses:
            self.taken_back.add(posting.reverses)
        for entry in posting.entries:
            column = self.columns[entry.book.name]
            name = named(entry)
            self.owners.setdefault(name, entry.about.person)
            column[name] = column.get(name, Decimal(0)) + pounds(entry)

    def left(self, name: Name) -> Decimal:
        """What may still leave an account."""
        return sum((column.get(name, Decimal(0)) for column in self.columns.values()), Decimal(0))

    def accounts(self) -> set[Name]:
        """Every account that was ever written to."""
        return {name for column in self.columns.values() for name in column}

    def total(self, column: str) -> Decimal:
        """What all accounts of a column come to; it should be nothing."""
        return sum(self.columns[column].values(), Decimal(0))

    def put_into(self, pot: Name) -> dict[str, Decimal]:
        """What each funder gave to a pot, less what was taken back."""
        given: dict[str, Decimal] = {}
        for posting in self.day_book.values():
            names = [named(entry) for entry in posting.entries]
            if pot in names:
                for entry in posting.entries:
                    if entry.account.kind.name == "FUNDER":
                        who = entry.account.name
                        given[who] = given.get(who, Decimal(0)) - pounds(entry)
        return given

    def _adds_up_to_something(self, posting: Any) -> bool:
        if len(posting.entries) < 2:
            return True
        for column in COLUMNS:
            amounts = [pounds(e) for e in posting.entries if e.book.name == column]
            if sum(amounts, Decimal(0)) != 0 or Decimal(0) in amounts:
                return True
        return False

    def _one_hand_twice(self, posting: Any) -> bool:
        hands = [posting.prepared_by, posting.approved_by]
        if "" in hands or hands[0] == hands[1]:
            return True
        paid = [posting.paid_to] + [
            entry.about.person
            for entry in posting.entries
            if entry.account.kind.name in ("DIRECT_PAYMENT", "PERSON")
            and entry.book.name == "ACTUAL"
        ]
        return any(payee and payee in hands for payee in paid)

    def _names_the_wrong_one(self, posting: Any) -> bool:
        return any(
            bool(entry.about.person) != (entry.account.kind.name in OF_ONE_PERSON)
            for entry in posting.entries
        )

    def _is_anothers(self, posting: Any) -> bool:
        return any(
            self.owners.get(named(entry), entry.about.person) != entry.about.person
            for entry in posting.entries
        )

    def _too_deep(self, posting: Any) -> bool:
        change: dict[Name, Decimal] = {}
        for entry in posting.entries:
            change[named(entry)] = change.get(named(entry), Decimal(0)) + pounds(entry)
        return any(
            self.left(name) + amount < self.floors.get(name, Decimal(0))
            for name, amount in change.items()
            if name[0] not in WITHOUT_FLOOR
        )


def named(entry: Any) -> Name:
    """Return the kind and name of the account an entry is in."""
    return entry.account.kind.name, entry.account.name


def pounds(entry: Any) -> Decimal:
    """Return an entry in pounds."""
    return Decimal(entry.pence) / 100


def partners_bear(
    given: dict[str, Decimal], percent: dict[str, int], spent: Decimal
) -> dict[str, Decimal]:
    """Return what each partner bears of a pool: what it gave, and its per cent of the difference.

    Pennies that no per cent gives go one each to who lost most by rounding down, of equals to the
    one that stands first.
    """
    difference = spent - sum(given.values())
    sign = -1 if difference < 0 else 1
    exact = {who: abs(difference) * percent[who] / 100 for who in given}
    down = {who: part.quantize(PENNY, ROUND_DOWN) for who, part in exact.items()}
    lost = sorted(given, key=lambda who: exact[who] - down[who], reverse=True)
    over = abs(difference) - sum(down.values())
    while over > 0:
        down[lost.pop(0)] += PENNY
        over -= PENNY
    return {who: given[who] + sign * down[who] for who in given}
