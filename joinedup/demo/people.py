"""Three hundred people of Marlbrook, from a seed: who they are, not what is written about them.

Each person is drawn from a chance of their own, so that adding one changes nobody else. The cast
comes first. A few are there to be difficult to find: twins, placeholder birth dates, restricted
addresses, no fixed abode.
"""

from datetime import date, timedelta
from random import Random

from msgspec.structs import replace

from joinedup.demo.cast import CAST, PLACE, TODAY
from joinedup.demo.names import AGES, COMMUNITIES, STREETS, Community
from joinedup.demo.shape import Address, Outline

__all__ = ["NHS_RANGE", "RESTRICTED", "TWINS", "chance_of", "make_people", "nhs_number"]

NHS_RANGE = "999"
TWINS = (3, 4)
RESTRICTED = (11, 57, 143)
PLACEHOLDER_BIRTHS = (18, 92, 171)
NO_FIXED_ABODE = (29,)
DIED = (23, 66, 118, 187, 236, 281)
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_FIRST_NUMBER = 999_020_000


def nhs_number(nine: int) -> str:
    """Return nine digits with their check digit, or "" where there is none (rule ID-01)."""
    digits = f"{nine:09d}"
    total = sum(int(d) * weight for d, weight in zip(digits, range(10, 1, -1), strict=True))
    check = 11 - total % 11
    return "" if check == 10 else digits + ("0" if check == 11 else str(check))


def chance_of(seed: int, person_id: str, purpose: str) -> Random:
    """Return the chance of one purpose for one person; the same every time."""
    return Random(f"{seed}/{person_id}/{purpose}")  # noqa: S311 (nothing is guarded by it)


def make_people(seed: int, count: int) -> tuple[Outline, ...]:
    """Return `count` people, the cast first; ValueError for fewer than the cast."""
    if count < len(CAST):
        raise ValueError(f"The place has at least {len(CAST)} people: the cast of the tour.")
    numbers = _numbers(count)
    drawn = [
        _person(chance_of(seed, f"person-{n:04d}", "outline"), n, numbers[n])
        for n in range(len(CAST), count)
    ]
    return (*CAST, *_twinned(drawn))


def _numbers(count: int) -> list[str]:
    made: list[str] = []
    nine = _FIRST_NUMBER
    while len(made) < count:
        nine += 7
        if number := nhs_number(nine):
            made.append(number)
    return made


def _person(chance: Random, n: int, number: str) -> Outline:
    community = chance.choices(COMMUNITIES, [c.weight for c in COMMUNITIES])[0]
    gender = chance.choices(("female", "male"), (54, 46))[0]
    low, high, _ = chance.choices(AGES, [weight for _, _, weight in AGES])[0]
    born = _born(chance, chance.randint(low, high))
    if n in PLACEHOLDER_BIRTHS:
        born = date(min(born.year, 1952), 1, 1)
    age = (TODAY - born).days // 365
    died = TODAY - timedelta(days=chance.randint(20, 330)) if n in DIED and age > 1 else None
    alone_share = 0.0 if age < 25 else 0.16 if age < 65 else 0.32 if age < 75 else 0.52
    telephone, mobile = _telephones(chance, n, age)
    return Outline(
        id=f"person-{n:04d}",
        nhs_number=number,
        given=_given(chance, community, gender, age),
        family=chance.choice(community.families.split()),
        born=born,
        gender=gender,
        ethnicity=community.ethnicity,
        address=_address(chance, n),
        telephone=telephone,
        mobile=mobile,
        prefix=_prefix(chance, gender, age),
        died=died,
        restricted=n in RESTRICTED,
        lives_alone=chance.random() < alone_share,
        language=community.language if age > 60 and chance.random() < 0.4 else "English",
    )


def _born(chance: Random, age: int) -> date:
    return TODAY.replace(year=TODAY.year - age, day=1) - timedelta(days=chance.randint(0, 360))


def _given(chance: Random, community: Community, gender: str, age: int) -> tuple[str, ...]:
    """Return one or two given names of the person's generation (the lists run old to young)."""
    names = (community.women if gender == "female" else community.men).split()
    middle = (1 - min(age, 95) / 95) * (len(names) - 1)
    reach = max(2, len(names) // 4)
    near = [n for place, n in enumerate(names) if abs(place - middle) <= reach]
    count = 2 if community.ethnicity == "A" and chance.random() < 0.6 else 1
    return tuple(chance.sample(near, min(count, len(near))))


def _prefix(chance: Random, gender: str, age: int) -> str:
    if age < 18:
        return ""
    if gender == "male":
        return "Mr"
    return chance.choices(("Mrs", "Miss", "Ms"), (7, 2, 1) if age > 60 else (4, 2, 4))[0]


def _address(chance: Random, n: int) -> Address:
    postcode = f"MQ{chance.randint(1, 6)} {chance.randint(1, 9)}"
    postcode += chance.choice(_LETTERS) + chance.choice(_LETTERS)
    line = f"{chance.randint(1, 120)} {chance.choice(STREETS)}"
    if n in NO_FIXED_ABODE:
        return Address("No fixed abode", PLACE, "ZZ99 3VZ")
    return Address(line, PLACE, postcode)


def _telephones(chance: Random, n: int, age: int) -> tuple[str, str]:
    """Return numbers of Ofcom's drama ranges; older people have the landline."""
    landline = (
        f"01632 960{600 + n % 400:03d}" if chance.random() < (0.9 if age > 60 else 0.4) else ""
    )
    has_mobile = age >= 16 and (not landline or chance.random() < (0.35 if age > 75 else 0.9))
    return landline, f"07700 900{300 + n % 700:03d}" if has_mobile else ""


def _twinned(people: list[Outline]) -> list[Outline]:
    """Return the people with the pair of twins made: same birth, surname and home."""
    first, second = (n - len(CAST) for n in TWINS)
    if second >= len(people):
        return people
    home = Address("8 Coronation Avenue", PLACE, "MQ3 2CA")
    shared = {
        "family": "Pickering",
        "born": date(1941, 10, 4),
        "gender": "female",
        "ethnicity": "A",
        "address": home,
        "telephone": "01632 960603",
        "prefix": "Miss",
        "died": None,
        "lives_alone": False,
        "language": "English",
    }
    people[first] = replace(people[first], given=("Jean", "Mary"), twin=1, **shared)
    people[second] = replace(people[second], given=("Joan", "Mary"), twin=2, **shared)
    return people
