"""Invented histories of money: who gives, promises, bills, pays and takes back, and what is wrong.

Everything is drawn from one seeded `Random`, so a history is its seed and nothing else. Amounts are
mostly within what the second book-keeper says is there, and now and then a penny beyond it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.period import Month
from joinedup.ledger.posting import About, Book, Entry, Posting, reversal
from joinedup.ledger.split import split
from tests.properties.second_book import Name, SecondBook

__all__ = ["BEGINS", "FLOORS", "PARTNERS", "POOL", "History", "Step", "name_of"]

BEGINS = date(2018, 11, 1)
PARTNERS = ("council", "board")
POOL = Account(AccountKind.POT, "better-care")
GRANT = Account(AccountKind.POT, "winter-2018/503")
MAINSTREAM = Account(AccountKind.POT, "mainstream")
POTS = (POOL, GRANT, MAINSTREAM)
# A tolerance somebody approved: the council's own budget may go 500 pounds below nothing.
FLOORS = {MAINSTREAM: -500_00}
FUNDERS = {name: Account(AccountKind.FUNDER, name) for name in (*PARTNERS, "government")}
GIVES = {POOL: PARTNERS, GRANT: ("government",), MAINSTREAM: ("council",)}
PACKAGES = tuple(Account(AccountKind.PACKAGE, f"package-{n}") for n in range(4))
PROVIDERS = tuple(Account(AccountKind.PROVIDER, name) for name in ("fosse-care", "brook-home"))
PEOPLE = ("Patient/joyce", "Patient/desmond")
HELD = tuple(Account(AccountKind.DIRECT_PAYMENT, person) for person in PEOPLE)
OWED = tuple(Account(AccountKind.PERSON, person) for person in PEOPLE)
OWNERS = dict(zip((*PACKAGES, *HELD, *OWED), PEOPLE * 4, strict=True))
BANK = Account(AccountKind.BANK, "bank")
PREPARES = ("Practitioner/patel", "Practitioner/ash")
APPROVES = ("Practitioner/okafor", "Practitioner/bell")


class Step(Struct, frozen=True):
    """One thing that happens: a posting is tried, or a month is shut."""

    what: str
    posting: Posting | None = None
    month: Month | None = None


def _entry(account: Account, pence: int, book: Book = Book.ACTUAL) -> Entry:
    """Return an entry that says whose account it is, where it is somebody's."""
    return Entry(account, pence, book, About(person=OWNERS.get(account, "")))


def name_of(account: Account) -> Name:
    """Return an account as the second book-keeper calls it."""
    return account.kind.name, account.name


