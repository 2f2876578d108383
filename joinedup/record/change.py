"""Changes and what comes of them: the values that go into `commit` and come out of the record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from joinedup.fhir.derive import Derived
from joinedup.fhir.search.clause import Query
from joinedup.fhir.wire import read_resource

__all__ = [
    "Change",
    "Committed",
    "Create",
    "Delete",
    "MatchAppeared",
    "Outcome",
    "Page",
    "Put",
    "Source",
    "Stored",
    "Update",
]

Resource = Mapping[str, Any]


class Source(Struct, frozen=True):
    """Where a statement came from, when that is not the writer of the commit.

    `happened` and `recorded` are ISO times; None leaves them to the resource's own dates.
    """

    organisation: str
    author: str = ""
    role: str = ""
    happened: str | None = None
    recorded: str | None = None


class Create(Struct, frozen=True):
    """Store a new resource; `if_none_exist` makes it conditional (FHIR R4 3.1.0.8.1).

    With `must_be_new` a match raises MatchAppeared instead of standing in for the new resource:
    for a writer who has looked already and given the new id to other resources.
    """

    resource: Resource
    id: str | None = None
    source: Source | None = None
    if_none_exist: Query | None = None
    must_be_new: bool = False


class MatchAppeared(Exception):
    """Somebody stored what a condition looks for between the look and the commit: look again."""


class Update(Struct, frozen=True):
    """Store a new version of the resource with this type and id; `version` is the one seen."""

    resource: Resource
    version: int
    source: Source | None = None


class Put(Struct, frozen=True):
    """Make the record say this: create, or a new version, or nothing where it already says it.

    For imports, whose files hold no versions of ours; concurrent imports are settled by `commit`.
    What was deleted here is refused (Gone): a file does not undo what somebody decided. `derived`
    is what `prepare.derive_ahead` returned for it, where the writer had the time.
    """

    resource: Resource
    source: Source | None = None
    derived: Derived | None = None


class Delete(Struct, frozen=True):
    """Remove the current version from sight; its history stays (FHIR R4 3.1.0.7).

    `version` None deletes whichever version is current.
    """

    type: str
    id: str
    version: int | None = None


Change = Create | Update | Put | Delete


class Stored(Struct, frozen=True):
    """One version of one resource as the record holds it; `body` is its exact text.

    `restricted`: a statement about somebody whose own Patient is restricted now.
    """

    type: str
    id: str
    version: int
    body: str
    updated: datetime
    deleted: bool
    source: str
    author: str
    role: str
    happened: datetime | None
    recorded: datetime
    received: datetime
    restricted: bool = False

    @property
    def resource(self) -> dict[str, Any]:
        """The body as a tree; decimals keep their trailing zeros."""
        return read_resource(self.body)

    @property
    def reference(self) -> str:
        """`Type/id`."""
        return f"{self.type}/{self.id}"


class Outcome(Struct, frozen=True):
    """What became of one change; `stored` is the resource as it now stands."""

    action: Literal["created", "updated", "unchanged", "deleted"]
    stored: Stored


class Committed(Struct, frozen=True):
    """What became of a commit, one outcome a change in their order."""

    outcomes: tuple[Outcome, ...]

    @property
    def stored(self) -> tuple[Stored, ...]:
        """The resources as they now stand, in the order of the changes."""
        return tuple(o.stored for o in self.outcomes)


class Page(Struct, frozen=True):
    """One page of a search; `next_cursor` None on the last, `total` None unless asked for."""

    entries: tuple[Stored, ...]
    included: tuple[Stored, ...] = ()
    total: int | None = None
    next_cursor: str | None = None


def body_id(body: str) -> str:
    """Return the id of a stored text; every stored text begins with its type and id."""
    start = body.index('"id":"') + 6
    return body[start : body.index('"', start)]
