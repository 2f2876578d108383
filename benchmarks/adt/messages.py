"""An invented hospital's day as messages: stays of people known to their practice, or to nobody."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM, is_valid
from joinedup.hl7.lying import BED, WARD
from joinedup.hl7.places import spot_identifier

__all__ = ["HOSPITAL", "PRACTICE", "person", "places", "stay"]

HOSPITAL, PRACTICE = "RZ901", "Y90001"
BEDS, HALF = 28, 40
"""Beds of a ward; wards that people come to, and as many that they move to."""
_KIND = "http://terminology.hl7.org/CodeSystem/location-physical-type"

Resource = dict[str, Any]


def number_of(own: int) -> str:
    """Return the valid NHS number of the 999 range nearest to this one's own."""
    start = f"999{own:06d}"
    return next((start + d for d in "0123456789" if is_valid(start + d)), "")


def person(own: int) -> Resource:
    """Return somebody as their practice knows them."""
    return {
        "resourceType": "Patient",
        "id": f"p{own}",
        "identifier": [{"system": NHS_NUMBER_SYSTEM, "value": number_of(own)}],
        "name": [{"family": _family(own), "given": [_family(own + 50_000)]}],
        "birthDate": _born(own),
        "generalPractitioner": [{"reference": f"Organization/{PRACTICE}"}],
    }


def places(wards: int) -> list[Resource]:
    """Return wards of 28 beds."""
    made = []
    for ward in range(wards):
        made.append(_location(f"w{ward}", f"Ward {ward}", WARD, f"W{ward}"))
        for bed in range(BEDS):
            spot = f"W{ward}/{bed}"
            part = {"partOf": {"reference": f"Location/w{ward}"}}
            made.append(_location(f"w{ward}-{bed}", f"Bed {bed}", BED, spot) | part)
    return made


def stay(own: int, visit: str, *, known: bool) -> Iterator[bytes]:
    """Yield the five messages of a stay, in order: in, told more, moved, told more, out.

    Two of five are updates (A08), as in a feed of a hospital's own.
    """
    day = f"2017{1 + own // 28 % 12:02d}{1 + own % 28:02d}"
    bed, next_bed = (
        f"W{own // BEDS % 20}^B^{own % BEDS}",
        f"W{20 + own // BEDS % 20}^B^{own % BEDS}",
    )
    yield _message("A01", f"{day}1000", own, visit, bed, known=known)
    yield _message("A08", f"{day}1100", own, visit, bed, known=known)
    yield _message("A02", f"{day}1200", own, visit, next_bed, known=known)
    yield _message("A08", f"{day}1300", own, visit, next_bed, known=known)
    yield _message("A03", f"{day}1400", own, visit, next_bed, known=known)


def _message(trigger: str, when: str, own: int, visit: str, spot: str, *, known: bool) -> bytes:
    number = f"{number_of(own)}^^^NHS^NH~" if known else ""
    pv1 = [""] * 38
    pv1[0:4] = ["PV1", "1", "I", spot]
    pv1[7], pv1[10], pv1[19] = "C1^Marsh^Helen^^^Dr", "300", visit
    pv1[36:38] = ["1", "19"] if trigger == "A03" else ["", ""]
    named, born = f"{trigger}{visit}{when}", _born(own).replace("-", "")
    name = f"{_family(own)}^{_family(own + 50_000)}"
    segments = (
        f"MSH|^~\\&|PAS|{HOSPITAL}|JOINEDUP|PLACE|{when}||ADT^{trigger}|{named}|P|2.4",
        f"EVN|{trigger}|{when}",
        f"PID|1||{number}H{own}^^^{HOSPITAL}^MR||{name}||{born}|F|||"
        f"{own} Mill Lane^^Marlbrook^^MQ3 2CA^^H||01632 960{own % 1000:03d}",
        "PD1|||Fosse Lane Surgery^^Y90001",
        "|".join(pv1),
    )
    return ("\r".join(segments) + "\r").encode()


def _family(own: int) -> str:
    """A name like nobody else's: who looks like somebody known waits for people."""
    digits = blake2b(f"{own}".encode(), digest_size=8).hexdigest()
    return digits.translate(str.maketrans("0123456789", "ghijklmnop")).capitalize()


def _born(own: int) -> str:
    return f"{1925 + own % 60}-{1 + own // 60 % 12:02d}-{14 + own // 720 % 14:02d}"


def _location(identity: str, name: str, kind: str, spot: str) -> Resource:
    return {
        "resourceType": "Location",
        "id": identity,
        "identifier": [spot_identifier(HOSPITAL, spot)],
        "status": "active",
        "name": name,
        "physicalType": {"coding": [{"system": _KIND, "code": kind}]},
        "managingOrganization": {"reference": f"Organization/{HOSPITAL}"},
    }
