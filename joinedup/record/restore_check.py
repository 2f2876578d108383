"""Looking at a restored record before anybody works with it.

Brings its tables up to date, ends every sign-in, recomputes everything derived (`verify`), lets
PostgreSQL's pg_amcheck read every table and index, and counts resources by type.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg
from msgspec import Struct

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Refusal
from joinedup.fhir.types import TYPES
from joinedup.record import database
from joinedup.record.backup_programs import run_program
from joinedup.record.cluster import Cluster
from joinedup.record.database import connection, entered
from joinedup.record.migrate import migrate
from joinedup.record.trace import trace
from joinedup.record.verify import VerifyReport, verify

__all__ = ["ENDED", "Checked", "check_restored"]

ENDED = (
    "signin.session",
    "smart.launch",
    "smart.token",
    "smart.agreement",
)
"""Tables emptied when a record is brought back: what was revoked since would be valid again."""

_COUNTS = "select type, count(*) from record.head group by type order by type"


class Checked(Struct, frozen=True):
    """What was found: differences, what pg_amcheck said ('' for nothing), current resources."""

    report: VerifyReport
    damage: str
    counts: dict[str, int]

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all was found."""
        return not self.report and not self.damage


def check_restored(
    home: Path,
    *,
    programs: Path | None = None,
    detail: str = "",
    progress: Callable[[str, int, int], None] | None = None,
) -> Checked:
    """Open the record of a restored home, look through all of it, and close it again.

    Leaves a trace that it was restored, with the detail given. Everybody must sign in again.
    """
    cluster = Cluster(home / "database", attach=False, programs=programs)
    with cluster as urls:
        migrate(urls.owner)
        _end_sign_ins(cluster)
        database.configure(urls.application, connections=2)
        try:
            counts = _counts_and_trace(detail)
            report = verify(progress=progress)
        finally:
            database.close()
        damage = _amcheck(cluster)
    return Checked(report, damage, counts)


def _counts_and_trace(detail: str) -> dict[str, int]:
    permit = system_permit("restore")
    with connection() as lent, lent.transaction():
        lent.execute("set local statement_timeout = 0")
        entered(lent, permit, generic=False)
        trace(lent, permit, "restore", people=(), detail=detail)
        rows = lent.execute(_COUNTS.encode()).fetchall()
    return {TYPES[int(str(kind)) - 1]: int(str(count)) for kind, count in rows}


def _end_sign_ins(cluster: Cluster) -> None:
    with psycopg.connect(cluster.administrator_of_record_url) as connected:
        for table in ENDED:
            is_there = connected.execute("select to_regclass(%s) is not null", (table,)).fetchone()
            if is_there and is_there[0]:
                connected.execute(f"delete from {table}".encode())  # noqa: S608  # of the list above


def _amcheck(cluster: Cluster) -> str:
    """Let pg_amcheck read everything; its extension is there for that long only."""
    program = cluster.programs / "pg_amcheck"
    with psycopg.connect(cluster.administrator_of_record_url, autocommit=True) as connected:
        try:
            connected.execute("create extension amcheck")
        except psycopg.Error as missing:
            return f"pg_amcheck was not run: {missing}"
        words = [f"--host={cluster.sockets}", "--username=postgres", "--no-password"]
        words += ["--database=joinedup", "--heapallindexed"]
        try:
            run_program([str(program), *words], "pg_amcheck", where=cluster.home)
        except Refusal as found:
            return str(found)
        finally:
            connected.execute("drop extension amcheck")
    return ""
