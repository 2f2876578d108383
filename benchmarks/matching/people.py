"""Invented people, and second statements about some of them with the faults that records have.

Families share homes and names, one in a hundred is a twin, some names are common. Nobody here is
taken from anywhere.
"""

from random import Random

from msgspec import Struct
from msgspec.structs import replace

from joinedup.people.demographics import Demographics
from joinedup.people.identity.rules import Candidate

__all__ = ["Corpus", "make_corpus"]

_SOUNDS = (
    "al an ar ba be co da el er fa ga ha in ke la ma mar na o pe ra ro sa ta ti un ven wi".split()
)
_TWIN_SHARE = 0.01


class Corpus(Struct, frozen=True):
    """Everybody known, and what came: each with the id of who it truly is, "" for nobody known."""

    known: tuple[Candidate, ...]
    came: tuple[tuple[str, Demographics], ...]


def make_corpus(count: int, seed: int = 20180116) -> Corpus:
    """Return `count` known people, and a statement about one in three of them and of strangers."""
    chance = Random(seed)  # people are invented with it, nothing is guarded
    families = [_name(chance) for _ in range(max(count // 12, 20))]
    givens = [_name(chance) for _ in range(max(count // 40, 20))]
    known: list[Candidate] = []
    while len(known) < count:
        one = _person(chance, len(known), families, givens)
        known.append(one)
        if chance.random() < _TWIN_SHARE and len(known) < count:
            number = f"{len(known):010d}"
            twin = replace(one.who, givens=(chance.choice(givens),), nhs_number=number)
            known.append(Candidate(f"p{len(known)}", twin))
    came = [(c.person_id, _spoilt(chance, c.who, families)) for c in known[::3]]
    strangers = (_person(chance, count + n, families, givens) for n in range(count // 10))
    came += [("", replace(s.who, nhs_number="")) for s in strangers]
    return Corpus(tuple(known), tuple(came))


def _name(chance: Random) -> str:
    return "".join(chance.choices(_SOUNDS, k=chance.randint(2, 4)))


def _person(chance: Random, n: int, families: list[str], givens: list[str]) -> Candidate:
    born = f"{chance.randint(1925, 2010)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    if chance.random() < 0.02:
        born = f"{born[:4]}-01-01"
    family = families[int(len(families) * chance.random() ** 2)]
    home = chance.randint(1, 20_000)
    who = Demographics(
        nhs_number=f"{n:010d}",
        families=(family,),
        givens=(givens[int(len(givens) * chance.random() ** 2)],),
        born=born,
        postcodes=(f"mq{home % 600}",),
        lines=(f"{home % 97}street{home % 89}",),
    )
    return Candidate(f"p{n}", who)


def _spoilt(chance: Random, who: Demographics, families: list[str]) -> Demographics:
    """Return what another organisation says of somebody: mostly without a number, often wrong."""
    if chance.random() < 0.75:
        who = replace(who, nhs_number="")
    faults = chance.choices(range(8), weights=(55, 8, 8, 5, 5, 6, 8, 5), k=1)[0]
    year, month, day = who.born.split("-")
    match faults:
        case 1:
            return replace(who, families=(_typed(chance, who.families[0]),))
        case 2:
            return replace(who, givens=(_typed(chance, who.givens[0]),))
        case 3 if int(day) <= 12:
            return replace(who, born=f"{year}-{day}-{month}")
        case 4:
            return replace(who, born=f"{year}-01-01")
        case 5:
            return replace(who, families=(chance.choice(families),))
        case 6:
            return replace(who, postcodes=("zz1",), lines=("elsewhere",))
        case 7:
            return replace(who, givens=())
        case _:
            return who


def _typed(chance: Random, name: str) -> str:
    place = chance.randrange(len(name) - 1)
    if chance.random() < 0.5:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + chance.choice("aeiouy") + name[place + 1 :]
