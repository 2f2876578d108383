"""The ledger's auditor: every balance folded from its entries again, every posting hashed again.

Each account is compared with the sums kept for its floor, each posting with the hash of what was
said, its commit with the hash that the audit sealed. What is looked at is told by `verify`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from msgspec import Struct

from joinedup.fhir.classes import DataClass
from joinedup.fhir.key import resource_key
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import is_start, problems_of_start
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Entry, Posting, problems_of
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection
from joinedup.record.ledger_rows import class_of_account, content_of, entry_of, person_key
from joinedup.record.verify_rows import Finding

__all__ = ["LedgerRead", "read_ledger"]

_AT_A_TIME = 5_000

# One statement finds what arithmetic alone can say of all of it.
_WRONG = """
select 'a posting that does not sum to zero', e.posting
from record.entry e group by e.posting, e.book having sum(e.pence) <> 0
union all
select 'a posting without its entries', p.id from record.posting p
where (select count(*) from record.entry e where e.posting = p.id) < 2
union all
select 'an entry without its posting, or of another day', e.posting
from record.entry e
where not exists (select from record.posting p where p.id = e.posting and p.day = e.day)
union all
select 'an account whose kept sums are not what its entries come to', a.kind || ' ' || a.name
from record.account a full join (
    select e.kind, e.name, coalesce(sum(e.pence) filter (where e.book = 1), 0) committed,
           coalesce(sum(e.pence) filter (where e.book = 2), 0) released,
           coalesce(sum(e.pence) filter (where e.book = 3), 0) actual
    from record.entry e group by e.kind, e.name) f on f.kind = a.kind and f.name = a.name
where a.kind is null
   or (a.committed, a.released, a.actual) is distinct from
      (coalesce(f.committed, 0), coalesce(f.released, 0), coalesce(f.actual, 0))
union all
select 'an account below its floor', a.kind || ' ' || a.name from record.account a
where a.committed + a.released + a.actual < a.floor
union all
select 'an account whose floor nobody decided', a.kind || ' ' || a.name from record.account a
where a.floor is distinct from coalesce(
    (select d.floor from record.decision d where d.kind = a.kind and d.name = a.name
     order by d.at desc, d.id desc limit 1),
    case when a.kind = any (%(floored)s) then 0 end)
union all
select 'an entry of somebody else than its account', e.posting
from record.entry e join record.account a on a.kind = e.kind and a.name = e.name
where a.person <> e.person
union all
select 'a reversal that does not take back what it names', p.id
from record.posting p
where p.reverses is not null and (
    not exists (select from record.posting o where o.id = p.reverses)
    or exists (select from record.entry e where e.posting in (p.id, p.reverses)
               group by e.kind, e.name, e.book having sum(e.pence) <> 0))
union all
select 'a posting after its month was closed', p.id
from record.posting p join record.decision d on d.month = date_trunc('month', p.day)::date
where p.at > d.at
union all
select 'a start that no officer set money aside for', p.id
from record.posting p join record.entry e on e.posting = p.id and e.class = 18 and e.book = 1
where e.pence < 0 and p.reverses is null and not exists (
    select from record.entry s join record.posting o on o.id = s.posting
    where s.kind = 2 and s.name = e.name and s.book = 3 and s.pence > 0 and o.approved = p.approved
    and o.at <= p.at)
union all
select 'postings that are not what the audit sealed', min(p.id)
from record.posting p left join record.audit_event e on e.xid = p.xid and e.action = 'posted'
group by p.xid, e.seq
having e.seq is null or strpos(min(e.detail), 'sha256:' || encode(sha256(convert_to(
    string_agg(p.content, '' order by p.content collate "C"), 'UTF8')), 'hex')) = 0
union all
select 'a decision that is not what the audit sealed', d.id from record.decision d
where not exists (select from record.audit_event e where e.xid = d.xid and e.action = 'decided'
                  and strpos(e.detail, 'sha256:' || d.content) > 0)
union all
select 'an audit event of a decision that is not there', e.seq::text from record.audit_event e
where e.action = 'decided' and not exists (select from record.decision d where d.xid = e.xid)
union all
select 'an audit event of postings that are not there', e.seq::text from record.audit_event e
where e.action = 'posted' and not exists (select from record.posting p where p.xid = e.xid)
"""

_POSTINGS = b"""
select p.id, p.day, p.words, p.source, p.prepared, p.approved, p.paid_to, coalesce(p.reverses, ''),
       p.content, p.person, p.class, p.label, p.others, e.kind, e.name, e.pence, e.book, e.about,
       e.person, e.class, e.label,
       coalesce((select a.label from record.account a where a.kind = e.kind and a.name = e.name), 0)
