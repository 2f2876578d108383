"""Malformed requests, kind by kind: queries, addresses, headers, tokens, cursors, transactions."""

import base64
import copy
import json
import random
from typing import Any
from urllib.parse import quote

from tests.load.people import observation, patient
from tests.security.malformed_words import NASTY, Ground, Request

_CODES = (
    "family given name birthdate identifier general-practitioner _id _lastUpdated _sort _count "
    "_total _include _revinclude _cursor _has _filter _text _content _list _query _type _summary "
    "_elements _contained subject code date value-quantity status patient:Patient.name "
    "subject.name subject:Patient.general-practitioner:Organization.name code:in code:text "
    "code:not date:missing name:exact name:contains name:zz encounter.subject.name __proto__ "
    "_sort:asc performer:Practitioner.name _profile _security _tag _source category component-code"
).split()


def queries(chance: random.Random, ground: Ground) -> Request:
    """Searches of names and values, good and bad in any mixture."""
    kind = chance.choice(["Patient", "Observation", "Condition", "Task", "Provenance", "Nobody"])
    pairs = []
    for _ in range(chance.choice([1, 1, 1, 2, 3, 30, 220])):
        name = chance.choice([*_CODES, *_CODES, chance.choice(NASTY)])
        value = chance.choice([*NASTY, "date", "-date", "Observation:subject", "1", ground.person])
        if chance.random() < 0.3:
            value = ",".join(chance.choice(NASTY) for _ in range(chance.choice([2, 3, 120])))
        pairs.append(f"{_quote(name, chance)}={_quote(value, chance)}")
    text = chance.choice(["&", "&", "&", ";", "&&"]).join(pairs)[:60_000]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    match chance.randrange(6):
        case 0:
            return Request("POST", f"/{kind}/_search", text.encode(), form)
        case 1:
            return Request("GET", f"/{ground.person}/{kind}?{text}")
        case 2:
            at = chance.choice([f"{ground.person}/$everything", f"{ground.observation}/_history"])
            return Request("GET", f"/{at}?{text}")
    return Request("GET", f"/{kind}?{text}")


