"""The hospital whose messages the chapter is about: two wards, and small invented messages."""

from datetime import UTC, datetime
from typing import Any

from joinedup import record
from joinedup.fhir.search.query import parse_query
from joinedup.hl7.door import Door, door_of
from joinedup.hl7.held import Line
from joinedup.hl7.judging import visit_id
from joinedup.hl7.lying import BED, WARD
from joinedup.hl7.places import spot_identifier
from joinedup.hl7.taking import Taken, take
from joinedup.hl7.trying_again import Waiting, lines
from joinedup.record import Put, Source, Stored
from tests.spec.identity.people import HOSPITAL, PLACE, PRACTICE, everything

Resource = dict[str, Any]

JOYCE = "9990000018"
JOYCE_SAID = f"{JOYCE}^^^NHS^NH~H1001^^^{HOSPITAL}^MR"
LATER = datetime(2018, 6, 1, 12, tzinfo=UTC)
"""When messages arrive, unless a paragraph says otherwise: long after what they tell."""
_KIND = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def location(identity: str, name: str, kind: str, spot: str, within: str = "") -> Resource:
    """A ward or a bed, with what the hospital's system calls it."""
    part = {"partOf": {"reference": f"Location/{within}"}} if within else {}
    return {
        "resourceType": "Location",
        "id": identity,
        "identifier": [spot_identifier(HOSPITAL, spot)],
        "status": "active",
        "name": name,
        "physicalType": {"coding": [{"system": _KIND, "code": kind}]},
        "managingOrganization": {"reference": f"Organization/{HOSPITAL}"},
        **part,
    }


def ward(number: int, beds: int) -> list[Resource]:
    """A ward with its beds: `WARD7`, `WARD7/1` ..."""
    own = f"ward-{number}"
    made = [location(own, f"Ward {number}", WARD, f"WARD{number}")]
    for bed in range(1, beds + 1):
        spot = f"WARD{number}/{bed}"
        made.append(location(f"{own}-bed-{bed}", f"Bed {bed}", BED, spot, own))
    return made


def opened(*resources: Resource) -> None:
    """Put wards and beds into the record."""
    record.commit(PLACE, [Put(r, Source(HOSPITAL)) for r in resources], dangling="keep")


def joyce(**changes: Any) -> Resource:
    """Joyce as her practice knows her."""
    return {
        "resourceType": "Patient",
        "id": "joyce",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": JOYCE}],
        "name": [{"family": "Hallam", "given": ["Joyce"]}],
        "birthDate": "1933-05-11",
        "generalPractitioner": [{"reference": f"Organization/{PRACTICE}"}],
        **changes,
    }


def adt(
    trigger: str,
    when: str,
    *,
    control: str = "",
    visit: str = "V1",
    spot: str = "WARD7^B^12",
    who: str = JOYCE_SAID,
    name: str = "Hallam^Joyce",
    born: str = "19330511",
    home: str = "12 Mill Lane^^Marlbrook^^MQ3 2CA^^H",
    kind: str = "I",
    method: str = "",
    destination: str = "",
    starts: str = "",
    ends: str = "",
    happened: str = "",
    died: str = "",
    merged: str = "",
    header: str = "",
) -> bytes:
    """One message; `when` is EVN-2, and its number follows from what and when."""
    control = control or f"{trigger}-{visit}-{when}"
    header = (
        header or f"MSH|^~\\&|PAS|{HOSPITAL}|JOINEDUP|PLACE|{when}||ADT^{trigger}|{control}|P|2.4"
    )
    pv1 = [""] * 46
    pv1[0:4] = ["PV1", "1", kind, spot]
    pv1[19], pv1[36], pv1[37], pv1[44], pv1[45] = visit, method, destination, starts, ends
    pid = [""] * 31
    pid[0], pid[3], pid[5], pid[7], pid[8], pid[11], pid[29] = (
        "PID", who, name, born, "F", home, died,
    )  # fmt: skip
    segments = [header, f"EVN|{trigger}|{when}||||{happened}", "|".join(pid).rstrip("|")]
    segments += [f"MRG|{merged}"] if merged else []
    segments += ["|".join(pv1).rstrip("|")] if trigger != "A40" else []
    return ("\r".join(segments) + "\r").encode()


class Desk:
    """The hospital's door as a listener has it: takes messages, and tries again what waits."""

    def __init__(self) -> None:
        self.door: Door = door_of(HOSPITAL)
        self.waiting = Waiting(self.door)

    def take(self, message: bytes, arrived: datetime = LATER) -> Taken:
        """Take one message, and whatever waited for it."""
        taken = take(self.door, message, arrived)
        if taken.done:
            self.waiting.add(taken.done.line)
            self.waiting.follow(taken.done.keys, arrived)
        return taken

    def takes(self, *messages: bytes) -> list[str]:
        """Take messages in this order; return how each was answered."""
        return [self.take(message).answer.code for message in messages]


def stay(visit: str = "V1") -> Resource:
    """The Encounter of a visit as it stands."""
    return record.read(PLACE, "Encounter", visit_id(HOSPITAL, visit)).resource


def stays() -> list[Stored]:
    """Every Encounter there is."""
    return everything("Encounter")


def where(visit: str = "V1") -> list[str]:
    """Where a stay lies and lay, in order, the present place with a star."""
    return [
        p["location"]["reference"].removeprefix("Location/")
        + ("*" if p["status"] == "active" else "")
        for p in stay(visit).get("location", ())
    ]


def waits() -> list[Line]:
    """The work list."""
    return lines(PLACE, HOSPITAL)


def reasons() -> list[str]:
    """Why what waits does."""
    return [line.reason for line in waits()]


def questions() -> int:
    """How many questions about identity there are."""
    query = parse_query("Task", [("code", "identity")])
    return len(record.search(PLACE, query).entries)
