"""Derives the compact table of organisations from published files.

Run `python -m joinedup.reference.organisations.derive FOLDER`, where FOLDER holds the data folders
named in `_SOURCES`. The raw files are never copied; each row names the source it came from.
"""

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["derive", "main"]

_TABLE = Path(__file__).parent / "organisations.csv"
_SOURCES = {
    "providers": "NHS England A&E provider list with ODS names, Apr 2021 - Jun 2026; OGL v3 "
    "(02_urgent_care_beds/dim_org.csv)",
    "boards": "ONS/NHS ODS, 42 integrated care boards, 2022; OGL (00_lookups/icb22_codes.csv)",
    "boards-2026": "NHS ODS, integrated care boards with opening dates; OGL v3 "
    "(02_urgent_care_beds/dim_icb.csv)",
    "councils": "DHSC, ASCOF 2024-25, councils with adult social services; OGL v3 "
    "(05_social_care/ascof_2015-16_to_2024-25_by_council.csv.gz)",
    "practices": "NHS England, ICB allocations 2025-26, GP practices; OGL v3 (07_money_unit_costs/"
    "icb_allocation_weighted_populations_by_practice_2025-26.csv.gz)",
}
_SMALL_WORDS = {"and", "of", "the", "for", "in", "on", "upon", "with", "by", "at", "to"}
_CAPITALS = {"NHS", "ICB", "LTD", "PLC", "LLP", "UK", "CIC", "GP", "II", "III", "BMI", "MSP"}
_COUNCIL_CODE_LENGTH = 3

Line = tuple[str, str, str, str]


def derive(folder: Path) -> list[Line]:
    """Return (code, name, kind, source) of every organisation, one a code, sorted by code."""
    found: dict[str, Line] = {}
    for line in (
        *_practices(folder),
        *_providers(folder),
        *_boards(folder),
        *_councils(folder),
    ):
        found[line[0]] = line
    return [found[code] for code in sorted(found)]


def main() -> None:
    """Write the table beside this file and say how many lines it holds."""
    lines = derive(Path(sys.argv[1]))
    with _TABLE.open("w", encoding="utf-8", newline="") as out:
        for name, words in _SOURCES.items():
            out.write(f"# source {name}: {words}\n")
        out.write("# Contains public sector information licensed under the OGL v3.0.\n")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "kind", "source"))
        writer.writerows(lines)
    print(f"{len(lines)} organisations written to {_TABLE}")


def _read(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
        yield from csv.DictReader(text)


def _providers(folder: Path) -> Iterator[Line]:
    for row in _read(folder / "02_urgent_care_beds/dim_org.csv"):
        kind = "trust" if row["org_type"].endswith("Trust") else "provider"
        yield row["org_code"].strip(), _title(row["org_name"]), kind, "providers"


def _boards(folder: Path) -> Iterator[Line]:
    for row in _read(folder / "02_urgent_care_beds/dim_icb.csv"):
        yield row["icb_code"].strip(), _title(row["icb_name"]), "icb", "boards-2026"
    for row in _read(folder / "00_lookups/icb22_codes.csv"):
        yield row["icb22_code_h"].strip(), row["icb22_name"].strip(), "icb", "boards"


def _councils(folder: Path) -> Iterator[Line]:
    latest: dict[str, tuple[str, str]] = {}
    path = folder / "05_social_care/ascof_2015-16_to_2024-25_by_council.csv.gz"
    for row in _read(path):
        code = row["la_code"].strip()
        if code.isdigit() and len(code) == _COUNCIL_CODE_LENGTH:
            latest[code] = max(latest.get(code, ("", "")), (row["year"], row["area"].strip()))
    for code, (_, name) in latest.items():
        yield code, f"{name} council", "council", "councils"


def _practices(folder: Path) -> Iterator[Line]:
    path = (
        folder / "07_money_unit_costs/"
        "icb_allocation_weighted_populations_by_practice_2025-26.csv.gz"
    )
    for row in _read(path):
        code = row["Practice_Code"].strip()
        if code:
            yield code, _title(row["GP_Practice_Name"]), "practice", "practices"


def _title(name: str) -> str:
    """Return a name in capitals as it is written on a door: `Hospitals NHS Foundation Trust`."""
    words = name.strip(" ,").split()
    return " ".join(_cased(word, first=place == 0) for place, word in enumerate(words))


def _cased(word: str, *, first: bool) -> str:
    bare = word.strip("(),.").upper()
    if bare in _CAPITALS or any(letter.isdigit() for letter in word):
        return word.upper()
    if not first and bare.lower() in _SMALL_WORDS:
        return word.lower()
    return "-".join(_capital(part) for part in word.split("-"))


def _capital(word: str) -> str:
    start = next((place for place, letter in enumerate(word) if letter.isalpha()), 0)
    return word[:start] + word[start : start + 1].upper() + word[start + 1 :].lower()


if __name__ == "__main__":
    main()
