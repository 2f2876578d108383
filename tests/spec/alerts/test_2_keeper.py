"""Alerts, chapter 2. Who raises them while a place is served, and what happens when it cannot."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.people.alerts.settling import alerts
from joinedup.people.alerts.workers import JOB
from joinedup.record.cluster import Urls
from joinedup.record.seal_loop import Sealer
from joinedup.site import keeping
from joinedup.site.keeping import Keeper, KeeperState
from joinedup.site.log_lines import JsonFormatter
from tests.spec.alerts.test_1_raising import HOME, link, lives, nurse
from tests.spec.record.place import HOSPITAL, days_ago, put, stay

OFFICER = worker_permit("Practitioner/pryce", "Ms Pryce", Role.PRIVACY_OFFICER, "E99901")


def until(told: Callable[[], bool], limit_seconds: float = 15) -> bool:
    """Whether something comes to be in time."""
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        if told():
            return True
        time.sleep(0.1)
    return told()


@pytest.fixture(autouse=True)
def _herself(record_database: Urls) -> None:
    put({"resourceType": "Organization", "id": HOSPITAL, "name": "The hospital"})
    put({"resourceType": "Practitioner", "id": "bell"})
    put(lives("herself", "Bell", HOME), link("l1", "herself", "Practitioner/bell"))
    put(stay("s1", "herself", start=days_ago(2)))


def test_a_look_is_on_the_list_a_moment_later(
    record_database: Urls, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealer and keeper side by side, as where a place is served; faults are told and outlived."""
    monkeypatch.setattr(keeping, "ROUND_SECONDS", 0.1)
    states: list[KeeperState] = []
    rounds: list[int] = []

    def now_and_then() -> int:
        rounds.append(1)
        if len(rounds) == 1:
            raise RuntimeError("a fault of ours")
        return raise_alerts()

    raise_alerts = keeping.raise_alerts
    monkeypatch.setattr(keeping, "raise_alerts", now_and_then)
    heads = tmp_path / "heads"  # type: ignore[operator]  # a path
    url = record_database.application
    with Sealer(url, heads, lambda _: None), Keeper(url, states.append):
        record.read(nurse(), "Patient", "herself")
        assert until(lambda: len(alerts(OFFICER)) == 1)
    assert states == [KeeperState.BEHIND, KeeperState.KEEPING]


def test_an_invented_place_keeps_its_own_hour(record_database: Urls) -> None:
    """What it does about proxies goes by the hour the place stands still at."""
    moment = datetime(2018, 1, 16, 10, tzinfo=UTC)
    keeper = Keeper(record_database.application, lambda _: None, moment=moment)
    with keeper:
        assert record.read(JOB, "Patient", "herself").id == "herself"


def test_a_proxy_that_is_passed_by_is_a_line_in_the_log(
    record_database: Urls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of its kind and where in the code, never of whom; and the round goes on."""

    def odd(now: datetime, tell: Callable[[Exception], None]) -> int:
        tell(ValueError("Doreen Marsh"))
        return 0

    monkeypatch.setattr(keeping, "ROUND_SECONDS", 0.1)
    monkeypatch.setattr(keeping, "keep_proxies", odd)
    monkeypatch.setattr(logging.getLogger("joinedup"), "propagate", True)
    states: list[KeeperState] = []
    with Keeper(record_database.application, states.append):
        assert until(lambda: bool(caplog.records) and bool(states))
    assert states == [KeeperState.KEEPING]
    (line, *_) = (JsonFormatter().format(r) for r in caplog.records if r.name == "joinedup")
    assert '"ACCESS003"' in line and '"ValueError"' in line and "Doreen" not in line
