"""Money, chapter 21. A provider's invoice file: all of it is read, or nothing and what is wrong.

Domain 4.5 and 12.3b, bad input. `docs/ideas/money_files.md` describes the file.
"""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.issue import Invalid, TooLarge
from joinedup.ledger.period import Month
from joinedup.money.csv_text import MOST_BYTES, is_formula, read_table, write_table
from joinedup.money.invoice_columns import HEADERS
from joinedup.money.invoice_file import (
    MOST_TOLD,
    InvoiceFile,
    invoices_of,
    read_invoice_file,
    refuse_other_pence,
)

TODAY = date(2018, 1, 16)
NHS_NUMBER = "9990000018"
GOOD = {
    "Provider ODS code": "VZ901",
    "Invoice number": "2044",
    "Invoice date": "09/01/2018",
    "Package": "joyce-home-care",
    "NHS number or person": NHS_NUMBER,
    "From": "01/01/2018",
    "To": "07/01/2018",
    "Units": "14",
    "Unit": "hour",
    "Unit cost (pounds)": "18.50",
    "VAT (pounds)": "0.00",
    "Net (pounds)": "259.00",
}


def text(*lines: dict[str, str]) -> str:
    """A file as a provider exports it; each line changes what it must of a good one."""
    rows = [[(GOOD | line)[name] for name in HEADERS] for line in lines or ({},)]
    return "\r\n".join(",".join(f'"{c}"' for c in row) for row in (list(HEADERS), *rows))


def read(*lines: dict[str, str], encoding: str = "utf-8") -> InvoiceFile:
    """The file as it is read today."""
    return read_invoice_file(text(*lines).encode(encoding), on=TODAY)


def said(*lines: dict[str, str]) -> str:
    """Everything that is said to be wrong with it."""
    with pytest.raises(Invalid) as refused:
        read(*lines)
    assert refused.value.problems[-1].message == "Nothing of the file was kept."
    return " ".join(p.message for p in refused.value.problems)


def test_a_file_is_one_bill_a_package() -> None:
    """Two people on one invoice are two bills: nobody's bill stands in another's record."""
    file = read({}, {"From": "08/01/2018", "To": "09/01/2018"}, {"Package": "ron", **RON})
    bills = invoices_of(file, {NHS_NUMBER: "Patient/joyce", "ron": "Patient/ron"})
    assert [(b.number, b.package, b.person, len(b.lines)) for b in bills] == [
        ("2044", "joyce-home-care", "Patient/joyce", 2),
        ("2044", "ron", "Patient/ron", 1),
    ]
    first = bills[0].lines[0]
    assert (first.units, first.unit_cost, first.net) == (Decimal(14), 1_850, 25_900)
    assert file.gross == 3 * 25_900
    assert (file.packages, file.people) == (("joyce-home-care", "ron"), (NHS_NUMBER, "ron"))


RON = {"NHS number or person": "ron"}


def test_who_is_not_known_is_named_by_line() -> None:
    """The whole file waits: a bill for nobody is money for nobody."""
    with pytest.raises(Invalid, match="Line 2, NHS number or person: nobody you buy care for"):
        invoices_of(read(), {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_text_is_read_as_offices_export_it(encoding: str) -> None:
    """With a byte order mark or without; Windows Western text with a note."""
    file = read({"Unit cost (pounds)": "£18.50"}, encoding=encoding)
    assert file.lines[0].unit_cost == 1_850
    assert bool(file.notes) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\r\n,,\r\n", "empty"),
        (text().encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "Excel workbook"),
        (b"a\0b", "zero byte"),
        (text().replace('","', '";"').encode(), "not separated by commas|no CSV"),
        (";".join(HEADERS).encode(), "not separated by commas"),
        (b"caf\xc3\xa9\n\xc3\xa9\xff", "Line 2 is broken text"),
        (b"caf\xff\x81", "broken text"),
        (b'a,"b\nc"', "several lines"),
        (b'a,"b', "no CSV"),
        (",".join(HEADERS).encode(), "bills nothing"),
    ],
)
def test_what_is_no_such_text_is_refused(data: bytes, why: str) -> None:
    """Each with what to do about it."""
    with pytest.raises(Invalid, match=why):
        read_invoice_file(data, on=TODAY)


