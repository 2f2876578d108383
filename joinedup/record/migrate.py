"""Bringing the database's tables up to date, from the numbered SQL files beside this module.

`NNNN_pre_*.sql` runs before new code is started, `NNNN_post_*.sql` after the old code has gone
(`migrate(..., after=True)`). Each file is one transaction and is run once, by the owner role.
What the database allows everybody is taken back at every run: a copy of a database lacks it.
"""

from hashlib import sha256
from importlib.resources import files

import psycopg
from psycopg.abc import Query

from joinedup.fhir.issue import Unavailable

__all__ = ["migrate", "pending"]

_LOCK = 0x6A6F696E  # "join": one migration at a time, whoever starts it

_LEDGER = """
create schema if not exists joinedup_migrations;
create table if not exists joinedup_migrations.done (
    name text primary key, sha256 text not null, at timestamptz not null default now()
);
"""

# Who may make temporary objects can make functions and operators that see the rows a lock hides.
_CLOSE = """
do $$ begin
    execute format('revoke temporary, create on database %I from public, joinedup_app',
                   current_database());
    revoke create on schema public from public, joinedup_app;
end $$;
"""
_OPEN = """
select has_database_privilege('joinedup_app', current_database(), 'temporary')
    or has_database_privilege('joinedup_app', current_database(), 'create')
    or has_schema_privilege('joinedup_app', 'public', 'create')
"""


def _scripts() -> dict[str, str]:
    folder = files("joinedup.record").joinpath("sql", "migrations")
    found = {f.name: f.read_text() for f in folder.iterdir() if f.name.endswith(".sql")}
    return dict(sorted(found.items()))


def _done(connection: psycopg.Connection) -> dict[str, str]:
    return dict(connection.execute("select name, sha256 from joinedup_migrations.done").fetchall())


def pending(owner_url: str) -> tuple[str, ...]:
    """Return the names of the files not yet run on the database, in order."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(_LEDGER)
        done = _done(connection)
    return tuple(name for name in _scripts() if name not in done)


def migrate(owner_url: str, *, after: bool = False) -> tuple[str, ...]:
    """Run what has not been run and return the names; `after` includes the post files.

    Refuses with Unavailable when a file that was already run has been changed since, and when the
    owner role cannot take from the public the right to make objects.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        _close(connection)
        connection.execute(_LEDGER)
        done = _done(connection)
        ran = []
        for name, script in _scripts().items():
            digest = sha256(script.encode()).hexdigest()
            if name in done:
                if done[name] != digest:
                    raise Unavailable(
                        f"The migration {name} was changed after it was run on this database. "
                        "Restore the file, or start from an empty database."
                    )
            elif "_post_" not in name or after:
                _run(connection, name, script, digest)
                ran.append(name)
    return tuple(ran)


def _close(connection: psycopg.Connection) -> None:
    """Take from everybody the right to make objects in the database, temporary ones too."""
    connection.execute(_CLOSE)
    row = connection.execute(_OPEN).fetchone()
    if row is None or row[0]:
        raise Unavailable(
            "The application's role could make objects in this database. Make joinedup_owner the "
            "owner of the database and of its schema public (pg_database_owner), and migrate again."
        )


def _run(connection: psycopg.Connection, name: str, script: str, digest: str) -> None:
    with connection.transaction():
        statement: Query = script.encode()
        connection.execute(statement)
        connection.execute(
            "insert into joinedup_migrations.done (name, sha256) values (%s, %s)", (name, digest)
        )
