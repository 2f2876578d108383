"""The command line: `joinedup demo`, `serve`, `migrate`, `import`, `export`, `verify`, `token`, ...

Each command reads the settings, opens the record, and calls one function of a lower floor; groups
of them are modules beside this one (`backups`, `apps`, `hl7_command`, `jobs_command`). A refusal is
printed in its own words and ends with 1; a wrong command line ends with 2.
"""

import logging.config
import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from joinedup import __version__
from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Invalid, Refusal
from joinedup.site.apps import add_apps
from joinedup.site.backups import add_backups
from joinedup.site.duplicates import add_duplicates
from joinedup.site.environment import Environment, read_environment
from joinedup.site.hl7_command import add_hl7
from joinedup.site.import_report import show_import
from joinedup.site.invented import build_invented_place, reset_if_asked
from joinedup.site.jobs import runner_of
from joinedup.site.jobs_command import add_jobs
from joinedup.site.log_lines import logging_settings
from joinedup.site.money_command import add_money
from joinedup.site.place import (
    embedded,
    kept,
    migrated,
    open_record,
    run_migrations,
    sealed,
    streamed,
)
from joinedup.site.plan_command import add_plan
from joinedup.site.progress import shown_progress, shown_reading
from joinedup.site.retention import add_retention
from joinedup.site.returns_command import add_returns
from joinedup.site.seal_words import books_in_words, seal_in_words
from joinedup.site.serving import WebServer, refuse_taken_port, stop_on_terminate

__all__ = ["application", "main"]

application = typer.Typer(
    name="joinedup",
    help="One place's health and social care, working as one.",
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback prints local variables, and those hold what the record holds.
    pretty_exceptions_enable=False,
)
_says = Console(stderr=True, highlight=False)

Port = Annotated[int | None, typer.Option(help="The port to listen on (JOINEDUP_PORT).")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]
People = Annotated[int, typer.Option(min=0, max=100_000, help="How many people are invented.")]


def main() -> None:
    """Run the command line; ends the process."""
    stop_on_terminate()
    try:
        application()
    except Refusal as refusal:
        for problem in refusal.problems:
            _says.print(f"joinedup: {problem.message}", markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@application.command()
def demo(port: Port = None, no_browser: NoBrowser = False, people: People = 300) -> None:
    """Serve an invented place, building it the first time, and open its tour."""
    with _settings() as environment:
        _serve_invented(environment, port or environment.port, people, not no_browser)


@application.command()
def serve(port: Port = None, no_browser: NoBrowser = False, people: People = 0) -> None:
    """Serve this place's record until stopped; with --people, an invented place as `demo` does."""
    with _settings(log_to_file=False) as environment:
        wanted = port or environment.port
        if people:
            _serve_invented(environment, wanted, people, not no_browser)
        refuse_taken_port(environment.address, wanted)
        with (
            migrated(environment, attach=False) as urls,
            sealed(environment, urls.application),
            kept(environment, urls.application),
            runner_of(environment),
            WebServer(environment, urls.application, port=wanted) as server,
        ):
            _welcome(server, not no_browser, environment.notices_folder)
            server.watch(lambda: None)


@application.command()
def migrate() -> None:
    """Bring the record's tables up to date; run by the owner of the database."""
    with _settings() as environment:
        if environment.is_embedded:
            with migrated(environment):
                done: tuple[str, ...] = ()
        else:
            done = run_migrations(environment.owner_url)
        typer.echo("\n".join(done) or "The record's tables are up to date.")


@application.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", exists=True)],
    organisation: Annotated[str, typer.Option(help="ODS code of who sends them.")],
    refusals: Annotated[Path, typer.Option(help="Where refused lines go, with reasons.")] = Path(
        "refusals.ndjson"
    ),
) -> None:
    """Import FHIR bundles, NDJSON and Client Level Data: files, folders, tar.gz."""
    from joinedup.people.importing.run import import_paths

    with _settings() as environment, open_record(environment), shown_reading() as progress:
        report = import_paths(
            paths,
            organisation=organisation,
            permit=system_permit("import", organisation),
            refusals_file=refusals,
            progress=progress,
        )
    show_import(report)