def _quote(text: str, chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(["%", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%u0041", "+", "="])
    return quote(text, safe="", errors="surrogatepass")


def paths(chance: random.Random, ground: Ground) -> Request:
    """Addresses where there is nothing, in every disguise."""
    words = (
        "Patient Observation patient Nobody Binary metadata _history _search $everything $validate "
        f"$expunge _history/1 _history/x _history/0 _history/99999999999 * 1 x {'y' * 65} "
        "admin .git .env static"
    ).split()
    pieces = [
        quote(chance.choice([*words, *words, ground.person, *NASTY]), "/*$", errors="surrogatepass")
        for _ in range(chance.randint(1, 6))
    ]
    path = "/" + chance.choice(["/", "/", "//", "%2f", "/./", "/../", ";"]).join(pieces)
    method = chance.choice("GET GET GET POST PUT DELETE PATCH OPTIONS TRACE FOO".split())
    content = b'{"resourceType":"Patient"}' if method in ("POST", "PUT", "PATCH") else None
    return Request(method, path[:7_000], content)


def headers(chance: random.Random, ground: Ground) -> Request:
    """Headers of the wrong form on good requests."""
    text = chance.choice([t for t in NASTY if not set(t) & set("\r\n\0")])
    text = text.encode("utf-8", "replace").decode("utf-8")
    name = chance.choice(
        "If-Match If-None-Match If-None-Exist Accept Prefer Content-Type Content-Encoding "
        "If-Modified-Since X-HTTP-Method-Override X-Forwarded-Host X-Forwarded-Proto Range "
        "Accept-Encoding Cookie Origin Expect Host Accept-Charset".split()
    )
    forms = [text, f'W/"{text}"', 'W/"1"', '"1", "2"', "*", f"identifier={text}", "a" * 9_000]
    value = chance.choice([*forms, f"name={text}&{text}", "application/fhir+xml", "gzip"])
    told = {name: value}
    match chance.randrange(4):
        case 0:
            return Request("GET", f"/{ground.observation}", None, told)
        case 1:
            body = json.dumps(observation(ground.person)).encode()
            return Request("POST", "/Observation", body, told)
        case 2:
            body = json.dumps({**observation(ground.person), "id": ground.observation[12:]})
            return Request("PUT", f"/{ground.observation}", body.encode(), {"If-Match": "x"} | told)
    return Request("GET", "/Patient?family=x", None, told)


def tokens(chance: random.Random, ground: Ground) -> Request:
    """Tokens that are altered, foreign, empty or of another scheme: never anything but 401."""
    token = ground.token
    place = chance.randrange(len(token))
    swapped = token[:place] + chance.choice("AZaz09:.-_~") + token[place + 1 :]
    name, _, rest = token.partition(":")
    parts = rest.split(":")
    bad = chance.choice(
        [
            swapped if swapped != token else token + "x",
            token[:place],
            token + chance.choice([":", "=", "x", token]),
            token.swapcase(),
            f"ward-nurse:{rest}",
            f"{name}:zzzzzz:{parts[-1]}",
            f"{name}:{parts[0]}:",
            f"{name}::{parts[-1]}",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJncCJ9.",
            chance.choice([t for t in NASTY if t.isprintable() and t.strip()]),
            base64.b64encode(chance.randbytes(40)).decode(),
        ]
    )
    header = chance.choice([f"Bearer {bad}"] * 5 + [f"Basic {token}", "Bearer", token, "bearer "])
    if header.lower() == f"bearer {token.lower()}" and bad == token:
        header = "Bearer x"
    path = chance.choice([f"/{ground.person}", "/Patient?name=a", "", "/Nobody/1", "/Observation"])
    method = chance.choice(["GET", "POST", "PUT", "DELETE"])
    header = header.encode("utf-8", "replace").decode()
    return Request(method, path, None, {"Authorization": header}, expect=401)


def cursors(chance: random.Random, ground: Ground) -> Request:
    """Cursors that were made for something else, or by nobody."""
    address, cursor = chance.choice(ground.cursors)
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        parts = [cursor]
    place = chance.randrange(len(parts))
    odd: list[Any] = [*NASTY[:40], None, 2**63, -(2**63) - 1, 2**70, 1.5, [], {}, True]
    odd += [["x"], [None], ["infinity"], ["-infinity"], ["9" * 400], ["0"], [2**64], ["now()"]]
    parts[place] = chance.choice(odd)
    if isinstance(parts[place], str) and chance.random() < 0.5:
        parts[place] = [parts[place]]
    packed = json.dumps(parts).encode()
    forged = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    raw = quote(chance.choice(NASTY), errors="surrogatepass")
    shaken = cursor[: chance.randrange(len(cursor))]
    told = chance.choice([forged, forged, forged, raw, shaken, chance.choice(ground.cursors)[1]])
    return Request("GET", f"{address}&_cursor={told}")


def bundles(chance: random.Random, ground: Ground) -> Request:
    """Transactions with entries, requests, names and references that do not fit together."""
    entries = [_entry(chance, ground) for _ in range(chance.choice([0, 1, 2, 3, 10, 60]))]
    bundle = {
        "resourceType": chance.choice(["Bundle"] * 9 + ["Patient"]),
        "type": chance.choice(["transaction"] * 9 + ["batch", "document", "", None]),
        "entry": chance.choice([entries] * 9 + [{}, "x", None, [None], [[]]]),
    }
    return Request("POST", "", json.dumps(bundle).encode("utf-8", "surrogatepass"))


def _entry(chance: random.Random, ground: Ground) -> dict[str, Any]:
    method = chance.choice("POST POST POST PUT DELETE GET PATCH post".split())
    about = chance.choice([ground.person, "urn:uuid:a", "Patient?name=x", "#c", "Patient/none", ""])
    resource = chance.choice([observation(about), patient(), {}, {"resourceType": "X"}])
    url = chance.choice(
        ["Observation", "Patient", ground.observation, "Patient/1?x=y", "", "/", "Patient?name=z"]
    )
    request: dict[str, Any] = {"method": method, "url": url}
    odd = [*NASTY[:30], 'W/"1"', "identifier=a", "family=x&given=y", 5, None]
    for name in ("ifMatch", "ifNoneExist", "ifNoneMatch"):
        if chance.random() < 0.3:
            request[name] = chance.choice(odd)
    entry = {"fullUrl": chance.choice(["urn:uuid:a", "urn:uuid:b", "", "x y"]), "request": request}
    if method != "DELETE" or chance.random() < 0.2:
        entry["resource"] = copy.deepcopy(resource)
    for name in [n for n in entry if chance.random() < 0.08]:
        del entry[name]
    return entry
