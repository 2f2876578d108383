"""Tables of social care by system: what councils report, shared out to the 42 systems."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from joinedup.reference.places.derive.sources import boards_of_districts, number, read

__all__ = ["care"]

Line = tuple[object, ...]
_ASCOF = "05_social_care/ascof_2015-16_to_2024-25_by_council.csv.gz"
# (measure, statistic) of ASCOF 2024-25 that are counts of people, and what they are called here.
_COUNTS = {
    ("2C", "numerator"): "care_home_admissions_65",
    ("2D(2)", "numerator"): "reablement_after_hospital_65",
    ("2D(2)", "denominator"): "hospital_discharges_65",
    ("2E(2B)", "numerator"): "long_term_at_home_65",
    ("2E(2B)", "denominator"): "long_term_65",
}


def care(folder: Path) -> Iterator[Line]:
    """Yield (code, figure, number) of each system: councils' counts shared by people aged 65+."""
    shares = _shares(folder)
    found: dict[tuple[str, str], float] = defaultdict(float)
    for r in read(folder, _ASCOF):
        name = _COUNTS.get((r["measure"], r["stat"]))
        value = number(r["value"])
        council = r["ons_code"][:3] in ("E06", "E08", "E09", "E10")  # the rest are regions, kinds
        if name is None or value is None or r["year"] != "2024-25" or not council:
            continue
        for board, share in shares.get(_plain(r["area"]), {}).items():
            found[board, name] += share * value
    for r in read(folder, "05_social_care/asc_activity_by_council_2001_2023.csv.gz"):
        weeks = number(r["activity"])
        counted = {"Nursing": ("99",), "Residential": ("External", "In House")}
        if r["year_ending"] != "2023" or weeks is None:
            continue
        if r["provision"] in counted.get(r["support_setting"], ()):
            for board, share in shares.get(_plain(r["council"]), {}).items():
                found[board, "care_home_weeks"] += share * weeks
    for (board, name), value in sorted(found.items()):
        yield board, name, round(value)


def _shares(folder: Path) -> dict[str, dict[str, float]]:
    """Return each upper council's shares by system: its districts' people aged 65 and over."""
    of_district = boards_of_districts(folder)
    older = {code: total for code, total in _older(folder).items() if code in of_district}
    upper = {
        r["ltla21_code"]: r["utla21_name"]
        for r in read(folder, "00_lookups/lookup_ltla21_utla21.csv")
    }
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for district, people in older.items():
        name = _plain(upper.get(district, ""))
        for board, share in of_district[district].items():
            sums[name][board] += people * share
    return {
        name: {board: n / sum(parts.values()) for board, n in parts.items()}
        for name, parts in sums.items()
    }


def _older(folder: Path) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for r in read(folder, "01_population/ons_mid_year_estimates_la_sex_syoa_2015_2020.csv.gz"):
        if r["year"] == "2020":
            found[r["code"]] += sum(float(r[str(age)]) for age in range(65, 91))
    return found


def _plain(name: str) -> str:
    """Return a council's name as all files would write it."""
    plain = name.lower().replace("&", "and").replace("-", " ").replace(".", "").replace(",", "")
    for word in (" county of", "county ", " county", " city of", " council", " ua", " towns"):
        plain = plain.replace(word, "")
    plain = plain.removesuffix(" of").replace("and the wrekin", "and wrekin")
    plain = " ".join(plain.split())
    # The two councils that followed Cumbria are shared out as it was: its districts are older.
    return "cumbria" if plain in ("cumberland", "westmorland and furness") else plain
