"""Three people ready to go home, four providers with starts free, and who finds care for whom.

The place stands still on Tuesday 16 January 2018 at ten; money is set aside for January's starts.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import worker_permit
from joinedup.access.words import Role
from joinedup.brokerage.actions import seek
from joinedup.brokerage.queries import KeptPlacement
from joinedup.fhir.profiles import provider as providers
from joinedup.fhir.profiles import readiness, referral, slot, spell
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Wanted
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.referral import HubAnswer, Need, Referral
from joinedup.fhir.profiles.slot import FreeStart
from joinedup.fhir.profiles.spell import Spell
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import set_aside
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Entry, Posting
from tests.spec.record.place import HOSPITAL, PRACTICE, joyce, put

Resource = dict[str, Any]
HUB = "E99901"
NOW = datetime(2018, 1, 16, 10, tzinfo=UTC)
ADMITTED = NOW - timedelta(days=6)
PEOPLE = ("joyce", "ray", "ann")
NOWAK = worker_permit("Practitioner/nowak", "Tomasz Nowak", Role.DISCHARGE_COORDINATOR, HOSPITAL)
ELLIS = worker_permit("Practitioner/ellis", "Dawn Ellis", Role.BROKER, HUB)
HOLT = worker_permit("Practitioner/holt", "Debbie Holt", Role.PROVIDER_WORKER, "VZ901")
MARTIN = worker_permit("Practitioner/martin", "Joe Martin", Role.PROVIDER_WORKER, "VZ902")
PATEL = worker_permit("Practitioner/patel", "Ms Patel", Role.FINANCE_OFFICER, HUB)
OKAFOR = worker_permit("Practitioner/okafor", "Mr Okafor", Role.FINANCE_OFFICER, HUB)
WORKERS = ("nowak", "ellis", "holt", "martin", "patel", "okafor")
EVENING = "kf-evening"
POT = Account(AccountKind.POT, "winter/904")
WANTED = Wanted(
    service="reablement",
    area="MQ1",
    begins=date(2018, 1, 16),
    bands=("evening",),
    visits=2,
    minutes=30,
    carers=1,
)


def provider(location: str, organisation: str, name: str, **more: Any) -> Resource:
    """A location that gives care at home, rated good with its papers in order."""
    said: dict[str, Any] = {
        "owner": f"1-{organisation}",
        "telephone": "01632 960400",
        "registration": "active",
        "rating": "good",
        "activities": frozenset({"personal-care"}),
        "insured_until": date(2018, 12, 31),
        "data_security_until": date(2018, 12, 31),
        "hour_pence": 1_560,
    }
    made = CareProvider(location=location, organisation=organisation, name=name, **(said | more))
    return providers.build(made)


def start(
    identity: str, location: str = "kf-1", organisation: str = "VZ901", **more: Any
) -> Resource:
    """One start free this evening in MQ1."""
    said: dict[str, Any] = {
        "service": "reablement",
        "area": "MQ1",
        "band": "evening",
        "at": NOW + timedelta(hours=8),
        "told_at": NOW - timedelta(hours=1),
        "told_by": Reference("Practitioner/holt"),
        "week_minutes": 420,
    }
    return slot.build(
        FreeStart(id=identity, location=location, provider=organisation, **(said | more))
    )


def stay_of(person: str) -> list[Resource]:
    """Somebody's stay, what was asked of the hub for them, and how they stand."""
    reference = f"Patient/{person}"
    encounter = f"stay-{person}"
    asked = Referral(
        person=reference,
        spell=encounter,
        purpose="help-at-home",
        needs=(Need("washing", "Needs one person to help her wash"),),
        hospital=HOSPITAL,
        hub=HUB,
        asked_by=NOWAK.worker,
        asked_at=NOW - timedelta(hours=3),
        state="accepted",
    )
    answer = HubAnswer(
        referral=f"asked-{person}",
        person=reference,
        hub=HUB,
        state="accepted",
        at=NOW - timedelta(hours=2),
        by=ELLIS.worker,
    )
    stands = Readiness(
        person=reference,
        spell=encounter,
        hospital=HOSPITAL,
        admitted=ADMITTED,
        state="accepted-by-hub",
    )
    return [
        spell.build(
            Spell(id=encounter, person=reference, hospital=HOSPITAL, admitted=ADMITTED, beds=())
        ),
        referral.build(asked, f"asked-{person}"),
        referral.build_answer(answer),
        readiness.build(stands),
    ]


def set_scene() -> None:
    """Store all of it, and set £2,000 aside for the starts of January."""
    organisations = (PRACTICE, HOSPITAL, HUB, "VZ901", "VZ902", "VZ903", "VZ904")
    put(
        *({"resourceType": "Organization", "id": o, "name": o} for o in organisations),
        *({"resourceType": "Practitioner", "id": w} for w in WORKERS),
        provider("kf-1", "VZ901", "Kingfisher Home Care"),
        provider("hb-1", "VZ902", "Harbour Care", rating="outstanding"),
        provider("lo-1", "VZ903", "Lowfield Care", rating="inadequate"),
        provider("gn-1", "VZ904", "Green Lane Care", registration="cancelled"),
        *(slot.build_schedule(location) for location in ("kf-1", "hb-1", "lo-1", "gn-1")),
        start(EVENING),
        start("kf-later", at=NOW + timedelta(hours=9)),
        start("hb-tomorrow", "hb-1", "VZ902", at=NOW + timedelta(hours=32)),
        start("lo-evening", "lo-1", "VZ903"),
        start("gn-evening", "gn-1", "VZ904"),
        start("kf-morning", band="morning"),
        start("kf-double", band="night", carers=2),
        *(joyce(person) for person in PEOPLE),
        *(resource for person in PEOPLE for resource in stay_of(person)),
    )
    set_money_aside()


def set_money_aside(pence: int = 200_000) -> None:
    """Two officers set it aside from a grant."""
    given = Posting(
        id="given",
        on=NOW.date(),
        words="Grant",
        source="Letter",
        prepared_by=PATEL.worker,
        approved_by=OKAFOR.worker,
        entries=(Entry(Account(AccountKind.FUNDER, "DH"), -pence), Entry(POT, pence)),
    )
    aside = set_aside(
        POT, Month(2018, 1), pence, posting_id="aside", words="Starts", paper="Minute 4"
    )
    signed = replace(aside, prepared_by=PATEL.worker, approved_by=OKAFOR.worker)
    record.commit(OKAFOR, [], [given])
    record.commit(OKAFOR, [], [signed])


def sought(person: str = "joyce", *, now: datetime = NOW, **changes: Any) -> KeptPlacement:
    """Help being looked for, for one of the three, in the evening unless said otherwise."""
    return seek(NOWAK, f"asked-{person}", replace(WANTED, **changes), now=now)