@application.command()
def export(folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Write the whole record as FHIR NDJSON, a file for each type."""
    from joinedup.record.export import export_all

    with _settings() as environment, open_record(environment), shown_progress() as progress:
        counts = export_all(folder, progress=progress)
    for name, count in sorted(counts.items()):
        typer.echo(f"{name} {count}")


@application.command()
def verify(
    seal_only: Annotated[bool, typer.Option("--seal", help="Walk the audit's seal only.")] = False,
    after: Annotated[
        int, typer.Option(min=0, help="With --seal: begin behind this position, such as a head's.")
    ] = 0,
) -> None:
    """Recompute everything derived, and walk the audit's seal; ends with 1 on a difference."""
    from joinedup.record.verify import verify as verify_record
    from joinedup.record.verify import verify_seal

    with _settings() as environment, open_record(environment), shown_progress() as progress:
        heads = environment.heads_file
        if seal_only:
            differences = verify_seal(progress=progress, heads=heads, after=after)
        else:
            differences = verify_record(progress=progress, heads=heads)
    for difference in differences:
        typer.echo(difference)
    typer.echo(seal_in_words(differences))
    if not seal_only:
        typer.echo(books_in_words(differences))
    if differences:
        raise typer.Exit(1)
    if not seal_only:
        typer.echo("Everything derived from the record agrees with it.")


@application.command()
def token(name: Annotated[str, typer.Argument(help="A demo account, such as gp.")]) -> None:
    """Print a short-lived API token for a demo account, and nothing else."""
    with _settings():
        from joinedup.signin.tokens import issue_token

        typer.echo(issue_token(name))


@application.command()
def invite(
    name: Annotated[str, typer.Argument(help="What they will type to sign in.")],
    practitioner: Annotated[str, typer.Argument(help="Their Practitioner in the record: its id.")],
) -> None:
    """Let a worker of the record sign in, or begin anew: print the code for their account."""
    with _settings() as environment, open_record(environment):
        import django

        django.setup(set_prefix=False)
        from joinedup.signin.staff import invite_practitioner

        typer.echo(invite_practitioner(name, practitioner))


@application.command()
def version() -> None:
    """Print joinedup's version."""
    typer.echo(__version__)


@contextmanager
def _settings(*, log_to_file: bool = True) -> Iterator[Environment]:
    """Lend the environment, with Django's settings ready for the floors that read them."""
    environment = read_environment(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup.site.settings")
    environment.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    logging.config.dictConfig(logging_settings(_log_file(environment) if log_to_file else None))
    yield environment


def _serve_invented(environment: Environment, port: int, people: int, open_browser: bool) -> None:
    if not environment.is_embedded:
        raise Invalid(
            "Invented people are put into a database of their own only. "
            "Unset JOINEDUP_DATABASE_URL."
        )
    refuse_taken_port(environment.address, port)
    cluster = embedded(environment, attach=False)
    with cluster as urls, streamed(environment, cluster):
        run_migrations(urls.owner)
        build_invented_place(environment, cluster, urls, people=people, build=_build)
        log_file = _log_file(environment)
        with (
            sealed(environment, urls.application) as sealer,
            kept(environment, urls.application),
            runner_of(environment),
            WebServer(environment, urls.application, port=port, log_file=log_file) as server,
        ):

            def reset() -> None:
                if reset_if_asked(environment.home, cluster):
                    sealer.forget()
                    server.renew()

            _welcome(server, open_browser, environment.notices_folder)
            server.watch(reset)


def _log_file(environment: Environment) -> Path:
    return environment.home / "joinedup.log"


def _build(people: int) -> None:
    from joinedup.demo.place import build

    with shown_progress() as progress:
        build(people=people, progress=progress)


def _welcome(server: WebServer, open_browser: bool, messages: Path) -> None:
    address = f"{server.address}/tour"
    typer.echo(f"joinedup is at {address}\nMessages it writes are in {messages}")
    typer.echo("Stop it with Ctrl-C.")
    sys.stdout.flush()
    if open_browser:
        webbrowser.open(address)


add_backups(application, _settings)
add_duplicates(application, _settings)
add_money(application, _settings)
add_apps(application, _settings)
add_hl7(application, _settings)
add_jobs(application, _settings)
add_plan(application)
add_retention(application, _settings)
add_returns(application, _settings)

if __name__ == "__main__":
    main()
