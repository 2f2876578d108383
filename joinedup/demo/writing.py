"""The small parts every invented entry is written with: who writes, about whom, and when.

A `Pen` is one organisation writing about one person. It gives each entry an id that is the same
every time, and the references it needs. What is written is in `clinical` and `events`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from msgspec import Struct

from joinedup.demo.codes import HL7, UNITS, Measure
from joinedup.demo.shape import Outline, Worker
from joinedup.fhir.search.period import LONDON

__all__ = ["Pen", "Resource", "at", "by", "collection", "hl7", "instant", "quantity", "span"]

Resource = dict[str, Any]


class Pen(Struct, frozen=True):
    """One organisation writing about one person; the person's own practice holds the master."""

    organisation: str
    person: Outline

    @property
    def patient_id(self) -> str:
        """Return the id of this organisation's Patient for the person."""
        if self.organisation == self.person.practice:
            return self.person.id
        return f"{self.organisation.lower()}-{self.person.id}"

    @property
    def patient(self) -> Resource:
        """Return the reference every entry about the person carries."""
        return {"reference": f"Patient/{self.patient_id}", "display": self.person.name}

    def name(self, what: str) -> str:
        """Return the id of an entry, such as `y90001-joyce-hallam-flu-2017`."""
        return f"{self.organisation.lower()}-{self.person.id}-{what}"

    def start(self, type_name: str, what: str, recorded: datetime | date) -> Resource:
        """Return the beginning of an entry: its type, its id, and when it was written down."""
        return {
            "resourceType": type_name,
            "id": self.name(what),
            "meta": {"lastUpdated": instant(recorded)},
        }


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Return a time of day in the place."""
    return datetime.combine(day, time(hour, minute), LONDON)


def instant(when: datetime | date) -> str:
    """Return a FHIR instant; a day alone is taken at noon, when it was written up."""
    moment = when if isinstance(when, datetime) else at(when, 12)
    return moment.isoformat(timespec="seconds")


def span(start: datetime | date, end: datetime | date | None = None) -> Resource:
    """Return a Period, open where no end is given."""
    period = {"start": _written(start)}
    if end is not None:
        period["end"] = _written(end)
    return period


def _written(when: datetime | date) -> str:
    return instant(when) if isinstance(when, datetime) else when.isoformat()


def by(worker: Worker) -> Resource:
    """Return a reference to a worker in their post, named as a page would name them."""
    return {"reference": worker.role_reference, "display": f"{worker.name}, {worker.post}"}


def hl7(system: str, code: str, display: str = "") -> Resource:
    """Return a CodeableConcept of one of HL7's own code systems."""
    coding = {"system": HL7 + system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def quantity(measure: Measure, value: str | float | Decimal) -> Resource:
    """Return a Quantity with as many decimal places as the measure is reported with."""
    number = Decimal(str(value)).quantize(Decimal(1).scaleb(-measure.places))
    amount: Resource = {"value": int(number) if measure.places == 0 else number}
    if measure.unit:
        amount["unit"] = measure.unit
    return amount | {"system": UNITS, "code": measure.ucum}


def collection(organisation: str, name: str, resources: Iterable[Resource]) -> Resource:
    """Return a collection Bundle as that organisation would send it."""
    server = f"https://{organisation.lower()}.example/fhir"
    entries = [
        {"fullUrl": f"{server}/{r['resourceType']}/{r['id']}", "resource": r} for r in resources
    ]
    return {
        "resourceType": "Bundle",
        "id": f"{organisation.lower()}-{name}",
        "type": "collection",
        "entry": entries,
    }
