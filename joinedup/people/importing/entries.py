"""The resources of one document, one by one: bundles of every kind, single resources, NDJSON.

Each is handed on as its own text, so that one that cannot be read is refused alone.
"""

from collections.abc import Iterator
from typing import IO

import msgspec

from joinedup.fhir.issue import Invalid, TooLarge
from joinedup.people.importing.sources import BUNDLE, LARGEST_BYTES, LINES, Document

__all__ = ["Entry", "Unit", "units"]

LARGEST_RESOURCE_BYTES = 10_000_000
LINES_A_UNIT = 500
_KINDS = {"transaction", "batch", "collection", "document", "searchset", "history", "message"}


class Entry(msgspec.Struct, frozen=True):
    """One resource as text; `number` is its place from 1. `problem` says why there is none."""

    file: str
    number: int
    full_url: str
    data: bytes | memoryview | msgspec.Raw
    problem: str = ""


class Unit(msgspec.Struct, frozen=True):
    """Entries that may refer to one another by `fullUrl`: a bundle, or a stretch of lines."""

    file: str
    entries: tuple[Entry, ...]
    is_bundle: bool


class _Request(msgspec.Struct):
    method: str = ""


class _Search(msgspec.Struct):
    mode: str = ""


class _Entry(msgspec.Struct, rename="camel"):
    full_url: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"")
    request: _Request | None = None
    search: _Search | None = None


class _Bundle(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    type: str = ""
    entry: list[_Entry] = []


_DECODER = msgspec.json.Decoder(_Bundle)


def units(document: Document) -> Iterator[Unit]:
    """Yield the units of a document; refuses with `Invalid` or `TooLarge` one that is no JSON."""
    with document.open() as stream:
        if document.kind == LINES:
            yield from _of_lines(document.name, stream)
        else:
            data = stream.read(LARGEST_BYTES[BUNDLE] + 1)
            if len(data) > LARGEST_BYTES[BUNDLE]:
                raise TooLarge("The bundle is too large. Send it in parts, or as NDJSON.")
            yield _of_bundle(document.name, data)


def _of_bundle(file: str, data: bytes) -> Unit:
    try:
        bundle = _DECODER.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise Invalid("The JSON is nested too deep to be read.") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not UTF-8 text (byte {error.start}).") from None
    except msgspec.DecodeError as error:
        if isinstance(error, msgspec.ValidationError) and not data.lstrip().startswith(b"{"):
            raise Invalid("The file is not one JSON object: NDJSON ends in .ndjson.") from None
        raise Invalid(f"The file cannot be read as a FHIR bundle: {error}.") from None
    if bundle.resource_type != "Bundle":
        return Unit(file, (Entry(file, 1, "", data),), is_bundle=False)
    if bundle.type not in _KINDS:
        raise Invalid(f"Bundles of type {bundle.type!r} hold no statements to import.")
    found = enumerate(bundle.entry, 1)
    return Unit(file, tuple(_entry(file, number, entry) for number, entry in found), is_bundle=True)


def _entry(file: str, number: int, entry: _Entry) -> Entry:
    if bytes(entry.resource).startswith(b"{"):
        return Entry(file, number, entry.full_url, entry.resource)
    method = entry.request.method if entry.request else ""
    problem = "The entry holds no resource"
    if method == "DELETE":
        problem = "A deletion is not followed: remove the resource in the record itself"
    return Entry(file, number, entry.full_url, b"", f"{problem}.")


def _of_lines(file: str, stream: IO[bytes]) -> Iterator[Unit]:
    held: list[Entry] = []
    number = 0
    while line := stream.readline(LARGEST_RESOURCE_BYTES + 2):
        number += 1
        if len(line) > LARGEST_RESOURCE_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            held.append(Entry(file, number, "", b"", "The line is longer than 10 MB."))
        elif stripped := line.strip():
            held.append(Entry(file, number, "", stripped))
        if len(held) >= LINES_A_UNIT:
            yield Unit(file, tuple(held), is_bundle=False)
            held = []
    if held:
        yield Unit(file, tuple(held), is_bundle=False)


def _skip_line(stream: IO[bytes]) -> None:
    while line := stream.readline(LARGEST_RESOURCE_BYTES):
        if line.endswith(b"\n"):
            return
