"""The wards of Marlbrook General Hospital, their beds, and who else lies in them.

Ward 7 is Joyce's. In Wards 4 and 11 lie forty people of other towns, of whom the place knows who
they are, where they lie and who has flu; two more wait on trolleys. One bed is being cleaned, one
is under repair, and two are extra beds for a bad winter.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.demo import codes as c
from joinedup.demo.cast import HOSPITAL, TODAY, WARD, worker
from joinedup.demo.codes import HL7
from joinedup.demo.events import encounter, staying
from joinedup.demo.names import COMMUNITIES, STREETS
from joinedup.demo.people import chance_of, nhs_number
from joinedup.demo.shape import Address, Outline
from joinedup.demo.writing import Pen, Resource, at, instant
from joinedup.fhir.profiles.bed import Bed, Closure, Ward, build_bed, build_ward
from joinedup.fhir.profiles.isolation import Isolation, build
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.spell import with_team

__all__ = [
    "WARDS",
    "Inpatient",
    "bed_id",
    "infection_of",
    "inpatients",
    "stay_of",
    "ward_resources",
]

PLACES = "https://joinedup.example/Id/hospital-place/"
"""How the hospital's own system names wards and beds in its messages (docs/hl7.md)."""
OPENED = date(2017, 4, 1)
INPATIENTS = 40
_BOARDER, _NEWEST = 3, INPATIENTS - 1
_FLU = {5: "confirmed", 8: "confirmed", 9: "confirmed", 12: "suspected"}
_WAITING = ((5, 20), (8, 35))  # came this morning, and are still on a trolley
_FIRST_NUMBER = 999_040_000
_CLEANING = f"{WARD}-bed-16"
_BROKEN = f"{WARD}-bed-24"


class WardPlan(Struct, frozen=True):
    """One ward: its Location, what it is called, how many beds, how many of them extra ones."""

    id: str
    name: str
    beds: int
    extra: int = 0

    @property
    def spot(self) -> str:
        """How the hospital's own system names it: `WARD7`."""
        return self.name.upper().replace(" ", "")


WARDS = (
    WardPlan(WARD, "Ward 7", 24),
    WardPlan("rz901-ward-4", "Ward 4", 28, extra=2),
    WardPlan("rz901-ward-11", "Ward 11", 24),
)
"""Care of older people, medicine with two extra beds, bones and joints."""
_FULL = tuple(
    (plan, number)
    for plan, numbers in ((WARDS[1], range(1, 25)), (WARDS[2], range(1, 21)))
    for number in numbers
    if number % 11 != 9
)


class Inpatient(Struct, frozen=True):
    """Somebody from another town: who, in which bed (none where it is blank), since when, why.

    `team` is the ward whose patient they are where that is another one, `flu` how sure that is.
    """

    outline: Outline
    bed: str
    place: str
    came: datetime
    reason: c.Code
    team: str = ""
    flu: str = ""


def bed_id(ward: str, number: int) -> str:
    """Return the Location of a bed of a ward: `rz901-ward-7-bed-12`."""
    return f"{ward}-bed-{number}"


def ward_resources() -> list[Resource]:
    """Return the hospital's wards with their beds, as its own system states them."""
    written: list[Resource] = []
    for plan in WARDS:
        ward = build_ward(Ward(id=plan.id, name=plan.name, hospital=HOSPITAL.code))
        written.append(_stated(ward, plan.spot, "wa"))
        written += [_bed(plan, number) for number in range(1, plan.beds + 1)]
    return written


def _bed(plan: WardPlan, number: int) -> Resource:
    identifier = bed_id(plan.id, number)
    is_extra = number > plan.beds - plan.extra
    shut = is_extra and number == plan.beds
    bed = Bed(
        id=identifier,
        ward=plan.id,
        name=f"Bed {number}",
        hospital=HOSPITAL.code,
        escalation=is_extra,
        condition="being-cleaned" if identifier == _CLEANING else "clean",
        closure=_closure(identifier, shut=shut),
    )
    return _stated(build_bed(bed), f"{plan.spot}/{number}", "bd")


