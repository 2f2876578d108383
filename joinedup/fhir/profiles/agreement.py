"""An agreement about money, as a Contract that names nobody: a section 75 pool or a grant.

It states what such an agreement must: partners and what each gives, who bears a difference, what
the money is for, VAT, how it ends; of a grant its shares, where they come from, and whether they
are the real ones. `money.agreement_rules` turns it into the ledger's values and back.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

from msgspec import Struct

from joinedup.fhir.classes import AGREEMENT_KIND
from joinedup.fhir.profiles.event import PLACE
from joinedup.fhir.profiles.pounds import money_of, pence_of, read_share, write_share

__all__ = [
    "AGREED",
    "GRANT",
    "POOL",
    "PREPARED",
    "REFUSED",
    "Agreement",
    "Kind",
    "Part",
    "agreed",
    "build",
    "is_agreement",
    "kind_of",
    "prepared",
    "prepared_by",
    "read",
    "refused",
    "with_gift",
]

Resource = dict[str, Any]
Kind = Literal["pool", "grant"]
POOL: Kind = "pool"
GRANT: Kind = "grant"
TERM_CODES = f"{PLACE}/CodeSystem/agreement-term"
_PARTY = f"{PLACE}/Id/agreement-party"
_URL = f"{PLACE}/StructureDefinition/agreement-"
_TITLES = {POOL: "Section 75 pool", GRANT: "Grant"}
PREPARED, AGREED, REFUSED = "executable", "executed", "cancelled"
"""Where an agreement stands (FHIR R4 Contract.status): one officer writes it, another agrees."""
_SHARES = ("overspend", "underspend", "share")


class Part(Struct, frozen=True, kw_only=True):
    """What one partner of a pool gives and bears, or one council's share of a grant; in pence.

    `name` is its code, as accounts are called by it; `title` what people call it.
    """

    name: str
    title: str = ""
    gives: int | None = None
    minimum: int | None = None
    overspend: Fraction | None = None
    underspend: Fraction | None = None
    share: Fraction | None = None


class Agreement(Struct, frozen=True, kw_only=True):
    """One agreement for one financial year (`2018-19`); what does not apply is left empty.

    `host` keeps a pool's accounts; of a grant it is the council whose part is kept here. `source`
    says where the shares of a grant come from; `proxy` that they are not those it was given by.
    """

    kind: Kind
    name: str
    year: str
    parts: tuple[Part, ...]
    total: int = 0
    host: str = ""
    vat_by: str = ""
    ends: str = ""
    functions: tuple[str, ...] = ()
    source: str = ""
    proxy: bool = False


def build(agreement: Agreement, resource_id: str) -> Resource:
    """Return the agreement as an executed Contract (FHIR R4 14.2)."""
    first = int(agreement.year[:4])
    return {
        "resourceType": "Contract",
        "id": resource_id,
        "extension": _said_once(agreement),
        "status": "executed",
        "applies": {"start": f"{first:04d}-04-01", "end": f"{first + 1:04d}-03-31"},
        "title": agreement.name,
        "type": {
            "coding": [{"system": AGREEMENT_KIND, "code": agreement.kind}],
            "text": _TITLES[agreement.kind],
        },
        "term": [_term("part", "What each gives, and bears", parts=agreement.parts)]
        + [_term("function", words) for words in agreement.functions]
        + ([_term("exit", agreement.ends)] if agreement.ends else []),
    }


def prepared(agreement: Agreement, resource_id: str, *, by: str) -> Resource:
    """Return an agreement that one officer wrote down, until another agrees (BU-05, BU-09)."""
    made = build(agreement, resource_id)
    return {**made, "status": PREPARED, "author": {"reference": by}}


def prepared_by(resource: Mapping[str, Any]) -> str:
    """Return who wrote an agreement down, as a reference; "" where it does not say."""
    return str(resource.get("author", {}).get("reference", ""))


def agreed(resource: Mapping[str, Any]) -> Resource:
    """Return an agreement that a second officer agreed to; who that was, its version says."""
    return {**resource, "status": AGREED}


def refused(resource: Mapping[str, Any]) -> Resource:
    """Return an agreement that was not agreed to, or was taken back."""
    return {**resource, "status": REFUSED}


def with_gift(resource: Mapping[str, Any], posting: str) -> Resource:
    """Return a grant's agreement that says which gift was approved last: one after the other."""
    kept = [e for e in resource.get("extension", ()) if e.get("url") != f"{_URL}last-gift"]
    said = {"url": f"{_URL}last-gift", "valueString": posting}
    return {**resource, "extension": [*kept, said]}


