"""Pages of the returns: the days, one day with its versions, the people behind a number.

Nothing is counted here: `sitreps` counts, `shown` says it in words.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.rules.sitrep import KIND, Sitrep, due_at
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.london import day_bounds, day_of
from joinedup.fhir.profiles.returned import Return, differences
from joinedup.measures.counted import counted_people
from joinedup.measures.desk import day_of_address, hospital_of, reader, with_power
from joinedup.measures.sent import sent_between, sent_on
from joinedup.measures.shown import changes, day_lines, lines_of, version_lines
from joinedup.measures.sitreps import (
    Built,
    amend_sitrep,
    build_sitrep,
    counted_again,
    send_sitrep,
)
from joinedup.measures.words import clock_words, day_words, title_words
from joinedup.money.names import names_of
from joinedup.record.stood import latest
from joinedup.reference.calendars import amount
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["amend", "day", "people", "returns", "send"]

_DAYS = 21
_LONGEST_WHY = 2_000
_CRUMBS = [("Returns", "/returns")]
_SENDS = "Returns are sent by the hospital’s coordinators and ward managers."
_EXPECTED = (Unprocessable, Conflict, NotPermitted)
_DONE = {
    "sent": "The return is sent. It can be amended for 14 days; this version is kept as it is.",
    "amended": "The amendment is sent. Every version is kept.",
}


@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """Return the last three weeks: each day as it was last sent, or that it was not."""
    permit = reader(request)
    hospital, known = hospital_of(request, permit)
    yesterday = day_of(now()) - timedelta(days=1)
    days = [yesterday - timedelta(days=n) for n in range(_DAYS)]
    sent = sent_between(permit, KIND, hospital, days[-1], yesterday) if hospital else {}
    senders = [version.sent_by for versions in sent.values() for version in versions]
    names = names_of(permit, [*senders, *_organisations(known)], detail="who sent returns")
    month = yesterday.replace(day=1)
    context = {
        "title": "Returns",
        "hospital": hospital,
        "hospitals": [(code, names.get(f"Organization/{code}", code)) for code in known],
        "called": names.get(f"Organization/{hospital}") or hospital,
        "days": day_lines(days, sent, names, now()) if hospital else (),
        "months": [_month(month), _month((month - timedelta(days=1)).replace(day=1))],
        "sends": _may_send(permit, hospital),
    }
    return render(request, "measures/returns.jinja", context, here="returns")


def _organisations(codes: Sequence[str]) -> list[str]:
    return [f"Organization/{code}" for code in codes]


def _month(first: date) -> tuple[str, str]:
    return f"{first:%Y-%m}", f"{first:%B %Y}"


def _may_send(permit: Permit, hospital: str) -> bool:
    return permit.may(Power.SEND_RETURNS) and permit.organisation == hospital


@require_safe
def day(request: HttpRequest, day: str) -> HttpResponse:
    """Return one day: its numbers as last sent, every version, and what has changed since.

    A day that was not sent shows who may send it what would be sent, and others that it was not.
    """
    permit = reader(request)
    return _day_page(request, permit, day_of_address(day))


@require_POST
def send(request: HttpRequest, day: str) -> HttpResponse:
    """Send the first version of a day and go to its page; refused, show the page with why."""
    permit = with_power(request, Power.SEND_RETURNS, _SENDS)
    which = day_of_address(day)
    hospital, _ = hospital_of(request, permit)
    try:
        send_sitrep(permit, hospital, which, now=now(), stood_at=latest())
    except _EXPECTED as refusal:
        return _day_page(request, permit, which, refusal=refusal)
    return redirect(f"/returns/{which.isoformat()}?hospital={hospital}&done=sent")


@require_POST
def amend(request: HttpRequest, day: str) -> HttpResponse:
    """Send the next version of a day and go to its page; refused, the reason typed is kept."""
    permit = with_power(request, Power.SEND_RETURNS, _SENDS)
    which = day_of_address(day)
    hospital, _ = hospital_of(request, permit)
    why = request.POST.get("why", "")[:_LONGEST_WHY]
    try:
        amend_sitrep(permit, hospital, which, why=why, now=now(), stood_at=latest())
    except _EXPECTED as refusal:
        return _day_page(request, permit, which, refusal=refusal, why=why)
    return redirect(f"/returns/{which.isoformat()}?hospital={hospital}&done=amended")


def _day_page(
    request: HttpRequest,
    permit: Permit,
    which: date,
    *,
    refusal: Refusal | None = None,
    why: str = "",
) -> HttpResponse:
    if refusal is not None:
        leave_trace(request, refusal)
    hospital, _ = hospital_of(request, permit)
    versions = sent_on(permit, KIND, hospital, which) if hospital else ()
    sends = _may_send(permit, hospital)
    is_over = now() >= day_bounds(which)[1]
    has_begun = now() >= day_bounds(which)[0]
    built = (
        build_sitrep(permit, hospital, which, stood_at=latest()) if sends and has_begun else None
    )
    names = names_of(
        permit,
        [*(v.sent_by for v in versions), f"Organization/{hospital}"],
        detail="who sent a return",
    )
    context = {
        "title": f"Return for {day_words(which)}",
        "crumbs": _CRUMBS,
        "day": which.isoformat(),
        "hospital": hospital,
        "called": names.get(f"Organization/{hospital}") or hospital,
        "sends": sends,
        "is_over": is_over,
        "due": clock_words(due_at(which)),
        "overdue": now() > due_at(which),
        "errors": {"why": [p.message for p in refusal.problems]} if refusal else {},
        "typed": {"why": why},
        "done": _DONE.get(request.GET.get("done", ""), ""),
        **_numbers(versions, built, which),
        **_later(versions, built, which),
        "versions": version_lines(versions, [counted_again(permit, v) for v in versions], names),
    }
    return render(
        request,
        "measures/day.jinja",
        context,
        here="returns",
        status=refusal.status if refusal else 200,
    )


def _numbers(versions: Sequence[Return], built: Built | None, which: date) -> dict[str, object]:
    """Return the numbers that the page shows: as last sent; unsent, as they would be sent."""
    if versions:
        return {"counts": lines_of(versions[-1].counts, on=which), "of": versions[-1].version}
    if built is None or not built.is_known:
        return {"counts": (), "of": 0}
    return {"counts": lines_of(built.report.counts, on=which), "of": 0}


def _later(versions: Sequence[Return], built: Built | None, which: date) -> dict[str, object]:
    """Return what only who sends is told: problems, who was not reviewed, what changed since."""
    last = day_of(due_at(which)) + timedelta(days=amount("amend-for", on=which))
    differ = differences(versions[-1], built.report.counts) if versions and built else {}
    return {
        "known": built is not None and built.is_known,
        "problems": [p.message for p in built.problems] if built and built.is_known else [],
        "unreviewed": len(built.unreviewed) if built else 0,
        "unreadable": len(built.unreadable) if built else 0,
        "since": changes(differ, on=which),
        "amendable": day_of(now()) <= last,
        "until": f"{last.day} {last:%B %Y}",
    }


@require_safe
def people(request: HttpRequest, day: str) -> HttpResponse:
    """Return the people behind one number of a day, as its reader may see them (DI-08).

    `of` names the count, `version` the version that was sent; 0 counts the record as it is now.
    """
    permit = reader(request)
    which = day_of_address(day)
    hospital, _ = hospital_of(request, permit)
    wanted, built = _counted(request, permit, hospital, which)
    name = request.GET.get("of", "")[:80]
    spells = _spells(built, name)
    words = _count_title(name, which)
    counted = counted_people(permit, spells, built.people, what=f"{name}, {which.isoformat()}")
    context = {
        "title": f"{words}: {len(spells)}",
        "crumbs": [*_CRUMBS, (day_words(which), f"/returns/{day}?hospital={hospital}")],
        "counted": counted,
        "words": words,
        "day_words": day_words(which),
        "version": wanted.version if wanted else 0,
        "opens": _opens_records(request),
    }
    return render(request, "measures/people.jinja", context, here="returns")


def _counted(
    request: HttpRequest, permit: Permit, hospital: str, which: date
) -> tuple[Return | None, Built]:
    asked = request.GET.get("version", "0")
    versions = {str(v.version): v for v in sent_on(permit, KIND, hospital, which)}
    wanted = versions.get(asked)
    if wanted is None and (asked != "0" or not _may_send(permit, hospital)):
        raise NotFound("That version has not been sent.")
    stood_at = wanted.stood_at if wanted else None
    return wanted, build_sitrep(permit, hospital, which, stood_at=stood_at or latest())


def _spells(built: Built, name: str) -> tuple[str, ...]:
    if name == "unreviewed":
        return built.unreviewed
    report: Sitrep = built.report
    if name not in report.counts:
        raise NotFound("There is no such number in this return.")
    return report.named.get(name, ())


def _count_title(name: str, which: date) -> str:
    if name == "unreviewed":
        return "In hospital and not reviewed"
    return title_words(name, on=which)


def _opens_records(request: HttpRequest) -> bool:
    signed_in = getattr(request, "signed_in", None)
    return bool(signed_in and signed_in.opens_records)
