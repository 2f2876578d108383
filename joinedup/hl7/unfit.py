"""Why a message is not taken: what is wrong, where in it, and how the sender is answered. Pure."""

from enum import Enum
from typing import Literal

from joinedup.fhir.issue import Invalid

__all__ = ["Kind", "Unfit"]


class Kind(Enum):
    """HL7 table 0357, message error condition codes: those that are used here."""

    ACCEPTED = ("0", "Message accepted")
    SEQUENCE = ("100", "Segment sequence error")
    REQUIRED = ("101", "Required field missing")
    DATA_TYPE = ("102", "Data type error")
    TABLE = ("103", "Table value not found")
    MESSAGE_TYPE = ("200", "Unsupported message type")
    EVENT = ("201", "Unsupported event code")
    PROCESSING = ("202", "Unsupported processing id")
    VERSION = ("203", "Unsupported version id")
    UNKNOWN_KEY = ("204", "Unknown key identifier")
    DUPLICATE = ("205", "Duplicate key identifier")
    INTERNAL = ("207", "Application internal error")

    @property
    def code(self) -> str:
        """The code of the table."""
        return self.value[0]

    @property
    def title(self) -> str:
        """What the table calls it."""
        return self.value[1]


class Unfit(Invalid):
    """A message that cannot be taken as it is; nothing of it is kept.

    `where` is the place as ERR-2 writes it (`PID^1^3`); `answer` AE for what is wrong in it, AR for
    what this place does not take at all.
    """

    def __init__(
        self, kind: Kind, words: str, where: str = "", *, answer: Literal["AE", "AR"] = "AE"
    ) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.where = where
        self.answer: Literal["AE", "AR"] = answer
