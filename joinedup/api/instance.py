"""One resource by name: read, version read, history, update, delete.

FHIR R4 3.1.0.1 to 3.1.0.7. What is hidden is answered as what is absent.
"""

from msgspec.structs import replace

from joinedup.access import restrictions
from joinedup.access.permit import Permit
from joinedup.api import scoped
from joinedup.api.answer import Answer, bundle, json_answer, stored_answer, version_headers
from joinedup.api.page import count_and_cursor, next_link
from joinedup.api.request import Asked, checked, read_body, refuse_method, version_seen
from joinedup.api.scoped import Delete, Stored, Update
from joinedup.api.sense import sensible
from joinedup.fhir.bundle import make_relative
from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.provenance import provenance_of, version_named

__all__ = ["answer_history", "answer_instance", "answer_version"]


def answer_instance(asked: Asked, permit: Permit) -> Answer:
    """Answer GET, HEAD, PUT and DELETE of `[type]/[id]`."""
    kind, resource_id = asked.parts
    match asked.method:
        case "GET" | "HEAD":
            return _read(asked, permit, kind, resource_id)
        case "PUT":
            return _update(asked, permit)
        case "DELETE":
            return _delete(asked, permit, kind, resource_id)
    raise refuse_method(
        asked.method, "read it, update it (PUT) or delete it", "GET", "HEAD", "PUT", "DELETE"
    )


def _read(asked: Asked, permit: Permit, kind: str, resource_id: str) -> Answer:
    stored = restrictions.shown(permit, _stored(permit, kind, resource_id))
    if asked.header("IF_NONE_MATCH") == f'W/"{stored.version}"':
        return Answer(304, b"", {"ETag": f'W/"{stored.version}"'})
    return stored_answer(stored)


def _stored(permit: Permit, kind: str, resource_id: str) -> Stored:
    """Read it; a Provenance named `v-...` is put together from the version it speaks of."""
    if kind == "Provenance" and (spoken := version_named(resource_id)):
        told = scoped.told(permit, *spoken)
        return replace(told, type=kind, id=resource_id, body=provenance_of(told).body)
    return scoped.read(permit, kind, resource_id)


def _update(asked: Asked, permit: Permit) -> Answer:
    kind, resource_id = asked.parts
    version = version_seen(asked.header("IF_MATCH"))
    resource = read_body(asked)
    if resource.get("id") != resource_id:
        path = f"{kind}.id"
        raise Invalid(Problem("invalid", f"The resource's id must be {resource_id!r}.", path))
    resource = make_relative(sensible(checked(resource, kind)), asked.base)
    committed = scoped.commit(permit, [Update(resource, version)])
    return saved(asked, committed.stored[0], 200)


def _delete(asked: Asked, permit: Permit, kind: str, resource_id: str) -> Answer:
    header = asked.header("IF_MATCH")
    version = version_seen(header) if header is not None else None
    scoped.commit(permit, [Delete(kind, resource_id, version)])
    return Answer(204, b"", {})


def saved(asked: Asked, stored: Stored, status: int, base: str = "") -> Answer:
    """Return what a write answers: the resource, or nothing when `Prefer: return=minimal`."""
    headers = version_headers(stored)
    if base:
        headers["Location"] = f"{base}/{stored.reference}/_history/{stored.version}"
    minimal = "return=minimal" in (asked.header("PREFER") or "")
    return json_answer("" if minimal else stored.body, status, **headers)


def answer_version(asked: Asked, permit: Permit) -> Answer:
    """Answer GET of `[type]/[id]/_history/[vid]`."""
    kind, resource_id, _, version = asked.parts
    if not asked.only_looks:
        raise refuse_method(asked.method, "a version can only be read", "GET", "HEAD")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    stored = scoped.vread(permit, kind, resource_id, number or 2**31 - 1)
    return stored_answer(restrictions.shown(permit, stored))


def answer_history(asked: Asked, permit: Permit) -> Answer:
    """Answer GET of `[type]/[id]/_history`, newest first, paged."""
    kind, resource_id = asked.parts[:2]
    if not asked.only_looks:
        raise refuse_method(asked.method, "a history can only be read", "GET", "HEAD")
    count, cursor, rest = count_and_cursor(asked, most=1_000)
    if rest:
        raise Invalid(f"A history has no parameter {rest[0][0]!r}; it takes _count and _cursor.")
    page = scoped.history(permit, kind, resource_id, count=count, cursor=cursor)
    links = {"self": asked.url}
    if page.next_cursor:
        links["next"] = next_link(asked, page.next_cursor)
    entries = (_told(asked.base, restrictions.shown(permit, s)) for s in page.entries)
    return json_answer(bundle("history", entries, links=links))


def _told(base: str, stored: Stored) -> str:
    method = "DELETE" if stored.deleted else "POST" if stored.version == 1 else "PUT"
    url = stored.type if method == "POST" else stored.reference
    status = {"DELETE": "204", "POST": "201", "PUT": "200"}[method]
    moment = stored.updated.isoformat()
    body = "" if stored.deleted else f'"resource":{stored.body},'
    return (
        f'{{"fullUrl":"{base}/{stored.reference}",{body}'
        f'"request":{{"method":"{method}","url":"{url}"}},'
        f'"response":{{"status":"{status}","etag":"W/\\"{stored.version}\\"",'
        f'"lastModified":"{moment}"}}}}'
    )
