"""Messages from a file: one after another, in MLLP frames, or with lines for segments. Pure.

A batch's own segments (FHS, BHS, BTS, FTS) are left out: each message is answered by itself.
"""

import re
from collections.abc import Iterator

from joinedup.fhir.issue import TooLarge
from joinedup.hl7.framing import END, START

__all__ = ["MOST_FILE_BYTES", "messages_of", "refuse_large"]

MOST_FILE_BYTES = 512 * 1024 * 1024
_LINES = re.compile(rb"\r\n|\n|\r")
_BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")


def refuse_large(file_bytes: int) -> None:
    """Refuse a file beyond the limit, before it is read; TooLarge."""
    if file_bytes > MOST_FILE_BYTES:
        raise TooLarge(f"The file is larger than {MOST_FILE_BYTES // 1024**2} MB. Split it.")


def messages_of(data: bytes) -> Iterator[bytes]:
    """Yield each message of a file, its segments ended by CR; a message begins at each MSH.

    What stands before the first MSH is a message by itself, so that it is refused by name and not
    passed by.
    """
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(START, b"").replace(END, b"\r")
    held: list[bytes] = []
    for line in _LINES.split(plain):
        if not line.strip() or line[:3] in _BATCH:
            continue
        if line[:3] == b"MSH" and held:
            yield b"\r".join(held) + b"\r"
            held = []
        held.append(line)
    if held:
        yield b"\r".join(held) + b"\r"
