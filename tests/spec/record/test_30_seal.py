"""The record, chapter 30. The audit shows whether anybody tampered with it.

A sealer follows the writers and binds every audit event to all before it by a chain of hashes;
heads of the chain are kept outside the database. Here a superuser, whom no lock holds, changes
what was sealed, and the walk names the very event. Trust.md 6 and F8.
"""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import psycopg
import pytest

from joinedup import record
from joinedup.fhir.issue import NotPermitted
from joinedup.record.cluster import Urls
from joinedup.record.seal import EVENT, Head, seal_round
from joinedup.record.seal_check import heads_by_position, walk_seal
from joinedup.record.seal_heads import KeptHead, add_head, read_heads
from joinedup.record.seal_loop import Sealer, SealState
from joinedup.record.verify import verify, verify_seal
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import GP, find, joyce, put, weight

EVENTS = 60


@pytest.fixture(autouse=True)
def _some_looks(_nobody_yet: None) -> None:
    """Changes, looks at one person, and searches that name several."""
    put(joyce(), joyce("ellen"), joyce("anna"), weight())
    for number in range(EVENTS):
        if number % 3:
            record.read(GP, "Observation", "w1")
        else:
            find(GP, "Patient", family="Hallam")


@pytest.fixture
def sealer(record_database: Urls) -> Iterator[Superuser]:
    """A connection of the application, as the sealer has one."""
    with psycopg.connect(record_database.application, autocommit=True) as connection:
        yield connection


@pytest.fixture
def head(sealer: Superuser) -> Head:
    """The chain over all of that."""
    sealed = seal_round(sealer)
    assert sealed is not None
    return sealed


def walked(connection: Superuser, heads: tuple[KeptHead, ...] = ()) -> dict[str, str]:
    """What differs, by where, in the open transaction."""
    with connection.transaction():
        found = walk_seal(connection, heads_by_position(heads)).findings
    return {finding.where: finding.reason for finding in found}


def kept(head: Head) -> KeptHead:
    """A head as it stands outside."""
    return KeptHead(head.position, head.hash.hex(), datetime.now(UTC), head.position)


def test_every_event_is_sealed_once_and_the_walk_agrees(superuser: Superuser, head: Head) -> None:
    """Rows of the chain stand without gaps, in the order of the transactions."""
    rows = superuser.execute("select position, xid::text::bigint, seq from record.seal order by 1")
    chain = rows.fetchall()
    events = superuser.execute("select count(*) from record.audit_event").fetchone()
    assert events is not None
    assert len(chain) == head.position == events[0] > EVENTS
    assert [position for position, _, _ in chain] == list(range(1, len(chain) + 1))
    assert [c[1:] for c in chain] == sorted(c[1:] for c in chain)
    assert walked(superuser, (kept(head),)) == {}


def test_every_column_is_hashed(superuser: Superuser) -> None:
    """A column that is added to the audit belongs into the seal: here is where that is noticed."""
    for table, prefix in (("audit_event", "e."), ("audit_person", "p.")):
        columns = superuser.execute(
            "select attname from pg_attribute where attrelid = ('record.' || %s)::regclass"
            " and attnum > 0 and not attisdropped",
            [table],
        ).fetchall()
        assert [c for (c,) in columns if prefix + c not in EVENT] == []


FLIPS = {
    "bigint": "coalesce({c}, 0) # (1::bigint << {bit62})",
    "integer": "coalesce({c}, 0) # (1 << {bit30})",
    "smallint": "({c} # (1 << {bit14}))::smallint",
    "timestamp with time zone": "{c} + interval '1 microsecond' * (1::bigint << {bit40})",
    "xid8": "({c}::text::bigint # (1::bigint << {bit40}))::text::xid8",
    "text": "case when {c} = '' then 'x' else overlay({c} placing"
    " chr(ascii(substr({c}, 1 + {bit62} % length({c}), 1)) # (1 + {bit2}))"
    " from 1 + {bit62} % length({c}) for 1) end",
    "bytea": "set_bit({c}, {bit255}, 1 - get_bit({c}, {bit255}))",
}
"""How each kind of column is changed by one bit or byte."""

