"""Invented histories of a record: who writes and looks, what they write, what they ask.

Everything is drawn from one seeded `Random`, so a history is its seed and nothing else. What is
asked is mostly taken from what is there, so that most searches find something.
"""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from joinedup.access.permit import (
    Permit,
    person_permit,
    proxy_permit,
    system_permit,
    worker_permit,
)
from joinedup.access.words import Label, Role
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import area_key
from joinedup.fhir.search.extract import IndexRows, index_rows
from joinedup.fhir.search.parameters import Parameter, parameters_of
from joinedup.record import Change, Create, Delete, Put, Source, Update
from tests.properties.invented import (
    CODES,
    COUNCIL,
    FAMILIES,
    HOSPITAL,
    IDS,
    ORGANISATIONS,
    PARAMETER_TYPES,
    PEOPLE,
    PRACTICE,
    SYSTEMS,
    TYPES,
    WORDS,
    Resource,
    Resources,
)


def permits() -> tuple[Permit, ...]:
    """Those who write and look: workers of three organisations, some with more or less sight."""
    gp = worker_permit("Practitioner/gp", "Dr Ash", Role.GP, PRACTICE)
    nurse = worker_permit("Practitioner/nurse", "Nurse Bell", Role.WARD_NURSE, HOSPITAL)
    social = worker_permit("Practitioner/sw", "Ms Cole", Role.SOCIAL_WORKER, COUNCIL)
    both = tuple(resource_key("Organization", o) for o in (PRACTICE, COUNCIL))
    return (
        gp,
        nurse,
        social,
        replace(gp, parties=both, labels=int(Label.SEXUAL_HEALTH)),
        replace(nurse, labels=sum(Label)),
        replace(social, parties=()),
        worker_permit("Practitioner/an", "Mr Dean", Role.ANALYST, COUNCIL),
        *(
            worker_permit(
                f"Practitioner/{IDS[n % 3]}",
                role.value,
                role,
                ORGANISATIONS[n % 3],
                posts=[area_key(("MQ1", "MQ2")[n % 2])] if n % 3 else [],
            )
            for n, role in enumerate(Role)
            if role not in (Role.PERSON, Role.PROXY, Role.SYSTEM)
        ),
        *(person_permit(person, f"Herself {person}") for person in PEOPLE[:3]),
        *(proxy_permit(identity, f"For another {identity}") for identity in IDS[:3]),
        system_permit("import", COUNCIL),
    )


