"""Security, 19. What leaves the place in messages: fixed words, for every line of the outbox.

Every line the building of the invented place leaves is told as if somebody had just written it, to
everybody who may hear of it, and each message is held to the words every other person gets.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import psycopg
import pytest

from joinedup.demo.cast import NOW
from joinedup.demo.place import build
from joinedup.jobs import telling
from joinedup.jobs.posting import FileBox, Outcome
from joinedup.jobs.rules.ways import Way
from joinedup.jobs.rules.words import CARER, OWN, WORK, Message, Place, message_of
from joinedup.jobs.sending import Sender, send_waiting
from joinedup.record import database, notices
from joinedup.record.cluster import Cluster, Urls
from tests.conftest import _Copied

PLACE = Place(
    address="https://record.example",
    film="https://film.example/bsl",
    languages=dict.fromkeys(("polish", "punjabi", "gujarati", "urdu"), "Something is new."),
)
AUDIENCES = {"Patient": OWN, "RelatedPerson": CARER, "Organization": WORK, "Practitioner": WORK}


class Kept(FileBox):
    """Writes files, and keeps what it was given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "record@place.example")
        self.given: list[Message] = []

    def hand_over(self, message: Message, at: datetime, about_to: object) -> Outcome:
        """Keep it, and write the file."""
        self.given.append(message)
        return super().hand_over(message, at, lambda: True)


@pytest.fixture(scope="module")
def told(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Urls, Kept]]:
    """The invented place, every line of its outbox told to whoever may hear of it."""
    folder = tmp_path_factory.mktemp("messages")
    box = Kept(folder)
    with _Copied(cluster) as urls, pytest.MonkeyPatch.context() as patched:
        database.configure(urls.application, moment=NOW)
        build(people=12)
        patched.setattr(telling, "_ARRIVED", "nothing is history here")
        telling.hand_on_lines(datetime.now(UTC))
        sender = Sender(
            post=box,
            place=PLACE,
            clock=lambda: datetime.now(UTC),
            says=lambda: NOW,
            gap=timedelta(0),
        )
        while send_waiting(sender).sent:
            telling.hand_on_lines(datetime.now(UTC))
        telling.hand_on_lines(datetime.now(UTC))
        yield urls, box
        database.close()


def test_every_line_was_handed_on(told: tuple[Urls, Kept]) -> None:
    """And there were receivers: the test below has something to look at."""
    with psycopg.connect(told[0].owner.replace("joinedup_owner", "postgres")) as superuser:
        left = superuser.execute("select count(*) from record.outbox where sent is null").fetchone()
    assert left == (0,) and len(told[1].given) >= 5 and "sent" in notices.counted()


def test_no_message_of_the_whole_place_holds_anything_of_anybody(
    told: tuple[Urls, Kept],
) -> None:
    """Each is, word for word, what anybody else in its format would get."""
    plain = {
        (message_of("m", audience, way, PLACE).subject, message_of("m", audience, way, PLACE).text)
        for audience in (OWN, CARER, WORK)
        for kind in ("email", "text", "letter")
        for written in ("plain", "easy-read", "large-print", "signs")
        for spoken in ("", *PLACE.languages)
        for way in (Way(kind=kind, address="x", format=written, language=spoken),)
    }
    assert {(m.subject, m.text) for m in told[1].given} <= plain


def test_the_files_name_nobody_but_in_the_address(told: tuple[Urls, Kept]) -> None:
    """Headers too: From, To, Subject, Date, a name without meaning, and that a machine wrote it."""
    allowed = {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding"),
    }
    folder = told[1]._folder
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"
        if file.suffix == ".eml":
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            assert set(mail.keys()) <= allowed


def test_nobody_restricted_is_written_to(told: tuple[Urls, Kept]) -> None:
    """Of all the place: no row of anybody restricted was ever sent."""
    with psycopg.connect(told[0].owner.replace("joinedup_owner", "postgres")) as superuser:
        sent = superuser.execute(
            "select count(*) from record.notice n join record.head h"
            " on n.state in ('sent', 'handing-over', 'in-doubt')"
            " join record.version v on v.key = h.key and v.version = h.version"
            ' where v.body like \'%v3-Confidentiality","code":"R"%\''
            " and v.body::jsonb ->> 'resourceType' = 'Patient'"
            " and n.receiver = 'Patient/' || (v.body::jsonb ->> 'id')"
        ).fetchone()
    assert sent == (0,)
