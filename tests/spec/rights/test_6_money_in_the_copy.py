"""A person's rights, chapter 6. A copy holds what was posted for them, in words and as a table."""

import csv
import io
from datetime import date

import pytest

from joinedup import record
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import About, Book, Entry, Posting
from joinedup.people.rights.asking import take_copy
from tests.spec.record.place import COUNCIL, PLACE, put, service
from tests.spec.rights.asked import AT, JOYCE, a_place, approved_copy
from tests.spec.rights.test_1_a_copy import opened


@pytest.fixture(autouse=True)
def _a_place(record_database: object) -> None:
    a_place()


def test_the_copy_holds_what_was_posted_for_her_and_for_nobody_else() -> None:
    """UK GDPR 15 and BU-01: each entry on her accounts, on the page and as a table."""
    put(service("s1", "joyce", start="2018-01-01"), service("s2", "ray", start="2018-01-01"))
    council = Account(AccountKind.FUNDER, COUNCIL)
    pot = Account(AccountKind.POT, "Better Care")
    moves = [("given", council, pot, Book.ACTUAL, "")]
    moves += [(n, pot, Account(AccountKind.PACKAGE, s), Book.COMMITTED, f"Patient/{n}")
              for n, s in (("joyce", "s1"), ("ray", "s2"))]  # fmt: skip
    for name, left, came, book, person in moves:
        pence = 9_360 if person else 50_000
        entries = (Entry(left, -pence, book), Entry(came, pence, book, About(person=person)))
        record.commit(PLACE, [], [
            Posting(id=name, on=date(2018, 1, 8), words=f"Care of {name}", entries=entries,
                    source="s", prepared_by="Practitioner/a", approved_by="Practitioner/b")
        ])  # fmt: skip
    asked = approved_copy()
    _, copied = take_copy(JOYCE, "joyce", asked, at=AT)
    archive = opened(copied)
    (row,) = csv.DictReader(io.StringIO(archive.read("money.csv").decode("utf-8-sig")))
    assert (row["what"], row["pounds"]) == ("Promised for your care", "£93.60")
    assert row["posted as"] == "Care of joyce"
    page = archive.read("my-record.html").decode()
    assert "08/01/2018: Promised for your care, £93.60" in page and "Care of ray" not in page
