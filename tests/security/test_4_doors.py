"""The gate: every address with no token, bad tokens, and what is withheld of restricted people."""

import base64
import json
from uuid import uuid4

import pytest
from django.core import signing

from joinedup.access.words import Role
from joinedup.fhir.issue import NotFound
from joinedup.fhir.search.served import SERVED
from joinedup.signin.accounts import ACCOUNTS
from joinedup.signin.tokens import issue_token
from tests.load.client import Client
from tests.load.people import observation, patient, post
from tests.load.server import ApiServer

ADDRESSES = [
    (method, f"/{path}")
    for kind in SERVED
    for method, path in (
        ("GET", kind), ("POST", kind), ("POST", f"{kind}/_search"), ("GET", f"{kind}/a"),
        ("PUT", f"{kind}/a"), ("DELETE", f"{kind}/a"), ("GET", f"{kind}/a/_history"),
        ("GET", f"{kind}/a/_history/1"), ("GET", f"Patient/a/{kind}"),
    )
]  # fmt: skip
ADDRESSES += [("POST", ""), ("GET", ""), ("GET", "/Patient/a/$everything"), ("GET", "/Nobody/1"),
              ("GET", "/Binary/1"), ("PATCH", "/Patient/a"), ("GET", "/_history")]  # fmt: skip


def test_without_a_token_every_address_is_refused(api: ApiServer) -> None:
    """Lesson 2: 401 before anything else is looked at, also where there is nothing."""
    client = api.client(None)
    for method, path in ADDRESSES:
        answer = client.send(method, path)
        assert answer.status == 401, (method, path, answer.status)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.issues[0]["code"] == "login"


def test_what_may_be_asked_without_a_token_tells_of_nobody(api: ApiServer) -> None:
    """The statement of what is served, and whether the server lives."""
    assert api.client(None).get("/metadata").status == 200


def _bad_tokens() -> dict[str, str]:
    good = issue_token("gp")
    name, when, mark = good.split(":")
    later = signing.TimestampSigner(salt="joinedup.api-token").timestamp()
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    signed = {
        "another salt": signing.TimestampSigner(salt="other").sign("gp"),
        "another key": signing.TimestampSigner(key="k", salt="joinedup.api-token").sign("gp"),
        "a session's salt": signing.TimestampSigner(salt="django.contrib.sessions").sign("gp"),
        "no timestamp": signing.Signer(salt="joinedup.api-token").sign("gp"),
        "nobody": signing.TimestampSigner(salt="joinedup.api-token").sign("nobody"),
        "an empty name": signing.TimestampSigner(salt="joinedup.api-token").sign(""),
        "the system": signing.TimestampSigner(salt="joinedup.api-token").sign("system"),
        "a worker": signing.TimestampSigner(salt="joinedup.api-token").sign("Practitioner/a"),
        "a path": signing.TimestampSigner(salt="joinedup.api-token").sign("../gp"),
        "another algorithm": signing.TimestampSigner(
            salt="joinedup.api-token", algorithm="sha1"
        ).sign("gp"),
    }
    moved = {
        f"moved from {other}": f"{other}:{when}:{mark}"
        for other in ("ward-nurse", "social-worker", "GP", "gp\t", "")
    }
    shaped = {
        "no mark": f"{name}:{when}", "no time": f"{name}::{mark}", "gp": "gp", "a star": "*",
        "an empty mark": f"{name}:{when}:", "time of later": f"{name}:{later}x:{mark}",
        "mark twice": f"{good}:{mark}", "cut short": good[:-1], "one more": good + "A",
        "changed case": f"{name}:{when}:{mark.swapcase()}", "reversed": good[::-1],
        "padded": good + "=", "base64": base64.b64encode(good.encode()).decode(),
        "quoted": f'"{good}"', "comma": f"{good},{good}", "null": "null", "undefined": "undefined",
        "a jwt": f"{none}.e30.", "a jwt with a mark": f"{none}.e30.{mark}", "sql": "' or 1=1--",
        "slashes": good.replace(":", "/"), "semicolons": good.replace(":", ";"),
        "long": "a" * 5_000, "not ascii": "gp\u00e9:" + when, "colons": ":" * 50,
        "wide": "\uff47\uff50:" + when + ":" + mark, "no-break": f"gp\u00a0:{when}:{mark}",
    }  # fmt: skip
    return signed | moved | shaped


