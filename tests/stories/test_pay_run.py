"""Paying for care, from a provider's file to a file to pay by: two officers, neither alone."""

import json
import os
import subprocess
import sys
import urllib.request
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from joinedup.demo.bundles import council_events
from joinedup.demo.cast import SEED
from joinedup.demo.council import event_resource
from joinedup.fhir.profiles.visit import Visit, build
from tests.spec.money.officers import HEADER
from tests.stories.steps import faults_of, heading, look, sign_in
from tests.stories.test_money import change_to, somebody_with_home_care

if TYPE_CHECKING:
    from playwright.sync_api import Page

ONE, OTHER = "finance-officer", "second-finance-officer"
PERSON = somebody_with_home_care()
DAY = date(2018, 1, 15)
"""Yesterday in the invented place, whose first two weeks are billed already."""


def bill(number: str, hours: Decimal) -> str:
    """A line of Kingfisher's file for one day, at the £15.60 an hour that was agreed."""
    day, package = f"{DAY:%d/%m/%Y}", package_of_home_care()
    said = ("VZ901", number, day, package, PERSON.nhs_number, day, day, str(hours))
    return ",".join((*said, "hour", "15.60", "0.00", f"{hours * Decimal('15.60'):.2f}"))


def file_of(*lines: str) -> Any:
    """A file as a browser sends it."""
    data = "\r\n".join((HEADER, *lines)).encode() + b"\r\n"
    return {"name": "kingfisher-january.csv", "mimeType": "text/csv", "buffer": data}


def package_of_home_care() -> str:
    """The package of their home care, which the invented place has promised money to."""
    events = enumerate(council_events(PERSON, SEED), 1)
    found = (
        event_resource(PERSON, number, event)["id"]
        for number, event in events
        if event.kind == "Service" and event.end is None
    )
    return str(next(found))


