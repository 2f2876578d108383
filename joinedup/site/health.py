"""Answers for machines that watch joinedup: alive, ready, and counted. No person's data."""

from django.http import HttpRequest, HttpResponse

from joinedup.fhir.issue import Refusal
from joinedup.record import database
from joinedup.site.counters import exposition
from joinedup.site.log_lines import LogLine, log
from joinedup.site.watch import metrics_folder

__all__ = ["livez", "metrics", "readyz"]

_TEXT = "text/plain; charset=utf-8"


def livez(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process can answer at all."""
    return HttpResponse("alive\n", content_type=_TEXT)


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the record can be reached, else 503."""
    try:
        with database.connection() as lent:
            lent.execute("select 1")
    except Refusal as refusal:
        log(LogLine.NOT_READY, exception=type(refusal).__name__)
        return HttpResponse("the record cannot be reached\n", content_type=_TEXT, status=503)
    return HttpResponse("ready\n", content_type=_TEXT)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the counts of all workers in Prometheus's text format."""
    return HttpResponse(
        exposition(metrics_folder()), content_type="text/plain; version=0.0.4; charset=utf-8"
    )
