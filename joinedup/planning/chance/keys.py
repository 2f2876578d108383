"""Which number is drawn: 64 bits named by seed, run, class, person, place, visit and purpose.

SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): its n-th output for a start s is mix(s + n GOLDEN),
so any output can be had without those before it. The engine has these functions again, compiled.
"""

from joinedup.fhir.key import hash64

__all__ = [
    "BALK",
    "GAP",
    "GOLDEN",
    "PATIENCE",
    "ROUTE",
    "STAY",
    "class_key",
    "draw",
    "mix",
    "name_key",
    "outbreaks_key",
    "person_key",
    "run_key",
    "uniform",
]

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2**64 / golden ratio, odd: SplitMix64's step
GAP, STAY, ROUTE, PATIENCE, BALK = range(5)  # what a draw is for; 8 purposes to a visit


def mix(value: int) -> int:
    """Return SplitMix64's scrambling of 64 bits (Stafford's variant 13 of MurmurHash3's end)."""
    value &= MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def name_key(name: str) -> int:
    """Return the 64 bits that stand for a name, so that adding others changes nobody's luck."""
    return hash64(name) & MASK


def run_key(seed: int, run: int) -> int:
    """Return the key of one run of a seed; runs count from 0."""
    return mix(mix(seed + GOLDEN) + (run + 1) * GOLDEN)


def class_key(run: int, name: str) -> int:
    """Return the key of a class in a run."""
    return mix(run ^ name_key(name))


def outbreaks_key(run: int, service: str, name: str) -> int:
    """Return the key of a service's outbreaks in a run; each is a person of it."""
    return mix(class_key(run, service) ^ name_key(name))


def person_key(in_class: int, number: int) -> int:
    """Return a person's key: arrivals count from 0, people present at the start from -1 down."""
    return mix(in_class + number * GOLDEN)


def draw(person: int, place: int, visit: int, purpose: int) -> int:
    """Return the 64 bits a person draws for a purpose at a place (`name_key`) on a visit."""
    return mix(person + place + (8 * visit + purpose) * GOLDEN)


def uniform(bits: int) -> float:
    """Return a number strictly between 0 and 1, exact in 53 bits: 2**52 values, evenly spaced."""
    return ((bits >> 12) + 0.5) * 2.0**-52
