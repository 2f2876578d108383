"""The money room, chapter 1. What care costs and a pound is worth: dated, sourced, never mixed.

Published files lie in ../shared/data; where they are absent the tables are tested against
themselves. House law 12; MO-01, MO-03 (domain.md 12.3).
"""

import csv
import operator
import statistics
from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from joinedup.fhir.issue import Invalid, NotFound
from joinedup.planning.places.prices import prices
from joinedup.reference.money import derive
from joinedup.reference.money.own import read_own
from joinedup.reference.money.prices import (
    Amount,
    added,
    cash,
    charging,
    deflator,
    kinds,
    real,
    real_growth,
    unit_cost,
)
from joinedup.reference.places.derive.sources import read
from joinedup.reference.tables import every, notes

GRANT_BEGAN = date(2018, 11, 1)
RECENT = date(2024, 5, 1)
TABLES = ("unit_costs", "charging", "grants")


@pytest.fixture
def data(shared: Path) -> Path:
    return shared / "data"


def pence(kind: str, on: date) -> int:
    return unit_cost(kind, on=on).amount.pence


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_has_its_days_whole_pence_and_a_source(table: str) -> None:
    """No two figures hold for one thing on one day; what no source gives says so."""
    named = {line.split(":")[0].removeprefix("source ") for line in notes(f"money/{table}")}
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in every(f"money/{table}"):
        begins, ends = date.fromisoformat(row["from"]), date.fromisoformat(row["until"])
        assert begins < ends and int(row["pence"]) > 0 and row["source"] in named, row
        held[next(iter(row.values()))].append((row["from"], row["until"]))
    for days in held.values():
        ordered = sorted(days)
        assert all(a[1] <= b[0] for a, b in pairwise(ordered)), days
    assert notes(f"money/{table}")[-1].startswith("Contains public sector information")


def test_an_assumption_is_marked_and_a_place_may_set_its_own() -> None:
    """House law 12: the recalled rates of charging are assumptions, those read are not."""
    recalled = charging("minimum-income-single-pension-age", on=GRANT_BEGAN)
    assert recalled.assumed and recalled.amount == Amount(18_900)
    read_one = charging("personal-expenses", on=GRANT_BEGAN)
    assert not read_one.assumed and read_one.amount.pence == 2_490
    own = read_own(
        "kind,pence,unit,from,until,source\n"
        "home-care-hour,1702,hour,2018-04-01,2019-04-01,Marlshire framework 2018\n"
        "minimum-income-single-pension-age,19000,a week,,,Marlshire policy\n",
        name="own.csv",
    )
    assert unit_cost("home-care-hour", on=GRANT_BEGAN, own=own).amount.pence == 1_702
    kept = charging("minimum-income-single-pension-age", on=GRANT_BEGAN, own=own)
    assert kept.source == "Marlshire policy" and not kept.assumed
    assert unit_cost("home-care-hour", on=RECENT, own=own).amount.pence == 2_356


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("home-care-hour,23.56,hour,,,us", "whole pence, 2356 for 23.56"),
        ("home-care-hour,-5,hour,,,us", "whole pence"),
        ("home-care-hour,٥,hour,,,us", "whole pence"),
        ("home-care-hour," + "9" * 5000 + ",hour,,,us", "100 million pounds"),
        ("home-care-hour,1,702,hour,,,us", "no commas"),
        ("home-care-hour,1702,ho\0ur,,,us", "cannot be shown"),
        ('"home-care-hour,1702,hour,,,us', "unexpected end"),
        ("home-care-hour,1702,hour,,,", "who says so"),
        ("home-care-hour,1702,hour,1 April 2018,,us", "a day as 2018-04-01"),
        ("home-care-hour,1702,hour,2018-04-01,2018-04-01,us", "before it begins"),
        ("home-care-hour,1,hour,,,us\nhome-care-hour,2,hour,2018-04-01,,us", "two figures"),
    ],
)
def test_an_own_figure_that_cannot_be_right_is_refused(line: str, said: str) -> None:
    """Which file, which line, what to write instead."""
    with pytest.raises(Invalid, match=f"own.csv, line [23]: .*{said}"):
        read_own(f"kind,pence,unit,from,until,source\n{line}\n", name="own.csv")


def test_an_own_file_of_another_kind_or_size_is_refused() -> None:
    """Other columns, a book instead of a table."""
    with pytest.raises(Invalid, match="line 1: write kind,pence"):
        read_own("kind,pounds\nhome-care-hour,17\n", name="own.csv")
    with pytest.raises(Invalid, match="longer than 100,000"):
        read_own("x" * 100_001, name="own.csv")


def test_no_figure_is_carried_on_to_a_year_it_is_not_of() -> None:
    """It is refused, with the days that are known and what to do."""
    with pytest.raises(NotFound, match=r"2024-04-01 to before 2025-04-01.*the place's own"):
        unit_cost("home-care-hour", on=date(2026, 11, 22))
    with pytest.raises(NotFound, match="nor for any other day"):
        unit_cost("a-day-at-the-sea", on=RECENT)
    assert "home-care-hour" in kinds(on=RECENT)
    assert "home-care-hour" not in kinds(on=GRANT_BEGAN)


