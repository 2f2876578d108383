"""Sign-in and the record share a PostgreSQL and nothing else: each role sees its own schema."""

import psycopg
import pytest
from psycopg import errors

from joinedup.record.cluster import Urls
from joinedup.signin.database.base import signin_url

SIGNIN_GRANTS = {"DELETE", "INSERT", "SELECT", "UPDATE"}


def _names(urls: Urls, schema: str) -> list[str]:
    with psycopg.connect(urls.owner) as owner:
        found = owner.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r'",
            (schema,),
        ).fetchall()
    return sorted(str(name) for (name,) in found)


def test_the_application_sees_no_credential(database_urls: Urls) -> None:
    """No table of sign-in can be read or written by the role that serves the record."""
    names = _names(database_urls, "signin")
    assert len(names) >= 8
    with psycopg.connect(database_urls.application, autocommit=True) as application:
        for name in names:
            for statement in (f"select * from signin.{name}", f"delete from signin.{name}"):
                with pytest.raises(errors.InsufficientPrivilege):
                    application.execute(statement.encode())


def test_sign_in_sees_nothing_of_the_record(database_urls: Urls) -> None:
    """Not a table, not a function; and it can make nothing of its own."""
    with psycopg.connect(signin_url(database_urls.application), autocommit=True) as signin:
        for name in _names(database_urls, "record"):
            with pytest.raises(errors.InsufficientPrivilege):
                signin.execute(f"select * from record.{name}".encode())
        for statement in (
            "select record.enter('', '', '', '', '', '')",
            "create table signin.t (a int)",
            "create table public.t (a int)",
            "set role joinedup_app",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                signin.execute(statement.encode())


def test_what_happened_at_the_door_is_only_ever_added(database_urls: Urls) -> None:
    """Its own role can neither change nor remove a line."""
    with psycopg.connect(signin_url(database_urls.application), autocommit=True) as signin:
        for statement in ("update signin.event set why = ''", "delete from signin.event"):
            with pytest.raises(errors.InsufficientPrivilege):
                signin.execute(statement.encode())


def test_grants_are_those_listed(database_urls: Urls) -> None:
    """To one role, nothing to the public, no right to pass on."""
    with psycopg.connect(database_urls.owner) as owner:
        found = owner.execute(
            "select relname, a.grantee::regrole::text, array_agg(a.privilege_type::text),"
            " bool_or(a.is_grantable) from pg_class c, aclexplode(relacl) a"
            " where relnamespace = 'signin'::regnamespace and relkind = 'r'"
            " and a.grantee <> relowner group by 1, 2"
        ).fetchall()
    assert {role for _, role, _, _ in found} == {"joinedup_signin"}
    for name, _, rights, passed_on in found:
        wanted = {"INSERT", "SELECT"} if name == "event" else SIGNIN_GRANTS
        assert (set(rights), passed_on) == (wanted, False), name
