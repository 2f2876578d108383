"""A provider's invoice file: the whole of it, or nothing and everything that is wrong. Pure.

`read_invoice_file` reads the lines, `refuse_other_pence` holds their prices against those agreed,
`invoices_of` makes one bill a package of them. Whether a bill is owed is `matching_rules`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.profiles.invoice import MOST_LINES, Invoice, InvoiceLine
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.period import Month
from joinedup.money.csv_text import read_table
from joinedup.money.invoice_columns import BilledLine, places_of, read_line, wrong

__all__ = [
    "MOST_TOLD",
    "InvoiceFile",
    "invoices_of",
    "read_invoice_file",
    "refuse_other_pence",
]

MOST_TOLD = 100
_HUNDRED_LOW, _HUNDRED_HIGH = 80, 125
_NOTHING_KEPT = "Nothing of the file was kept."


class InvoiceFile(Struct, frozen=True):
    """A file that could be read: one provider's lines, and what was odd about its text."""

    provider: str
    lines: tuple[BilledLine, ...]
    notes: tuple[str, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages it bills, once each."""
        return tuple(dict.fromkeys(line.package for line in self.lines))

    @property
    def people(self) -> tuple[str, ...]:
        """Whom it names, by NHS number or id, once each."""
        return tuple(dict.fromkeys(line.person for line in self.lines))

    @property
    def gross(self) -> Pence:
        """What it comes to, VAT included: to be held against the provider's own total."""
        return sum(line.net + line.vat for line in self.lines)


def read_invoice_file(
    data: bytes, *, on: date, closed: Sequence[Month] = (), provider: str = ""
) -> InvoiceFile:
    """Return the lines of a provider's file as it stands on a day.

    Refuses the whole of it, Invalid with every problem by line and column, or TooLarge. `provider`
    is who sends it, where that is known; a file of somebody else's invoices is refused.
    """
    table = read_table(data)
    places = places_of(table.header)
    if not table.rows:
        raise Invalid("The file names the columns and bills nothing.")
    lines: list[BilledLine] = []
    problems: list[Problem] = []
    for row in table.rows:
        found = read_line(row, places, on=on, closed=closed)
        if isinstance(found, BilledLine):
            lines.append(found)
        else:
            problems += found
    problems += [*_of_one(lines, provider), *_twice(lines), *_bills(lines)]
    _refuse(problems)
    return InvoiceFile(lines[0].provider, tuple(lines), table.notes)


def _refuse(problems: Sequence[Problem]) -> None:
    if not problems:
        return
    told = list(problems[:MOST_TOLD])
    if len(problems) > MOST_TOLD:
        rest = len(problems) - MOST_TOLD
        told.append(Problem("value", f"And {rest:,} more of such problems."))
    raise Invalid(*told, Problem("value", _NOTHING_KEPT))


def _of_one(lines: Iterable[BilledLine], provider: str) -> list[Problem]:
    found: list[Problem] = []
    first = provider.upper()
    for line in lines:
        first = first or line.provider
        if line.provider != first:
            words = f"{line.provider} is another provider than {first}. Send a file for each."
            found.append(wrong(line.row, "Provider ODS code", words))
    return found


def _twice(lines: Iterable[BilledLine]) -> list[Problem]:
    seen: dict[tuple[Any, ...], int] = {}
    found = []
    for line in lines:
        said = tuple(value for name, value in asdict(line).items() if name not in ("row", "number"))
        first = seen.setdefault((line.bill, *said), line.row)
        if first != line.row:
            words = f"it says the same as line {first}. Leave one of them out."
            found.append(wrong(line.row, "Invoice number", words))
    return found


def _bills(lines: Iterable[BilledLine]) -> list[Problem]:
    """Return numbers used for two invoices, packages of two people, bills of too many lines."""
    dates: dict[str, BilledLine] = {}
    people: dict[str, BilledLine] = {}
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    found = []
    for line in lines:
        dated = dates.setdefault(line.bill[0], line)
        if dated.day != line.day:
            words = f"invoice {line.number} has another date in line {dated.row}: a number is of "
            found.append(wrong(line.row, "Invoice date", words + "one invoice."))
        named = people.setdefault(line.package, line)
        if named.person != line.person:
            words = f"package {line.package} is somebody else's in line {named.row}."
            found.append(wrong(line.row, "NHS number or person", words))
        counts[line.bill] += 1
        if counts[line.bill] == MOST_LINES + 1:
            words = f"an invoice has {MOST_LINES} lines a package at most."
            found.append(wrong(line.row, "Package", words))
    return found


def refuse_other_pence(file: InvoiceFile, unit_costs: Mapping[str, Collection[Pence]]) -> None:
    """Refuse, Invalid, prices a hundred times those agreed, or a hundredth: pence for pounds.

    `unit_costs` are the prices agreed by package; a package that is not there is not judged here.
    """
    found = []
    for line in file.lines:
        for agreed in unit_costs.get(line.package, ()):
            more = _HUNDRED_LOW * agreed <= line.unit_cost <= _HUNDRED_HIGH * agreed
            less = _HUNDRED_LOW * line.unit_cost <= agreed <= _HUNDRED_HIGH * line.unit_cost
            if more or less:
                words = (
                    f"{in_pounds(line.unit_cost)} is about a hundred times "
                    f"{'more' if more else 'less'} than the {in_pounds(agreed)} agreed. Are "
                    f"{'pence typed as pounds' if more else 'pounds typed as pence'}? "
                )
                found.append(wrong(line.row, "Unit cost (pounds)", words + "Write pounds."))
                break
    _refuse(found)


def invoices_of(file: InvoiceFile, people: Mapping[str, str]) -> tuple[Invoice, ...]:
    """Return one bill a package and number, in the order of the file.

    `people` are the references (`Patient/...`) by NHS number or id as the file names them; refuses,
    Invalid, whoever is not among them.
    """
    unknown = [
        wrong(line.row, "NHS number or person", "nobody you buy care for is known by this number.")
        for line in file.lines
        if line.person not in people
    ]
    _refuse(unknown)
    bills: defaultdict[tuple[str, str], list[BilledLine]] = defaultdict(list)
    for line in file.lines:
        bills[line.bill].append(line)
    return tuple(
        Invoice(
            provider=file.provider,
            number=lines[0].number,
            day=lines[0].day,
            package=lines[0].package,
            person=people[lines[0].person],
            lines=tuple(_billed(line) for line in lines),
        )
        for lines in bills.values()
    )


def _billed(line: BilledLine) -> InvoiceLine:
    return InvoiceLine(
        begins=line.begins,
        ends=line.ends,
        units=line.units,
        unit=line.unit,
        unit_cost=line.unit_cost,
        net=line.net,
        vat=line.vat,
    )
