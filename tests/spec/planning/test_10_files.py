"""A model is a file: what it may say, how it is refused, and that it reads back as it was written.

docs/planning.md shows the file; what is wrong with it is told all at once, each with its line.
"""

from datetime import date
from pathlib import Path
from random import Random

import msgspec
import pytest

from benchmarks.planning.models import hospital
from joinedup.fhir.issue import Invalid, Refusal, TooLarge
from joinedup.planning import files
from joinedup.planning.files.expressions import WrongExpression, evaluate
from joinedup.planning.files.lines import line_of, lines_by_path
from joinedup.planning.files.parameters import quantile_of
from joinedup.planning.network import (
    Closure,
    Empirical,
    Fixed,
    Gamma,
    Lognormal,
    Network,
    Present,
    Steps,
)
from tests.spec.planning.textbook import bed_blocking, line, season

WARD = """
title = "A ward and the care its people wait for"
starts = 2026-11-01
horizon = 31.0
period = 1.0
unknown = ["who would take the care"]

[parameters.beds]
value = 20
source = "NHS England, beds open, monthly"
date = "2026-10"
spread = { type = "normal", sd = 1.0 }
unit = "beds"

[parameters.comes]
value = 3.0
source = "thought fair from the ward's size"
assumed = true
date = "2026-10"
spread = { type = "lognormal", factor_sd = 0.2 }

[parameters.share_care]
value = 0.25
source = "the ward's own count of 80 people"
date = "2026-10"
spread = { type = "beta", sd = 0.05 }

[parameters.months]
value = [1.1, 1.1, 1.0, 1.0, 1.0, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.1]
source = "NHS England, emergency admissions by month"
date = "2025-07"
spread = { type = "lognormal", factor_sd = 0.02 }

[[services]]
name = "ward"
capacity = "beds"
outbreaks = [{ name = "norovirus", rate = 0.1, lasts = { type = "gamma", mean = 6, sd = 2 } }]

[[services]]
name = "care"
capacity = { type = "monthly", places = "months * 10" }

[[classes]]
name = "person"
enters = "ward"
arrivals = { type = "daily", rate = "comes", by_month = "months" }

[[routes]]
person_class = "person"
service = "ward"
stay = { type = "lognormal", mean = 5.0, sd = 4.0 }
onward = [{ to = "care", probability = "share_care" }]

[[routes]]
person_class = "person"
service = "care"
stay = { type = "gamma", mean = "2 * 5", sd = 4.0 }
"""


def refusals(text: str) -> list[str]:
    """What is said of a file that is refused."""
    with pytest.raises(Invalid) as refused:
        files.read_model(text, name="ward.toml")
    return [p.message for p in refused.value.problems]


def test_numbers_are_written_in_names_of_parameters() -> None:
    network = files.read_model(WARD).network()
    assert network.services[0].capacity == 20
    assert network.routes[0].onward[0].probability == 0.25
    assert network.routes[1].stay == Gamma(10.0, 4.0)


def test_a_rate_follows_month_and_weekday_from_the_first_day() -> None:
    """1 November 2026 is a Sunday: Sundays' factor first, and November's all the month."""
    weekday = 'by_month = "months", by_weekday = [1.2, 1, 1, 1, 1, 1, 0.8]'
    network = files.read_model(WARD.replace('by_month = "months"', weekday)).network()
    arrivals = network.classes[0].arrivals
    assert arrivals is not None
    assert arrivals.times[:4] == (0.0, 1.0, 2.0, 7.0)
    assert arrivals.values[:4] == pytest.approx((2.4, 3.6, 3.0, 2.4))


def test_a_wave_brings_its_people_about_its_peak() -> None:
    wave = 'arrivals = { type = "wave", people = 100, peak = 15.5, width = 4.0 }'
    text = WARD.replace('arrivals = { type = "daily", rate = "comes", by_month = "months" }', wave)
    text = text.replace("[parameters.comes]", "[parameters.unneeded]")
    assert refusals(text) == ["ward.toml, line 15, parameters.unneeded: nothing in the model uses "
                              "it: use it, or take it out"]  # fmt: skip
    text = text.replace("rate = 0.1", 'rate = "unneeded / 30"')
    arrivals = files.read_model(text).network().classes[0].arrivals
    assert arrivals is not None
    assert sum(arrivals.values) == pytest.approx(100, abs=0.1)
    assert arrivals.values.index(max(arrivals.values)) == 15


