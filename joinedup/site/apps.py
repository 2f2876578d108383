"""The command lines `joinedup client add`, `list` and `remove`: which apps are known to this place.

Whoever may run commands here may let an app be known; there is no other way in (no registration by
the app itself). What an app may then do is for the people who let it in to say.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from joinedup.site.environment import Environment
from joinedup.site.place import open_record

__all__ = ["add_apps"]

Settings = Callable[..., AbstractContextManager[Environment]]

File = Annotated[Path, typer.Argument(help="A JSON file, as docs/smart.md shows.", exists=True)]
Id = Annotated[str, typer.Argument(help="The app's id, as it is in the list.")]


def add_apps(application: typer.Typer, settings: Settings) -> None:
    """Add the group of commands, which read the environment by `settings`."""
    group = typer.Typer(help="Apps of others that may be let in.", no_args_is_help=True)
    application.add_typer(group, name="client")

    @group.command(name="add")
    def add_(file: File) -> None:
        """Let the app a file describes be known; where it is to have a secret, print that, once."""
        with _connected(settings):
            _add(file)

    @group.command(name="list")
    def list_() -> None:
        """Print the apps that are known, a line each: id, kind, name, who makes it, scopes."""
        with _connected(settings):
            _list()

    @group.command(name="remove")
    def remove_(client_id: Id) -> None:
        """Let an app be known no longer; all that it holds ends at its next request."""
        with _connected(settings):
            _remove(client_id)


def _add(file: Path) -> None:
    from joinedup.smart.clients import add_client
    from joinedup.smart.registration import read_registration

    client, with_secret = read_registration(file.read_bytes())
    secret = add_client(client, with_secret=with_secret)
    typer.echo(secret or f"{client.id} is known here now.")


def _list() -> None:
    from joinedup.smart.clients import all_clients

    for client in all_clients():
        kind = f"{client.role} of {client.organisation}" if client.is_service else client.kind
        typer.echo("\t".join((client.id, kind, client.name, client.made_by, client.scopes)))


def _remove(client_id: str) -> None:
    from joinedup.smart.clients import remove_client

    remove_client(client_id)
    typer.echo(f"{client_id} is no longer known here; its tokens have ended.")


@contextmanager
def _connected(settings: Settings) -> Iterator[None]:
    with settings() as environment, open_record(environment):
        import django

        django.setup(set_prefix=False)
        yield
