"""Finished draws on disk, so that what was stopped goes on: a file a draw, written whole or not."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from joinedup.planning.scenarios.pairs import Outcomes
from joinedup.planning.statistics import Outcome

__all__ = ["Shelf"]

ARRAYS = ("edges", "counts", "sums", "over", "areas", "ends")


class Shelf:
    """A folder of draws of one question; another question needs another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, number: int) -> Outcomes | None:
        """Return what a draw came to; None where it is not there, or not whole."""
        try:
            with (
                self._file(number).open("rb") as file,
                np.load(file, allow_pickle=False) as kept,
            ):
                told = json.loads(str(kept["told"]))
                return tuple(
                    Outcome(
                        services=tuple(told["services"]),
                        pairs=tuple((who, where) for who, where in told["pairs"]),
                        events=events,
                        **{name: kept[f"{name}{i}"] for name in ARRAYS},
                    )
                    for i, events in enumerate(told["events"])
                )
        except Exception:  # whatever is wrong with the file, it is not whole
            return None

    def save(self, number: int, outcomes: Sequence[Outcome]) -> None:
        """Keep what a draw came to, all of it or nothing."""
        told = {
            "services": outcomes[0].services,
            "pairs": outcomes[0].pairs,
            "events": [int(one.events) for one in outcomes],
        }
        arrays = {
            f"{name}{i}": getattr(one, name) for i, one in enumerate(outcomes) for name in ARRAYS
        }
        file = self._file(number)
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(out, told=np.array(json.dumps(told)), **arrays)
        part.replace(file)

    def clear(self) -> None:
        """Take the folder away, with what it keeps."""
        for file in self.folder.glob("draw-*"):
            file.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _file(self, number: int) -> Path:
        return self.folder / f"draw-{number:05d}.npz"
