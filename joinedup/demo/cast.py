"""Who is who in Marlbrook, an invented county town, on Tuesday 16 January 2018 at ten o'clock.

The tour follows Joyce (in bed 12), Susan (her daughter, an hour away) and Desmond (home again).
Which resource carries what is told in docs/ideas/invented-place.md; what is written about
everybody, in the modules beside this one.
"""

from datetime import date, datetime

from joinedup.access.words import Role
from joinedup.demo.shape import Address, Organisation, Outline, Worker
from joinedup.fhir.search.period import LONDON

__all__ = [
    "ABOUT_ME",
    "ACCOUNTS",
    "ADJUSTMENT",
    "ADJUSTMENT_CATEGORY",
    "ALERT_CATEGORY",
    "BED",
    "CAST",
    "COUNCIL",
    "DAUGHTER",
    "HOSPITAL",
    "MAN",
    "NOW",
    "ORGANISATIONS",
    "PLACE",
    "SEED",
    "STAFF",
    "SURGERY",
    "TODAY",
    "WARD",
    "WOMAN",
    "worker",
]

PLACE = "Marlbrook"
COUNTY = "Marlshire"
SEED = 20180116
NOW = datetime(2018, 1, 16, 10, 0, tzinfo=LONDON)
TODAY = NOW.date()

ALERT_CATEGORY = "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-FlagCategory"
ADJUSTMENT_CATEGORY = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient"
ADJUSTMENT = "national-reasonable-adjustment-flag"
ABOUT_ME = "https://joinedup.example/Questionnaire/about-me"

SURGERY = Organisation(
    "Y90001", "Fosse Lane Surgery", "gp", "01632 960001", "2 Fosse Lane", "MQ1 2AA"
)
HOSPITAL = Organisation(
    "RZ901",
    "Marlbrook General Hospital",
    "trust",
    "01632 960100",
    "Infirmary Road",
    "MQ2 6HG",
)
COUNCIL = Organisation(
    "E99901",
    "Marlbrook Council",
    "council",
    "01632 960200",
    "Guildhall, Market Place",
    "MQ1 1GH",
)
COMMUNITY = Organisation(
    "RZ902",
    "Marlbrook Community Health",
    "trust",
    "01632 960300",
    "Canal Street",
    "MQ1 7CN",
)
HOME_CARE = Organisation(
    "VZ901",
    "Kingfisher Home Care",
    "home-care",
    "01632 960400",
    "9 Weir Court",
    "MQ3 5KF",
)
FAR_SURGERY = Organisation(
    "Y90002",
    "Wexby Medical Centre",
    "gp",
    "01632 960002",
    "1 Station Approach",
    "WQ4 1SA",
)
ORGANISATIONS = (SURGERY, HOSPITAL, COUNCIL, COMMUNITY, HOME_CARE, FAR_SURGERY)

WARD = "rz901-ward-7"
BED = "rz901-ward-7-bed-12"

