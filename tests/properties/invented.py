"""Invented resources of every type a record searches, locks or is kept by, drawn from one seed.

Every relationship is among them: stays, services, referrals, tasks, care teams, duty areas, what a
person agreed to and objected to, broken glass; open, over, to come and void.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from joinedup.fhir.classes import LABEL_CODES, TASK_KIND
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES, FUNCTIONS

Resource = dict[str, Any]

PRACTICE, HOSPITAL, COUNCIL = "Y90001", "RZ901", "904"
ORGANISATIONS = (PRACTICE, HOSPITAL, COUNCIL)
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
NUMBERS = ("9990000018", "9990000026", "9990000034")
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PEOPLE = tuple(f"p{n}" for n in range(5))
IDS = tuple(f"r{n}" for n in range(9))
ACCESS_IDS = ("a0", "a1", "a2", "a3")
"""Tasks of those who guard access have ids of their own: not everybody may write these."""
FAMILIES = ("Hallam", "hallam-Reid", "Ó Néill", "Okoro", "OKORO", "Straße", "de la Cruz", "Hal")
GIVENS = ("Joyce", "joyce ann", "Zoë", "ZOE", "Ellen")
STATUSES = ("finished", "planned", "in-progress", "in-progress", "cancelled", "entered-in-error")
REQUESTED = ("active", "active", "requested", "completed", "draft", "revoked")
TRUSTED = ("permission-given", "proxy")
OWN_LABELS = ("third-party", "adoption", "gender-history", "fertility", "public-protection")
SYSTEMS = ("http://loinc.org", "http://snomed.info/sct", "")
CODES = ("29463-7", "8480-6", "271649006", "a|b", "x,y", "A")
WORDS = ("Body weight", "body  WEIGHT", "Blood pressure", "Blød trykk", "Weight, dry")
TYPES = (
    "Patient Observation Observation Encounter Encounter Condition Task ServiceRequest Flag "
    "Appointment CarePlan MedicationRequest Organization Practitioner Consent RelatedPerson "
    "Communication DocumentReference CareTeam EpisodeOfCare Consent Task Invoice"
).split()
PARAMETER_TYPES = tuple(dict.fromkeys(TYPES))


class Resources:
    """Draws resources from a seed."""

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
        if self.maybe(0.1):
            security.append({"system": LABEL_CODES, "code": self.one(*OWN_LABELS)})
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
        made = {"status": self.one(*STATUSES), "class": self.coding(), **self._about()}
        made |= self.one({}, {"period": self.period()}, {"period": self.period()})
        made |= self.one({}, {"serviceProvider": self.organisation()})
        return made | self.one({}, {"reasonCode": [self.concept()]})

    def _condition(self) -> Resource:
        made = {"code": self.concept(), **self._about()}
        made |= self.one({}, {"onsetDateTime": self.day()}, {"onsetString": self.one(*WORDS)})
        made |= self.one({}, {"recordedDate": self.day()})
        return made | self.one({}, {"encounter": self.reference("Encounter")})

    def worker(self) -> Resource:
        return self.one(self.organisation(), {"reference": f"Practitioner/{self.one(*IDS[:3])}"})

    def _task(self) -> Resource:
        made = {"status": self.one(*REQUESTED), "intent": "order", **self._about("for")}
        made |= self.one({}, {"authoredOn": self.day()})
        made |= self.one({}, {"owner": self.worker()})
        made |= self.one({}, {"executionPeriod": self.period()})
        if self.maybe(0.4):
            kind = self.one("break-glass", "break-glass", "access-alert", "proxy-request")
            made |= {"id": self.one(*ACCESS_IDS), "requester": self.worker()}
            made |= {"code": {"coding": [{"system": TASK_KIND, "code": kind}]}}
            soon = (self.today + timedelta(days=30)).strftime("%Y-%m-%dT10:00:00Z")
            made |= self.one({}, {"executionPeriod": {"start": "2018-01-16", "end": soon}})
        return made | self.one({}, {"focus": self.reference("ServiceRequest", "Condition")})

    def _servicerequest(self) -> Resource:
        made = {"status": self.one(*REQUESTED), "intent": "order", "code": self.concept()}
        made |= self._about()
        made |= self.one({}, {"performer": [self.worker()]})
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
        made = {"status": self.one("active", "active", "active", "inactive", "rejected")}
        made |= {"scope": self.concept(), **self._about("patient")}
        made |= self.one({}, {"dateTime": self.day()})
        kind = self.one("", "objection", "permission-to-view", "permission-given", "proxy", "proxy")
        if not kind:
            return {**made, "category": [self.concept()]}
        made["category"] = [self.concept(), {"coding": [{"system": CONSENT_KIND, "code": kind}]}]
        provision: Resource = {"type": "permit" if kind in TRUSTED else "deny"}
        if self.maybe(0.1):
            provision["type"] = self.one("permit", "deny")
        if self.maybe(0.8 if kind in TRUSTED else 0.4):
            whom = {"reference": f"RelatedPerson/{self.one(*IDS[:3])}"}
            whom = whom if kind == "proxy" else self.worker()
            provision["actor"] = [{"role": self.concept(), "reference": whom}]
        if self.maybe(0.7 if kind == "proxy" else 0.3):
            functions = self.random.sample([*FUNCTIONS, "unheard-of"], self.one(1, 2, 4))
            provision["class"] = [{"system": FUNCTION_CODES, "code": f} for f in functions]
        if self.maybe(0.4):
            provision["period"] = self.period()
        return {**made, "provision": provision}

    def _relatedperson(self) -> Resource:
        return {"name": [{"family": self.one(*FAMILIES)}], **self._about("patient")}

    def _invoice(self) -> Resource:
        return {"status": "issued", **self._about(), **self.one({}, {"date": self.day()})}

    def _communication(self) -> Resource:
        made = {"status": "completed", **self._about()}
        made |= self.one({}, {"recipient": [self.person()]})
        return made | self.one({}, {"received": self.day()[:10] + "T10:00:00Z"})

    def _documentreference(self) -> Resource:
        made = {"status": "current", "content": [{"attachment": {"title": "A"}}], **self._about()}
        made |= self.one({}, {"date": self.today.strftime("%Y-%m-%dT10:00:00Z")})
        return made | self.one({}, {"context": {"period": self.period()}})

    def _careteam(self) -> Resource:
        status = self.one("active", "active", "active", "inactive", "proposed")
        made = {"status": status, "name": self.one(*WORDS), **self._about()}
        made |= self.one({}, {"managingOrganization": [self.organisation()]})
        members = [{"member": self.worker()} for _ in range(self.one(0, 1, 2))]
        for member in members:
            member |= self.one({}, {"period": self.period()})
        made |= {"participant": members} if members else {}
        return made | self.one({}, {"period": self.period()})

    def _episodeofcare(self) -> Resource:
        made = {"status": self.one(*STATUSES, "active", "active"), **self._about("patient")}
        made |= self.one({}, {"managingOrganization": self.organisation()})
        return made | self.one({}, {"period": self.period()})
