"""What one ADT message says happened: its header, and the event with its person and place. Pure.

HL7 v2 3.3: A01 admit, A02 transfer, A03 discharge, A04 register, A08 update, A11 cancel admit,
A12 cancel transfer, A13 cancel discharge, A40 merge patient.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from joinedup.hl7.message import Message
from joinedup.hl7.person import local_number, said_of_person
from joinedup.hl7.times import chosen, readings
from joinedup.hl7.unfit import Kind, Unfit
from joinedup.reference.codes.discharge import destinations, methods

__all__ = ["TRIGGERS", "Event", "Header", "Spot", "header_of", "read_event"]

TRIGGERS = ("A01", "A02", "A03", "A04", "A08", "A11", "A12", "A13", "A40")
VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8")
_CLASSES = {"I": "IMP", "E": "EMER", "O": "AMB", "R": "AMB", "B": "IMP", "P": "IMP"}
_PLACING = ("A01", "A02", "A04")
_LONGEST_CONTROL = 199
_LONGEST_CODE = 60
_EARLY = timedelta(hours=1)


class Header(Struct, frozen=True, kw_only=True):
    """MSH: who sends, which message it is, and what kind."""

    sender: str
    facility: str
    control: str
    trigger: str
    version: str
    processing: str


class Spot(Struct, frozen=True):
    """PV1-3: a ward, and a bay and a bed in it where they are told."""

    ward: str
    bay: str = ""
    bed: str = ""

    @property
    def name(self) -> str:
        """How it is named among the hospital's own: `WARD7`, or `WARD7/12` for a bed."""
        return f"{self.ward}/{self.bed}" if self.bed else self.ward


class Event(Struct, frozen=True, kw_only=True):
    """One event. `said` is when the hospital wrote it down, `happened` when it took place.

    `starts` and `ends` are those of the stay where the message tells them; `twice` that a time is
    of the hour that comes twice. `merged` is the number that A40 gives up.
    """

    header: Header
    said: datetime
    happened: datetime
    twice: bool
    local: str
    patient: dict[str, Any]
    visit: str = ""
    kind: str = ""
    spot: Spot | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    method: str = ""
    destination: str = ""
    service: str = ""
    attender: str = ""
    merged: str = ""

    @property
    def trigger(self) -> str:
        """Which kind of event, such as A01."""
        return self.header.trigger


def header_of(message: Message) -> Header:
    """Return the header of a message of a kind that is taken here; Unfit, AR, for any other."""
    trigger = message.component("MSH", 9, 2) or message.component("EVN", 1)
    header = Header(
        sender=message.component("MSH", 3),
        facility=message.component("MSH", 4),
        control=message.component("MSH", 10),
        trigger=trigger,
        version=message.component("MSH", 12),
        processing=message.component("MSH", 11),
    )
    if message.component("MSH", 9) != "ADT":
        raise _rejected(Kind.MESSAGE_TYPE, "Only ADT messages are taken here.", "MSH^1^9")
    if trigger not in TRIGGERS:
        words = f"Of ADT these events are taken: {', '.join(TRIGGERS)}."
        raise _rejected(Kind.EVENT, words, "MSH^1^9")
    if header.version not in VERSIONS:
        words = "MSH-12 must be a version from 2.3 to 2.8."
        raise _rejected(Kind.VERSION, words, "MSH^1^12")
    if header.processing != "P":
        words = "MSH-11 must be P: tests and training are not written into a record."
        raise _rejected(Kind.PROCESSING, words, "MSH^1^11")
    if not header.control or len(header.control) > _LONGEST_CONTROL:
        words = f"MSH-10 must name the message, in at most {_LONGEST_CONTROL} characters."
        raise _rejected(Kind.REQUIRED, words, "MSH^1^10")
    if not header.facility:
        raise _rejected(Kind.REQUIRED, "MSH-4 must say which hospital sends.", "MSH^1^4")
    return header