from (select * from record.posting where id > %s order by id limit %s) p
join record.entry e on e.posting = p.id order by p.id, e.line
"""
_DECISIONS = b"""
select d.id, d.kind, d.name, d.floor, d.month, d.words, d.prepared, d.approved, d.person, d.content,
       coalesce((select e.about::jsonb ->> 'person' from record.entry e
                 where e.kind = d.kind and e.name = d.name and e.person <> 0 limit 1), '')
from record.decision d
"""

Row = tuple[Any, ...]


class LedgerRead(Struct, frozen=True):
    """What the auditor found, and how many postings and entries were looked at."""

    postings: int
    entries: int
    findings: tuple[Finding, ...]


def read_ledger(lent: Connection) -> LedgerRead:
    """Return what differs in the ledger, in a transaction that sees the whole place."""
    floored = [int(kind) for kind in AccountKind if Account(kind, "").is_floored]
    found = [
        Finding(str(where), str(what))
        for what, where in lent.execute(_WRONG.encode(), {"floored": floored})
    ]
    postings = entries = 0
    for rows in _by_posting(lent):
        postings, entries = postings + 1, entries + len(rows)
        found += _of_posting(rows)
    found += _of_packages(lent)
    for row in lent.execute(_DECISIONS).fetchall():
        found += _of_decision(row)
    return LedgerRead(postings, entries, tuple(found))


def _by_posting(lent: Connection) -> Iterator[list[Row]]:
    after = ""
    while True:
        rows = cast("list[Row]", lent.execute(_POSTINGS, (after, _AT_A_TIME)).fetchall())
        if not rows:
            return
        posting: list[Row] = []
        for row in rows:
            if posting and posting[0][0] != row[0]:
                yield posting
                posting = []
            posting.append(row)
        yield posting
        after = str(rows[-1][0])


def _of_posting(rows: list[Row]) -> Iterator[Finding]:
    posting = posting_of(rows)
    content, person, in_class, label, others = rows[0][8:13]
    if content_of(posting) != content:
        yield Finding(posting.id, "a posting that is not what was said")
    if problems_of(posting) or (is_start(posting) and problems_of_start(posting)):
        yield Finding(posting.id, "a posting that would be refused")
    named = list(dict.fromkeys(row[18] for row in rows if row[18]))
    labels = 0
    for row in rows:
        labels |= row[20]
    if [person, *(others or ())] != (named or [0]) or label != labels:
        yield Finding(posting.id, "a posting seen by others than its entries are")
    for entry, row in zip(posting.entries, rows, strict=True):
        owner = person_key(entry.about.person) if entry.account.is_somebodys else 0
        expected = (owner, class_of_account(entry.account), entry.about.label | row[21])
        if row[18:21] != expected:
            yield Finding(posting.id, "an entry seen by others than whose it is")
    if in_class != (DataClass.FINANCIAL if named else DataClass.FUNDS):
        yield Finding(posting.id, "a posting of another class than its entries")


def posting_of(rows: list[Row]) -> Posting:
    """Return a posting as its rows tell it."""
    made, day, words, source, prepared, approved, paid_to, reverses = rows[0][:8]
    return Posting(
        id=made,
        on=day,
        words=words,
        entries=tuple(_entry(row) for row in rows),
        source=source,
        prepared_by=prepared,
        approved_by=approved,
        paid_to=paid_to,
        reverses=reverses,
    )


def _entry(row: Row) -> Entry:
    kind, name, pence, book, about = row[13:18]
    return entry_of(kind, name, pence, book, about)


def _of_packages(lent: Connection) -> Iterator[Finding]:
    """What a package costs is under its labels, as they are now."""
    rows = lent.execute("select name, label from record.account where kind = 3").fetchall()
    names = {resource_key("EpisodeOfCare", str(name)): str(name) for name, _ in rows}
    under = {str(name): cast("int", label) for name, label in rows}
    for key, label in lent.execute(
        "select key, label from record.head where key = any (%s::bigint[])", (numbers(names),)
    ).fetchall():
        name = names[cast("int", key)]
        if under[name] & cast("int", label) != label:
            yield Finding(name, "an account that is not under its package's labels")


def _of_decision(row: Row) -> Iterator[Finding]:
    made, kind, name, floor, month, words, prepared, approved, person, content, whose = row
    said: dict[str, Any] = {
        "id": made,
        "words": words,
        "prepared_by": prepared,
        "approved_by": approved,
    }
    if kind is None:
        closing = Closing(month=Month.of(cast("date", month)), **said)
        if content_of(closing) != content:
            yield Finding(str(made), "a decision that is not what was said")
        return
    # Whose account it is stands in the hash as a reference; a row has its key alone, and where
    # nothing was posted to the account nobody knows of which reference.
    if bool(person) != bool(whose):
        return
    said |= {"account": Account(AccountKind(kind), name), "floor": floor, "person": whose}
    if content_of(Tolerance(**said)) != content:
        yield Finding(str(made), "a decision that is not what was said")
