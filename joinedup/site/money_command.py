"""`joinedup money invoices`: take a provider's file in, as a finance officer does on the page.

In the officer's name, who has to hold such a post now; another officer approves what it prepares.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotPermitted
from joinedup.site.environment import Environment
from joinedup.site.place import open_record

__all__ = ["add_money", "officer_permit", "report_of"]

_SESSION = "command"


def add_money(
    application: typer.Typer, settings: Callable[[], AbstractContextManager[Environment]]
) -> None:
    """Add the commands of money to the command line."""
    money = typer.Typer(help="The place's money.", no_args_is_help=True)
    application.add_typer(money, name="money")

    @money.callback()
    def _of_money() -> None:
        """The place's money."""

    @money.command()
    def invoices(
        file: Annotated[
            Path, typer.Argument(help="The provider's file (CSV).", exists=True, dir_okay=False)
        ],
        officer: Annotated[str, typer.Option(help="The officer's Practitioner: its id.")],
    ) -> None:
        """Take a provider's invoices in: the whole file, or nothing and every problem."""
        from joinedup.money.csv_text import MOST_BYTES
        from joinedup.web.clock import now

        with settings() as environment, open_record(environment):
            with file.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)  # longer than that is refused
            typer.echo(report_of(officer_permit(officer, at=now()), data, at=now()))


def officer_permit(practitioner: str, *, at: datetime) -> Permit:
    """Return the permit of an officer; NotPermitted where no such post is theirs at that time."""
    from joinedup.signin.posts import posts_of

    wanted = Role.FINANCE_OFFICER
    held = (p for p in posts_of(f"Practitioner/{practitioner}") if p.is_held(at))
    post = next((p for p in held if p.role is wanted), None)
    if post is None:
        raise NotPermitted(f"Practitioner/{practitioner} holds no post of a finance officer now.")
    return worker_permit(
        post.practitioner, post.name or practitioner, wanted, post.organisation, session=_SESSION
    )


def report_of(permit: Permit, data: bytes, *, at: datetime) -> str:
    """Return what became of each bill of a file, a line each, naming nobody it is for."""
    from joinedup.money.invoices import take_in

    taken = take_in(permit, data, now=at)
    lines = [
        f"{bill.invoice.number}: {_FATES[bill.fate]}"
        + "".join(f"\n    {reason}" for reason in bill.reasons)
        for bill in taken.bills
    ]
    counted = ", ".join(f"{taken.count(fate)} {words}" for fate, words in _COUNTED.items())
    return "\n".join([*lines, f"{len(taken.bills)} invoices: {counted}."])


_FATES = {
    "prepared": "waits for another officer to approve it",
    "exception": "waits for somebody to decide",
    "again": "came before, just so",
}
_COUNTED = {
    "prepared": "wait for approval",
    "exception": "to decide",
    "again": "came before",
}
