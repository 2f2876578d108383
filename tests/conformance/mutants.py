"""Good resources made bad: each function breaks one rule of R4 in one place of a resource.

A *place* is an object of the resource with the shape it has and its FHIRPath. A function takes
the places and a source of chance, changes one place and returns the FHIRPath of what is now
wrong, or None if the resource offers no such place.
"""

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from joinedup.fhir.check.primitive import PRIMITIVES
from joinedup.fhir.definitions import Element, codes_of, elements_of
from joinedup.fhir.types import TYPES


class Place(NamedTuple):
    holder: dict[str, Any]
    name: str
    element: Element
    kind: str
    path: str

    @property
    def value(self) -> Any:
        return self.holder[self.name]


Mutate = Callable[[list[Place], random.Random], str | None]


def places_of(resource: dict[str, Any], shape: str = "", path: str = "") -> Iterator[Place]:
    """Every element in a resource, those of contained and carried resources too."""
    shape = resource.get("resourceType", shape)
    path = path or shape
    for element in elements_of(shape):
        for name, kind in element.json_names.items():
            if name not in resource:
                continue
            yield Place(resource, name, element, kind, f"{path}.{name}")
            if kind in PRIMITIVES:
                continue
            value = resource[name]
            for index, each in enumerate(value if element.many else [value]):
                place = f"{path}.{name}[{index}]" if element.many else f"{path}.{name}"
                yield from places_of(each, kind, place)


def one_of(places: list[Place], chance: random.Random, **wanted: Any) -> Place | None:
    """A place by chance: of these `kinds`, `many` or not, with a required code set or not."""
    fitting = [
        each
        for each in places
        if ("kinds" not in wanted or each.kind in wanted["kinds"])
        and ("many" not in wanted or each.element.many is wanted["many"])
        and ("bound" not in wanted or bool(codes_of(each.element.code_set)) is wanted["bound"])
        and ("choice" not in wanted or each.element.choice is wanted["choice"])
    ]
    return chance.choice(fitting) if fitting else None


def set_first(place: Place, value: Any) -> str:
    """Put a value in the place, or in the first of a list, and return its path."""
    if not place.element.many:
        place.holder[place.name] = value
        return place.path
    place.holder[place.name] = [value, *place.value[1:]]
    return f"{place.path}[0]"


def replacing(value: Any, **wanted: Any) -> Mutate:
    """Return the mutation that puts one bad value where good ones of some kinds were."""

    def mutate(places: list[Place], chance: random.Random) -> str | None:
        place = one_of(places, chance, **wanted)
        return set_first(place, value) if place else None

    return mutate


def drop_a_required_element(places: list[Place], chance: random.Random) -> str | None:
    required = [p for p in places if p.element.minimum and f"_{p.name}" not in p.holder]
    place = chance.choice(required) if required else None
    if place is None:
        return None
    del place.holder[place.name]
    return f"{place.path.rpartition('.')[0]}.{place.element.name}"


def add_an_unknown_element(places: list[Place], chance: random.Random) -> str | None:
    place = chance.choice(places)
    place.holder["shoeSize"] = "42"
    return place.path.rpartition(".")[0]


def put_one_value_in_a_list(places: list[Place], chance: random.Random) -> str | None:
    place = one_of(places, chance, many=False)
    if place is None:
        return None
    place.holder[place.name] = [place.value]
    return place.path


def take_a_value_out_of_its_list(places: list[Place], chance: random.Random) -> str | None:
    place = one_of(places, chance, many=True)
    if place is None:
        return None
    place.holder[place.name] = place.value[0]
    return place.path


def empty_a_list(places: list[Place], chance: random.Random) -> str | None:
    place = one_of(places, chance, many=True)
    if place is None:
        return None
    place.holder[place.name] = []
    return place.path


