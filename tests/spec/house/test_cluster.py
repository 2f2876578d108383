"""The embedded database: a private PostgreSQL that joinedup makes, starts, and stops.

Each paragraph runs on the PostgreSQL that the wheel brings, and on Debian's where installed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from joinedup.fhir.issue import Unavailable
from joinedup.record.cluster import Cluster
from joinedup.record.cluster_remains import servers_of
from joinedup.record.programs import find_programs

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SERVERS = [find_programs(), *(folder for folder in DEBIAN if folder != find_programs())]

RUN_A_CLUSTER = """
import sys, time
from pathlib import Path
from joinedup.record.cluster import Cluster
Cluster(Path(sys.argv[1]), programs=Path(sys.argv[2])).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture(params=SERVERS, ids=[f"postgresql-{s.parent.name}" for s in SERVERS])
def programs(request: pytest.FixtureRequest) -> Path:
    """The folder of one PostgreSQL found on this machine."""
    return Path(request.param)


@pytest.fixture
def cluster(tmp_path: Path, programs: Path) -> Iterator[Cluster]:
    """A cluster that has never been started, stopped at the end whatever happened."""
    cluster = Cluster(tmp_path / "home", programs=programs)
    yield cluster
    cluster.stop()


def value(url: str, statement: str) -> object:
    """Return the one value a statement answers."""
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]  # test's own SQL
    assert row is not None
    return row[0]


def test_the_first_start_makes_the_cluster_and_the_next_keeps_what_was_stored(
    cluster: Cluster,
) -> None:
    """Data stay in the home; a stop is clean."""
    with cluster as urls, psycopg.connect(urls.owner) as connection:
        connection.execute("create table kept as select 42 as answer")
    with cluster as urls:
        assert value(urls.owner, "select answer from kept") == 42


def test_only_its_owner_can_enter_the_folders(cluster: Cluster) -> None:
    """The socket is the only way in, so its folder is 0700; nothing listens on the network."""
    with cluster as urls:
        for folder in (cluster.home, cluster.data, cluster.sockets):
            assert folder.stat().st_mode & 0o777 == 0o700
        assert value(urls.owner, "show listen_addresses") == ""


def test_a_commit_is_never_weakened(cluster: Cluster) -> None:
    """What makes an acknowledged commit safe stays on, and pages carry checksums."""
    with cluster as urls:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert value(urls.owner, f"show {setting}") == "on"
        assert value(urls.owner, "show jit") == "off"