def test_a_file_has_limits() -> None:
    """5 million bytes, 20,000 lines."""
    with pytest.raises(TooLarge, match="Send it in parts"):
        read_invoice_file(b"x" * (MOST_BYTES + 1), on=TODAY)
    with pytest.raises(TooLarge, match="20,000 lines"):
        read_invoice_file(b"a,b\n" * 20_002, on=TODAY)


def test_the_header_is_the_documented_one() -> None:
    """Missing, repeated and other columns are all named at once."""
    with pytest.raises(Invalid) as refused:
        read_invoice_file(b"Package,Package,Carer,\n1,2,3,4\n", on=TODAY)
    words = " ".join(p.message for p in refused.value.problems)
    assert "no column Invoice number" in words
    assert "Package is there twice" in words
    assert "column Carer is none" in words
    assert "without a name" in words
    assert "The columns are: Provider ODS code, " in words


@pytest.mark.parametrize(
    ("column", "typed", "why"),
    [
        ("Unit cost (pounds)", "18.505", "fraction of a penny"),
        ("Net (pounds)", "259.001", "fraction of a penny"),
        ("Net (pounds)", "259.00-ish", "not an amount"),
        ("Net (pounds)", "-259.00", "reversed instead"),
        ("Net (pounds)", "0", "not above zero"),
        ("Net (pounds)", "2000000", "Are pence typed as pounds"),
        ("VAT (pounds)", "-1", "reversed instead"),
        ("VAT (pounds)", "", "blank"),
        ("Units", "-14", "below zero"),
        ("Units", "−14", "below zero"),
        ("Units", "0", "Leave the line out"),
        ("Units", "14,5", "no number of units"),
        ("Units", "1.4E+01", "turned this number into another"),
        ("Unit", "fortnight", "none of hour, visit"),
        ("From", "2018-02-30", "no date"),
        ("From", "01/13/2018", "no date"),
        ("From", "1 Jan", "no date"),
        ("To", "08/02/2018", "in the future"),
        ("Invoice date", "17/01/2018", "in the future"),
        ("To", "31/12/2017", "end before they begin"),
        ("From", "01/01/2016", "366 days at most"),
        ("From", "31/12/2011", "more than 6 years ago"),
        ("NHS number or person", "9990000019", "a digit is wrong"),
        ("NHS number or person", "J. Smith", "no person's number"),
        ("NHS number or person", "####", "too narrow"),
        ("Package", "a package", "no package's number"),
        ("Invoice number", "", "blank"),
        ("Invoice number", "1" * 31, "no invoice number"),
        ("Provider ODS code", "Kingfisher Home Care", "no code"),
        ("Invoice number", "=1+1", "would run"),
        ("Invoice number", "@SUM(A1)", "would run"),
        ("Package", "+cmd|calc", "would run"),
    ],
)
def test_a_value_that_is_none_is_said_by_line_and_column(column: str, typed: str, why: str) -> None:
    """What was typed, what is wrong with it, what to write."""
    with pytest.raises(Invalid) as refused:
        read({}, {column: typed, "Package": "p2"} | {column: typed})
    assert any(why in p.message for p in refused.value.problems)
    assert any(p.path == f"line 3, {column}" for p in refused.value.problems)
    assert any(p.message.startswith(f"Line 3, {column}: ") for p in refused.value.problems)


def test_every_problem_is_told_and_not_endlessly() -> None:
    """All at once, so that a file is corrected once; a hundred are enough."""
    assert said({"Units": "x", "From": "y"}, {"Unit": "z"}).count("Line ") == 3
    assert f"And {150 - MOST_TOLD} more" in said(*[{"Units": "x"}] * 150)


