"""Postings and decisions as text, for whatever carries them until somebody approves; and back.

What comes back was written by a program or a person somewhere: it is read strictly, and whether it
is sound is asked again when it is posted.
"""

import msgspec

from joinedup.fhir.issue import Invalid
from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.posting import Posting

__all__ = ["LONGEST_TEXT", "Books", "read_books", "write_books"]

Books = Posting | Tolerance | Closing
"""What is said to the ledger."""

LONGEST_TEXT = 500_000
_KINDS: dict[str, type[Books]] = {
    "posting": Posting,
    "tolerance": Tolerance,
    "closing": Closing,
}
_JSON = msgspec.json.Encoder(decimal_format="string")


def write_books(said: Books) -> str:
    """Return what is said as text; Invalid for more than half a million letters of it."""
    kind = next(name for name, made in _KINDS.items() if isinstance(said, made))
    text = _JSON.encode({"kind": kind, "said": said}).decode()
    if len(text) > LONGEST_TEXT:
        raise Invalid("This is too much for one posting. Prepare it as several.")
    return text


def read_books(text: str) -> Books:
    """Return what `write_books` wrote; Invalid for what it did not."""
    try:
        whole = msgspec.json.decode(text[: LONGEST_TEXT + 1])
        return msgspec.convert(whole["said"], _KINDS[whole["kind"]])
    except (msgspec.MsgspecError, KeyError, TypeError) as problem:
        raise Invalid("This is not a posting as it was prepared. Prepare it again.") from problem
