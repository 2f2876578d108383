"""What is silent leaves no trace: two records that differ in it alone answer the same at the API.

For each of five who look (workers, a person, a proxy) one record also holds what carries labels
silent to them: current, changed since, and deleted. A hundred random reads and writes go to both,
as in the chapter on noninterference; then the same with labels that are marked, where the API
answers the same too and the mark alone tells. FUZZ_SEED replays, `--full` asks 4,000 of each.
"""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from joinedup import record
from joinedup.access.permit import Permit, person_permit, proxy_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.classes import ACT_CODE, LABEL_CODES
from joinedup.fhir.search.extract import CONFIDENTIALITY
from joinedup.record import Delete, database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.load.people import condition, observation
from tests.security.access.door import at_the_api
from tests.security.access.stage import (
    EVERY_FUNCTION,
    SYSTEM,
    about,
    actor,
    consent,
    functions,
    store,
)
from tests.security.test_5_noninterference import (
    SEED,
    WHEN,
    Asked,
    Told,
    _named,
    _search,
    _seen_facts,
    _store,
    _without_chance,
    _write,
)

REQUESTS, FULL_REQUESTS = 100, 4_000
CODES = {
    "restricted": (CONFIDENTIALITY, "R"),
    "very restricted": (CONFIDENTIALITY, "V"),
    "sexual health": (ACT_CODE, "SEX"),
    "domestic abuse": (ACT_CODE, "SDV"),
    "third party": (LABEL_CODES, "third-party"),
    "adoption": (LABEL_CODES, "adoption"),
    "gender history": (LABEL_CODES, "gender-history"),
    "fertility": (LABEL_CODES, "fertility"),
    "public protection": (LABEL_CODES, "public-protection"),
}
# Which labels are silent to whom, and which are marked: by hand, from domain.md 1.4 and 5.2.
LOOKERS: dict[str, tuple[Permit, str, str]] = {
    "a GP": (
        worker_permit("Practitioner/g", "G", Role.GP, "Y90001"),
        "adoption, gender history",
        "very restricted",
    ),
    "a ward nurse": (
        worker_permit("Practitioner/n", "N", Role.WARD_NURSE, "RZ901"),
        "sexual health, third party, adoption, gender history, fertility, public protection",
        "restricted, very restricted, domestic abuse",
    ),
    "a receptionist": (
        worker_permit("Practitioner/r", "R", Role.RECEPTIONIST, "Y90001"),
        ", ".join(CODES),
        "",
    ),
    "the person": (
        person_permit("s0", "S"),
        "third party, adoption, domestic abuse, public protection",
        "very restricted",
    ),
    "her proxy": (proxy_permit("rp", "P"), ", ".join(CODES), ""),
}


def _labelled(labels: str) -> None:
    """What only the second record holds: under these labels, about the people both hold."""
    for n, label in enumerate(filter(None, labels.split(", "))):
        system, code = CODES[label]
        meta = {"meta": {"security": [{"system": system, "code": code}]}}
        own, other = f"Patient/s{n % 3}", f"Observation/so{n % 3}"
        _store(
            "RZ901",
            condition(own, id=f"hc{n}", **meta),
            observation(own, id=f"ho{n}", hasMember=[{"reference": other}], **meta),
            observation(own, id=f"gone{n}", **meta),
            about("Encounter", own[8:], id=f"h{n}", status="finished", **meta,
                  **{"class": {"code": "AMB"}}),
        )  # fmt: skip
        _store("RZ901", observation(own, id=f"ho{n}", note=[{"text": "later"}], **meta))
        record.commit(SYSTEM, [Delete("Observation", f"gone{n}")], now=WHEN)


def _related() -> None:
    """What makes each of those who look see the people both records hold."""
    for n in range(3):
        here = {"reference": "Organization/RZ901"}
        store(
            about("CareTeam", f"s{n}", id=f"t{n}", status="active", managingOrganization=[here]),
            {**consent("proxy", f"s{n}", actor=actor("RelatedPerson/rp"),
                       **{"class": functions(*EVERY_FUNCTION)}), "id": f"p{n}"},
        )  # fmt: skip


def _told(permit: Permit, count: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """The answers to the same random requests in the same order; new ids are the same too."""
    chance, names = random.Random(SEED), random.Random(SEED)
    for module in ("joinedup.record.settle", "joinedup.api.transaction"):
        monkeypatch.setattr(f"{module}.uuid4", lambda: UUID(int=names.getrandbits(128), version=4))
    with at_the_api(permit) as ask:
        for asked in _requests(chance, count):
            yield ask(*asked)


def _requests(chance: random.Random, count: int) -> list[Asked]:
    makes = [_search, _search, _search, _named, _named, _write]
    return [_without_chance(chance.choice(makes)(chance)) for _ in range(count)]


TRIED = [(looker, "silent") for looker in LOOKERS]
TRIED += [(looker, "marked") for looker, (_, _, marked) in LOOKERS.items() if marked]


@pytest.mark.parametrize(("looker", "kind"), TRIED)
def test_what_is_withheld_changes_no_answer(
    looker: str, kind: str, cluster: Cluster, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 2, accept 2; trust F5b: status, headers, body, counts and order."""
    permit, silent, marked = LOOKERS[looker]
    count = FULL_REQUESTS if full else REQUESTS
    told: list[list[Told]] = []
    for labels in ("", silent if kind == "silent" else marked):
        with _Copied(cluster) as urls:
            database.configure(urls.application)
            _labelled_first(labels)
            told.append(list(_told(permit, count, monkeypatch)))
            database.close()
    differing = [
        f"FUZZ_SEED={SEED} {n}: {asked[:2]} {str(asked[2])[:200]}\n  without {a}\n  with {b}"
        for n, (asked, a, b) in enumerate(
            zip(_requests(random.Random(SEED), count), *told, strict=True)
        )
        if a != b
    ]
    assert not differing, f"{len(differing)} differ\n" + "\n".join(differing[:3])
    statuses = [status for status, _, _ in told[0]]
    assert statuses.count(200) > len(statuses) // 5 and max(statuses) < 500
    shown = sum('"id":"s' in body for _, _, body in told[0])
    assert shown > min(len(statuses) // 50, 20), f"{looker} saw nothing, so nothing was tried"


def _labelled_first(labels: str) -> None:
    """Store what is withheld before what both hold: nothing can depend on coming later."""
    _labelled(labels)
    _seen_facts()
    _related()


def _marks(permit: Permit) -> set[Any]:
    """The people of whom the permit is told that something is withheld."""
    with database.connection() as lent, lent.transaction():
        database.entered(lent, permit)
        return {row[0] for row in lent.execute("select person from record.mark").fetchall()}


@pytest.mark.parametrize("looker", LOOKERS)
def test_the_mark_alone_tells_of_what_is_marked(looker: str, cluster: Cluster) -> None:
    """A marked label says that something is withheld of these people; a silent one says nothing."""
    permit, silent, marked = LOOKERS[looker]
    for labels, told in ((silent, False), (marked, bool(marked))):
        with _Copied(cluster) as urls:
            database.configure(urls.application)
            _labelled_first(labels)
            assert bool(_marks(permit)) == told, labels
            database.close()
