"""What a provider bills for one package of one person, as an Invoice: builder, reader, check, days.

An invoice of a provider may bill many people; here it is one Invoice a package, so that nobody's
bill stands in another's record. FHIR R4 has no place for the package, the days of a line and who
decided: those are extensions.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.pounds import money_of, pence_of

__all__ = [
    "ACCEPTED",
    "ADDITIONAL",
    "MOST_DAYS",
    "MOST_LINES",
    "PACKAGE_SYSTEM",
    "PROFILE",
    "RECEIVED",
    "REFUSED",
    "Invoice",
    "InvoiceLine",
    "build",
    "check",
    "days_held",
    "fold_number",
    "identifier_system",
    "invoice_id",
    "is_invoice",
    "read",
    "same_bill",
    "state_said",
]

Resource = dict[str, Any]
PROFILE = f"{PLACE}/StructureDefinition/provider-invoice"
PACKAGE_SYSTEM = f"{PLACE}/Id/package"
"""A package is named by its id and not by a literal reference: who pays may not see the care."""
_PACKAGE = f"{PLACE}/StructureDefinition/invoice-package"
_DAYS = f"{PLACE}/StructureDefinition/invoice-days"
_DECISION = f"{PLACE}/StructureDefinition/invoice-decision"
_UNIT = f"{PLACE}/CodeSystem/invoice-unit"
_UNIT_COST = {"coding": [{"system": f"{PLACE}/CodeSystem/invoice-price", "code": "unit-cost"}]}

RECEIVED, ACCEPTED, ADDITIONAL, REFUSED = "received", "accepted", "additional", "refused"
"""What became of an invoice; `additional` is paid on top, by a named person's decision."""
_STATUS = {RECEIVED: "issued", ACCEPTED: "balanced", ADDITIONAL: "balanced", REFUSED: "cancelled"}
MOST_LINES = 60
MOST_DAYS = 366
"""Days that one line may bill."""


class InvoiceLine(Struct, frozen=True, kw_only=True):
    """So many units from one day to another, both counted in; money in pence."""

    begins: date
    ends: date
    units: Decimal
    unit: str
    unit_cost: int
    net: int
    vat: int = 0

    @property
    def gross(self) -> int:
        """What is to be paid for it, VAT included."""
        return self.net + self.vat

    def days(self) -> Iterator[date]:
        """Yield each day it bills."""
        for number in range((self.ends - self.begins).days + 1):
            yield self.begins + timedelta(number)


class Invoice(Struct, frozen=True, kw_only=True):
    """One package's bill: `provider` an organisation's code, `person` is `Patient/...`.

    `decided_by` is a reference to who decided, `words` the reason of an additional charge or a
    refusal.
    """

    provider: str
    number: str
    day: date
    package: str
    person: str
    lines: tuple[InvoiceLine, ...]
    state: str = RECEIVED
    decided_by: str = ""
    words: str = ""

    @property
    def id(self) -> str:
        """Its id in the record."""
        return invoice_id(self.provider, self.number, self.package)

    @property
    def net(self) -> int:
        """Pence before VAT."""
        return sum(line.net for line in self.lines)

    @property
    def gross(self) -> int:
        """Pence to be paid."""
        return sum(line.gross for line in self.lines)


def fold_number(number: str) -> str:
    """Return an invoice number as it is compared: `inv 12` and `INV12` are one."""
    return "".join(number.split()).upper()


def invoice_id(provider: str, number: str, package: str) -> str:
    """Return the id of a bill, the same each time it comes.

    The person is not part of it: a package has one, and stays it when two records are joined.
    """
    name = f"{provider}|{fold_number(number)}|{package}"
    return f"invoice-{blake2b(name.encode(), digest_size=16).hexdigest()}"


def identifier_system(provider: str) -> str:
    """Return the system of a provider's own invoice numbers."""
    return f"{PLACE}/Id/invoice/{provider}"


