"""Where this place's record is: an embedded cluster in the home, or the PostgreSQL it brings."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from joinedup.demo.cast import NOW
from joinedup.fhir.issue import Invalid, Unavailable
from joinedup.record import database
from joinedup.record.backup_folder import BackupFolder
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.migrate import migrate
from joinedup.record.seal_loop import Sealer, SealState
from joinedup.record.wal_stream import StreamState, WalStream
from joinedup.site.environment import Environment
from joinedup.site.keeping import Keeper, KeeperState
from joinedup.site.log_lines import LogLine, log

__all__ = [
    "OWN_DATABASE",
    "embedded",
    "kept",
    "migrated",
    "moment_of",
    "open_record",
    "run_migrations",
    "sealed",
    "streamed",
]

OWN_DATABASE = (
    "This place brings its own PostgreSQL (JOINEDUP_DATABASE_URL), so its backups are made with "
    "PostgreSQL's own tools and not by joinedup; leave JOINEDUP_BACKUPS unset. What they must "
    "hold, and what to do after bringing one back, is in docs/backup.md."
)
"""What a place is told that asks for backups of a database that is not ours."""

_STREAM_LINES = {
    StreamState.RECEIVED: LogLine.CHANGES_COPIED,
    StreamState.WAITED_FOR: LogLine.CHANGES_COPIED,
    StreamState.BEHIND: LogLine.CHANGES_BEHIND,
    StreamState.GAP: LogLine.CHANGES_MISSED,
}


def embedded(environment: Environment, *, attach: bool) -> Cluster:
    """Return the cluster of the home, not yet started."""
    return Cluster(environment.home / "database", attach=attach, programs=environment.postgresql)


@contextmanager
def migrated(environment: Environment, *, attach: bool = True) -> Iterator[Urls]:
    """Lend the record's URLs, its tables up to date; an embedded server runs meanwhile.

    A PostgreSQL that the place brings is migrated by `joinedup migrate` alone.
    """
    if not environment.is_embedded:
        if environment.backups is not None:
            raise Invalid(OWN_DATABASE)
        yield Urls(owner=environment.owner_url, application=environment.database_url)
        return
    cluster = embedded(environment, attach=attach)
    with cluster as urls, streamed(environment, cluster):
        log(LogLine.DATABASE_STARTED, server_version=cluster.server_version)
        run_migrations(urls.owner)
        yield urls


def moment_of(environment: Environment) -> datetime | None:
    """Return the hour an invented place stands still at; None where the clock runs."""
    return NOW if environment.is_invented else None


@contextmanager
def open_record(environment: Environment) -> Iterator[Urls]:
    """Lend the record with this process connected to it, as the application."""
    with migrated(environment) as urls:
        database.configure(urls.application, moment=moment_of(environment))
        try:
            yield urls
        finally:
            database.close()


@contextmanager
def streamed(environment: Environment, cluster: Cluster) -> Iterator[None]:
    """Copy every change to the backups meanwhile, where a place keeps some and we run its server.

    Refuses a folder that holds another database's backups.
    """
    if environment.backups is None or cluster.attached:
        yield
        return
    with WalStream(cluster, BackupFolder(environment.backups), lambda s: log(_STREAM_LINES[s])):
        yield


def sealed(environment: Environment, database_url: str) -> Sealer:
    """Return the sealer of this place's audit, not yet at work."""
    lines = {SealState.SEALING: LogLine.SEALING, SealState.BEHIND: LogLine.SEAL_BEHIND}
    return Sealer(database_url, environment.heads_file, lambda s: log(lines[s]))


def kept(environment: Environment, database_url: str) -> Keeper:
    """Return who raises this place's alerts and looks after its proxies, not yet at work."""
    lines = {
        KeeperState.KEEPING: LogLine.KEEPING,
        KeeperState.BEHIND: LogLine.KEEPING_BEHIND,
    }
    return Keeper(database_url, lambda s: log(lines[s]), moment=moment_of(environment))


def run_migrations(owner_url: str) -> tuple[str, ...]:
    """Bring the tables up to date and return what was run; refuses without the owner's URL."""
    if not owner_url:
        raise Unavailable("Set JOINEDUP_OWNER_URL: only the owner of the database can migrate it.")
    done = migrate(owner_url)
    for name in done:
        log(LogLine.MIGRATED, migration=name)
    return done
