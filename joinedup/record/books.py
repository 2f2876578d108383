"""Reading the ledger: what accounts hold, what was posted, what was decided.

Every look is under a permit and leaves its trace. What a permit does not see is not there: no row,
no sum. A balance is what the entries come to, not the sums kept for the floor.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.balance import Balance
from joinedup.ledger.money import Pence
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Book, Entry, Posting
from joinedup.record.arrays import numbers, quoted
from joinedup.record.database import Connection, connection, entered
from joinedup.record.ledger_rows import entry_of, person_key
from joinedup.record.trace import trace

__all__ = [
    "MOST_POSTINGS",
    "Held",
    "Kept",
    "Movement",
    "Told",
    "closed_months",
    "every_posting",
    "held",
    "movements",
    "of_person",
    "postings",
]

MOST_POSTINGS = 1_000

_HELD = b"""
select a.kind, a.name, a.person, a.floor,
       coalesce(sum(e.pence) filter (where e.book = 1), 0)::bigint,
       coalesce(sum(e.pence) filter (where e.book = 2), 0)::bigint,
       coalesce(sum(e.pence) filter (where e.book = 3), 0)::bigint
from record.account a left join record.entry e on e.kind = a.kind and e.name = a.name
where a.kind = any (%s::smallint[]) and (%s::text[] is null or a.name = any (%s::text[]))
  and a.name >= %s and a.name < %s
group by a.kind, a.name order by a.kind, a.name
"""

_MOVEMENTS = b"""
select e.kind, e.name, e.book, date_trunc('month', e.day)::date,
       coalesce(e.about::jsonb ->> 'care', ''), coalesce(e.about::jsonb ->> 'package', ''),
       coalesce(e.about::jsonb ->> 'provider', ''), sum(e.pence)::bigint, count(*)::bigint
from record.entry e
where e.kind = %s and e.name >= %s and e.name < %s
group by 1, 2, 3, 4, 5, 6, 7 order by 2, 4, 5, 6, 3
"""

_POSTINGS = b"""
with chosen as (
    select p.* from record.posting p
    where (%(ids)s::text[] is null or p.id = any (%(ids)s::text[]))
      and (%(kind)s::smallint is null or exists (
          select from record.entry e
          where e.posting = p.id and e.kind = %(kind)s and e.name = %(name)s))
      and p.day >= %(begins)s and p.day <= %(ends)s and (p.day, p.id) > (%(day)s, %(after)s)
    order by p.day, p.id limit %(count)s
)
select c.id, c.day, c.words, c.source, c.prepared, c.approved, c.paid_to, coalesce(c.reverses, ''),
       c.at, c.person, c.others, e.kind, e.name, e.pence, e.book, e.about
from chosen c join record.entry e on e.posting = c.id order by c.day, c.id, e.line
"""

_OF_PERSON = b"""
select e.day, coalesce(p.words, ''), e.kind, e.name, e.pence, e.book, e.about
from record.entry e left join record.posting p on p.id = e.posting
where e.person = any (record.same(%s)) and coalesce(p.at <= %s, true)
order by e.day, e.posting, e.line
"""

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
_END = datetime(9999, 1, 1, tzinfo=UTC)
_LAST_NAME = "\U0010ffff"


class Held(Struct, frozen=True):
    """An account, what its entries come to, and how low it may go (None: any depth)."""

    account: Account
    balance: Balance
    floor: Pence | None


class Movement(Struct, frozen=True):
    """What moved on one account in one book and month, for one package and provider."""

    account: Account
    book: Book
    month: Month
    care: str
    package: str
    provider: str
    pence: Pence
    entries: int


class Kept(Struct, frozen=True):
    """A posting as it was kept, and when."""

    posting: Posting
    at: datetime


class Told(Struct, frozen=True):
    """One entry on an account of somebody's, with the day and the words of its posting."""

    on: date
    words: str
    entry: Entry


def held(
    permit: Permit,
    kinds: Iterable[AccountKind],
    *,
    names: Sequence[str] | None = None,
    prefix: str = "",
) -> tuple[Held, ...]:
    """Return the accounts of these kinds that the permit sees, by kind and name.

    `names` are the only ones wanted, `prefix` what their names begin with.
    """
    wanted = quoted(names) if names is not None else None
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            _HELD, (numbers(map(int, kinds)), wanted, wanted, prefix, prefix + _LAST_NAME)
        ).fetchall()
        trace(
            lent,
            permit,
            "money",
            people=dict.fromkeys(cast("int", r[2]) for r in rows if r[2]),
            detail=f"{len(rows)} accounts",
        )
    return tuple(
        Held(
            Account(AccountKind(cast("int", kind)), str(name)),
            Balance(cast("int", committed), cast("int", released), cast("int", actual)),
            cast("int | None", floor),
        )
        for kind, name, _, floor, committed, released, actual in rows
    )


