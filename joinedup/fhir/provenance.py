"""Provenance made from what the record keeps beside each version: who said so, for whom, when.

Not stored twice: its id names the version it speaks of, and it is put together when asked for.
"""

from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct

from joinedup.fhir.key import resource_key

__all__ = ["Made", "provenance_of"]


class Spoken(Protocol):
    """What a version must tell of itself."""

    @property
    def reference(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def happened(self) -> datetime | None: ...
    @property
    def recorded(self) -> datetime: ...
    @property
    def received(self) -> datetime: ...


class Made(Struct, frozen=True):
    """A Provenance put together: its id and its JSON text."""

    id: str
    body: str


RECEIVED = "https://joinedup.example/StructureDefinition/received"


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
    return Made(made_id, msgspec.json.encode(whole).decode())
