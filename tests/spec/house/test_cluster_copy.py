"""The invented place goes back to its beginning: the whole record is kept, and brought back."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Unavailable
from joinedup.record import database
from joinedup.record.change import Create
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.cluster_copy import holds_anything
from joinedup.record.write import commit
from joinedup.site.environment import Environment, read_environment
from joinedup.site.invented import ask_reset, build_invented_place, reset_if_asked
from joinedup.site.place import embedded, run_migrations


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A home of this test's own."""
    return read_environment({"JOINEDUP_HOME": str(tmp_path)})


@pytest.fixture
def place(environment: Environment) -> Iterator[tuple[Cluster, Urls]]:
    """Its cluster, migrated, with nobody in it."""
    cluster = embedded(environment, attach=False)
    with cluster as urls:
        run_migrations(urls.owner)
        yield cluster, urls


def count_of(urls: Urls) -> int:
    """Return how many people were invented into the (very plain) place of these tests."""
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute("select count(*) from invented").fetchone()
    assert row is not None
    return int(row[0])


def test_building_happens_once_and_reset_brings_the_beginning_back(
    environment: Environment, place: tuple[Cluster, Urls]
) -> None:
    """What people changed since is gone after a reset; a restart alone keeps it."""
    cluster, urls = place
    built: list[int] = []

    def build(people: int) -> None:
        built.append(people)
        with psycopg.connect(urls.owner) as connection:
            connection.execute("create table invented as select generate_series(1, %s)", (people,))

    build_invented_place(environment, cluster, urls, people=3, build=build)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("insert into invented values (99)")
    build_invented_place(environment, cluster, urls, people=3, build=build)
    assert built == [3]
    assert environment.is_invented
    assert not reset_if_asked(environment.home, cluster)
    assert count_of(urls) == 4
    ask_reset(environment.home)
    assert reset_if_asked(environment.home, cluster)
    assert count_of(urls) == 3
    build_invented_place(environment, cluster, urls, people=5, build=build)
    assert count_of(urls) == 5


def test_a_building_cut_short_starts_from_nothing(
    environment: Environment, place: tuple[Cluster, Urls]
) -> None:
    """Half an invented place is never served."""
    cluster, urls = place

    def fail(people: int) -> None:
        with psycopg.connect(urls.owner) as connection:
            connection.execute("create table invented as select 1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_invented_place(environment, cluster, urls, people=3, build=fail)
    assert not environment.is_invented

    def build(people: int) -> None:
        with psycopg.connect(urls.owner) as connection:
            connection.execute("create table invented as select 1 where false")

    build_invented_place(environment, cluster, urls, people=3, build=build)
    assert count_of(urls) == 0


def test_nobody_is_invented_into_a_record_of_real_people(
    environment: Environment, place: tuple[Cluster, Urls]
) -> None:
    """A home that holds a record which the demonstration did not make is left alone."""
    cluster, urls = place
    assert not holds_anything(cluster)
    database.configure(urls.application)
    try:
        organisation = {"resourceType": "Organization", "id": "Y90001", "name": "A surgery"}
        commit(system_permit("import", "Y90001"), [Create(organisation, id="Y90001")])
    finally:
        database.close()
    assert holds_anything(cluster)
    with pytest.raises(Unavailable, match="not made by `joinedup demo`"):
        build_invented_place(environment, cluster, urls, people=3, build=lambda _: None)
    assert holds_anything(cluster)
