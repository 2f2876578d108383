"""What every test may ask for: a database, a running joinedup, a browser; and how sizes are chosen.

`./dev test` runs the small sizes, `--full` the full ones. `--postgres=FOLDER` runs the tests
that use a database, and only those, on the PostgreSQL whose programs are in that folder.
"""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from joinedup.record import database
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.migrate import migrate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Times are measured by benchmarks: a busy machine makes no test of a rule fail.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DATABASE_FIXTURES = {"database_urls", "record_database"}
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVED_PEOPLE = 40
START_LIMIT_SECONDS = 120

_names = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose sizes and the PostgreSQL."""
    parser.addoption("--full", action="store_true", help="run the full sizes too")
    parser.addoption("--pictures", action="store_true", help="write docs/pictures as stories run")
    parser.addoption("--postgres", type=Path, help="only database tests, on the programs in FOLDER")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a home of its own, whatever the environment says; Django's settings read it.

    It is marked as an invented place's, which is what the pages under test show.
    """
    for name in [name for name in os.environ if name.startswith("JOINEDUP_")]:
        del os.environ[name]
    home = tempfile.mkdtemp(prefix="joinedup-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    (Path(home) / "invented-people").touch()
    os.environ["JOINEDUP_HOME"] = home
    os.environ["JOINEDUP_HOSTS"] = "testserver,localhost,127.0.0.1"
    # The browser of the stories leaves a loop in this thread, whatever runs after them.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "joinedup.site.settings"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this run leaves out, saying why."""
    for item in items:
        if "full" in item.keywords and not config.getoption("--full"):
            item.add_marker(pytest.mark.skip(reason="full size: ./dev test --full"))
        if "browser" in item.keywords and not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason=f"no browser at {CHROMIUM}"))
    if config.getoption("--postgres"):
        kept = [i for i in items if DATABASE_FIXTURES & set(getattr(i, "fixturenames", ()))]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether this run uses full sizes."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public suites and data beside the repository; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here")
    return SHARED


@pytest.fixture(scope="session")
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A running embedded server; its database `joinedup` is migrated and kept as the template."""
    programs: Path | None = request.config.getoption("--postgres")
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), programs=programs)
    with cluster as urls:
        migrate(urls.owner)
        yield cluster


@pytest.fixture(scope="session")
def database_urls(cluster: Cluster) -> Iterator[Urls]:
    """A migrated database that the whole run shares."""
    with _Copied(cluster) as urls:
        yield urls


@pytest.fixture
def record_database(cluster: Cluster) -> Iterator[Urls]:
    """An empty record of this test's own, to which `joinedup.record` is connected."""
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        try:
            yield urls
        finally:
            database.close()


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Run `joinedup demo` with that JOINEDUP_HOME as a process of its own; yield its address."""
    port = free_port()
    words = ["demo", "--no-browser", "--port", str(port), "--people", str(SERVED_PEOPLE)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JOINEDUP_")}
    log = home.parent / "served.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "joinedup.site.command", *words],
            cwd=ROOT,
            env=environment | {"JOINEDUP_HOME": str(home)},
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a place with invented people, which all stories but few share."""
    with serving(tmp_path_factory.mktemp("served") / "home") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium without a window, for the whole run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_OPTIONS, headless=True
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: "Browser", served: str) -> Iterator["BrowserContext"]:
    """A browser that has never been anywhere; its addresses start at the served joinedup."""
    context = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: "BrowserContext") -> "Page":
    """An empty page of a desktop's size; `page.set_viewport_size` makes it a telephone's."""
    return context.new_page()


def free_port() -> int:
    """Return a free port below 32768, where no client's own end can be (tests/faults/README.md)."""
    for port in range(20_000 + os.getpid() % 10_000, 32_768):
        with closing(socket.socket()) as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port below 32768")


class _Copied:
    """A copy of the migrated template, dropped at the end: 40 ms instead of a start."""

    def __init__(self, cluster: Cluster) -> None:
        self._administrator = cluster.administrator_url
        self._name = f"test_{next(_names)}"

    def __enter__(self) -> Urls:
        self._run("create database {} template joinedup owner joinedup_owner")
        return Urls(owner=self._url("joinedup_owner"), application=self._url("joinedup_app"))

    def __exit__(self, *_: object) -> None:
        self._run("drop database {} with (force)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._administrator, autocommit=True) as connection:
            query = sql.SQL(statement).format(sql.Identifier(self._name))  # type: ignore[arg-type]  # ours
            connection.execute(query)

    def _url(self, role: str) -> str:
        return self._administrator.replace("postgres@/postgres?", f"{role}@/{self._name}?")


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    said = log.read_text(errors="replace")[-3000:]
    raise AssertionError(f"joinedup did not get ready (exit {process.poll()}):\n{said}")
