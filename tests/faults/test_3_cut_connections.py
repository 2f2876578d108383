"""Connections cut at a random byte, then the request again: each takes effect exactly once (F3).

Between client and web server, and between web server and PostgreSQL. Creates and transactions are
made repeatable by conditions (FHIR R4 3.1.0.8.1), updates by the version that was seen. 60 cuts in
the ordinary run, 10,000 with --full. Replay: the seed is SEED.
"""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from joinedup.record import database
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.verify import verify
from tests.conftest import _Copied, free_port
from tests.faults.proxy import Cut, CuttingProxy
from tests.load.client import Answer, Client
from tests.load.people import NHS, new_number, observation, patient, post
from tests.load.server import ApiServer, store_organisations

ORDINARY_CUTS, FULL_CUTS = 30, 5_000
WRITERS = 4
MOST_ATTEMPTS = 200
SEED = 20_180_116
MARK = "https://joinedup.example/mark"
LONGEST_REQUEST_BYTES, LONGEST_ANSWER_BYTES = 6_500, 2_500
LONGEST_CONVERSATION_BYTES = 12_000  # of one connection to PostgreSQL: two or three requests


@pytest.fixture
def urls(cluster: Cluster) -> Iterator[Urls]:
    """An empty record with the three organisations."""
    with _Copied(cluster) as urls:
        store_organisations(urls.application)
        yield urls


class Chance:
    """Where to cut, from one seed; for several threads."""

    def __init__(self, longest_request: int, longest_answer: int, share: float) -> None:
        self._random = random.Random(SEED)
        self._lock = threading.Lock()
        self._longest = (longest_request, longest_answer)
        self._share = share

    def cut(self) -> Cut | None:
        """Return the cut of the next connection; None lets it be."""
        with self._lock:
            if self._random.random() > self._share:
                return None
            answered = self._random.random() < 0.5
            return Cut(answered, self._random.randrange(1, self._longest[answered]))


def test_between_client_and_server(urls: Urls, full: bool) -> None:
    """The client cannot know how far its request came, and asks again."""
    api = ApiServer(urls.application)
    chance = Chance(LONGEST_REQUEST_BYTES, LONGEST_ANSWER_BYTES, share=0.5)
    listener = socket.create_server(("127.0.0.1", free_port()))
    proxy = CuttingProxy(
        listener, lambda: socket.create_connection(("127.0.0.1", api.port), 30), chance.cut
    )
    try:
        said = _write(api, listener.getsockname()[1], proxy, FULL_CUTS if full else ORDINARY_CUTS)
        _is_exactly_once(api, said)
    finally:
        proxy.close()
        api.stop()
    _agrees(urls)


def test_between_server_and_database(urls: Urls, tmp_path: Path, full: bool) -> None:
    """The server cannot know whether a commit was stored: 503, and the client asks again."""
    folder, name = Path(str(conninfo_to_dict(urls.application)["host"])), ".s.PGSQL.5432"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / name))
    chance = Chance(LONGEST_CONVERSATION_BYTES, LONGEST_CONVERSATION_BYTES, share=1)
    proxy = CuttingProxy(listener, lambda: _unix(folder / name), chance.cut)
    url = urls.application.replace(quote(str(folder), safe=""), quote(str(tmp_path), safe=""))
    assert url != urls.application
    api = ApiServer(url)
    try:
        said = _write(api, api.port, proxy, FULL_CUTS if full else ORDINARY_CUTS)
        proxy.let_be()
        _is_exactly_once(api, said)
    finally:
        proxy.close()
        api.stop()
    _agrees(urls)


