"""Kill -9 of PostgreSQL while transactions arrive: nothing acknowledged is lost, nothing is half.

Three kills in the ordinary run, ten with --full (trust.md F1). README.md has the traps.
"""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from tests.load.client import Client
from tests.load.people import NHS, new_number, observation, patient, post
from tests.load.server import ApiServer, store_organisations

ORDINARY_KILLS, FULL_KILLS = 3, 10
WRITERS = 4
OBSERVATIONS = 7
ACKNOWLEDGED_BETWEEN_KILLS = 25
WAIT_LIMIT_SECONDS = 60.0
ANSWERS_AGAIN_SECONDS = 5.0
OUTAGE_SECONDS, LONG_OUTAGE_SECONDS = 3.0, 15.0
BATCH = "https://joinedup.example/batch"


class Place:
    """A database that can be killed, the web server before it, and what clients were told."""

    def __init__(self, home: Path) -> None:
        self.cluster = Cluster(home)
        self.url = self._prepared()
        self.api = ApiServer(self.url)
        self.acknowledged: dict[str, str] = {}
        self.unsure: set[str] = set()
        self.other: list[str] = []
        self.stopping = threading.Event()

    def _prepared(self) -> str:
        urls = self.cluster.start()
        migrate(urls.owner)
        store_organisations(urls.application)
        return urls.application

    def stop(self) -> None:
        self.stopping.set()
        self.api.stop()
        self.cluster.stop()

    def write(self) -> None:
        """Send bundles until told to stop, and keep what was answered to each."""
        client = self.api.client()
        while not self.stopping.is_set():
            batch = uuid4().hex
            try:
                answer = client.transaction(*_bundle(batch))
            except OSError:
                self.unsure.add(batch)
                client.close()
                continue
            if answer.status == 200:
                entries = answer.json["entry"]
                self.acknowledged[batch] = entries[0]["response"]["location"].split("/")[1]
            else:
                self.unsure.add(batch)
                if answer.status != 503:
                    self.other.append(f"{answer.status} {answer.body[:300]!r}")
                time.sleep(0.05)

    def wait_for_more(self, number: int) -> float:
        """Wait until so many more bundles were acknowledged; return the seconds it took."""
        began, wanted = time.monotonic(), len(self.acknowledged) + number
        while len(self.acknowledged) < wanted:
            assert time.monotonic() - began < WAIT_LIMIT_SECONDS, self.api.said()
            time.sleep(0.01)
        return time.monotonic() - began