def same_bill(one: Invoice, other: Invoice) -> bool:
    """Whether two say the same: day and lines, whatever was decided and whoever's it proved."""
    plain = {"person": "", "state": RECEIVED, "decided_by": "", "words": "", "number": ""}
    return one.id == other.id and replace(one, **plain) == replace(other, **plain)


def build(invoice: Invoice, *, security: Sequence[Mapping[str, Any]] = ()) -> Resource:
    """Return the bill as an Invoice (FHIR R4 13.9): issued, balanced when accepted, cancelled.

    `security` are the labels of its package: who does not see the care does not see its bill.
    """
    meta: Resource = {"profile": [PROFILE]}
    if security:
        meta["security"] = [dict(label) for label in security]
    resource: Resource = {
        "resourceType": "Invoice",
        "id": invoice.id,
        "meta": meta,
        "extension": _extensions(invoice),
        "identifier": _identifiers(invoice),
        "status": _STATUS[invoice.state],
        "subject": {"reference": invoice.person},
        "date": invoice.day.isoformat(),
        "issuer": {"reference": f"Organization/{invoice.provider}"},
        "lineItem": [_item(n, line) for n, line in enumerate(invoice.lines, 1)],
        "totalNet": money_of(invoice.net),
        "totalGross": money_of(invoice.gross),
    }
    if invoice.state == REFUSED:
        resource["cancelledReason"] = invoice.words
    return resource


def _identifiers(invoice: Invoice) -> list[Resource]:
    """Return the number as it is compared and found, then as the provider wrote it."""
    system = identifier_system(invoice.provider)
    folded = fold_number(invoice.number)
    found: list[Resource] = [{"use": "official", "system": system, "value": folded}]
    if invoice.number != folded:
        found.append({"use": "usual", "system": system, "value": invoice.number})
    return found


def _extensions(invoice: Invoice) -> list[Resource]:
    named = {
        "type": "EpisodeOfCare",
        "identifier": {"system": PACKAGE_SYSTEM, "value": invoice.package},
    }
    found: list[Resource] = [{"url": _PACKAGE, "valueReference": named}]
    if invoice.state != RECEIVED:
        parts: list[Resource] = [{"url": "kind", "valueCode": invoice.state}]
        if invoice.decided_by:
            parts.append({"url": "by", "valueReference": {"reference": invoice.decided_by}})
        if invoice.words:
            parts.append({"url": "words", "valueString": invoice.words})
        found.append({"url": _DECISION, "extension": parts})
    return found


def _item(number: int, line: InvoiceLine) -> Resource:
    days = {"start": line.begins.isoformat(), "end": line.ends.isoformat()}
    return {
        "extension": [{"url": _DAYS, "valuePeriod": days}],
        "sequence": number,
        "chargeItemCodeableConcept": {"coding": [{"system": _UNIT, "code": line.unit}]},
        "priceComponent": [
            {"type": "base", "factor": line.units, "amount": money_of(line.net)},
            {"type": "tax", "amount": money_of(line.vat)},
            {"type": "informational", "code": _UNIT_COST, "amount": money_of(line.unit_cost)},
        ],
    }


def is_invoice(resource: Mapping[str, Any]) -> bool:
    """Whether a resource states that it is a provider's bill."""
    profiles = resource.get("meta", {}).get("profile", ())
    return resource.get("resourceType") == "Invoice" and PROFILE in profiles


def state_said(resource: Mapping[str, Any]) -> str:
    """Return what an Invoice says became of it, whether or not the rest of it can be read."""
    parts = _extension(resource, _DECISION).get("extension", ())
    said = next((p.get("valueCode", "") for p in parts if p.get("url") == "kind"), RECEIVED)
    return str(said)