class Chance(Resources):
    """Draws the parts of a history from a seed."""

    # What is done with them.

    def change(self, current: dict[str, int], conditions: list[Any]) -> Change:
        """One change; `current` are versions now standing, of which some are missed on purpose."""
        kind = self.one(*TYPES)
        resource = self.resource(kind)
        known = [r for r in current if self.maybe(0.7)] or [f"{kind}/{resource['id']}"]
        match self.one("put", "put", "put", "create", "create", "update", "update", "delete"):
            case "put":
                return Put(resource, self.source())
            case "create":
                condition = self.one(*conditions) if conditions and self.maybe(0.3) else None
                return Create(resource, resource["id"], self.source(), if_none_exist=condition)
            case "update":
                kind, identity = self.one(*known).split("/")
                changed = {**self.resource(kind), "id": identity}
                return Update(changed, self.version(current.get(f"{kind}/{identity}", 1)))
            case _:
                kind, identity = self.one(*known).split("/")
                version = current.get(f"{kind}/{identity}", 1)
                return Delete(kind, identity, self.one(None, self.version(version)))

    def beginning(self) -> list[Change]:
        """What an import brings in before the history begins: everybody, and something of each."""
        kinds = ["Organization"] * 2 + ["Patient"] * 6 + [*PARAMETER_TYPES] * 2
        kinds += ["Observation", "Encounter", "Condition"] * 3
        made = {(r["resourceType"], r["id"]): r for r in map(self.resource, kinds)}
        return [Put(resource, self.source()) for resource in made.values()]

    def version(self, standing: int) -> int:
        return standing if self.maybe(0.9) else standing + self.one(-1, 1)

    def source(self) -> Source | None:
        if self.maybe(0.7):
            return None
        return Source(self.one(*ORGANISATIONS), "Practitioner/x", "gp", self.one(None, self.day()))

    # What is asked.

    def request(self, seen: list[Resource]) -> tuple[str, list[tuple[str, str]]]:
        """A search as names and values, mostly about one of the resources there are."""
        one = self.one(*seen) if seen else self.resource("Patient")
        kind = one["resourceType"] if self.maybe(0.95) else self.one(*PARAMETER_TYPES)
        pairs = [self.condition(kind, one, seen) for _ in range(self.one(0, 1, 1, 1, 2))]
        if self.maybe(0.4):
            keys = self.random.sample(self.likely(kind, one), 1)
            keys += self.random.sample(parameters_of(kind), self.one(0, 0, 1))
            codes = dict.fromkeys(key.code for key in keys)
            pairs.append(("_sort", ",".join(self.one("", "-") + code for code in codes)))
        if self.maybe(0.3):
            pairs.append(self.include(kind))
        if self.maybe(0.3):
            pairs.append(("_total", "accurate"))
        pairs.append(("_count", self.one("0", "1", "2", "3", "7", "100")))
        return kind, pairs

    def likely(self, kind: str, one: Resource) -> tuple[Parameter, ...]:
        """The parameters of a type, mostly those by which this one resource is found."""
        every = parameters_of(kind)
        rows = index_rows(one)
        slots = {r[0] for r in (*rows.tokens, *rows.strings, *rows.dates, *rows.references)}
        found = tuple(p for p in every if slots & set(p.slots) or p.code[0] == "_")
        return found if found and self.maybe(0.85) else every

    def condition(
        self, kind: str, one: Resource, seen: list[Resource], depth: int = 0
    ) -> tuple[str, str]:
        asked = self.one(*self.likely(kind, one))
        if asked.kind == "reference" and asked.targets and depth < 3 and self.maybe(0.4):
            rows = index_rows(one).references
            led_to = {target for slot, target in rows if slot in asked.slots}
            there = [r for r in seen if f"{r['resourceType']}/{r['id']}" in led_to]
            if there:
                target = self.one(*there)
                kind = target["resourceType"]
                name, value = self.condition(kind, target, seen, depth + 1)
                return f"{asked.code}:{kind}.{name}", value
        other = self.one(one, one, *(r for r in seen if r["resourceType"] == kind))
        values = [self.value(asked, each) for each in self.one((one,), (one,), (other, one))]
        modifier = {
            "token": self.one("", "", "", ":not", ":text", ":missing"),
            "string": self.one("", "", ":exact", ":contains", ":missing"),
        }.get(asked.kind, self.one("", "", "", "", ":missing"))
        if modifier == ":missing":
            return f"{asked.code}:missing", self.one("true", "false")
        if modifier == ":text":
            values = [escaped(self.one(*WORDS)[: self.one(1, 4, 30)])]
        return f"{asked.code}{modifier}", ",".join(values)

    def value(self, asked: Parameter, one: Resource) -> str:
        if asked.code == "_id":
            return self.one(str(one["id"]), str(one["id"]), "none")
        if asked.code == "_lastUpdated":
            moment = one.get("meta", {}).get("lastUpdated", "2024")
            return self.prefix() + self.one(self.day(), moment, moment[:10])
        return self.row_value(asked, index_rows(one))

    def row_value(self, asked: Parameter, rows: IndexRows) -> str:
        match asked.kind:
            case "token":
                mine = [(c, s) for slot, c, s in rows.tokens if slot in asked.slots]
                code, system = self.one(*(mine or [(self.one(*CODES), self.one(*SYSTEMS))]))
                code, system = escaped(code), escaped(system)
                return self.one(code, f"{system}|{code}", f"|{code}", f"{system or 'urn:a'}|")
            case "string":
                texts = [exact for slot, _, exact in rows.strings if slot in asked.slots]
                text = self.one(*(texts or FAMILIES))
                return escaped(self.one(text, text[:3], text.upper(), text[-2:].strip() or "x"))
            case "date":
                ends = [e for slot, *both in rows.dates if slot in asked.slots for e in both]
                known = [e.replace(" ", "T") + ":00" for e in ends if e[0].isdigit()]
                moment = self.one(*(known or [self.day()]))
                cut = moment[: self.one(4, 7, 10, 10, 32, 32)]
                return self.prefix() + self.one(cut, cut, self.day())
        targets = [t for slot, t in rows.references if slot in asked.slots]
        types = [t for t in asked.targets if t in PARAMETER_TYPES] or ["Patient"]
        target = self.one(*(targets or [f"{self.one(*types)}/{self.one(*IDS, *PEOPLE)}"]))
        return self.one(target, target, target.split("/")[-1])

    def prefix(self) -> str:
        return self.one("", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")

    def include(self, kind: str) -> tuple[str, str]:
        if self.maybe():
            codes = [p.code for p in parameters_of(kind) if p.kind == "reference"] or ["link"]
            return "_include", f"{kind}:{self.one(*codes)}"
        other = self.one(*PARAMETER_TYPES)
        codes = [p.code for p in parameters_of(other) if kind in p.targets] or ["subject"]
        return "_revinclude", f"{other}:{self.one(*codes)}"


def escaped(text: str) -> str:
    """A value with `\\`, `,`, `|` and `$` escaped as FHIR R4 3.1.1.4.5 says."""
    for sign in "\\,|$":
        text = text.replace(sign, f"\\{sign}")
    return text


def start_of_today() -> datetime:
    """Midnight, so that one seed means one history all day."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
