"""A commissioner reads the next fortnight, and where a pound is best spent, once asked."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from joinedup.planning.allocation.answer import Checked, Terms, answer
from joinedup.planning.allocation.gains import GRID, Gains
from joinedup.planning.allocation.kept import keep_answer
from joinedup.planning.allocation.needs import proxy_needs
from joinedup.planning.allocation.plan import Limits
from joinedup.planning.allocation.ranks import Interval
from joinedup.planning.allocation.supply import AT_HOME, IN_BEDS, Supply
from joinedup.planning.allocation.ways import WAYS
from joinedup.planning.allocation.winter import Winter
from joinedup.planning.forecast.days import BEDS, READY
from joinedup.planning.forecast.fan import CHANCES, DAYS, fan_of
from joinedup.planning.forecast.fortnight import BY_LEVEL, BY_PEOPLE, Forecast, Measured
from joinedup.planning.forecast.stored import keep
from joinedup.planning.places import names
from tests.stories.steps import faults_of, heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

MADE = date(2026, 11, 22)
OPENS = {"home care": 1e-4, "reablement": 4e-5, "community beds": 4e-5}


@pytest.fixture
def home(served: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the server that is served."""
    (found,) = tmp_path_factory.getbasetemp().glob("served[0-9]*/home")
    return found


def forecast_on(day: date, level: float) -> Forecast:
    """A forecast whose bands widen day by day."""
    measures = {}
    for measure, today in ((BEDS, level), (READY, level / 9)):
        rows = [
            [today * (1 + 0.02 * (c - 0.5) * (h + 3) / 3) for c in CHANCES] for h in range(DAYS)
        ]
        fan = fan_of(day + timedelta(days=1), rows)
        measures[measure] = Measured(today, {BY_LEVEL: fan, BY_PEOPLE: fan}, BY_LEVEL)
    return Forecast("Gloucestershire", day, measures, 200, 1, 800, "0.1.0", {})


def gains_of(code: str, seed: int) -> Gains:
    """Gains that fall off, of a place made up."""
    chance = np.random.default_rng(seed)
    share = 240e6 * proxy_needs(tuple(names()), on=MADE).shares[code]
    amounts = tuple(share * part for part in GRID)
    worth = chance.uniform(3.0, 12.0)
    freed = {
        way.name: tuple(
            tuple(float(worth * luck * (1 - np.exp(-a / share)) * share / 1e6) for a in amounts)
            for luck in chance.uniform(0.5, 1.5, 6)
        )
        for way in WAYS
    }
    return Gains(code, amounts, freed)


def test_a_commissioner_reads_the_next_fortnight(page: "Page", home: Path, pictures: bool) -> None:
    """Before anybody asked, how to; then the fan with its table, and how earlier ones did."""
    faults = faults_of(page)
    sign_in(page, "commissioner", to="/plan")
    page.get_by_role("link", name="The next fortnight").click()
    assert heading(page) == "The next fortnight"
    assert "No forecast is kept yet" in page.locator("main").inner_text()
    look(page)
    for days_ago in (3, 2, 1, 0):
        keep(home / "forecasts", forecast_on(MADE - timedelta(days=days_ago), 800.0 + days_ago))
    page.reload()
    words = page.locator("main").inner_text()
    assert "Made on 22 November 2026 from 800 people" in words
    assert "A week on, most likely 800; nine times in ten from" in words
    assert "by level" in words and "Score" in words
    look(page, picture="plan-fortnight", pictures=pictures)
    page.get_by_text("The figures: beds in use").click()
    look(page)
    assert faults == []


def test_a_commissioner_reads_where_a_pound_is_best_spent(
    page: "Page", home: Path, pictures: bool
) -> None:
    """Three ways to share it out, ranks with their doubt, tiles with a table, who is helped."""
    faults = faults_of(page)
    sign_in(page, "commissioner", to="/plan/spend")
    assert "Nobody has asked yet" in page.locator("main").inner_text()
    look(page)
    winter = Winter(date(2025, 11, 1), date(2026, 3, 31))
    ages = dict.fromkeys(("under 65", "65 to 84", "85 and over"), Interval(0.5, 0.2, 0.9))
    plenty = {code: Supply(OPENS, {AT_HOME: 1e5, IN_BEDS: 1e4}) for code in names()}
    ways = ("home care", "reablement", "community beds")
    needs = proxy_needs(tuple(names()), on=MADE)
    spend = answer(
        [gains_of(code, i) for i, code in enumerate(names())],
        winter,
        Terms(240_000_000, needs, plenty, Limits(), ways),
        seed=1,
        checked=[Checked(code, 2.0, Interval(1.9, 1.0, 3.0), ages) for code in names()],
    )
    keep_answer(home / "spend", spend)
    page.reload()
    assert heading(page) == "Where a pound is best spent"
    words = page.locator("main").inner_text()
    for told in ("people decide", "not the relative needs formula", "the most deprived third",
                 "by disability: no table", "prevention"):  # fmt: skip
        assert told in words
    assert page.locator("main svg polygon").count() == 42
    look(page, picture="plan-spend", pictures=pictures)
    page.get_by_text("The figures").first.click()
    look(page)
    assert faults == []


@pytest.mark.parametrize("path", ["/plan/fortnight", "/plan/spend"])
def test_neither_is_for_those_who_care(page: "Page", path: str) -> None:
    sign_in(page, "gp")
    answer_ = page.goto(path)
    assert answer_ is not None and answer_.status == 403
