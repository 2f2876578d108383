"""Prepared versions as the array arguments of `record.write`, written as PostgreSQL array texts.

Text arrays are several times cheaper to build and send than adapted Python lists, and one call
carries a whole commit whether it is one resource or five thousand.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from joinedup.fhir.derive import Derived
from joinedup.record.prepare import Prepared

__all__ = ["index_arguments", "numbers", "quoted", "write_arguments"]


def numbers(values: Iterable[int]) -> str:
    """Return integers as an array text."""
    return "{" + ",".join(map(str, values)) + "}"


def plain(values: Iterable[str]) -> str:
    """Return texts that hold no quote, comma, brace or backslash (times) as an array text."""
    return "{" + ",".join(values) + "}"


def flags(values: Iterable[bool]) -> str:
    """Return truth values as an array text."""
    return "{" + ",".join("t" if v else "f" for v in values) + "}"


def quoted(values: Iterable[str]) -> str:
    """Return any texts as an array text."""
    return "{" + ",".join(map(_quote, values)) + "}"


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(values: Iterable[str]) -> str:
    """Return texts as an array text, the empty ones as null."""
    return "{" + ",".join(_quote(v) if v else "null" for v in values) + "}"


def write_arguments(versions: Sequence[Prepared], now: datetime) -> tuple[str, ...]:
    """Return the 34 array arguments of `record.write`, in its order."""
    placed = [(p, v.derived) for p, v in enumerate(versions, 1) if not v.stored.deleted]
    claims = [(name, p) for p, d in placed for name in d.claims]
    return (
        *_resources(versions, now),
        *index_arguments(placed),
        quoted(r[0] for r in claims),
        numbers(r[1] for r in claims),
    )


def _resources(versions: Sequence[Prepared], now: datetime) -> tuple[str, ...]:
    derived = [v.derived for v in versions]
    stored = [v.stored for v in versions]
    return (
        numbers(d.key for d in derived),
        numbers(d.person for d in derived),
        quoted(numbers(d.others) if d.others else "" for d in derived),
        numbers(d.type for d in derived),
        numbers(d.data_class for d in derived),
        numbers(d.label for d in derived),
        numbers(s.version for s in stored),
        flags(s.deleted for s in stored),
        flags(d.about for d in derived),
        plain(d.when_low for d in derived),
        plain(d.when_high for d in derived),
        plain(v.happened or "null" for v in versions),
        plain(v.recorded for v in versions),
        now.astimezone(UTC).isoformat(),
        quoted(s.source for s in stored),
        quoted(s.author for s in stored),
        quoted(s.role for s in stored),
        quoted(s.body for s in stored),
    )


def index_arguments(placed: Sequence[tuple[int, Derived]]) -> tuple[str, ...]:
    """Return the 16 arrays of index rows, each row with the place (1..n) of its resource."""
    tokens = [(*row, p) for p, d in placed for row in d.tokens]
    strings = [(*row, p) for p, d in placed for row in d.strings]
    dates = [(*row, p) for p, d in placed for row in d.dates]
    references = [(*row, p) for p, d in placed for row in d.references]
    return (
        numbers(r[0] for r in tokens),
        quoted(r[1] for r in tokens),
        numbers(r[2] for r in tokens),
        _words(r[3] for r in tokens),
        numbers(r[4] for r in tokens),
        numbers(r[0] for r in strings),
        quoted(r[1] for r in strings),
        numbers(r[2] for r in strings),
        numbers(r[3] for r in strings),
        numbers(r[0] for r in dates),
        plain(r[1] for r in dates),
        plain(r[2] for r in dates),
        numbers(r[3] for r in dates),
        numbers(r[0] for r in references),
        numbers(r[1] for r in references),
        numbers(r[2] for r in references),
    )
