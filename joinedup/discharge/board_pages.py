"""The pages of the board: of a place, of a ward, the part that asks for itself again, the trend."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.board import Filters, Place, place_of, shown, unchanged
from joinedup.discharge.board_chart import drawn
from joinedup.discharge.board_markup import body_of
from joinedup.discharge.board_names import names_of
from joinedup.discharge.board_trend import trend_of
from joinedup.discharge.board_words import (
    bars_of,
    choices_of,
    clock,
    counted,
    not_shown,
    rows_of,
)
from joinedup.fhir.issue import NotPermitted, SignInNeeded
from joinedup.fhir.london import day_of
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["ask_again", "board", "reader", "waiting", "ward"]

_LONGEST_FILTER = 200


def reader(request: HttpRequest) -> Permit:
    """Return the permit of who reads a board; refuses with SignInNeeded, NotPermitted."""
    permit: Permit | None = getattr(request, "permit", None)
    if permit is None:
        raise SignInNeeded("Sign in to see who lies in hospital.")
    if not permit.may(Power.READ_BOARD):
        raise NotPermitted("The board is for wards, the hub, brokers and who arranges going home.")
    return permit


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Return the board of the reader's hospital or, where they work in none, of the place."""
    return _page(request, "")


@require_safe
def ward(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Return the board of one ward; NotFound for none."""
    return _page(request, ward_id)


def _page(request: HttpRequest, ward_id: str) -> HttpResponse:
    permit = reader(request)
    place = place_of(permit, ward_id)
    return render(request, "discharge/board.jinja", _context(request, permit, place), here="board")


@require_safe
def ask_again(request: HttpRequest, ward_id: str = "") -> HttpResponse:
    """Return the live part of a board; 204 while nothing on it has changed."""
    permit = reader(request)
    place = place_of(permit, ward_id)
    if unchanged(permit, place, request.GET.get("mark", ""), now()):
        return HttpResponse(status=204)
    return render(request, "discharge/board_live.jinja", _context(request, permit, place))


def _context(request: HttpRequest, permit: Permit, place: Place) -> dict[str, object]:
    at, filters = now(), _filters(request)
    found = shown(permit, place, filters, at)
    names = names_of(permit, {place.hospital, *(line.said.owner for line in found.everybody)})
    reasons, owners = bars_of(found.lines, names)
    asked = {name: getattr(filters, name) for name in filters.__struct_fields__}
    return {
        "title": place.ward.name if place.ward else "The board",
        "place": place,
        "hospital": names.get(place.hospital, place.hospital),
        "body": body_of(rows_of(found.lines, place, names)),
        "counted": counted(found.lines),
        "left_out": len(found.everybody) - len(found.lines),
        "not_shown": not_shown(found.withheld),
        "chosen": filters != Filters(),
        "choices": choices_of(found.everybody, filters, names, day_of(at)),
        "reasons": reasons,
        "owners": owners,
        "as_of": clock(at),
        "again": urlencode({"mark": found.mark} | {k: v for k, v in asked.items() if v}),
        "reviews": permit.may(Power.REVIEW_CRITERIA),
    }


def _filters(request: HttpRequest) -> Filters:
    return Filters(
        *(request.GET.get(name, "")[:_LONGEST_FILTER] for name in Filters.__struct_fields__)
    )


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Return how many people have waited to go home each morning of the last four weeks."""
    permit = reader(request)
    place = place_of(permit)
    trend = trend_of(permit, place.hospital, now())
    context = {
        "title": "Waiting to go home, day by day",
        "crumbs": [("The board", "/board")],
        "hospital": names_of(permit, {place.hospital}).get(place.hospital, ""),
        "trend": trend,
        "chart": drawn(trend),
        "as_of": clock(now()),
    }
    return render(request, "discharge/board_waiting.jinja", context, here="board")
