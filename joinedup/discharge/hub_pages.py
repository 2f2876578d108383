"""The hub's list, the same as a file, and the page where one referral is answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.answering import answer, possible_acts
from joinedup.discharge.desk import hub_reader
from joinedup.discharge.hub_queries import HubLine, hub_lines
from joinedup.discharge.queries import Asked, asked_of, names_of
from joinedup.discharge.referring import PURPOSES
from joinedup.discharge.rules.ready_date import ready_date
from joinedup.discharge.stay_words import REFERRAL_WORDS, Row, at_words
from joinedup.discharge.typed import Typed, errors_of, read_typed
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.london import day_of, midnights
from joinedup.people.rights.cells import csv_lines
from joinedup.reference.codes.discharge import need_areas
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace
from joinedup.web.versions import version_sent

__all__ = ["hub_file", "hub_list", "hub_referral"]

_FIELDS = ("do", "reason")
_EXPECTED = (Invalid, Unprocessable, Conflict, NotPermitted, Stale)
_UNANSWERED = ("sent", "received", "info-requested")
_HEADINGS = (
    "Name",
    "NHS number",
    "Where they lie",
    "What it is for",
    "Where it stands",
    "Asked",
    "Days since",
    "Ready since",
    "What they need",
)


class _Line(Struct, frozen=True, kw_only=True):
    """One referral as the list shows it."""

    id: str
    name: str
    number: str
    place: str
    purpose: str
    code: str
    state: str
    waits: bool
    asked: str
    days: int
    ready: str
    needs: str


@require_safe
def hub_list(request: HttpRequest) -> HttpResponse:
    """Return the referrals by where they stand, the oldest first; `over=yes` those finished."""
    permit = hub_reader(request)
    over, state = request.GET.get("over") == "yes", request.GET.get("state", "")[:40]
    every = _shown(permit, over=over)
    lines = [line for line in every if state in ("", line.code)]
    counts = [
        (code, words, sum(line.code == code for line in every))
        for code, words in REFERRAL_WORDS.items()
    ]
    context = {
        "title": "The hub’s list",
        "lines": lines,
        "every": len(every),
        "counts": [count for count in counts if count[2]],
        "state": state,
        "over": over,
        "as_of": at_words(now()),
    }
    return render(request, "discharge/hub.jinja", context, here="hub")


@require_safe
def hub_file(request: HttpRequest) -> HttpResponse:
    """Return the list as CSV, which a spreadsheet opens without running anything in it."""
    permit = hub_reader(request)
    rows = (
        (
            line.name,
            line.number,
            line.place,
            line.purpose,
            line.state,
            line.asked,
            str(line.days),
            line.ready,
            line.needs,
        )
        for line in _shown(permit, over=False)
    )
    body = "".join(csv_lines(_HEADINGS, rows))
    sent = HttpResponse(body, content_type="text/csv; charset=utf-8")
    sent["Content-Disposition"] = 'attachment; filename="hub-list.csv"'
    return sent


def _shown(permit: Permit, *, over: bool) -> list[_Line]:
    return [_line(line) for line in hub_lines(permit, over=over)]


def _line(line: HubLine) -> _Line:
    referral, at = line.referral, now()
    since = ready_date(line.readiness) if line.readiness else None
    areas = need_areas(on=day_of(referral.asked_at))
    places = (line.place, line.hospital)
    return _Line(
        id=line.answer.referral,
        name=line.name or "Name not shown to you",
        number=line.number,
        place=", ".join(place for place in places if place),
        purpose=PURPOSES.get(referral.purpose, referral.purpose),
        code=line.answer.state,
        state=REFERRAL_WORDS[line.answer.state],
        waits=line.answer.state in _UNANSWERED,
        asked=at_words(referral.asked_at),
        days=midnights(referral.asked_at, at),
        ready=f"{since:%-d %B}" if since else "",
        needs="; ".join(dict.fromkeys(areas.get(n.area, n.area) for n in referral.needs)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hub_referral(request: HttpRequest, referral_id: str) -> HttpResponse:
    """Return one referral with what may be done with it; a POST answers it.

    What stands in the way is told above, with what was typed kept.
    """
    permit = hub_reader(request)
    typed = Typed({})
    refusal: Refusal | None = None
    if request.method == "POST":
        typed = read_typed(request.POST, _FIELDS)
        try:
            _answer(permit, request, referral_id, typed)
            return redirect(f"/hub/{referral_id}?done=yes")
        except _EXPECTED as said:
            leave_trace(request, said)
            refusal = said
    one = asked_of(permit, referral_id)
    context = _context(permit, one) | {
        "typed": typed.values,
        "errors": errors_of(refusal, _FIELDS) if refusal else {},
        "done": request.GET.get("done") == "yes",
    }
    status = refusal.status if refusal else 200
    return render(request, "discharge/hub_referral.jinja", context, here="hub", status=status)


def _answer(permit: Permit, request: HttpRequest, referral_id: str, typed: Typed) -> None:
    version = version_sent(request.POST)
    act, reason = typed.of("do"), typed.of("reason")
    answer(permit, referral_id, version, act, reason=reason, now=now())


def _context(permit: Permit, one: Asked) -> dict[str, object]:
    referral, said = one.referral, one.answer
    state = said.state if said else referral.state
    wanted = [
        referral.person,
        referral.asked_by,
        f"Organization/{referral.hospital}",
        *([said.by] if said and said.by else []),
    ]
    names = names_of(permit, wanted)
    areas = need_areas(on=day_of(referral.asked_at))
    unseen = "somebody whose name is not shown to you"
    return {
        "title": names.get(referral.person, "A referral"),
        "crumbs": [("The hub’s list", "/hub")],
        "id": one.id,
        "person_id": referral.person.removeprefix("Patient/"),
        "spell": referral.spell,
        "may_find": state in ("accepted", "assessing") and permit.may(Power.FIND_CARE),
        "opens_stay": permit.may(Power.ARRANGE_LEAVING),
        "version": one.answer_version,
        "state": REFERRAL_WORDS[state],
        "reason": said.reason if said else "",
        "answered": f"{names.get(said.by, unseen)}, {at_words(said.at)}"
        if said and state != "sent"
        else "",
        "purpose": PURPOSES.get(referral.purpose, referral.purpose),
        "asked": f"{names.get(referral.asked_by, unseen)}, {at_words(referral.asked_at)}",
        "hospital": names.get(f"Organization/{referral.hospital}", referral.hospital),
        "needs": [Row(areas.get(n.area, n.area), n.words) for n in referral.needs],
        "acts": possible_acts(one) if permit.may(Power.ANSWER_HUB) else (),
    }