def test_forty_bad_tokens_are_refused(api: ApiServer) -> None:
    """Trust F12: foreign, altered, moved to another name, or no token of ours at all."""
    tokens = _bad_tokens()
    assert len(tokens) >= 40
    for name, token in tokens.items():
        client = Client(api.port, token)
        for path in ("/Patient", "/Patient/a", "/Nobody"):
            answer = client.get(path)
            assert answer.status == 401, (name, path, answer.status)
            assert len(answer.body) < 400, name


def test_a_token_in_the_wrong_place_is_no_token(api: ApiServer) -> None:
    """Only in the header, only as Bearer; never in the address, a form or a cookie."""
    good, client = issue_token("gp"), api.client(None)
    assert client.get(f"/Patient?access_token={good}").status == 401
    assert client.get("/Patient", Cookie=f"joinedup-session={good}; token={good}").status == 401
    assert client.get("/Patient", X_Authorization=f"Bearer {good}").status == 401
    for scheme in ("Basic", "Token", "Digest", ""):
        assert client.get("/Patient", Authorization=f"{scheme} {good}").status == 401
    assert client.get("/Patient", Authorization=f"bearer {good}").status == 200


def test_a_token_of_an_hour_ago_is_refused(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Good for an hour, to the second."""
    now = signing.time.time()
    for age, status in ((3_590, 200), (3_601, 401), (90_000, 401)):
        monkeypatch.setattr(signing.time, "time", lambda age=age: now - age)
        token = issue_token("gp")
        monkeypatch.undo()
        answer = Client(api.port, token).get("/Patient?_count=0")
        assert answer.status == status, age


def test_there_is_a_token_for_each_account_and_none_for_the_system() -> None:
    """The wide scope has no sign-in."""
    for account in ACCOUNTS:
        assert account.role is not Role.SYSTEM
        assert issue_token(account.name)
    with pytest.raises(NotFound):
        issue_token(Role.SYSTEM.value)


def test_an_analyst_reads_nobody_and_writes_nothing(api: ApiServer) -> None:
    """403 for a change, and no person in any answer."""
    analyst, gp = api.client("analyst"), api.client()
    person = gp.made(patient())
    assert analyst.get(f"/Patient/{person['id']}").status == 404
    assert analyst.get("/Patient?_total=accurate").json["total"] == 0
    for answer in (
        analyst.post("/Patient", patient()),
        analyst.put(f"/Patient/{person['id']}", person, If_Match='W/"1"'),
        analyst.delete(f"/Patient/{person['id']}"),
        analyst.transaction(post(patient())),
    ):
        assert answer.status == 403 and answer.issues[0]["code"] == "forbidden"


def test_a_restricted_person_is_found_and_nothing_tells_where_she_is(api: ApiServer) -> None:
    """domain.md 1.2: by every door, without address, telephone, contacts and practice."""
    client, secret = api.client(), f"Hideaway{uuid4().hex[:8]}"
    family = f"Fam{uuid4().hex[:8]}"
    code = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    resource = patient(
        family,
        meta={"security": [code]},
        address=[{"line": [secret], "city": secret, "postalCode": secret}],
        telecom=[{"system": "phone", "value": secret}],
        contact=[{"name": {"family": secret}}],
        text={
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{secret}</div>',
        },
    )
    answer = client.post("/Patient", resource)
    assert answer.status == 201 and secret not in answer.body.decode()
    person = answer.json
    where = f"/Patient/{person['id']}"
    seen = client.made(observation(where[1:]))
    doors = [
        where, f"{where}/_history", f"{where}/_history/1", f"{where}/$everything",
        f"/Patient?family={family}", f"/Patient?_id={person['id']}",
        f"/Observation?_id={seen['id']}&_include=Observation:subject",
    ]  # fmt: skip
    for door in doors:
        text = client.get(door).body.decode()
        assert family in text and secret not in text and "SUBSETTED" in text, door
    for search in (f"address={secret}", f"address-postalcode={secret}", f"phone={secret}",
                   f"telecom={secret}", f"address-city:contains={secret[1:]}"):  # fmt: skip
        assert client.get(f"/Patient?{search}").entries == [], search
    refused = client.put(where, person, If_Match='W/"1"')
    assert refused.status == client.delete(where).status == 403
    again = client.post("/Patient", resource, If_None_Exist=f"family={family}")
    assert again.status == 200 and secret not in again.body.decode()
    done = client.transaction(post(resource, ifNoneExist=f"family={family}"))
    assert done.status == 200 and secret not in done.body.decode()
    assert secret not in client.get(f"/Provenance?target={where[1:]}").body.decode()


def test_answers_are_never_kept_by_caches(api: ApiServer) -> None:
    """And are never read as a page."""
    for path in ("/Patient", "/Nobody/1", "/metadata"):
        headers = api.client().get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
