"""PostgreSQL's log of changes as files: which segments are there, and up to when they reach.

A segment is 16 MB named by its number; the one being received ends in `.partial`. Nothing here
receives them (`wal_stream`) or replays them (`restore`).
"""

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct, field

from joinedup.fhir.issue import Unavailable
from joinedup.record.backup_programs import run_program

__all__ = [
    "PARTIAL",
    "SEGMENT_BYTES",
    "following",
    "last_commit",
    "last_needed",
    "received",
    "run_of",
    "segments_of",
]

SEGMENT_BYTES = 16 * 1024 * 1024
PARTIAL = ".partial"
_NAME = re.compile(r"[0-9A-F]{24}\Z")
_SEGMENTS_IN_A_LOG = 0x100  # 4 GB of log in segments of 16 MB
_ENDED = re.compile(r"desc: (?:COMMIT|ABORT)\S* (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC")


class _Range(Struct, frozen=True):
    """Of PostgreSQL's manifest of a copy: up to where changes belong to the copy itself."""

    timeline: int = field(name="Timeline")
    end: str = field(name="End-LSN")


class _Manifest(Struct, frozen=True):
    """What is read of PostgreSQL's manifest of a copy."""

    ranges: tuple[_Range, ...] = field(name="WAL-Ranges")


def received(wal: Path) -> dict[str, Path]:
    """Return every segment below a folder by its name: a whole one rather than a partial one."""
    found: dict[str, Path] = {}
    for path in sorted(wal.glob("*/*")):
        name = path.name.removesuffix(PARTIAL)
        is_whole = path.name == name
        if _NAME.match(name) and (is_whole or name not in found):
            found[name] = path
    return found


def segments_of(folder: Path) -> dict[str, Path]:
    """Return the whole segments lying in one folder, by name."""
    return {path.name: path for path in folder.iterdir() if _NAME.match(path.name)}


def last_needed(data: Path) -> str:
    """Return the last segment without which a copied cluster cannot be opened.

    As its manifest says; refuses one it cannot read. A copy may hold the beginning of a later
    segment too, which is not whole.
    """
    path = data / "backup_manifest"
    try:
        reached = msgspec.json.decode(path.read_bytes(), type=_Manifest).ranges[-1]
    except (OSError, msgspec.MsgspecError, IndexError) as damaged:
        raise Unavailable(f"{path} is damaged. Move {data.parent} away to use others.") from damaged
    high, _, low = reached.end.partition("/")
    number = ((int(high, 16) << 32) + int(low, 16) - 1) // SEGMENT_BYTES
    return _name(reached.timeline, number)


def following(name: str) -> str:
    """Return the name of the segment after this one."""
    timeline, log, segment = (int(name[at : at + 8], 16) for at in (0, 8, 16))
    number = log * _SEGMENTS_IN_A_LOG + segment + 1
    return _name(timeline, number)


def run_of(files: dict[str, Path], first: str) -> list[Path]:
    """Return the segments from `first` on, up to the first that is missing."""
    found = []
    while first in files:
        found.append(files[first])
        first = following(first)
    return found


def last_commit(segments: list[Path], programs: Path) -> datetime | None:
    """Return when the last transaction in a run of segments ended; None where none did."""
    for number in range(len(segments) - 1, -1, -1):
        ends = _ENDED.findall(_dump(segments[number : number + 2], programs))
        if ends:
            return datetime.fromisoformat(ends[-1]).replace(tzinfo=UTC)
    return None


def _name(timeline: int, number: int) -> str:
    return f"{timeline:08X}{number // _SEGMENTS_IN_A_LOG:08X}{number % _SEGMENTS_IN_A_LOG:08X}"


def _dump(segments: list[Path], programs: Path) -> str:
    """List the transactions that end in a segment; its last record may reach into the next."""
    with tempfile.TemporaryDirectory(prefix="joinedup-wal-") as folder:
        for path in segments:
            # By links, because pg_waldump does not know a partial segment by its name.
            (Path(folder) / path.name.removesuffix(PARTIAL)).symlink_to(path)
        names = [path.name.removesuffix(PARTIAL) for path in segments]
        words = ["--rmgr=Transaction", f"--path={folder}", *names]
        # It ends with an error where the log does; what it read before counts.
        return run_program(
            [str(programs / "pg_waldump"), *words], "Reading", where=segments[0], may_fail=True
        )
