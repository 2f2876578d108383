"""The smallest strict reader of HL7 v2: text into segments, fields, repeats, components. Pure.

Why it is our own: docs/decisions/0018-hl7.md. The delimiters are those the message says (chapter 2
of the standard, 2.5.4); the format has four levels and no recursion, and each level has a limit.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from joinedup.hl7.unfit import Kind, Unfit

__all__ = ["MOST_BYTES", "Marks", "Message", "read_message", "written"]

MOST_BYTES = 262_144
MOST_SEGMENTS = 500
MOST_FIELDS = 120
MOST_REPEATS = 50
LONGEST_FIELD_CHARACTERS = 20_000

_CHARACTER_SETS = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f]")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")


class Marks(Struct, frozen=True):
    """The delimiters of one message."""

    field: str = "|"
    component: str = "^"
    repeat: str = "~"
    escape: str = "\\"
    sub: str = "&"


class Message(Struct, frozen=True):
    """One message: its segments, each a name and its fields, which are counted from 1."""

    marks: Marks
    segments: tuple[tuple[str, tuple[str, ...]], ...]

    def has(self, segment: str) -> bool:
        """Whether there is such a segment."""
        return any(name == segment for name, _ in self.segments)

    def whole(self, segment: str, field: int) -> str:
        """Return a field of the first such segment as it was written; "" where there is none."""
        for name, fields in self.segments:
            if name == segment:
                return fields[field] if field < len(fields) else ""
        return ""

    def repeats(self, segment: str, field: int) -> Iterator[tuple[str, ...]]:
        """Yield each repeat of a field as its components, in text; a null ("") is an empty one."""
        whole = self.whole(segment, field)
        if not whole:
            return
        parts = whole.split(self.marks.repeat)
        if len(parts) > MOST_REPEATS:
            words = f"{segment}-{field} is repeated {len(parts)} times; at most {MOST_REPEATS} are."
            raise Unfit(Kind.DATA_TYPE, words, f"{segment}^1^{field}")
        for part in parts:
            yield self._components(part)

    def component(self, segment: str, field: int, number: int = 1) -> str:
        """Return a component of a field's first repeat, in text; "" where nothing is said."""
        first = self.whole(segment, field).partition(self.marks.repeat)[0]
        return at(self._components(first), number) if first else ""

    def _components(self, text: str) -> tuple[str, ...]:
        if text == '""':
            return ("",)
        marks = self.marks
        parts = text.split(marks.component)
        if marks.sub in text:
            parts = [part.partition(marks.sub)[0] for part in parts]
        if marks.escape in text:
            parts = [_unescaped(part, marks) for part in parts]
        return tuple(map(str.strip, parts))


def at(components: tuple[str, ...], number: int) -> str:
    """Return a component by its number, counted from 1; "" beyond the last."""
    return components[number - 1] if number <= len(components) else ""


def read_message(data: bytes) -> Message:
    """Return a message that is whole and within the limits; Unfit for anything else.

    HL7 v2.5.1, 2.5 and 2.6: MSH first, its delimiters distinct, segments ended by CR (CR LF is
    taken too), the character set that MSH-18 says (UTF-8 where it says none).
    """
    if len(data) > MOST_BYTES:
        words = f"The message has {len(data):,} bytes; at most {MOST_BYTES:,} are taken."
        raise Unfit(Kind.DATA_TYPE, words, answer="AR")
    if data[:3] != b"MSH" or len(data) < 9:
        raise Unfit(Kind.SEQUENCE, "A message begins with an MSH segment.", answer="AR")
    text = _decoded(data).replace("\r\n", "\r").rstrip("\r")
    if found := _CONTROL.search(text):
        words = f"The message holds the control character {ord(found[0]):#04x}; none is taken."
        raise Unfit(Kind.DATA_TYPE, words, answer="AR")
    marks = _marks(text)
    lines = text.split("\r")
    if len(lines) > MOST_SEGMENTS:
        words = f"The message has {len(lines)} segments; at most {MOST_SEGMENTS} are taken."
        raise Unfit(Kind.DATA_TYPE, words, answer="AR")
    return Message(marks, tuple(_segment(line, marks) for line in lines))


def _decoded(data: bytes) -> str:
    said = data[: data.find(b"\r")].split(data[3:4]) if data[3:4] else []
    name = said[17].split(data[4:5])[0].decode("ascii", "replace").strip() if len(said) > 17 else ""
    encoding = _CHARACTER_SETS.get(name.split("~")[0])
    if encoding is None:
        words = "MSH-18 names a character set that is not taken. Send UNICODE UTF-8."
        raise Unfit(Kind.TABLE, words, "MSH^1^18", answer="AR")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        words = f"The text is not {encoding} at byte {problem.start}. Say the set in MSH-18."
        raise Unfit(Kind.DATA_TYPE, words, "MSH^1^18", answer="AR") from problem


def _marks(text: str) -> Marks:
    field, said = text[3], text[4:].split(text[3])[0]
    chosen = [field, *said[:4]]
    plain = all(c.isprintable() and not c.isalnum() and not c.isspace() for c in chosen)
    if len(said) not in (4, 5) or len(set(chosen)) != 5 or not plain:
        words = "MSH-1 and MSH-2 must be five different delimiters, such as |^~\\&."
        raise Unfit(Kind.DATA_TYPE, words, "MSH^1^2", answer="AR")
    return Marks(*chosen)


def _segment(line: str, marks: Marks) -> tuple[str, tuple[str, ...]]:
    parts = line.split(marks.field)
    name = parts[0]
    if not _SEGMENT.fullmatch(name):
        words = "A segment begins with three capital letters or digits; one here does not."
        raise Unfit(Kind.SEQUENCE, words, answer="AR")
    if len(parts) > MOST_FIELDS or max(map(len, parts)) > LONGEST_FIELD_CHARACTERS:
        words = (
            f"{name} has too many fields, or one too long: at most {MOST_FIELDS} of "
            f"{LONGEST_FIELD_CHARACTERS:,} characters."
        )
        raise Unfit(Kind.DATA_TYPE, words, name, answer="AR")
    if name == "MSH":  # MSH-1 is the delimiter itself
        parts.insert(1, marks.field)
    return name, tuple(parts)


def _unescaped(text: str, marks: Marks) -> str:
    parts = text.split(marks.escape)
    if len(parts) == 1:
        return text
    if len(parts) % 2 == 0:
        raise Unfit(Kind.DATA_TYPE, f"An escape ({marks.escape}) is not closed.")
    plain = {
        "F": marks.field,
        "S": marks.component,
        "T": marks.sub,
        "R": marks.repeat,
        "E": marks.escape,
        ".br": " ",
        "H": "",
        "N": "",
    }
    # What is local to a sender, or a character by its number, is no text we could trust to show.
    return "".join(part if n % 2 == 0 else plain.get(part, "") for n, part in enumerate(parts))


def written(text: str) -> str:
    """Return a text as it is written into a field under the usual delimiters."""
    found = text.replace("\\", "\\E\\").replace("\r", " ").replace("\n", " ")
    for mark, letter in (("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        found = found.replace(mark, f"\\{letter}\\")
    return found