_COLUMNS = """
select relname, attname, format_type(atttypid, null) from pg_attribute a
join pg_class c on c.oid = attrelid where attnum > 0 and not attisdropped
and attrelid in ('record.audit_event'::regclass, 'record.audit_person'::regclass,
                 'record.seal'::regclass) and attname not in ('seq', 'position')
"""


class Tampered:
    """Breaks what was sealed as nobody but a superuser could, looks, and puts it back."""

    def __init__(self, superuser: Superuser, head: Head, chance: random.Random) -> None:
        self.superuser, self.chance = superuser, chance
        self.heads: tuple[KeptHead, ...] = (kept(head),)
        rows = superuser.execute("select seq from record.seal order by position").fetchall()
        self.seqs = [seq for (seq,) in rows]
        several = superuser.execute("select distinct seq from record.audit_person").fetchall()
        self.several = [seq for (seq,) in several]
        self.columns = superuser.execute(_COLUMNS.encode()).fetchall()

    def by(self, *statements: str) -> dict[str, str]:
        """Run the statements with every trigger off, and return what the walk finds."""
        with self.superuser.transaction(force_rollback=True):
            self.superuser.execute("set local session_replication_role = replica")
            for statement in statements:
                done = self.superuser.execute(statement.encode())
                assert done.rowcount > 0, statement
            return walked(self.superuser, self.heads)

    def one_byte(self) -> None:
        table, column, kind = self.chance.choice(self.columns)
        seq = self.chance.choice(self.several if table == "audit_person" else self.seqs)
        bits = {f"bit{n}": str(self.chance.randrange(n + 1)) for n in (2, 14, 30, 40, 62, 255)}
        bits["bit14"] = str(min(int(bits["bit14"]), 13))
        value = FLIPS[kind].format(c=column, **bits)
        where = f"seq = {seq}"
        if table == "audit_person":
            where += f" and ctid = (select min(ctid) from record.audit_person where seq = {seq})"
        found = self.by(f"update record.{table} set {column} = {value} where {where}")
        beyond = {f"seal position {self.heads[0].position}"}  # the head itself was changed
        assert set(found) - beyond == {f"audit event {seq}"}, (table, column, value, found)

    def deletion(self) -> None:
        seq = self.chance.choice(self.seqs)
        found = self.by(f"delete from record.audit_event where seq = {seq}")
        assert set(found) == {f"audit event {seq}"}
        assert (
            "removed" in found[f"audit event {seq}"] or "not there" in found[f"audit event {seq}"]
        )

    def swap(self) -> None:
        one, two = self.chance.sample(self.seqs, 2)
        rest = ", ".join(c for t, c, _ in self.columns if t == "audit_event")
        other = ", ".join(f"o.{c}" for c in rest.split(", "))
        found = self.by(
            f"update record.audit_event e set ({rest}) = (select {other} from record.audit_event o"
            f" where o.seq = {one} + {two} - e.seq) where e.seq in ({one}, {two})"
        )
        assert set(found) == {f"audit event {one}", f"audit event {two}"}

    def insertion(self) -> None:
        """An event that was never written, put among those that were; or one more person named."""
        seq = self.chance.choice(self.seqs[:-1])
        if self.chance.random() < 0.5:
            found = self.by(
                "insert into record.audit_person (seq, person, action)"
                f" values ({seq}, {self.chance.getrandbits(60)}, 'read')"
            )
            assert found == {f"audit event {seq}": "an audit event is not as it was sealed"}
            return
        rest = ", ".join(c for t, c, _ in self.columns if t == "audit_event")
        new = self.seqs[-1] + self.chance.randrange(1, 10**6)
        found = self.by(
            f"insert into record.audit_event (seq, {rest}) overriding system value"
            f" select {new}, {rest} from record.audit_event where seq = {seq}"
        )
        assert found == {f"audit event {new}": "an audit event was put in behind the seal"}


