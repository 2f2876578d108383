"""The page of one stay, and a form for each of its acts.

A refusal keeps what was typed, beside what is wrong; where somebody saved first, the page says what
stands now and the words wait to be sent again.
"""

import re
from collections.abc import Mapping
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.acts import ACTS, Act, Sent
from joinedup.discharge.allowed import refuse_without
from joinedup.discharge.desk import ward
from joinedup.discharge.fields import Field
from joinedup.discharge.queries import names_of
from joinedup.discharge.rules.board import STATE_WORDS
from joinedup.discharge.rules.turn import may
from joinedup.discharge.standing import Seen, standing_of
from joinedup.discharge.stay_facts import gather
from joinedup.discharge.stay_words import place_words, present_stay
from joinedup.discharge.typed import errors_of, read_typed
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace
from joinedup.web.versions import version_sent

__all__ = ["act", "stay"]

_TOKEN = re.compile(r"[0-9a-f]{32}")
_EXPECTED = (Invalid, Unprocessable, Conflict, NotPermitted, Stale)


@require_safe
def stay(request: HttpRequest, spell_id: str) -> HttpResponse:
    """Return the page of a stay; NotFound for none that the reader sees."""
    permit = ward(request)
    facts = gather(permit, spell_id)
    shown = present_stay(facts, now())
    readiness = facts.standing.readiness
    done = ACTS.get(request.GET.get("done", ""))
    context = shown | {
        "title": shown["name"],
        "spell": spell_id,
        "done": done.done if done else "",
        "acts": {name: one.title for name, one in ACTS.items() if permit.may(one.power)},
        "review_at": _review_at(permit, facts.ward, spell_id),
        "may_choose": may(readiness, "choose"),
        "may_refer": may(readiness, "refer"),
        "may_finish": may(readiness, "arrange"),
        "may_leave": may(readiness, "leave"),
        "ends": permit.may(Power.END_STAY),
        "owns": permit.may(Power.OWN_RISK),
    }
    return render(request, "discharge/stay.jinja", context, here="board")


def _review_at(permit: Permit, ward_id: str, spell_id: str) -> str:
    """Return where the reader reviews the criteria of this stay; "" for who does not."""
    if not permit.may(Power.REVIEW_CRITERIA):
        return ""
    return f"/board/{ward_id}/round/{spell_id}" if ward_id else "/board"


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, spell_id: str, name: str) -> HttpResponse:
    """Return the form of an act, or do it and go back to the stay."""
    permit = ward(request)
    if name not in ACTS:
        raise Http404
    one = ACTS[name]
    refuse_without(permit, one.power)
    standing = standing_of(permit, spell_id)
    fields = one.fields(permit, standing, now())
    if request.method != "POST":
        first = {f.name: f.value for f in fields if f.kind != "mark"}
        return _form(request, spell_id, name, fields, typed=first)
    typed = read_typed(request.POST, [field.name for field in fields])
    sent = Sent(
        permit=permit,
        seen=Seen(spell_id, version_sent(request.POST)),
        typed=typed,
        token=_token(request),
        now=now(),
        button=request.POST.get("do", ""),
    )
    try:
        one.do(sent)
    except _EXPECTED as refusal:
        return _form(request, spell_id, name, fields, typed=typed.values, refusal=refusal)
    return redirect(f"/stays/{spell_id}?done={name}")


def _token(request: HttpRequest) -> str:
    """Return the id of what this form makes: the page's own, so that sent twice counts once."""
    sent = request.POST.get("token", "")
    return sent if _TOKEN.fullmatch(sent) else uuid4().hex


def _form(
    request: HttpRequest,
    spell_id: str,
    name: str,
    fields: tuple[Field, ...],
    *,
    typed: Mapping[str, str],
    refusal: Refusal | None = None,
) -> HttpResponse:
    permit: Permit = ward(request)
    one: Act = ACTS[name]
    facts = standing_of(permit, spell_id)
    lies = [f"Location/{bed.bed}" for bed in facts.spell.beds[-1:]]
    names = names_of(permit, (facts.readiness.person, *lies))
    who = names.get(facts.readiness.person, "The stay")
    if refusal:
        leave_trace(request, refusal)
    errors = errors_of(refusal, [field.name for field in fields]) if refusal else {}
    context = {
        "title": one.title,
        "crumbs": [(who, f"/stays/{spell_id}")],
        "who": who,
        "place": place_words(facts, names),
        "spell": spell_id,
        "name": name,
        "act": one,
        "fields": fields,
        "typed": typed,
        "errors": errors,
        "first": fields[0].name if fields else "send",
        "version": facts.version,
        "token": _token(request),
        "stands": STATE_WORDS[facts.readiness.state] if isinstance(refusal, Stale) else "",
    }
    status = refusal.status if refusal else 200
    return render(request, "discharge/act.jinja", context, here="board", status=status)
