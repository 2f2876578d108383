"""Winter, chapter 3. What winter money freed: estimated from the days returned, or why not.

domain.md 9.5, WI-05; issue 4: the word "estimated", an interval, never packages counted as beds.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest

from joinedup import record
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.bed import Ward, build_bed, build_ward
from joinedup.fhir.profiles.returned import Return, build
from joinedup.record import Create
from joinedup.record.cluster import Cluster
from tests.security.access.visitors import Visitors
from tests.spec.money.desk import GRANT_ID, approve_all, desks, send, words
from tests.spec.money.test_52_promises import PROMISE
from tests.spec.record.place import HOSPITAL, PLACE, put
from tests.spec.returns.hospital import at
from tests.spec.winter.ward import bed

NOW = at_clock(date(2019, 2, 1), 10)


@pytest.fixture(scope="module")
def sign_in(cluster: Cluster) -> Iterator[Visitors]:
    """A grant of which a package was promised in December; a hospital with one bed."""
    with desks(cluster) as visitors:
        officer = visitors("finance-officer")
        answer = send(officer, f"/money/agreements/{GRANT_ID}/promise", **PROMISE)
        assert answer.status_code == 302
        approve_all()
        put(build_ward(Ward(id="w7", name="Ward 7", hospital=HOSPITAL)), build_bed(bed("w7", 1)))
        put({"resourceType": "Practitioner", "id": "nowak"})
        yield visitors


def returned(day: date, waiting: int, others: int) -> Return:
    """A day on which so many waited for care at home, and so many for the hospital itself."""
    sent = at_clock(day + timedelta(days=1), 10)
    return Return(
        kind="discharge-sitrep",
        organisation=HOSPITAL,
        day=day,
        version=1,
        counts={
            "not-meeting-criteria": waiting + others,
            "discharged": 0,
            "remaining": waiting + others,
            "reason/p1-care-none": waiting,
            "reason/medicines": others,
        },
        taken_at=sent,
        sent_at=sent,
        sent_by="Practitioner/nowak",
    )


def year_of(begins: date, days: int, *, during: int, chance: Random) -> list[Return]:
    """Ten weeks before a day and some days from it on; during the money fewer wait."""
    found = []
    for n in range(-70, days):
        level = during if n >= 0 else 30
        found.append(returned(begins + timedelta(days=n), level + chance.randint(-2, 2), 10))
    return found


def keep(reports: list[Return]) -> None:
    """Put returns that were sent before into the record."""
    record.commit(PLACE, [Create(build(r), r.id) for r in reports])


def page(sign_in: Visitors, role: str, now: datetime = NOW) -> str:
    with at(now):
        return words(sign_in(role), f"/winter?hospital={HOSPITAL}")


def test_with_too_few_days_returned_it_says_why_and_gives_no_number(sign_in: Visitors) -> None:
    """A day that was not returned is missing, and nobody guesses."""
    said = page(sign_in, "commissioner")
    assert "Bed-days freed by winter-2018, estimated It cannot be said yet:" in said
    assert "bed-days (nine in ten" not in said
    assert "A package is not a bed" in said
    assert "estimated" not in page(sign_in, "analyst")


def test_the_estimate_has_its_interval_its_denominator_and_the_word(sign_in: Visitors) -> None:
    """Two winters before and this one, ten fewer a day: about 620 bed-days over 62 days."""
    chance = Random(20)  # nothing is guarded by it
    for year, during in ((2016, 30), (2017, 30), (2018, 20)):
        keep(year_of(date(year, 12, 1), 62, during=during, chance=chance))
    said = page(sign_in, "commissioner")
    number = said.split("winter-2018, estimated ")[1].split(" bed-days")[0]
    assert 400 < int(number.replace(",", "")) < 800
    assert "bed-days (nine in ten between" in said and "were freed, estimated" in said
    assert "counted on 62 days from 2018-12-01 to 2019-01-31" in said
    assert "from 2016, 2017" in said and "staff hours (between" in said
