"""What people type into forms about money: kept as typed, read with every fault named by field.

Amounts are read by `ledger.money`, years by `ledger.period`; here is what they share.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Problem, Refusal
from joinedup.fhir.profiles.days import read_day
from joinedup.ledger.money import Pence, read_pounds
from joinedup.ledger.period import read_year

__all__ = ["LONGEST", "WHOLE", "Reading", "Typed", "errors_of", "read_typed"]

LONGEST = 1_000
WHOLE = "form"
"""Where a fault stands that is of no field alone."""

_Value = TypeVar("_Value")
_NAME = re.compile(r"[^\W_][\w '’&().,-]{1,59}")
_CODE = re.compile(r"[A-Za-z0-9]{1,12}")
_PROVIDER = re.compile(r"[A-Z0-9][A-Z0-9.\-]{1,19}")
_UNITS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_PER_CENT = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,6})?) ?%?")
_PARTS = re.compile(r"(?P<over>[0-9]{1,6})/(?P<under>[0-9]{1,6})")


class Typed(Struct, frozen=True):
    """Every field as it was typed."""

    values: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.values.get(name, "").strip()


def read_typed(
    form: Mapping[str, str], names: Iterable[str], *, longest: Mapping[str, int] | None = None
) -> Typed:
    """Return what was typed into these fields, cut where no field is so long."""
    lengths = longest or {}
    return Typed({name: form.get(name, "")[: lengths.get(name, LONGEST)] for name in names})


def errors_of(refusal: Refusal, fields: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what is wrong by field, in the order it was found; of no known field, by `WHOLE`."""
    known = set(fields)
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        place = problem.path if problem.path in known else WHOLE
        found.setdefault(place, []).append(problem.message)
    return {place: tuple(dict.fromkeys(messages)) for place, messages in found.items()}


class Reading:
    """Reads fields one after the other; everything wrong is told at once, beside its field."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.problems: list[Problem] = []

    def finish(self) -> None:
        """Refuse, Invalid, if anything was wrong."""
        if self.problems:
            raise Invalid(*self.problems)

    def wrong(self, field: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem("value", message, field))

    def take(self, field: str, read: Callable[[], _Value], otherwise: _Value) -> _Value:
        """Return what `read` returns; of a refusal, note its problems by this field."""
        try:
            return read()
        except Refusal as refusal:
            self.problems.extend(replace(p, path=field) for p in refusal.problems)
            return otherwise

    def text(self, field: str, message: str, *, longest: int = 500) -> str:
        """Return words that must be there, on one line or several; `message` asks for them."""
        found = self.typed.of(field)
        if not found:
            self.wrong(field, message)
        elif len(found) > longest:
            self.wrong(field, f"Write {longest} letters at most; these are {len(found)}.")
        return found

    def name(self, field: str, message: str) -> str:
        """Return the name of a pool, a grant or somebody who gives: letters, figures, a few marks.

        It becomes part of an account's name, so nothing in it may look like two names.
        """
        found = " ".join(self.text(field, message).split())
        if found and not _NAME.fullmatch(found):
            self.wrong(field, "Write 2 to 60 letters and figures; no strokes, no quotation marks.")
        return found

    def code(self, field: str, message: str) -> str:
        """Return an organisation's code: letters and figures."""
        found = self.text(field, message)
        if found and not _CODE.fullmatch(found):
            self.wrong(field, f"{found[:20]!r} is no code. Write letters and figures, like E99901.")
        return found

    def provider(self, field: str, message: str) -> str:
        """Return a provider's code as its invoices have it, such as VZ901 or 1-990000001."""
        found = self.text(field, message).upper()
        if found and not _PROVIDER.fullmatch(found):
            self.wrong(field, f"{found[:20]!r} is no provider's code. Write one like VZ901.")
        return found

    def year(self, field: str) -> str:
        """Return a financial year such as `2018-19`; `2018` is refused (domain.md 12.3b)."""
        return self.take(field, lambda: read_year(self.typed.of(field)), "")

    def pounds(self, field: str, what: str, *, least: Pence = 1) -> Pence:
        """Return an amount as typed, in pence; blank or less than `least` is refused."""
        if not self.typed.of(field):
            self.wrong(field, f"{what}: write pounds and pence, like £1,250.40.")
            return 0
        pence = self.take(field, lambda: read_pounds(self.typed.of(field), what=what), None)
        if pence is not None and pence < least:
            self.wrong(field, f"{what} is {'more than' if least == 1 else 'at least'} nothing.")
        return pence or 0

    def day(self, field: str, message: str) -> date:
        """Return a real day; `message` asks for it."""
        found = read_day(self.typed.of(field))
        if found is None:
            self.wrong(field, f"{message} Write a day, like 3/12/2018.")
        return found or date.min

    def units(self, field: str) -> Decimal:
        """Return how many units are paid for: hours, visits, days."""
        found = self.typed.of(field)
        if not _UNITS.fullmatch(found) or Decimal(found) == 0:
            self.wrong(field, "Write how many units are paid for in all, like 182 or 91.5.")
            return Decimal(1)
        return Decimal(found)

    def part(self, field: str, whose: str) -> Fraction:
        """Return a part of a whole, typed as per cent (`60`) or as a fraction (`1/3`)."""
        said = self.typed.of(field)
        if (fraction := _PARTS.fullmatch(said)) and int(fraction["under"]):
            return Fraction(int(fraction["over"]), int(fraction["under"]))
        number = _PER_CENT.fullmatch(said)
        if number is None:
            self.wrong(field, f"{whose}: write per cent, like 60, or a fraction, like 1/3.")
            return Fraction(0)
        share = Fraction(Decimal(number["number"]))
        if 0 < share < 1 and not said.endswith("%"):
            self.wrong(
                field, f"{whose}: {said} per cent is less than one. For six tenths, write 60."
            )
        return share / 100
