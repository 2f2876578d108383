"""The command lines `joinedup plan run`, `places` and `replay`: what a winter would be.

They read public figures and a scenario file, and need no record, no database and no web server.
`docs/planning.md` says what a scenario file holds.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.site.plan_more import add_more

if TYPE_CHECKING:
    from joinedup.planning.report import Played

__all__ = ["add_plan"]

MOST_RUNS = 10_000
STOPPED = 130
FEW_RUNS = 20

Runs = Annotated[int | None, typer.Option(min=2, max=MOST_RUNS, help="Paired runs of each option.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Another seed is other luck.")]
Folder = Annotated[Path | None, typer.Option(file_okay=False, help="Where the report goes.")]
Threads = Annotated[int | None, typer.Option(min=1, max=256, help="All processors unless said.")]
PlaceName = Annotated[str, typer.Option("--place", help="Another place than the file's.")]


def add_plan(application: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="Play a place forward, patient by patient.", no_args_is_help=True)
    application.add_typer(group, name="plan")
    add_more(group)

    group.command(name="run")(run_)
    group.command(name="places")(places_)
    group.command(name="scenarios")(scenarios_)
    group.command(name="replay")(replay_)


def run_(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, or the name of a ready one.")],
    *,
    place: PlaceName = "",
    runs: Runs = None,
    seed: Seed = None,
    out: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    threads: Threads = None,
) -> None:
    """Play a scenario: what each option does, with interval; with --out, a report.

    Stop with Ctrl-C; with --out, the same command goes on where it stopped.
    """
    from joinedup.planning.report import play_scenario
    from joinedup.planning.report.play import write_to
    from joinedup.planning.scenarios.ready import ready_file

    source = ready_file(scenario)
    with _stopping(out), _bar() as progress:
        played = play_scenario(
            source, asked=place, runs=runs, seed=seed, threads=threads,
            kept_in=out, progress=progress,
        )  # fmt: skip
    if out is not None:
        write_to(out, played)
    if as_json:
        typer.echo(played.files["results.json"].decode())
    else:
        _say(played, out)


def places_() -> None:
    """Print the places there are: England, then code and name of its 42 systems."""
    from joinedup.planning.places import names

    typer.echo("ENG  England")
    for code, name in names().items():
        typer.echo(f"{code}  {name}")


def scenarios_() -> None:
    """Print the ready scenarios by name, each with its title."""
    from joinedup.planning.scenarios.ready import ready_scenarios

    for name, title in ready_scenarios().items():
        typer.echo(f"{name}  {title}")


def replay_(
    manifest: Annotated[Path, typer.Argument(help="The manifest.json of a report.")],
    out: Folder = None,
    threads: Threads = None,
) -> None:
    """Play a report's manifest again: is every byte the same? If not, ends with 1."""
    from joinedup.planning.report import read_manifest
    from joinedup.planning.report import replay as play_again
    from joinedup.planning.report.play import write_to

    before = read_manifest(manifest)
    with _bar() as progress:
        played, differences = play_again(before, threads=threads, progress=progress)
    if out is not None:
        write_to(out, played)
    for one in differences:
        typer.echo(f"differs: {one.kind}: {one.name}")
    outputs = [one for one in differences if one.kind == "outputs"]
    if outputs:
        raise typer.Exit(1)
    typer.echo(f"The same: {len(before.outputs)} files, byte for byte.")


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from joinedup.site.progress import shown_progress

    with shown_progress() as report:
        yield lambda done, whole: report("Playing", done, whole)


@contextmanager
def _stopping(out: Path | None) -> Iterator[None]:
    """Say, when somebody stops a run, what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = "" if out is None else f" What is done is kept in {out}: the same command goes on."
        typer.echo(f"Stopped.{kept}", err=True)
        sys.exit(STOPPED)


def _say(played: "Played", out: Path | None) -> None:
    r = played.results
    typer.echo(f"{r.title}\n{r.place}, {r.days} days from {r.starts}, {r.runs} paired runs\n")
    for line in r.headlines:
        typer.echo(f"  {line}")
    typer.echo(
        f"\nAs it is: {r.now.in_use.mean:,.0f} beds in use, {r.now.held.mean:,.0f} of them kept by "
        f"people waiting for care; {r.now.waiting.mean:,.0f} people wait for a bed."
    )
    if r.runs < FEW_RUNS:
        typer.echo(f"Only {r.runs} runs: the ranges are rough. Decide on 100 or more.")
    if out is not None:
        typer.echo(f"The report is {out / 'report.html'}; tables and manifest are beside it.")
