"""Who is one person with whom, as `verify` needs it: what `derive` says, placed as it should stand.

Written apart from the SQL that places the rows (`record.place`, `record.share_reach`), so that one
checks the other (house.md, law 7).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.derive import Derived
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import Ground, Reach
from joinedup.record.database import Connection

__all__ = ["SamePeople", "read_same_people"]

_JOINED = "select person, target, kept from record.joined where until is null"


class SamePeople(Struct, frozen=True):
    """Under whom each joined Patient is kept, to whom it was joined, and who is joined to each."""

    kept: Mapping[int, int]
    target: Mapping[int, int]
    others: Mapping[int, tuple[int, ...]]

    def same(self, person: int) -> tuple[int, ...]:
        """Return every id of one person, the one kept first."""
        root = self.kept.get(person, person)
        return (root, *self.others.get(root, ()))

    def is_said(self, key: int, patient: Mapping[str, Any]) -> bool:
        """Whether a joined Patient says so: not in use, replaced by whom it was joined to."""
        replaced = (
            str(link.get("other", {}).get("reference", ""))
            for link in patient.get("link", ())
            if link.get("type") == "replaced-by"
        )
        keys = {resource_key(*r.split("/")[:2]) for r in replaced if "/" in r}
        return self.target[key] in keys and patient.get("active") is False

    def placed(self, derived: Derived) -> Derived:
        """Return what is derived of a resource as it stands under whom its people are kept."""
        if not self.kept:
            return derived
        person = self.kept.get(derived.person, derived.person)
        others = dict.fromkeys(self.kept.get(o, o) for o in derived.others)
        others.pop(person, None)
        return replace(
            derived,
            person=person,
            others=tuple(others),
            reach=tuple(r for given in _first_of_each(derived) for r in self._shared(given)),
            objections=tuple(
                replace(stands, person=p)
                for stands in derived.objections
                for p in self.same(stands.person)
            ),
        )

    def _shared(self, given: Reach) -> Iterator[Reach]:
        for person in self.same(given.person):
            own = given.ground == Ground.SELF
            for party in self.same(given.person) if own else (given.party,):
                yield replace(given, person=person, party=party)


def _first_of_each(derived: Derived) -> Iterator[Reach]:
    """Of several relationships of one party by one resource the first is kept."""
    yield from {(r.person, r.party): r for r in reversed(derived.reach)}.values()


def read_same_people(lent: Connection) -> SamePeople:
    """Return who is joined to whom now."""
    kept: dict[int, int] = {}
    target: dict[int, int] = {}
    others: dict[int, list[int]] = defaultdict(list)
    for row in lent.execute(_JOINED):
        person, to, root = (int(str(value)) for value in row)
        kept[person], target[person] = root, to
        others[root].append(person)
    return SamePeople(kept, target, {root: tuple(sorted(p)) for root, p in others.items()})
