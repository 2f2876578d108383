"""What was played and what was answered, as files: a stopped run goes on, a page draws the last."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.allocation.answer import Spend
from joinedup.planning.allocation.gains import Gains

__all__ = ["ANSWER", "keep_answer", "kept_answer", "kept_or_played", "run_name"]

ANSWER = "spend.json"
MOST_BYTES = 20_000_000
Kind = TypeVar("Kind")


def run_name(*told: object) -> str:
    """Return a name for a run of these settings: another setting, another file."""
    return sha256("\n".join(map(str, told)).encode()).hexdigest()[:16]


def kept_or_played(folder: Path, name: str, play: Callable[[], Gains]) -> Gains:
    """Return a place's gains from its file, or play them and write it."""
    path = folder / f"{name}.json"
    if path.is_file():
        return _read(path, Gains)
    found = play()
    _write(path, msgspec.json.encode(found))
    return found


def keep_answer(folder: Path, spend: Spend) -> Path:
    """Write the answer, over the last one, and return where."""
    path = folder / ANSWER
    _write(path, msgspec.json.format(msgspec.json.encode(spend), indent=1))
    return path


def kept_answer(folder: Path) -> Spend | None:
    """Return the last answer; None where nobody asked yet. Refuses a damaged file with Invalid."""
    path = folder / ANSWER
    return _read(path, Spend) if path.is_file() else None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)


def _read(path: Path, kind: type[Kind]) -> Kind:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too long")
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (ValueError, OSError) as problem:
        message = f"{path} cannot be used ({problem}): remove it and run again"
        raise Invalid(Problem("structure", message, str(path))) from None
