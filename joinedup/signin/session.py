"""Sign-ins: beginning one, ending it, coming back to one that is covered; who asks, per request.

The middleware puts `permit` and `signed_in` on each request, both None unless the session is
open. A covered session answers nothing until its owner has proved to be there again.
"""

from collections.abc import Callable

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.policy import POWERS, allowed
from joinedup.access.words import Action, DataClass, Ground, Power, Role
from joinedup.fhir.issue import NotPermitted, Refusal, SignInNeeded
from joinedup.signin import clock
from joinedup.signin.accounts import Account, permit_for
from joinedup.signin.cover import cover
from joinedup.signin.events import Door, happened
from joinedup.signin.holders import account_behind
from joinedup.signin.models import SessionRow
from joinedup.signin.rules import LIMITS, Standing
from joinedup.signin.store import Seat, SessionStore
from joinedup.web.layout import SignedIn
from joinedup.work.menu import waiting

__all__ = [
    "QUIET",
    "Proof",
    "Sessions",
    "begin",
    "come_back",
    "end",
    "end_all",
    "held_by",
    "seat_of",
    "signed_in",
]

QUIET = ("/session/left", "/session/return", "/session/passkey")
_LONGEST_DEVICE = 200


class Proof(Struct, frozen=True, kw_only=True):
    """How somebody proved who they are; the issuer's words are "" where that was done here."""

    method: str
    issuer: str = ""
    subject: str = ""
    provider_sid: str = ""


class Sessions(SessionMiddleware):
    """Django's, except that no session is used by asking how long is left, or by a part of a page
    that asks for itself again: whoever left the page open is not there."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its session, which is looked for when it is first needed."""
        super().process_request(request)
        asks_again = request.method == "GET" and request.headers.get("HX-Request") == "true"
        quiet = asks_again or request.path_info in QUIET
        request.session.is_use = not quiet  # type: ignore[attr-defined]  # our store's


def store_of(request: HttpRequest) -> SessionStore:
    """Return the session store of a request."""
    store = request.session
    assert isinstance(store, SessionStore)
    return store


def seat_of(request: HttpRequest) -> Seat | None:
    """Return the session a request came with, open or not."""
    return store_of(request).seat


def begin(request: HttpRequest, held: Account, proof: Proof) -> None:
    """Sign somebody in under a new session key; whatever the session held before is gone."""
    at, lasts = clock.now(), LIMITS[held.kind]
    row = SessionRow(
        account=held.key,
        post=held.post_id,
        method=proof.method,
        device=request.headers.get("User-Agent", "")[:_LONGEST_DEVICE],
        issuer=proof.issuer,
        subject=proof.subject,
        provider_sid=proof.provider_sid,
        idle_seconds=lasts.idle_seconds,
        hard_seconds=lasts.hard_seconds,
        began_at=at,
        proved_at=at,
        seen_at=at,
    )
    store_of(request).open_for(row)
    rotate_token(request)
    happened(Door.SIGNED_IN, method=proof.method, account=held.key, session=row.id)
    SessionStore.clear_expired()


def come_back(request: HttpRequest, method: str) -> None:
    """Open a covered session again, under a new key; forms that are open stay good."""
    seat = seat_of(request)
    assert seat is not None
    store_of(request).go_on()
    happened(Door.CAME_BACK, method=method, account=seat.account, session=seat.id)


def end(request: HttpRequest) -> None:
    """Sign out, and forget what the session held."""
    seat = seat_of(request)
    if seat is not None and seat.stands is not Standing.ENDED:
        happened(Door.SIGNED_OUT, account=seat.account, session=seat.id)
    request.session.flush()


def end_all(account_key: str, *, why: str, but: Seat | None = None) -> int:
    """End every session of an account, except perhaps one; return how many were open."""
    found = SessionRow.objects.filter(account=account_key, ended_at=None)
    if but is not None:
        found = found.exclude(id=but.id)
    ended = 0
    for row in found:
        ended += found.filter(id=row.id).update(ended_at=clock.now(), data=b"")
        happened(Door.ENDED, why=why, account=account_key, session=row.id)
    return ended


def held_by(request: HttpRequest) -> Account:
    """Return the account that is signed in; refuses with SignInNeeded."""
    held: Account | None = getattr(request, "account", None)
    if held is None:
        raise SignInNeeded("Sign in to see this page.")
    return held


def signed_in(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: gives the request its account and permit, if its session is open."""

    def carried(request: HttpRequest) -> HttpResponse:
        seat = seat_of(request)
        held = _held(request, seat)
        request.account = held  # type: ignore[attr-defined]  # read by sign-in's own pages
        request.permit = _permit(held, seat)  # type: ignore[attr-defined]  # read by every room
        request.signed_in = _in_words(request, held, seat)  # type: ignore[attr-defined]  # the layout
        return get_response(request)

    return carried


def _held(request: HttpRequest, seat: Seat | None) -> Account | None:
    if seat is None or seat.stands is not Standing.OPEN:
        return None
    held = account_behind(seat.account, seat.post)
    if held is None:  # closed, or its post is over: today, not at the end of the session
        happened(Door.ENDED, why="post-over", account=seat.account, session=seat.id)
        request.session.flush()
    return held


def _permit(held: Account | None, seat: Seat | None) -> Permit | None:
    if held is None or seat is None:
        return None
    try:
        return permit_for(held, session=str(seat.id))
    except NotPermitted:
        return None


_OPEN_NO_RECORD = (Role.ANALYST, Role.COMMISSIONER, Role.PERSON, Role.PROXY)


def _reads_returns(role: Role | None) -> bool:
    return role is not None and Action.LOOK in allowed(role, DataClass.RETURNS, Ground.NONE)


def _in_words(request: HttpRequest, held: Account | None, seat: Seat | None) -> SignedIn | None:
    if held is None or seat is None:
        return None
    return SignedIn(
        name=held.full_name,
        role=held.post,
        organisation=held.organisation_name,
        opens_records=held.role not in (None, *_OPEN_NO_RECORD),
        plans=held.role in POWERS[Power.PLAN],
        reads_books=held.role in POWERS[Power.READ_BOOKS],
        reads_board=held.role in POWERS[Power.READ_BOARD],
        sees_beds=held.role in POWERS[Power.SEE_BEDS],
        reads_hub=held.role in POWERS[Power.READ_HUB],
        finds_care=held.role in POWERS[Power.FIND_CARE],
        answers_offers=held.role in POWERS[Power.ANSWER_OFFERS],
        reads_returns=_reads_returns(held.role),
        counts_work=lambda: _waiting(getattr(request, "permit", None)),
        cover=cover(request, held, seat),
    )


def _waiting(permit: Permit | None) -> int | None:
    """Return how much work waits, for the menu: 0 where the record cannot say, so that the page
    that tells so is not lost for it."""
    try:
        return waiting(permit)
    except Refusal:
        return 0
