"""Money, chapter 64. Sums are whole: after the year, for many that wait, and of two at once."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.profiles.agreement import GRANT, Agreement, Part, build
from joinedup.money.actions import prepare_gift
from joinedup.money.approval import approve, payment_of_books, waiting
from joinedup.money.invoices import take_in
from joinedup.money.moving_forms import GiveWish
from joinedup.money.pot_rules import agreement_id, figures_of
from joinedup.money.queries import KeptAgreement, agreement_of, moved_under
from joinedup.record import Create
from joinedup.record.cluster import Urls
from tests.spec.money.officers import (
    NOW,
    OKAFOR,
    PATEL,
    POT,
    file_of,
    given,
    left,
    made_visits,
    set_scene,
)

APRIL = datetime(2018, 4, 10, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _scene(record_database: Urls) -> None:
    assert record_database.application
    set_scene()


def grant(name: str) -> KeptAgreement:
    """A grant of £5,000 for 2017-18, all of it the council's."""
    agreement = Agreement(
        kind=GRANT,
        name=name,
        year="2017-18",
        parts=(Part(name="925", title="Marlbrook", share=Fraction(1)),),
        total=500_000,
        host="925",
        source="Letter of 1 October 2017",
    )
    made = agreement_id(agreement)
    record.commit(PATEL, [Create(build(agreement, made), made)])
    return agreement_of(PATEL, made, GRANT)


def test_a_bill_that_comes_when_the_year_is_over_is_spent_on_the_grant_s_page() -> None:
    """The page says what the ledger says, whichever month it was posted in."""
    kept = grant("winter-2018")
    made_visits()
    take_in(PATEL, file_of(), now=APRIL)
    (waits,) = waiting(OKAFOR)
    approve(OKAFOR, waits.payment.id, waits.version, now=APRIL)
    found = figures_of(moved_under(PATEL, kept))
    assert (found.spent, found.promised) == (25_900, 155_400 - 25_900)
    assert found.left == left(POT)


def test_gifts_that_were_prepared_at_once_do_not_come_to_more_than_our_part() -> None:
    """Each was within it when it was prepared; asked again when it is approved."""
    kept = grant("spring-2018")
    wish = GiveWish(funder="DH", pence=300_000, on=date(2018, 1, 5), paper="Letter", words="Ours")
    first = prepare_gift(PATEL, kept, wish, token="1", now=NOW)
    (waits,) = waiting(OKAFOR)
    at_once = replace(waits.said, id=waits.said.id[:-1] + "2")
    record.commit(PATEL, [payment_of_books(PATEL, at_once, now=NOW, closed=())])
    approve(OKAFOR, first.id, 1, now=NOW)
    (waits,) = waiting(OKAFOR)
    with pytest.raises(Unprocessable, match=r"is £5,000\.00: this would be more"):
        approve(OKAFOR, waits.payment.id, waits.version, now=NOW)
    assert figures_of(moved_under(PATEL, kept)).given == 300_000


def test_six_hundred_that_wait_are_six_hundred() -> None:
    """A page's worth is not all: what waits is counted against a grant, and summed."""
    for part in range(6):
        made = [
            payment_of_books(PATEL, given(100, f"m{part}-{n}"), now=NOW, closed=())
            for n in range(100)
        ]
        record.commit(PATEL, made)
    assert len(waiting(OKAFOR)) == 600
