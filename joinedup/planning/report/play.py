"""From a scenario to its report: play, gather, write; and from a manifest the same bytes again."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from joinedup.planning.files.write import write_model
from joinedup.planning.places import Place, place
from joinedup.planning.report.manifest import (
    Manifest,
    digest,
    make_manifest,
    question_key,
)
from joinedup.planning.report.page import as_html
from joinedup.planning.report.parquet import as_parquet
from joinedup.planning.report.results import Results, gather
from joinedup.planning.report.stress import as_markdown, sections
from joinedup.planning.report.tables import answer_table, as_csv, day_table, run_table
from joinedup.planning.scenarios.kept import Shelf
from joinedup.planning.scenarios.model import Option, Scenario
from joinedup.planning.scenarios.pairs import Kept, Pairs, run_pairs
from joinedup.planning.scenarios.past import as_published
from joinedup.planning.scenarios.read import as_text, read_scenario
from joinedup.planning.scenarios.sound import require_fitting

__all__ = ["Difference", "Played", "compare", "place_of", "play_scenario", "replay", "write_to"]

Report = Callable[[int, int], None]


class Played(Struct, frozen=True):
    """A scenario played: its results, its files by name, its manifest (one of the files)."""

    results: Results
    files: dict[str, bytes]
    manifest: Manifest


class Difference(Struct, frozen=True):
    """One thing that is not as the manifest says."""

    kind: str
    name: str


def place_of(scenario: Scenario, asked: str) -> Place:
    """Return the place that a scenario is played in; refuses options that do not fit it."""
    found = as_published(place(asked, on=scenario.starts, days=scenario.days))
    for option in (*scenario.options, Option("the background", scenario.background)):
        require_fitting(found, option)
    return found


def play_scenario(
    source: str | Path,
    *,
    asked: str = "",
    runs: int | None = None,
    seed: int | None = None,
    name: str = "",
    threads: int | None = None,
    kept_in: Path | None = None,
    progress: Report | None = None,
) -> Played:
    """Play a scenario file and return everything to be written of it.

    Place, runs and seed are the file's own where not asked for. With a folder, finished draws are
    kept there until all are done, so that what was stopped goes on. Refuses as `read_scenario`.
    """
    text, name = as_text(source, name)
    scenario = read_scenario(text, name=name)
    asked = asked or scenario.place
    given = place_of(scenario, asked)
    wanted = scenario.runs if runs is None else runs
    luck = scenario.seed if seed is None else seed
    manifest = make_manifest(text, name, given, asked=asked, runs=wanted, seed=luck)
    shelf: Shelf | None = None
    if kept_in is not None:
        shelf = Shelf(kept_in / f".played-{question_key(manifest)}")
    kept: Kept | None = shelf
    pairs = run_pairs(
        given,
        scenario.options,
        runs=wanted,
        seed=luck,
        threads=threads,
        background=Option("the background", scenario.background),
        kept=kept,
        progress=progress,
    )
    return _told(gather(scenario, pairs), pairs, text, manifest)


def _told(results: Results, pairs: Pairs, text: str, manifest: Manifest) -> Played:
    """Return the files of a report, and the manifest with what came out."""
    given = pairs.place
    files = {
        "results.json": msgspec.json.format(msgspec.json.encode(results), indent=1),
        "report.html": as_html(results, given),
        "stress-des.md": as_markdown(sections(results, given)),
        "scenario.toml": text.encode(),
        "place.toml": write_model(given.model).encode(),
    }
    for stem, table in (
        ("answers", answer_table(results)),
        ("days", day_table(results)),
        ("runs", run_table(pairs)),
    ):
        files[f"{stem}.csv"] = as_csv(table)
        files[f"{stem}.parquet"] = as_parquet(table)
    outputs = {file: digest(data) for file, data in sorted(files.items())}
    manifest = msgspec.structs.replace(manifest, outputs=outputs)
    files["manifest.json"] = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    return Played(results, files, manifest)


def write_to(folder: Path, played: Played) -> None:
    """Write every file of what was played, each whole or not at all; draws kept are let go."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in played.files.items():
        part = folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(folder / name)
    Shelf(folder / f".played-{question_key(played.manifest)}").clear()


def replay(
    manifest: Manifest, *, threads: int | None = None, progress: Report | None = None
) -> tuple[Played, tuple[Difference, ...]]:
    """Play what a manifest says again; return it, and every way in which it is not the same."""
    played = play_scenario(
        manifest.scenario,
        name=manifest.scenario_name,
        asked=manifest.place,
        runs=manifest.runs,
        seed=manifest.seed,
        threads=threads,
        progress=progress,
    )
    return played, compare(manifest, played.manifest)


def compare(before: Manifest, after: Manifest) -> tuple[Difference, ...]:
    """Return what differs between two manifests: inputs, versions, outputs."""
    found = []
    for kind in ("inputs", "versions", "outputs"):
        old, new = getattr(before, kind), getattr(after, kind)
        found += [
            Difference(kind, name)
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    return tuple(found)
