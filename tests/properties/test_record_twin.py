"""The record in PostgreSQL and the record in memory agree on histories nobody wrote.

A world is a seed: a history of commits by workers of three organisations about a few people, then
searches and reads by each. Both records must give the same resources in the same order, the same
totals and includes, and the same refusals. Sizes: 5 worlds of 40 searches; `--full` 400 of 50.
To replay a failure: pytest tests/properties/test_record_twin.py -k "world-17".
To look further: TWIN_WORLDS=500:600 pytest tests/properties/test_record_twin.py.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Refusal
from joinedup.fhir.search.query import parse_query
from joinedup.record import Change, Committed, MatchAppeared, Page, Stored
from joinedup.record.cluster import Urls
from joinedup.record.memory import Memory
from tests.properties.histories import (
    IDS,
    PEOPLE,
    TYPES,
    Chance,
    permits,
    start_of_today,
)

WORLDS, FULL_WORLDS = 5, 400
SEARCHES, FULL_SEARCHES = 40, 50
COMMITS = 25
MOST_PAGES = 60


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test a world, so that a failing one is named by its seed."""
    full = metafunc.config.getoption("--full")
    first, last = map(
        int, os.environ.get("TWIN_WORLDS", f"0:{FULL_WORLDS if full else WORLDS}").split(":")
    )
    metafunc.parametrize("seed", range(first, last), ids=lambda seed: f"world-{seed}")


def test_both_records_agree(
    seed: int, full: bool, record_database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """House law 7; trust.md F13.

    Two worlds of three are without the guard of what gives sight, or hardly any glass would be
    broken and nobody trusted there; in the third both records refuse the same.
    """
    if seed % 3:
        for guard in ("write.refuse_sight_unguarded", "memory_commit.refuse_unguarded"):
            monkeypatch.setattr(f"joinedup.record.{guard}", lambda *_, **__: None, raising=False)
    world = World(seed)
    world.begin()
    for step in range(COMMITS):
        world.commit(step)
    for _ in range(FULL_SEARCHES if full else SEARCHES):
        world.search()
        world.look()


class World:
    """One history in both records, and the questions put to both."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed, start_of_today())
        self.memory = Memory()
        self.permits = permits()
        self.conditions: list[Any] = []
        self.current: list[Stored] | None = None
        self.trees: list[dict[str, Any]] | None = None

    def begin(self) -> None:
        for change in self.chance.beginning():
            self.both("an import", self.permits[-1], [change], "keep", self.chance.today)

    def both(
        self, what: str, permit: Permit, changes: list[Change], keep: Any, now: datetime
    ) -> None:
        self.agree(
            f"{what} {permit.name} {keep} {changes}",
            lambda: record.commit(permit, changes, dangling=keep, now=now),
            lambda: self.memory.commit(permit, changes, dangling=keep, now=now),
        )
        self.current = self.trees = None

    def commit(self, step: int) -> None:
        chance = self.chance
        permit = self.permits[-1] if chance.maybe(0.4) else chance.one(*self.permits)
        changes = [
            chance.change(self.standing(), self.conditions)
            for _ in range(chance.one(1, 1, 2, 4, 8))
        ]
        keep = "keep" if permit is self.permits[-1] and chance.maybe(0.8) else "refuse"
        now = chance.today + timedelta(minutes=step, microseconds=chance.one(0, 1, 500_000))
        self.both("commit", permit, changes, keep, now)
        if chance.maybe(0.3):
            kind, pairs = chance.request(self.resources())
            pairs = [p for p in pairs if p[0][0] != "_"]
            query = self.parsed(kind, pairs)
            self.conditions += [query] if query and query.clauses else []

    def search(self) -> None:
        permit = self.chance.one(*self.permits, *self.permits[:5], *[self.permits[-1]] * 3)
        while True:
            kind, pairs = self.chance.request(self.resources())
            query = self.parsed(kind, pairs)
            if query is not None:
                break
        theirs = ours = None
        for page in range(MOST_PAGES):
            asked = [*pairs, ("_cursor", theirs)] if theirs else pairs
            also = [*pairs, ("_cursor", ours)] if ours else pairs
            real, plain = self.agree(
                f"search {permit.name} {kind} {pairs} page {page}",
                lambda asked=asked: record.search(permit, parse_query(kind, asked)),
                lambda also=also: self.memory.search(permit, parse_query(kind, also)),
            )
            if not isinstance(real, Page) or real.next_cursor is None:
                return
            theirs, ours = real.next_cursor, plain.next_cursor

    def look(self) -> None:
        chance, permit = self.chance, self.chance.one(*self.permits)
        name = chance.one(*self.names(), f"{chance.one(*TYPES)}/{chance.one(*IDS)}")
        kind, identity = name.split("/")
        version = chance.one(1, 1, 2, 3)
        person = chance.one(*PEOPLE, *IDS)
        for what, call in {
            f"read {kind}/{identity}": lambda r: r.read(permit, kind, identity),
            f"vread {kind}/{identity} {version}": lambda r: r.vread(
                permit, kind, identity, version
            ),
            f"history {kind}/{identity}": lambda r: r.history(permit, kind, identity, count=2),
            f"everything {person}": lambda r: list(all_pages(r, permit, person)),
            f"everything {person} since": lambda r: r.everything(
                permit, person, types=("Observation", "Patient"), since=chance.today
            ),
        }.items():
            self.agree(
                f"{permit.name} {what}", lambda c=call: c(record), lambda c=call: c(self.memory)
            )

    def agree(
        self, what: str, real: Callable[[], Any], plain: Callable[[], Any]
    ) -> tuple[Any, Any]:
        """Both answers, after they were found to be the same."""
        one, other = outcome(real), outcome(plain)
        assert told(one) == told(other), f"PostgreSQL (left) and memory (right) on {what}"
        return one, other

    def parsed(self, kind: str, pairs: list[tuple[str, str]]) -> Any:
        try:
            return parse_query(kind, pairs)
        except Invalid:
            return None

    def standing(self) -> dict[str, int]:
        return {s.reference: s.version for s in self.stored()}

    def resources(self) -> list[dict[str, Any]]:
        if self.trees is None:
            self.trees = [s.resource for s in self.stored()]
        return self.trees

    def names(self) -> list[str]:
        return [s.reference for s in self.stored()] or ["Patient/none"]

    def stored(self) -> list[Stored]:
        """Everything current, looked up once after each commit."""
        if self.current is None:
            system: Permit = self.permits[-1]
            self.current = []
            for kind in dict.fromkeys(TYPES):
                query = parse_query(kind, [("_count", "1000")])
                self.current += self.memory.search(system, query).entries
        return self.current


def all_pages(records: Any, permit: Permit, person: str) -> Iterator[Stored]:
    """Everything of a person, three at a time."""
    cursor = None
    while True:
        page = records.everything(permit, person, count=3, cursor=cursor)
        yield from page.entries
        cursor = page.next_cursor
        if cursor is None:
            return


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or how it refuses; anything else it raises is a defect of its own."""
    try:
        return call()
    except (Refusal, MatchAppeared) as refusal:
        return type(refusal)


def told(answer: Any) -> Any:
    """What two answers have to share: cursors are each record's own."""
    match answer:
        case Committed():
            return [(o.action, o.stored) for o in answer.outcomes]
        case Page():
            return (
                [s.reference for s in answer.entries],
                answer.entries,
                answer.included,
                answer.total,
                answer.next_cursor is None,
            )
    return answer
