"""Checks that everything kept beside the texts is what the texts say.

Walks every resource in ranges of keys, recomputes `fhir.derive` from the stored text, and compares
each row the record keeps; then asks whether each commit left its audit event and outbox line, and
walks the seal of the audit. It changes nothing. What one range of keys needs is in `verify_rows`,
the walk along the seal in `seal_check`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.record.database import Connection, connection, entered
from joinedup.record.seal_check import Walked, heads_by_position, walk_seal
from joinedup.record.seal_heads import read_heads
from joinedup.record.trace import trace
from joinedup.record.verify_ledger import read_ledger
from joinedup.record.verify_rows import LAST_KEY, Finding, next_range, range_findings

__all__ = ["VerifyReport", "verify", "verify_seal"]

MOST_LISTED = 1_000
"""How many differences are named one by one; all are counted."""

_FIRST_KEY = -(2**63)
_WRITES = ["created", "updated", "deleted", "batch", "import", "posted", "decided"]

_UNTOLD = """
select coalesce(v.key, o.key), coalesce(v.n, 0) - coalesce(o.n, 0)
from (select key, count(*) n from record.version group by key) v
full join (select k as key, count(*) n from record.outbox o, unnest(o.keys) k group by k) o
    on o.key = v.key
where v.n is distinct from o.n
"""

# A commit writes its audit events, one for each person whose entries it holds, and its outbox line
# in one statement: one transaction, one moment, the same people.
_UNPAIRED = """
with line as (
    select o.xid, o.at, min(o.seq) seq,
           array_agg(distinct p order by p) filter (where p <> 0) people
    from record.outbox o left join unnest(o.people) p on true group by o.xid, o.at
), event as (
    select e.xid, e.at, min(e.seq) seq, bool_or(e.action = any (%s)) writes,
           array_agg(distinct n.person order by n.person) filter (where n.person <> 0) people
    from record.audit_event e left join record.audit_named n on n.seq = e.seq group by e.xid, e.at
)
select 'an outbox line without its audit event', l.seq
from line l
where not exists (select from event e where e.xid = l.xid and e.at = l.at
                  and e.people is not distinct from l.people)
union all
select 'an audit event of a change without its outbox line', e.seq
from event e
where e.writes and not exists (select from line l where l.xid = e.xid and l.at = e.at
                               and l.people is not distinct from e.people)
union all
select 'an audit event of a version that is not there', e.seq
from record.audit_event e
where e.action = any (%s) and e.key is not null
  and not exists (select from record.version v where v.key = e.key and v.version = e.version)
"""

# Who entered a new person has them in reach for a while (key 0); nobody else may without a resource
# saying so.
_UNEARNED = """
select r.person, r.party from record.reach r
where r.key = 0 and not exists (
    select from record.version v
    join unnest(%s::text[], %s::bigint[]) s (source, party) on s.source = v.source
    where v.key = r.person and v.version = 1 and s.party = r.party)
"""


class VerifyReport(Struct, frozen=True):
    """What was looked at and what differs: as an iterable, one line a difference.

    Its length is how many differences there are; `reasons` counts them by what differs.
    """

    resources: int
    versions: int
    commits: int
    reasons: dict[str, int]
    listed: tuple[str, ...]
    sealed: int = 0
    waiting: int = 0
    heads: int = 0
    postings: int = 0
    entries: int = 0

    def __len__(self) -> int:
        return sum(self.reasons.values())

    def __iter__(self) -> Iterator[str]:
        yield from self.listed
        if len(self) > len(self.listed):
            yield f"... and {len(self) - len(self.listed):,} more"


class _Gathered:
    """Differences as they are found."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.listed: list[str] = []

    def add(self, finding: Finding) -> None:
        self.reasons[finding.reason] += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(f"{finding.where}: {finding.reason}")


def verify(
    permit: Permit | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    heads: Path | None = None,
) -> VerifyReport:
    """Return every difference between the texts of the record and the rows kept beside them.

    Takes the permit of a system job, its own when none is given. Raises NotPermitted for one that
    does not see the whole place: what is hidden would look as if it were missing. `heads` is the
    file of the seal's heads.
    """
    permit = _of_the_place(permit)
    gathered = _Gathered()
    resources, versions = _walk(permit, gathered, progress)
    commits = _check_commits(permit, gathered)
    postings, entries = _read_books(permit, gathered)
    walked, known = _walk_seal(permit, gathered, heads, progress=progress)
    return VerifyReport(
        resources,
        versions,
        commits,
        dict(gathered.reasons),
        tuple(gathered.listed),
        walked.sealed,
        walked.waiting,
        known,
        postings,
        entries,
    )


