"""Frames of MLLP: VT, the message, FS CR (HL7 v2, appendix C, minimal lower layer protocol). Pure.

A frame that is too long or does not begin where it must ends the conversation: what comes behind it
cannot be told apart from it.
"""

from collections.abc import Iterator

from joinedup.fhir.issue import Invalid
from joinedup.hl7.message import MOST_BYTES

__all__ = ["Frames", "framed"]

START, END, RETURN = b"\x0b", b"\x1c", b"\r"
_BETWEEN = b"\r\n"


class Frames:
    """Takes bytes as they come and yields whole messages; keeps no more than one."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = bytearray()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a message is waiting for the rest of it."""
        return not self._held

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each message that is whole now; Invalid for bytes that are no frame."""
        self._held += data
        while self._held:
            self._skip()
            if not self._held:
                return
            if self._held[:1] != START:
                raise Invalid("A message begins with VT (0x0B); other bytes came.")
            end = self._held.find(END + RETURN, 1)
            if max(end, len(self._held) - 3 if end < 0 else 0) > self._most:
                raise Invalid(f"A message may have {self._most:,} bytes; more came.")
            if end < 0:
                return
            message = bytes(self._held[1:end])
            if START in message or END in message:
                raise Invalid("A message holds a mark of its frame (0x0B or 0x1C).")
            del self._held[: end + 2]
            yield message

    def _skip(self) -> None:
        """Leave out ends of lines between messages, which some senders write."""
        kept = self._held.lstrip(_BETWEEN)
        if len(kept) != len(self._held):
            self._held = bytearray(kept)


def framed(message: bytes) -> bytes:
    """Return a message in its frame."""
    return START + message + END + RETURN
