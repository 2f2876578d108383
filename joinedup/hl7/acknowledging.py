"""The answer to a message: MSH and MSA, and ERR in words where there is something to say. Pure.

HL7 v2 2.9.2 (original mode): AA taken, AE wrong in the message, AR not taken now or at all.
"""

from datetime import datetime

from msgspec import Struct

from joinedup.hl7.message import written
from joinedup.hl7.times import stamped
from joinedup.hl7.unfit import Kind, Unfit

__all__ = ["Answer", "acknowledgement", "refused"]

_LONGEST_WORDS = 250
_WITH_ONE_ERROR_FIELD = ("2.3", "2.3.1", "2.4")


class Answer(Struct, frozen=True, kw_only=True):
    """How a message is answered; `where` is the place in it that is wrong, as ERR-2 has it.

    `severity` is E for an error, W where the message was taken and waits, "" with nothing to say.
    """

    code: str
    words: str = ""
    kind: Kind = Kind.ACCEPTED
    severity: str = ""
    where: str = ""


class Addressed(Struct, frozen=True):
    """What an answer repeats of its message; all "" where the header could not be read."""

    sender: str = ""
    facility: str = ""
    control: str = ""
    trigger: str = ""
    version: str = "2.5"


def refused(problem: Unfit) -> Answer:
    """Return the answer to a message that is not taken."""
    return Answer(
        code=problem.answer,
        words=problem.words,
        kind=problem.kind,
        severity="E",
        where=problem.where,
    )


def acknowledgement(
    answer: Answer, to: Addressed, *, organisation: str, own_control: str, now: datetime
) -> bytes:
    """Return the message that answers one, in UTF-8."""
    version = to.version or "2.5"
    header = [
        "MSH",
        "^~\\&",
        "JOINEDUP",
        written(organisation),
        written(to.sender),
        written(to.facility),
        stamped(now),
        "",
        "^".join(("ACK", written(to.trigger), "ACK")) if to.trigger else "ACK",
        own_control,
        "P",
        written(version),
        *[""] * 5,
        "UNICODE UTF-8",
    ]
    words = written(answer.words[:_LONGEST_WORDS])
    old = version in _WITH_ONE_ERROR_FIELD
    acknowledged = ["MSA", answer.code, written(to.control), *([words] if old and words else [])]
    lines = ["|".join(header), "|".join(acknowledged)]
    if answer.severity:
        lines.append(_error(answer, words, old=old))
    return ("\r".join(lines) + "\r").encode()


def _error(answer: Answer, words: str, *, old: bool) -> str:
    coded = (answer.kind.code, written(answer.kind.title), "HL70357")
    if old:
        segment, _, rest = answer.where.partition("^")
        sequence, _, field = rest.partition("^")
        return "ERR|" + "^".join((segment, sequence, field, "&".join(coded)))
    fields = ["", answer.where, "^".join(coded), answer.severity, "", "", "", words]
    return "ERR|" + "|".join(fields)
