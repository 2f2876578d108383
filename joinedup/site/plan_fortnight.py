"""What `joinedup plan fortnight` does: today's census, forecast, kept, scored and printed.

The forecast is `planning/forecast`; the options are in `plan_more`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

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

__all__ = ["Asked", "tell_fortnight"]

MOST_BYTES = 64_000_000


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; each is told at its option."""

    place: str
    model: Path | None
    census: Path | None
    record: Path | None
    history: Path | None
    now: str
    runs: int
    seed: int
    forecasts: Path
    as_json: bool


def tell_fortnight(asked: Asked) -> None:
    """Forecast, keep and print; refuses what cannot be read with Invalid."""
    at = _moment(asked.now)
    named, whole = _model(asked.place, asked.model, at)
    here, source = _census(whole, asked.census, asked.record, at)
    history = asked.history
    given = read_days(_text(history), name=history.name) if history else ()
    before = [f for f in kept(asked.forecasts, named) if f.made < at.date()]
    counted = counts_of(before, given)
    with shown_progress() as progress:
        measures = forecast(
            whole, here, past=counted, runs=asked.runs, seed=asked.seed,
            scores=leading(before, counted),
            progress=lambda done, of: progress("Playing fortnights", done, of),
        )  # fmt: skip
    found = Forecast(
        place=named, made=at.date(), measures=measures, runs=asked.runs, seed=asked.seed,
        people=sum(p.count for p in here.present), version=__version__,
        inputs={
            "census": source, "model": _hash(files.write_model(whole).encode()),
            "history": _hash(history.read_bytes()) if history else "",
        },
    )  # fmt: skip
    path = keep(asked.forecasts, found)
    if asked.as_json:
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
