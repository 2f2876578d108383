"""Invented histories of a record: who writes and looks, what they write, what they ask.

Everything is drawn from one seeded `Random`, so a history is its seed and nothing else. What is
asked is mostly taken from what is there, so that most searches find something.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

from joinedup.access.permit import Permit, system_permit, worker_permit
from joinedup.access.words import Label, Role
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.extract import IndexRows, index_rows
from joinedup.fhir.search.parameters import Parameter, parameters_of
from joinedup.record import Change, Create, Delete, Put, Source, Update

Resource = dict[str, Any]

PRACTICE, HOSPITAL, COUNCIL = "Y90001", "RZ901", "904"
ORGANISATIONS = (PRACTICE, HOSPITAL, COUNCIL)
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
NUMBERS = ("9990000018", "9990000026", "9990000034")
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PEOPLE = tuple(f"p{n}" for n in range(5))
IDS = tuple(f"r{n}" for n in range(9))
FAMILIES = ("Hallam", "hallam-Reid", "Ó Néill", "Okoro", "OKORO", "Straße", "de la Cruz", "Hal")
GIVENS = ("Joyce", "joyce ann", "Zoë", "ZOE", "Ellen")
SYSTEMS = ("http://loinc.org", "http://snomed.info/sct", "")
CODES = ("29463-7", "8480-6", "271649006", "a|b", "x,y", "A")
WORDS = ("Body weight", "body  WEIGHT", "Blood pressure", "Blød trykk", "Weight, dry")
TYPES = (
    "Patient Observation Observation Encounter Encounter Condition Task ServiceRequest Flag "
    "Appointment CarePlan MedicationRequest Organization Practitioner Consent RelatedPerson "
    "Communication DocumentReference CareTeam EpisodeOfCare"
).split()
PARAMETER_TYPES = tuple(dict.fromkeys(TYPES))


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
        system_permit("import", COUNCIL),
    )


class Chance:
    """Draws the parts of a history from a seed."""

    def __init__(self, seed: int, today: datetime) -> None:
        self.random = Random(seed)
        self.today = today

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def maybe(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def day(self) -> str:
        """A date as FHIR may write one, near today: a relationship may be over, or to come."""
        moment = self.today + timedelta(days=self.one(-900, -400, -60, -40, -20, -5, 3, 40))
        if self.maybe(0.3):
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.maybe(0.2):
            return moment.strftime("%Y-%m-%dT09:30:00.5+01:00")
        return moment.strftime(self.one("%Y-%m-%d", "%Y-%m-%d", "%Y-%m", "%Y"))

    def period(self) -> Resource:
        days = sorted(self.random.sample([-900, -400, -60, -40, -20, -5, 3, 40], 2))
        start, end = (
            (self.today + timedelta(days=d)).strftime(self.one("%Y-%m-%d", "%Y-%m-%dT10:00:00Z"))
            for d in days
        )
        return self.one({"start": start, "end": end}, {"start": start}, {"end": end})

    def concept(self) -> Resource:
        coding = [self.coding() for _ in range(self.one(0, 1, 1, 2))]
        words = {"text": self.one(*WORDS)} if self.maybe() or not coding else {}
        return {**({"coding": coding} if coding else {}), **words}

    def coding(self) -> Resource:
        system, display = self.one(*SYSTEMS), self.one("", *WORDS)
        return {
            **({"system": system} if system else {}),
            "code": self.one(*CODES),
            **({"display": display} if display else {}),
        }

    def person(self) -> Resource:
        return {"reference": f"Patient/{self.one(*PEOPLE)}"}

    def organisation(self) -> Resource:
        return {"reference": f"Organization/{self.one(*ORGANISATIONS)}"}

    def reference(self, *types: str) -> Resource:
        return {"reference": f"{self.one(*types)}/{self.one(*IDS)}"}

    def resource(self, kind: str) -> Resource:
        """A resource of a type, of the fields that this record searches, locks or is kept by."""
        made: Resource = {"resourceType": kind, "id": self.one(*IDS)}
        security = []
        if self.maybe(0.1):
            security.append({"system": ACT_CODE, "code": self.one("SEX", "DVL")})
        if self.maybe(0.1):
            security.append({"system": CONFIDENTIALITY, "code": self.one("R", "V")})
        if security:
            made["meta"] = {"security": security}
        if self.maybe(0.4):
            made["identifier"] = [
                {"system": self.one("urn:a", "urn:b"), "value": self.one("1", "2")}
            ]
        return {**made, **getattr(self, f"_{kind.lower()}")()}

    def _patient(self) -> Resource:
        made = {
            "id": self.one(*PEOPLE),
            "name": [{"family": self.one(*FAMILIES), "given": [self.one(*GIVENS)]}],
            "gender": self.one("female", "male"),
            "birthDate": self.one("1933-05-11", "1933", "1939-05", "1950-01-01"),
        }
        if self.maybe(0.3):
            made["identifier"] = [{"system": NHS_NUMBER, "value": self.one(*NUMBERS)}]
        if self.maybe(0.7):
            made["generalPractitioner"] = [self.organisation()]
        if self.maybe(0.4):
            made["address"] = [{"city": "Marlbrook", "postalCode": self.one("MQ1 4AB", "MQ2 1AA")}]
        if self.maybe(0.2):
            link = {"type": self.one("refer", "refer", "seealso"), "other": self.person()}
            made |= {"id": self.one(*IDS), "link": [link]}
        if self.maybe(0.2):
            made["deceasedBoolean"] = self.maybe()
        return made

    def _about(self, element: str = "subject") -> Resource:
        return {element: self.person()} if self.maybe(0.97) else {}

    def _observation(self) -> Resource:
        made = {"status": "final", "code": self.concept(), **self._about()}
        made |= self.one({}, {"effectiveDateTime": self.day()}, {"effectivePeriod": self.period()})
        made |= self.one({}, {"encounter": self.reference("Encounter")})
        made |= self.one({}, {}, {"performer": [self.person()]})
        made |= self.one({}, {"hasMember": [self.reference("Observation")]})
        return made | self.one({}, {"valueString": self.one(*WORDS)}, {"valueDateTime": self.day()})

    def _encounter(self) -> Resource:
        made = {"status": self.one("finished", "planned"), "class": self.coding(), **self._about()}
        made |= self.one({}, {"period": self.period()}, {"period": self.period()})
        made |= self.one({}, {"serviceProvider": self.organisation()})
        return made | self.one({}, {"reasonCode": [self.concept()]})

    def _condition(self) -> Resource:
        made = {"code": self.concept(), **self._about()}
        made |= self.one({}, {"onsetDateTime": self.day()}, {"onsetString": self.one(*WORDS)})
        made |= self.one({}, {"recordedDate": self.day()})
        return made | self.one({}, {"encounter": self.reference("Encounter")})

    def _task(self) -> Resource:
        made = {"status": "requested", "intent": "order", **self._about("for")}
        made |= self.one({}, {"authoredOn": self.day()})
        made |= self.one({}, {"owner": self.organisation()})
        made |= self.one({}, {"executionPeriod": self.period()})
        return made | self.one({}, {"focus": self.reference("ServiceRequest", "Condition")})

    def _servicerequest(self) -> Resource:
        made = {"status": "active", "intent": "order", "code": self.concept(), **self._about()}
        made |= self.one({}, {"performer": [self.organisation()]})
        return made | self.one({}, {"authoredOn": self.day()}, {"occurrencePeriod": self.period()})

    def _flag(self) -> Resource:
        made = {"status": "active", "code": self.concept(), **self._about()}
        return made | self.one({}, {"period": self.period()})

    def _appointment(self) -> Resource:
        people = [self.person() for _ in range(self.one(1, 2))]
        actors = [*people, *self.one([], [self.reference("Practitioner")])]
        made = {
            "status": "booked",
            "participant": [{"actor": a, "status": "accepted"} for a in actors],
        }
        start = (self.today + timedelta(days=self.one(-40, 3))).strftime("%Y-%m-%dT09:00:00Z")
        return made | self.one({}, {"start": start, "end": start})

    def _careplan(self) -> Resource:
        made = {"status": "active", "intent": "plan", **self._about()}
        made |= self.one({}, {"addresses": [self.reference("Condition")]})
        return made | self.one({}, {"period": self.period()})

    def _medicationrequest(self) -> Resource:
        made = {"status": "active", "intent": "order", **self._about()}
        made |= {"medicationCodeableConcept": self.concept()}
        return made | self.one({}, {"authoredOn": self.day()})

    def _organization(self) -> Resource:
        return {"id": self.one(*ORGANISATIONS), "name": self.one(*WORDS)} | self.one(
            {}, {"partOf": self.organisation()}
        )

    def _practitioner(self) -> Resource:
        return {"name": [{"family": self.one(*FAMILIES), "given": [self.one(*GIVENS)]}]}

    def _consent(self) -> Resource:
        made = {"status": "active", "scope": self.concept(), "category": [self.concept()]}
        return made | self._about("patient") | self.one({}, {"dateTime": self.day()})

    def _relatedperson(self) -> Resource:
        return {"name": [{"family": self.one(*FAMILIES)}], **self._about("patient")}

    def _communication(self) -> Resource:
        made = {"status": "completed", **self._about()}
        made |= self.one({}, {"recipient": [self.person()]})
        return made | self.one({}, {"received": self.day()[:10] + "T10:00:00Z"})

    def _documentreference(self) -> Resource:
        made = {"status": "current", "content": [{"attachment": {"title": "A"}}], **self._about()}
        made |= self.one({}, {"date": self.today.strftime("%Y-%m-%dT10:00:00Z")})
        return made | self.one({}, {"context": {"period": self.period()}})

    def _careteam(self) -> Resource:
        made = {"status": "active", "name": self.one(*WORDS), **self._about()}
        made |= self.one({}, {"managingOrganization": [self.organisation()]})
        return made | self.one({}, {"period": self.period()})

    def _episodeofcare(self) -> Resource:
        made = {"status": "active", **self._about("patient")}
        made |= self.one({}, {"managingOrganization": self.organisation()})
        return made | self.one({}, {"period": self.period()})

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
