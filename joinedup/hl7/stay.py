"""What an event makes of a stay, or why it cannot yet: the rules of ADT, in one table. Pure.

Events may come in any order and more than once. A place has its own time, so transfers are put in
where they belong; whether somebody is here goes by what was said last, and what was said before
that changes nothing. So every order of arrival ends in one Encounter.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from joinedup.hl7.event import Event
from joinedup.hl7.lying import began, entered, in_order, moment_of
from joinedup.hl7.times import instant_of
from joinedup.reference.codes.discharge import destinations, methods

__all__ = ["AGAINST", "REASONS", "Place", "Verdict", "after", "placed", "said_last"]

Resource = Mapping[str, Any]

SAID = "https://joinedup.example/StructureDefinition/adt-said"
VISITS = "https://joinedup.example/Id/hospital-visit"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_UK = "https://fhir.hl7.org.uk/CodeSystem/UKCore-Discharge"
_METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"
_KINDS = {"IMP": "inpatient encounter", "EMER": "emergency", "AMB": "ambulatory"}
_STATE, _DETAILS = "state", "details"
_ANY_TIME = "1880-01-01"

REASONS: Mapping[str, str] = {
    "no-admission": "The admission has not come",
    "no-discharge": "There is no discharge to cancel",
    "no-transfer": "There is no such transfer to cancel",
    "already-left": "The person has left already",
    "person-uncertain": "People must say whose record it is",
    "unknown-ward": "The ward or bed is not known here",
    "bed-taken": "Somebody else is recorded in this bed",
    "twin": "Two messages have one number and different content",
    "before-it-began": "It lies before the stay began",
    "before-a-move": "It lies before a move that is recorded",
    "after-death": "It lies after the person's death",
    "dead-or-alive": "Discharge method and destination disagree about a death",
    "other-person": "The visit is recorded for another person",
}
"""Why a message waits: the code is kept, the words are shown."""
AGAINST = frozenset(
    ("twin", "before-it-began", "before-a-move", "after-death", "dead-or-alive", "other-person")
)
"""Reasons that nothing that may still come takes away: the sender is told of an error."""


class Place(Struct, frozen=True):
    """A ward or bed that is known here: its Location, its words, and whether it is a bed.

    `ward` is the Location of the ward that a bed is in, `ward_words` what it is called.
    """

    location: str
    words: str
    kind: str
    ward: str
    ward_words: str


class Verdict(Struct, frozen=True):
    """What comes of an event: a stay as it now is, nothing (both empty), or a reason to wait."""

    stay: dict[str, Any] | None = None
    reason: str = ""


_NOTHING = Verdict()


def after(
    stands: Resource | None, event: Event, place: Place | None, *, stay_id: str, subject: str
) -> Verdict:
    """Return what an event makes of a stay that stands so; None where there is none yet.

    `place` is what PV1-3 names, where it is known here. Nothing is refused: what cannot be applied
    has a reason of `REASONS`.
    """
    if stands is None and event.trigger == "A08":
        return _NOTHING
    if stands is None:
        if event.trigger not in ("A01", "A04"):
            return Verdict(reason="no-admission")
        return _kept(None, _begun(event, place, stay_id, subject), event)
    if stands.get("subject", {}).get("reference") != subject:
        return Verdict(reason="other-person")
    verdict = _RULES[event.trigger](stands, event, place)
    if verdict.reason:
        return verdict
    return _kept(stands, _detailed(verdict.stay or dict(stands), event), event)


def placed(stands: Resource, place: Place | None, start: str) -> dict[str, Any] | None:
    """Return the stay at another place since that time; None where it was nowhere since then.

    With no place the one of that time is left out.
    """
    places = _places(stands)
    if not any(_same_time(one, start) for one in places):
        return None
    others = [one for one in places if not _same_time(one, start)]
    return _with_places(stands, _moved(others, place, start))


def said_last(stands: Resource, what: str = _DETAILS) -> str:
    """Return when the hospital last said something of a stay or a person, "" for never."""
    for extension in stands.get("extension", ()):
        if extension.get("url") == SAID:
            for part in extension.get("extension", ()):
                if part.get("url") == what:
                    return str(part.get("valueInstant", ""))
    return ""


def _begun(event: Event, place: Place | None, stay_id: str, subject: str) -> dict[str, Any]:
    start = instant_of(event.starts or event.happened)
    stay = {
        "resourceType": "Encounter",
        "id": stay_id,
        "extension": _saying({_STATE: instant_of(event.said)}),
        "identifier": [{"system": VISITS, "value": event.visit}],
        "status": "in-progress",
        "class": _class(event.kind or "IMP"),
        "subject": {"reference": subject},
        "period": {"start": start},
    }
    return _detailed(_with_places(stay, _moved([], place, start)), event)


def _arrives(stands: Resource, event: Event, place: Place | None) -> Verdict:
    """A01, A04: an emergency visit may become a stay; one that was said since began earlier."""
    is_news = _is_news(stands, event)
    if is_news and stands["status"] == "finished":
        return Verdict(reason="already-left")
    if is_news and stands["status"] == "cancelled":
        again = _begun(event, place, stands["id"], stands["subject"]["reference"])
        return Verdict({**stands, **again})
    start = instant_of(event.starts or event.happened)
    kind = {"class": _class(event.kind or "IMP")} if is_news else {}
    stay = {**stands, **kind}
    stay["period"] = {
        **_period(stands),
        "start": _earlier(start, str(_period(stands).get("start", start))),
    }
    placed_then = _with_places(stay, _moved(_places(stands), place, start))
    return Verdict(_stated(placed_then, event) if is_news else placed_then)


def _moves(stands: Resource, event: Event, place: Place | None) -> Verdict:
    """A02: the place has a time of its own, so a late transfer goes in where it belongs."""
    moved = instant_of(event.happened)
    if stands["status"] == "cancelled" and _is_news(stands, event):
        return Verdict(reason="no-admission")
    if _is_after(_started(stands), moved):
        return Verdict(reason="before-it-began")
    if stands["status"] == "finished" and _is_after(moved, _period(stands).get("end", moved)):
        return Verdict(reason="already-left")
    return Verdict(_with_places(stands, _moved(_places(stands), place, moved)))


def _leaves(stands: Resource, event: Event, _place: Place | None) -> Verdict:
    """A03: how, where to, and when; not before the stay began nor before a move in it."""
    if not _is_news(stands, event):
        return _NOTHING
    if stands["status"] == "cancelled":
        return Verdict(reason="no-admission")
    left = instant_of(event.ends or event.happened)
    if _is_after(_started(stands), left):
        return Verdict(reason="before-it-began")
    if any(_is_after(p["period"]["start"], left) for p in _places(stands)):
        return Verdict(reason="before-a-move")
    if event.method and event.destination and (event.method == "4") != (event.destination == "79"):
        return Verdict(reason="dead-or-alive")
    stay = {**stands, "status": "finished", "period": {**_period(stands), "end": left}}
    return Verdict(_stated(_with_places(_with_leaving(stay, event), _places(stay)), event))


def _never_came(stands: Resource, event: Event, _place: Place | None) -> Verdict:
    """A11: the admission is taken back; who has left already did come."""
    if not _is_news(stands, event):
        return _NOTHING
    if stands["status"] == "finished":
        return Verdict(reason="already-left")
    stay = {**stands, "status": "cancelled"}
    return Verdict(_stated(_with_places(stay, _places(stay)), event))


def _never_moved(stands: Resource, event: Event, place: Place | None) -> Verdict:
    """A12: the last move before it is taken back, where that leads to the place it names."""
    if stands["status"] == "cancelled":
        return Verdict(reason="no-admission")
    places, said = _places(stands), instant_of(event.said)
    then = [p for p in places if not _is_after(p["period"]["start"], said)]
    if len(then) < 2:
        return Verdict(reason="no-transfer")
    back = then[-2]["location"]["reference"].removeprefix("Location/")
    if place is not None and back not in (place.location, place.ward):
        return Verdict(reason="no-transfer")
    return Verdict(_with_places(stands, [*then[:-1], *places[len(then) :]]))


def _never_left(stands: Resource, event: Event, place: Place | None) -> Verdict:
    """A13: the discharge is taken back; the place is where the message says, or where it was."""
    if not _is_news(stands, event):
        return _NOTHING
    if stands["status"] == "cancelled":
        return Verdict(reason="no-admission")
    if stands["status"] != "finished":
        return Verdict(reason="no-discharge")
    period = {name: value for name, value in _period(stands).items() if name != "end"}
    stay = {**_without_leaving(stands), "status": "in-progress", "period": period}
    places = _places(stands)
    if place is not None and (not places or not _is_at(places[-1], place)):
        start = instant_of(event.happened)
        found = entered(place.location, place.words, place.kind, start, back=True)
        places = [*places, found]
    return Verdict(_stated(_with_places(stay, places), event))


def _is_told(stands: Resource, _event: Event, _place: Place | None) -> Verdict:
    """A08: what is new of the stay; its place and whether it is open are other events'."""
    return Verdict(dict(stands))