STAFF = (
    Worker("anita-rao", "Dr", "Anita", "Rao", "GP", "Y90001", "01632 960011", Role.GP),
    Worker("thomas-beckwith", "Dr", "Thomas", "Beckwith", "GP", "Y90001", "01632 960012"),
    Worker(
        "lorraine-tate",
        "",
        "Lorraine",
        "Tate",
        "Practice nurse",
        "Y90001",
        "01632 960013",
        Role.PRACTICE_NURSE,
    ),
    Worker(
        "imran-shah",
        "",
        "Imran",
        "Shah",
        "Practice pharmacist",
        "Y90001",
        "01632 960014",
    ),
    Worker(
        "grace-adeyemi",
        "",
        "Grace",
        "Adeyemi",
        "Ward nurse, Ward 7",
        "RZ901",
        "01632 960107",
        Role.WARD_NURSE,
    ),
    Worker(
        "tomasz-nowak",
        "",
        "Tomasz",
        "Nowak",
        "Discharge coordinator",
        "RZ901",
        "01632 960108",
        Role.DISCHARGE_COORDINATOR,
    ),
    Worker(
        "helen-marsh",
        "Dr",
        "Helen",
        "Marsh",
        "Consultant in the care of older people",
        "RZ901",
        "01632 960109",
        Role.CONSULTANT,
    ),
    Worker(
        "samuel-oduya",
        "Mr",
        "Samuel",
        "Oduya",
        "Consultant surgeon, bones and joints",
        "RZ901",
        "01632 960110",
    ),
    Worker(
        "callum-reid",
        "",
        "Callum",
        "Reid",
        "Occupational therapist",
        "RZ901",
        "01632 960111",
        Role.OCCUPATIONAL_THERAPIST,
    ),
    Worker("aisha-begum", "", "Aisha", "Begum", "Physiotherapist", "RZ901", "01632 960112"),
    Worker(
        "james-okafor",
        "Dr",
        "James",
        "Okafor",
        "Doctor, emergency department",
        "RZ901",
        "01632 960113",
    ),
    Worker(
        "rachel-dunn",
        "",
        "Rachel",
        "Dunn",
        "Social worker",
        "E99901",
        "01632 960207",
        Role.SOCIAL_WORKER,
        ("MQ1", "MQ2", "MQ3", "MQ4", "MQ5", "MQ6"),
    ),
    Worker(
        "marcus-bell",
        "",
        "Marcus",
        "Bell",
        "Occupational therapist",
        "E99901",
        "01632 960208",
    ),
    Worker(
        "jyoti-patel",
        "",
        "Jyoti",
        "Patel",
        "Reablement team leader",
        "E99901",
        "01632 960209",
    ),
    Worker(
        "owen-price",
        "",
        "Owen",
        "Price",
        "Analyst",
        "E99901",
        "01632 960210",
        Role.ANALYST,
    ),
    Worker(
        "siobhan-kelly",
        "",
        "Siobhan",
        "Kelly",
        "District nurse",
        "RZ902",
        "01632 960301",
        Role.DISTRICT_NURSE,
    ),
    Worker(
        "debbie-holt",
        "",
        "Debbie",
        "Holt",
        "Care coordinator",
        "VZ901",
        "01632 960401",
        Role.PROVIDER_WORKER,
    ),
    Worker("martin-yates", "Dr", "Martin", "Yates", "GP", "Y90002", "01632 960021"),
    Worker(
        "pauline-croft",
        "",
        "Pauline",
        "Croft",
        "Receptionist",
        "Y90001",
        "01632 960015",
        Role.RECEPTIONIST,
    ),
    Worker(
        "priya-raman",
        "",
        "Priya",
        "Raman",
        "Social prescribing link worker",
        "Y90001",
        "01632 960016",
        Role.LINK_WORKER,
    ),
    Worker(
        "beatriz-santos",
        "",
        "Beatriz",
        "Santos",
        "Ward manager, Ward 7",
        "RZ901",
        "01632 960114",
        Role.WARD_MANAGER,
    ),
    Worker("dawn-ellis", "", "Dawn", "Ellis", "Broker", "E99901", "01632 960211", Role.BROKER),
    Worker(
        "colin-hayes",
        "",
        "Colin",
        "Hayes",
        "Finance officer",
        "E99901",
        "01632 960212",
        Role.FINANCE_OFFICER,
    ),
    # Money takes two: who prepares a payment never approves it.
    Worker(
        "ruth-abara",
        "",
        "Ruth",
        "Abara",
        "Finance officer",
        "E99901",
        "01632 960216",
        Role.FINANCE_OFFICER,
        account="second-finance-officer",
    ),
    Worker(
        "moira-finch",
        "",
        "Moira",
        "Finch",
        "Safeguarding lead",
        "E99901",
        "01632 960213",
        Role.SAFEGUARDING_LEAD,
    ),
    Worker(
        "edwin-marlow",
        "",
        "Edwin",
        "Marlow",
        "Privacy officer",
        "E99901",
        "01632 960214",
        Role.PRIVACY_OFFICER,
    ),
    Worker(
        "nadia-hussain",
        "",
        "Nadia",
        "Hussain",
        "Commissioner",
        "E99901",
        "01632 960215",
        Role.COMMISSIONER,
    ),
)
"""Everybody paid to care who is named in the demo; telephones are of Ofcom's drama range."""

ACCOUNTS = tuple(w for w in STAFF if w.sign_in is not None)
"""The one-click accounts of workers, one of each role."""

WOMAN = Outline(
    id="joyce-hallam",
    nhs_number="9990012008",
    prefix="Mrs",
    given=("Joyce", "Ellen"),
    family="Hallam",
    born=date(1933, 5, 11),
    gender="female",
    ethnicity="A",
    address=Address("14 Orchard Row", PLACE, "MQ1 4AB"),
    telephone="01632 960514",
    lives_alone=True,
)
"""84, a retired school cook, a widow; in bed 12 since her hip was mended on 5 January 2018."""

DAUGHTER = Outline(
    id="susan-whitlock",
    nhs_number="9990012016",
    prefix="Mrs",
    given=("Susan", "Jane"),
    family="Whitlock",
    born=date(1959, 9, 2),
    gender="female",
    ethnicity="A",
    address=Address("3 Tanner's Close", "Wexby", "WQ4 2TC"),
    telephone="01632 960515",
    mobile="07700 900214",
    practice="Y90002",
)
"""58, works three days a week in a school office, an hour's drive away; Joyce's main carer."""

MAN = Outline(
    id="desmond-clarke",
    nhs_number="9990012024",
    prefix="Mr",
    given=("Desmond", "Alphonso"),
    family="Clarke",
    born=date(1939, 3, 23),
    gender="male",
    ethnicity="M",
    address=Address("27 Priory Road", PLACE, "MQ1 5RD"),
    telephone="01632 960527",
    mobile="07700 900227",
)
"""78, a retired bus driver; home on 11 December 2017 with the council's reablement, and well."""

CAST = (WOMAN, DAUGHTER, MAN)


def worker(identifier: str) -> Worker:
    """Return the worker of that Practitioner id; KeyError if nobody has it."""
    for somebody in STAFF:
        if somebody.id == identifier:
            return somebody
    raise KeyError(identifier)
