"""A hospital's own program, which knows joinedup by plain HTTP alone: the five uses of
Nottinghamshire's guide, and what is refused. Prints one JSON line a request.

Run as `python -I nottinghamshire.py BASE TOKEN STAY-NUMBER PERSON METHOD WHEN`.
Nothing is imported of joinedup.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

BASE, TOKEN, NUMBER, PERSON, METHOD, WHEN = sys.argv[1:7]
HERE = "https://joinedup.example"
STAYS = "https://hospital.example/stay"
CRITERIA = (
    "intensive-care oxygen fluids news2 consciousness function dying medicine "
    "lower-limb-surgery trunk-surgery invasive-procedure"
)


def send(use: str, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
    """Send one request, print what came of it, and return the body of the answer."""
    request = urllib.request.Request(
        BASE + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/fhir+json", "Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, came, where = answer.status, answer.read(), answer.headers.get("Location", "")
    except urllib.error.HTTPError as refused:
        status, came, where = refused.code, refused.read(), ""
    said = json.loads(came) if came else {}
    words = [issue.get("diagnostics", "") for issue in said.get("issue", ())]
    print(json.dumps({"use": use, "status": status, "where": bool(where), "words": words}))
    return said


WHICH = "/Encounter?" + urllib.parse.urlencode({"identifier": f"{STAYS}|{NUMBER}"})


def stay() -> dict[str, Any]:
    """Read the stay by the hospital's own number of it."""
    found = send("find", "GET", WHICH)["entry"]
    resource: dict[str, Any] = found[0]["resource"]
    return resource


def referral(*words: str) -> dict[str, Any]:
    """The needs of somebody, in words; who, which stay, which hub."""
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [
            {"coding": [{"system": f"{HERE}/CodeSystem/hospital-referral", "code": "help-at-home"}]}
        ],
        "subject": {"reference": f"Patient/{PERSON}"},
        "encounter": {"reference": f"Encounter/{here['id']}"},
        "performer": [{"reference": "Organization/E99901"}],
    } | ({"extension": [need(w) for w in words]} if words else {})


def need(words: str) -> dict[str, Any]:
    """One need of the area of washing and dressing."""
    parts = (("area", "washing"), ("words", words))
    return {
        "url": f"{HERE}/StructureDefinition/referral-need",
        "extension": [{"url": name, "valueString": value} for name, value in parts],
    }


def review(**changed: bool) -> dict[str, Any]:
    """The eleven answers, all no but those changed."""
    answers = dict.fromkeys(CRITERIA.split(), False) | changed
    components: list[dict[str, Any]] = [
        {"code": {"coding": [{"system": f"{HERE}/CodeSystem/criteria-to-reside", "code": c}]}}
        | {"valueBoolean": yes}
        for c, yes in answers.items()
    ]
    components.append(
        {"code": {"coding": [{"system": f"{HERE}/CodeSystem/criteria-to-reside"}
                             | {"code": "news2-score"}]}, "valueInteger": 1}
    )  # fmt: skip
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {
            "coding": [{"system": f"{HERE}/CodeSystem/observation", "code": "criteria-to-reside"}]
        },
        "subject": {"reference": f"Patient/{PERSON}"},
        "encounter": {"reference": f"Encounter/{here['id']}"},
        "effectiveDateTime": here["period"]["start"],
        "component": components,
    }


def safe(yes: bool) -> dict[str, Any]:
    """The stay as it was read, with the hospital's word on whether its person is safe to leave."""
    url = f"{HERE}/StructureDefinition/safe-for-discharge"
    return {**stay(), "extension": [{"url": url, "valueBoolean": yes}]}


def left(method: str, when: str) -> dict[str, Any]:
    """The stay as it was read, ended: 1 on clinical advice, 6 of their own accord."""
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"
    system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland"
    places = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeDestinationEngland"
    here = stay()
    beds = [{**b, "status": "completed"} for b in here.get("location", ())]
    told = {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": method}]}}
    kept = [e for e in here.get("extension", ()) if e["url"] != url]
    return {
        **here,
        "status": "finished",
        "period": {**here["period"], "end": when},
        "extension": [*kept, told],
        "hospitalization": {"dischargeDisposition": {"coding": [{"system": places, "code": "19"}]}},
    } | ({"location": beds} if beds else {})


here = stay()
send("nobody", "GET", WHICH, token="none")
send("refer: prescribes", "POST", "/ServiceRequest", referral("needs four calls a day"))
send("refer: no needs", "POST", "/ServiceRequest", referral())
send("refer", "POST", "/ServiceRequest", referral("needs help to wash and dress each morning"))
send("refer: twice", "POST", "/ServiceRequest", referral("needs help to wash in the evening"))
send(
    "note",
    "POST",
    "/Communication",
    {
        "resourceType": "Communication",
        "status": "completed",
        "subject": {"reference": f"Patient/{PERSON}"},
        "encounter": {"reference": f"Encounter/{here['id']}"},
        "sent": here["period"]["start"],
        "payload": [{"contentString": "Her daughter brings the key on Thursday."}],
    },
)
send("safe: no review", "PUT", WHICH, safe(True))
incomplete = review()
incomplete["component"] = incomplete["component"][1:]
send("review: ten answers", "POST", "/Observation", incomplete)
send("review", "POST", "/Observation", review())
send("safe", "PUT", WHICH, safe(True))
send("safe: not true", "PUT", WHICH, safe(False))
lost = {**stay()}
lost.pop("location", None)
send("lost bed", "PUT", WHICH, lost)
send("left before they came", "PUT", WHICH, left("1", "2001-01-01T09:00:00+00:00"))
send("left", "PUT", WHICH, left(METHOD, WHEN))
send("no such stay", "PUT", WHICH.replace(NUMBER, "none"), stay())
