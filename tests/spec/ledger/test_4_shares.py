"""Money, chapter 4. By what shares a grant is given out (domain.md 9.5, 9.9; MO-04).

The 2018 shares by council are no public table here: a proxy stands in until a place supplies them.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.ledger.grant import PROXY_WORDS, BudgetLine, allocation, base_of, refuse_outside
from joinedup.ledger.posting import Entry
from joinedup.ledger.shares import (
    MOST_LETTERS,
    Shares,
    proxy_shares_2018,
    read_shares,
    winter_2018,
)
from joinedup.planning.allocation.needs import proxy_needs
from joinedup.reference.places.derive.sources import read
from tests.spec.ledger.test_2_postings import COUNCIL, posting

NOTES = "# source: Letter to councils, 17 October 2018\n# proxy: no\n"
HEAD = f"{NOTES}council,name,share\n"


def file_of(*lines: str) -> str:
    return HEAD + "".join(f"{line}\n" for line in lines)


def published() -> Shares:
    """A supplied file in which one council has 0.0123 of it, one 0.0077, and 150 the rest."""
    rest = [f"9{n:03d},Council {chr(65 + n % 26)}{n},0.0065333333" for n in range(150)]
    rest[0] = "9000,Council A0,0.0065333383"
    return read_shares(
        file_of("503,Lincolnshire,0.0123", "904,Gloucestershire,0.0077", *rest), name="f.csv"
    )


def test_a_share_of_the_grant_is_its_pounds_and_all_sum_to_it() -> None:
    """Domain 9.9, 9: 0.0123 is £2,952,000, 0.0077 is £1,848,000; all make £240,000,000."""
    shares = published()
    assert not shares.is_proxy and sum(shares.parts.values()) == 1
    parts = allocation(winter_2018(shares))
    assert parts["503"] == 2_952_000_00
    assert parts["904"] == 1_848_000_00
    assert sum(parts.values()) == 240_000_000_00
    assert len(parts) == 152 and all(part % 100 == 0 for part in parts.values())


def test_the_stand_in_gives_each_of_152_councils_whole_pounds_that_sum_to_the_grant() -> None:
    """They make one exactly, and say that they are a proxy."""
    shares = proxy_shares_2018()
    assert shares.is_proxy and "not the adult social care relative needs formula" in shares.source
    assert sum(shares.parts.values()) == 1
    parts = allocation(winter_2018(shares))
    assert len(parts) == 152 and sum(parts.values()) == 240_000_000_00
    assert all(part > 0 for part in parts.values())


def test_the_stand_in_counts_everybody_of_65_in_england_once(shared: Path) -> None:
    """The councils' people are England's; no council of April 2019 stands beside those before."""
    name = "01_population/ons_mid_year_estimates_la_sex_syoa_2015_2020.csv.gz"
    older = {"England": 0, "Kent": 0}
    for row in read(shared / "data", name):
        if row["year"] == "2017" and row["name"] in older:
            older[row["name"]] += sum(int(float(row[str(age)])) for age in range(65, 91))
    shares = proxy_shares_2018()
    kent = next(code for code, named in shares.names.items() if named == "Kent")
    exact = Fraction(older["Kent"], older["England"])
    assert abs(shares.parts[kent] - exact) <= Fraction(1, 10**10)
    assert {"Poole", "Bournemouth", "Dorset County", "Cumbria"} <= set(shares.names.values())
    assert "Bournemouth, Christchurch and Poole" not in shares.names.values()


def test_councils_and_systems_stand_in_by_the_same_people() -> None:
    """Gloucestershire is a council and a system: planning's stand-in and this one are near."""
    systems = proxy_needs(("QR1", "QJM"), on=date(2018, 11, 1))
    councils = proxy_shares_2018().parts
    ratio = councils["904"] / councils["503"]
    assert systems.shares["QR1"] / systems.shares["QJM"] == pytest.approx(float(ratio), rel=0.02)


def test_a_grant_by_the_stand_in_carries_the_words_that_every_page_and_file_must_show() -> None:
    """And one by published shares does not."""
    assert winter_2018(proxy_shares_2018()).warning == PROXY_WORDS
    assert winter_2018(published()).warning == ""