_RULES: Mapping[str, Callable[[Resource, Event, Place | None], Verdict]] = {
    "A01": _arrives,
    "A04": _arrives,
    "A02": _moves,
    "A03": _leaves,
    "A08": _is_told,
    "A11": _never_came,
    "A12": _never_moved,
    "A13": _never_left,
}


def _kept(stands: Resource | None, stay: dict[str, Any], event: Event) -> Verdict:
    """Return the stay in one order, whatever came first; nothing where it says nothing new."""
    if "extension" in stay:
        stay["extension"] = sorted(stay["extension"], key=lambda e: str(e.get("url", "")))
    if stands is None or _plain(stay) != _plain(stands):
        return Verdict(stay)
    return _NOTHING


def _plain(stay: Resource) -> dict[str, Any]:
    return {name: value for name, value in stay.items() if name != "meta"}


def _period(stay: Resource) -> Resource:
    period: Resource = stay.get("period", {})
    return period


def _started(stay: Resource) -> str:
    """Return when a stay began; one that somebody wrote without a time began at any."""
    return str(_period(stay).get("start", _ANY_TIME))


def _is_after(one: str, other: str) -> bool:
    return moment_of(one) > moment_of(other)


def _earlier(one: str, other: str) -> str:
    return other if _is_after(one, other) else one


