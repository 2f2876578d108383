"""A receptionist finds somebody entered twice, joins the two records, and parts them again.

domain.md 1.7, example 5: opening the older record shows the one that stands, with a banner; old
bookmarks resolve. And a GP moves an entry that was filed to the wrong person.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.load.people import new_number, observation
from tests.stories.steps import heading, look, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

SURGERY = [{"reference": "Organization/Y90001"}]
NHS = "https://fhir.nhs.uk/Id/nhs-number"


@pytest.fixture(scope="module")
def twice(served: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ida, entered twice, and her sister; each with a weight. Ids and NHS numbers by name."""
    home = next(tmp_path_factory.getbasetemp().glob("served*")) / "home"
    token = subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", "token", "gp"],
        env=os.environ | {"JOINEDUP_HOME": str(home)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()

    def store(resource: dict[str, Any]) -> str:
        request = urllib.request.Request(  # our own server, started by this test
            f"{served}/fhir/{resource['resourceType']}",
            json.dumps(resource).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"},
        )
        with urllib.request.urlopen(request) as answer:
            return str(json.load(answer)["id"])

    made: dict[str, str] = {}
    for who, given in (("ida", "Ida"), ("eda", "Eda"), ("ada", "Ada")):
        made[f"{who}-number"] = number = new_number()
        made[who] = store(
            {
                "resourceType": "Patient",
                "name": [{"family": "Penhallow", "given": [given]}],
                "gender": "female",
                "birthDate": "1941-05-06" if who != "ada" else "1943-02-01",
                "address": [
                    {"line": ["4 Mill Lane"], "city": "Marlbrook", "postalCode": "MQ1 4AB"}
                ],
                "identifier": [{"system": NHS, "value": number}],
                "generalPractitioner": SURGERY,
            }
        )
        made[f"{who}-weight"] = store(observation(f"Patient/{made[who]}"))
    return made


def test_two_records_become_one_and_two_again(
    page: "Page", twice: dict[str, str], pictures: bool
) -> None:
    """Found, compared, joined with a reason; the old bookmark leads to it; parted again."""
    sign_in(page, "receptionist", f"/people/{twice['ida']}")
    page.get_by_role("link", name="Is there another record of this person?").click()
    assert heading(page) == "Two records of one person"
    look(page, picture="join-which", pictures=pictures)
    page.get_by_role("link", name=re.compile("Compare the two ?: Eda")).click()
    assert heading(page) == "Compare two records"
    facts = page.locator("#facts + table").inner_text()
    assert "Differs" in facts and "Same" in facts and "4 Mill Lane" in facts
    page.get_by_role("button", name="Join the two records").click()
    assert page.title().startswith("Error: ")
    assert "Say that you have compared" in page.locator("main").inner_text()
    look(page, picture="join-compare", pictures=pictures)
    page.get_by_label("How do you know").fill("She told me her name was taken down wrongly.")
    page.get_by_label("I have compared the two records").check()
    page.get_by_role("button", name="Join the two records").click()
    assert page.url.endswith(f"/people/{twice['ida']}")
    assert "in the name of Eda Penhallow" in page.locator("main").inner_text()
    page.goto(f"/people/{twice['eda']}")
    assert heading(page) == "Ida Penhallow"
    assert "You asked for an older record" in page.get_by_role("status").first.inner_text()
    look(page, picture="joined", pictures=pictures)
    page.get_by_role("link", name="Part them again").first.click()
    assert heading(page) == "Part two records"
    page.get_by_role("button", name="Part the two records").click()
    assert page.title().startswith("Error: ")
    look(page, picture="part", pictures=pictures)
    page.get_by_label("How do you know").fill("They are sisters; both were at the desk.")
    page.get_by_role("button", name="Part the two records").click()
    assert heading(page) == "The records are parted"
    look(page, picture="parted", pictures=pictures)
    page.goto(f"/people/{twice['eda']}")
    assert heading(page) == "Eda Penhallow"


def test_an_entry_goes_to_the_right_person(
    page: "Page", twice: dict[str, str], pictures: bool
) -> None:
    """From the list of entries, by NHS number and with a reason; it is gone from the first."""
    sign_in(page, "gp", f"/people/{twice['ada']}")
    page.get_by_role("link", name="Is an entry here about somebody else?").click()
    assert heading(page) == "Entries in the wrong record"
    look(page, picture="entries", pictures=pictures)
    page.get_by_role("link", name=re.compile("Move ?: Weight")).click()
    page.get_by_label("NHS number of the right person").fill("999 123 4567")
    page.get_by_label("How do you know").fill("Her sister was weighed.")
    page.get_by_role("button", name="Move it").click()
    assert page.title().startswith("Error: ")
    look(page, picture="move-entry", pictures=pictures)
    page.get_by_label("NHS number of the right person").fill(twice["ida-number"])
    page.get_by_role("button", name="Move it").click()
    assert "The entry was moved" in page.get_by_role("status").first.inner_text()
    assert "There is no entry" in page.locator("main").inner_text()
    look(page)
    page.goto(f"/people/{twice['ida']}/results")
    assert "Weight" in page.locator("main").inner_text()
