"""Random lives of joined records: whatever is joined, written, moved and parted, in any order.

A model of a few lines says who is one person with whom and who reaches them; the record must answer
as it says, `verify` must find nothing, and once all are parted every text and row is as it was.
"""

import os
import random

import pytest
from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Conflict, NotFound, Refusal
from joinedup.record.cluster import Urls
from joinedup.record.merge import merge, move_entry, unmerge
from joinedup.record.verify import verify
from tests.spec.identity.test_5_merge import OFFICER
from tests.spec.record.place import (
    COUNCIL,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    PRACTICE,
    find,
    ids,
    joyce,
    label,
    put,
    stay,
    weight,
)

SEED = int(os.environ.get("FUZZ_SEED", "11"))
HISTORIES, FULL_HISTORIES = 3, 150
STEPS, PEOPLE = 25, 5
PARTIES = {PRACTICE: GP, HOSPITAL: NURSE}


class Model(Struct):
    """Whom each record was joined to, and what is known of each and of their entries."""

    practice: dict[str, str]
    joined: dict[str, str]
    subject: dict[str, str]
    focus: dict[str, str]
    stays: dict[str, str]

    def root(self, person: str) -> str:
        """Under whom somebody is kept."""
        while person in self.joined:
            person = self.joined[person]
        return person

    def reached(self, person: str, party: str) -> bool:
        """Whether an organisation reaches somebody, by whichever of their records."""
        same = [p for p in self.practice if self.root(p) == self.root(person)]
        stays = [e for e, who in self.stays.items() if who in same]
        return any(self.practice[p] == party for p in same) or (party == HOSPITAL and bool(stays))

    def seen(self, entry: str, party: str | None) -> bool:
        """Whether an organisation sees an entry: it reaches everybody that is named in it."""
        named = {self.subject[entry], self.focus.get(entry, self.subject[entry])}
        return party is None or all(self.reached(p, party) for p in named)

    def listed(self, person: str, party: str | None) -> list[str]:
        """The entries that a search of somebody answers with."""
        if party is not None and not self.reached(person, party):
            return []
        mine = [e for e, who in self.subject.items() if self.root(who) == self.root(person)]
        return sorted(e for e in mine if self.seen(e, party))


@pytest.fixture(autouse=True)
def _organisations(record_database: Urls) -> None:
    assert record_database.application
    put(*({"resourceType": "Organization", "id": o} for o in (PRACTICE, HOSPITAL, COUNCIL)))


def _begin(chance: random.Random, name: str) -> Model:
    people = {f"{name}p{n}": chance.choice([PRACTICE, HOSPITAL]) for n in range(PEOPLE)}
    put(
        *(
            joyce(p, generalPractitioner=[{"reference": f"Organization/{o}"}])
            for p, o in people.items()
        )
    )
    return Model(people, {}, {}, {}, {})


def _version(person: str) -> int:
    return record.read(PLACE, "Patient", person).version


def _write(model: Model, chance: random.Random, name: str) -> None:
    entry = f"{name}e{len(model.subject)}"
    who = model.subject[entry] = chance.choice(list(model.practice))
    more = {}
    if chance.random() < 0.3:
        other = model.focus[entry] = chance.choice(list(model.practice))
        more = {"focus": [{"reference": f"Patient/{other}"}]}
    put(weight(entry, who, **more))


def _admit(model: Model, chance: random.Random, name: str) -> None:
    entry = f"{name}s{len(model.stays)}"
    model.stays[entry] = chance.choice(list(model.practice))
    put(stay(entry, model.stays[entry], start="2017-12-01"))


def _join(model: Model, chance: random.Random, name: str) -> None:
    kept, other = chance.sample(list(model.practice), 2)
    try:
        merge(OFFICER, kept, other, reason="one", if_versions=(_version(kept), _version(other)))
    except Refusal:
        assert kept in model.joined or other in model.joined
    else:
        assert not (kept in model.joined or other in model.joined)
        model.joined[other] = kept


def _part(model: Model, chance: random.Random, name: str) -> None:
    if not model.joined:
        return
    other = chance.choice(list(model.joined))
    try:
        unmerge(OFFICER, model.joined[other], other, reason="two")
    except Conflict:
        assert model.joined[other] in model.joined, "only what was joined itself stands in the way"
    else:
        assert model.joined.pop(other) not in model.joined


def _move(model: Model, chance: random.Random, name: str) -> None:
    if not model.subject:
        return
    entry, to = chance.choice(list(model.subject)), chance.choice(list(model.practice))
    wrong = model.root(model.subject[entry])
    try:
        move_entry(PLACE, f"Observation/{entry}", to, reason="not hers")
    except Refusal:
        assert to in model.joined or wrong == to
        return
    model.subject[entry] = to
    if model.root(model.focus.get(entry, to)) == wrong:
        model.focus[entry] = to


def _protect(model: Model, chance: random.Random, name: str) -> None:
    """A label comes, and goes again: everybody who is one person has it, and is seen by nobody."""
    kept = model.root(chance.choice(list(model.practice)))
    same = [p for p in model.practice if model.root(p) == kept]
    for code in (chance.choice(["adoption", "protected-identity"]), ""):
        stands = record.read(PLACE, "Patient", kept).resource
        meta = {k: v for k, v in stands["meta"].items() if k != "security"}
        put({**stands, "meta": {**meta, **(label(LABEL_CODES, code) if code else {})}})
        said = [record.read(PLACE, "Patient", p).resource["meta"].get("security") for p in same]
        assert all(each == said[0] for each in said) and bool(said[0]) == bool(code)
        for party, permit in PARTIES.items():
            found = set(ids(find(permit, "Patient", _id=",".join(same))))
            assert found == ({p for p in same if model.reached(p, party)} if not code else set())


STEPS_OF = (_write, _write, _admit, _join, _join, _part, _move, _protect)


def _agree(model: Model) -> None:
    permits: list[tuple[str | None, Permit]] = [(None, PLACE), *PARTIES.items()]
    for party, permit in permits:
        for person in model.practice:
            query = {"subject": f"Patient/{person}", "_count": "200"}
            found = sorted(ids(find(permit, "Observation", **query)))
            assert found == model.listed(person, party), f"{party} {person} {model}"
            if party is not None and not model.reached(person, party):
                with pytest.raises(NotFound):
                    record.everything(permit, person)
                continue
            whole = {s.id for s in record.everything(permit, person).entries}
            assert whole >= set(model.listed(person, party)) | {person, model.root(person)}
            seen = {e for e in model.subject if e in whole}
            assert all(model.seen(e, party) for e in seen)


def test_whatever_was_joined_answers_as_one_and_parts_as_it_was(full: bool) -> None:
    """Prints its seed; FUZZ_SEED replays it."""
    for turn in range(FULL_HISTORIES if full else HISTORIES):
        seed = SEED * 100_000 + turn
        print(f"FUZZ_SEED={SEED} history {turn}")
        chance, name = random.Random(seed), f"h{turn}"
        model = _begin(chance, name)
        for _ in range(STEPS):
            chance.choice(STEPS_OF)(model, chance, name)
        _agree(model)
        found = list(verify())
        assert not found, found[:5]
        while model.joined:
            _part(model, chance, name)
        _agree(model)
        for person in model.practice:
            first = record.vread(PLACE, "Patient", person, 1).resource
            now = record.read(PLACE, "Patient", person).resource
            assert {**now, "meta": ()} == {**first, "meta": ()}
    assert not list(verify())