def verify_seal(
    permit: Permit | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    heads: Path | None = None,
    after: int = 0,
) -> VerifyReport:
    """Return what differs along the seal alone, behind position `after`; refuses as `verify`."""
    permit = _of_the_place(permit)
    gathered = _Gathered()
    walked, known = _walk_seal(permit, gathered, heads, after=after, progress=progress)
    with _snapshot(permit) as lent:
        detail = f"the seal, {gathered.reasons.total()} differences"
        trace(lent, permit, "verify", people=(), detail=detail)
    reasons, listed = dict(gathered.reasons), tuple(gathered.listed)
    return VerifyReport(0, 0, 0, reasons, listed, walked.sealed, walked.waiting, known)


def _of_the_place(permit: Permit | None) -> Permit:
    permit = permit or system_permit("verify")
    if not permit.sees_place:
        raise NotPermitted("Only a job of the system, which sees the whole place, can verify it.")
    return permit


def _walk_seal(
    permit: Permit,
    gathered: _Gathered,
    file: Path | None,
    *,
    after: int = 0,
    progress: Callable[[str, int, int], None] | None,
) -> tuple[Walked, int]:
    """Walk it, heads read before what they are of; returns how many were known as well."""
    heads, damaged = read_heads(file) if file else ((), ())
    for line in damaged:
        gathered.add(Finding(f"line {line} of {file}", "a head of the seal cannot be read"))
    with _snapshot(permit) as lent:
        walked = walk_seal(lent, heads_by_position(heads), after=after, progress=progress)
    for finding in walked.findings:
        gathered.add(finding)
    return walked, len(heads)


def _walk(
    permit: Permit, gathered: _Gathered, progress: Callable[[str, int, int], None] | None
) -> tuple[int, int]:
    with _snapshot(permit) as lent:
        whole = _count(lent, "select count(*) from record.head")
    resources = versions = 0
    first = _FIRST_KEY
    while first <= LAST_KEY:
        with _snapshot(permit) as lent:
            last = next_range(lent, first)
            found, seen, past = range_findings(lent, first, last)
        for finding in found:
            gathered.add(finding)
        resources, versions, first = resources + seen, versions + past, last + 1
        if progress:
            progress("Recomputing", resources, max(whole, resources))
    return resources, versions


def _check_commits(permit: Permit, gathered: _Gathered) -> int:
    with _snapshot(permit) as lent:
        for key, missing in lent.execute(_UNTOLD):
            reason = "a version without its outbox line"
            if int(str(missing)) < 0:
                reason = "an outbox line of a version that is not there"
            gathered.add(Finding(f"key {key}", reason))
        for what, seq in lent.execute(_UNPAIRED, (_WRITES, _WRITES)):
            gathered.add(Finding(f"number {seq}", str(what)))
        told = lent.execute("select distinct source from record.version where source <> ''")
        sources = [str(source) for (source,) in told]
        parties = [resource_key("Organization", source) for source in sources]
        for person, _ in lent.execute(_UNEARNED, (sources, parties)):
            gathered.add(
                Finding(f"person {person}", "reach to somebody new for who did not enter them")
            )
        trace(lent, permit, "verify", people=(), detail=f"{gathered.reasons.total()} differences")
        return _count(lent, "select count(*) from record.outbox")


def _read_books(permit: Permit, gathered: _Gathered) -> tuple[int, int]:
    """Let the ledger's auditor look; returns how many postings and entries there are."""
    with _snapshot(permit) as lent:
        read = read_ledger(lent)
    for finding in read.findings:
        gathered.add(finding)
    return read.postings, read.entries


@contextmanager
def _snapshot(permit: Permit) -> Iterator[Connection]:
    """Lend a connection that sees one moment of the record, for as long as it takes."""
    with connection() as lent, lent.transaction():
        lent.execute("set transaction isolation level repeatable read")
        lent.execute("set local statement_timeout = 0")
        entered(lent, permit, generic=False)
        yield lent


def _count(lent: Connection, statement: str) -> int:
    row = lent.execute(statement.encode()).fetchone()
    return int(str(row[0])) if row else 0
