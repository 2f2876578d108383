"""The audit as AuditEvents: read and search. They are put together, never stored or sent in."""

from datetime import datetime
from urllib.parse import parse_qsl

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.api import scoped
from joinedup.api.answer import Answer, bundle, json_answer
from joinedup.api.page import count_and_cursor, next_link
from joinedup.api.request import Asked, refuse_method, resource_id
from joinedup.fhir.audit_event import ACTIONS, Looked, audit_event_of, event_named
from joinedup.fhir.issue import Invalid, NotFound
from joinedup.fhir.search.clause import Dates
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.wire import write_resource
from joinedup.record.audit import AuditQuery, read_event, search_events

__all__ = ["AUDIT_PARAMETERS", "answer_audit"]

AUDIT_PARAMETERS = {
    "patient": "reference",
    "date": "date",
    "agent": "reference",
    "action": "token",
}
"""What AuditEvents are searched by; each once, but for `date`, which may bound both ends."""

_FROM, _UNTIL = ("ge", "gt", "sa"), ("lt", "le", "eb")


def answer_audit(asked: Asked, permit: Permit) -> Answer:
    """Answer GET of `AuditEvent` and `AuditEvent/[id]`; any other method is refused."""
    if not asked.only_looks:
        raise refuse_method(asked.method, "the audit can only be read", "GET", "HEAD")
    match asked.parts:
        case (_, name):
            seq = event_named(resource_id(name))
            if seq is None:
                raise NotFound("There is no such AuditEvent that you can see.")
            event = read_event(scoped.audited(permit, "r"), seq)
            return json_answer(_text(event), ETag='W/"1"')
        case (_,):
            return _search(asked, scoped.audited(permit, "s"))
    raise NotFound("There is nothing at this address. AuditEvents have no history.")


def _search(asked: Asked, permit: Permit) -> Answer:
    count, cursor, pairs = count_and_cursor(asked, most=100, default=50)
    query = _query(permit, pairs, count + 1, cursor)
    found = search_events(permit, query)
    links = {"self": asked.url}
    if len(found) > count:
        links["next"] = next_link(asked, str(found[count - 1].seq))
    entries = [
        f'{{"fullUrl":"{asked.base}/AuditEvent/{event.id}","resource":{_text(event)},'
        '"search":{"mode":"match"}}'
        for event in found[:count]
    ]
    return json_answer(bundle("searchset", entries, links=links))


def _query(
    permit: Permit, pairs: list[tuple[str, str]], count: int, cursor: str | None
) -> AuditQuery:
    told: dict[str, str] = {}
    low = high = None
    for name, value in pairs:
        if name not in AUDIT_PARAMETERS:
            raise Invalid(
                f"AuditEvents are not searched by {name[:64]!r}, but by "
                f"{', '.join(AUDIT_PARAMETERS)}."
            )
        if name == "date":
            first, last = _bounds(value)
            low, high = first or low, last or high
        elif name in told:
            raise Invalid(f"Name {name} once.")
        else:
            told[name] = value
    if told.get("action", "R") not in ACTIONS:
        raise Invalid("action is one of C, R, U, D and E (FHIR R4, AuditEvent.action).")
    if "agent" in told and permit.role in (Role.PERSON, Role.PROXY):
        raise Invalid("Workers are told by role and organisation here, so agent cannot be asked.")
    return AuditQuery(
        patient=_reference("patient", told.get("patient", ""), "Patient"),
        agent=told.get("agent", ""),
        action=told.get("action", ""),
        low=low,
        high=high,
        before=_before(cursor),
        count=count,
    )


def _reference(name: str, text: str, kind: str) -> str:
    if not text:
        return ""
    found = text.removeprefix(f"{kind}/")
    try:
        return resource_id(found)
    except NotFound as unknown:
        raise Invalid(f"{name} must be a {kind}, such as {kind}/123.") from unknown


def _bounds(text: str) -> tuple[datetime | None, datetime | None]:
    """Return from when and until when a date asks, either None where it is open."""
    clauses = parse_query("AuditEvent", parse_qsl(f"date={text}")).clauses
    dates = clauses[0] if clauses else None
    if not isinstance(dates, Dates) or len(dates.values) != 1:
        raise Invalid("date is one date, such as ge2026-01-16; send it twice for both ends.")
    value = dates.values[0]
    try:
        low, high = datetime.fromisoformat(value.low), datetime.fromisoformat(value.high)
    except ValueError as beyond:
        raise Invalid("No look was ever that long ago, nor so far ahead.") from beyond
    if value.comparator in _FROM:
        return (low if value.comparator == "ge" else high), None
    if value.comparator in _UNTIL:
        return None, (high if value.comparator == "le" else low)
    if value.comparator == "eq":
        return low, high
    raise Invalid("date takes no prefix, or ge, gt, sa, le, lt, eb.")


def _before(cursor: str | None) -> int:
    if cursor is None:
        return AuditQuery().before
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Invalid("This _cursor does not belong to the audit. Start again without it.")
    return int(cursor)


def _text(event: Looked) -> str:
    return write_resource(audit_event_of(event))
