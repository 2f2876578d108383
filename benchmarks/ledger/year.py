"""A place's money as postings: what is given, promised for each package, billed weekly and paid.

Everything is reckoned from a number, so that two runs post the same.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.posting import About, Book, Entry, Posting

__all__ = [
    "COUNCIL",
    "PARTNERS",
    "POOL",
    "bill",
    "given",
    "officer",
    "package",
    "paid",
    "person",
    "promised",
    "provider",
    "resources",
]

COUNCIL = "904"
PARTNERS = ("904", "QR1")
POOL = Account(AccountKind.POT, "better-care")
BANK = Account(AccountKind.BANK, "bank")
BEGINS = date(2018, 4, 2)
PROVIDERS = 40
WEEK_PENCE = 33_882
Resource = dict[str, object]


def officer(number: int) -> Permit:
    """Return the permit of one of the council's finance officers."""
    return worker_permit(
        f"Practitioner/officer-{number}", f"Officer {number}", Role.FINANCE_OFFICER, COUNCIL
    )


def person(number: int) -> str:
    """Return who a package is for."""
    return f"Patient/ledger-{number}"


def package(number: int) -> Account:
    """Return the account of a package."""
    return Account(AccountKind.PACKAGE, f"package-{number}")


def provider(number: int) -> Account:
    """Return the account of the provider of a package."""
    return Account(AccountKind.PROVIDER, f"provider-{number % PROVIDERS}")


def resources(people: int) -> Iterator[Resource]:
    """Yield each person and their care, which gives the council its sight of them."""
    for number in range(people):
        yield {
            "resourceType": "Patient",
            "id": f"ledger-{number}",
            "name": [{"family": f"Family{number:05d}", "given": ["Ida"]}],
            "generalPractitioner": [{"reference": "Organization/Y90001"}],
        }
        yield {
            "resourceType": "EpisodeOfCare",
            "id": f"care-{number}",
            "status": "active",
            "patient": {"reference": person(number)},
            "managingOrganization": {"reference": f"Organization/{COUNCIL}"},
            "period": {"start": "2018-04-01"},
        }


def given(partner: str, pence: int, name: str, *, by: Permit) -> Posting:
    """A partner's contribution to the pool."""
    funder = Account(AccountKind.FUNDER, partner)
    return _posting(f"given-{name}", BEGINS, by, Entry(funder, -pence), Entry(POOL, pence))


def promised(number: int, weeks: int, *, by: Permit) -> Posting:
    """A package agreed for some weeks."""
    pence = WEEK_PENCE * weeks
    return _posting(
        f"promised-{number}",
        BEGINS,
        by,
        Entry(POOL, -pence, Book.COMMITTED, _care(number)),
        Entry(package(number), pence, Book.COMMITTED, _whose(number)),
    )


def bill(number: int, week: int, name: str, *, by: Permit) -> Posting:
    """A week's bill of a package, accepted: let go of the promise, owed to the provider."""
    on = BEGINS + timedelta(weeks=week)
    care = _care(number)
    return _posting(
        f"bill-{name}",
        on,
        by,
        Entry(package(number), -WEEK_PENCE, Book.RELEASED, _whose(number)),
        Entry(POOL, WEEK_PENCE, Book.RELEASED, care),
        Entry(POOL, -WEEK_PENCE, Book.ACTUAL, care),
        Entry(provider(number), WEEK_PENCE, Book.ACTUAL, care),
    )


def paid(number: int, week: int, pence: int, *, by: Permit) -> Posting:
    """What a provider is paid at the end of a week."""
    on = BEGINS + timedelta(weeks=week, days=4)
    owed = provider(number)
    return _posting(f"paid-{number}-{week}", on, by, Entry(owed, -pence), Entry(BANK, pence))


def _whose(number: int) -> About:
    return About(person=person(number), care="home care", package=package(number).name)


def _care(number: int) -> About:
    named = provider(number).name
    return About(care="home care", package=package(number).name, provider=named)


def _posting(name: str, on: date, by: Permit, *entries: Entry) -> Posting:
    return Posting(
        id=name,
        on=on,
        words="Home care, 14.38 hours a week",
        entries=entries,
        source=f"invoice/{name}",
        prepared_by="Practitioner/patel",
        approved_by=by.worker,
    )