def visit_made(address: str, home: str, hours: Decimal) -> None:
    """The day's visit, as the surgery's system was told of it."""
    token = subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", "token", "gp"],
        env=os.environ | {"JOINEDUP_HOME": home},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()
    start = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)
    made = build(
        Visit(
            person=PERSON.reference,
            package=package_of_home_care(),
            provider="VZ901",
            start=start,
            end=start + timedelta(hours=float(hours)),
        ),
        "none",
    )
    made.pop("id")
    request = urllib.request.Request(  # our own server, started by this test
        f"{address}/fhir/Encounter",
        json.dumps(made).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201


@pytest.fixture
def hours(served: str, tmp_path_factory: pytest.TempPathFactory) -> Decimal:
    """What was agreed for a day, and what was done on that day."""
    (event,) = [e for e in council_events(PERSON, SEED) if e.kind == "Service" and e.end is None]
    agreed = Decimal(dict(event.columns)["Planned units per week"]) / 7
    home = next(tmp_path_factory.getbasetemp().glob("served*")) / "home"
    visit_made(served, str(home), agreed)
    return agreed


def test_from_a_providers_file_to_a_file_to_pay_by(
    page: "Page", hours: Decimal, pictures: bool
) -> None:
    """A wrong line is told; one bill matches, one is decided; two officers pay, and not one."""
    faults = faults_of(page)
    take_in(page, bill("K-81", hours), bill("K-82", hours + 2), hours + 2, pictures=pictures)
    decide(page, pictures=pictures)
    approve_both(page, pictures=pictures)
    pay(page, pictures=pictures)
    assert [f for f in faults if "400" not in f and "422" not in f] == []


def take_in(page: "Page", right: str, beyond: str, hours: Decimal, *, pictures: bool) -> None:
    """The file with a wrong line is kept out whole; the right one comes in."""
    sign_in(page, ONE, to="/money")
    page.get_by_role("link", name="Providers’ invoices").click()
    assert heading(page) == "Providers’ invoices"
    page.locator("#file").set_input_files(file_of(right, beyond.replace("15.60", "1560")))
    page.get_by_role("button", name="Take it in").click()
    said = page.locator("main").inner_text()
    assert "The file was not taken in" in said and "Line 3" in said
    look(page, picture="money-invoices-wrong", pictures=pictures)
    page.locator("#file").set_input_files(file_of(right, beyond))
    page.get_by_role("button", name="Take it in").click()
    said = page.locator("main").inner_text()
    assert "1 matched" in said and f"{hours.normalize():f} hours billed" in said
    look(page, picture="money-invoices", pictures=pictures)
    page.locator("#file").set_input_files(file_of(right, beyond))
    page.get_by_role("button", name="Take it in").click()
    assert "Nothing was changed" in page.locator("main").inner_text()


def decide(page: "Page", *, pictures: bool) -> None:
    """The one that differs is accepted, with a reason."""
    page.goto("/money/exceptions?provider=VZ901")
    assert heading(page) == "Invoices to decide"
    look(page, picture="money-exceptions", pictures=pictures)
    page.get_by_role("link", name="Invoice K-82").click()
    assert heading(page) == "Invoice K-82"
    page.get_by_role("button", name="Decide").click()
    assert "Choose what is to be done" in page.locator("main").inner_text()
    look(page, picture="money-exception", pictures=pictures)
    page.get_by_label("Accept on top of what was agreed").check()
    page.get_by_role("textbox", name="Why").fill("Two nights in the storm, agreed by telephone.")
    page.get_by_role("button", name="Decide").click()
    page.wait_for_url("**/money/exceptions?done=additional")


def approve_both(page: "Page", *, pictures: bool) -> None:
    """The preparer cannot; the other officer looks at one, and ticks what is left."""
    page.goto("/money/approvals")
    assert page.get_by_text("Somebody else must approve this.").count() >= 2
    change_to(page, OTHER, "/money/approvals")
    look(page, picture="money-approvals", pictures=pictures)
    page.get_by_role("link", name="Invoice K-82").click()
    said = page.locator("main").inner_text()
    assert "Two nights in the storm" in said, said
    assert PERSON.family in said, said
    look(page, picture="money-approval", pictures=pictures)
    page.get_by_role("button", name="Approve and post").click()
    page.wait_for_url("**/money/approvals?done=approve")
    page.get_by_label("I have looked at this: Invoice K-81").check()
    page.get_by_role("button", name="Approve those I ticked").click()
    assert "1 approved" in page.locator("main").inner_text()
    page.goto("/money/decisions")
    assert heading(page) == "Month end and tolerance"
    look(page, picture="money-decisions", pictures=pictures)


def pay(page: "Page", *, pictures: bool) -> None:
    """Prepared by one, authorised by the other; the file has each line and what it comes to."""
    page.goto("/money/pay-runs")
    assert heading(page) == "Pay runs"
    assert "Kingfisher Home Care (VZ901)" in page.locator("main").inner_text()
    page.get_by_role("button", name="Prepare it").click()
    page.wait_for_url("**?done=prepared")
    run = heading(page).removeprefix("Pay run ")
    assert page.get_by_role("button", name="Authorise").count() == 0
    look(page)
    change_to(page, ONE, f"/money/pay-runs/{run}")
    look(page, picture="money-pay-run", pictures=pictures)
    page.get_by_role("button", name="Authorise").click()
    page.wait_for_url("**?done=authorise")
    look(page, picture="money-pay-run-paid", pictures=pictures)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the file").click()
    assert coming.value.suggested_filename == f"pay-run-{run}.csv"
    lines = coming.value.path().read_text().splitlines()
    assert any(",VZ901," in line for line in lines), lines
    assert lines[-1].startswith(f"control,{run},{len(lines) - 2},")
    page.goto("/money/pay-runs")
    look(page, picture="money-pay-runs", pictures=pictures)


@pytest.mark.parametrize("account", ["commissioner", "broker", "person"])
def test_moving_money_is_for_finance_officers(page: "Page", account: str) -> None:
    """Whoever plans or cares moves none of it."""
    sign_in(page, account)
    for where in ("approvals", "invoices", "exceptions", "pay-runs", "decisions"):
        answer = page.goto(f"/money/{where}")
        assert answer is not None and answer.status == 403, where
