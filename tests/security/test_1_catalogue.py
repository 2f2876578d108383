"""The second lock, read from PostgreSQL's own catalogue (trust.md 3): every table, view, function.

Tables are listed by the catalogue, so one that is added without its locks is noticed here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

import psycopg
import pytest
from psycopg import errors, sql

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Unavailable
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.decision import Closing
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Entry, Posting
from joinedup.record import Put, Source, database, notices
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.migrate import migrate
from tests.conftest import _Copied
from tests.load.people import NHS, new_number, observation, patient

Connection = psycopg.Connection[tuple[object, ...]]
OURS = "'record'::regnamespace"
# Where records are joined, rows are put under whom they are kept (0050_pre_merge.sql).
PLACED = "claim composite date mark quantity reference string token uri word".split()
APPEND_ONLY = ("version", "audit_event", "audit_person", "outbox", "seal")
LEDGER = ("posting", "entry", "account", "decision")

_ADD, _REPLACE = {"INSERT", "SELECT"}, {"DELETE", "INSERT", "SELECT"}
GRANTS = {
    **dict.fromkeys((*APPEND_ONLY, *LEDGER), _ADD),
    **dict.fromkeys("token string date reference quantity uri composite".split(), _REPLACE),
    **dict.fromkeys("word claim mark reach objection restriction".split(), _REPLACE),
    "head": {"DELETE", "INSERT", "SELECT", "UPDATE"},
    "audit_named": {"SELECT"},
    "joined": _ADD,
    "alerts_read": _REPLACE,
    "notice": _ADD,
    **dict.fromkeys(("board", "board_mark"), _REPLACE),
}
"""All that the application role may do, table by table. A new table needs a line here."""

_SAMPLES = {
    "bigint": "7",
    "integer": "7",
    "smallint": "1",
    "boolean": "true",
    "text": "'x'",
    "numeric": "7",
    "double precision": "7",
    "timestamp with time zone": "now()",
    "bigint[]": "'{7}'",
    "xid8": "'7'",
    "jsonb": "'{}'",
    "bytea": "sha256('')",
    "uuid": "'00000000-0000-0000-0000-000000000007'",
}


class Filled(NamedTuple):
    """A record with rows in every table, as the superuser and as the application sees it."""

    names: tuple[str, ...]
    superuser: Connection
    application: Connection


def _superuser(urls: Urls) -> Connection:
    """A connection that no lock holds for: it sees what the application role must not."""
    url = urls.application.replace("joinedup_app@", "postgres@")
    return psycopg.connect(url, autocommit=True)


@pytest.fixture
def superuser(database_urls: Urls) -> Iterator[Connection]:
    """The superuser, who reads the catalogue."""
    with _superuser(database_urls) as connection:
        yield connection


@pytest.fixture
def application(database_urls: Urls) -> Iterator[Connection]:
    """The application role, which has entered no permit."""
    with psycopg.connect(database_urls.application, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def filled(cluster: Cluster, database_urls: Urls) -> Iterator[Filled]:
    """Every table of the record, each with at least one row."""
    with _Copied(cluster) as urls:
        assert urls != database_urls
        _store_some(urls)
        with (
            _superuser(urls) as superuser,
            psycopg.connect(urls.application, autocommit=True) as application,
        ):
            names = tuple(str(n) for (n,) in _rows(superuser, _TABLES))
            superuser.execute("set session_replication_role = replica")
            for name in names:
                if _count(superuser, name) == 0:
                    _put_a_row(superuser, name)
            superuser.execute("reset session_replication_role")
            yield Filled(names, superuser, application)


def _store_some(urls: Urls) -> None:
    database.configure(urls.application)
    person = patient(id="p1", identifier=[{"system": NHS, "value": new_number()}])
    seen = observation("Patient/p1", id="o1", performer=[{"reference": "Organization/Y90001"}])
    home = {"resourceType": "Organization", "id": "Y90001", "name": "Fosse Lane Surgery"}
    source = Source("Y90001", "Practitioner/a", "gp")
    found = [Put(r, source=source) for r in (home, person, seen)]
    record.commit(system_permit("test"), found, dangling="keep")
    pot, giver = Account(AccountKind.POT, "pool"), Account(AccountKind.FUNDER, "904")
    by_two = {"prepared_by": "Practitioner/a", "approved_by": "Practitioner/b", "words": "Agreed"}
    moved = (Entry(giver, -5), Entry(pot, 5))
    given = Posting(
        id="p1",
        on=date(2018, 1, 8),
        source="s",
        entries=moved,
        **by_two,
    )
    ended = Closing(id="c1", month=Month(2018, 1), **by_two)
    record.commit(system_permit("test"), [], [given])
    record.commit(system_permit("test"), [], [ended])
    notices.hand_on(lambda line: ["Patient/p1"], now=datetime.now(UTC))
    database.close()


_TABLES = (
    f"select relname from pg_class where relnamespace = {OURS} and relkind in ('r', 'p')"
    " order by relname"
)


def _rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query.encode()).fetchall()


def _count(connection: Connection, table: str) -> int:
    query = sql.SQL("select count(*) from record.{}").format(sql.Identifier(table))
    return int(str(connection.execute(query).fetchone()[0]))


def _put_a_row(superuser: Connection, table: str) -> None:
    columns = superuser.execute(
        "select attname, format_type(atttypid, null) from pg_attribute where attnum > 0"
        " and not attisdropped and attidentity = '' and attrelid = ('record.' || %s)::regclass",
        (table,),
    ).fetchall()
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(_SAMPLES[str(kind)] for _, kind in columns)
    superuser.execute(f'insert into record."{table}" ({names}) values ({values})'.encode())


def test_without_a_permit_every_table_shows_no_row(filled: Filled) -> None:
    """Acceptance 6: the application role with no permit set; each table does hold rows."""
    assert len(filled.names) >= 15
    assert all(_count(filled.superuser, name) > 0 for name in filled.names)
    assert {n: c for n in filled.names if (c := _count(filled.application, n))} == {}


@pytest.mark.parametrize("worker", ["", "Practitioner/b"])
def test_empty_settings_show_no_row(filled: Filled, worker: str) -> None:
    """What is left of a setting after its transaction is '', and '' is nobody, not everybody."""
    with filled.application.transaction():
        filled.application.execute("select record.enter(%s, '', '', '', '', '')", (worker,))
        assert {n: c for n in filled.names if (c := _count(filled.application, n))} == {}


def test_every_table_forces_its_row_locks(superuser: Connection) -> None:
    """Forced, so that they hold for the owner too."""
    assert (
        _rows(
            superuser,
            f"select relname from pg_class where relnamespace = {OURS} and relkind in ('r', 'p')"
            " and not (relrowsecurity and relforcerowsecurity)",
        )
        == []
    )


def test_every_table_about_people_tests_person_class_and_label(superuser: Connection) -> None:
    """House law 2: each policy of a table that carries all three tests all three."""
    weak = _rows(
        superuser,
        "select c.relname, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid"
        f" where c.relnamespace = {OURS} and (select count(*) from pg_attribute a"
        " where a.attrelid = c.oid and a.attname in ('person', 'class', 'label')) = 3"
        " and not coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))"
        " ~ 'permitted_labels.*permitted_(sees|changes).*person'"
        # The ledger's own function keeps its sums and lets labels follow; that it was allowed to
        # was tested by the row it added.
        " and not (p.polcmd = 'w' and pg_get_expr(polqual, polrelid) ~ 'keeps_books')",
    )
    assert weak == []


def test_nothing_passes_the_locks_by(superuser: Connection) -> None:
    """No SECURITY DEFINER, no leakproof function of ours, no view but as its reader, none stored.

    Tables that hold what an inheritance or a rule would show of another are not used at all.
    """
    assert _rows(superuser, f"select proname from pg_proc where pronamespace = {OURS} and (prosecdef or proleakproof)") == []  # fmt: skip  # noqa: E501
    assert _rows(superuser, "select relname from pg_class where relkind = 'm'") == []
    views = (
        "select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where relkind = 'v' and nspname !~ '^(pg_|information_schema)'"
        " and not coalesce(reloptions::text ~ 'security_invoker=(true|on|1)', false)"
    )
    assert _rows(superuser, views) == []
    assert _rows(superuser, f"select * from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relnamespace = {OURS}") == []  # fmt: skip  # noqa: E501


def test_the_application_role_owns_nothing_and_is_nobody_else(superuser: Connection) -> None:
    """Not a superuser, not above row security, in no group, owner of nothing."""
    assert (
        _rows(
            superuser,
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " from pg_roles where rolname in ('joinedup_app', 'joinedup_owner')",
        )
        == [(False, False, False, False, False)] * 2
    )
    app = "'joinedup_app'::regrole"
    assert _rows(superuser, f"select * from pg_auth_members where member = {app}") == []
    owned = " union all ".join(
        f"select {name}::text from {table} where {owner} = {app}"
        for table, name, owner in (
            ("pg_class", "oid::regclass", "relowner"),
            ("pg_proc", "oid::regproc", "proowner"),
            ("pg_namespace", "nspname", "nspowner"),
            ("pg_type", "typname", "typowner"),
            ("pg_database", "datname", "datdba"),
        )
    )
    assert _rows(superuser, owned) == []


def test_grants_are_those_listed(superuser: Connection) -> None:
    """Nothing to the public, no right to pass on, and table by table the list.

    And column by column: when a line of the outbox was sent, when a joining ended, and whom a row
    of the index is kept under.
    """
    found: dict[str, set[str]] = {}
    for table, grantee, right, passed_on in _rows(
        superuser,
        "select relname, case a.grantee when 0 then 'public' else a.grantee::regrole::text end,"
        " a.privilege_type, a.is_grantable from pg_class c, aclexplode(relacl) a"
        f" where relnamespace = {OURS} and a.grantee <> relowner",
    ):
        assert (grantee, passed_on) == ("joinedup_app", False), table
        found.setdefault(str(table), set()).add(str(right))
    assert found == GRANTS
    columns = _rows(
        superuser,
        "select relname, attname, x.grantee::regrole::text, x.privilege_type, x.is_grantable"
        " from pg_attribute a join pg_class c on c.oid = attrelid, aclexplode(attacl) x"
        f" where relnamespace = {OURS}",
    )
    changed = [("outbox", "sent"), ("joined", "until"), ("posting", "label"), ("entry", "label")]
    changed += [("account", c) for c in ("label", "floor", "committed", "released", "actual")]
    changed += [("notice", c) for c in ("state", "due", "changed", "message", "way", "tries")]
    changed += [
        (table, column)
        for table in (*PLACED, "board", "board_mark")
        for column in ("person", "others")
    ]
    assert sorted(columns) == sorted((*c, "joinedup_app", "UPDATE", False) for c in changed)


def test_the_application_role_may_only_connect(cluster: Cluster) -> None:
    """No temporary objects, for functions can be such (lesson 31); the public may do nothing."""
    with psycopg.connect(cluster.administrator_of_record_url) as superuser:
        found = _rows(
            superuser,
            "select r, p, has_database_privilege(r, 'joinedup', p)"
            " from unnest(array['joinedup_app', 'public']) r,"
            " unnest(array['connect', 'temporary', 'create']) p",
        )
    assert [(role, right) for role, right, held in found if held] == [("joinedup_app", "connect")]


@pytest.mark.parametrize("right", ["temporary", "create"])
def test_a_place_of_its_own_database_is_closed_when_it_is_migrated(
    cluster: Cluster, right: str
) -> None:
    """A live place's database as `create database` leaves it, or opened since; then migrated."""
    with psycopg.connect(cluster.administrator_url, autocommit=True) as superuser:
        superuser.execute("create database live owner joinedup_owner")
    try:
        owner = cluster.administrator_url.replace("postgres@/postgres?", "joinedup_owner@/live?")
        for opening in ("", f"grant {right} on database live to public, joinedup_app"):
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(opening.encode())
                migrate(owner)
            url = owner.replace("joinedup_owner@", "joinedup_app@")
            with psycopg.connect(url, autocommit=True) as application:
                for statement in (
                    "create temporary table t (a int)",
                    "create schema s",
                    "create table public.t (a int)",
                    "create function pg_temp.f() returns int language sql as 'select 1'",
                ):
                    with pytest.raises(errors.InsufficientPrivilege):
                        application.execute(statement.encode())
    finally:
        with psycopg.connect(cluster.administrator_url, autocommit=True) as superuser:
            superuser.execute("drop database live with (force)")