def test_the_application_owns_nothing_and_cannot_bypass_row_security(cluster: Cluster) -> None:
    """Two roles: the owner migrates, the application only uses; neither is a superuser."""
    with cluster as urls:
        rights = "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles"
        for role in ("joinedup_owner", "joinedup_app"):
            assert value(urls.owner, f"{rights} where rolname = '{role}'") is False
        assert value(urls.owner, "select current_user") == "joinedup_owner"
        assert value(urls.application, "select current_user") == "joinedup_app"
        with (
            psycopg.connect(urls.application) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("create table public.mine (nothing int)")


def test_text_sorts_and_folds_the_same_on_every_machine(cluster: Cluster) -> None:
    """The locale is C.UTF-8, which belongs to PostgreSQL or glibc and never to an account."""
    with cluster as urls:
        assert value(urls.owner, "select lower('ÅÉ') = 'åé'") is True
        assert value(urls.owner, "select 'Z' < 'a'") is True


def test_kill_9_loses_nothing_that_was_acknowledged(cluster: Cluster) -> None:
    """The server restarts after a power cut, as often as it happens, with every commit."""
    urls = cluster.start()
    with psycopg.connect(urls.owner) as connection:
        connection.execute("create table written (number int primary key)")
    for number in range(3):
        with psycopg.connect(urls.owner) as connection:
            connection.execute("insert into written values (%s)", (number,))
        cluster.kill()
        assert servers_of(cluster.data) == []
        urls = cluster.start()
    assert value(urls.owner, "select count(*) from written") == 3


def test_the_server_ends_when_joinedup_is_killed(cluster: Cluster) -> None:
    """No server is left behind by kill -9 of the process that runs it, and the next start works."""
    process = run_elsewhere(cluster)
    assert servers_of(cluster.data)
    process.kill()
    process.wait()
    until(lambda: not servers_of(cluster.data))
    with cluster as urls:
        assert value(urls.owner, "select 1") == 1


def test_a_server_left_behind_is_stopped_first(cluster: Cluster) -> None:
    """Even one whose death signal never came, with a stale pid file, does not block the start."""
    cluster.start()
    cluster.stop()
    assert cluster._programs is not None
    process = run_elsewhere(cluster)
    left = servers_of(cluster.data)
    # The parent is stopped, not killed: its server goes on, and only its lock is taken away.
    (cluster.home / "lock").unlink()
    try:
        with cluster as urls:
            assert value(urls.owner, "select 1") == 1
            assert not set(left) & set(servers_of(cluster.data))
    finally:
        process.kill()
        process.wait()


def test_a_stale_pid_file_naming_somebody_elses_process_does_not_block(cluster: Cluster) -> None:
    """After a power cut the old pid may belong to any process; the file is known to be stale."""
    cluster.start()
    cluster.kill()
    (cluster.data / "postmaster.pid").write_text(f"{os.getppid()}\n{cluster.data}\n0\n5432\n\n\n\n")
    with cluster as urls:
        assert value(urls.owner, "select 1") == 1


def test_a_half_made_cluster_is_made_again(cluster: Cluster) -> None:
    """A folder left by an initdb that was killed is never started from."""
    half = cluster.home / "data-in-the-making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with cluster as urls:
        assert value(urls.owner, "select 1") == 1
    assert not half.exists()


def test_a_second_process_attaches(cluster: Cluster) -> None:
    """An import beside a running `joinedup serve` uses its server, and leaves it running."""
    process = run_elsewhere(cluster)
    with cluster as urls:
        assert cluster.attached
        assert value(urls.owner, "select 1") == 1
    assert servers_of(cluster.data)
    process.kill()
    process.wait()


def test_a_second_process_that_may_not_attach_is_told_who_runs_it(cluster: Cluster) -> None:
    """`joinedup serve` is refused on a cluster in use, with the pid to look for."""
    process = run_elsewhere(cluster)
    with pytest.raises(Unavailable, match=f"already run by process {process.pid}"):
        Cluster(cluster.home, attach=False).start()
    process.kill()
    process.wait()


def test_a_long_home_has_its_socket_in_a_short_folder(tmp_path: Path, programs: Path) -> None:
    """A socket's path is limited to 107 bytes by the kernel, a home's is not."""
    cluster = Cluster(tmp_path / ("long" * 30), programs=programs)
    with cluster as urls:
        assert cluster.home not in cluster.sockets.parents
        assert cluster.sockets.stat().st_mode & 0o777 == 0o700
        assert value(urls.owner, "select 1") == 1


def test_nothing_of_the_record_reaches_the_servers_log(cluster: Cluster) -> None:
    """A failing statement's words and values belong to the caller, not to a file."""
    with cluster as urls, psycopg.connect(urls.owner) as connection, suppress(psycopg.Error):
        connection.execute("select 'Doreen Marsh'::int")
    assert "Doreen" not in cluster.log.read_text()


def test_data_of_another_major_version_are_refused_by_name(tmp_path: Path) -> None:
    """PostgreSQL 9 data are not opened by anything newer, and the message says what to install."""
    cluster = Cluster(tmp_path / "home")
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Unavailable, match="Install PostgreSQL 9"):
        cluster.start()


def run_elsewhere(cluster: Cluster) -> subprocess.Popen[str]:
    """Run the cluster in a process of its own and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_A_CLUSTER, str(cluster.home), str(cluster._programs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == "started\n"
    return process


def until(condition: object, limit_seconds: float = 10.0) -> None:
    """Wait for something that happens soon; fail if it does not."""
    assert callable(condition)
    end = time.monotonic() + limit_seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
