"""The command line `joinedup plan fortnight`: today's census, forecast, kept, and scored.

What it does is in `planning/forecast`; here is what is read, and what is printed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from joinedup import __version__
from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.period import LONDON
from joinedup.planning import files, places
from joinedup.planning.forecast.census_file import Census, read_census
from joinedup.planning.forecast.census_record import read_export
from joinedup.planning.forecast.days import read_days
from joinedup.planning.forecast.fan import DAYS
from joinedup.planning.forecast.fortnight import (
    BY_LEVEL,
    Forecast,
    Measured,
    for_fortnight,
    forecast,
    ward_of,
)
from joinedup.planning.forecast.stored import (
    Past,
    counts_of,
    keep,
    kept,
    leading,
    past_scores,
)
from joinedup.site.progress import shown_progress

__all__ = ["add_fortnight"]

MOST_BYTES = 64_000_000

Place = Annotated[str, typer.Option(help="One of the 42 systems, by name or code.")]
ModelFile = Annotated[Path | None, typer.Option("--model", help="A model of your own, TOML.")]
CensusFile = Annotated[
    Path | None, typer.Option("--census", help="CSV: person, service, class, since, ...")
]
Record = Annotated[Path | None, typer.Option(help="A folder that `joinedup export` wrote.")]
History = Annotated[
    Path | None, typer.Option(help="CSV: day, beds_in_use, ready_to_go_home of past days.")
]
Now = Annotated[str, typer.Option(help="The census's time, 2026-11-22T08:00; else now.")]
Runs = Annotated[int, typer.Option(min=20, max=5_000, help="How many fortnights are played.")]
Seed = Annotated[int, typer.Option(min=0, help="Names the chance: same seed, same numbers.")]
Folder = Annotated[Path, typer.Option("--forecasts", help="Where forecasts are kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the forecast as JSON.")]


def add_fortnight(planning: typer.Typer) -> None:
    """Add the command."""

    @planning.command(name="fortnight")
    def fortnight(
        *,
        place: Place = "",
        model: ModelFile = None,
        census: CensusFile = None,
        record: Record = None,
        history: History = None,
        now: Now = "",
        runs: Runs = 200,
        seed: Seed = 1,
        forecasts: Folder = Path("forecasts"),
        as_json: AsJson = False,
    ) -> None:
        """Forecast beds and people ready to go home for 14 days, from who is there today."""
        at = _moment(now)
        named, whole = _model(place, model, at)
        here, source = _census(whole, census, record, at)
        given = read_days(_text(history), name=history.name) if history else ()
        before = [f for f in kept(forecasts, named) if f.made < at.date()]
        counted = counts_of(before, given)
        with shown_progress() as progress:
            measures = forecast(
                whole, here, past=counted, runs=runs, seed=seed,
                scores=leading(before, counted),
                progress=lambda done, of: progress("Playing fortnights", done, of),
            )  # fmt: skip
        found = Forecast(
            place=named, made=at.date(), measures=measures, runs=runs, seed=seed,
            people=sum(p.count for p in here.present), version=__version__,
            inputs={
                "census": source, "model": _hash(files.write_model(whole).encode()),
                "history": _hash(history.read_bytes()) if history else "",
            },
        )  # fmt: skip
        path = keep(forecasts, found)
        if as_json:
            typer.echo(msgspec.json.encode(found).decode())
        else:
            _print(found, past_scores(before, counts_of((*before, found), given)), path)


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"--now {text!r} is no time: write it as 2026-11-22T08:00") from None
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


def _model(place: str, path: Path | None, at: datetime) -> tuple[str, files.Model]:
    if bool(place) == (path is not None):
        raise Invalid("Say where: --place with one of the 42 systems, or --model with a file.")
    if path is not None:
        model = files.read_model(path)
        return model.title, for_fortnight(model, at.date())
    of = places.place(place, on=at.date(), days=DAYS, warm_up_days=0)
    return of.name, for_fortnight(of.model, at.date())


def _census(
    model: files.Model, path: Path | None, record: Path | None, at: datetime
) -> tuple[Census, str]:
    if (path is None) == (record is None):
        raise Invalid("Say who is there: --census with a CSV file, or --record with an export.")
    if record is not None:
        found = read_export(record, service=ward_of(model), now=at)
        return found, _hash((record / "Encounter.ndjson").read_bytes())
    assert path is not None
    text = _text(path)
    return read_census(text, network=model.network(), now=at, name=path.name), _hash(text.encode())


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(f"{path} is longer than {MOST_BYTES // 1_000_000} MB: give less of it.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{path} cannot be read as text ({problem}): name another file.") from None


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def _print(found: Forecast, past: Sequence[Past], path: Path) -> None:
    says = Console()
    for name, measured in found.measures.items():
        says.print(_table(f"{found.place}: {name}, {measured.leads}", measured))
        says.print(f"Today {measured.today:.0f}. {_why(measured, name, past)}\n", markup=False)
    if past:
        says.print(_scores(past))
    else:
        says.print("No day of a forecast kept before has been counted yet: nothing is scored.")
    says.print(f"Kept as {path}.", markup=False, soft_wrap=True)


def _table(title: str, measured: Measured) -> Table:
    table = Table("day", "middle", "half the time", "nine times in ten", title=title)
    fan = measured.fan
    columns = [fan.at(chance) for chance in (0.5, 0.25, 0.75, 0.05, 0.95)]
    for day, middle, low, high, least, most in zip(fan.days, *columns, strict=True):
        table.add_row(
            f"{day:%a %d %b}", f"{middle:.0f}", f"{low:.0f} to {high:.0f}",
            f"{least:.0f} to {most:.0f}",
        )  # fmt: skip
    return table


def _why(measured: Measured, name: str, past: Sequence[Past]) -> str:
    if BY_LEVEL not in measured.fans:
        return "Fewer than 21 past days are known, so it is by playing the people who are there."
    if any(p.measure == name for p in past):
        return "Of the two ways it is the one that came nearer before, where both have been tried."
    return "By the level of past days: on public figures it came nearer than playing totals."


def _scores(past: Sequence[Past]) -> Table:
    table = Table(
        "measure", "forecast", "made", "days", "score", "error", "in 50%", "in 90%",
        title="Forecasts kept before, and what happened",
    )  # fmt: skip
    for p in past:
        table.add_row(
            p.measure, p.kind, str(p.forecasts), str(p.score.days), f"{p.score.crps:.1f}",
            f"{p.score.error:.1f}", f"{p.score.within_50:.0%}", f"{p.score.within_90:.0%}",
        )  # fmt: skip
    return table