def _said_once(agreement: Agreement) -> list[Resource]:
    found: list[Resource] = [
        {"url": f"{_URL}year", "valueString": agreement.year},
        {"url": f"{_URL}proxy-shares", "valueBoolean": agreement.proxy},
    ]
    if agreement.total:
        found.append({"url": f"{_URL}total", "valueMoney": money_of(agreement.total)})
    for name, text in (("host", agreement.host), ("vat-by", agreement.vat_by)):
        if text:
            found.append({"url": f"{_URL}{name}", "valueReference": _party(text)})
    if agreement.source:
        found.append({"url": f"{_URL}source", "valueString": agreement.source})
    return found


def _party(name: str) -> Resource:
    """Return who it is by name: most councils of a grant are no organisations of this place."""
    return {"type": "Organization", "identifier": {"system": _PARTY, "value": name}}


def _term(code: str, words: str, *, parts: Iterable[Part] = ()) -> Resource:
    term: Resource = {
        "type": {"coding": [{"system": TERM_CODES, "code": code}]},
        "offer": {"text": words},
    }
    items = [_item(part) for part in parts]
    return term | ({"asset": [{"valuedItem": items}]} if items else {})


def _item(part: Part) -> Resource:
    shares = ((name, getattr(part, name)) for name in _SHARES)
    said: list[Resource] = [
        {"url": f"{_URL}{name}", "valueString": write_share(share)}
        for name, share in shares
        if share is not None
    ]
    if part.minimum is not None:
        said.append({"url": f"{_URL}minimum", "valueMoney": money_of(part.minimum)})
    item: Resource = {"responsible": _party(part.name)}
    if part.title:
        item["responsible"]["display"] = part.title
    if said:
        item["extension"] = said
    if part.gives is not None:
        item["net"] = money_of(part.gives)
    return item


def kind_of(resource: Mapping[str, Any]) -> str:
    """Return `pool` or `grant`, or "" for a Contract that is neither."""
    if resource.get("resourceType") != "Contract":
        return ""
    codings = resource.get("type", {}).get("coding", ())
    found = (str(c.get("code", "")) for c in codings if c.get("system") == AGREEMENT_KIND)
    return next((code for code in found if code in _TITLES), "")


def is_agreement(resource: Mapping[str, Any]) -> bool:
    """Whether a resource is an agreement about a pool or a grant: it names nobody."""
    return bool(kind_of(resource))


def read(resource: Mapping[str, Any]) -> Agreement:
    """Return the agreement a Contract is; KeyError if it is another thing, Invalid for bad sums."""
    kind = kind_of(resource)
    if not kind:
        raise KeyError("this Contract is no pool and no grant")
    said = _extensions(resource)
    terms = [(_code(term), term) for term in resource["term"]]
    parts = [t["asset"][0]["valuedItem"] for code, t in terms if code == "part" and "asset" in t]
    return Agreement(
        kind=POOL if kind == POOL else GRANT,
        name=resource["title"],
        year=said["year"]["valueString"],
        parts=tuple(_part(item) for items in parts for item in items),
        total=pence_of(said["total"]["valueMoney"]) if "total" in said else 0,
        host=_named(said["host"]["valueReference"]) if "host" in said else "",
        vat_by=_named(said["vat-by"]["valueReference"]) if "vat-by" in said else "",
        ends=next((t["offer"]["text"] for code, t in terms if code == "exit"), ""),
        functions=tuple(t["offer"]["text"] for code, t in terms if code == "function"),
        source=said.get("source", {}).get("valueString", ""),
        proxy=said["proxy-shares"]["valueBoolean"],
    )


def _part(item: Mapping[str, Any]) -> Part:
    said = _extensions(item)
    shares = {n: read_share(said[n]["valueString"]) for n in _SHARES if n in said}
    return Part(
        name=_named(item["responsible"]),
        title=str(item["responsible"].get("display", "")),
        gives=pence_of(item["net"]) if "net" in item else None,
        minimum=pence_of(said["minimum"]["valueMoney"]) if "minimum" in said else None,
        **shares,
    )


def _extensions(holder: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {e["url"].removeprefix(_URL): e for e in holder.get("extension", ())}


def _named(reference: Mapping[str, Any]) -> str:
    return str(reference["identifier"]["value"])


def _code(term: Mapping[str, Any]) -> str:
    return str(term["type"]["coding"][0]["code"])