def _bundle(batch: str) -> list[dict[str, object]]:
    mark = [{"system": BATCH, "value": batch}]
    number = {"system": NHS, "value": new_number()}
    person = patient(identifier=[*mark, number])
    seen = (observation("urn:uuid:p", identifier=mark) for _ in range(OBSERVATIONS))
    return [post(person, "urn:uuid:p"), *(post(o) for o in seen)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place of this test's own."""
    place = Place(tmp_path / "cluster")
    yield place
    place.stop()


def test_nothing_acknowledged_is_lost_and_nothing_is_half_written(place: Place, full: bool) -> None:
    """Acceptance 5: kill -9 under transaction load, again and again."""
    writers = [threading.Thread(target=place.write, daemon=True) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    again = []
    for _ in range(FULL_KILLS if full else ORDINARY_KILLS):
        place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
        place.cluster.kill()
        began = time.monotonic()
        place.cluster.start()
        started = time.monotonic() - began
        again.append((started, place.wait_for_more(1)))
    place.wait_for_more(ACKNOWLEDGED_BETWEEN_KILLS)
    place.stopping.set()
    for writer in writers:
        writer.join(30)
    found = _whole_batches(place)
    lost = set(place.acknowledged) - set(found)
    recovery = ", ".join(f"{start:.1f}+{service:.1f}" for start, service in again)
    print(
        f"{len(again)} kills: {len(place.acknowledged)} bundles acknowledged, {len(lost)} lost, "
        f"{len(place.unsure)} unsure of which {len(place.unsure & set(found))} stored; "
        f"seconds of PostgreSQL's start + service: {recovery}"
    )
    assert lost == set()
    assert place.other == []
    assert max(service for _, service in again) < ANSWERS_AGAIN_SECONDS
    _every_write_was_traced(place, len(found))
    _everything_is_served(place)


def _whole_batches(place: Place) -> set[str]:
    """The batches that are there; each must be there whole, in every table that it is listed in."""
    superuser = place.cluster.administrator_of_record_url
    with psycopg.connect(superuser) as connection:
        rows = connection.execute("select key, body from record.version").fetchall()
        heads = {k for (k,) in connection.execute("select key from record.head")}
        claims = {k for (k,) in connection.execute("select key from record.claim")}
        tokens = {k for (k,) in connection.execute("select key from record.token")}
        reached = {p for (p,) in connection.execute("select person from record.reach")}
    found: dict[str, list[tuple[int, str]]] = {}
    for key, body in rows:
        resource = json.loads(body)
        if resource["resourceType"] in ("Patient", "Observation"):
            found.setdefault(resource["identifier"][0]["value"], []).append(
                (key, resource["resourceType"])
            )
    for batch, stored in found.items():
        kinds = [kind for _, kind in stored]
        assert sorted(kinds) == ["Observation"] * OBSERVATIONS + ["Patient"], batch
        keys = {key for key, _ in stored}
        assert keys <= heads and keys <= tokens, batch
        person = next(key for key, kind in stored if kind == "Patient")
        assert person in claims and person in reached, batch
    return set(found)


def _every_write_was_traced(place: Place, batches: int) -> None:
    """No write without its audit event and outbox line, and none of those without its write."""
    with psycopg.connect(place.cluster.administrator_of_record_url) as connection:

        def number(query: str) -> int:
            row = connection.execute(query.encode()).fetchone()
            return int(row[0]) if row else -1

        mine = '{"resourceType":"Patient"%'
        ours = f"(select key from record.version where body like '{mine}')"
        batch = "a.action = 'batch'"
        events = f"from record.audit_event a where role = 'gp' and {batch}"
        people = f"from record.audit_named a where {batch} and person in {ours}"
        assert number(f"select count(*) {events}") == batches
        assert number(f"select count(*) {people}") == batches
        assert number(f"select count(*) from record.outbox where people && array{ours}") == batches
        untraced = f"not exists (select {people} and a.person = v.person)"
        assert (
            number(f"select count(*) from record.version v where person <> 0 and {untraced}") == 0
        )
        orphans = "left join record.audit_event e using (seq) where e.seq is null"
        assert number(f"select count(*) from record.audit_named a {orphans}") == 0


def _everything_is_served(place: Place) -> None:
    client: Client = place.api.client()
    for name in [*place.acknowledged.values()][-5:]:
        answer = client.get(f"/Patient/{name}/$everything")
        assert answer.status == 200, answer.body
        assert len(answer.entries) == OBSERVATIONS + 1


def test_the_web_server_outlives_an_outage(place: Place, full: bool) -> None:
    """Refused while PostgreSQL is away, with when to come back; served again soon after it is."""
    client = place.api.client()
    person = client.made(patient())
    place.cluster.kill()
    end = time.monotonic() + (LONG_OUTAGE_SECONDS if full else OUTAGE_SECONDS)
    while time.monotonic() < end:
        answer = client.get(f"/Patient/{person['id']}")
        assert answer.status == 503, answer.body
        assert answer.headers["retry-after"]
        assert answer.issues[0]["code"] == "transient"
        time.sleep(0.5)
    place.cluster.start()
    began = time.monotonic()
    while (answer := client.get(f"/Patient/{person['id']}")).status == 503:
        assert time.monotonic() - began < ANSWERS_AGAIN_SECONDS, "not served again"
        time.sleep(0.05)
    assert answer.status == 200
    print(f"served again {time.monotonic() - began:.2f} s after PostgreSQL answered")
