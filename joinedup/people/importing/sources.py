"""What can be imported from: files, folders, .gz and tar archives, read as streams.

Nothing is unpacked to disk: members of an archive are read one by one, within limits on their size
and on how much an archive may grow. What a document holds is for `entries` and `council` to say.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, TooLarge

__all__ = ["BUNDLE", "CSV", "LINES", "Document", "Refuse", "documents", "total_bytes"]

BUNDLE, LINES, CSV = "bundle", "lines", "csv"
_KINDS = {".json": BUNDLE, ".ndjson": LINES, ".jsonl": LINES, ".csv": CSV}
_TAR = (".tar", ".tar.gz", ".tgz")

LARGEST_BYTES = {BUNDLE: 200_000_000, LINES: 1 << 62, CSV: 100_000_000}
"""A bundle and an archived CSV are held in memory whole; lines are not."""
MOST_GROWTH = 200
GROWTH_FLOOR_BYTES = 100_000_000
_BLOCK_BYTES = 512
_CHUNK_BYTES = 1 << 20

_BROKEN = (EOFError, gzip.BadGzipFile, tarfile.TarError, zlib.error)

Refuse = Callable[[str, str], None]
"""Called with the name of a file and why it, or the rest of it, is not read."""
Advance = Callable[[int], None]
"""Called with how many bytes of the files have been read so far."""


class Document(Struct, frozen=True):
    """One file to import. `open` gives a stream of its bytes, until the next document is taken."""

    name: str
    kind: str
    open: Callable[[], IO[bytes]]


def total_bytes(paths: Sequence[Path]) -> int:
    """Return how many bytes on disk the paths hold, folders included."""
    return sum(_size(path) for path in _files(paths))


def documents(
    paths: Sequence[Path], *, refuse: Refuse, advance: Advance = lambda _: None
) -> Iterator[Document]:
    """Yield every document below the paths, in the order of their names.

    A file that cannot be read, or whose kind is unknown, is passed to `refuse` and left out; what
    comes before a break in an archive is still yielded.
    """
    before = 0
    for path in _files(paths):
        at = before
        try:
            yield from _of_file(path, refuse, _after(at, advance))
        except OSError as error:
            refuse(str(path), f"The file cannot be read: {error.strerror or error}.")
        before += _size(path)
        advance(before)


def _after(before: int, advance: Advance) -> Advance:
    """Return what a file calls with its own bytes, where `before` bytes came before it."""
    return lambda done: advance(before + done)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.is_file() and not p.is_symlink())
        else:
            yield path


def _of_file(path: Path, refuse: Refuse, advance: Advance) -> Iterator[Document]:
    name = str(path)
    lower = name.lower()
    if not path.exists():
        refuse(name, "There is no such file.")
    elif lower.endswith(_TAR):
        yield from _of_archive(path, refuse, advance)
    elif (kind := _kind(lower)) is None:
        refuse(name, _unknown(lower))
    elif lower.endswith(".gz"):
        yield from _of_gzip(path, kind, refuse, advance)
    elif path.stat().st_size > LARGEST_BYTES[kind] and kind == BUNDLE:
        refuse(name, _too_large(kind))
    else:
        yield Document(name, kind, lambda: _Counted(path.open("rb"), advance))


def _of_gzip(path: Path, kind: str, refuse: Refuse, advance: Advance) -> Iterator[Document]:
    """Lines are streamed; what is read more than once, or whole, is unpacked in memory first."""
    if kind == LINES:
        yield Document(str(path), kind, lambda: _Grown(_Counted(path.open("rb"), advance)))
        return
    try:
        with _Grown(_Counted(path.open("rb"), advance)) as stream:
            data = _read_all(stream, kind)
    except (*_BROKEN, TooLarge) as error:
        refuse(str(path), _why(error))
        return
    yield Document(str(path), kind, lambda: io.BytesIO(data))


def _of_archive(path: Path, refuse: Refuse, advance: Advance) -> Iterator[Document]:
    raw = _Counted(path.open("rb"), advance)
    packed = not path.name.lower().endswith(".tar")
    with _Tail(_Grown(raw) if packed else raw) as stream:
        try:
            tail: Any = stream
            with tarfile.open(fileobj=tail, mode="r|") as archive:
                for member in archive:
                    yield from _of_member(path, archive, member, refuse)
            stream.drain()
        except (*_BROKEN, TooLarge) as error:
            refuse(str(path), f"{_why(error)} What came before was read; the rest was not.")
            return
        if not stream.ends_in_nothing:
            words = "The archive is cut off: it has no end mark. What came before was read."
            refuse(str(path), words)


def _of_member(
    path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, refuse: Refuse
) -> Iterator[Document]:
    name = f"{path}!{member.name}"
    if member.isdir():
        return
    lower = member.name.lower()
    kind = _kind(lower)
    if not member.isfile():
        refuse(name, "This is a link or a device, not a file.")
    elif kind is None or lower.endswith(".gz"):
        refuse(name, _unknown(lower))
    elif member.size > LARGEST_BYTES[kind]:
        refuse(name, _too_large(kind))
    else:
        packed = archive.extractfile(member)
        assert packed is not None, "a plain file has content"
        if kind == LINES:
            yield Document(name, kind, lambda: packed)
            return
        data = packed.read()
        if len(data) < member.size:
            raise EOFError
        yield Document(name, kind, lambda: io.BytesIO(data))


def _kind(name: str) -> str | None:
    return _KINDS.get(Path(name.removesuffix(".gz")).suffix)


def _unknown(name: str) -> str:
    if name.endswith((".xlsx", ".xls")):
        return "This is an Excel workbook. In Excel choose Save as, CSV UTF-8, and import that."
    if name.endswith((".zip", ".7z", ".rar")):
        return "This archive is not read. Pack the files as .tar.gz, or import the folder."
    if name.endswith(".books"):
        return "This is the ledger of an export. A place moves by `joinedup backup` and `restore`."
    if name.endswith(".xml"):
        return "FHIR as XML is not read. Ask for JSON."
    return "Only .json, .ndjson and .csv files are read, alone, as .gz, or in .tar or .tar.gz."


def _too_large(kind: str) -> str:
    most = LARGEST_BYTES[kind] // 1_000_000
    return f"The file is larger than {most} MB. Send it in parts, or as NDJSON."


def _read_all(stream: IO[bytes], kind: str) -> bytes:
    data = stream.read(LARGEST_BYTES[kind] + 1)
    if len(data) > LARGEST_BYTES[kind]:
        raise TooLarge(_too_large(kind))
    return data


def _why(error: Exception) -> str:
    if isinstance(error, TooLarge | Invalid):
        return str(error)
    return "The file is broken or cut off."


class _Counted(io.BufferedReader):
    """A file that says how far it has been read."""

    def __init__(self, raw: IO[bytes], advance: Advance) -> None:
        super().__init__(_Telling(raw, advance), _CHUNK_BYTES)


class _Telling(io.RawIOBase):
    def __init__(self, raw: IO[bytes], advance: Advance) -> None:
        self._raw, self._advance, self._done = raw, advance, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._done += len(data)
        self._advance(self._done)
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Grown(io.BufferedReader):
    """An unpacked stream that refuses, `TooLarge`, to grow out of proportion."""

    def __init__(self, packed: IO[bytes]) -> None:
        super().__init__(_Growing(packed), _CHUNK_BYTES)


class _Growing(io.RawIOBase):
    def __init__(self, packed: IO[bytes]) -> None:
        self._taken, self._given = _Taken(packed), 0
        taken: Any = self._taken
        self._stream = gzip.GzipFile(fileobj=taken, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._given += len(data)
        if self._given > max(GROWTH_FLOOR_BYTES, self._taken.count * MOST_GROWTH):
            raise TooLarge(f"The file unpacks to more than {MOST_GROWTH} times its size.")
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._taken.close()
        super().close()


class _Taken:
    """Counts the packed bytes that were taken."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed, self.count = packed, 0

    def read(self, size: int = -1) -> bytes:
        data = self._packed.read(size)
        self.count += len(data)
        return data

    def close(self) -> None:
        self._packed.close()


class _Tail:
    """A stream that remembers its end: a whole tar ends in blocks of nothing."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._last = stream, b""

    def __enter__(self) -> "_Tail":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._last = (self._last + data)[-_BLOCK_BYTES:]
        return data

    def drain(self) -> None:
        """Read what is left, so that a checksum at the very end is looked at."""
        while self.read(_CHUNK_BYTES):
            pass

    @property
    def ends_in_nothing(self) -> bool:
        return not self._last.strip(b"\0")
