"""Who keeps the books and who reads them, their browsers, and the grant that they walk through."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.money.actions import agree_pool
from joinedup.money.approval import approve, waiting
from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.security.access.visitors import Visitors, visitors
from tests.spec.record.place import COUNCIL, HOSPITAL, PRACTICE, joyce, put, service
from tests.spec.web.site import set_up

if TYPE_CHECKING:
    from django.test import Client

set_up()
PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, COUNCIL)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL)
REID = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL)
NOW = datetime(2018, 12, 3, 10, 0, tzinfo=UTC)
NUMBER = "9990000018"
TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)

SHARES = """# source: Letter of the department, 17 October 2018
# proxy: yes
council,name,share
904,Marlbrook,0.5
905,Wexby,0.3
906,Oakhampton,0.2
"""
GRANT = {
    "name": "winter-2018",
    "year": "2018-19",
    "total": "£100,001",
    "giver": "Department of Health",
    "on": "3/12/2018",
    "paper": "Letter of 17 October 2018",
    "own": "904",
    "shares": SHARES,
}
GRANT_AT = "/money/grants/grant-winter-2018-2018-19"
GRANT_ID = "grant-winter-2018-2018-19"
POOL = {
    "name": "Better Care Fund",
    "year": "2018-19",
    "title_1": "Marlbrook Council",
    "code_1": COUNCIL,
    "gives_1": "6,000,000",
    "overspend_1": "60",
    "title_2": "Marlshire ICB",
    "code_2": "QR1",
    "gives_2": "4000000.00",
    "minimum_2": "£3,500,000",
    "overspend_2": "40",
    "host": "1",
    "vat_by": "1",
    "functions": "Reablement\nHome care after hospital",
    "ends": "Six months’ notice; what is left goes back as it came.",
}
POOL_AT = "/money/pools/pool-better-care-fund-2018-19"
POOL_ID = "pool-better-care-fund-2018-19"


@contextmanager
def desks(cluster: Cluster) -> Iterator[Visitors]:
    """Lend what signs in Ms Patel, who keeps the books, and Ms Reid, who reads them.

    The record is their own, with the grant and the pool written down and the grant given.
    """
    with _Copied(cluster) as urls:
        database.configure(urls.application)
        try:
            _people()
            with visitors(PATEL, REID) as sign_in:
                officer = sign_in("finance-officer")
                for address, form in (("/money/grants/new", GRANT), ("/money/pools/new", POOL)):
                    answer = send(officer, address, **form)
                    assert answer.status_code == 302, plain(answer)
                agree_pool(OKAFOR, POOL_ID, 1)
                approve_all()
                yield sign_in
        finally:
            database.close()


def _people() -> None:
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))
    put(*({"resourceType": "Practitioner", "id": p} for p in ("patel", "okafor", "reid")))
    put(joyce(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBER}]))
    put(service("s1", "joyce", start="2018-12-01"))


def words(browser: "Client", address: str, status: int = 200) -> str:
    """What a page says: no markup, blanks as one."""
    answer = browser.get(address)
    assert answer.status_code == status, (answer.status_code, plain(answer))
    return plain(answer)


def plain(answer: Any) -> str:
    """The words of an answer."""
    return " ".join(unescape(TAGS.sub(" ", answer.content.decode())).split())


def send(browser: "Client", address: str, **typed: str) -> Any:
    """Send a form as its page would."""
    return browser.post(address, {"token": uuid4().hex, **typed})


def approve_all() -> int:
    """Mr Okafor approves everything that waits; how much it was."""
    found = waiting(OKAFOR)
    for one in found:
        approve(OKAFOR, one.payment.id, one.version, now=NOW)
    return len(found)
