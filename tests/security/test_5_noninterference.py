"""Two places that differ only in what is hidden answer the same requests the same (trust.md F5b).

The second place also holds people, versions and links of another organisation. A hundred random
requests go to both; status, headers and body must be equal but for the time of writing.
"""

import io
import os
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Delete, Put, Source, database
from joinedup.record.cluster import Cluster, Urls
from joinedup.signin.tokens import issue_token
from tests.conftest import _Copied
from tests.load.client import _bytes
from tests.load.people import condition, in_care, observation, patient, post

REQUESTS, FULL_REQUESTS = 100, 2_000
SEED = int(os.environ.get("FUZZ_SEED", "5"))
WHEN = datetime(2018, 1, 16, 10, tzinfo=UTC)
CHANGING = re.compile(r"20(?!18-01-16)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|\+00:00)")
Asked = tuple[str, str, Any, dict[str, str]]
Told = tuple[int, tuple[tuple[str, str], ...], str]
_SORTS = ("date", "-code", "has-member", "_id")
FAMILIES = ("Abel", "Baker", "Carter")


def _store(organisation: str, *resources: dict[str, Any]) -> None:
    source = Source(organisation, "Practitioner/x", "gp")
    found = [Put(r, source=source) for r in resources]
    record.commit(system_permit("test"), found, dangling="keep", now=WHEN)


def _seen_facts() -> None:
    """What both places hold, and the surgery's token may see."""
    for code in ("Y90001", "RZ901"):
        _store(code, {"resourceType": "Organization", "id": code, "name": f"Org {code}"})
    for n, family in enumerate(FAMILIES):
        own = f"Patient/s{n}"
        practice = {"generalPractitioner": [{"reference": "Organization/Y90001"}]}
        _store("Y90001", patient(family, id=f"s{n}", **practice))
        _store(
            "Y90001",
            in_care(own, "Y90001", id=f"st{n}"),
            condition(own, id=f"sc{n}", encounter={"reference": f"Encounter/h{n}"}),
            observation(own, id=f"so{n}", hasMember=[{"reference": f"Observation/ho{n}"}]),
            observation(own, id=f"sp{n}", effectiveDateTime=f"201{n}-02-03"),
        )


def _hidden_facts() -> None:
    """What only the second place holds, of the hospital; names and codes are those of the seen."""
    for n, family in enumerate([*FAMILIES, *FAMILIES]):
        own = f"Patient/h{n}"
        _store("RZ901", patient(family, id=f"h{n}"))
        _store(
            "RZ901",
            condition(own, id=f"hc{n}"),
            observation(own, id=f"ho{n}", hasMember=[{"reference": f"Observation/so{n % 3}"}]),
            {
                "resourceType": "Encounter",
                "id": f"h{n}",
                "status": "finished",
                "class": {"code": "AMB"},
                "subject": {"reference": own},
            },
            observation(f"Patient/s{n % 3}", id=f"both{n}", focus=[{"reference": own}]),
            observation(own, id=f"gone{n}"),
        )
        record.commit(system_permit("test"), [Delete("Observation", f"gone{n}")], now=WHEN)


@pytest.fixture
def places(cluster: Cluster, record_database: Urls) -> Iterator[tuple[Urls, Urls]]:
    """A place without and a place with the hidden facts."""
    with _Copied(cluster) as more:
        for urls, has_more in ((record_database, False), (more, True)):
            database.configure(urls.application)
            if has_more:  # stored first, so that nothing can depend on coming later
                _hidden_facts()
            _seen_facts()
        yield record_database, more
        database.close()


def _any_id(chance: random.Random, letter: str = "") -> str:
    return f"{chance.choice('shx')}{letter}{chance.randrange(4)}"


def _search(chance: random.Random) -> Asked:
    family, who = chance.choice([*FAMILIES, "A", "Nobody"]), _any_id(chance)
    query = chance.choice(
        [
            ("Patient", f"family={family}"),
            ("Patient", f"family:contains={family[1:] or 'a'}"),
            ("Patient", f"_id={who},{_any_id(chance)}"),
            ("Patient", "birthdate=1940-03-02"),
            ("Observation", f"subject=Patient/{who}"),
            ("Observation", f"subject:Patient.family={family}"),
            ("Observation", "code=29463-7"),
            ("Observation", f"focus=Patient/{who}"),
            ("Observation", f"has-member=Observation/{_any_id(chance, 'o')}"),
            ("Observation", "has-member:Observation.code=29463-7"),
            ("Observation", f"has-member:Observation.subject:Patient.family={family}"),
            ("Observation", f"has-member:missing={chance.choice(['true', 'false'])}"),
            ("Condition", "encounter:Encounter.class=AMB"),
            ("Condition", f"encounter=Encounter/{_any_id(chance)}"),
            ("Condition", "code:not=1"),
            ("Encounter", "class=AMB"),
            ("Organization", "name=Org"),
        ]
    )
    more = [f"_count={chance.choice([0, 1, 2, 50])}"]
    if chance.random() < 0.5:
        more.append("_total=accurate")
    if query[0] == "Observation":
        more += chance.sample(
            ["_include=Observation:has-member", "_revinclude=Observation:has-member",
             "_include=Observation:subject", f"_sort={chance.choice(_SORTS)}"],
            chance.randrange(4),
        )  # fmt: skip
    return "GET", f"/{query[0]}?" + "&".join([query[1], *more]), None, {}