def test_the_winter_grant_is_in_no_later_base_and_in_no_other_year() -> None:
    """MO-04: one-off by construction."""
    grant = winter_2018(proxy_shares_2018())
    assert grant.year == "2018-19" and grant.total == 240_000_000_00
    line = BudgetLine(grant.name, grant.year, allocation(grant)["503"], one_off=True)
    kept = BudgetLine("home care", grant.year, 42_000_000_00, one_off=False)
    assert base_of("2018-19", [line, kept]) == 42_000_000_00
    drawn = posting(Entry(COUNCIL, -5), Entry(grant.pot("503"), 5))
    refuse_outside(grant, drawn)
    with pytest.raises(Unprocessable, match="for 2018-19 alone"):
        refuse_outside(grant, replace(drawn, on=date(2019, 4, 1)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begin with a line `# source"),
        ("# source: x\ncouncil,name,share\n1,A,1\n", "add a line `# proxy: no`"),
        ("# source: x\n# proxy: maybe\ncouncil,name,share\n1,A,1\n", "add a line `# proxy: no`"),
        (f"{NOTES}place,share\nA,1\n", "line 3: name the columns council, name, share"),
        (f"{NOTES}council,name,share,pounds\n1,A,1,5\n", "name the columns"),
        (HEAD, "add up to 0 and not to 1"),
        (file_of("1,Aston,0.4", "2,Beeley,0.5"), "add up to 0.9 and not to 1: a council is"),
        (
            file_of("1,Aston,0.4", "1,Aston Council,0.6"),
            "line 5: Aston Council \\(1\\) is given tw",
        ),
        (file_of("1,Aston,0.4", "2,aston,0.6"), "aston \\(2\\) is given twice: leave one out"),
        (file_of("1,Aston,-0.4", "2,Beeley,1"), "line 4: the share of Aston is below zero"),
        (file_of("1,Aston,3.4", "2,Beeley,96.6"), "add up to 100, so they are per cent. .*0.034"),
        (file_of("1,Aston,3.4", "2,Beeley,0.6"), "share of Aston is above one. .*0.034"),
        (file_of("1,Aston,3.4%", "2,Beeley,0.6"), "'3.4%', cannot be read. .*0.034"),
        (file_of("1,Aston,1e-1", "2,Beeley,0.9"), "cannot be read"),
        (file_of("1,Aston,NaN", "2,Beeley,0.9"), "cannot be read"),
        (file_of("1,Aston,", "2,Beeley,1"), "cannot be read"),
        (file_of("1,Aston,٠", "2,Beeley,1"), "cannot be read"),
        (file_of("1,Aston,1,2"), "4 cells where three are meant"),
        (file_of("../1,Aston,1"), "write its code in letters and figures"),
        (file_of("1,=cmd(),1"), "write the council's name"),
        (file_of('1,"Aston,1'), "no line of a CSV file"),
        (file_of("1,As\0ton,1"), "write the council's name"),
        (file_of(*(f"{n},Aston {n},0.0009" for n in range(1_001))), "more than 1,000 councils"),
        (HEAD + " " * MOST_LETTERS, "longer than 100,000 letters"),
    ],
)
def test_a_file_that_cannot_be_the_shares_is_refused_with_what_to_mend(
    text: str, said: str
) -> None:
    """Domain 12.3b: file, line, remedy; per cent are not parts of one."""
    with pytest.raises(Invalid, match=f"shares.csv.*{said}"):
        read_shares(text, name="shares.csv")


def test_everything_wrong_with_a_file_is_told_at_once_and_no_more_than_twenty() -> None:
    """Who mends it reads it once."""
    with pytest.raises(Invalid) as told:
        read_shares(file_of("1,Aston,x", "2,Beeley,y"), name="shares.csv")
    assert [p.message.split(":")[0] for p in told.value.problems] == [
        "shares.csv, line 4",
        "shares.csv, line 5",
    ]
    with pytest.raises(Invalid) as told:
        read_shares(file_of(*(f"{n},Aston,x" for n in range(50))), name="shares.csv")
    assert len(told.value.problems) == 20


def test_a_byte_order_mark_and_empty_lines_are_no_fault() -> None:
    """As spreadsheets save them."""
    text = "\ufeff" + file_of("1,Aston,0.4", "", ",,", "2,Beeley,0.6").replace("\n", "\r\n")
    assert read_shares(text, name="f.csv").parts == {"1": Fraction(2, 5), "2": Fraction(3, 5)}


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=200), st.integers(4, 10))
def test_shares_rounded_to_any_decimals_are_taken_and_still_sum(
    weights: list[int], decimals: int
) -> None:
    """What rounding can come to is allowed, up to a thousandth; the pounds sum all the same."""
    whole = sum(weights)
    written = [f"{w / whole:.{decimals}f}" for w in weights]
    text = file_of(*(f"{n},Aston {n},{share}" for n, share in enumerate(written)))
    off = abs(sum(Fraction(share) for share in written) - 1)
    if off > Fraction(1, 1_000):
        with pytest.raises(Invalid, match="not to 1"):
            read_shares(text, name="f.csv")
        return
    shares = read_shares(text, name="f.csv")
    assert sum(allocation(winter_2018(shares)).values()) == 240_000_000_00
