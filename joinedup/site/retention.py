"""The command lines `joinedup retention list`, `hold` and `release`.

They list what is past its time and note legal holds. Nothing here deletes: people review.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Invalid
from joinedup.people.rights.holding import hold, let_go, past_now
from joinedup.reference.tables import notes
from joinedup.site.environment import Environment
from joinedup.site.place import open_record

__all__ = ["add_retention"]

Settings = Callable[..., AbstractContextManager[Environment]]

On = Annotated[str, typer.Option(help="A day, 2026-01-16; without it, today.")]
Person = Annotated[str, typer.Argument(help="The id of the person's Patient.")]
Reason = Annotated[str, typer.Argument(help="Why: the claim, inquiry or order.")]


def add_retention(application: typer.Typer, settings: Settings) -> None:
    """Add the group of commands, which read the environment by `settings`."""
    group = typer.Typer(help="How long records are kept.", no_args_is_help=True)
    application.add_typer(group, name="retention")

    @group.command(name="list")
    def list_(on: On = "") -> None:
        """Print what is past its time and to be reviewed by people, a line each."""
        day = _day(on)
        with settings() as environment, open_record(environment):
            found = past_now(system_permit("retention"), on=day)
        for past in found:
            who = f"{past.person} {past.organisation}"
            typer.echo(f"{who} {past.kind} kept until {past.until.isoformat()} [{past.source}]")
        typer.echo(f"{len(found)} to be reviewed on {day.isoformat()}. Nothing was deleted.")
        for note in notes("retention/periods"):
            if found and note.startswith("source "):
                typer.echo(note)

    @group.command(name="hold")
    def hold_(person: Person, reason: Reason) -> None:
        """Keep a record from review until it is released: a legal hold."""
        with settings() as environment, open_record(environment):
            hold(system_permit("retention"), person, reason, at=datetime.now(UTC))
        typer.echo(f"Patient/{person} is held.")

    @group.command(name="release")
    def release_(person: Person) -> None:
        """End a legal hold."""
        with settings() as environment, open_record(environment):
            let_go(system_permit("retention"), person)
        typer.echo(f"Patient/{person} is no longer held.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError as problem:
        raise Invalid(f"{text} is no day. Write it as 2026-01-16.") from problem
