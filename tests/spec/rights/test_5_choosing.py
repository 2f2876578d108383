"""A person's rights, chapter 5. Choosing what is wrong, also what the summary does not hold."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from joinedup.record.cluster import Urls
from tests.security.access.visitors import visitors
from tests.spec.record.place import HOSPITAL, PRACTICE, days_ago, label, put, stay
from tests.spec.rights.asked import JOYCE, a_place, penicillin
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
LABELS = "https://joinedup.example/CodeSystem/label"


@pytest.fixture
def hers(record_database: Urls) -> Iterator["Client"]:
    """Joyce's browser; a stay is in her record, which no summary lists."""
    a_place()
    put(penicillin(), source=PRACTICE)
    put(stay("s1", "joyce", start=days_ago(2)), source=HOSPITAL)
    put(stay("s2", "joyce", start=days_ago(3)) | {"meta": label(LABELS, "third-party")})
    with visitors(JOYCE) as sign_in:
        yield sign_in("person")


def offered(browser: "Client", address: str = "/my/rights", status: int = 200) -> list[str]:
    """What may be chosen on the page on which she asks."""
    answer = browser.get(address)
    assert answer.status_code == status
    found: list[str] = re.findall(r'<option value="(\w+/[^"]+)"', answer.content.decode())
    return found


def test_everything_she_sees_can_be_chosen_and_nothing_else(hers: "Client") -> None:
    """Every entry, not only her summary’s; what is kept from her leaves no trace (ON-05)."""
    found = offered(hers)
    assert {"AllergyIntolerance/pen", "Encounter/s1", "Patient/joyce"} <= set(found)
    assert "Encounter/s2" not in found


def test_what_she_chose_can_be_said_to_be_wrong(hers: "Client") -> None:
    """The stay, which is on no summary."""
    form = hers.get("/my/wrong?entry=Encounter/s1")
    assert form.status_code == 200 and "/my/wrong" in form.content.decode()
    sent = {"entry": "Encounter/s1", "words": "I was at home that day.", "version": "0"}
    assert hers.post("/my/wrong", sent).status_code == 302
    assert "I was at home that day." in hers.get("/my/rights").content.decode()


def test_choosing_nothing_says_what_to_do(hers: "Client") -> None:
    """And leaves the list where it was."""
    assert "Encounter/s1" in offered(hers, "/my/wrong?entry=", 422)
    assert "Choose what is wrong." in hers.get("/my/wrong?entry=").content.decode()
    assert "Encounter/s1" in offered(hers, "/my/wrong")