def read(resource: Mapping[str, Any]) -> Invoice:
    """Return the bill an Invoice is; KeyError if it is another thing, Invalid for part pennies."""
    if not is_invoice(resource):
        raise KeyError("this is no provider's invoice")
    package = _extension(resource, _PACKAGE)["valueReference"]["identifier"]["value"]
    decision = {p["url"]: p for p in _extension(resource, _DECISION).get("extension", ())}
    state = decision.get("kind", {}).get("valueCode", RECEIVED)
    if resource["status"] != _STATUS[state]:
        raise KeyError("the status of this invoice and what was decided differ")
    return Invoice(
        provider=resource["issuer"]["reference"].removeprefix("Organization/"),
        number=resource["identifier"][-1]["value"],
        day=_day(resource["date"]),
        package=package,
        person=resource["subject"]["reference"],
        lines=tuple(_line(item) for item in resource["lineItem"]),
        state=state,
        decided_by=decision.get("by", {}).get("valueReference", {}).get("reference", ""),
        words=decision.get("words", {}).get("valueString", ""),
    )


def _line(item: Mapping[str, Any]) -> InvoiceLine:
    period = _extension(item, _DAYS)["valuePeriod"]
    prices = {price["type"]: price for price in item["priceComponent"]}
    return InvoiceLine(
        begins=_day(period["start"]),
        ends=_day(period["end"]),
        units=Decimal(prices["base"]["factor"]),
        unit=item["chargeItemCodeableConcept"]["coding"][0]["code"],
        unit_cost=pence_of(prices["informational"]["amount"]),
        net=pence_of(prices["base"]["amount"]),
        vat=pence_of(prices["tax"]["amount"]),
    )


def check(invoice: Invoice) -> tuple[Problem, ...]:
    """Return what keeps a bill from being one; whether it is owed is `money.matching_rules`."""
    found = []
    if not 0 < len(invoice.lines) <= MOST_LINES:
        words = f"An invoice has 1 to {MOST_LINES} lines for a package."
        found.append(Problem("value", words, "Invoice.lineItem"))
    if invoice.state in (ADDITIONAL, REFUSED) and not (invoice.decided_by and invoice.words):
        words = "Say who decided about the invoice, and why."
        found.append(Problem("required", words, "Invoice.extension"))
    for place, line in enumerate(invoice.lines):
        where = f"Invoice.lineItem[{place}]"
        if not 0 <= (line.ends - line.begins).days < MOST_DAYS:
            words = f"A line bills 1 to {MOST_DAYS} days, from the first to the last."
            found.append(Problem("value", words, where))
        if line.units <= 0 or line.unit_cost <= 0 or line.net <= 0 or line.vat < 0:
            words = "Units and what they cost are above zero. A credit is given by reversing."
            found.append(Problem("value", words, where))
    return tuple(found)


def days_held(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an accepted bill alone may hold: `invoiced/<package>/2018-01-16` for each day.

    So two bills for one day of one package are never both accepted (house.md, law 3); one that was
    accepted as an additional charge holds none. Refuses, Unprocessable, an accepted one that does
    not say its package and days, or bills more than may be.
    """
    if not is_invoice(resource) or not _is_decided(resource):
        return ()
    try:
        invoice = read(resource)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError):
        raise Unprocessable("An accepted invoice says its package and the days billed.") from None
    if problems := check(invoice):
        raise Unprocessable(*problems)
    if invoice.state != ACCEPTED:
        return ()
    days = dict.fromkeys(day for line in invoice.lines for day in line.days())
    return tuple(f"invoiced/{invoice.package}/{day.isoformat()}" for day in sorted(days))


def _is_decided(resource: Mapping[str, Any]) -> bool:
    """Whether it claims to be accepted, by either of the two places that say so."""
    status = resource.get("status")
    if status in ("cancelled", "entered-in-error"):
        return False
    return status == "balanced" or bool(_extension(resource, _DECISION))


def _extension(resource: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    return next((e for e in resource.get("extension", ()) if e.get("url") == url), {})


def _day(text: str) -> date:
    day = read_day(text[:10])
    if day is None:
        raise KeyError(f"{text[:20]!r} is no day")
    return day