@pytest.mark.parametrize("what", ["one_byte", "deletion", "swap", "insertion"])
def test_what_was_tampered_with_is_found_at_the_right_event(
    superuser: Superuser, head: Head, full: bool, what: str
) -> None:
    """Acceptance 4: 100 of each, 1,000 in full; the event is named, and no other."""
    seed = random.randrange(2**32)
    tampered = Tampered(superuser, head, random.Random(seed))
    for number in range(1_000 if full else 100):
        try:
            getattr(tampered, what)()
        except AssertionError as wrong:
            raise AssertionError(f"{what} {number} of seed {seed}") from wrong
    assert walked(superuser, tampered.heads) == {}


CHAIN: dict[str, tuple[str, Callable[[int], set[str]]]] = {
    "a row of the seal is gone": (
        "delete from record.seal where position = 20",
        lambda seq: {"seal position 20", f"audit event {seq}"},
    ),
    "two rows of the seal are swapped": (
        "update record.seal set hash = (select o.hash from record.seal o where o.position ="
        " 20 + 21 - record.seal.position) where position in (20, 21)",
        lambda seq: {f"audit event {seq}", f"audit event {seq + 1}"},
    ),
    "the seal names another event": (
        "update record.seal set seq = seq + 1000 where position = 20",
        lambda seq: {f"audit event {seq}", f"audit event {seq + 1000}"},
    ),
    "people are named by no event": (
        "insert into record.audit_person (seq, person, action) values (99999, 7, 'read')",
        lambda seq: {"audit event 99999"},
    ),
}


@pytest.mark.parametrize("what", CHAIN)
def test_a_broken_chain_is_found_too(superuser: Superuser, head: Head, what: str) -> None:
    """The seal itself is no safer from a superuser than the events are."""
    tampered = Tampered(superuser, head, random.Random(1))
    statement, expected = CHAIN[what]
    assert expected(tampered.seqs[19]) <= set(tampered.by(statement))


def test_a_cut_tail_is_known_by_the_head_outside(superuser: Superuser, head: Head) -> None:
    """Without the head nothing would show: that is what it is for."""
    tampered = Tampered(superuser, head, random.Random(1))
    left = head.position - 5
    tail = f"in (select seq from record.seal where position > {left})"
    cut = [
        f"delete from record.audit_event where seq {tail}",
        f"delete from record.audit_person where seq {tail}",
        f"delete from record.seal where position > {left}",
    ]
    assert set(tampered.by(*cut)) == {f"seal positions {left + 1} to {head.position}"}
    tampered.heads = ()
    assert tampered.by(*cut) == {}


def test_a_chain_made_anew_is_known_by_the_head_outside(
    superuser: Superuser, sealer: Superuser, head: Head
) -> None:
    """An event changed and all after it sealed again: every hash is right, but not the head."""
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update record.audit_event set worker = 'Practitioner/other' where seq = 20")
    superuser.execute("delete from record.seal")
    superuser.execute("reset session_replication_role")
    again = seal_round(sealer)
    assert again is not None
    assert again.position == head.position
    assert walked(superuser, ()) == {}
    assert set(walked(superuser, (kept(head),))) == {f"seal position {head.position}"}


def test_an_event_dated_before_its_time_is_found(
    superuser: Superuser, sealer: Superuser, head: Head
) -> None:
    """Put in by a true transaction and sealed like any other, but dated last week."""
    superuser.execute(
        "insert into record.audit_event (at, action, worker, name, role, organisation, purpose,"
        " session) values (now() - interval '7 days', 'read', 'W', '', '', '', '', '')"
    )
    seal_round(sealer)
    assert list(walked(superuser).values()) == [
        "an audit event is dated before the transaction that wrote it"
    ]
    assert head.position


