"""The pages of a practice: who asks to see somebody's record, the decision, and the end of it."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Label
from joinedup.fhir.issue import Invalid, NotFound
from joinedup.fhir.search.period import LONDON
from joinedup.people.my_consents import ends_at, functions_of
from joinedup.people.pages import permit_for_people
from joinedup.people.presenters.words import human_name
from joinedup.people.proxies.deciding import (
    Case,
    allow,
    case_of,
    deny,
    end_trust,
    kin_between,
    may_decide,
)
from joinedup.people.proxies.forms import date_parts, decision_of, errors_in, filled
from joinedup.people.proxies.reading import consents_of, knows, related_of, requests
from joinedup.people.proxies.resources import Asked
from joinedup.people.proxies.rules import RELATIONSHIPS, age_on
from joinedup.people.proxies.seeing import TITLES, until_words
from joinedup.people.proxies.states import BASES, DENIALS, ENDINGS
from joinedup.record import Stored
from joinedup.web.clock import now
from joinedup.web.dates import Moment, read_moment, say
from joinedup.web.layout import render

__all__ = ["proxies_of_person", "proxy_end", "proxy_request", "proxy_work"]

_METHODS = ["GET", "HEAD", "POST"]
_WAITING = ("verifying", "consent_pending")
_STATE_WORDS = {
    "requested": "Invited; they have not used their code yet",
    "consent_pending": "Asked; the person has not answered",
    "verifying": "The person agreed; waits for the practice",
    "active": "Allowed",
    "revoked": "Ended",
    "rejected": "Refused",
}


@require_safe
def proxy_work(request: HttpRequest) -> HttpResponse:
    """Return the practice's list: requests that wait for a decision, the oldest first."""
    permit = permit_for_people(request)
    may_decide(permit)
    waiting = [a for a in requests(permit) if a.state in _WAITING]
    context = {
        "title": "Who may see whose record",
        "waiting": [_line(permit, a) for a in waiting],
    }
    return render(request, "people/proxies/work.jinja", context, here="people")


def _line(permit: Permit, asked: Asked) -> dict[str, object]:
    written = read_moment(asked.written)
    return {
        "href": f"/people/{asked.person}/proxies/{asked.id}" if asked.proxy else "",
        "person": knows(permit, asked.person).name,
        "proxy": f"{asked.wish.given} {asked.wish.family}",
        "relationship": RELATIONSHIPS.get(asked.wish.relationship, ""),
        "sees": _functions(asked.wish.functions),
        "state": "Look again: the child had a birthday" if asked.is_again else "",
        "stands": _STATE_WORDS[asked.state],
        "since": say(Moment(written.at, "day")) if written else "",
    }


def _functions(names: Iterable[str]) -> str:
    return ", ".join(TITLES.get(f, f).lower() for f in names)


@require_safe
def proxies_of_person(request: HttpRequest, person_id: str) -> HttpResponse:
    """Return who sees a person's record on their behalf, and who asks to."""
    permit = permit_for_people(request)
    may_decide(permit)
    person = knows(permit, person_id)
    at = now()
    stored = consents_of(permit, person_id)
    names = _names(permit, person_id)
    standing = [_trust_line(s, names) for s in stored if _stands(s, at)]
    asked = [a for a in requests(permit, person_id) if a.state in ("requested", *_WAITING)]
    context = {
        "title": f"Who sees the record of {person.name}",
        "person_id": person_id,
        "name": person.name,
        "standing": standing,
        "waiting": [_line(permit, a) for a in asked],
        "done": _DONE.get(request.GET.get("done", "")),
    }
    return render(request, "people/proxies/of_person.jinja", context, here="people")


_DONE = {
    "allowed": "Allowed. Both find it on their own pages.",
    "denied": "Refused. Nobody but professionals can read why.",
    "ended": "Ended, from this moment. The other person is not told why.",
}


def _stands(stored: Stored, at: datetime) -> bool:
    until = ends_at(stored.resource)
    return stored.resource.get("status") == "active" and (until is None or until > at)


def _names(permit: Permit, person_id: str) -> dict[str, str]:
    return {s.reference: human_name(s.resource.get("name")) for s in related_of(permit, person_id)}


