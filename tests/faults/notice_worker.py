"""A process of its own that sends what waits once: URL, port of a mail server, timeout."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joinedup.jobs.posting import Account, FileBox, MailServer
from joinedup.jobs.rules.words import Place
from joinedup.jobs.sending import Sender, send_waiting
from joinedup.record import database


def main(url: str, port: str, folder: str) -> None:
    """Send, and say how many."""
    database.configure(url, connections=4)
    account = Account(host="127.0.0.1", port=int(port), security="none", sender="r@place.example")
    post = MailServer(account, FileBox(Path(folder), account.sender), timeout_seconds=20)
    print("ready", flush=True)
    done = send_waiting(
        Sender(
            post=post,
            place=Place(address="https://record.example"),
            clock=lambda: datetime.now(UTC),
            says=lambda: datetime(2018, 1, 16, 12, tzinfo=UTC),
            gap=timedelta(0),
        )
    )
    print(done.sent, flush=True)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
