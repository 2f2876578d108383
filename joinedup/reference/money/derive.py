"""Derives two tables of money from published files: `deflators` and the 2018 grant's proxy shares.

Run `python -m joinedup.reference.money.derive FOLDER`, where FOLDER holds the data folders named
in the tables' notes. Raw files are never copied; what a published file has not is not made up.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from joinedup.reference.places.derive.sources import read

__all__ = ["TABLES", "deflators", "main", "shares"]

_HERE = Path(__file__).parent
_OGL = "Contains public sector information licensed under the OGL v3.0."
_PEOPLE = "01_population/ons_mid_year_estimates_la_sex_syoa_2015_2020.csv.gz"
_COUNCILS = "05_social_care/ascof_2015-16_to_2024-25_by_council.csv.gz"
_DECIMALS = 10
# Councils of 2018 whose area has another code since, by today's: the same people and borders.
_CODES_OF_2018 = {
    "E06000065": "E10000023",
    "E06000066": "E10000027",
    "E06000060": "E10000002",
}
Line = tuple[object, ...]


def deflators(folder: Path) -> Iterator[Line]:
    """Yield (year, index, forecast, from, until); forecast years are chained by their growth."""
    level = Fraction(0)
    for row in read(folder, "07_money_unit_costs/gdp_deflators_dec_2023.csv"):
        year = row["financial_year"].split(" ")[0]
        forecast = row["gdp_deflator_2022_23_100"] == "-"
        if forecast:
            level *= 1 + Fraction(row["pct_change"]) / 100
        else:
            level = Fraction(row["gdp_deflator_2022_23_100"])
        first = int(year[:4])
        days = f"{first}-04-01", f"{first + 1}-04-01"
        yield year, f"{float(round(level, 3)):.3f}", "yes" if forecast else "no", *days


def shares(folder: Path) -> Iterator[Line]:
    """Yield (council, name, share) of the 152 councils of October 2018: people of 65 and over.

    Rounded to ten decimals by the largest remainder, so that they make one whole.
    """
    older = _people_of_65(folder)
    councils = {code: (name, older[ons]) for code, name, ons in _councils(folder) if ons in older}
    england = sum(people for _, people in councils.values())
    unit = 10**_DECIMALS
    exact = {code: Fraction(people * unit, england) for code, (_, people) in councils.items()}
    parts = {code: int(part) for code, part in exact.items()}
    nearest = sorted(exact, key=lambda code: (parts[code] - exact[code], code))
    for code in nearest[: unit - sum(parts.values())]:
        parts[code] += 1
    for code in sorted(councils):
        yield code, councils[code][0], f"0.{parts[code]:0{_DECIMALS}d}"


def _people_of_65(folder: Path) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in read(folder, _PEOPLE):
        if row["year"] == "2017" and row["code"][:3] in ("E06", "E08", "E09", "E10"):
            found[row["code"]] += sum(int(float(row[str(age)])) for age in range(65, 91))
    return found


def _councils(folder: Path) -> set[tuple[str, str, str]]:
    """Return (its three-figure code, name, code of its area in 2017) of each council."""
    return {
        (row["la_code"], row["area"], _CODES_OF_2018.get(row["ons_code"], row["ons_code"]))
        for row in read(folder, _COUNCILS)
        if row["la_code"].isdigit()
    }


Derive = Callable[[Path], Iterator[Line]]
# name: (what derives it, its columns, its notes)
TABLES: dict[str, tuple[Derive, tuple[str, ...], tuple[str, ...]]] = {
    "deflators": (deflators, ("year", "index", "forecast", "from", "until"), (
        "source treasury: GDP deflator, HM Treasury, December 2023; OGL "
        "(07_money_unit_costs/gdp_deflators_dec_2023.csv)",
        "index: 2022-23 = 100; forecast: chained here by the growth published, to 3 decimals",
        _OGL,
    )),
    "winter_2018_proxy_shares": (shares, ("council", "name", "share"), (
        "source: proxy, not the adult social care relative needs formula: each council's part of "
        "England's people aged 65 and over, mid-2017 (the estimates that stood in October 2018)",
        "proxy: yes",
        "made from: ONS mid-2017 estimates by area, sex and age, as first published; OGL v3 "
        f"({_PEOPLE})",
        "made from: DHSC, ASCOF 2024-25, codes and names of councils with adult social services; "
        f"OGL v3 ({_COUNCILS})",
        "made by: joinedup/reference/money/derive.py; 152 councils as they were before April 2019; "
        "rounded to ten decimals by the largest remainder",
        _OGL,
    )),
}  # fmt: skip


def main() -> None:
    """Write the tables and say how many lines each holds."""
    folder = Path(sys.argv[1])
    for name, (derive, columns, said) in TABLES.items():
        lines = list(derive(folder))
        with (_HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"# {note}\n" for note in said)
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(lines)
        sys.stdout.write(f"{name}: {len(lines)} lines\n")


if __name__ == "__main__":
    main()
