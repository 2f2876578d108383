"""What a failure says: no more than is known, and nothing of the inside.

Somebody who is told "nothing was saved" enters it again; where that is untrue there are two.
"""

from collections.abc import Callable

import pytest
from django.test import RequestFactory
from msgspec.structs import replace

from joinedup.access.permit import Permit, person_permit, proxy_permit, system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.api.dispatch import failed
from joinedup.fhir.issue import NotPermitted, Refusal, StorageFull, Unavailable
from joinedup.record import database
from joinedup.record.cluster import Urls
from joinedup.web.refusals import refusal_page, server_error
from tests.spec.web.site import set_up

set_up()

GP = worker_permit("Practitioner/a", "Dr A", Role.GP, "Y90001")


@pytest.mark.parametrize(
    "make",
    [
        lambda: worker_permit("", "A", Role.GP, "Y90001"),
        lambda: worker_permit("Practitioner/", "A", Role.GP, "Y90001"),
        lambda: person_permit("", "A"),
        lambda: proxy_permit("", "A"),
        lambda: system_permit(""),
        lambda: replace(GP, worker=""),
    ],
)
def test_nobody_has_no_permit(make: Callable[[], Permit]) -> None:
    """House law 2: every look is somebody's; the refusal is one of the closed set."""
    with pytest.raises(NotPermitted):
        make()


def _broken(code: str) -> Refusal:
    """What comes of an error that PostgreSQL raises itself under this SQLSTATE."""
    raising = f"do $$ begin raise exception 'inside' using errcode = '{code}'; end $$"
    with pytest.raises(Refusal) as told, database.connection() as lent:
        lent.execute(raising.encode())
    return told.value


def test_a_lack_of_memory_is_no_full_disk(record_database: Urls) -> None:
    """53200 is the server's memory or its table of locks, 53100 its disk."""
    assert record_database.application
    memory, disk = _broken("53200"), _broken("53100")
    assert isinstance(memory, Unavailable) and "memory" in str(memory)
    assert isinstance(disk, StorageFull) and "room" in str(disk)
    assert "inside" not in str(memory) + str(disk)


def test_an_error_nobody_expected_does_not_say_that_nothing_was_saved() -> None:
    """It may have come after the commit: the API and the page say to look."""
    told = failed().body.decode()
    page = server_error(RequestFactory().get("/people/")).content.decode()
    for words in (told, page):
        assert "Nothing was saved" not in words and "whether" in words and "saved" in words


def test_a_record_that_cannot_be_reached_does_not_say_so_either() -> None:
    """A connection that broke in the middle of a commit tells nobody how it ended."""
    page = refusal_page(RequestFactory().get("/people/"), Unavailable("x")).content.decode()
    assert "Nothing was saved" not in page and "whether it was saved" in page


def test_a_full_disk_has_words_of_its_own() -> None:
    """507 is not something that we could not read."""
    answer = refusal_page(RequestFactory().get("/people/"), StorageFull("x"))
    page = answer.content.decode()
    assert answer.status_code == 507 and "no room left" in page and "could not read" not in page
