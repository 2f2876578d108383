"""One resource type: search, compartment search, create, conditional create and update.

FHIR R4 3.1.0.4.3, 3.1.0.8 and 3.1.0.9. Pages of a search are linked by cursor.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from msgspec.structs import replace

from joinedup.access import restrictions
from joinedup.access.permit import Permit
from joinedup.api import scoped
from joinedup.api.answer import Answer, bundle, entry, json_answer
from joinedup.api.instance import saved
from joinedup.api.request import (
    Asked,
    checked,
    parameters,
    read_body,
    refuse_method,
    resource_id,
    served_type,
    version_seen,
)
from joinedup.api.scoped import Create, MatchAppeared, Stored, Update
from joinedup.api.sense import sensible
from joinedup.api.unfiled import taken_in
from joinedup.fhir.bundle import make_relative
from joinedup.fhir.compartment import PATIENT_COMPARTMENT
from joinedup.fhir.issue import Conflict, Invalid, NotFound, SeveralMatches
from joinedup.fhir.provenance import provenance_of
from joinedup.fhir.search.clause import Query, References
from joinedup.fhir.search.parameters import parameter
from joinedup.fhir.search.query import parse_query
from joinedup.people.identity.arriving import look_later
from joinedup.people.identity.described import described_in

__all__ = ["answer_compartment", "answer_search", "answer_type", "condition_of"]


def answer_type(asked: Asked, permit: Permit) -> Answer:
    """Answer GET (search), POST (create) and PUT (conditional update) of `[type]`."""
    match asked.method:
        case "GET" | "HEAD":
            return answer_search(asked, permit)
        case "POST":
            return _create(asked, permit)
        case "PUT":
            return _update_match(asked, permit)
    offered = "search it (GET), create one (POST) or update the one that fits a condition (PUT)"
    raise refuse_method(asked.method, offered, "GET", "HEAD", "POST", "PUT")


def _update_match(asked: Asked, permit: Permit) -> Answer:
    """Update the one resource that fits the condition, or create it (FHIR R4 3.1.0.4.3).

    Several that fit are refused, and so is one of another id than the resource says.
    """
    kind = asked.parts[0]
    query = condition_of(kind, asked.query)
    if query is None:
        raise Invalid("Say which one to update: a condition such as ?identifier=system|value.")
    resource = make_relative(sensible(checked(read_body(asked), kind)), asked.base)
    found = scoped.search(permit, replace(query, count=2), detail=f"{kind}?{asked.query}").entries
    if len(found) > 1:
        raise SeveralMatches("More than one fits this condition. Say more, so that one fits.")
    given = resource.get("id")
    if not found:
        if given is not None:
            raise Invalid(f"None fits this condition. To create one, leave out the id {given!r}.")
        return _made_anew(asked, permit, resource, query)
    match = found[0]
    if given not in (None, match.id):
        raise Invalid(f"The one that fits this condition is {match.id!r}, and not {given!r}.")
    header = asked.header("IF_MATCH")
    version = match.version if header is None else version_seen(header)
    committed = scoped.commit(permit, [Update({**resource, "id": match.id}, version)])
    return saved(asked, committed.stored[0], 200)


def _create(asked: Asked, permit: Permit) -> Answer:
    kind = asked.parts[0]
    resource = read_body(asked)
    given = resource.pop("id", None)  # a create gives its own id (FHIR R4 3.1.0.8)
    if given is not None and not isinstance(given, str):
        raise Invalid("The id of a resource is text.")
    resource = make_relative(sensible(checked(resource, kind)), asked.base)
    query = condition_of(kind, asked.header("IF_NONE_EXIST"))
    if query is None and described_in(resource):
        return taken_in(permit, resource)
    committed = scoped.commit(permit, [Create(resource, if_none_exist=query)])
    made = committed.outcomes[0]
    if kind == "Patient" and made.action == "created":
        look_later(permit, made.stored.id)
    shown = restrictions.shown(permit, made.stored)
    return saved(asked, shown, 201 if made.action == "created" else 200, asked.base)


def _made_anew(asked: Asked, permit: Permit, resource: dict[str, Any], query: Query) -> Answer:
    try:
        made = scoped.commit(permit, [Create(resource, if_none_exist=query, must_be_new=True)])
    except MatchAppeared as quicker:
        raise Conflict("Somebody created one meanwhile. Send it again to update it.") from quicker
    stored = made.stored[0]
    if stored.type == "Patient":
        look_later(permit, stored.id)
    return saved(asked, restrictions.shown(permit, stored), 201, asked.base)


def condition_of(kind: str, text: str | None) -> Query | None:
    """Return the query of a condition, None for no condition; refuses one that asks for nothing."""
    if text is None:
        return None
    query = parse_query(kind, parse_qsl(text.strip().lstrip("?"), keep_blank_values=True))
    if not query.clauses:
        raise Invalid("A condition must name what to look for, such as identifier=...")
    return replace(query, sort=(), includes=(), revincludes=(), cursor=None)


def answer_search(asked: Asked, permit: Permit) -> Answer:
    """Answer a search of one type, by GET or by POST to `_search`."""
    kind = asked.parts[0]
    pairs = parameters(asked)
    if kind == "Provenance" and [name for name, _ in pairs] == ["target"]:
        return _provenance(asked, permit, pairs[0][1])
    return _searched(asked, permit, parse_query(kind, pairs), pairs)


def answer_compartment(asked: Asked, permit: Permit) -> Answer:
    """Answer `Patient/[id]/[type]`: a search within the person's compartment (FHIR R4 3.1.1.2)."""
    if not asked.only_looks:
        raise refuse_method(asked.method, "a compartment can only be searched", "GET", "HEAD")
    _, person, kind = asked.parts
    served_type(kind)
    codes = PATIENT_COMPARTMENT.get(kind)
    if not codes:
        raise NotFound(f"{kind} resources belong to nobody's compartment.")
    found = (parameter(kind, code) for code in codes)
    slots = tuple(dict.fromkeys(s for p in found if p for s in p.slots))
    pairs = parameters(asked)
    query = parse_query(kind, pairs)
    within = References(slots, (f"Patient/{resource_id(person)}",))
    return _searched(asked, permit, replace(query, clauses=(within, *query.clauses)), pairs)


