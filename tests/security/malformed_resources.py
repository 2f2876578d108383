"""Malformed resources, kind by kind: each function returns one POST made by chance from a seed."""

import copy
import json
import random
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from joinedup.fhir.search.served import SERVED
from joinedup.fhir.wire import read_resource, write_resource
from tests.conformance.mutants import MUTATIONS, places_of
from tests.load.people import condition, observation, patient
from tests.security.malformed_words import NASTY, Ground, Request

EXAMPLES = (
    Path(__file__).resolve().parents[3]
    / "shared/conformance/fhir-r4-4.0.1-example-instances.tar.xz"
)
LARGEST_EXAMPLE_BYTES = 200_000
_MARKUP = (
    "<script>alert(1)</script>", "<b onclick='x'>b</b>", "<img src='http://x/y'/>", "&amp;",
    "&nbsp;", "&bad;", "<!DOCTYPE x>", "<![CDATA[x]]>", "<!--c-->", "<p>", "</div>", "x",
    "<a href='javascript:x'>a</a>", "<svg/>", "<style>*{}</style>", "<b>" * 500, "\x01",
)  # fmt: skip


@cache
def examples() -> tuple[dict[str, Any], ...]:
    """HL7's examples of the types served; our own resources where the suite is not there."""
    if not EXAMPLES.exists():
        return (patient(), observation("Patient/x"), condition("Patient/x"))
    found = []
    with tarfile.open(EXAMPLES) as archive:
        for member in archive:
            opened = archive.extractfile(member)
            if opened is None or member.size > LARGEST_EXAMPLE_BYTES:
                continue
            if member.name.split("-")[0].removeprefix("./") in SERVED:
                found.append(read_resource(opened.read()))
    return tuple(found)


def _example(chance: random.Random, ground: Ground) -> dict[str, Any]:
    resource = copy.deepcopy(chance.choice(examples()))
    if chance.random() < 0.7:  # so that it gets past the references to HL7's own people
        _point_home(resource, ground)
    return resource


def _point_home(node: Any, ground: Ground) -> None:
    if isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and not reference.startswith("#"):
            if reference.startswith("Patient/"):
                node["reference"] = ground.person
            else:
                del node["reference"]
                node["display"] = "somebody"
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, (dict, list)):
            _point_home(each, ground)


def _post(kind: str, content: bytes | str) -> Request:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return Request("POST", f"/{kind}", data)


def mutated_examples(chance: random.Random, ground: Ground) -> Request:
    """An official example with one to three of R4's rules broken."""
    resource = _example(chance, ground)
    kind = resource["resourceType"]
    for _ in range(chance.randint(1, 3)):
        try:
            MUTATIONS[chance.choice([*MUTATIONS])]([*places_of(resource)], chance)
        except (AttributeError, KeyError, TypeError, IndexError):
            break  # an earlier mutation left nothing of the right shape
    try:
        return _post(kind, write_resource(resource))
    except Exception:
        return _post(kind, json.dumps(resource, default=str))


def shaken_bytes(chance: random.Random, ground: Ground) -> Request:
    """An official example with bytes flipped, cut out, put in or repeated."""
    resource = _example(chance, ground)
    data = bytearray(write_resource(resource).encode())
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) or 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[place : place + chance.randint(1, 40)]
            case 2:
                data[place:place] = chance.choice(NASTY).encode("utf-8", "surrogatepass")
            case 3:
                data[place:place] = data[place : place + chance.randint(1, 200)]
    return _post(resource["resourceType"], bytes(data))


def deep(chance: random.Random, ground: Ground) -> Request:
    """Objects and arrays nested past every limit."""
    depth = chance.choice([60, 64, 65, 66, 100, 1_000, 20_000, 200_000])
    open_, close = chance.choice([("[", "]"), ('{"a":', "}"), ('{"extension":[', "]}")])
    inner = open_ * depth + "1" + close * chance.choice([depth, 0, depth - 1])
    element = chance.choice(["extension", "contained", "text", "name", "identifier", "zz"])
    return _post("Patient", f'{{"resourceType":"Patient","{element}":{inner}}}')


def wide(chance: random.Random, ground: Ground) -> Request:
    """A great many properties, names, extensions, contained resources or problems."""
    many = chance.choice([100, 1_000, 5_000, 20_000])
    resource = patient()
    match chance.randrange(6):
        case 0:
            resource |= {f"p{n}": n for n in range(many)}
        case 1:
            resource["name"] = [{"given": [f"G{n}"]} for n in range(many)]
        case 2:
            resource["identifier"] = [
                {"system": f"http://s/{n}", "value": str(n)} for n in range(min(many, 5_000))
            ]
        case 3:
            resource["extension"] = [{"url": "a b"}] * many
        case 4:
            resource["contained"] = [{"resourceType": "Basic", "id": f"c{n}"} for n in range(many)]
        case 5:
            resource["name"] = [{"given": [""] * many, "use": "nobody"}]
    return _post("Patient", json.dumps(resource))


