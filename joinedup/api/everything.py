"""`Patient/[id]/$everything`: one person's whole record, paged.

FHIR R4, OperationDefinition/Patient-everything; `_type`, `_since`, `_count` are taken.
"""

from datetime import datetime

from joinedup.access import restrictions
from joinedup.access.permit import Permit
from joinedup.api import scoped
from joinedup.api.answer import Answer, bundle, entry, json_answer
from joinedup.api.page import count_and_cursor, next_link
from joinedup.api.request import Asked, refuse_method, served_type
from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.period import bounds

__all__ = ["answer_everything"]


def answer_everything(asked: Asked, permit: Permit) -> Answer:
    """Answer GET of `$everything` with _type, _since, _count and _cursor."""
    if not asked.only_looks:
        raise refuse_method(asked.method, "GET it", "GET", "HEAD")
    count, cursor, rest = count_and_cursor(asked, most=1_000, default=1_000)
    types: list[str] = []
    since: datetime | None = None
    for name, value in rest:
        if name == "_type":
            types += [served_type(t) for t in value.split(",")]
        elif name == "_since":
            since = _moment(value)
        else:
            raise Invalid(
                f"$everything takes _type, _since, _count and _cursor, not {name[:64]!r}."
            )
    page = scoped.everything(
        permit, asked.parts[1], types=types, since=since, count=count, cursor=cursor
    )
    links = {"self": asked.url}
    if page.next_cursor:
        links["next"] = next_link(asked, page.next_cursor)
    shown = (entry(asked.base, restrictions.shown(permit, s)) for s in page.entries)
    return json_answer(bundle("searchset", shown, links=links))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(bounds(text)[0])
    except ValueError as problem:
        raise Invalid(
            "_since must be a date or an instant, such as 2018-01-16T10:00:00Z."
        ) from problem