class Said:
    """What one writer asked for and was in the end told of."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.attempts = 0
        self.people: list[str] = []
        self.batches: list[str] = []
        self.edits: list[str] = []
        self.edited: dict[str, Any] = {}
        self.wrong: list[str] = []

    def ask(self, send: Callable[[], Answer]) -> Answer:
        """Send until it is answered with anything but "cannot be reached"."""
        for _ in range(MOST_ATTEMPTS):
            self.attempts += 1
            self.client.close()
            try:
                answer = send()
                if answer.status != 503:
                    return answer
                assert answer.issues
            except (OSError, ValueError):  # cut, also in the middle of the answer's text
                continue
        raise AssertionError(f"no answer in {MOST_ATTEMPTS} attempts")

    def go_on(self) -> None:
        """One conditional create, one transaction, one update; each until it is answered."""
        mark = uuid4().hex
        identifier = [{"system": MARK, "value": mark}, {"system": NHS, "value": new_number()}]
        unless = f"identifier={MARK}|{mark}"
        person = patient(identifier=identifier)
        made = self.ask(lambda: self.client.post("/Patient", person, If_None_Exist=unless))
        self._expect(made, 200, 201)
        self.people.append(mark)
        about = f"Patient/{made.json['id']}"
        batch = [
            post(
                observation(about, identifier=[{"system": MARK, "value": f"{mark}-{n}"}]),
                ifNoneExist=f"identifier={MARK}|{mark}-{n}",
            )
            for n in range(3)
        ]
        self._expect(self.ask(lambda: self.client.transaction(*batch)), 200)
        self.batches.append(mark)
        self._edit(mark, made.json)

    def _edit(self, mark: str, person: dict[str, Any]) -> None:
        if not self.edited:
            self.edited = person
        version = len(self.edits) + 1
        where = f"/Patient/{self.edited['id']}"
        text = {**self.edited, "name": [{"family": mark}]}
        answer = self.ask(lambda: self.client.put(where, text, If_Match=f'W/"{version}"'))
        self._expect(answer, 200, 412)
        if answer.status == 412:  # an earlier attempt of ours was stored
            answer = self.ask(lambda: self.client.get(where))
        if answer.json["name"] != text["name"]:
            self.wrong.append(f"{where} says {answer.json['name']}, not {mark}")
        self.edits.append(mark)

    def _expect(self, answer: Answer, *statuses: int) -> None:
        if answer.status not in statuses:
            self.wrong.append(f"{answer.status} {answer.body[:300]!r}")


def _write(api: ApiServer, port: int, proxy: CuttingProxy, cuts: int) -> list[Said]:
    """Let writers go on until so many connections were cut; print the figures."""
    said = [Said(Client(port, api.client().token)) for _ in range(WRITERS)]

    def write(one: Said) -> None:
        one.client.resends = False
        while proxy.cuts < cuts:
            one.go_on()

    writers = [threading.Thread(target=write, args=(one,), daemon=True) for one in said]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(3_600)
        assert not writer.is_alive(), api.said()
    asked = sum(len(one.people) + len(one.batches) + len(one.edits) for one in said)
    print(f"{proxy.cuts} cuts; {asked} requests in {sum(s.attempts for s in said)} attempts")
    return said


def _is_exactly_once(api: ApiServer, said: list[Said]) -> None:
    """Everything asked for is there once: not lost, not doubled."""
    client = api.client()
    assert [wrong for one in said for wrong in one.wrong] == [], api.said()
    for one in said:
        assert one.edits, "a writer that was never answered"
        for mark in one.people:
            _is_there(client, f"/Patient?identifier={MARK}|{mark}", 1)
        for mark in one.batches:
            _is_there(client, f"/Observation?identifier={','.join(f'{MARK}|{mark}-{n}' for n in range(3))}", 3)  # noqa: E501  # fmt: skip
        where = f"/Patient/{one.edited['id']}"
        past = _looked(client, f"{where}/_history?_count=1000").entries
        told = [r["name"][0]["family"] for r in reversed(past)][1:]
        assert told == one.edits[-999:], where


def _is_there(client: Client, search: str, times: int) -> None:
    total = _looked(client, f"{search}&_total=accurate").json["total"]
    assert total == times, (search, total)


def _looked(client: Client, path: str) -> Answer:
    """Look again while connections from before are still cut."""
    while (answer := client.get(path)).status == 503:
        assert answer.issues
    return answer


def _agrees(urls: Urls) -> None:
    """No index row, audit event or outbox line is missing or left over."""
    database.configure(urls.application)
    try:
        assert list(verify()) == []
    finally:
        database.close()


def _unix(path: Path) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX)
    connected.connect(str(path))
    return connected
