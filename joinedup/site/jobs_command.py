"""The command line `joinedup jobs run`: the background jobs of a place, in a process of their own.

`joinedup serve` and `demo` run them too. Any number of processes may: rows decide who does what.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from joinedup.record import database
from joinedup.site.environment import Environment
from joinedup.site.jobs import runner_of
from joinedup.site.place import migrated, moment_of

__all__ = ["add_jobs"]

Settings = Callable[..., AbstractContextManager[Environment]]
Once = Annotated[bool, typer.Option("--once", help="Run each job once, and end.")]
_CONNECTIONS = 4


def add_jobs(application: typer.Typer, settings: Settings) -> None:
    """Add the group of commands, which read the environment by `settings`."""
    group = typer.Typer(help="What the place does by itself.", no_args_is_help=True)
    application.add_typer(group, name="jobs")

    @group.callback()
    def jobs() -> None:
        """What the place does by itself: telling people, freeing what ran out, cleaning up."""

    @group.command()
    def run(once: Once = False) -> None:
        """Tell people what is new, free what ran out, clean up, until stopped; ends with 1 where
        --once finds that a job failed."""
        with settings(log_to_file=False) as environment, migrated(environment) as urls:
            database.configure(
                urls.application, connections=_CONNECTIONS, moment=moment_of(environment)
            )
            try:
                runner = runner_of(environment)
                if once:
                    if runner.run_once():
                        raise typer.Exit(1)
                    return
                typer.echo(f"Messages without a mail server are in {environment.notices_folder}.")
                with runner:
                    runner.wait()
            finally:
                database.close()
