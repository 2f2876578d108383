"""Ready scenarios: the files that come with joinedup, found by name."""

from functools import lru_cache
from pathlib import Path

from joinedup.fhir.issue import NotFound
from joinedup.planning.scenarios.read import read_scenario

__all__ = ["ready_file", "ready_names", "ready_scenarios"]

_FOLDER = Path(__file__).resolve().parent / "files"


def ready_names() -> tuple[str, ...]:
    """Return the names of the ready scenarios."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


@lru_cache(maxsize=1)
def ready_scenarios() -> dict[str, str]:
    """Return the title of every ready scenario by its name."""
    return {name: read_scenario(_FOLDER / f"{name}.toml").title for name in ready_names()}


def ready_file(asked: Path) -> Path:
    """Return the file asked for, or the ready one of that name; refuses others with NotFound."""
    if asked.is_file():
        return asked
    if str(asked) in ready_names():
        return _FOLDER / f"{asked}.toml"
    known = ", ".join(ready_names())
    raise NotFound(f"There is no file {asked}, nor a ready scenario of that name: {known}")
