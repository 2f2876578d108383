"""`joinedup duplicates`: look for people who are in the record twice, and ask about them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import typer

from joinedup.access.permit import system_permit
from joinedup.site.environment import Environment
from joinedup.site.place import open_record

__all__ = ["add_duplicates"]


def add_duplicates(
    application: typer.Typer, settings: Callable[[], AbstractContextManager[Environment]]
) -> None:
    """Add the command to the command line."""

    @application.command()
    def duplicates() -> None:
        """Look for people who are in the record twice; people decide about each pair."""
        from joinedup.people.identity.bulk import find_duplicates

        with settings() as environment, open_record(environment):
            report = find_duplicates(system_permit("identity"))
        typer.echo(
            f"{report.people} people, {report.pairs} likely pairs: {report.asked} are new on the "
            f"list at /identity, {report.known} were there or decided before."
        )
