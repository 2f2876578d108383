"""People, chapter 4. Organisations and lists, each with its source."""

from datetime import date

from joinedup.reference.codes import client_level_lists, listed_spelling, outcome_rank
from joinedup.reference.organisations import organisation
from joinedup.reference.tables import notes, rows, value

TODAY = date(2026, 1, 15)


def test_an_organisation_is_known_by_its_code() -> None:
    """Trusts, practices, boards and councils; nobody else is made up."""
    trust = organisation("rte")
    assert trust is not None
    assert (trust.ods, trust.kind) == ("RTE", "trust")
    assert trust.name == "Gloucestershire Hospitals NHS Foundation Trust"
    council = organisation("904")
    assert council is not None and council.kind == "council"
    assert organisation("QR1") is not None
    assert organisation("nobody") is None


def test_every_row_says_where_it_is_from() -> None:
    """Each short source name of the table is explained at its head."""
    explained = {
        line.split(":")[0].removeprefix("source ") for line in notes("organisations/organisations")
    }
    used = {row["source"] for row in rows("organisations/organisations", on=TODAY)}
    assert used <= explained


def test_a_row_holds_from_its_first_day_until_its_last() -> None:
    """Rows without days hold always; asking for what is not there is a KeyError."""
    assert value("organisations/organisations", "RTE", on=date(1990, 1, 1))["kind"] == "trust"


def test_values_are_matched_trimmed_and_ignoring_case() -> None:
    """And come back in the listed spelling (cld.md 1)."""
    assert listed_spelling("Gender", " female ", on=TODAY) == "Female"
    assert listed_spelling("Gender", "F", on=TODAY) is None
    assert "Event Outcome" in client_level_lists(on=TODAY)


def test_outcomes_have_a_national_order() -> None:
    """1 wins; blank and unknown come last (cld.md, value lists)."""
    assert outcome_rank("Progress to reablement/ST-Max", on=TODAY) == 1
    assert outcome_rank("NFA: Support ended as planned", on=TODAY) == 14
    assert outcome_rank("NFA: Other", on=TODAY) == 17
    assert outcome_rank("", on=TODAY) == 999
