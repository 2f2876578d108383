"""Every address of the pages, and who may open it: written by hand, from issue 2 and domain.md.

An address that is added without a line here fails the build, and so does a line that is not true.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.security.access.scenario import ROLES

__all__ = [
    "ADDRESSES",
    "COMMANDS",
    "FORM",
    "MACHINE",
    "PUBLIC",
    "SECRET",
    "addresses_of",
    "opens_for",
]

PUBLIC, SIGNED_IN, FORM, MACHINE = "public", "signed in", "form", "machine"
SECRET = "public, by a secret in the address"
"""Anybody; anybody who signed in; only a form sends to it (POST), so opening it is refused; an app
or another server sends to it and proves itself in what it sends. By a secret: whoever has the link,
signed in or not; without it nothing is told, and tries are counted."""
_STARS = " ".join(r for r in ROLES if r not in ("person", "proxy", "system"))
_CARES = " ".join(r for r in _STARS.split() if r not in ("commissioner", "analyst"))
_CHANGES = " ".join(r for r in _CARES.split() if "who" in ROLES[r].changes)
_RETURNS = "discharge-coordinator ward-manager consultant commissioner analyst finance-officer"
_FINDS_CARE = "discharge-coordinator broker"
_ARRANGE = (
    "ward-nurse ward-manager consultant discharge-coordinator social-worker occupational-therapist"
)
_WARD = "ward-nurse ward-manager consultant discharge-coordinator"
_PLACES = "receptionist discharge-coordinator privacy-officer"

_ROUND = "gp ward-nurse ward-manager consultant"
_BOARD = f"{_ROUND} discharge-coordinator occupational-therapist social-worker broker"

ADDRESSES: dict[str, str] = {
    # The door: it tells of nobody, and what it may do it proves step by step.
    "sign-in": PUBLIC,
    "sign-in/code": PUBLIC,
    "sign-in/passkey": FORM,
    "sign-in/post": FORM,
    "sign-in/first": PUBLIC,
    "sign-in/second": PUBLIC,
    "sign-in/second/wish": FORM,
    "sign-in/second/passkey": FORM,
    "sign-in/kept-codes": FORM,
    "sign-in/with/<slug:name>": PUBLIC,
    "sign-in/with/<slug:name>/back": PUBLIC,
    "sign-in/with/<slug:name>/logged-out": MACHINE,
    "sign-out": FORM,
    "session/left": PUBLIC,
    "session/here": FORM,
    "session/return": FORM,
    "session/passkey": FORM,
    "session/back": PUBLIC,
    "tour": PUBLIC,
    "tour/reset": FORM,
    "accessibility": PUBLIC,
    "": PUBLIC,
    # One's own sign-in.
    "kept/<uuid:kept_id>": SIGNED_IN,
    "account": SIGNED_IN,
    "account/change": FORM,
    "account/end": FORM,
    "account/app": SIGNED_IN,
    "account/passkey": FORM,
    "account/passkey/wish": FORM,
    # Staff: who manages a ward.
    "staff": "ward-manager",
    "staff/admit": "ward-manager",
    "staff/<str:post_id>/end": FORM,
    "staff/<str:post_id>/invite": FORM,
    # People, for workers whose role opens records.
    "people/": _CARES,
    "people/<str:person_id>": _CARES,
    "people/<str:person_id>/timeline": _CARES,
    "people/<str:person_id>/contact": _CHANGES,
    "people/<str:person_id>/<slug:slug>": _CARES,
    "people/<str:person_id>/join": "gp receptionist privacy-officer",
    "people/<str:person_id>/join/<str:other_id>": "gp receptionist privacy-officer",
    "people/<str:person_id>/part/<str:other_id>": "gp receptionist privacy-officer",
    "people/<str:person_id>/entries": _CARES,
    "people/<str:person_id>/entries/<str:kind>/<str:entry_id>": _CARES,
    "people/<str:person_id>/break-glass": FORM,
    "people/<str:person_id>/permission": FORM,
    "access/break-glass": "privacy-officer",
    "access/alerts": "privacy-officer",
    # Who may see whose record: for those who approve proxies.
    "proxies": "gp practice-nurse privacy-officer",
    "people/<str:person_id>/proxies": "gp practice-nurse privacy-officer",
    "people/<str:person_id>/proxies/<str:task_id>": "gp practice-nurse privacy-officer",
    "people/<str:person_id>/proxies/<str:consent_id>/end": "gp practice-nurse privacy-officer",
    # A person's own home, and that of a proxy who was granted it.
    "my": "person proxy",
    "my/coming": "person proxy",
    "my/summary": "person proxy",
    "my/who-looked": "person proxy",
    "my/agreed": "person proxy",
    "my/told": "person",
    "my/agreed/object": "person",
    "my/agreed/permission": "person",
    "my/agreed/<str:consent_id>/end": "person",
    "my/trust/invite": "person",
    "my/trust/<str:task_id>": "person",
    # Acting for somebody else: as oneself, whoever trusts one.
    "my/others": "person",
    "my/others/code": "person",
    "my/others/ask": "person",
    "my/for/<str:person_id>": "person",
    "my/for/<str:person_id>/<slug:function>": "person",
    # What a person may ask for, and who answers.
    "my/rights": "person",
    "my/rights/copy/<str:request_id>": FORM,
    "my/rights/copy/<str:request_id>/end": FORM,
    "my/rights/wrong/<str:task_id>/end": FORM,
    "my/wrong": "person",
    "my/print": FORM,
    "people/<str:person_id>/rights": _CARES,
    "people/<str:person_id>/wrong": _CARES,
    "people/<str:person_id>/disagreements": _CARES,
    "people/<str:person_id>/print": FORM,
    "rights/disagreements": _CARES,
    "rights/requests": "privacy-officer",
    "rights/requests/<str:request_id>": "privacy-officer",
    "rights/requests/<str:request_id>/paper": FORM,
    # Apps: the page that asks is for who signed in; what apps send is proved by them.
    "smart/authorize": PUBLIC,
    "smart/person": FORM,
    "smart/decide": FORM,
    "smart/token": MACHINE,
    "smart/introspect": MACHINE,
    "smart/revoke": MACHINE,
    "smart/keys": PUBLIC,
    ".well-known/openid-configuration": PUBLIC,
    "smart/open/<str:person_id>": _CARES,
    "my/apps": SIGNED_IN,
    "my/apps/<uuid:agreement_id>/end": SIGNED_IN,
    # Beds: how full it is, for who answers for the place; a bed is kept by the ward's own.
    "beds": f"{_WARD} occupational-therapist commissioner analyst",
    "beds/live": f"{_WARD} occupational-therapist commissioner analyst",
    "beds/<str:ward_id>": f"{_WARD} occupational-therapist commissioner analyst",
    "beds/<str:ward_id>/live": f"{_WARD} occupational-therapist commissioner analyst",
    "beds/<str:ward_id>/outbreak": _WARD,
    "beds/<str:ward_id>/<str:bed_id>": _WARD,
    "beds/move/<str:stay_id>": _WARD,
    # My work: every worker has a list, with something on it or not.
    "work": _STARS,
    "work/list": _STARS,
    "work/<str:task_id>/take": FORM,
    "work/<str:task_id>/give-back": FORM,
    "work/<str:task_id>/done": FORM,
    # The board of a hospital, and the round of a ward.
    "board": _BOARD,
    "board/again": _BOARD,
    "board/waiting": _BOARD,
    "board/<str:ward_id>": _BOARD,
    "board/<str:ward_id>/again": _BOARD,
    "board/<str:ward_id>/round": _ROUND,
    "board/<str:ward_id>/round/<str:spell_id>": _ROUND,
    # Whose is it: who places what came without saying so.
    "identity": _PLACES,
    "identity/<str:question_id>": _PLACES,
    # Planning: public figures played forward, nobody's record.
    "plan": "commissioner analyst",
    "plan/play": FORM,
    "plan/<slug:slug>": "commissioner analyst",
    "plan/fortnight": "commissioner analyst",
    "plan/spend": "commissioner analyst",
    # What moves money: finance officers, two of them.
    "money/approvals": "finance-officer",
    "money/approvals/<str:task_id>": "finance-officer",
    "money/decisions": "finance-officer",
    "money/held": "finance-officer privacy-officer",
    "money/pay-runs": "finance-officer",
    "money/pay-runs/<str:run>": "finance-officer",
    "money/pay-runs/<str:run>/file": "finance-officer",
    "money/journal": "finance-officer",
    "money/invoices": "finance-officer",
    "money/exceptions": "finance-officer",
    "money/exceptions/<str:task_id>": "finance-officer",
    # Returns: counts that name nobody, for who sends them and who answers for the place.
    "winter": _RETURNS,
    "winter/level": FORM,
    "winter/operations": "discharge-coordinator ward-manager consultant",
    "winter/operations/propose": FORM,
    "winter/operations/<str:entry_id>/confirm": FORM,
    "winter/operations/<str:entry_id>/keep": FORM,
    "winter/operations/<str:entry_id>/told": FORM,
    "winter/operations/<str:entry_id>/harm": FORM,
    "winter/operations/<str:entry_id>/pause": FORM,
    "returns": _RETURNS,
    "returns/months/<str:month>": _RETURNS,
    "returns/months/<str:month>/<slug:what>.csv": _RETURNS,
    "returns/<str:day>": _RETURNS,
    "returns/<str:day>/people": _RETURNS,
    "returns/<str:day>/beds": _RETURNS,
    "returns/<str:day>/beds/send": FORM,
    "returns/<str:day>/beds/amend": FORM,
    "returns/<str:day>/beds.csv": _RETURNS,
    "returns/<str:day>/send": FORM,
    "returns/<str:day>/amend": FORM,
    "returns/<str:day>/sitrep.csv": _RETURNS,
    "returns/<str:day>/sitrep.json": _RETURNS,
    # Finding care: who looks for it, who gives it; a secret link is its own proof.
    "capacity": _FINDS_CARE,
    "capacity/mine": "provider-worker",
    "placements": _FINDS_CARE,
    "placements/new/<str:referral_id>": _FINDS_CARE,
    "placements/<str:placement_id>": _FINDS_CARE,
    "offers": "provider-worker",
    "offers/<str:placement_id>/<str:offer_id>": "provider-worker",
    "o/<str:secret>": SECRET,
    # Money of the place: figures for who answers for it, forms for who keeps the accounts.
    "money": "finance-officer commissioner",
    "money/backdated": "finance-officer",
    "money/grants/new": "finance-officer",
    "money/grants/<str:grant_id>": "finance-officer commissioner",
    "money/grants/<str:grant_id>/shares.csv": "finance-officer commissioner",
    "money/pools/new": "finance-officer",
    "money/pools/<str:pool_id>": "finance-officer commissioner",
    "money/pools/<str:pool_id>/statement.csv": "finance-officer commissioner",
    "money/agreements/<str:agreement_id>/give": "finance-officer",
    "money/agreements/<str:agreement_id>/promise": "finance-officer",
    "money/agreements/<str:agreement_id>/starts": "finance-officer",
    "money/agreements/<str:agreement_id>/spending.csv": "finance-officer commissioner",
    # Going home: the page of a stay and its acts, the hub's list and its answers.
    "stays/<str:spell_id>": _ARRANGE,
    "stays/<str:spell_id>/<slug:name>": _ARRANGE,
    "hub": "discharge-coordinator broker",
    "hub.csv": "discharge-coordinator broker",
    "hub/<str:referral_id>": "discharge-coordinator broker",
    # What watches joinedup: no person's data.
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
}

COMMANDS: dict[str, str] = {
    # What each command reads of people, and how that is on the record.
    "demo": "nobody: it invents them, or serves",
    "serve": "nobody: it serves",
    "migrate": "nobody: tables alone",
    "import": "reads as system/import; every change is a commit, with its event",
    "export": "reads everybody as system/export; an event names them all",
    "verify": "reads everybody as system/verify; an event says so, and no word of a person is told",
    "hl7 listen": "writes as system/hl7 for one hospital; a message is a commit, with its event",
    "hl7 take": "writes as system/hl7 for one hospital; a message is a commit, with its event",
    "hl7 again": "writes as system/hl7 what waited; every message is a commit, with its event",
    "hl7 held": "reads as system/hl7 what waits, which names no person; an event says so",
    "jobs run": "reads as system/notices who is told that there is something new, shows nobody; "
    "a first visit that is overdue is a commit, with its event",
    "returns build": "counts as system/returns, and shows numbers alone; an event says so",
    "returns send": "counts as system/returns; what is sent names nobody; a commit, with its event",
    "money invoices": "reads and writes in the name of a finance officer who holds that post now",
    "token": "nobody: it signs a name",
    "invite": "reads a Practitioner as system/sign-in; an event says so",
    "backup": "nobody: it copies files it does not read",
    "restore": "nobody: it copies files it does not read, and lets verify look",
    "version": "nobody",
    "duplicates": "reads everybody as a job of the system; pairs wait for the privacy officer",
    "client add": "nobody: an app or a service is registered",
    "client list": "nobody: apps and services alone",
    "client remove": "nobody: an app or a service ends, and every token of it",
    "plan run": "figures of a place, nobody's record",
    "plan places": "public figures",
    "plan scenarios": "public figures",
    "plan fortnight": "a census somebody gives as a file; nobody of it is kept or printed",
    "plan spend": "public figures",
    "plan replay": "figures of a place, nobody's record",
    "retention list": "reads as a job of the system what is due, for who keeps the record",
    "retention hold": "changes as a job of the system; a commit, with its event",
    "retention release": "changes as a job of the system; a commit, with its event",
}


def addresses_of(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    """Every address below a list of Django's, as it is written there."""
    for each in patterns:
        address = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from addresses_of(each.url_patterns, address)
        else:
            yield address


def opens_for(address: str) -> frozenset[str]:
    """The roles that may open a page."""
    rule = ADDRESSES[address]
    return frozenset(ROLES) if rule in (PUBLIC, SIGNED_IN, SECRET) else frozenset(rule.split())