def _trust_line(stored: Stored, names: dict[str, str]) -> dict[str, object]:
    until = ends_at(stored.resource)
    return {
        "id": stored.id,
        "version": stored.version,
        "name": names.get(f"RelatedPerson/{stored.id}", "Somebody not named here"),
        "sees": _functions(functions_of(stored.resource)),
        "until": until_words(until) if until else "",
        "basis": stored.resource.get("policyRule", {}).get("text", ""),
    }


@require_http_methods(_METHODS)
def proxy_request(request: HttpRequest, person_id: str, task_id: str) -> HttpResponse:
    """Show one request with all a decision needs; a POST says yes to all or less of it, or no."""
    permit, at = permit_for_people(request), now()
    case = case_of(permit, person_id, task_id, at)
    if case.asked.state not in _WAITING:
        return redirect(f"/people/{person_id}/proxies")
    form = filled(request.POST, **date_parts("until", case.latest))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _decided(request, permit, case, at)
        except Invalid as refusal:
            errors = errors_in(refusal)
    ticked = form.functions if request.method == "POST" else case.asked.wish.functions
    context = _case_words(case, at) | {
        "title": "Decide about a request",
        "case": case,
        "form": form,
        "ticked": ticked,
        "errors": errors,
        "denials": DENIALS,
    }
    status = 422 if errors else 200
    return render(request, "people/proxies/decide.jinja", context, here="people", status=status)


def _decided(request: HttpRequest, permit: Permit, case: Case, at: datetime) -> HttpResponse:
    form, version = filled(request.POST), _version(request)
    back = f"/people/{case.person.id}/proxies"
    if request.POST.get("answer") == "no":
        reason, words = form.of("reason"), form.of("words")
        deny(permit, case.asked.id, version, reason=reason, words=words, now=at)
        return redirect(f"{back}?done=denied")
    allow(case, permit, decision_of(form), version, at)
    return redirect(f"{back}?done=allowed")


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _case_words(case: Case, at: datetime) -> dict[str, object]:
    today = at.astimezone(LONDON).date()
    labels = sorted({_LABEL_WORDS[Label(bit)] for w in case.withheld for bit in _bits(w.label)})
    return {
        "people": [
            {
                "title": title,
                "name": known.name,
                "born": f"{known.born.day} {known.born:%B} {known.born.year}" if known.born else "",
                "age": age_on(known.born, today) if known.born else "",
                "number": f"{known.number[:3]} {known.number[3:6]} {known.number[6:]}",
            }
            for title, known in (("Whose record", case.person), ("Who would see it", case.proxy))
        ],
        "relationship": RELATIONSHIPS.get(case.asked.wish.relationship, ""),
        "functions": [(f, TITLES[f]) for f in case.asked.wish.functions],
        "bases": [(b, BASES[b]) for b in case.bases],
        "labels": labels,
        "latest": f"{case.latest.day} {case.latest:%B} {case.latest.year}",
    }


def _bits(labels: int) -> Iterable[int]:
    return (1 << n for n in range(labels.bit_length()) if labels >> n & 1)


_LABEL_WORDS = {label: str(label.name).lower().replace("_", " ") for label in Label if label.name}


@require_http_methods(_METHODS)
def proxy_end(request: HttpRequest, person_id: str, consent_id: str) -> HttpResponse:
    """Check, and end what a proxy is trusted with; the reason is for professionals alone."""
    permit, at = permit_for_people(request), now()
    may_decide(permit)
    person = knows(permit, person_id)
    stored = next((s for s in consents_of(permit, person_id) if s.id == consent_id), None)
    if stored is None:
        raise NotFound("There is nothing here that you can see.")
    if not _stands(stored, at):
        return redirect(f"/people/{person_id}/proxies")
    form = filled(request.POST)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            reason, words = form.of("reason"), form.of("words")
            end_trust(
                permit, person_id, consent_id, _version(request),
                reason=reason, words=words, now=at,
            )  # fmt: skip
            return redirect(f"/people/{person_id}/proxies?done=ended")
        except Invalid as refusal:
            errors = errors_in(refusal)
    context = {
        "title": "End what somebody may see",
        "person_id": person_id,
        "name": person.name,
        "trust": _trust_line(stored, _names(permit, person_id)),
        "kin": kin_between(permit, person_id, consent_id),
        "endings": {k: v for k, v in ENDINGS.items() if k not in ("restricted", "died")},
        "form": form,
        "errors": errors,
    }
    status = 422 if errors else 200
    return render(request, "people/proxies/end.jinja", context, here="people", status=status)