def test_pence_typed_for_pounds_show_within_a_line() -> None:
    """£259.00 for 14 hours at £1,850, or £25,900 at £18.50: one of them is in pence."""
    assert "a hundred times apart" in said({"Unit cost (pounds)": "1850"})
    assert "a hundred times apart" in said({"Net (pounds)": "25900"})


@pytest.mark.parametrize(("cost", "net"), [("1850", "25900"), ("0.19", "2.66")])
def test_pence_typed_for_pounds_show_beside_the_price_agreed(cost: str, net: str) -> None:
    """Domain 12.3b: a whole file in pence adds up, and is a hundred times too dear."""
    file = read({"Unit cost (pounds)": cost, "Net (pounds)": net})
    with pytest.raises(Invalid, match=r"Line 2.*a hundred times (more|less).*£18\.50 agreed"):
        refuse_other_pence(file, {"joyce-home-care": [1_850]})
    refuse_other_pence(file, {"joyce-home-care": [], "ron": [1_850]})


def test_a_dear_night_is_not_taken_for_pence() -> None:
    """Three times the price is for the matching to ask about, not a slip of the file."""
    file = read({"Unit cost (pounds)": "55.50", "Net (pounds)": "777.00"})
    refuse_other_pence(file, {"joyce-home-care": [1_850]})


def test_a_line_that_comes_twice_is_refused() -> None:
    """Also where its number is typed another way."""
    assert "the same as line 2" in said({}, {"Invoice number": " 2044 "})
    assert "the same as line 2" in said({"Invoice number": "inv1"}, {"Invoice number": "INV 1"})


def test_a_number_is_of_one_invoice() -> None:
    """Domain 4.5: the same number with another date."""
    other = {"Invoice date": "10/01/2018", "From": "08/01/2018", "To": "08/01/2018"}
    assert "has another date in line 2" in said({}, other)


def test_a_package_is_of_one_person() -> None:
    """A slip of a line must not bill one person's care to another."""
    assert "somebody else's in line 2" in said({}, RON)


def test_a_file_is_of_one_provider() -> None:
    """Nobody bills for another, and nobody's file is taken for another's."""
    assert "Send a file for each" in said({}, {"Provider ODS code": "VZ902"})
    with pytest.raises(Invalid, match="another provider than VZ902"):
        read_invoice_file(text().encode(), on=TODAY, provider="vz902")


def test_a_closed_month_takes_no_invoice() -> None:
    """It may be billed in an open one; what was closed stays as it was told."""
    data = text({"Invoice date": "31/12/2017", "From": "01/12/2017", "To": "07/12/2017"}).encode()
    with pytest.raises(Invalid, match="December 2017 is closed"):
        read_invoice_file(data, on=TODAY, closed=[Month(2017, 12)])
    late = text({"From": "01/12/2017", "To": "07/12/2017"}).encode()
    assert read_invoice_file(late, on=TODAY, closed=[Month(2017, 12)]).lines


def test_lines_of_another_width_and_endless_bills_are_refused() -> None:
    """A comma too many shifts every value after it."""
    with pytest.raises(Invalid, match="Line 2 has 13 values and the header 12 columns"):
        read_invoice_file((text() + ",").encode(), on=TODAY)
    many = [
        {"From": f"{n % 9 + 1:02d}/01/2018", "To": "09/01/2018", "Units": f"14.00{n:02d}"}
        for n in range(61)
    ]
    assert "60 lines a package" in said(*many)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    """No file breaks the reader."""
    for sent in (data, text().encode() + b"\r\n" + data):
        with suppress(Invalid, TooLarge):
            assert read_invoice_file(sent, on=TODAY).lines


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), max_size=5))
def test_what_is_written_runs_in_no_spreadsheet(rows: list[list[str]]) -> None:
    """A cell that would be run is shown; a number below zero stays a number."""
    out = write_table(["one", "two"], rows)
    for row in read_table(out.encode()).rows:
        assert not any(is_formula(cell) for cell in row.cells)
    assert not is_formula("-12.50")
    assert is_formula("-1+cmd")