def _named(chance: random.Random) -> Asked:
    kind, letter = chance.choice([("Patient", ""), ("Observation", "o"), ("Condition", "c")])
    name = _any_id(chance, letter)
    name = chance.choice([name, name, name, f"both{chance.randrange(4)}", f"gone{chance.randrange(4)}"])  # noqa: E501  # fmt: skip
    tail = chance.choice(["", "", "/_history", "/_history/1", "/_history/2"])
    person = f"/Patient/{_any_id(chance)}"
    choices = [
        f"/{kind}/{name}{tail}", f"{person}/$everything", f"{person}/Observation?_total=accurate",
        f"/Provenance?target={kind}/{name}",
    ]  # fmt: skip
    return "GET", chance.choice(choices), None, {}


def _write(chance: random.Random) -> Asked:
    who, seen = f"Patient/{_any_id(chance)}", f"Observation/{_any_id(chance, 'o')}"
    family = chance.choice([*FAMILIES, "Dunn"])
    version = {"If-Match": f'W/"{chance.choice([1, 1, 2])}"'}
    choices: list[Asked] = [
        ("POST", "/Condition", condition(who), {}),
        ("POST", "/Observation", observation("Patient/s0", hasMember=[{"reference": seen}]), {}),
        ("PUT", f"/{seen}", {**observation(who), "id": seen[12:]}, version),
        ("PUT", f"/{who}", {**patient(family), "id": who[8:]}, version),
        ("DELETE", f"/{seen}", None, chance.choice([{}, version])),
        ("POST", "/Patient", patient(family), {"If-None-Exist": f"family={family}"}),
        ("POST", "", _bundle(post(condition(f"Patient?family={family}"))), {}),
        ("POST", "", _bundle(post(patient(family), ifNoneExist=f"_id={who[8:]}")), {}),
        ("POST", "", _bundle(post(patient()), post(condition(who))), {}),
    ]
    return chance.choice(choices)


def _bundle(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def _ask(asked: Asked) -> Told:
    """Ask the web application itself, in this process."""
    from joinedup.site.wsgi import application

    method, address, content, headers = asked
    path, _, query = address.partition("?")
    data = _bytes(content)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": f"/fhir{path}",
        "QUERY_STRING": quote(query, "=&:,/?|"),
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data)),
        "CONTENT_TYPE": headers.get("Content-Type", "application/fhir+json"),
        "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {issue_token('gp')}",
    }  # fmt: skip
    environ |= {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers.items()}
    told: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, found: list[tuple[str, str]], *_: object) -> None:
        told.append((int(status.split()[0]), found))

    answer = application(environ, start)
    body = b"".join(answer).decode()
    close: Callable[[], None] = getattr(answer, "close", lambda: None)
    close()
    status, found = told[0]
    kept = [(n, CHANGING.sub("~", v)) for n, v in found if n not in ("Last-Modified", "Date")]
    return status, tuple(sorted(kept)), CHANGING.sub("~", body)


def test_what_is_hidden_changes_no_answer(
    places: tuple[Urls, Urls], full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same requests in the same order, reads and writes, to both; new ids are the same too."""
    told: list[list[Told]] = []
    asked: list[Asked] = []
    for urls in places:
        database.configure(urls.application)
        chance, names = random.Random(SEED), random.Random(SEED)
        for module in ("joinedup.record.settle", "joinedup.api.transaction"):
            new = lambda names=names: UUID(int=names.getrandbits(128), version=4)  # noqa: E731
            monkeypatch.setattr(f"{module}.uuid4", new)
        makes = [_search, _search, _search, _named, _named, _write]
        asked = [chance.choice(makes)(chance) for _ in range(FULL_REQUESTS if full else REQUESTS)]
        asked = [_without_chance(each) for each in asked]
        told.append([_ask(each) for each in asked])
    differing = [
        f"FUZZ_SEED={SEED} request {n}: {each[0]} {each[1]} {str(each[2])[:200]}\n"
        f"  without {a[0]} {a[2][:500]}\n  with    {b[0]} {b[2][:500]}\n  {a[1]}\n  {b[1]}"
        for n, (each, a, b) in enumerate(zip(asked, *told, strict=True))
        if a != b
    ]
    assert not differing, f"{len(differing)} differ\n" + "\n".join(differing[:5])
    statuses = {status for status, _, _ in told[0]}
    assert statuses >= {200, 404} and not any(s >= 500 for s in statuses)
    assert sum(status == 200 for status, _, _ in told[0]) > len(asked) // 3
    shown = sum('"resourceType":"Observation"' in body for _, _, body in told[0])
    assert shown > len(asked) // 20, "the surgery saw nothing, so nothing was tried"


def _without_chance(asked: Asked) -> Asked:
    """People without a given name are called by chance; here all are called the same."""
    method, address, content, headers = asked
    text = re.sub(r"Fam[0-9a-f]{12}", "Famous", _bytes(content).decode())
    return method, address, text or None, headers
