"""The page of a day's beds at 08:00: the numbers, every version, sending and amending."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from joinedup.access.permit import Permit, exporting
from joinedup.access.words import Power
from joinedup.beds.rules.bed_return import KIND, beds_csv, due_at
from joinedup.beds.rules.picture import snapshot_at
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted, Refusal, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.returned import Return, differences
from joinedup.measures.bed_returns import (
    BuiltBeds,
    amend_beds,
    bed_words,
    beds_again,
    build_beds,
    send_beds,
)
from joinedup.measures.desk import day_of_address, hospital_of, reader, with_power
from joinedup.measures.return_files import csv_file
from joinedup.measures.sent import sent_on
from joinedup.measures.shown import Changed, VersionLine
from joinedup.measures.words import clock_words, day_words
from joinedup.money.names import names_of
from joinedup.record.stood import latest
from joinedup.reference.calendars import amount
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.refusals import leave_trace

__all__ = ["amend", "beds", "file", "send"]

_SENDS = "Returns are sent by the hospital’s coordinators and ward managers."
_LONGEST_WHY = 2_000
_EXPECTED = (Unprocessable, Conflict, NotPermitted)
_DONE = {
    "sent": "The return is sent. It can be amended for 14 days; this version is kept as it is.",
    "amended": "The amendment is sent. Every version is kept.",
}


@require_safe
def beds(request: HttpRequest, day: str) -> HttpResponse:
    """Return a day's beds as last sent, every version, and what the record says now."""
    return _page(request, reader(request), day_of_address(day))


@require_POST
def send(request: HttpRequest, day: str) -> HttpResponse:
    """Send the first version of a day's beds; refused, show the page with why."""
    permit = with_power(request, Power.SEND_RETURNS, _SENDS)
    which = day_of_address(day)
    hospital, _ = hospital_of(request, permit)
    try:
        send_beds(permit, hospital, which, now=now(), stood_at=latest())
    except _EXPECTED as refusal:
        return _page(request, permit, which, refusal=refusal)
    return redirect(f"/returns/{which.isoformat()}/beds?hospital={hospital}&done=sent")


@require_POST
def amend(request: HttpRequest, day: str) -> HttpResponse:
    """Send the next version of a day's beds; refused, the reason typed is kept."""
    permit = with_power(request, Power.SEND_RETURNS, _SENDS)
    which = day_of_address(day)
    hospital, _ = hospital_of(request, permit)
    why = request.POST.get("why", "")[:_LONGEST_WHY]
    try:
        amend_beds(permit, hospital, which, why=why, now=now(), stood_at=latest())
    except _EXPECTED as refusal:
        return _page(request, permit, which, refusal=refusal, why=why)
    return redirect(f"/returns/{which.isoformat()}/beds?hospital={hospital}&done=amended")


@require_safe
def file(request: HttpRequest, day: str) -> HttpResponse:
    """Return a day's beds as last sent, as CSV in national columns."""
    permit = reader(request)
    hospital, _ = hospital_of(request, permit)
    versions = sent_on(exporting(permit), KIND, hospital, day_of_address(day))
    if not versions:
        raise NotFound("That day has not been sent.")
    return csv_file(beds_csv([versions[-1]]), f"{versions[-1].id}.csv")


def _page(
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
    sends = permit.may(Power.SEND_RETURNS) and permit.organisation == hospital
    is_taken = now() >= snapshot_at(which)
    built = build_beds(permit, hospital, which, stood_at=latest()) if sends and is_taken else None
    references = [*(v.sent_by for v in versions), f"Organization/{hospital}"]
    names = names_of(permit, references, detail="who sent a return")
    context = {
        "title": f"Beds at 08:00 on {day_words(which)}",
        "crumbs": [("Returns", f"/returns?hospital={hospital}")],
        "day": which.isoformat(),
        "hospital": hospital,
        "called": names.get(f"Organization/{hospital}") or hospital,
        "sends": sends,
        "is_taken": is_taken,
        "due": clock_words(due_at(which)),
        "overdue": now() > due_at(which),
        "errors": {"why": [p.message for p in refusal.problems]} if refusal else {},
        "typed": {"why": why},
        "done": _DONE.get(request.GET.get("done", ""), ""),
        **_numbers(permit, hospital, which, versions, built),
        "versions": _versions(permit, versions, names),
    }
    status = refusal.status if refusal else 200
    return render(request, "measures/beds.jinja", context, here="returns", status=status)


def _numbers(
    permit: Permit,
    hospital: str,
    which: date,
    versions: Sequence[Return],
    built: BuiltBeds | None,
) -> dict[str, object]:
    """Return the numbers shown, what changed since, and whether they are the day before's copy."""
    known = built is not None and built.is_known
    shown: Mapping[str, int] = versions[-1].counts if versions else {}
    if not versions and built is not None and built.is_known:
        shown = built.counts
    before = sent_on(permit, KIND, hospital, which - timedelta(days=1)) if shown else ()
    differ = differences(versions[-1], built.counts) if versions and built and known else {}
    last = day_of(due_at(which)) + timedelta(days=amount("amend-for", on=which))
    return {
        "counts": [(bed_words(name), number) for name, number in shown.items()],
        "of": versions[-1].version if versions else 0,
        "known": known,
        "copied": bool(before) and dict(before[-1].counts) == dict(shown),
        "since": _changes(differ),
        "amendable": day_of(now()) <= last,
        "until": f"{last.day} {last:%B %Y}",
    }


def _versions(
    permit: Permit, versions: Sequence[Return], names: Mapping[str, str]
) -> list[VersionLine]:
    """Return the versions, the last first, each with what it changed and counted again."""
    lines = []
    for number, sent in enumerate(versions):
        again = beds_again(permit, sent)
        before = versions[number - 1] if number else None
        lines.append(
            VersionLine(
                version=sent.version,
                by=names.get(sent.sent_by, sent.sent_by.partition("/")[2]),
                at=clock_words(sent.sent_at),
                late=sent.version == 1 and sent.sent_at > due_at(sent.day),
                why=sent.why,
                changed=_changes(differences(before, sent.counts)) if before else (),
                again=None if again is None else _changes(again),
            )
        )
    return lines[::-1]


def _changes(pairs: Mapping[str, tuple[int, int]]) -> tuple[Changed, ...]:
    return tuple(Changed(bed_words(name), was, now) for name, (was, now) in pairs.items())
