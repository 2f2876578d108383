"""The tables of apps: who reaches them, and that whoever steals them opens no door."""

import ast
import hashlib
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from joinedup.record.cluster import Urls
from joinedup.signin.database.base import signin_url
from tests.conftest import ROOT
from tests.spec.smart.app import known, signed_in
from tests.spec.smart.conftest import JOYCE, store_two_people

TABLES = ("agreement", "client", "launch", "token")
OWN = "launch/patient patient/*.rs offline_access"


@pytest.fixture
def told(record_database: Urls) -> Iterator[tuple[Urls, list[str]]]:
    """A place, and every secret that was given out in it."""
    from django.db import connections

    from joinedup.smart.bearer import forget_known

    forget_known()
    store_two_people()
    joyce, app, secret = signed_in("person"), known(), known("keeps-secret", secret=True)
    code = app.let_in(joyce, OWN)["code"]
    first = app.exchange(code).json
    second = app.refresh(first["refresh_token"]).json
    given = [code, secret.secret]
    given += [t[name] for t in (first, second) for name in ("access_token", "refresh_token")]
    yield record_database, given
    forget_known()
    connections.close_all()


def test_nothing_that_was_given_out_is_kept(told: tuple[Urls, list[str]]) -> None:
    """Tokens, codes and secrets are in no table, in no form but their SHA-256."""
    urls, given = told
    url = urls.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(url) as superuser:
        tables = superuser.execute(
            "select schemaname || '.' || quote_ident(tablename) from pg_tables"
            " where schemaname in ('record', 'signin', 'smart')"
        ).fetchall()
        whole = "\n".join(
            str(row)
            for (table,) in tables
            for row in superuser.execute(f"select t::text from {table} t".encode()).fetchall()
        )
    assert len(given) == 6 and all(len(secret) == 43 for secret in given)
    for secret in given:
        assert secret not in whole and secret.encode().hex() not in whole


def test_the_application_sees_of_one_token_whether_it_stands(told: tuple[Urls, list[str]]) -> None:
    """Not whose it is, nor any other; and it changes nothing."""
    urls, given = told
    digest = hashlib.sha256(given[-2].encode()).hexdigest()
    with psycopg.connect(urls.application, autocommit=True) as application:
        for name in TABLES:
            for statement in (f"select * from smart.{name}", f"delete from smart.{name}"):
                with pytest.raises(errors.InsufficientPrivilege):
                    application.execute(statement.encode())
        assert application.execute("select kind from smart.token").fetchall() == []
        with application.transaction():
            application.execute("select set_config('joinedup.bearer', %s, true)", (digest,))
            assert application.execute("select kind from smart.token").fetchall() == [("access",)]
            with pytest.raises(errors.InsufficientPrivilege):
                application.execute("update smart.token set ended_at = null")


def test_a_token_that_ended_stops_the_statement_itself(told: tuple[Urls, list[str]]) -> None:
    """The second lock: entering the permit raises, whatever Python remembers."""
    urls, given = told
    standing, ended = given[-2], given[2]
    enter = "select record.enter('w', '{1}', '{2}', '{}', '0', '0', 'auto', %s, '')"
    with psycopg.connect(urls.application, autocommit=True) as application:
        application.execute(enter, (hashlib.sha256(standing.encode()).hexdigest(),))
        with psycopg.connect(signin_url(urls.application), autocommit=True) as signin:
            signin.execute(
                "update smart.token set ended_at = now() where hash = %s",
                (hashlib.sha256(ended.encode()).digest(),),
            )
        for secret in (ended, "never given"):
            digest = hashlib.sha256(secret.encode()).hexdigest()
            with pytest.raises(psycopg.DatabaseError) as refused:
                application.execute(enter, (digest,))
            assert refused.value.sqlstate == "JU401"


def test_tables_force_their_locks_and_grants_are_those_listed(database_urls: Urls) -> None:
    """One role writes; the other reads seven columns of one row."""
    with psycopg.connect(database_urls.owner) as owner:
        forced = owner.execute(
            "select relname, relrowsecurity and relforcerowsecurity from pg_class"
            " where relnamespace = 'smart'::regnamespace and relkind = 'r' order by 1"
        ).fetchall()
        tables = owner.execute(
            "select distinct a.grantee::regrole::text from pg_class c, aclexplode(relacl) a"
            " where relnamespace = 'smart'::regnamespace and relkind = 'r'"
            " and a.grantee <> relowner"
        ).fetchall()
        columns = owner.execute(
            "select relname, attname::text, x.grantee::regrole::text, x.privilege_type"
            " from pg_attribute a join pg_class c on c.oid = attrelid, aclexplode(attacl) x"
            " where relnamespace = 'smart'::regnamespace order by 2"
        ).fetchall()
        definers = owner.execute(
            "select proname from pg_proc where pronamespace = 'smart'::regnamespace and prosecdef"
        ).fetchall()
    assert forced == [(name, True) for name in TABLES]
    assert tables == [("joinedup_signin",)]
    assert [(c[0], c[2], c[3]) for c in columns] == [("token", "joinedup_app", "SELECT")] * 7
    assert [c[1] for c in columns] == [
        "ended_at", "hash", "kind", "post", "post_until", "post_version", "until",
    ]  # fmt: skip
    assert definers == []


def test_the_api_reaches_the_record_by_what_scopes_leave() -> None:
    """A module of `api` that imported the record's functions would pass the scopes by."""
    bare = {"read", "vread", "told", "history", "search", "everything", "commit"}
    found = []
    for path in (ROOT / "joinedup" / "api").glob("*.py"):
        if path.name == "scoped.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "joinedup.record"
            ):
                found += [f"{path.name}: {a.name}" for a in node.names if a.name in bare]
            if isinstance(node, ast.ImportFrom) and node.module == "joinedup":
                found += [f"{path.name}: {a.name}" for a in node.names if a.name == "record"]
    assert found == []


def test_glass_is_never_broken_through_a_token(told: tuple[Urls, list[str]]) -> None:
    """Neither written by an app, nor used by it: what glass opened stays shut to it (trust 6)."""
    assert told
    from joinedup import record
    from joinedup.access.apps import app_permit
    from joinedup.access.permit import worker_permit
    from joinedup.access.scopes import read_scopes
    from joinedup.access.words import Ground, Role
    from joinedup.fhir.classes import TASK_KIND
    from joinedup.fhir.issue import NotPermitted

    permit = worker_permit("Practitioner/n", "N", Role.WARD_NURSE, "RZ901")
    lent = app_permit(permit, read_scopes("user/*.cruds"), bearer="", session="app:x:1")
    assert permit.sees[Ground.BREAK_GLASS] and not lent.sees[Ground.BREAK_GLASS]
    assert permit.changes[Ground.BREAK_GLASS] and not lent.changes[Ground.BREAK_GLASS]
    task = {
        "resourceType": "Task", "status": "in-progress", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "break-glass"}]},
        "for": {"reference": f"Patient/{JOYCE}"}, "requester": {"reference": "Practitioner/n"},
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        record.commit(lent, [record.Create(task)])
