"""Two finance officers, a commissioner, Joyce with a package, and the pages they sit at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.profiles import visit as visit_profile
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import Entry, Posting
from joinedup.record import books
from tests.security.access.visitors import visitors
from tests.spec.money.invoices import HEALTH, PACKAGE, POT, PROVIDER, posting, promise, visits
from tests.spec.record.place import PLACE, PRACTICE, joyce, numbered, put, service

if TYPE_CHECKING:
    from django.test import Client

COUNCIL = "904"
PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, COUNCIL)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, COUNCIL)
REID = worker_permit("Practitioner/reid", "Ms Reid", Role.COMMISSIONER, COUNCIL)
NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
NUMBER = "9990000018"


def set_scene() -> None:
    """Joyce, whose care at home the council pays, and those who pay; a funded pot and a promise."""
    put(*({"resourceType": "Organization", "id": o, "name": n} for o, n in _ORGANISATIONS.items()))
    put(numbered("joyce", NUMBER), joyce("mary"))
    put({**service("joyce-home-care", "joyce", start="2018-01-01"), "id": PACKAGE.name})
    put(
        *(
            {"resourceType": "Practitioner", "id": name, "name": [{"text": said}]}
            for name, said in _WORKERS.items()
        )
    )
    record.commit(PLACE, [], [given(500_000), promise()])


_ORGANISATIONS = {
    PRACTICE: "Orchard Row Surgery",
    COUNCIL: "Marlbrook Council",
    "VZ901": "Kingfisher Home Care",
    "VZ902": "Heron Care",
}
_WORKERS = {"patel": "Ms Patel", "okafor": "Mr Okafor", "reid": "Ms Reid"}


def given(pence: int, identity: str = "given", *, pot: Account = POT) -> Posting:
    """What the council gives to a pot."""
    return posting(identity, Entry(Account(AccountKind.FUNDER, COUNCIL), -pence), Entry(pot, pence))


def left(account: Account) -> int:
    """What is left on an account, as the place sees it."""
    found = {h.account: h.balance.left for h in books.held(PLACE, [*AccountKind])}
    return found.get(account, 0)


def actual(account: Account) -> int:
    """What is truly owed or paid on an account."""
    found = {h.account: h.balance.actual for h in books.held(PLACE, [*AccountKind])}
    return found.get(account, 0)


HEADER = (
    "Provider ODS code,Invoice number,Invoice date,Package,NHS number or person,From,To,Units,"
    "Unit,Unit cost (pounds),VAT (pounds),Net (pounds)"
)


def file_line(**changes: str) -> str:
    """Kingfisher's first week with Joyce, 14 hours at £18.50, as a line of its file."""
    said = {
        "provider": "VZ901",
        "number": "2044",
        "day": "09/01/2018",
        "package": PACKAGE.name,
        "person": NUMBER,
        "begins": "01/01/2018",
        "ends": "07/01/2018",
        "units": "14",
        "unit": "hour",
        "cost": "18.50",
        "vat": "0.00",
        "net": "259.00",
    }
    return ",".join((said | changes).values())


def file_of(*lines: str) -> bytes:
    """A provider's invoice file."""
    return "\r\n".join((HEADER, *(lines or (file_line(),)))).encode() + b"\r\n"


def made_visits(days: int = 14, **changes: int) -> None:
    """So many days on which somebody came to Joyce for two hours."""
    put(*(visit_profile.build(v, f"visit-{n}") for n, v in enumerate(visits(days, **changes))))


@contextmanager
def at_the_desk(permit: Permit) -> Iterator["Client"]:
    """A browser in which one of them is signed in, at the hour of these chapters."""
    with visitors(permit) as sign_in:
        from django.test import override_settings

        with override_settings(JOINEDUP_NOW=NOW):
            yield sign_in(permit.role.value)


__all__ = [
    "COUNCIL",
    "HEALTH",
    "NOW",
    "NUMBER",
    "OKAFOR",
    "PACKAGE",
    "PATEL",
    "POT",
    "PROVIDER",
    "REID",
    "actual",
    "at_the_desk",
    "file_line",
    "file_of",
    "given",
    "left",
    "made_visits",
    "set_scene",
]