def _searched(
    asked: Asked,
    permit: Permit,
    query: Query,
    pairs: Iterable[tuple[str, str]],
) -> Answer:
    page = scoped.search(permit, query, detail=f"{query.type or ''}?{urlencode(list(pairs))}")
    where = asked.address.removesuffix("/_search")
    kept = [p for p in pairs if p[0] != "_cursor"]
    links = {"self": where + "?" + urlencode(list(pairs))}
    if page.next_cursor:
        links["next"] = where + "?" + urlencode([*kept, ("_cursor", page.next_cursor)])
    shown = [*_shown(permit, page.entries, asked.base, "match")]
    shown += _shown(permit, page.included, asked.base, "include")
    return json_answer(bundle("searchset", shown, links=links, total=page.total))


def _shown(permit: Permit, found: Iterable[Stored], base: str, mode: str) -> Iterable[str]:
    return (entry(base, restrictions.shown(permit, s), mode) for s in found)


def _provenance(asked: Asked, permit: Permit, target: str) -> Answer:
    """Who said so and when, for one resource: from the record's own columns (Provenance)."""
    kind, _, rest = target.partition("/")
    stored = scoped.read(permit, served_type(kind), resource_id(rest))
    query = parse_query("Provenance", [("target", target)])
    page = scoped.search(permit, query, detail=f"Provenance?{urlencode([('target', target)])}")
    made = provenance_of(stored)
    own = f'{{"fullUrl":"{asked.base}/Provenance/{made.id}","resource":{made.body},'
    own += '"search":{"mode":"match"}}'
    others = _shown(permit, page.entries, asked.base, "match")
    links = {"self": asked.url}
    return json_answer(bundle("searchset", [own, *others], links=links))
