"""Provenance made from what the record keeps beside each version: who said so, for whom, when.

Not stored twice: its id names the version it speaks of, and it is put together when asked for.
"""

import re
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct

from joinedup.fhir.key import resource_key

__all__ = ["MOVED", "Made", "moved_by", "provenance_of", "version_named"]


class Spoken(Protocol):
    """What a version must tell of itself."""

    @property
    def reference(self) -> str:
        """`Type/id`."""
        ...

    @property
    def version(self) -> int:
        """Its number, from 1."""
        ...

    @property
    def source(self) -> str:
        """ODS code of the organisation."""
        ...

    @property
    def author(self) -> str:
        """Who said so."""
        ...

    @property
    def role(self) -> str:
        """In what role."""
        ...

    @property
    def happened(self) -> datetime | None:
        """When it was true."""
        ...

    @property
    def recorded(self) -> datetime:
        """When its source wrote it down."""
        ...

    @property
    def received(self) -> datetime:
        """When this record received it."""
        ...

    @property
    def body(self) -> str:
        """Its text."""
        ...


class Made(Struct, frozen=True):
    """A Provenance put together: its id and its JSON text."""

    id: str
    body: str


RECEIVED = "https://joinedup.example/StructureDefinition/received"


MOVED = "https://joinedup.example/StructureDefinition/moved"
"""In `meta` of an entry that was filed to another person first: who moved it here, and when."""


def moved_by(name: str, at: str) -> dict[str, object]:
    """Return the extension that says who moved an entry here; `at` is an instant."""
    said = [{"url": "by", "valueString": name}, {"url": "at", "valueInstant": at}]
    return {"url": MOVED, "extension": said}


_NAME = re.compile(r"v-([0-9a-f]{16})-([0-9]{1,9})")


def version_named(provenance_id: str) -> tuple[int, int] | None:
    """Return the key and version a made Provenance speaks of; None for the id of any other."""
    found = _NAME.fullmatch(provenance_id)
    if not found:
        return None
    key = int(found[1], 16)
    return (key - 2**64 if key >= 2**63 else key), int(found[2])


def provenance_of(stored: Spoken) -> Made:
    """Return the Provenance of one version: target, times true, recorded and received, agents."""
    kind, _, resource_id = stored.reference.partition("/")
    made_id = f"v-{resource_key(kind, resource_id) & (2**64 - 1):016x}-{stored.version}"
    agent: dict[str, object] = {
        "who": {"display": stored.author or stored.source or "not stated"},
    }
    if "/" in stored.author and not stored.author.startswith("system/"):
        agent["who"] = {"reference": stored.author}
    if stored.role:
        agent["role"] = [{"text": stored.role}]
    if stored.source:
        agent["onBehalfOf"] = {"reference": f"Organization/{stored.source}"}
    whole: dict[str, object] = {
        "resourceType": "Provenance",
        "id": made_id,
        "extension": [{"url": RECEIVED, "valueInstant": stored.received.isoformat()}],
        "target": [{"reference": f"{stored.reference}/_history/{stored.version}"}],
    }
    if stored.happened:
        whole["occurredDateTime"] = stored.happened.isoformat()
    whole["recorded"] = stored.recorded.isoformat()
    whole["agent"] = [agent]
    if MOVED in stored.body:
        whole["activity"] = {"text": "Moved here from another person's record"}
        whole["agent"] = [agent, *_movers(stored.body)]
    return Made(made_id, msgspec.json.encode(whole).decode())


def _movers(body: str) -> list[dict[str, object]]:
    extensions = msgspec.json.decode(body).get("meta", {}).get("extension", ())
    moves = [e.get("extension", ()) for e in extensions if e.get("url") == MOVED]
    names = [p.get("valueString", "") for parts in moves for p in parts if p.get("url") == "by"]
    return [{"type": {"text": "moved it"}, "who": {"display": name}} for name in names if name]
