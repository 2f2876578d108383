"""Messages that wait, tried again in the order in which they were said, when something has come.

What is waited for is kept with each line (`visit/...`, `bed/...`, `place/...`, `person/...`). After
a message those are tried that waited for what it brought; all of them from time to time, since
people answer questions and wards are entered elsewhere.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from joinedup.access.permit import Permit, system_permit
from joinedup.access.words import Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Refusal, StorageFull, Unavailable
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.query import parse_query
from joinedup.hl7.door import Door
from joinedup.hl7.held import (
    HELD,
    SET_ASIDE,
    WAITING,
    WAITS_FOR,
    Line,
    journal_of,
    journal_task,
    line_of,
    line_task,
)
from joinedup.hl7.taking import try_line
from joinedup.record import Source, Update, commit, read, search
from joinedup.record.watched import bodies

__all__ = ["MOST_LINES", "Waiting", "lines", "set_aside", "try_again"]

MOST_LINES = 1_000
_PAGE = 200
_MOST_ROUNDS = 50
_LONGEST_WORDS = 500


class Waiting:
    """What the lines of one hospital wait for, as far as this process knows: a quick look.

    Another process may add lines; `sweep` reads them all again.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._keys: set[str] = set()

    def add(self, line: Line | None) -> None:
        """Keep what a line waits for."""
        if line is not None:
            self._keys.update(line.keys)

    def follow(self, keys: Iterable[str], arrived: datetime) -> int:
        """Try what waits for any of these again; return how many lines were settled."""
        wanted = self._keys.intersection(keys)
        return try_again(self._door, arrived, keys=wanted) if wanted else 0

    def sweep(self, arrived: datetime) -> int:
        """Try everything that waits; return how many lines were settled."""
        settled = try_again(self._door, arrived)
        left = lines(self._door.permit, self._door.organisation)
        self._keys = {key for line in left for key in line.keys}
        return settled


def lines(permit: Permit, organisation: str, *, keys: Iterable[str] = ()) -> list[Line]:
    """Return the open lines of a hospital that the permit sees, in the order they were said.

    With `keys` those alone that wait for one of them. At most `MOST_LINES`.
    """
    asked = [("code", f"{TASK_KIND}|{HELD}"), ("status", WAITING), ("_sort", "authored-on")]
    asked.append(("requester", f"Organization/{organisation}"))
    if wanted := sorted(keys):
        said = (f"{WAITS_FOR}|{_escaped(key)}" for key in wanted)
        asked.append(("identifier", ",".join(said)))
    found: list[Line] = []
    cursor: str | None = None
    while len(found) < MOST_LINES:
        pairs = [*asked, *([("_cursor", cursor)] if cursor else [])]
        page = search(permit, parse_query("Task", pairs, default_count=_PAGE), detail="hl7")
        found += [line_of(stored.resource) for stored in page.entries]
        if (cursor := page.next_cursor) is None:
            break
    return sorted(found[:MOST_LINES], key=lambda line: (line.said, line.control))


def try_again(door: Door, arrived: datetime, *, keys: Iterable[str] = ()) -> int:
    """Try what waits, again while something goes on by it; return how many lines were settled.

    A line that cannot be tried just now stays as it is. Raises Unavailable, StorageFull.
    """
    settled, wanted = 0, set(keys)
    for _ in range(_MOST_ROUNDS):
        brought: set[str] = set()
        for line in lines(door.permit, door.organisation, keys=wanted):
            done = _tried(door, line, arrived)
            settled += done is not None and line.reason not in done
            brought |= (done or set()) - {line.reason}
        if not brought:
            return settled
        wanted = brought
    return settled


def _tried(door: Door, line: Line, arrived: datetime) -> set[str] | None:
    """Try one line; return what it brought, with its reason where it waits still; None if it
    could not be tried."""
    found = bodies(door.permit, [resource_key("Task", line.journal)])
    data = journal_of(next(iter(found.values()))).data if found else b""
    if not data or line.reason == "twin":
        return None
    try:
        done = try_line(door, line, data, arrived)
    except (Unavailable, StorageFull):
        raise
    except Refusal:
        return None
    waits = {line.reason} if done.line is not None else set()
    return {*done.keys, *waits}


def set_aside(permit: Permit, line_id: str, version: int, words: str) -> Line:
    """Settle a line that nothing more will come of, in the words of who says so.

    Raises NotPermitted for a role that does not settle such questions, NotFound, Stale where it
    changed since it was seen, Invalid without words. The message stays in the history of its line.
    """
    if not permit.may(Power.SETTLE_IDENTITY):
        raise NotPermitted("Your role does not settle what a hospital's messages wait for.")
    said = words.strip()
    if not said or len(said) > _LONGEST_WORDS:
        raise Invalid(f"Say in at most {_LONGEST_WORDS} characters why nothing more is to be done.")
    stands = read(permit, "Task", line_id).resource
    line = line_of(stands)
    if not line.waits:
        raise NotFound("This was settled already.")
    system = system_permit("hl7", line.organisation)
    source = Source(line.organisation)
    told = replace(line, state=SET_ASIDE, set_aside=f"{permit.worker}: {said}")
    changes = [Update(line_task(told), version, source), *_without_message(system, line, source)]
    commit(system, changes, dangling="keep", detail=f"hl7 set aside by {permit.worker}")
    return told


def _without_message(system: Permit, line: Line, source: Source) -> list[Update]:
    found: dict[int, dict[str, Any]] = bodies(system, [resource_key("Task", line.journal)])
    return [
        Update(
            journal_task(replace(journal_of(task), data=b"")),
            int(task["meta"]["versionId"]),
            source,
        )
        for task in found.values()
    ]


def _escaped(key: str) -> str:
    """A key as a search writes it: its commas and bars are none of the search's own."""
    return key.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|").replace("$", "\\$")
