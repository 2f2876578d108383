"""Turns one value of a FHIR datatype into index rows: a function a datatype and kind.

What each kind reads from each datatype is the table at the end. FHIR R4 3.1.1.4.8 to 3.1.1.4.13.
"""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from joinedup.fhir.search.normal import clip, normalise
from joinedup.fhir.search.period import bounds, timing_bounds

__all__ = ["GatheredRows", "Place", "RowEmit", "row_emit"]


class GatheredRows:
    """The rows of a resource while they are gathered; the same row may come twice."""

    __slots__ = ("dates", "references", "strings", "texts", "tokens")

    def __init__(self) -> None:
        self.tokens: list[tuple[int, str, str]] = []
        self.strings: list[tuple[int, str, str]] = []
        self.dates: list[tuple[int, str, str]] = []
        self.references: list[tuple[int, str]] = []
        self.texts: list[tuple[int, str]] = []


class Place(Struct, frozen=True):
    """Where rows of one route go: its slot, the slot of its texts, and a code's own system."""

    slot: int
    text_slot: int = 0
    system: str = ""


RowEmit = Callable[[Any, GatheredRows], None]


def row_emit(kind: str, datatype: str, place: Place) -> RowEmit | None:
    """Return what adds a value's rows; None when values of that datatype have none of that kind."""
    if datatype == "Extension":
        return _extension(kind, place)
    make = _EMITS.get((kind, datatype))
    return make(place) if make else None


def _extension(kind: str, place: Place) -> RowEmit:
    """An extension is indexed by its value, whatever datatype that has."""

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        for name, content in value.items():
            if name.startswith("value"):
                datatype = name.removeprefix("value")
                primitive = datatype[0].lower() + datatype[1:]
                make = _EMITS.get((kind, datatype)) or _EMITS.get((kind, primitive))
                if make:
                    make(place)(content, rows)

    return emit


# Tokens: the code, and the system that gives it meaning ("" when nothing says).


def _code(place: Place) -> RowEmit:
    slot, system = place.slot, place.system
    return lambda value, rows: rows.tokens.append((slot, value, system))


def _boolean(place: Place) -> RowEmit:
    slot = place.slot
    return lambda value, rows: rows.tokens.append((slot, "true" if value else "false", ""))


def _coding(place: Place) -> RowEmit:
    slot, text_slot = place.slot, place.text_slot

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        if code := value.get("code"):
            rows.tokens.append((slot, code, value.get("system", "")))
        if display := value.get("display"):
            rows.texts.append((text_slot, clip(normalise(display))))

    return emit


def _concept(place: Place) -> RowEmit:
    text_slot, coding = place.text_slot, _coding(place)

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        for each in value.get("coding", ()):
            coding(each, rows)
        if text := value.get("text"):
            rows.texts.append((text_slot, clip(normalise(text))))

    return emit


def _identifier(place: Place) -> RowEmit:
    slot, text_slot = place.slot, place.text_slot

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        if identifier := value.get("value"):
            rows.tokens.append((slot, identifier, value.get("system", "")))
        if text := value.get("type", {}).get("text"):
            rows.texts.append((text_slot, clip(normalise(text))))

    return emit


def _contact(place: Place) -> RowEmit:
    slot = place.slot

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        if contact := value.get("value"):
            rows.tokens.append((slot, contact, ""))

    return emit


# Strings: each part on its own, so that a search for any part finds the whole.


def _string(place: Place) -> RowEmit:
    slot = place.slot

    def emit(value: str, rows: GatheredRows) -> None:
        if normal := normalise(value):
            rows.strings.append((slot, clip(normal), clip(value)))

    return emit


def _parts(*names: str) -> Callable[[Place], RowEmit]:
    def make(place: Place) -> RowEmit:
        string = _string(place)

        def emit(value: dict[str, Any], rows: GatheredRows) -> None:
            for name in names:
                for text in _each(value.get(name)):
                    string(text, rows)

        return emit

    return make


def _each(value: str | list[str | None] | None) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif value:
        yield from (text for text in value if text is not None)


# Dates: the whole stretch a value may mean. What cannot be read as a time has no row.


def _date(read: Callable[[Any], tuple[str, str]]) -> Callable[[Place], RowEmit]:
    def make(place: Place) -> RowEmit:
        slot = place.slot

        def emit(value: Any, rows: GatheredRows) -> None:
            try:
                low, high = read(value)
            except ValueError:
                return
            rows.dates.append((slot, low, high))

        return emit

    return make


# References: what is pointed at, not which version of it; contained resources are not reachable.


def _reference(place: Place) -> RowEmit:
    slot = place.slot

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        target = value.get("reference", "#").partition("/_history/")[0]
        if target[:1] != "#" and ("/" in target or ":" in target):
            rows.references.append((slot, target))

    return emit


def _canonical(place: Place) -> RowEmit:
    slot = place.slot

    def emit(value: str, rows: GatheredRows) -> None:
        # Found with and without its version: a search that names none means any.
        for url in (value, value.partition("|")[0]):
            if url[:1] != "#":
                rows.references.append((slot, url))

    return emit


def _inline(place: Place) -> RowEmit:
    slot = place.slot

    def emit(value: dict[str, Any], rows: GatheredRows) -> None:
        if identity := value.get("id"):
            rows.references.append((slot, f"{value['resourceType']}/{identity}"))

    return emit


_EMITS: dict[tuple[str, str], Callable[[Place], RowEmit]] = {
    **{("token", name): _code for name in ("code", "string", "id", "uri", "canonical", "url")},
    ("token", "boolean"): _boolean,
    ("token", "Coding"): _coding,
    ("token", "CodeableConcept"): _concept,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact,
    **{("string", name): _string for name in ("string", "markdown", "code", "id", "uri")},
    ("string", "HumanName"): _parts("family", "given", "prefix", "suffix", "text"),
    ("string", "Address"): _parts(
        "line", "city", "district", "state", "postalCode", "country", "text"
    ),
    ("string", "CodeableConcept"): _parts("text"),
    **{("date", name): _date(bounds) for name in ("date", "dateTime", "instant", "Period")},
    ("date", "Timing"): _date(timing_bounds),
    ("reference", "Reference"): _reference,
    ("reference", "canonical"): _canonical,
    ("reference", "uri"): _canonical,
    ("reference", "Resource"): _inline,
}
