"""Chapter: planning. Section 20: scenario files, and what is wrong with one."""

import re
from pathlib import Path

import pytest

from joinedup.fhir.issue import Invalid, TooLarge
from joinedup.planning.scenarios import Grant, read_scenario
from joinedup.planning.scenarios.model import Deferral, FluLike, Norovirus, Workforce

DOCS = Path(__file__).resolve().parents[3] / "docs/planning.md"
WHOLE = """
title = "A winter"
place = "glos"
starts = 2026-12-01
days = 60

[[options]]
name = "home care"

[[options.changes]]
type = "grant"
amount = 1_000_000
buys = "home care"
"""


def the_file(**changes: str) -> str:
    """The small scenario with some of its lines exchanged."""
    text = WHOLE
    for before, after in changes.items():
        line = next(one for one in WHOLE.splitlines() if one.startswith(before))
        text = text.replace(line, after)
    return text


def refusal(text: str) -> str:
    with pytest.raises(Invalid) as refused:
        read_scenario(text, name="winter.toml")
    return "\n".join(p.message for p in refused.value.problems)


def test_a_scenario_is_a_place_a_winter_and_options() -> None:
    """What the file says is what is played."""
    scenario = read_scenario(WHOLE)
    assert scenario.title == "A winter"
    assert scenario.place == "glos"
    assert scenario.days == 60 and scenario.runs == 100 and scenario.seed == 1
    assert scenario.options[0].changes == (Grant(1e6, "home care"),)


