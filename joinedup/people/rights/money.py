"""What was posted on somebody's own accounts, in words for their copy. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from joinedup.ledger.account import AccountKind
from joinedup.ledger.money import in_pounds
from joinedup.ledger.posting import Book
from joinedup.record.books import Told

__all__ = ["MONEY_HEADER", "MoneyLine", "money_lines"]

MONEY_HEADER = ("day", "what", "pounds", "from", "until", "kind of care", "posted as")
_WHAT = {
    (AccountKind.PACKAGE, Book.COMMITTED): "Promised for your care",
    (AccountKind.PACKAGE, Book.RELEASED): "Spent of what was promised, or no longer promised",
    (AccountKind.PERSON, Book.ACTUAL): "What you are asked to pay, or paid",
    (AccountKind.DIRECT_PAYMENT, Book.ACTUAL): "Your direct payment",
}
_OTHER = "Your account"


class MoneyLine(Struct, frozen=True):
    """One entry: below nothing is what left the account."""

    day: str
    what: str
    pounds: str
    care: str
    begins: str
    ends: str
    words: str

    def cells(self) -> tuple[str, ...]:
        """Return it as a line under `MONEY_HEADER`."""
        dates = (self.begins, self.ends)
        return (self.day, self.what, self.pounds, *dates, self.care, self.words)


def money_lines(told: Iterable[Told]) -> tuple[MoneyLine, ...]:
    """Return the lines of a copy, in the order given."""
    return tuple(_line(each) for each in told)


def _line(told: Told) -> MoneyLine:
    entry = told.entry
    about = entry.about
    return MoneyLine(
        day=f"{told.on:%d/%m/%Y}",
        what=_WHAT.get((entry.account.kind, entry.book), _OTHER),
        pounds=in_pounds(entry.pence),
        care=about.care,
        begins=f"{about.begins:%d/%m/%Y}" if about.begins else "",
        ends=f"{about.ends:%d/%m/%Y}" if about.ends else "",
        words=told.words,
    )
