"""The figures that places are made of: from published files by a script, each with its source.

What a table leaves out, and why, stands in its notes. The raw files are in ../shared/data; where
they are absent the tables are tested against themselves.
"""

import csv
from datetime import date
from pathlib import Path

import pytest

from joinedup.reference.places.derive import __main__ as derive
from joinedup.reference.places.derive.sources import read
from joinedup.reference.tables import notes, rows, value

ON = date(2025, 8, 1)
LEFT_OUT_BOUNDARIES = {"QHL", "QUA", "QJ2", "QPM", "QUE"}  # changed since the areas of 2018


@pytest.fixture
def data(shared: Path) -> Path:
    return shared / "data"


@pytest.mark.parametrize("table", [*derive.TABLES, "england"])
def test_every_table_says_whose_figures_they_are_and_their_licence(table: str) -> None:
    said = notes(f"places/{table}")
    assert any(line.startswith("source") for line in said)
    assert said[-1] == "Contains public sector information licensed under the OGL v3.0."
    assert rows(f"places/{table}", on=ON)


@pytest.mark.parametrize("table", derive.TABLES)
def test_the_script_makes_every_table_again_as_it_is(table: str, data: Path) -> None:
    function, columns, _ = derive.TABLES[table]
    made = [tuple(str(one) for one in line) for line in function(data)]
    kept = [tuple(row[c] for c in columns) for row in rows(f"places/{table}", on=ON)]
    assert kept == made


def test_there_are_42_systems_and_each_has_every_figure() -> None:
    codes = {row["code"] for row in rows("places/systems", on=ON)}
    assert len(codes) == 42
    for table in ("population", "practice", "urgent_care", "beds", "ready"):
        assert {row["code"] for row in rows(f"places/{table}", on=ON)} == codes
    assert {row["home"] for row in rows("places/borders", on=ON)} == codes


def test_people_add_up_to_the_three_places_and_to_england(data: Path) -> None:
    """Bases differ (mid-2020 estimate against projection), so within 1 per cent; England 0.5."""
    name = "01_population/ons_snpp_2018based_three_places_england.csv"
    known = {"Gloucestershire": 0.0, "Lincolnshire": 0.0, "Nottingham": 0.0, "England": 0.0}
    for r in read(data, name):
        if r["sex"] != "Persons" and r["age_group"] != "All ages":
            known[r["place"].split(" ")[0]] += float(r["2030"])
    found: dict[str, float] = {}
    for row in rows("places/population", on=ON):
        found[row["code"]] = found.get(row["code"], 0.0) + float(row["2030"])
    assert found["QR1"] == pytest.approx(known["Gloucestershire"], rel=0.01)
    assert found["QJM"] == pytest.approx(known["Lincolnshire"], rel=0.01)
    assert found["QT1"] == pytest.approx(known["Nottingham"], rel=0.01)
    assert sum(found.values()) == pytest.approx(known["England"], rel=0.005)


def test_months_that_only_repeat_another_are_left_out() -> None:
    """The shared file's February and March 2025 are those of 2024 to the last digit."""
    months = {row["month"] for row in rows("places/urgent_care", on=ON)}
    assert "2025-01" in months and not months & {"2025-02", "2025-03"}
    assert "2022-08" not in {row["month"] for row in rows("places/beds", on=ON)}


def test_beds_of_trusts_add_up_to_england() -> None:
    """Published: 97,251 occupied in February 2024, and 102,637 open in April."""
    beds = rows("places/beds", on=ON)
    assert sum(int(r["occupied"]) for r in beds if r["month"] == "2024-02") == 97251
    assert sum(int(r["open"]) for r in beds if r["month"] == "2024-04") == 102637


def test_social_care_adds_up_to_what_england_publishes() -> None:
    """ASCOF 2024-25: 65,060 admissions to care homes; two suppressed councils are missed."""
    care = [r for r in rows("places/care", on=ON) if r["figure"] == "care_home_admissions_65"]
    assert sum(int(r["number"]) for r in care) == pytest.approx(65060, rel=0.01)


def test_shares_across_borders_are_shares() -> None:
    homes: dict[str, float] = {}
    for row in rows("places/borders", on=ON):
        homes[row["home"]] = homes.get(row["home"], 0.0) + float(row["share"])
    assert all(0.93 < total <= 1.0005 for total in homes.values())
    own = [r for r in rows("places/borders", on=ON) if r["home"] == r["hospital"] == "QR1"]
    assert float(own[0]["share"]) > 0.8


def test_national_figures_are_those_published(data: Path) -> None:
    """Counted again from the shared files where they hold them."""
    sums: dict[str, float] = {}
    for r in read(data, "07_money_unit_costs/national_cost_collection_2024-25.csv.gz"):
        sums[r["department_code"]] = sums.get(r["department_code"], 0.0) + float(r["activity"] or 0)
    long, short = (sums[f"Non-Elective Inpatient - {kind} Stay"] for kind in ("Long", "Short"))

    def figure(name: str) -> float:
        return float(value("places/england", name, on=ON)["value"])

    assert figure("nonelective_long_year") == pytest.approx(long, abs=1)
    assert figure("elective_inpatients_year") == pytest.approx(sums["Elective Inpatients"], abs=1)
    assert figure("short_share") == pytest.approx(short / (long + short), abs=1e-4)
    for name, pathway in (("pathway1_week", "P1"), ("pathway2_week", "P2")):
        weekly = next(
            float(r["weekly_discharges"])
            for r in read(data, "09_discharge_model_inputs/hf_intermediate_care_figure4.csv")
            if r["pathway"] == pathway
        )
        assert figure(name) == pytest.approx(weekly, abs=0.01)


def test_a_national_figure_that_nobody_published_says_so() -> None:
    for row in rows("places/england", on=ON):
        assert (row["source"] == "reckoned") == (row["assumed"] == "yes"), row["name"]
        if row["assumed"] == "yes":
            assert row["spread"] in ("lognormal", "beta") and float(row["size"]) >= 0.01
    named = {line.split(":")[0].removeprefix("source ") for line in notes("places/england")}
    assert {row["source"] for row in rows("places/england", on=ON)} <= named


def test_no_table_is_large(data: Path) -> None:
    """All together well under a megabyte."""
    folder = Path(derive.__file__).parents[1]
    assert sum(path.stat().st_size for path in folder.glob("*.csv")) < 1_000_000
    with (folder / "systems.csv").open(encoding="utf-8") as text:
        assert len(list(csv.reader(line for line in text if not line.startswith("#")))) == 43