def give_a_choice_twice(places: list[Place], chance: random.Random) -> str | None:
    place = one_of(places, chance, choice=True)
    others = {"string": "a", "boolean": True, "dateTime": "2024-01-16", "integer": 1}
    given = {k: v for k, v in others.items() if place and k in place.element.types}
    given.pop(place.kind if place else "", None)
    if place is None or not given:
        return None
    kind, value = chance.choice(list(given.items()))
    place.holder[f"{place.element.name}{kind[0].upper()}{kind[1:]}"] = value
    return f"{place.path.rpartition('.')[0]}.{place.element.name}"


def point_at_the_wrong_type(places: list[Place], chance: random.Random) -> str | None:
    fitting = [p for p in places if p.kind == "Reference" and p.element.targets]
    place = chance.choice(fitting) if fitting else None
    if place is None:
        return None
    wrong = chance.choice([name for name in TYPES if name not in place.element.targets])
    return f"{set_first(place, {'reference': f'{wrong}/1'})}.reference"


def drop_the_url_of_an_extension(places: list[Place], chance: random.Random) -> str | None:
    fitting = [p for p in places if p.path.endswith("].url") and p.element.minimum]
    fitting = [p for p in fitting if "xtension[" in p.path.rpartition(".")[0].rpartition(".")[2]]
    place = chance.choice(fitting) if fitting else None
    if place is None:
        return None
    del place.holder["url"]
    return place.path


def put_a_word_beside_a_primitive(places: list[Place], chance: random.Random) -> str | None:
    place = one_of(places, chance, kinds={"date", "boolean", "dateTime"}, many=False)
    if place is None:
        return None
    place.holder[f"_{place.name}"] = {"note": "about"}
    return f"{place.path.rpartition('.')[0]}._{place.name}"


def name_an_unknown_type(places: list[Place], _: random.Random) -> str:
    places[0].holder["resourceType"] = "Patent"
    return "resourceType"


TEXTS = frozenset({"string", "markdown", "code", "uri", "canonical", "date", "dateTime"})
OBJECTS = frozenset({"CodeableConcept", "Coding", "Identifier", "HumanName", "Period", "Quantity"})
WHOLE = frozenset({"integer", "positiveInt", "unsignedInt"})

MUTATIONS: dict[str, Mutate] = {
    "a required element dropped": drop_a_required_element,
    "an element R4 does not know": add_an_unknown_element,
    "one value in a list": put_one_value_in_a_list,
    "a list without its brackets": take_a_value_out_of_its_list,
    "an empty list": empty_a_list,
    "an empty object": replacing({}, kinds=OBJECTS),
    "null": replacing(None, many=False, kinds=TEXTS),
    "an empty string": replacing("", kinds={"string", "markdown"}),
    "a number for a string": replacing(12, kinds=TEXTS, bound=False),
    "a string for an object": replacing("Smith", kinds=OBJECTS),
    "a string for a boolean": replacing("true", kinds={"boolean"}),
    "a string for a number": replacing("1.5", kinds={"decimal", *WHOLE}),
    "a fraction for a whole number": replacing(Decimal("1.5"), kinds=WHOLE),
    "a code of no value set": replacing("not-a-code", kinds={"code"}, bound=True),
    "a day that never was": replacing("2023-02-30", kinds={"date", "dateTime"}),
    "a date the British way": replacing("16/01/2024", kinds={"date", "dateTime"}),
    "an instant without a zone": replacing("2024-01-16T10:00:00", kinds={"instant"}),
    "an id with a space": replacing("bed 12", kinds={"id"}),
    "a URI with a space": replacing("http://a b", kinds={"uri", "url", "canonical"}),
    "two types of one choice": give_a_choice_twice,
    "a reference to the wrong type": point_at_the_wrong_type,
    "an extension without a url": drop_the_url_of_an_extension,
    "an unknown element beside a primitive": put_a_word_beside_a_primitive,
    "an unknown resource type": name_an_unknown_type,
}
