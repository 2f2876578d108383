"""The command lines `joinedup plan fortnight` and `joinedup plan spend`: their options.

What they do is in `plan_fortnight` and `plan_spend`, which are read only when asked for: the
engine takes a second to load, and no other command needs it.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add_more"]

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
Seed = Annotated[int, typer.Option(min=0, help="Names the chance: same seed, same answer.")]
Folder = Annotated[
    Path | None, typer.Option("--forecasts", help="Where forecasts are kept; else in the home.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]

Systems = Annotated[list[str] | None, typer.Option(help="Only these systems; more than once.")]
Budget = Annotated[int | None, typer.Option(min=1, help="Pounds; else 240 million's share.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day of the winter.")]
NeedsFile = Annotated[Path | None, typer.Option("--needs", help="CSV: place, share.")]
Least = Annotated[float, typer.Option(help="The least part of its share that a place gets.")]
Most = Annotated[float, typer.Option(help="The most of its share that a place gets.")]
Workers = Annotated[
    float, typer.Option(help="Most care at home more, as a part of all supported there.")
]
Beds = Annotated[float, typer.Option(help="Most community beds more, as a part of those there.")]
AndAssumed = Annotated[
    bool, typer.Option("--assumed", help="Plan with ways whose effect is assumed, too.")
]
Draws = Annotated[int, typer.Option(min=2, max=1_000, help="Draws of what is in doubt.")]
Out = Annotated[
    Path | None, typer.Option(help="Where played gains and answer are kept; else in the home.")
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Do not play the plan at once.")]

BEGINS, ENDS = datetime(2025, 11, 1), datetime(2026, 3, 31)  # noqa: DTZ001


def add_more(planning: typer.Typer) -> None:
    """Add the two commands to the group."""
    _add_fortnight(planning)
    _add_spend(planning)


def _home() -> Path:
    from joinedup.site.environment import read_environment

    return read_environment(os.environ).home


def _add_fortnight(planning: typer.Typer) -> None:
    @planning.command()
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
        forecasts: Folder = None,
        as_json: AsJson = False,
    ) -> None:
        """Forecast beds and people ready to go home for 14 days, from who is there today."""
        from joinedup.site.plan_fortnight import Asked, tell_fortnight

        asked = Asked(
            place=place, model=model, census=census, record=record, history=history, now=now,
            runs=runs, seed=seed, forecasts=forecasts or _home() / "forecasts", as_json=as_json,
        )  # fmt: skip
        tell_fortnight(asked)


def _add_spend(planning: typer.Typer) -> None:
    @planning.command()
    def spend(
        *,
        place: Systems = None,
        budget: Budget = None,
        begins: Day = BEGINS,
        ends: Day = ENDS,
        needs: NeedsFile = None,
        least: Least = 0.5,
        most: Most = 2.0,
        workers: Workers = 0.1,
        beds: Beds = 0.5,
        assumed: AndAssumed = False,
        draws: Draws = 10,
        seed: Seed = 1,
        out: Out = None,
        as_json: AsJson = False,
        no_check: NoCheck = False,
    ) -> None:
        """Say where a grant frees most beds, by place and kind of care, beside relative needs."""
        from joinedup.site.plan_spend import Asked, tell_spend

        asked = Asked(
            place=tuple(place or ()), budget=budget, begins=begins.date(), ends=ends.date(),
            needs=needs, least=least, most=most, workers=workers, beds=beds,
            assumed=assumed, draws=draws, seed=seed, out=out or _home() / "spend",
            as_json=as_json, check=not no_check,
        )  # fmt: skip
        tell_spend(asked)
