"""The fields of a form as values: one template draws every form of going home from them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from joinedup.discharge.typed import written_when

__all__ = ["Field", "area", "choice", "chooser", "day", "mark", "text", "when"]

Kind = Literal["choice", "chooser", "text", "area", "when", "day", "mark"]


class Field(Struct, frozen=True, kw_only=True):
    """One field: `options` are (value, words); `value` is what stands in it at first."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    rows: int = 3


def choice(
    name: str, label: str, options: Iterable[tuple[str, str]], *, hint: str = "", value: str = ""
) -> Field:
    """Return one of a few, all to be seen at once."""
    return Field(
        name=name, label=label, kind="choice", options=tuple(options), hint=hint, value=value
    )


def chooser(
    name: str, label: str, options: Iterable[tuple[str, str]], *, hint: str = "", value: str = ""
) -> Field:
    """Return one of many, in a list that opens."""
    return Field(
        name=name, label=label, kind="chooser", options=tuple(options), hint=hint, value=value
    )


def text(name: str, label: str, *, hint: str = "", value: str = "") -> Field:
    """Return a line of words."""
    return Field(name=name, label=label, kind="text", hint=hint, value=value)


def area(name: str, label: str, *, hint: str = "", value: str = "", rows: int = 3) -> Field:
    """Return several lines of words."""
    return Field(name=name, label=label, kind="area", hint=hint, value=value, rows=rows)


def when(name: str, label: str, at: datetime, *, hint: str = "") -> Field:
    """Return a day and a time of day, with one to begin from."""
    return Field(name=name, label=label, kind="when", hint=hint, value=written_when(at))


def day(name: str, label: str, *, hint: str = "") -> Field:
    """Return a day, as people write it."""
    return Field(name=name, label=label, kind="day", hint=hint)


def mark(name: str, label: str, *, value: str = "yes", hint: str = "") -> Field:
    """Return a box to tick."""
    return Field(name=name, label=label, kind="mark", value=value, hint=hint)
