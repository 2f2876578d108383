"""A place under fault: its database and web server, writers of bundles, and what they were told.

A bundle is one new person and seven observations. Writers that repeat send a bundle again until it
is answered, with a condition on every entry: then each bundle that was begun must be there once.
"""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from joinedup.record.cluster import Cluster
from joinedup.record.migrate import migrate
from tests.load.client import Answer, Client
from tests.load.people import NHS, new_number, observation, patient, post
from tests.load.server import ApiServer, store_organisations

__all__ = ["OBSERVATIONS", "Place"]

OBSERVATIONS = 7
WAIT_LIMIT_SECONDS = 60.0
BATCH = "https://joinedup.example/batch"
_PAUSE_SECONDS = 0.05


class Place:
    """A database that can be harmed, the web server before it, and what clients were told."""

    def __init__(self, home: Path, *, workers: int = 1, repeats: bool = False) -> None:
        self.cluster = Cluster(home)
        self.url = self._prepared()
        self.api = ApiServer(self.url, workers=workers)
        self.repeats = repeats
        self.refused_with = {503}
        self.acknowledged: dict[str, str] = {}
        self.unsure: set[str] = set()
        self.refused: Counter[int] = Counter()
        self.other: list[str] = []
        self._stopping = threading.Event()
        self._writers: list[threading.Thread] = []

    def _prepared(self) -> str:
        urls = self.cluster.start()
        migrate(urls.owner)
        store_organisations(urls.application)
        return urls.application

    def close(self) -> None:
        """End the writers, the web server and the database."""
        self._stopping.set()
        self.api.stop()
        self.cluster.stop()

    def start_writing(self, writers: int) -> None:
        """Let so many writers send bundles until `stop_writing`."""
        self._writers = [threading.Thread(target=self._write, daemon=True) for _ in range(writers)]
        for writer in self._writers:
            writer.start()

    def stop_writing(self) -> None:
        """Let the writers finish what they have begun."""
        self._stopping.set()
        for writer in self._writers:
            writer.join(WAIT_LIMIT_SECONDS)
            assert not writer.is_alive(), self.api.said()

    def _write(self) -> None:
        client = self.api.client()
        client.resends = False
        while not self._stopping.is_set():
            batch = uuid4().hex
            entries = _bundle(batch, conditional=self.repeats)
            while not self._sent(client, batch, entries) and self.repeats:
                time.sleep(_PAUSE_SECONDS)

    def _sent(self, client: Client, batch: str, entries: list[dict[str, Any]]) -> bool:
        """Send a bundle once and keep what was answered; tell whether it was acknowledged."""
        try:
            answer = client.transaction(*entries)
        except OSError:
            self.unsure.add(batch)
            client.close()
            return False
        if answer.status == 200:
            name = answer.json["entry"][0]["response"]["location"].split("/")[1]
            self.acknowledged[batch] = name
            return True
        self._refused(batch, answer)
        return False

    def _refused(self, batch: str, answer: Answer) -> None:
        self.unsure.add(batch)
        self.refused[answer.status] += 1
        clear = answer.json.get("resourceType") == "OperationOutcome"
        if answer.status not in self.refused_with or not clear:
            self.other.append(f"{answer.status} {answer.body[:300]!r}")
        time.sleep(_PAUSE_SECONDS)

    def wait_for_more(self, number: int) -> float:
        """Wait until so many more bundles were acknowledged; return the seconds it took."""
        began, wanted = time.monotonic(), len(self.acknowledged) + number
        while len(self.acknowledged) < wanted:
            assert time.monotonic() - began < WAIT_LIMIT_SECONDS, self.api.said()
            time.sleep(0.01)
        return time.monotonic() - began

    def judge(self) -> str:
        """Hold the record to what clients were told; return the figures in words."""
        found = self._whole_batches()
        lost = set(self.acknowledged) - found
        told = (
            f"{len(self.acknowledged)} bundles acknowledged, {len(lost)} lost, "
            f"{len(self.unsure)} unsure of which {len(self.unsure & found)} stored, "
            f"refused {dict(self.refused)}"
        )
        assert lost == set(), told
        assert self.other == [], told
        if self.repeats:
            assert found == set(self.acknowledged), told
        self._every_write_was_traced(len(found))
        self._everything_is_served()
        return told

    def _whole_batches(self) -> set[str]:
        """The batches that are there; each whole, once, in every table that it is listed in."""
        with psycopg.connect(self.cluster.administrator_of_record_url) as connection:
            rows = connection.execute("select key, body from record.version").fetchall()
            heads = {k for (k,) in connection.execute("select key from record.head")}
            claims = {k for (k,) in connection.execute("select key from record.claim")}
            tokens = {k for (k,) in connection.execute("select key from record.token")}
            reached = {p for (p,) in connection.execute("select person from record.reach")}
        found: dict[str, list[tuple[int, str]]] = {}
        for key, body in rows:
            resource = json.loads(body)
            if resource["resourceType"] in ("Patient", "Observation"):
                mark = resource["identifier"][0]["value"]
                batch, _, number = mark.partition("-")
                found.setdefault(batch, []).append((key, number))
        for batch, stored in found.items():
            assert sorted(n for _, n in stored) == ["", *map(str, range(OBSERVATIONS))], batch
            keys = {key for key, _ in stored}
            assert keys <= heads and keys <= tokens, batch
            person = next(key for key, number in stored if not number)
            assert person in claims and person in reached, batch
        return set(found)

    def _every_write_was_traced(self, batches: int) -> None:
        """No write without its audit event and outbox line, and none of those without its write."""
        with psycopg.connect(self.cluster.administrator_of_record_url) as connection:

            def number(query: str) -> int:
                row = connection.execute(query.encode()).fetchone()
                return int(row[0]) if row else -1

            ours = '(select key from record.version where body like \'{"resourceType":"Patient"%\')'
            batch = "a.action = 'batch'"
            people = f"from record.audit_named a where {batch} and person in {ours}"
            events = f"from record.audit_event a where role = 'gp' and {batch}"
            lines = f"from record.outbox where people && array{ours}"
            untraced = f"not exists (select {people} and a.person = v.person)"
            orphans = "left join record.audit_event e using (seq) where e.seq is null"
            assert number(f"select count(*) {events}") == batches
            assert number(f"select count(*) {people}") == batches
            assert number(f"select count(*) {lines}") == batches
            assert (
                number(f"select count(*) from record.version v where person <> 0 and {untraced}")
                == 0
            )
            assert number(f"select count(*) from record.audit_person a {orphans}") == 0

    def _everything_is_served(self) -> None:
        client = self.api.client()
        for name in [*self.acknowledged.values()][-5:]:
            answer = client.get(f"/Patient/{name}/$everything")
            assert answer.status == 200, answer.body
            assert len(answer.entries) == OBSERVATIONS + 1


def _bundle(batch: str, *, conditional: bool) -> list[dict[str, Any]]:
    def entry(resource: dict[str, Any], mark: str, full_url: str = "") -> dict[str, Any]:
        unless = {"ifNoneExist": f"identifier={BATCH}|{mark}"} if conditional else {}
        return post(resource, full_url, **unless)

    def marked(mark: str) -> dict[str, str]:
        return {"system": BATCH, "value": mark}

    person = patient(identifier=[marked(batch), {"system": NHS, "value": new_number()}])
    seen = (f"{batch}-{number}" for number in range(OBSERVATIONS))
    return [
        entry(person, batch, "urn:uuid:p"),
        *(entry(observation("urn:uuid:p", identifier=[marked(m)]), m) for m in seen),
    ]
