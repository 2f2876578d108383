"""Returns as files: national columns as CSV, and the FHIR MeasureReport itself.

Read under what the reader may take away (`exporting`). A day that was not sent has no row, and a
count that a return does not have is blank: missing is not nothing.
"""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit, exporting
from joinedup.discharge.rules.returns import daily_csv, month_of_waits, reasons_csv, waits_csv
from joinedup.discharge.rules.sitrep import KIND
from joinedup.fhir.issue import NotFound
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.returned import Return, build
from joinedup.fhir.wire import write_resource
from joinedup.measures.desk import day_of_address, hospital_of, reader
from joinedup.measures.months import Month, month_of_address
from joinedup.measures.sent import sent_between, sent_on
from joinedup.measures.standing import stays_of
from joinedup.record.stood import latest
from joinedup.web.clock import now

__all__ = ["csv_file", "day_file", "month_file", "report_file"]


@require_safe
def day_file(request: HttpRequest, day: str) -> HttpResponse:
    """Return the daily return as last sent, as CSV."""
    permit = reader(request)
    hospital, _ = hospital_of(request, permit)
    last = _last(exporting(permit), hospital, day_of_address(day))
    return csv_file(daily_csv([last]), f"{last.id}.csv")


@require_safe
def report_file(request: HttpRequest, day: str) -> HttpResponse:
    """Return the daily return as last sent, as a FHIR MeasureReport."""
    permit = reader(request)
    hospital, _ = hospital_of(request, permit)
    last = _last(exporting(permit), hospital, day_of_address(day))
    answer = HttpResponse(write_resource(build(last)), content_type="application/fhir+json")
    return _attached(answer, f"{last.id}.json")


def _last(permit: Permit, hospital: str, which: date) -> Return:
    versions = sent_on(permit, KIND, hospital, which)
    if not versions:
        raise NotFound("That day has not been sent.")
    return versions[-1]


@require_safe
def month_file(request: HttpRequest, month: str, what: str) -> HttpResponse:
    """Return a month as CSV: `days`, `reasons` or `waits`, in national columns."""
    permit = reader(request)
    hospital, _ = hospital_of(request, permit)
    return csv_file(
        _month_text(permit, hospital, month_of_address(month), what),
        f"{hospital}-{month}-{what}.csv",
    )


def _month_text(permit: Permit, hospital: str, month: Month, what: str) -> str:
    if what == "waits":
        stays = stays_of(permit, hospital, month.first, month.last, at=latest())
        months = [month_of_waits(stays.found, hospital, month.first, now=now())]
        return waits_csv(months if stays.found else [])
    until = min(month.last, day_of(now()) - timedelta(days=1))
    days = sent_between(exporting(permit), KIND, hospital, month.first, until)
    sent = [versions[-1] for versions in days.values()]
    if what == "days":
        return daily_csv(sent)
    if what == "reasons":
        return reasons_csv(sent)
    raise NotFound("There is no such file. There are days, reasons and waits.")


def csv_file(text: str, name: str) -> HttpResponse:
    """Return text as a CSV file to be kept, which a spreadsheet opens as UTF-8."""
    return _attached(HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8"), name)


def _attached(answer: HttpResponse, name: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
