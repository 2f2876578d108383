"""What the benchmark asks of the FHIR door, each with its goal and the peer's figure."""

import json
import random
from collections.abc import Callable

from msgspec import Struct

from benchmarks.record.people import PER_PERSON, family_name, observation

__all__ = ["Question", "asked"]

Make = Callable[[random.Random], bytes]


class Question(Struct, frozen=True):
    """One kind of request; its cost is divided by the resources it carries."""

    name: str
    make: Make
    goal: str
    peer: str
    resources: int = 1


def request(token: str, method: str, path: str, body: object = None) -> bytes:
    """Return one HTTP request."""
    data = json.dumps(body).encode() if body is not None else b""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/fhir+json\r\nContent-Type: application/fhir+json\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    ).encode() + data


def asked(token: str, size: int) -> tuple[Question, ...]:
    """Return the questions to a record of this many resources."""
    people = size // PER_PERSON
    transaction = _transaction(token, people)
    return (
        *(
            Question(name, _getting(token, people, path), goal, peer)
            for name, path, goal, peer in _READS
        ),
        Question("create", _creating(token, people), "<= 2", "5.7"),
        Question("transaction of 100, per resource", transaction, "<= 0.8", "8", 100),
    )


_READS = (
    ("read by id", "Observation/{person}-o{number}", "<= 0.8", "1.0"),
    ("subject search of 20", "Observation?subject=Patient/{person}&_count=20", "<= 1.5", "3.0"),
    (
        "subject and code, newest 5",
        "Observation?subject=Patient/{person}&code=http://loinc.org|2003-3&_sort=-date&_count=5",
        "<= 1.5",
        "2.6",
    ),
    (
        "chained",
        "Observation?subject:Patient.family={family}&code=2003-3&_count=20",
        "<= 3",
        "12.5",
    ),
    ("name search", "Patient?family={family}&given=Given&_count=20", "<= 3", "5.9 to 50"),
    ("everything of 100", "Patient/{person}/$everything?_count=100", "<= 5", "75"),
)
"""Name, path below /fhir, goal in ms and the peer's ms."""


def _getting(token: str, people: int, path: str) -> Make:
    def make(chance: random.Random) -> bytes:
        number = chance.randrange(people)
        place = path.format(
            person=f"bench-{number}", number=chance.randrange(98), family=family_name(number)
        )
        return request(token, "GET", f"/fhir/{place}")

    return make


def _creating(token: str, people: int) -> Make:
    def make(chance: random.Random) -> bytes:
        person = f"bench-{chance.randrange(people)}"
        return request(
            token, "POST", "/fhir/Observation", observation(person, chance.randrange(98), chance)
        )

    return make


def _transaction(token: str, people: int) -> Make:
    def make(chance: random.Random) -> bytes:
        person = f"bench-{chance.randrange(people)}"
        entries = [
            {
                "resource": observation(person, number, chance),
                "request": {"method": "POST", "url": "Observation"},
            }
            for number in range(100)
        ]
        whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return request(token, "POST", "/fhir", whole)

    return make
