"""Today's census as a file: who is where, since when, who is ready, and for what they wait.

CSV with a line a person: `person`, `service`, `class`, `since`, and where known `ready` and
`waits_for`. The names are those of the network it is to be played in.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.search.period import LONDON
from joinedup.planning.calibrate.record import Stay, census
from joinedup.planning.network.model import Network, Present

__all__ = ["COLUMNS", "NEEDED", "Census", "read_census"]

NEEDED = ("person", "service", "class", "since")
COLUMNS = (*NEEDED, "ready", "waits_for")
MOST_LINES = 200_000
MOST_TOLD = 20


class Census(Struct, frozen=True):
    """Everybody who is there at `now`, in the `services` that it tells of.

    `otherwise_ready` are those ready to go who wait for nothing the network plays, by service.
    """

    now: datetime
    present: tuple[Present, ...]
    services: tuple[str, ...]
    otherwise_ready: Mapping[str, int]

    def in_use(self, service: str) -> int:
        """Return how many are in a service."""
        return sum(p.count for p in self.present if p.service == service)

    def ready(self, service: str) -> int:
        """Return how many of them are ready to go on, whatever they wait for."""
        held = sum(p.count for p in self.present if p.service == service and p.waiting_for)
        return held + self.otherwise_ready.get(service, 0)


class _Line(Struct, frozen=True):
    """A line read, and where it stands."""

    number: int
    stay: Stay
    waits_for: str


def read_census(text: str, *, network: Network, now: datetime, name: str) -> Census:
    """Return the census of a file.

    Times are yyyy-mm-dd or with an hour, in London where no offset is given. Refuses with Invalid,
    all told, each with file, line and remedy: a person in two beds, a time in the future, ready
    before they came, a service or class the network has not, a wait for what nobody goes on to.
    """
    lines = csv.DictReader(io.StringIO(text))
    heading = set(lines.fieldnames or ())
    if set(NEEDED) - heading or heading - set(COLUMNS):
        told = f"{name}, line 1: the columns are {', '.join(sorted(heading)) or 'none'}"
        message = f"{told}: give {', '.join(NEEDED)}, and if known ready, waits_for"
        raise Invalid(Problem("structure", message, name))
    found: list[_Line] = []
    wrong: list[Problem] = []
    at: dict[str, int] = {}
    onward = {(r.person_class, r.service): {o.to for o in r.onward} for r in network.routes}
    for line in lines:
        if lines.line_num > MOST_LINES or len(wrong) >= MOST_TOLD:
            wrong.append(Problem("too-long", f"{name}: no more was read: mend these first", name))
            break
        try:
            read = _read(line, lines.line_num, onward, now)
            before = at.setdefault(read.stay.person, read.number)
            if before != read.number:
                raise ValueError(
                    f"{read.stay.person} is in two beds, here and on line {before}: end one"
                )
            found.append(read)
        except ValueError as problem:
            wrong.append(Problem("value", f"{name}, line {lines.line_num}: {problem}", name))
    if not found and not wrong:
        wrong.append(Problem("required", f"{name}: nobody is in it: give a line a person", name))
    if wrong:
        raise Invalid(*wrong)
    waits = {one.stay.person: one.waits_for for one in found if one.waits_for}
    present = census([one.stay for one in found], now=now, waits_for=waits)
    others = Counter(
        one.stay.service for one in found if one.stay.ready is not None and not one.waits_for
    )
    return Census(now, present, tuple(sorted({one.stay.service for one in found})), others)


def _read(
    line: Mapping[str, str | None],
    number: int,
    onward: Mapping[tuple[str, str], set[str]],
    now: datetime,
) -> _Line:
    person, service, kind, _ = (_given(line, column) for column in NEEDED)
    services = sorted({s for _, s in onward})
    if service not in services:
        raise ValueError(f"service {service!r} is not known: use one of {', '.join(services)}")
    kinds = sorted({k for k, s in onward if s == service})
    if kind not in kinds:
        raise ValueError(f"class {kind!r} is not known in {service}: use one of {', '.join(kinds)}")
    since = _moment("since", _given(line, "since"), now)
    ready = _moment("ready", str(line["ready"]), now) if line.get("ready") else None
    if ready is not None and ready < since:
        raise ValueError(f"ready {ready.date()} is before since {since.date()}: mend one of them")
    waits_for = (line.get("waits_for") or "").strip()
    if waits_for and waits_for not in onward[kind, service]:
        known = ", ".join(sorted(onward[kind, service])) or "nothing"
        raise ValueError(f"waits_for {waits_for!r}: from {service} {kind} go on to {known}")
    return _Line(number, Stay(person, kind, service, since, None, ready), waits_for)


def _given(line: Mapping[str, str | None], column: str) -> str:
    found = (line.get(column) or "").strip()
    if not found:
        raise ValueError(f"{column} is empty: every line says {', '.join(NEEDED)}")
    return found


def _moment(column: str, text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        wanted = "write 2026-11-01 or 2026-11-01T09:30"
        raise ValueError(f"{column} {text!r} is no time: {wanted}") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=LONDON)
    if found > now:
        shown = f"{now.astimezone(LONDON):%Y-%m-%d %H:%M}"
        raise ValueError(f"{column} {text} is in the future of the census, {shown}: mend the date")
    return found.astimezone(UTC)