def movements(permit: Permit, kind: AccountKind, *, prefix: str = "") -> tuple[Movement, ...]:
    """Return what moved on accounts of a kind of the place whose names begin so, month by month.

    These accounts name nobody (`Account.is_somebodys` is false); ValueError for another kind.
    """
    if Account(kind, "").is_somebodys:
        raise ValueError(f"{kind.name} accounts are people's; read their postings one by one")
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(_MOVEMENTS, (int(kind), prefix, prefix + _LAST_NAME)).fetchall()
        trace(lent, permit, "money", people=(), detail=f"{kind.name.lower()} {prefix}".strip())
    return tuple(
        Movement(
            Account(AccountKind(cast("int", k)), str(name)),
            Book(cast("int", book)),
            Month.of(cast("date", month)),
            str(care),
            str(package),
            str(provider),
            cast("int", pence),
            cast("int", entries),
        )
        for k, name, book, month, care, package, provider, pence, entries in rows
    )


def postings(
    permit: Permit,
    *,
    ids: Sequence[str] | None = None,
    account: Account | None = None,
    begins: date = _FIRST_DAY,
    ends: date = _LAST_DAY,
    after: Posting | None = None,
    count: int = 100,
) -> tuple[Kept, ...]:
    """Return what was posted, by day and id, `count` at most (1,000); `after` reads on.

    A posting is seen by whoever sees everybody it names. Raises ValueError for a count that is not
    1 to 1,000.
    """
    if not 1 <= count <= MOST_POSTINGS:
        raise ValueError(f"1 to {MOST_POSTINGS} postings at a time, not {count}")
    asked = {
        "ids": quoted(ids) if ids is not None else None,
        "kind": int(account.kind) if account else None,
        "name": account.name if account else None,
        "begins": begins,
        "ends": ends,
        "day": after.on if after else _FIRST_DAY,
        "after": after.id if after else "",
        "count": count,
    }
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(_POSTINGS, asked).fetchall()
        people = dict.fromkeys(
            p for r in rows for p in (cast("int", r[9]), *(cast("list[int] | None", r[10]) or ()))
        )
        people.pop(0, None)
        trace(lent, permit, "money", people=people, detail=str(account or "postings"))
    return _postings(rows)


def every_posting(
    permit: Permit,
    *,
    account: Account | None = None,
    begins: date = _FIRST_DAY,
    ends: date = _LAST_DAY,
) -> Iterator[Kept]:
    """Yield everything posted, by day and id, a page of `postings` at a time."""
    after: Posting | None = None
    while page := postings(
        permit, account=account, begins=begins, ends=ends, after=after, count=MOST_POSTINGS
    ):
        yield from page
        if len(page) < MOST_POSTINGS:
            return
        after = page[-1].posting


def _postings(rows: Sequence[tuple[object, ...]]) -> tuple[Kept, ...]:
    entries: dict[str, list[Entry]] = {}
    first: dict[str, tuple[object, ...]] = {}
    for row in rows:
        kind, name, pence, book, about = row[11:]
        first.setdefault(str(row[0]), row)
        entries.setdefault(str(row[0]), []).append(
            entry_of(
                cast("int", kind), str(name), cast("int", pence), cast("int", book), str(about)
            )
        )
    return tuple(_kept(row, entries[posting]) for posting, row in first.items())


def _kept(row: tuple[object, ...], entries: Sequence[Entry]) -> Kept:
    made, on, words, source, prepared, approved, paid_to, reverses, at = row[:9]
    posting = Posting(
        id=str(made),
        on=cast("date", on),
        words=str(words),
        entries=tuple(entries),
        source=str(source),
        prepared_by=str(prepared),
        approved_by=str(approved),
        paid_to=str(paid_to),
        reverses=str(reverses),
    )
    return Kept(posting, cast("datetime", at))


def of_person(permit: Permit, person_id: str, *, until: datetime | None = None) -> tuple[Told, ...]:
    """Return every entry on somebody's own accounts that the permit sees, by day.

    Under whichever of their joined records it was posted; `until` leaves out what was posted later.
    """
    key = person_key(f"Patient/{person_id}")
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(_OF_PERSON, (key, until or _END)).fetchall()
        trace(lent, permit, "money", people=(key,), detail=f"{len(rows)} entries")
    return tuple(
        Told(
            cast("date", on),
            str(words),
            entry_of(*cast("tuple[int, str, int, int, str]", tuple(entry))),
        )
        for on, words, *entry in rows
    )


def closed_months(permit: Permit) -> tuple[Month, ...]:
    """Return the months to which nothing more is posted, oldest first."""
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        return _closed(lent)


def _closed(lent: Connection) -> tuple[Month, ...]:
    rows = lent.execute(
        "select month from record.decision where month is not null order by month"
    ).fetchall()
    return tuple(Month.of(cast("date", row[0])) for row in rows)
