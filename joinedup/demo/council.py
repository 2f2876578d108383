"""How Marlbrook Council writes its events: Client Level Data rows, and the same as resources.

Columns are those of `joinedup.fhir.profiles`. A row is one event: a request, an assessment, a
service or a review. What the council has to say about whom is in `support` and the cast's files.
"""

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from joinedup.demo.cast import COUNCIL, TODAY
from joinedup.demo.identity import patient
from joinedup.demo.shape import Outline
from joinedup.demo.writing import Pen, Resource, instant
from joinedup.fhir.profiles import assessment as assessments
from joinedup.fhir.profiles import event as events
from joinedup.fhir.profiles import package
from joinedup.fhir.profiles import request as requests
from joinedup.fhir.profiles import review as reviews
from joinedup.fhir.profiles.columns import COLUMNS

__all__ = [
    "Event",
    "assessment",
    "council_id",
    "council_patient",
    "event_resource",
    "request",
    "review",
    "row",
    "service",
]

ETHNICITIES = {
    "A": "White: English, Welsh, Scottish, Northern Irish or British",
    "B": "White: Irish",
    "C": "White: Any other White background",
    "D": "Mixed or multiple ethnic groups: White and Black Caribbean",
    "F": "Mixed or multiple ethnic groups: White and Asian",
    "H": "Asian or Asian British: Indian",
    "J": "Asian or Asian British: Pakistani",
    "K": "Asian or Asian British: Bangladeshi",
    "M": "Black, Black British, Caribbean or African: Caribbean",
    "N": "Black, Black British, Caribbean or African: African",
    "R": "Asian or Asian British: Chinese",
    "S": "Other ethnic group: Any other ethnic group",
    "Z": "No data: Undeclared or not known",
}
PERSONAL_CARE = "Physical Support: Personal care support"
LA_CODE = "999"


class Event(Struct, frozen=True, kw_only=True):
    """One council event; `columns` are those of its kind, by header."""

    kind: str
    start: date
    end: date | None
    outcome: str
    columns: tuple[tuple[str, str], ...] = ()
    client_type: str = "Service user"
    reason: str = PERSONAL_CARE


def request(start: date, end: date, outcome: str, route: str, **more: str) -> Event:
    """Return a request for support and how it came."""
    columns = (("Request: Route of Access", route),)
    return Event(kind="Request", start=start, end=end, outcome=outcome, columns=columns, **more)


def assessment(start: date, end: date, outcome: str, kind: str = "Long term assessment") -> Event:
    """Return an assessment and whether it found eligible needs."""
    eligible = "NFA" not in outcome
    columns = (
        ("Assessment Type", kind),
        ("Eligible Needs Identified", "Yes, eligible needs" if eligible else "No needs"),
        ("Method of Assessment", "Service user only"),
    )
    return Event(kind="Assessment", start=start, end=end, outcome=outcome, columns=columns)


def service(
    start: date,
    end: date | None,
    outcome: str,
    what: tuple[str, str],
    *,
    hours: str = "",
    hour_cost: str = "",
    provider: str = "",
) -> Event:
    """Return a service (type, component), open where it has no end."""
    paid = (
        ("Unit Cost", hour_cost),
        ("Cost Frequency (Unit Type)", "Hourly" if hour_cost else ""),
        ("Planned units per week", hours),
    )
    columns = (
        ("Service Type", what[0]),
        ("Service Component", what[1]),
        ("Delivery Mechanism", "CASSR commissioned support"),
        ("Client Funding Status", "Joint client and social care funded"),
        ("Provider CQC Location Name", provider),
        ("Provider CQC Location ID", "1-990000001" if provider else ""),
        *paid,
    )
    return Event(kind="Service", start=start, end=end, outcome=outcome, columns=columns)


def review(start: date, end: date, outcome: str, reason: str, achieved: str) -> Event:
    """Return a review, why it was held, and whether the outcomes were achieved."""
    columns = (
        ("Review Reason", reason),
        ("Review Outcomes Achieved", achieved),
        ("Method of Review", "Service user and carer"),
    )
    return Event(kind="Review", start=start, end=end, outcome=outcome, columns=columns)


def council_id(person: Outline) -> str:
    """Return the council's own number for the person (LA Person Unique Identifier)."""
    return f"MB{person.nhs_number[3:9]}"


def _person(person: Outline) -> dict[str, str]:
    children = person.age(TODAY) < 18
    return {
        "LA Code": LA_CODE,
        "Reporting Period Start Date": "01/04/2010",
        "Reporting Period End Date": _day(TODAY),
        "NHS Number": person.nhs_number,
        "LA Person Unique Identifier": council_id(person),
        "First Name": person.given[0],
        "Last Name": person.family,
        "GP Practice Code": person.practice,
        "Gender": person.gender.capitalize(),
        "Ethnicity": ETHNICITIES[person.ethnicity],
        "Date of Birth": _day(person.born),
        "Date of Death": _day(person.died) if person.died else "",
        "Postcode": person.address.postcode,
        "Accommodation Status": "" if children else "Owner occupier or shared ownership scheme",
    }


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def row(person: Outline, number: int, event: Event, **person_columns: str) -> dict[str, str]:
    """Return one Client Level Data row; every column is there, blank where it does not apply."""
    values = {column.header: "" for column in COLUMNS} | _person(person) | person_columns
    values |= {
        "Client Type": event.client_type,
        "Primary Support Reason": event.reason,
        "Event Type": event.kind,
        "Event Reference": f"{council_id(person)}-{number:03d}",
        "Event Start Date": _day(event.start),
        "Event End Date": _day(event.end) if event.end else "",
        "Event Outcome": event.outcome,
    }
    values |= dict(event.columns)
    assert len(values) == len(COLUMNS), "a column the return does not have"
    return values


def event_resource(person: Outline, number: int, event: Event) -> Resource:
    """Return the same event as the resource an import of its row would make."""
    values = row(person, number, event)
    stated = {header: value for header, value in values.items() if value}
    whole = events.Event(
        person=person.reference,
        council=COUNCIL.code,
        start=event.start,
        end=event.end,
        reference=values["Event Reference"],
        stated=stated,
    )
    pen = Pen(COUNCIL.code, person)
    resource = _BUILDERS[event.kind](whole, pen.name(f"event-{number}"))
    recorded = event.end or event.start
    return resource | {"meta": resource["meta"] | {"lastUpdated": instant(recorded)}}


def council_patient(person: Outline, recorded: date) -> Resource:
    """Return the council's Patient, with the council's own number beside the NHS number."""
    resource = patient(Pen(COUNCIL.code, person), recorded)
    system = events.identifier_system("person", COUNCIL.code)
    number = {"system": system, "value": council_id(person)}
    resource["meta"] = resource["meta"] | {"profile": [events.profile_url("person")]}
    resource["identifier"] = [*resource["identifier"], number]
    return resource | {"managingOrganization": {"reference": f"Organization/{COUNCIL.code}"}}


_BUILDERS: dict[str, Callable[[events.Event, str], Resource]] = {
    "Request": requests.build,
    "Assessment": assessments.build,
    "Service": package.build,
    "Review": reviews.build,
}
