"""Money, chapter 28. A price that changes for days that are over: who is owed what (BU-07)."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest

from joinedup import record
from joinedup.fhir.issue import Invalid
from joinedup.ledger.posting import Posting, reversal
from joinedup.money.backdated_rules import Change, recalculated
from joinedup.money.invoice_posting import posting_of
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.spec.money.desk import plain, words
from tests.spec.money.invoices import (
    APPROVED,
    BEGINS,
    ENDS,
    HEALTH,
    PREPARED,
    agreed,
    bill,
    promise,
)
from tests.spec.money.officers import NUMBER, OKAFOR, at_the_desk, set_scene
from tests.spec.record.place import PLACE

if TYPE_CHECKING:
    from django.test import Client

RISE = Change(price=1_950, begins=BEGINS, ends=ENDS)


def accepted(*promises: Posting) -> list[Posting]:
    """Joyce's first week, 14 hours at £18.50 that were accepted, after what was promised."""
    kept = agreed(*promises)
    posting = posting_of(
        bill(), kept, on=date(2018, 1, 9), prepared_by=PREPARED, approved_by=APPROVED
    )
    return [*promises, posting]


def test_both_calculations_stand_side_by_side_with_the_difference() -> None:
    """14 hours at £18.50 were £259.00; at £19.50 they are £273.00: £14.00 to the provider."""
    found = recalculated(agreed(*accepted(promise())), accepted(promise()), RISE)
    (week,) = found.weeks
    assert (week.begins, week.before, week.after, week.due) == (BEGINS, 25_900, 27_300, 1_400)
    assert found.due == 1_400


def test_what_is_promised_and_not_billed_is_told_at_the_new_price() -> None:
    """70 hours are left of 84: £1,295.00, at £19.50 £1,365.00."""
    found = recalculated(agreed(*accepted(promise())), accepted(promise()), RISE)
    assert (found.unbilled_before, found.unbilled_after) == (129_500, 136_500)


def test_only_the_days_that_change_change() -> None:
    """From the fourth day of seven on: four sevenths of £259.00 rise, £8.00 in all."""
    part = Change(price=1_950, begins=date(2018, 1, 4), ends=ENDS)
    found = recalculated(agreed(*accepted(promise())), accepted(promise()), part)
    assert found.due == 800


def test_a_price_that_falls_is_owed_back_by_the_provider() -> None:
    """The other way round, and to the pots that paid, in their parts to the penny."""
    halves = (promise("p1", hours=42), promise("p2", hours=42, pot=HEALTH))
    kept = accepted(*halves)
    fall = Change(price=1_749, begins=BEGINS, ends=ENDS)
    found = recalculated(agreed(*kept), kept, fall)
    assert {w.payer: w.due for w in found.weeks} == {"winter-2018/925": -707, "better-care": -707}


def test_what_was_taken_back_is_owed_by_nobody() -> None:
    """A bill that was reversed counts in neither calculation."""
    kept = accepted(promise())
    back = reversal(
        kept[1],
        new_id="back",
        on=date(2018, 1, 10),
        words="Wrong week",
        prepared_by=PREPARED,
        approved_by=APPROVED,
    )
    found = recalculated(agreed(*kept, back), [*kept, back], RISE)
    assert found.weeks == () and found.due == 0


def test_days_for_which_nothing_was_agreed_have_no_calculation() -> None:
    """There is no old price to compare with."""
    late = Change(price=1_950, begins=date(2019, 1, 1), ends=date(2019, 2, 1))
    with pytest.raises(Invalid, match="No price was agreed"):
        recalculated(agreed(), [promise()], late)


@pytest.fixture(scope="module")
def officer(cluster: Cluster) -> Iterator["Client"]:
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        try:
            set_scene()
            posting = accepted(promise())[1]
            record.commit(PLACE, [], [posting])
            with at_the_desk(OKAFOR) as browser:
                yield browser
        finally:
            database.close()


AT = f"/money/backdated?nhs_number={NUMBER}"
ASKED = "&package=joyce-home-care&price=19.50&begins=1/1/2018&ends=11/2/2018"


def test_an_officer_reads_who_is_owed_what(officer: "Client") -> None:
    """For a package of somebody they pay for, in words and week by week."""
    assert "Nothing is moved here" in words(officer, AT)
    told = words(officer, AT + ASKED)
    assert "owes" in told and "£14.00 on top of what was paid" in told
    assert "£259.00 £273.00 £14.00 to the provider" in told
    assert "At the new price it comes to £1,365.00: promise £70.00 more" in told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("&price=&begins=1/1/2018&ends=2/1/2018", "write pounds and pence"),
        ("&price=1&begins=soon&ends=2/1/2018", "Write a day"),
        ("&price=1&begins=2/1/2018&ends=1/1/2018", "The last day is before the first"),
        ("&price=1&begins=1/1/2008&ends=1/1/2018", "six years at most"),
        ("&price=1&begins=1/1/2019&ends=2/1/2019", "No price was agreed"),
        ("&package=another&price=1&begins=1/1/2018&ends=2/1/2018", "Choose the package"),
    ],
)
def test_what_was_typed_wrongly_is_told(officer: "Client", changed: str, told: str) -> None:
    """Beside its field, and it stays there."""
    package = "" if "&package=" in changed else "&package=joyce-home-care"
    answer = officer.get(AT + package + changed)
    assert told in plain(answer)


def test_nobody_elses_package_is_told_of(officer: "Client") -> None:
    """A number of somebody they do not pay for is the same as none."""
    assert "There is no package of somebody you pay for" in words(
        officer, "/money/backdated?nhs_number=9990000026" + ASKED
    )
