"""The R4 definitions as small tables: which elements each type has, and which codes are required.

The tables are made from HL7's own definition files by `python -m joinedup.fhir.generate` and
committed beside this module. Loaded on first use; no checking is done here (`fhir.check` does).
A *shape* is one kind of object: a resource (`Patient`), a data type (`HumanName`), or a group
inside one (`Patient.contact`).
"""

import gzip
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

__all__ = ["Element", "codes_of", "elements_of", "shape_names"]


class Element(Struct, frozen=True, array_like=True):
    """One element of a shape.

    `name` lacks the `[x]` of a choice. `types` are primitives or shapes; `targets` are the resource
    types a Reference may name (none: any); `code_set` is the value set its codes must come from.
    """

    name: str
    minimum: int
    many: bool
    choice: bool
    types: tuple[str, ...]
    targets: tuple[str, ...] = ()
    code_set: str = ""

    @property
    def json_names(self) -> dict[str, str]:
        """Return each JSON property this element may have, with the type it holds."""
        if not self.choice:
            return {self.name: self.types[0]}
        return {f"{self.name}{kind[0].upper()}{kind[1:]}": kind for kind in self.types}


def _read(table: str) -> bytes:
    return gzip.decompress(files(__name__).joinpath(f"{table}.json.gz").read_bytes())


@cache
def _shapes() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(_read("shapes"), type=dict[str, msgspec.Raw])


@cache
def _code_sets() -> dict[str, dict[str, tuple[str, ...]]]:
    return msgspec.json.decode(_read("codes"), type=dict[str, dict[str, tuple[str, ...]]])


def shape_names() -> frozenset[str]:
    """Return the name of every shape in R4."""
    return frozenset(_shapes())


@cache
def elements_of(shape: str) -> tuple[Element, ...]:
    """Return the elements of a shape in the order of the specification; KeyError if R4 has none."""
    return msgspec.json.decode(_shapes()[shape], type=tuple[Element, ...])


def codes_of(code_set: str) -> dict[str, tuple[str, ...]] | None:
    """Return a required value set as code system -> codes.

    None where HL7 publishes no list of them: media types, currencies, UCUM units.
    """
    return _code_sets().get(code_set)
