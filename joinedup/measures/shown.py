"""Returns as their pages show them: counts in words, versions with what each changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from joinedup.discharge.rules.sitrep import due_at, is_late
from joinedup.fhir.profiles.returned import Return, differences
from joinedup.measures.words import INNER, clock_words, count_words, day_words, national_words

__all__ = ["Changed", "CountLine", "DayLine", "VersionLine", "changes", "day_lines", "lines_of"]


class CountLine(Struct, frozen=True):
    """One count: `inner` is a part of the one above it; `national` what the return calls it."""

    name: str
    words: str
    number: int
    national: str
    inner: bool


class Changed(Struct, frozen=True):
    """One count that is another than it was."""

    words: str
    was: int
    now: int


class VersionLine(Struct, frozen=True):
    """One version of a return; `again` tells what counting it again gives, "" where it cannot."""

    version: int
    by: str
    at: str
    late: bool
    why: str
    changed: tuple[Changed, ...]
    again: tuple[Changed, ...] | None


class DayLine(Struct, frozen=True):
    """One day of the list: its return as last sent, or that it was not, and when it was due."""

    day: str
    words: str
    sent: str
    due: str
    counts: Mapping[str, int] | None
    overdue: bool


def lines_of(counts: Mapping[str, int], *, on: date) -> tuple[CountLine, ...]:
    """Return every count in its order; reasons come last, and only those that somebody has.

    "With no pathway" is a line only where somebody is in it.
    """
    return tuple(
        CountLine(
            name=name,
            words=count_words(name, on=on),
            number=number,
            national=national_words(name, on=on),
            inner=name in INNER,
        )
        for name, number in counts.items()
        if number or name != "no-pathway"
    )


def changes(pairs: Mapping[str, tuple[int, int]], *, on: date) -> tuple[Changed, ...]:
    """Return differing counts in words, in the order of the return."""
    return tuple(Changed(count_words(n, on=on), was, now) for n, (was, now) in pairs.items())


def version_lines(
    versions: Sequence[Return],
    again: Sequence[Mapping[str, tuple[int, int]] | None],
    names: Mapping[str, str],
) -> tuple[VersionLine, ...]:
    """Return the versions, the last first, each with what it changed and what it counts to now."""
    lines = []
    for number, sent in enumerate(versions):
        before = versions[number - 1] if number else None
        found = again[number]
        lines.append(
            VersionLine(
                version=sent.version,
                by=names.get(sent.sent_by, sent.sent_by.partition("/")[2]),
                at=clock_words(sent.sent_at),
                late=is_late(sent),
                why=sent.why,
                changed=changes(differences(before, sent.counts), on=sent.day) if before else (),
                again=None if found is None else changes(found, on=sent.day),
            )
        )
    return tuple(reversed(lines))


def day_lines(
    days: Sequence[date],
    sent: Mapping[date, Sequence[Return]],
    names: Mapping[str, str],
    now: datetime,
) -> tuple[DayLine, ...]:
    """Return a line a day; one that was not sent is missing, never a row of noughts."""
    return tuple(_day_line(day, sent.get(day, ()), names, now) for day in days)


def _day_line(
    day: date, versions: Sequence[Return], names: Mapping[str, str], now: datetime
) -> DayLine:
    last = versions[-1] if versions else None
    told = ""
    if last is not None:
        who = names.get(last.sent_by, last.sent_by.partition("/")[2])
        which = f", version {last.version}" if last.version > 1 else ""
        told = f"{who}, {clock_words(last.sent_at)}{which}"
    due = due_at(day)
    return DayLine(
        day=day.isoformat(),
        words=day_words(day),
        sent=told,
        due=clock_words(due),
        counts=last.counts if last else None,
        overdue=last is None and now > due,
    )
