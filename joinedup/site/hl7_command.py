"""The command lines `joinedup hl7 listen`, `take`, `held` and `again`: a hospital's ADT messages.

`listen` takes them from a connection (MLLP), `take` from files; `held` prints what waits, without
what is in it, and `again` tries it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from joinedup.hl7.door import Door, door_of
from joinedup.hl7.files import messages_of, refuse_large
from joinedup.hl7.listener import Limits, Listener, Told
from joinedup.hl7.taking import take
from joinedup.hl7.trying_again import Waiting, lines
from joinedup.record import database
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log, log_unexpected
from joinedup.site.place import migrated, moment_of, open_record

__all__ = ["add_hl7"]

Settings = Callable[..., AbstractContextManager[Environment]]
Organisation = Annotated[str, typer.Option(help="ODS code of the hospital that sends.")]
Facility = Annotated[str, typer.Option(help="What MSH-4 calls it, where that is not its code.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")]
Address = Annotated[str, typer.Option(help="The address to listen on: this machine alone.")]
Files = Annotated[list[Path], typer.Argument(help="Files of messages.", exists=True)]

_LINES = {
    Told.LISTENING: LogLine.HL7_LISTENING,
    Told.TOO_MANY: LogLine.HL7_TOO_MANY,
    Told.BROKEN_FRAME: LogLine.HL7_BROKEN_FRAME,
    Told.TOO_SLOW: LogLine.HL7_TOO_SLOW,
    Told.BEHIND: LogLine.HL7_BEHIND,
}


def add_hl7(application: typer.Typer, settings: Settings) -> None:
    """Add the group of commands, which read the environment by `settings`."""
    group = typer.Typer(help="Messages of a hospital's own system.", no_args_is_help=True)
    application.add_typer(group, name="hl7")

    @group.command()
    def listen(
        organisation: Organisation,
        port: Port = 2575,
        address: Address = "127.0.0.1",
        facility: Facility = "",
    ) -> None:
        """Take ADT messages from a connection (MLLP) until stopped."""
        limits = Limits()
        with (
            settings(log_to_file=False) as environment,
            _connected(environment, limits.connections + 2),
            Listener(
                door_of(organisation, facility),
                port=port,
                address=address,
                limits=limits,
                tell=_tell,
            ) as listener,
        ):
            typer.echo(f"Listening on {address}:{listener.port}. Stop it with Ctrl-C.")
            listener.wait()

    @group.command(name="take")
    def take_(files: Files, organisation: Organisation, facility: Facility = "") -> None:
        """Take the messages of files, in their order, and print how each kind was answered."""
        with settings() as environment, open_record(environment):
            answered = _take_files(door_of(organisation, facility), files)
        for code, count in sorted(answered.items()):
            typer.echo(f"{code} {count}")
        if answered.keys() - {"AA"}:
            raise typer.Exit(1)

    @group.command()
    def held(organisation: Organisation) -> None:
        """Print what waits: when it was said, why, which message; nothing of what is in it."""
        with settings() as environment, open_record(environment):
            for line in lines(door_of(organisation).permit, organisation):
                typer.echo("\t".join((line.said, line.reason, line.control, line.sentence)))

    @group.command()
    def again(organisation: Organisation) -> None:
        """Try everything that waits again, and print how many were settled."""
        with settings() as environment, open_record(environment):
            typer.echo(Waiting(door_of(organisation)).sweep(datetime.now(UTC)))


def _take_files(door: Door, files: list[Path]) -> Counter[str]:
    waiting, answered = Waiting(door), Counter[str]()
    waiting.sweep(datetime.now(UTC))
    for file in files:
        refuse_large(file.stat().st_size)
        for number, message in enumerate(messages_of(file.read_bytes()), 1):
            taken = take(door, message, datetime.now(UTC))
            answered[taken.answer.code] += 1
            if taken.answer.severity == "E":
                typer.echo(f"{file.name}, message {number}: {taken.answer.words}", err=True)
            if taken.done:
                waiting.add(taken.done.line)
                waiting.follow(taken.done.keys, datetime.now(UTC))
    return answered


@contextmanager
def _connected(environment: Environment, connections: int) -> Iterator[None]:
    with migrated(environment) as urls:
        moment = moment_of(environment)
        database.configure(urls.application, connections=connections, moment=moment)
        try:
            yield
        finally:
            database.close()


def _tell(told: Told, error: BaseException | None) -> None:
    if told is Told.UNEXPECTED and error is not None:
        log_unexpected(error, LogLine.HL7_UNEXPECTED)
    elif told in _LINES:
        log(_LINES[told])
