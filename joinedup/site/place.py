"""Where this place's record is: an embedded cluster in the home, or the PostgreSQL it brings."""

from collections.abc import Iterator
from contextlib import contextmanager

from joinedup.fhir.issue import Unavailable
from joinedup.record import database
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.migrate import migrate
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log

__all__ = ["embedded", "migrated", "open_record", "run_migrations"]


def embedded(environment: Environment, *, attach: bool) -> Cluster:
    """Return the cluster of the home, not yet started."""
    return Cluster(environment.home / "database", attach=attach, programs=environment.postgresql)


@contextmanager
def migrated(environment: Environment, *, attach: bool = True) -> Iterator[Urls]:
    """Lend the record's URLs, its tables up to date; an embedded server runs meanwhile.

    A PostgreSQL that the place brings is migrated by `joinedup migrate` alone.
    """
    if not environment.is_embedded:
        yield Urls(owner=environment.owner_url, application=environment.database_url)
        return
    cluster = embedded(environment, attach=attach)
    with cluster as urls:
        log(LogLine.DATABASE_STARTED, server_version=cluster.server_version)
        run_migrations(urls.owner)
        yield urls


@contextmanager
def open_record(environment: Environment) -> Iterator[Urls]:
    """Lend the record with this process connected to it, as the application."""
    with migrated(environment) as urls:
        database.configure(urls.application)
        try:
            yield urls
        finally:
            database.close()


def run_migrations(owner_url: str) -> tuple[str, ...]:
    """Bring the tables up to date and return what was run; refuses without the owner's URL."""
    if not owner_url:
        raise Unavailable("Set JOINEDUP_OWNER_URL: only the owner of the database can migrate it.")
    done = migrate(owner_url)
    for name in done:
        log(LogLine.MIGRATED, migration=name)
    return done