def huge(chance: random.Random, ground: Ground) -> Request:
    """Strings and names of properties of up to ten megabytes, in every kind of place."""
    size = chance.choice([3_000, 30_000, 300_000, 1_000_001, 3_000_000, 9_900_000, 10_000_001])
    if size > 1_000_001 and chance.random() < 0.7:
        size = 20_000
    letters = chance.choice(["a", "é", "<b>", "\U0001f469", chance.randbytes(16).hex() + " "])
    text = (letters * (size // len(letters.encode()) + 1))[:size]
    resource = patient()
    match chance.randrange(8):
        case 0:
            resource["name"] = [{"family": text}]
        case 1:
            resource["identifier"] = [{"system": "http://x", "value": text}]
        case 2:
            resource["text"] = {
                "status": "generated",
                "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>',
            }
        case 3:
            resource[text] = 1
        case 4:
            resource["photo"] = [{"contentType": "image/png", "data": text}]
        case 5:
            resource["meta"] = {"tag": [{"system": "http://x", "code": text}]}
        case 6:
            resource = observation(ground.person, code={"text": text})
        case 7:
            resource = observation(ground.person, valueString=text, identifier=[{"value": text}])
    return _post(resource["resourceType"], json.dumps(resource, ensure_ascii=False))


def broken_utf8(chance: random.Random, ground: Ground) -> Request:
    """Bytes that are no text, somewhere inside or around a good resource."""
    data = json.dumps(observation(ground.person, note=[{"text": "here"}])).encode()
    bad = chance.choice(
        [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xfe"]
    )
    place = chance.choice([0, len(data), data.index(b"here"), chance.randrange(len(data))])
    data = data[:place] + bad + data[place:]
    if chance.random() < 0.2:
        data = data.decode("latin-1").encode(chance.choice(["utf-16", "utf-32"]))
    return Request("POST", "/Observation", data, expect=400)


def duplicate_keys(chance: random.Random, ground: Ground) -> Request:
    """A property written twice, at any depth, with the same or another value."""
    text = json.dumps(observation(ground.person, note=[{"text": "n"}]))
    places = [i for i, c in enumerate(text) if c == "{"]
    place = chance.choice(places) + 1
    name = text[place + 1 : text.index('"', place + 1)]
    extra = chance.choice([f'"{name}":null,', f'"{name}":"x",', f'"{name}":{{}},'])
    return Request("POST", "/Observation", (text[:place] + extra + text[place:]).encode(), {}, 400)


def numbers(chance: random.Random, ground: Ground) -> Request:
    """Numbers that no number is, or that nothing can keep."""
    number = chance.choice(
        "NaN Infinity -Infinity 1e999 -1e999 1e-999 1e999999999999 01 +1 .5 1. 0x10 1_000 --1 1e "
        "-0 -0.0 1.0e2 1E+2 9007199254740993 0.1000000000000000000000000001".split()
        + ["9" * n for n in (20, 64, 65, 400, 5_000, 100_000)]
        + ["0." + "1" * n for n in (20, 63, 64, 65, 5_000)]
    )
    element = chance.choice(
        [
            f'"valueQuantity":{{"value":{number}}}',
            f'"valueInteger":{number}',
            f'"component":[{{"code":{{"text":"c"}},"valueSampledData":{{"origin":{{"value":1}},'
            f'"period":{number},"dimensions":1}}}}]',
            f'"meta":{{"versionId":{number}}}',
            f'"zz":{number}',
        ]
    )
    text = json.dumps(observation(ground.person))[:-1] + f",{element}}}"
    return _post("Observation", text)


def unicode_texts(chance: random.Random, ground: Ground) -> Request:
    """Characters that no text holds, or that change how a text looks."""
    text = "".join(chance.choice(NASTY[:28]) for _ in range(chance.randint(1, 6)))[:5_000]
    escaped = chance.choice([r"\u0000", r"\ud800", r"\udc00\ud800", r"\uFFFE", r"\u202e", ""])
    quoted = json.dumps(text, ensure_ascii=chance.random() < 0.5)[:-1] + escaped + '"'
    element = chance.choice(['"name":[{{"family":{}}}]', '"id":{}', "{}:1", '"gender":{}'])
    return _post("Patient", '{"resourceType":"Patient",' + element.format(quoted) + "}")


def narratives(chance: random.Random, ground: Ground) -> Request:
    """Narrative with what a page must never run, in every shape."""
    inner = "".join(chance.choice(_MARKUP) for _ in range(chance.randint(1, 8)))
    start = chance.choice(['<div xmlns="http://www.w3.org/1999/xhtml">', "<div>", "<p>", ""])
    text = {"status": "generated", "div": f"{start}{inner}</div>"}
    return _post("Patient", json.dumps(patient(text=text)))