def test_a_database_that_cannot_be_closed_is_not_migrated(cluster: Cluster) -> None:
    """One whose owner somebody else is: refused with what to do, and nothing made."""
    with psycopg.connect(cluster.administrator_url, autocommit=True) as superuser:
        superuser.execute("create database another")
        superuser.execute("grant create on database another to joinedup_owner")
    owner = cluster.administrator_url.replace("postgres@/postgres?", "joinedup_owner@/another?")
    try:
        with pytest.raises(Unavailable, match="joinedup_owner"):
            migrate(owner)
    finally:
        with psycopg.connect(cluster.administrator_url, autocommit=True) as superuser:
            superuser.execute("drop database another with (force)")


def test_of_an_outbox_line_only_the_system_says_that_it_was_sent(filled: Filled) -> None:
    """And nothing else of it; a worker's commit leaves lines and sees none."""
    with filled.application.transaction(force_rollback=True):
        mark = "update record.outbox set sent = statement_timestamp()"
        filled.application.execute(
            "select record.enter('w', '{1}', '{2,0,8}', '{0,0,8}', '0', '0')"
        )
        assert filled.application.execute(mark).rowcount == 0
        filled.application.execute(
            "select record.enter('s', '{}', '{2,8190}', '{2,8190}', '0', '0')"
        )
        assert filled.application.execute(mark).rowcount == _count(filled.superuser, "outbox")
    for told in ("null", "at - interval '1 second'"):
        with filled.application.transaction(force_rollback=True):
            filled.application.execute(
                "select record.enter('s', '{}', '{2,8190}', '{2,8190}', '0', '0')"
            )
            with pytest.raises((errors.InsufficientPrivilege, errors.CheckViolation)):
                filled.application.execute(f"update record.outbox set sent = {told}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "create function record.f() returns int language sql as 'select 1'",
        "create function public.f() returns int language sql as 'select 1'",
        "create table record.t (a int)",
        "create table public.t (a int)",
        "create schema s",
        "alter table record.head no force row level security",
        "create policy p on record.head using (true)",
        "drop policy sight on record.head",
        "create extension pg_trgm",
        "set role joinedup_owner",
        "set session authorization postgres",
        "set row_security = off; select * from record.head",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_the_application_role_cannot_make_a_way_round(
    application: Connection, statement: str
) -> None:
    """No function, table, policy or role of its own (lessons 30 and 31)."""
    with pytest.raises(errors.InsufficientPrivilege):
        application.execute(statement.encode())


def test_versions_and_audit_are_only_ever_added(filled: Filled) -> None:
    """The application role is not allowed to, and a trigger refuses even the superuser."""
    for table, column in (
        ("version", "role"),
        ("audit_event", "role"),
        ("audit_person", "action"),
        ("outbox", "keys"),
        ("seal", "hash"),
    ):
        for statement in (
            f"update record.{table} set {column} = {column}",
            f"delete from record.{table}",
            f"truncate record.{table}",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                filled.application.execute(statement.encode())
            with pytest.raises(errors.RaiseException, match="only ever added"):
                filled.superuser.execute(statement.encode())
