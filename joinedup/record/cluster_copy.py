"""The whole record of an embedded cluster, emptied, kept aside, and brought back.

Only for invented places: the demonstration goes back to its beginning in a second. Works as
the cluster's administrator on a cluster this process runs; nothing the web reaches comes here.
"""

import psycopg

from joinedup.record.cluster import Cluster
from joinedup.record.cluster_build import DATABASE

__all__ = ["bring_back", "empty", "holds_anything", "keep"]

_DROP = "drop database if exists joinedup with (force)"
_DROP_KEPT = "drop database if exists joinedup_kept with (force)"
_KEEP = "create database joinedup_kept template joinedup"
_BRING_BACK = "create database joinedup template joinedup_kept owner joinedup_owner"


def holds_anything(cluster: Cluster) -> bool:
    """Tell whether any resource was ever stored in the record (its tables must be there)."""
    with psycopg.connect(cluster.administrator_of_record_url) as connection:
        row = connection.execute("select exists (select from record.version)").fetchone()
    return row is not None and bool(row[0])


def empty(cluster: Cluster) -> None:
    """Put an empty database, without tables, in place of the record."""
    _run(cluster, _DROP_KEPT, _DROP, *DATABASE)


def keep(cluster: Cluster) -> None:
    """Keep a copy of the record as it is now; nobody may be connected to it."""
    _run(cluster, _DROP_KEPT, _KEEP)


def bring_back(cluster: Cluster) -> None:
    """Put the kept copy in place of the record; connections to the record are cut."""
    _run(cluster, _DROP, _BRING_BACK, *DATABASE[1:])


def _run(cluster: Cluster, *statements: str) -> None:
    with psycopg.connect(cluster.administrator_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
