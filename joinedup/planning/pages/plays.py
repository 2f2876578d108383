"""Playing a ready scenario beside the web server, one at a time, and keeping its report.

A run is named by scenario and place, such as `winter-2018-qjm`. A server that stops in the middle
loses nothing: asked again, it goes on with the draws that are kept.
"""

from pathlib import Path
from threading import Lock, Thread

import msgspec
from msgspec import Struct

from joinedup.fhir.issue import Conflict, NotFound
from joinedup.planning.places import code_of, name_of
from joinedup.planning.report.play import play_scenario, write_to
from joinedup.planning.report.results import Results
from joinedup.planning.scenarios.ready import ready_file, ready_names

__all__ = ["Playing", "begin", "kept_runs", "playing_now", "results_of", "run_name"]

RUNS = 40  # half a minute of one processor for a system
_lock = Lock()


class Playing(Struct):
    """What is being played, and how far it is; `failed` where it broke off."""

    name: str
    done: int = 0
    whole: int = RUNS
    failed: bool = False


class _Table:
    """The one run at a time, and the last that was."""

    now: Playing | None = None
    last: Playing | None = None


def run_name(scenario: str, place: str) -> str:
    """Return the name of a run: a ready scenario in a system; refuses others with NotFound."""
    if scenario not in ready_names():
        raise NotFound(f"There is no ready scenario {scenario!r}: choose one of the list")
    return f"{scenario}-{code_of(place).lower()}"


def playing_now(name: str = "") -> Playing | None:
    """Return what is being played (or, by name, what was last and failed)."""
    if not name:
        return _Table.now
    for one in (_Table.now, _Table.last):
        if one is not None and one.name == name:
            return one
    return None


def begin(scenario: str, place: str, *, home: Path) -> str:
    """Begin to play a ready scenario and return its name; refuses while another is played."""
    name = run_name(scenario, place)
    with _lock:
        if _Table.now is not None:
            raise Conflict("Another run is being played. Wait for it to end, then play yours.")
        _Table.now = Playing(name)
    words = (name, scenario, name_of(code_of(place)), home)
    Thread(target=_play, args=words, name="plan", daemon=True).start()
    return name


def _play(name: str, scenario: str, place: str, home: Path) -> None:
    at = _Table.now
    assert at is not None
    folder = _folder(home) / name

    def tell(done: int, whole: int) -> None:
        at.done, at.whole = done, whole

    try:
        source = ready_file(Path(scenario))
        played = play_scenario(
            source, asked=place, runs=RUNS, threads=1, kept_in=folder, progress=tell
        )
        write_to(folder, played)
    except OSError:  # no room on the disk: what is done is kept
        at.failed = True
    except BaseException:
        at.failed = True
        raise
    finally:
        with _lock:
            _Table.last, _Table.now = at, None


def kept_runs(home: Path) -> list[tuple[str, Results]]:
    """Return every run that is kept, by name."""
    found = []
    for file in sorted(_folder(home).glob("*/results.json")):
        results = _read(file)
        if results is not None:
            found.append((file.parent.name, results))
    return found


def results_of(name: str, *, home: Path) -> Results | None:
    """Return what a run came to; None where none of the name is kept, or another version's."""
    return _read(_folder(home) / name / "results.json")


def _read(file: Path) -> Results | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Results)
    except (OSError, msgspec.DecodeError):
        return None


def _folder(home: Path) -> Path:
    return home / "plans"
