"""The command lines `joinedup returns build` and `send`: a hospital's daily return.

`build` counts a day and prints it; `send` stores it in somebody's name. Both show numbers alone.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Invalid, Unprocessable
from joinedup.site.environment import Environment
from joinedup.site.place import moment_of, open_record

__all__ = ["add_returns"]

Settings = Callable[..., AbstractContextManager[Environment]]
Day = Annotated[str, typer.Argument(help="The day that is returned, 2018-01-15.")]
Hospital = Annotated[str, typer.Option(help="ODS code of the hospital.")]
By = Annotated[str, typer.Option(help="In whose name: the id of their Practitioner.")]


def add_returns(application: typer.Typer, settings: Settings) -> None:
    """Add the group of commands, which read the environment by `settings`."""
    group = typer.Typer(help="A hospital's daily return.", no_args_is_help=True)
    application.add_typer(group, name="returns")

    @group.command()
    def build(day: Day, hospital: Hospital) -> None:
        """Count a day from the record as it stands, and print it; nothing is stored."""
        from joinedup.measures.sitreps import build_sitrep
        from joinedup.measures.words import count_words
        from joinedup.record.stood import latest

        which = _day(day)
        with settings() as environment, open_record(environment):
            permit = system_permit("returns", hospital)
            built = build_sitrep(permit, hospital, which, stood_at=latest())
        if not built.is_known:
            raise Unprocessable(
                f"Nobody in {hospital} was reviewed for {which}. That is not nought people."
            )
        for name, number in built.report.counts.items():
            typer.echo(f"{number:6} {name} ({count_words(name, on=which)})")
        for problem in built.problems:
            typer.echo(f"To be put right: {problem.message}")
        typer.echo(f"{len(built.unreviewed)} in hospital were not reviewed. Nothing was sent.")

    @group.command()
    def send(day: Day, hospital: Hospital, by: By) -> None:
        """Send the first version of a day, in the name of who answers for it."""
        from joinedup.measures.sitreps import send_sitrep
        from joinedup.record.stood import latest

        which = _day(day)
        with settings() as environment, open_record(environment):
            sent = send_sitrep(
                system_permit("returns", hospital),
                hospital,
                which,
                now=moment_of(environment) or datetime.now(UTC),
                stood_at=latest(),
                by=f"Practitioner/{by}",
            )
        typer.echo(f"Sent as {sent.id}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid(f"{text} is no day. Write it as 2018-01-15.") from problem
