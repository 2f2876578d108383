"""What care costs on a day, and what an amount of one year is worth in another's prices.

Amounts say whether they are cash or real, and of a real one by which deflator and base year
(MO-01); what is not of one kind is not added. Sources stand in the tables beside this module.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.reference.tables import Row, every, notes, rows, value

__all__ = [
    "CASH",
    "Amount",
    "UnitCost",
    "added",
    "cash",
    "charging",
    "deflator",
    "kinds",
    "real",
    "real_growth",
    "unit_cost",
]

CASH = "cash"
_UNIT_COSTS = "money/unit_costs"
_CHARGING = "money/charging"
_DEFLATORS = "money/deflators"


class Amount(Struct, frozen=True):
    """Whole pence in cash, or in the prices of a year by a deflator."""

    pence: int
    prices: str = CASH
    deflator: str = ""

    @property
    def label(self) -> str:
        """What has to stand beside it: `cash`, or its base year and deflator."""
        return CASH if self.prices == CASH else f"in {self.prices} prices, by {self.deflator}"


class UnitCost(Struct, frozen=True, kw_only=True):
    """What one unit of something costs; `begins` to before `ends` are the days it holds for."""

    kind: str
    amount: Amount
    unit: str
    begins: str
    ends: str
    source: str
    assumed: bool


def unit_cost(kind: str, *, on: date, own: Sequence[UnitCost] = ()) -> UnitCost:
    """Return what a unit cost on a day: a place's own figure before the published one.

    NotFound, naming the days that are known, where neither holds: no figure is carried on to
    another year by itself.
    """
    return _own(kind, on, own) or _published(_UNIT_COSTS, kind, on)


def charging(name: str, *, on: date, own: Sequence[UnitCost] = ()) -> UnitCost:
    """Return a limit or allowance of charging for care on a day; refuses as `unit_cost`."""
    return _own(name, on, own) or _published(_CHARGING, name, on)


def kinds(*, on: date) -> tuple[str, ...]:
    """Return the kinds of care that have a published cost on a day, in order."""
    return tuple(sorted(row["kind"] for row in rows(_UNIT_COSTS, on=on)))


def _own(kind: str, on: date, own: Sequence[UnitCost]) -> UnitCost | None:
    day = on.isoformat()
    held = (c for c in own if c.kind == kind and c.begins <= day and (not c.ends or day < c.ends))
    return next(held, None)


def _published(table: str, kind: str, on: date) -> UnitCost:
    try:
        row = value(table, kind, on=on)
    except KeyError:
        raise NotFound(_no_figure(table, kind, on)) from None
    return UnitCost(
        kind=kind,
        amount=_amount(row),
        unit=row["unit"],
        begins=row["from"],
        ends=row["until"],
        source=_said(table, row["source"]),
        assumed=row["assumption"] == "yes",
    )


def _no_figure(table: str, kind: str, on: date) -> str:
    held = [r for r in every(table) if kind == r.get("kind", r.get("name"))]
    days = ", ".join(f"{row['from']} to before {row['until']}" for row in held)
    known = f"there are figures for {days}" if held else "nor for any other day"
    return (
        f"There is no figure of {kind} for {on:%d %B %Y}; {known}. "
        "Give the place's own, with its source."
    )


def _amount(row: Row) -> Amount:
    prices = row.get("prices", CASH)
    whose = "" if prices == CASH else "the deflator of its publisher"
    return Amount(int(row["pence"]), prices, whose)


def _said(table: str, name: str) -> str:
    start = f"source {name}: "
    return next(line.removeprefix(start) for line in notes(table) if line.startswith(start))


def deflator(year: str) -> Fraction:
    """Return the price level of a financial year, exactly as published, such as of `2018-19`.

    NotFound for a year the series has not; Invalid for what is no financial year.
    """
    return Fraction(_of_year(year)["index"])


def _of_year(year: str) -> Row:
    try:
        first = date(int(year[:4]), 4, 1)
    except ValueError:
        first = None
    if first is None or year != f"{first.year}-{(first.year + 1) % 100:02d}":
        raise Invalid(f"{year!r} is not a financial year. Write one like 2018-19.")
    try:
        return value(_DEFLATORS, year, on=first)
    except KeyError:
        known = every(_DEFLATORS)
        raise NotFound(
            f"No price level is known for {year}, only for {known[0]['year']} to "
            f"{known[-1]['year']}."
        ) from None


def real(pence: int, from_year: str, to_year: str) -> Amount:
    """Return cash of one year in the prices of another, to the nearest penny, labelled (MO-01).

    Raises as `deflator`. A year that is forecast says so in the label.
    """
    level = deflator(to_year) / deflator(from_year)
    forecast = any(_of_year(year)["forecast"] == "yes" for year in (from_year, to_year))
    said = _said(_DEFLATORS, "treasury").split(";")[0]
    return Amount(round(pence * level), to_year, f"{said}{' (forecast)' if forecast else ''}")


def cash(amount: Amount, year: str) -> Amount:
    """Return what an amount was, or would be, in the pounds of a year. Raises as `deflator`.

    One that is cash already is left as it is.
    """
    if amount.prices == CASH:
        return amount
    return Amount(round(amount.pence * deflator(year) / deflator(amount.prices)))


def added(amounts: Iterable[Amount]) -> Amount:
    """Return the sum; Invalid for cash beside real, two base years, or two deflators (MO-01)."""
    given = tuple(amounts)
    labels = sorted({amount.label for amount in given})
    if len(labels) > 1:
        raise Invalid(
            f"Amounts of different prices cannot be added: {'; '.join(labels)}. "
            "Bring them to the prices of one year first."
        )
    first = given[0] if given else Amount(0)
    return Amount(sum(amount.pence for amount in given), first.prices, first.deflator)


def real_growth(cash_growth: Fraction, price_growth: Fraction) -> Fraction:
    """Return growth above prices: 0.029 of cash with 0.024 of prices is 0.0049 (domain.md 12.4).

    Invalid for a growth of more than doubling or of losing all: 3.4 was meant as 0.034.
    """
    for growth in (cash_growth, price_growth):
        if not -1 < growth <= 1:
            raise Invalid(f"A growth of {float(growth):g} is none: 3.4 per cent is 0.034.")
    return (1 + cash_growth) / (1 + price_growth) - 1
