"""Making a new cluster: initdb, the two roles and the empty database, in one step.

Everything is built in a folder beside and renamed when it is whole, so a half-made cluster
is never started. `joinedup_owner` owns the database and migrates it; `joinedup_app` owns
nothing, cannot bypass row security, and is what joinedup runs as; `joinedup_signin` sees sessions
and credentials, and nothing of the record.
"""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from joinedup.fhir.issue import Unavailable
from joinedup.record.programs import NOBODY, major_version, owned_by_nobody

__all__ = ["DATABASE", "ROLES", "build", "complete"]

_FIRST_WITH_BUILTIN_LOCALE = 17

ROLES = (
    "create role joinedup_owner login nosuperuser nocreatedb nocreaterole nobypassrls",
    "create role joinedup_app login nosuperuser nocreatedb nocreaterole nobypassrls",
    "create role joinedup_signin login nosuperuser nocreatedb nocreaterole nobypassrls",
)
DATABASE = (
    "create database joinedup owner joinedup_owner",
    "revoke all on database joinedup from public",
    # Not TEMPORARY: who may make temporary objects can make functions that see its rows.
    "grant connect on database joinedup to joinedup_app",
    "grant connect on database joinedup to joinedup_signin",
)
"""With ROLES, what an administrator runs once where a place brings its own PostgreSQL."""


def build(data: Path, programs: Path, words: tuple[str, ...]) -> None:
    """Make a cluster at `data`, whole or not at all; refuses with initdb's own words."""
    half = data.with_name("data-in-the-making")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if owned_by_nobody(words):
        shutil.chown(half, NOBODY, NOBODY)
    _run([*words, str(programs / "initdb"), "-D", str(half), *_options(programs)])
    statements = "".join(f"{statement};\n" for statement in ROLES + DATABASE)
    single = [str(programs / "postgres"), "--single", "-j", "-D", str(half), "postgres"]
    # With -j a statement ends at a semicolon followed by an empty line.
    _run([*words, *single], statements.replace(";\n", ";\n\n"))
    half.rename(data)
    _make_lasting(data.parent)


def complete(administrator_url: str) -> None:
    """Add the roles that a cluster made by an earlier version does not have yet."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        known = {str(name) for (name,) in connection.execute("select rolname from pg_roles")}
        missing = [statement for statement in ROLES if statement.split()[2] not in known]
        for statement in (*missing, *(DATABASE[1:] if missing else ())):
            connection.execute(statement.encode())


def _options(programs: Path) -> list[str]:
    if major_version(programs) >= _FIRST_WITH_BUILTIN_LOCALE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locale = ["--locale=C.UTF-8"]
    return [
        "--username=postgres",
        "--auth=trust",  # the socket's folder is 0700, and there is no other way in
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
        *locale,
    ]


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd="/")
    # `postgres --single` reports a failed statement in its words, not in its exit status.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        said = " | ".join((done.stdout + done.stderr).splitlines()[-5:])
        raise Unavailable(f"The database could not be made: {said}")


def _make_lasting(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
