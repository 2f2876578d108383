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

    def get(path: Callable[[random.Random, str, str], str]) -> Make:
        def make(chance: random.Random) -> bytes:
            number = chance.randrange(people)
            place = path(chance, f"bench-{number}", family_name(number))
            return request(token, "GET", f"/fhir/{place}")

        return make

    return (
        Question(
            "read by id",
            get(lambda c, p, _: f"Observation/{p}-o{c.randrange(98)}"),
            "<= 0.8",
            "1.0",
        ),
        Question(
            "subject search of 20",
            get(lambda _, p, __: f"Observation?subject=Patient/{p}&_count=20"),
            "<= 1.5",
            "3.0",
        ),
        Question(
            "subject and code, newest 5",
            get(
                lambda _, p, __: (
                    f"Observation?subject=Patient/{p}"
                    "&code=http://loinc.org|2003-3&_sort=-date&_count=5"
                )
            ),
            "<= 1.5",
            "2.6",
        ),
        Question(
            "chained",
            get(lambda _, __, f: f"Observation?subject:Patient.family={f}&code=2003-3&_count=20"),
            "<= 3",
            "12.5",
        ),
        Question(
            "name search",
            get(lambda _, __, f: f"Patient?family={f}&given=Given&_count=20"),
            "<= 3",
            "5.9 growing to 50",
        ),
        Question(
            "everything of 100",
            get(lambda _, p, __: f"Patient/{p}/$everything?_count=100"),
            "<= 5",
            "75",
        ),
        Question("create", _creating(token, people), "<= 2", "5.7"),
        Question(
            "transaction of 100, per resource", _transaction(token, people), "<= 0.8", "8", 100
        ),
    )


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