class History:
    """The steps of one seed, drawn one by one as the second book stands."""

    def __init__(self, seed: int, book: SecondBook) -> None:
        self.chance = Random(seed)
        self.book = book
        self.seed = seed
        self.made = 0
        self.today = BEGINS
        self.pots: dict[Account, tuple[Account, ...]] = {}

    def step(self) -> Step:
        """Draw what happens next."""
        self.today += timedelta(days=self.chance.choice((0, 1, 2, 3, 5)))
        kinds = self._kinds()
        drawn = self.chance.choices(list(kinds), [weight for weight, _ in kinds.values()])[0]
        made = kinds[drawn][1]()
        return made if isinstance(made, Step) else Step(drawn, made)

    def _kinds(self) -> dict[str, tuple[int, Callable[[], Posting | Step]]]:
        return {
            "contribution": (10, self._contribution),
            "commitment": (12, self._commitment),
            "release": (5, self._release),
            "invoice": (14, self._invoice),
            "payment": (8, self._payment),
            "direct payment": (6, self._direct_payment),
            "direct payment spent": (4, self._spent),
            "a person is charged": (4, self._charge),
            "a person pays": (3, self._person_pays),
            "reversal": (6, self._reversal),
            "replay": (6, self._replay),
            "other content, same id": (3, self._altered),
            "more than there is": (6, self._overdraw),
            "a month is shut": (3, self._close),
            "a shut month": (3, self._late),
            "own approval": (3, self._own_approval),
            "money to oneself": (2, self._to_oneself),
            "a penny too many": (2, self._unbalanced),
            "a name where none belongs": (2, self._misnamed),
            "another's account": (2, self._anothers),
        }

    def _contribution(self) -> Posting:
        pot = self.chance.choice(POTS)
        pence = self.chance.choice((1, 999, 10_101, 250_000, self.chance.randrange(1, 2_000_000)))
        funder = FUNDERS[self.chance.choice(GIVES[pot])]
        return self._moved((funder, -pence), (pot, pence))

    def _commitment(self) -> Posting:
        package = self.chance.choice(PACKAGES)
        pots = self.chance.choice((*((pot,) for pot in POTS), (POOL, MAINSTREAM)))
        pots = self.pots.setdefault(package, pots)
        pence = self._part(min(self._left(pot) for pot in pots))
        return self._moved(*self._shared(pots, -pence), (package, pence), book=Book.COMMITTED)

    def _release(self) -> Posting:
        package = self.chance.choice(PACKAGES)
        pence = self._part(self._left(package))
        pots = self.pots.get(package, (POOL,))
        return self._moved((package, -pence), *self._shared(pots, pence), book=Book.RELEASED)

    def _invoice(self) -> Posting:
        package, provider = self.chance.choice(PACKAGES), self.chance.choice(PROVIDERS)
        pence = self._part(self._left(package))
        units = self.chance.choice((None, Decimal("0.5"), Decimal(1)))
        cost = pence * 2 if units == Decimal("0.5") else pence if units else None
        about = About(package=package.name, provider=provider.name, units=units, unit_cost=cost)
        pots = self.pots.get(package, (POOL,))
        released = [_entry(a, p, Book.RELEASED) for a, p in self._shared(pots, pence)]
        spent = [_entry(a, p) for a, p in self._shared(pots, -pence)]
        paid = Entry(provider, pence, Book.ACTUAL, about)
        return self._posting(_entry(package, -pence, Book.RELEASED), *released, *spent, paid)

    def _payment(self) -> Posting:
        provider = self.chance.choice(PROVIDERS)
        pence = self._part(self._left(provider))
        paid = self._moved((provider, -pence), (BANK, pence))
        return replace(paid, paid_to=f"Organization/{provider.name}")

    def _direct_payment(self) -> Posting:
        pot, held = self.chance.choice(POTS), self.chance.choice(HELD)
        pence = self._part(self._left(pot))
        return self._moved((pot, -pence), (held, pence))

    def _spent(self) -> Posting:
        held = self.chance.choice(HELD)
        pence = self._part(self._left(held))
        return self._moved((held, -pence), (BANK, pence))

    def _charge(self) -> Posting:
        pence = self.chance.randrange(1, 20_000)
        return self._moved((self.chance.choice(OWED), -pence), (self.chance.choice(POTS), pence))

    def _person_pays(self) -> Posting:
        pence = self.chance.randrange(1, 20_000)
        return self._moved((BANK, -pence), (self.chance.choice(OWED), pence))

    def _reversal(self) -> Posting:
        kept = [posting for posting in self.book.day_book.values() if not posting.reverses]
        if not kept:
            return self._contribution()
        return reversal(
            self.chance.choice(kept),
            new_id=self._id(),
            on=self.today,
            words="Posted in error",
            prepared_by=self.chance.choice(PREPARES),
            approved_by=self.chance.choice(APPROVES),
        )

    def _replay(self) -> Posting:
        return self._kept() or self._contribution()

    def _altered(self) -> Posting:
        kept = self._kept()
        return replace(kept, words=f"{kept.words}, again") if kept else self._contribution()

    def _overdraw(self) -> Posting:
        leaves, to, book = self.chance.choice(
            (
                *((pot, PACKAGES[0], Book.COMMITTED) for pot in POTS),
                (self.chance.choice(POTS), HELD[0], Book.ACTUAL),
                (self.chance.choice(PROVIDERS), BANK, Book.ACTUAL),
                (self.chance.choice(PACKAGES), POOL, Book.RELEASED),
                (self.chance.choice(HELD), BANK, Book.ACTUAL),
            )
        )
        beyond = self.chance.choice((1, 1, 50, 10**9))
        pence = max(0, self._left(leaves) - FLOORS.get(leaves, 0)) + beyond
        return self._moved((leaves, -pence), (to, pence), book=book)

    def _close(self) -> Posting | Step:
        month = Month.of(self.today.replace(day=1) - timedelta(days=1))
        if (month.year, month.month) in self.book.shut:
            return self._late()
        return Step("a month is shut", month=month)

    def _late(self) -> Posting:
        shut = sorted(self.book.shut)
        on = date(*self.chance.choice(shut), 15) if shut else self.today
        return replace(self._contribution(), on=on)

    def _own_approval(self) -> Posting:
        made = self._contribution()
        who = self.chance.choice((made.prepared_by, ""))
        return replace(made, approved_by=who)

    def _to_oneself(self) -> Posting:
        made = self._direct_payment()
        who = made.entries[-1].about.person
        return self.chance.choice(
            (
                replace(made, approved_by=who),
                replace(made, prepared_by=who),
                replace(made, paid_to=made.approved_by),
            )
        )

    def _unbalanced(self) -> Posting:
        made = self._contribution()
        first, *rest = made.entries
        across = [replace(entry, book=Book.COMMITTED) for entry in rest]
        more = [replace(rest[0], pence=rest[0].pence + 1), *rest[1:]]
        return replace(made, entries=(first, *self.chance.choice((across, more, []))))

    def _misnamed(self) -> Posting:
        made = self._charge()
        owed, pot = made.entries
        nobody = replace(owed, about=About())
        shown = replace(pot, about=owed.about)
        return replace(made, entries=self.chance.choice(((nobody, pot), (owed, shown))))

    def _anothers(self) -> Posting:
        made = self._charge()
        owed, pot = made.entries
        other = next(person for person in PEOPLE if person != owed.about.person)
        return replace(made, entries=(replace(owed, about=About(person=other)), pot))

    def _kept(self) -> Posting | None:
        kept: list[Posting] = list(self.book.day_book.values())
        return self.chance.choice(kept) if kept else None

    def _left(self, account: Account) -> int:
        return int(self.book.left(name_of(account)) * 100)

    def _part(self, pence: int) -> int:
        """Draw an amount: some or all of what is there; a penny or a pound where nothing is."""
        if pence <= 0:
            return self.chance.choice((1, 100))
        return self.chance.choice((pence, self.chance.randint(1, pence), max(1, pence // 3)))

    def _shared(self, pots: tuple[Account, ...], pence: int) -> list[tuple[Account, int]]:
        weights = (3, 2)[: len(pots)]
        return [(a, p) for a, p in zip(pots, split(pence, weights), strict=True) if p]

    def _moved(self, *moves: tuple[Account, int], book: Book = Book.ACTUAL) -> Posting:
        return self._posting(*(_entry(account, pence, book) for account, pence in moves))

    def _posting(self, *entries: Entry) -> Posting:
        return Posting(
            id=self._id(),
            on=self.today,
            words="Care for Joyce",
            entries=entries,
            source=f"invoice/{self.made}",
            prepared_by=self.chance.choice(PREPARES),
            approved_by=self.chance.choice(APPROVES),
        )

    def _id(self) -> str:
        self.made += 1
        return f"h{self.seed}-{self.made}"