def test_the_seal_stays_behind_a_transaction_that_still_runs(
    superuser: Superuser, sealer: Superuser, head: Head
) -> None:
    """What began before it and ends after it is sealed in its order, and nothing is left out."""
    with psycopg.connect(superuser.info.dsn) as slow:
        slow.execute(
            "insert into record.audit_event (action, worker, name, role, organisation, purpose,"
            " session) values ('read', 'Practitioner/slow', '', '', '', '', '')"
        )
        record.read(GP, "Observation", "w1")
        assert seal_round(sealer) == head
        slow.commit()
    after = seal_round(sealer)
    assert after is not None
    assert after.position == head.position + 2
    assert walked(superuser, (kept(head), kept(after))) == {}


def test_only_the_sealer_adds_to_the_seal(sealer: Superuser, head: Head) -> None:
    """Another permit sees none of it and can add none; nobody changes any (trust.md 6)."""
    with sealer.transaction(force_rollback=True):
        sealer.execute("select record.enter('Practitioner/ash', '{1}', '{2,0,8}', '{}', '0', '0')")
        assert sealer.execute("select * from record.seal").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sealer.execute(
                "insert into record.seal values (9999, 9999, '9', now(), sha256(''::bytea))"
            )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sealer.execute("update record.seal set hash = hash")
    with pytest.raises(NotPermitted):
        verify_seal(GP)


def test_two_sealers_and_many_writers_leave_one_chain(
    record_database: Urls, superuser: Superuser, tmp_path: Path, full: bool
) -> None:
    """Writers, two sealers and the walk at once: no false alarm, and each event sealed once."""
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            record.read(GP, "Observation", "w1")
            find(GP, "Patient", family="Hallam")

    writers = [threading.Thread(target=look) for _ in range(3)]
    states: list[SealState] = []
    files = [tmp_path / "one.ndjson", tmp_path / "two.ndjson"]
    with (
        Sealer(record_database.application, files[0], states.append),
        Sealer(record_database.application, files[1], states.append),
    ):
        for writer in writers:
            writer.start()
        try:
            for _ in range(100 if full else 8):
                assert list(verify_seal(heads=files[0])) == []
                sleep(0.2)
        finally:
            ended.set()
            for writer in writers:
                writer.join()
        sleep(1.5)
    assert set(states) == {SealState.SEALING}
    assert walked(superuser, (*read_heads(files[0])[0], *read_heads(files[1])[0])) == {}
    row = superuser.execute(
        "select count(*), max(position), (select count(*) from record.audit_event) from record.seal"
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
    assert row[2] - row[0] <= 1  # the last walk's own trace came after the last round, at most


def test_heads_are_kept_outside_for_their_owner_alone(
    record_database: Urls, tmp_path: Path
) -> None:
    """At the end, and each minute; position, hash, time and count, mode 0600."""
    file = tmp_path / "seal" / "heads.ndjson"
    with Sealer(record_database.application, file, lambda _: None):
        sleep(0.1)
    (head, *_), damaged = read_heads(file)
    assert (head.position, head.count, len(head.hash), damaged) == (head.count, head.count, 64, ())
    assert head.position > EVENTS
    assert file.stat().st_mode & 0o777 == 0o600
    report = verify(heads=file)
    assert (list(report), report.sealed, report.heads) == ([], head.position, 1)
    with file.open("a") as opened:
        opened.write("not a head\n")
    assert verify_seal(heads=file).reasons == {"a head of the seal cannot be read": 1}


def test_a_walk_may_begin_at_any_head(
    superuser: Superuser, sealer: Superuser, tmp_path: Path
) -> None:
    """What lies before it is not looked at; what lies after is, and the head itself is compared."""
    file = tmp_path / "heads.ndjson"
    first = seal_round(sealer)
    record.read(GP, "Observation", "w1")
    second = seal_round(sealer)
    assert first is not None
    assert second is not None
    for head in (first, second):
        add_head(file, head, datetime.now(UTC))
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update record.audit_event set name = 'x' where seq = 20")
    superuser.execute("reset session_replication_role")
    assert (len(verify_seal(heads=file)), len(verify_seal(heads=file, after=first.position))) == (
        1,
        0,
    )
    assert second.position > first.position