def test_capital_limits_stand_as_they_have_since_2010() -> None:
    """Domain 4.1: £14,250 and £23,250, a pound a week for every £250 between."""
    names = ("capital-lower", "capital-upper", "capital-step", "capital-step-income")
    found = [charging(name, on=GRANT_BEGAN).amount.pence for name in names]
    assert found == [14_250_00, 23_250_00, 250_00, 1_00]
    assert charging("personal-expenses", on=date(2025, 4, 1)).amount.pence == 30_65
    assert charging("personal-expenses", on=date(2025, 3, 31)).amount.pence == 30_15


@pytest.mark.parametrize("table", derive.TABLES)
def test_the_script_makes_a_table_again_as_it_is(table: str, data: Path) -> None:
    """Price levels and proxy shares come from published files alone."""
    function, columns, said = derive.TABLES[table]
    made = [tuple(str(one) for one in line) for line in function(data)]
    assert [tuple(row[c] for c in columns) for row in every(f"money/{table}")] == made
    assert notes(f"money/{table}") == said


def test_what_hospitals_cost_is_cost_over_activity_as_published(data: Path) -> None:
    """NHS England, National Cost Collection 2024-25."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in read(data, "07_money_unit_costs/national_cost_collection_2024-25.csv.gz"):
        if row["activity"] and row["cost"]:
            for key in (row["department_code"], row["currency_code"]):
                sums[key][0] += float(row["activity"])
                sums[key][1] += float(row["cost"])
    named = {
        "ambulance-to-hospital": "03",
        "community-health-contact": "Community Health Service",
        "crisis-response-contact": "IC01",
        "critical-care-day": "Critical care",
        "district-nurse-visit": "N02AF",
        "emergency-attendance": "Emergency Care",
        "emergency-stay-long": "Non-Elective Inpatient - Long Stay",
        "emergency-stay-short": "Non-Elective Inpatient - Short Stay",
        "home-intermediate-care-contact": "IC03",
        "rehabilitation-bed-day": "Rehabilitation Inpatient",
    }
    for kind, code in named.items():
        activity, cost = sums[code]
        assert pence(kind, RECENT) == round(100 * cost / activity), kind
    sourced = {r["kind"] for r in every("money/unit_costs") if r["source"] == "ncc"}
    assert sourced == set(named)


def test_what_councils_paid_is_as_published(data: Path) -> None:
    """PSS-EX1 2013-14 as the mean of councils, 2014-15 as published for England."""
    name = "05_social_care/pss_unit_costs_by_council_2011-12_to_2013-14.csv.gz"
    found: dict[str, list[float]] = defaultdict(list)
    for row in read(data, name):
        if row["year"] == "2013-14":
            found[row["measure"]].append(float(row["value"]))
    for kind, measure in (
        ("home-care-hour", "Average gross hourly cost for home help/care provided by others"),
        (
            "day-care-week",
            "Average gross expenditure per day care or day services client for older people",
        ),
        ("meal", "Average gross cost per meal"),
    ):
        assert pence(kind, date(2013, 9, 1)) == round(100 * statistics.mean(found[measure])), kind
    name = "05_social_care/pss_expenditure_unit_costs_by_council_2014-15.csv.gz"
    england = {
        row["service"]: row["value"]
        for row in read(data, name)
        if (row["council"], row["category"], row["provision"]) == ("England", "Unit costs", "All")
        and row["age"] == "Age 65 and over"
        and row["primary_support_reason"] == "Physical support"
    }
    for kind, service in (
        ("residential-home-week", "Residential"),
        ("nursing-home-week", "Nursing"),
    ):
        assert pence(kind, date(2014, 9, 1)) == round(100 * float(england[service]))


def test_what_way_of_leaving_hospital_costs_is_as_published(data: Path) -> None:
    """Health Foundation, in the prices of 2022-23; NHS BNSSG for a day of each pathway."""
    for row in read(data, "09_discharge_model_inputs/hf_intermediate_care_figure5.csv"):
        on = date.fromisoformat(row["date"])
        found = unit_cost("reablement-episode", on=on).amount
        assert found.pence == round(100 * float(row["real_spend_per_episode"]))
        assert found.label == "in 2022-23 prices, by the deflator of its publisher"
    costs = {
        row["node"].split("_")[0]: row
        for row in read(data, "09_discharge_model_inputs/bnssg_ipacs_costs.csv")
    }
    on = date(2022, 6, 1)
    for kind, node in (
        ("pathway-1-day", "P1"),
        ("community-bed-day", "P2"),
        ("pathway-3-bed-day", "P3"),
    ):
        assert pence(kind, on) == 100 * int(costs[node]["community_cost"])
    assert pence("acute-bed-day-delayed", on) == 100 * int(costs["P1"]["acute_dtoc"])


def test_single_figures_are_those_of_their_table(data: Path) -> None:
    """What was read on a page stands in figures.csv in pounds."""
    with (data / "figures.csv").open(encoding="utf-8", newline="") as text:
        said = " | ".join(f"{row['fact']}: {row['value']}" for row in csv.DictReader(text))
    for kind, on in (
        ("acute-bed-night", date(2025, 9, 1)),
        ("acute-bed-night", date(2022, 9, 1)),
        ("care-home-week", RECENT),
        ("care-home-week-london", RECENT),
        ("care-home-week-north-east", RECENT),
        ("home-care-hour", RECENT),
        ("home-care-hour-minimum", date(2023, 5, 1)),
        ("home-care-hour-minimum", RECENT),
        ("home-care-hour-minimum", date(2025, 5, 1)),
        ("home-care-hour-paid", RECENT),
        ("home-care-hour-paid", date(2025, 5, 1)),
    ):
        pounds, rest = divmod(pence(kind, on), 100)
        assert (f"{pounds:,}.{rest:02d}" if rest else f"{pounds:,}") in said, kind


def test_planning_reckons_with_the_same_prices() -> None:
    """A figure that stands in two tables is one figure."""
    plans = prices(on=date(2025, 12, 31))
    for name, kind, on in (
        ("price_home_care_hour", "home-care-hour", RECENT),
        ("price_home_care_minimum_hour", "home-care-hour-minimum", date(2025, 5, 1)),
        ("price_care_home_week", "care-home-week", RECENT),
        ("price_community_bed_day", "community-bed-day", date(2022, 5, 1)),
        ("price_acute_bed_night", "acute-bed-night", date(2025, 9, 1)),
        ("price_reablement_episode", "reablement-episode", date(2022, 5, 1)),
        ("price_package_home_care_2018", "package-home-care", GRANT_BEGAN),
        ("price_package_reablement_2018", "package-reablement", GRANT_BEGAN),
    ):
        assert plans[name].value == pytest.approx(pence(kind, on) / 100, abs=0.5), name
    assert pence("package-home-care", GRANT_BEGAN) == round(Fraction(240_000_000_00, 71_500))
    assert pence("package-reablement", GRANT_BEGAN) == round(Fraction(240_000_000_00, 86_500))


def test_an_amount_in_another_years_prices_says_which_and_by_what() -> None:
    """MO-01: £240m of 2018-19 is £274.4m in the prices of 2022-23; a forecast is called one."""
    then = real(240_000_000_00, "2018-19", "2022-23")
    assert then.pence == round(240_000_000_00 * Fraction("100") / Fraction("87.462"))
    assert then.label == "in 2022-23 prices, by GDP deflator, HM Treasury, December 2023"
    assert real(100, "2018-19", "2025-26").label.endswith("(forecast)")
    assert Amount(5).label == "cash"
    assert cash(then, "2018-19") == Amount(240_000_000_00)
    assert cash(Amount(5), "2018-19") == Amount(5)
    assert deflator("2018-19") == Fraction("87.462")


def test_real_is_never_added_to_cash() -> None:
    """Domain 12.3b: nor are the prices of two years, or of two deflators."""
    one, other = real(100, "2018-19", "2022-23"), real(100, "2018-19", "2021-22")
    assert added([one, one]).pence == 2 * one.pence and added([one, one]).label == one.label
    assert added([Amount(1), Amount(2)]) == Amount(3) and added([]) == Amount(0)
    published = unit_cost("reablement-episode", on=GRANT_BEGAN).amount
    for mixed in ([one, Amount(1)], [one, other], [one, published]):
        with pytest.raises(Invalid, match=r"cannot be added: .*the prices of one year first"):
            added(mixed)
    with pytest.raises(TypeError):
        operator.add(one, Amount(1))


def test_a_year_is_written_2018_19_and_a_growth_as_a_part_of_one() -> None:
    """Domain 12.3b: 2018 beside 2018/19, 3.4 for 0.034; 12.4, 4: 2.9% and 2.4% are 0.49%."""
    for wrong in ("2018", "2018/19", "2018-20", "", "nine-10"):
        with pytest.raises(Invalid, match="like 2018-19"):
            deflator(wrong)
    with pytest.raises(NotFound, match="only for 1956-57 to 2028-29"):
        real(100, "1950-51", "2018-19")
    assert round(100 * real_growth(Fraction("0.029"), Fraction("0.024")), 2) == Fraction("0.49")
    for growth in (Fraction("2.9"), Fraction(-1)):
        with pytest.raises(Invalid, match=r"3.4 per cent is 0.034"):
            real_growth(growth, Fraction(0))
        with pytest.raises(Invalid, match=r"3.4 per cent is 0.034"):
            real_growth(Fraction(0), growth)