def test_places_by_month_are_whole() -> None:
    """Ten in November, eleven from 1 December, which is day 30."""
    assert files.read_model(WARD).network().services[1].capacity == Steps((10.0, 11.0), (0.0, 30.0))


WRONG = {
    "beds lost": ('capacity = "beds"', 'capacity = "bed"',
        "line 36, services[0].capacity: bed is no parameter: add it under [parameters] (there: "
        "beds, comes, months, share_care)"),
    "half a bed": ('capacity = "beds"', "capacity = 1.5",
        "line 36, services[0].capacity: 1.5 is given: a whole number is wanted"),
    "negative capacity": ('capacity = "beds"', 'capacity = "0 - beds"',
        "line 36, services[0].capacity: ward has -20 places: give 0 or more, or nothing for no "
        "limit"),
    "a law nobody knows": ('"lognormal", mean', '"log", mean',
        "line 51, routes[0].stay.type: 'log' is given: use one of exponential, lognormal, gamma, "
        "fixed, empirical"),
    "routing over 1": ('probability = "share_care"', 'probability = "share_care * 5"',
        "line 52, routes[0].onward: 1.25 of person go on from ward: chances are 0 to 1 and "
        "together at most 1 (who is not sent on leaves)"),
    "an unknown service": ('to = "care"', 'to = "home"',
        "line 52, routes[0].onward[0].to: home is not known here: use one of care, ward"),
    "a word nobody knows": ("period = 1.0", "perid = 1.0",
        "line 5, perid: perid is not known here: use classes, horizon, most_present, period, "
        "present, routes, services, wait_bounds, warm_up"),
    "no source": ('source = "NHS England, beds open, monthly"', 'source = " "',
        "line 10, parameters.beds.source: say who published it, or assumed = true and why this "
        "value is thought fair"),
    "no spread": ('spread = { type = "normal", sd = 1.0 }', "",
        "line 8, parameters.beds: spread is missing: add it"),
    "a share above its spread": ("value = 0.25", "value = 1.25",
        "line 26, parameters.share_care.spread: a beta spread needs a share above 0 and below 1, "
        "and an sd that fits within"),
    "eleven months": ("1.0, 1.1]", "1.1]",
        "line 41, services[1].capacity.places: 11 are given: 12 are wanted"),
    "not arithmetic": ('mean = "2 * 5"', "mean = \"__import__('os')\"",
        "line 57, routes[1].stay.mean: \"__import__('os')\" is not understood: use numbers, "
        "parameters, + - * / min max"),
    "a division by nothing": ('mean = "2 * 5"', 'mean = "2 / 0"',
        "line 57, routes[1].stay.mean: a division by 0, or a number too large"),
    "true for a number": ("rate = 0.1", "rate = true",
        "line 37, services[0].outbreaks[0].rate: True is given: a number or steps are wanted"),
    "a date that is text": ("starts = 2026-11-01", 'starts = "November"',
        "line 3, starts: 'November' is given: a date such as 2026-11-01 is wanted"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_file_line_path_and_remedy(name: str) -> None:
    good, bad, said = WRONG[name]
    assert good in WARD
    assert f"ward.toml, {said}" in refusals(WARD.replace(good, bad, 1))


def test_every_problem_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = WARD
    for good, bad, _ in WRONG.values():
        text = text.replace(good, bad, 1)
    said = refusals(text)
    assert len(said) >= 10
    lines = [int(one.split("line ")[1].split(",")[0]) for one in said]
    assert lines == sorted(lines)


def test_what_is_not_toml_is_told_by_its_line() -> None:
    (said,) = refusals("title = 'x'\nhorizon 3")
    assert "line 2" in said


def test_sizes_are_limited() -> None:
    with pytest.raises(TooLarge, match="at most 8,000,000"):
        files.read_model("#" * 8_000_001)
    assert "nested" in refusals("x = " + "[" * 500 + "]" * 500)[0]
    long = WARD.replace('mean = "2 * 5"', f'mean = "{"1+" * 600}1"')
    assert any("longer than 1000 characters" in said for said in refusals(long))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"none\.toml cannot be read"):
        files.read_model(tmp_path / "none.toml")


RICH = msgspec.structs.replace(
    bed_blocking(4.0, 1.0, 7, share=0.4, stay=2.0, places=4, horizon=10.0),
    present=(Present("person", "ward", 2.5, "care", 0.5, 3),),
    wait_bounds=(0.25, 0.5),
    period=1.0,
)
RICH = msgspec.structs.replace(
    RICH,
    services=(
        msgspec.structs.replace(
            RICH.services[0], closures=(Closure(1.0, 2.0, 3), Closure(4.0, 5.0))
        ),
        msgspec.structs.replace(RICH.services[1], waiting_limit=9, holders_first=True),
    ),
    routes=(
        msgspec.structs.replace(RICH.routes[0], patience=Empirical((1.0, 2.5), (1.0, 3.0))),
        msgspec.structs.replace(RICH.routes[1], stay=Fixed(0.1 + 0.2)),
    ),
)


@pytest.mark.parametrize(
    "network",
    [RICH, hospital(), line(3, horizon=50.0), season(60.0, 6.0, 8.0, years=1)],
    ids=["rich", "hospital", "line", "season"],
)
def test_a_network_reads_back_as_it_was_written(network: Network) -> None:
    assert files.read_network(files.write_network(network)) == network


def test_a_model_reads_back_as_it_was_written() -> None:
    model = files.read_model(WARD)
    assert files.read_model(files.write_model(model)) == model
    odd = msgspec.structs.replace(model, title='a "quoted" \\ line\n\x7f')
    assert files.read_model(files.write_model(odd)) == odd


def test_a_line_is_found_for_every_path() -> None:
    lines = lines_by_path(WARD)
    assert line_of("parameters.beds.spread.sd", lines) == 12
    assert line_of("routes[1].stay.mean", lines) == 57
    assert line_of("nowhere", lines) == 1


def test_arithmetic_is_by_place_for_series() -> None:
    values: dict[str, float | tuple[float, ...]] = {"a": (1.0, 2.0), "b": 3.0}
    assert evaluate("a * b - 1", values) == (2.0, 5.0)
    assert evaluate("max(a, 1.5)", values) == (1.5, 2.0)
    with pytest.raises(WrongExpression, match="different lengths"):
        evaluate("a + c", {**values, "c": (1.0,)})


def test_draws_are_named_so_that_another_parameter_changes_none() -> None:
    """Draw 7 of a parameter is the same with more parameters beside it, or fewer."""
    model = files.read_model(WARD)
    all_of_them = files.draw_values(model.parameters, seed=1, number=7)
    one = files.draw_values(model.parameters[1:2], seed=1, number=7)
    assert all_of_them["comes"] == one["comes"] != 3.0
    assert all_of_them["comes"] != files.draw_values(model.parameters, seed=1, number=8)["comes"]


def test_a_draw_follows_its_spread() -> None:
    model = files.read_model(WARD)
    draws = [files.draw_values(model.parameters, seed=2, number=n) for n in range(400)]
    shares = sorted(share for d in draws if isinstance(share := d["share_care"], float))
    assert sum(shares) / 400 == pytest.approx(0.25, abs=0.01)
    assert 0.0 < shares[0] < shares[-1] < 1.0
    assert quantile_of(files.Uniform(2.0, 4.0), 3.0, 0.25) == 2.5
    assert quantile_of(files.Known(), 3.0, 0.25) == 3.0
    assert quantile_of(files.LognormalSpread(0.1), 3.0, 0.5) == pytest.approx(3.0)
    assert quantile_of(files.NormalSpread(2.0), 3.0, 0.975) == pytest.approx(6.92, abs=0.01)


def test_a_table_shows_what_is_assumed_and_what_calibration_made_of_it() -> None:
    table = files.table(files.read_model(WARD).parameters, {"comes": (2.5, 2.8, 3.1)})
    by_name = {row[0]: row for row in table}
    assert by_name["beds"][6:] == ("published", "2026-10", "NHS England, beds open, monthly")
    assert by_name["comes"][5:7] == ("2.8 (2.5 to 3.1)", "assumed")
    assert by_name["months"][1] == "1.1 and 11 more"


def test_lognormal_stays_may_be_written_in_parameters_too() -> None:
    text = WARD.replace("mean = 5.0, sd = 4.0", 'mean = "comes + 2", sd = "comes"')
    assert files.read_model(text).network().routes[0].stay == Lognormal(5.0, 3.0)
    assert files.read_model(text).starts == date(2026, 11, 1)


def test_arithmetic_used_often_gets_a_name() -> None:
    """Each derived quantity may use those before it; what cannot be reckoned is told by line."""
    text = WARD.replace("[[services]]", """[derived]
half = "beds / 2"
quarter = "half / 2"

[[services]]""", 1)  # fmt: skip
    model = files.read_model(text.replace('mean = "2 * 5"', 'mean = "quarter"'))
    assert model.network().routes[1].stay == Gamma(5.0, 4.0)
    assert model.reckon({"beds": 40.0})["quarter"] == 10.0
    assert files.read_model(files.write_model(model)) == model
    (said,) = refusals(text.replace('half = "beds / 2"', 'half = "bed / 2"'))
    assert said.startswith("ward.toml, line 35, derived.half: bed is no parameter")


def test_no_file_does_worse_than_be_refused(full: bool) -> None:
    """Letters lost, doubled and exchanged anywhere: a model, or a refusal with a line; no more."""
    chance = Random(1)
    told: list[str] = []
    for _ in range(3000 if full else 150):
        text = WARD
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            put = chance.choice(
                ["", '"', "[", "]", "{", "=", "\n", "-", "9e99", "nan", "é", "\x00"]
            )
            text = text[:at] + put + text[at + chance.randint(0, 6) :]
        try:
            files.read_model(text, name="ward.toml")
        except Refusal as said:
            told += [p.message for p in said.problems]
    assert len(told) > 100
    assert [message for message in told if "ward.toml" not in message] == []


VALUES = [
    0,
    -1,
    1e308,
    -1e-9,
    "",
    "beds",
    [],
    [[]],
    {},
    {"type": "daily"},
    True,
    date.min,
    [1, "x"],
]


def test_any_value_anywhere_is_read_or_refused(full: bool) -> None:
    """Every key in turn is given values of every kind."""
    lines, told = WARD.splitlines(), list[str]()
    for number, line_ in enumerate(lines):
        if " = " not in line_ or line_.startswith(("title", "unknown")):
            continue
        key = line_.split(" = ")[0]
        for value in VALUES if full else VALUES[number % 4 :: 4]:
            shown = files.write_model(files.Model("", date.min, (), {"x": value}))
            text = shown.split("x = ", 1)[1].strip() if "x = " in shown else "[{}]"
            changed = [*lines[:number], f"{key} = {text}", *lines[number + 1 :]]
            try:
                files.read_model("\n".join(changed), name="ward.toml")
            except Refusal as said:
                told += [p.message for p in said.problems]
    assert len(told) > 50
    assert [message for message in told if "ward.toml" not in message] == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"' + "-" * 999 + '1"', "nested too deep"),
        ('"' + "9" * 900 + '"', "a number too large"),
        ("9" * 400, "a number too large"),
        ("9" * 5000, "thousands of digits"),
        ('"1e308 * 1e308"', "is not a finite number"),
        ("nan", "a number too large, or none"),
    ],
)
def test_numbers_beyond_all_bounds_are_refused(written: str, said: str) -> None:
    assert said in refusals(WARD.replace("mean = 5.0", f"mean = {written}"))[0]
