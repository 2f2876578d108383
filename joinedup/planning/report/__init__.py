"""Reports: what a scenario's runs say, as values, charts, tables, a page, and a way to play again.

`results` gathers everything a reader is told, `charts` draws it, `page` writes it as HTML, `stress`
fills STRESS-DES, `tables` writes CSV and Parquet, `manifest` says what was played with which
inputs, and `play` does all of it, from a scenario to a folder. Nothing here knows the clock.
"""

from joinedup.planning.report.manifest import Manifest, read_manifest
from joinedup.planning.report.play import Played, play_scenario, replay
from joinedup.planning.report.results import Results

__all__ = ["Manifest", "Played", "Results", "play_scenario", "read_manifest", "replay"]