def _closure(identifier: str, *, shut: bool) -> Closure | None:
    manager = Reference(worker("beatriz-santos").role_reference)
    if identifier == _BROKEN:
        since = at(TODAY - timedelta(days=9), 14, 30)
        words = "The call bell does not ring"
        return Closure(reason="maintenance", since=since, by=manager, words=words)
    if shut:
        since = at(date(2017, 12, 1), 8)
        return Closure(reason="escalation-shut", since=since, by=manager)
    return None


def _stated(location: Resource, spot: str, kind: str) -> Resource:
    return location | {
        "meta": {"lastUpdated": instant(OPENED)},
        "identifier": [{"system": PLACES + HOSPITAL.code, "value": spot}],
        "physicalType": {"coding": [{"system": HL7 + "location-physical-type", "code": kind}]},
    }


def inpatients(seed: int) -> Iterator[Inpatient]:
    """Yield the people from other towns in Wards 4 and 11, the same each time."""
    numbers = _numbers()
    for n, (plan, number) in zip(range(INPATIENTS), _FULL, strict=False):
        chance = chance_of(seed, f"inpatient-{n:02d}", "bed")
        reasons = (c.PNEUMONIA, c.URINE_INFECTION, c.HEART_FAILURE, c.Code("Fall at home"))
        came = at(TODAY - timedelta(days=chance.randint(1, 26)), chance.randint(9, 22), 45)
        yield Inpatient(
            _outline(seed, n, next(numbers)),
            bed_id(plan.id, number),
            f"Bed {number}, {plan.name}",
            at(TODAY, 8, 40) if n == _NEWEST else came,
            chance.choice(reasons),
            team=WARDS[2].id if n == _BOARDER else "",
            flu=_FLU.get(n, ""),
        )
    for n, (hour, minute) in enumerate(_WAITING, INPATIENTS):
        who = _outline(seed, n, next(numbers))
        yield Inpatient(who, "", "Emergency department", at(TODAY, hour, minute), c.PNEUMONIA)


def _outline(seed: int, n: int, number: str) -> Outline:
    chance = chance_of(seed, f"inpatient-{n:02d}", "outline")
    community = COMMUNITIES[0]
    gender = chance.choice(("female", "male"))
    given = (community.women if gender == "female" else community.men).split()[:20]
    street = f"{chance.randint(1, 90)} {chance.choice(STREETS)}"
    return Outline(
        id=f"inpatient-{n:02d}",
        nhs_number=number,
        given=(chance.choice(given),),
        family=chance.choice(community.families.split()),
        born=date(chance.randint(1924, 1961), chance.randint(1, 12), chance.randint(1, 28)),
        gender=gender,
        ethnicity="A",
        address=Address(street, "Wexby", f"WQ{chance.randint(1, 4)} {chance.randint(1, 9)}AB"),
        prefix="Mrs" if gender == "female" else "Mr",
        practice="Y90002",
    )


def _numbers() -> Iterator[str]:
    nine = _FIRST_NUMBER
    while True:
        nine += 7
        if number := nhs_number(nine):
            yield number


def stay_of(lies: Inpatient) -> Resource:
    """Return the stay of somebody from another town, as the hospital states it."""
    pen, author = Pen(HOSPITAL.code, lies.outline), worker("helen-marsh")
    ward = lies.place.partition(", ")[2] or lies.place
    title = f"{ward}: {lies.reason.text.lower()}"
    stay = encounter(
        pen, "stay-now", "IMP", title, start=lies.came, end=None, author=author, reason=lies.reason
    )
    in_bed = staying(stay, lies.bed, lies.place, lies.came) if lies.bed else stay
    return with_team(in_bed, lies.team) if lies.team else in_bed


def infection_of(lies: Inpatient) -> list[Resource]:
    """Return the flu of somebody from another town, as the ward wrote it down; none for most."""
    if not lies.flu:
        return []
    said = Isolation(
        spell=str(stay_of(lies)["id"]),
        person=Pen(HOSPITAL.code, lies.outline).patient["reference"],
        hospital=HOSPITAL.code,
        infection="flu",
        certainty=lies.flu,
        since=at(TODAY - timedelta(days=1), 11),
        by=Reference(worker("grace-adeyemi").reference),
        words="Flu",
    )
    return [build(said) | {"meta": {"lastUpdated": instant(said.since)}}]