def read_event(
    message: Message,
    header: Header,
    organisation: str,
    arrived: datetime,
    *,
    second: bool = False,
) -> Event:
    """Return what the message says happened; Unfit, naming the field, for what cannot be read.

    `arrived` and `second` choose between the two readings of an hour that comes twice.
    """
    times = _Times(message, arrived, second)
    said = times.one("EVN", 2) or times.one("MSH", 7)
    if said is None:
        raise Unfit(Kind.REQUIRED, "EVN-2 must say when this was written down.", "EVN^1^2")
    if said > arrived + _EARLY:
        words = "EVN-2 lies in the future by more than an hour. Look at the sender's clock."
        raise Unfit(Kind.DATA_TYPE, words, "EVN^1^2")
    person = said_of_person(message, organisation)
    happened = times.one("EVN", 6) or said
    if header.trigger == "A40":
        merged = local_number(message, "MRG", 1)
        return Event(
            header=header,
            said=said,
            happened=happened,
            twice=times.twice,
            local=person.local,
            patient=person.patient,
            merged=merged,
        )
    starts, ends = times.one("PV1", 44), times.one("PV1", 45)
    return Event(
        header=header,
        said=said,
        happened=happened,
        twice=times.twice,
        local=person.local,
        patient=person.patient,
        visit=_visit(message, header.trigger),
        kind=_kind(message),
        spot=_spot(message, header.trigger),
        starts=starts,
        ends=ends,
        **_leaving(message, header.trigger, (ends or happened)),
        service=_code(message, 10),
        attender=_attender(message),
    )


class _Times:
    """The times of one message, and whether any is of an hour that comes twice."""

    def __init__(self, message: Message, arrived: datetime, second: bool) -> None:
        self._message = message
        self._arrived = arrived
        self._second = second
        self.twice = False

    def one(self, segment: str, field: int) -> datetime | None:
        """Return the moment a field tells; None where it tells none."""
        text = self._message.component(segment, field)
        if not text:
            return None
        moments = readings(text, f"{segment}^1^{field}")
        self.twice = self.twice or len(moments) == 2
        return chosen(moments, self._arrived, second=self._second)


def _visit(message: Message, trigger: str) -> str:
    visit = message.component("PV1", 19)
    if len(visit) > _LONGEST_CODE:
        raise Unfit(Kind.DATA_TYPE, "PV1-19 is too long for a visit number.", "PV1^1^19")
    if not visit and trigger != "A08":  # what is new of a person may come without a visit
        raise Unfit(Kind.REQUIRED, "PV1-19 must give the number of the visit.", "PV1^1^19")
    return visit


def _kind(message: Message) -> str:
    code = message.component("PV1", 2)
    if code and code not in _CLASSES and code not in ("U", "N"):
        words = "PV1-2 is no class that is taken: I, E, O, R, B, P, U or N."
        raise Unfit(Kind.TABLE, words, "PV1^1^2")
    return _CLASSES.get(code, "")


def _spot(message: Message, trigger: str) -> Spot | None:
    ward, bay, bed = (message.component("PV1", 3, number) for number in (1, 2, 3))
    if max(map(len, (ward, bay, bed))) > _LONGEST_CODE:
        raise Unfit(Kind.DATA_TYPE, "PV1-3 has a name that is too long.", "PV1^1^3")
    if ward:
        return Spot(ward, bay, bed)
    if trigger in _PLACING:
        raise Unfit(Kind.REQUIRED, "PV1-3 must say the ward.", "PV1^1^3")
    return None


def _leaving(message: Message, trigger: str, moment: datetime) -> dict[str, str]:
    """PV1-36 and PV1-37 of a discharge, as England uses them: method and destination."""
    if trigger != "A03":
        return {}
    found = {}
    for name, field, known in (("method", 36, methods), ("destination", 37, destinations)):
        code = message.component("PV1", field)
        if code and code not in known(on=moment.date()):
            words = f"PV1-{field} is no code of discharge {name} (England): {code[:10]}."
            raise Unfit(Kind.TABLE, words, f"PV1^1^{field}")
        found[name] = code
    return found


def _code(message: Message, field: int) -> str:
    return message.component("PV1", field)[:_LONGEST_CODE]


def _attender(message: Message) -> str:
    family, given, title = (message.component("PV1", 7, number) for number in (2, 3, 6))
    return " ".join(part for part in (title, given, family) if part)[: 2 * _LONGEST_CODE]


def _rejected(kind: Kind, words: str, where: str) -> Unfit:
    return Unfit(kind, words, where, answer="AR")