def _is_news(stands: Resource, event: Event) -> bool:
    return instant_of(event.said) > said_last(stands, _STATE)


def _stated(stay: Resource, event: Event) -> dict[str, Any]:
    """Return the stay with the time at which it was said whether somebody is here."""
    return _marked(stay, _STATE, instant_of(event.said))


def _marked(stay: Resource, what: str, when: str) -> dict[str, Any]:
    told = {name: said_last(stay, name) for name in (_STATE, _DETAILS)}
    others = [e for e in stay.get("extension", ()) if e.get("url") != SAID]
    told[what] = max(when, told[what])
    return {**stay, "extension": [*others, *_saying(told)]}


def _saying(told: Mapping[str, str]) -> list[dict[str, Any]]:
    parts = [{"url": name, "valueInstant": when} for name, when in told.items() if when]
    return [{"url": SAID, "extension": parts}]


def _detailed(stay: Resource, event: Event) -> dict[str, Any]:
    """Return the stay with what this event says of it beside, unless that was said since."""
    said = instant_of(event.said)
    if said < said_last(stay):
        return dict(stay)
    told = _marked(stay, _DETAILS, said)
    if event.service:
        told["serviceType"] = {"text": event.service}
    if event.attender:
        told["participant"] = [{"individual": {"display": event.attender}}]
    return told


def _class(code: str) -> dict[str, str]:
    return {"system": _ACT, "code": code, "display": _KINDS[code]}


def _places(stay: Resource) -> list[dict[str, Any]]:
    """Return where somebody was and is; a bed that is only kept for them is not among these."""
    return [dict(place) for place in stay.get("location", ()) if began(place)]


def _same_time(place: Resource, start: str) -> bool:
    return began(place) == moment_of(start)


def _moved(places: list[dict[str, Any]], place: Place | None, start: str) -> list[dict[str, Any]]:
    """Return the places with one more from a time on; what was said to begin then is replaced."""
    if place is None:
        return places
    return [*(p for p in places if not _same_time(p, start)), _entry(place, start)]


def _entry(place: Place, start: str) -> dict[str, Any]:
    return entered(place.location, place.words, place.kind, start)


def _is_at(entry: Resource, place: Place) -> bool:
    return bool(entry["location"]["reference"] == f"Location/{place.location}")


def _with_places(stay: Resource, places: list[dict[str, Any]]) -> dict[str, Any]:
    ended = str(_period(stay).get("end", ""))
    if stay["status"] == "cancelled" and places:
        ended = max((str(p["period"]["start"]) for p in places), key=moment_of)
    ordered = in_order(places, ended=ended)
    if stay["status"] == "in-progress":  # a bed kept for somebody, until they lie in one
        kept = [dict(p) for p in stay.get("location", ()) if not began(p)]
        lain = {place["location"]["reference"] for place in ordered}
        ordered += [p for p in kept if p["location"]["reference"] not in lain]
    rest = {name: value for name, value in stay.items() if name != "location"}
    return {**rest, **({"location": ordered} if ordered else {})}


def _with_leaving(stay: Resource, event: Event) -> dict[str, Any]:
    left = _without_leaving(stay)
    day = (event.ends or event.happened).date()
    if event.destination:
        words = destinations(on=day)[event.destination]
        coding = {
            "system": f"{_UK}DestinationEngland",
            "code": event.destination,
            "display": words,
        }
        left["hospitalization"] = {
            **left.get("hospitalization", {}),
            "dischargeDisposition": {"coding": [coding]},
        }
    if event.method:
        words = methods(on=day)[event.method]
        coding = {"system": f"{_UK}MethodEngland", "code": event.method, "display": words}
        how = {"url": _METHOD, "valueCodeableConcept": {"coding": [coding]}}
        left["extension"] = [*left.get("extension", ()), how]
    return left


def _without_leaving(stay: Resource) -> dict[str, Any]:
    left = {
        **stay,
        "extension": [e for e in stay.get("extension", ()) if e.get("url") != _METHOD],
    }
    rest = {k: v for k, v in stay.get("hospitalization", {}).items() if k != "dischargeDisposition"}
    left.pop("hospitalization", None)
    return {**left, **({"hospitalization": rest} if rest else {})}