def test_the_file_of_the_documents_is_read() -> None:
    """The example is a scenario, and its workforce bounds what its grant buys."""
    text = re.search(r"## Scenarios.*?```toml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert text is not None
    scenario = read_scenario(text[1])
    assert [o.name.split()[0] for o in scenario.options] == ["Two", "Two"]
    assert isinstance(scenario.options[1].changes[1], Workforce)


def test_every_change_of_the_documents_table_is_known() -> None:
    """Each row of the table names a type that is read, with the fields it must have."""
    text = DOCS.read_text().split("## Scenarios")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(rows) == 10
    for kind in rows:
        message = refusal(the_file(type=f'type = "{kind}"', amount="nonsense = 1"))
        assert "nonsense is not known here" in message
        assert "use one of" not in message.split("nonsense")[0]


def test_background_holds_in_every_option() -> None:
    """A hard winter is written once."""
    text = WHOLE + '\n[[background]]\ntype = "flu"\nlike = "2017-18"\n'
    text += '\n[[background]]\ntype = "norovirus"\ntimes = 1.5\n'
    assert read_scenario(text).background == (FluLike("2017-18"), Norovirus(1.5))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("place", 'place = "Gloucester"', r"line 3, place: There is no place 'Gloucester'. Did"),
        ("buys", 'buys = "home help"', r"line 13, options\[0\].changes\[0\].buys: 'home help' is"),
        ("amount", "amount = -5", r"line 12, options\[0\].changes\[0\].amount: -5 is given: pou"),
        ("amount", 'amount = "£500,000"', r"'£500,000' is text: write digits without quotes"),
        ("amount", "amount = nan", r"amount: a number too large, or none"),
        ("days", "days = 0", r"line 5, days: 0 is given: 7 to 366 days are wanted"),
        ("days", "days = 60.5", r"line 5, days: 60.5 is given: a whole number is wanted"),
        ("days", "runs = 1", r"line 5, runs: 1 is given: 2 to 10,000 are wanted"),
        ("days", "seed = -1", r"line 5, seed: give 0 or"),
        ("days", "day = 60", r"line 5, day: day is not known here: use"),
        ("starts", 'starts = "soon"', r"line 4, starts: 'soon' is given: a date such as"),
        ("starts", "starts = 1990-12-01", r"line 4, starts: give a day from 2015"),
        ("name", 'name = "as it is"', r"line 8, options\[0\].name: 'as it is' is there already"),
        ("name", 'name = ""', r"line 8, options\[0\].name: give it a name"),
        ("type", 'type = "magic"', r"line 11, options\[0\].changes\[0\].type: 'magic' is given"),
        ("type", 'type = "flu"', r"amount is not known here: use like, times, type"),
        ("title", "title = 3", r"line 2, title: 3 is given: text in quotes is wanted"),
        ("title", "title = [", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_remedy(before: str, after: str, said: str) -> None:
    """File, line, path, what, and what to do."""
    assert re.search(said, refusal(the_file(**{before: after})))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ('type = "flu"\nlike = "1918-19"', "is no winter known: use one of 2015-16"),
        ('type = "prevention"\nfewer_share = 1.5\nsource = "x"', "a share from 0 to 1 is wanted"),
        ('type = "prevention"\nfewer_share = 0.1\nsource = " "', "say who found it"),
        ('type = "prevention"\nfewer_share = 0.1', "source is missing: add it"),
        ('type = "vaccination"\nfewer_share = 0.1\nsource = "x"\nfactor_sd = 9', "0 .no doubt. to"),
        ('type = "places"\nservice = "care homes"', "0 is given: say how many more"),
        ('type = "places"\nservice = "wards"\nmore = 3', "'wards' is given: use one of care homes"),
        (
            'type = "deferral"\nshare = 0.5\nbegins = 2027-01-10\nends = 2027-01-01',
            "2027-01-01 is before 2027-01-10: exchange them",
        ),
        (
            'type = "deferral"\nshare = 0.5\nbegins = 2028-01-01\nends = 2028-02-01',
            "2028-01-01 is after the last day played, 2027-01-29",
        ),
        (
            'type = "places"\nservice = "care homes"\nmore = 3\nat = "Nowhere"',
            r"changes\[1\].at: There is no place 'Nowhere'",
        ),
        ('type = "joint assessment"\nsooner_days = -1\nsource = "x"', "0 to 60 is wanted"),
        ('type = "norovirus"\ntimes = -1', "0 to 20 is wanted"),
        (
            'type = "workforce"\nservice = "home care"\nmost_share = 0.1\nsource = "x"\n'
            "opens_share_a_week = 0",
            "above 0, up to 10",
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused(fields: str, said: str) -> None:
    """Shares are shares, days are of the winter, winters and services are known ones."""
    assert re.search(said, refusal(f"{WHOLE}\n[[options.changes]]\n{fields}\n"))


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_lines() -> None:
    """A file is mended in one go."""
    lines = refusal(the_file(place='place = "X"', amount="amount = -1")).splitlines()
    assert [re.search(r"line (\d+)", line)[1] for line in lines] == ["3", "12"]


def test_an_option_that_changes_nothing_is_refused() -> None:
    """It would be the place as it is, under another name."""
    text = WHOLE[: WHOLE.index("[[options.changes]]")]
    assert "it changes nothing: add [[options.changes]]" in refusal(text)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(Invalid, match=r"none.toml cannot be read: No such file"):
        read_scenario(tmp_path / "none.toml")
    large = tmp_path / "large.toml"
    large.write_text("#" * 1_000_001)
    with pytest.raises(TooLarge, match=r"large.toml has 1,000,001 bytes"):
        read_scenario(large)
    wrong = tmp_path / "latin.toml"
    wrong.write_bytes(b'title = "\xe9"')
    with pytest.raises(Invalid, match="not text in UTF-8"):
        read_scenario(wrong)


def test_a_deferral_may_say_when_people_come_back() -> None:
    """Those put off are not gone: 90 days where nothing else is said."""
    deferral = '[[options.changes]]\ntype = "deferral"\nshare = 0.5\nbegins = 2027-01-01\n'
    change = read_scenario(f"{WHOLE}\n{deferral}ends = 2027-01-29\n").options[0].changes[1]
    assert isinstance(change, Deferral) and change.back_over_days == 90.0
