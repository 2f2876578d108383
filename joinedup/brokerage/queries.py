"""Reading what is free, who gives it, and where each placement stands; each look under a permit."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.brokerage.rules.matching import Match, Matches, match, next_free
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import NotFound, Refusal
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import placement as placements_
from joinedup.fhir.profiles import provider as providers_
from joinedup.fhir.profiles import referral as referrals
from joinedup.fhir.profiles import slot as slots_
from joinedup.fhir.profiles.placement import PLACEMENT, Placement
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.referral import HUB_REFERRAL, HubAnswer
from joinedup.fhir.profiles.slot import AREA, SERVICE, FreeStart
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.record import Page, Stored
from joinedup.record.slots import held_slots, unheld_slots
from joinedup.reference.codes.discharge import need_areas

__all__ = [
    "KeptPlacement",
    "every_start",
    "labels_of",
    "matches_of",
    "needs_of_referral",
    "next_of",
    "placement_of",
    "placements",
    "provider_of",
    "providers_of",
    "start_of",
    "starts_of",
    "waiting_referrals",
]

_A_PAGE = 500
_MOST_PAGES = 20


class KeptPlacement(Struct, frozen=True):
    """A placement as the record holds it, with the version that was seen and its labels."""

    placement: Placement
    version: int
    labels: tuple[Mapping[str, Any], ...] = ()

    @property
    def id(self) -> str:
        """The Task's id."""
        return self.placement.id


def placement_of(permit: Permit, placement_id: str) -> KeptPlacement:
    """Return one placement; NotFound for none, and for a Task that is another thing."""
    found = kept(record.read(permit, "Task", placement_id))
    if found is None:
        raise NotFound(f"There is no placement {placement_id} that you can see.")
    return found


def kept(stored: Stored) -> KeptPlacement | None:
    """Return the placement a stored Task is; None for another, or one no page could show.

    The API takes any Task; one that lacks a part is none here.
    """
    try:
        said = stored.resource
        return KeptPlacement(placements_.read(said), stored.version, labels_of(said))
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def labels_of(resource: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the labels that a resource carries, as `meta.security` has them."""
    return tuple(resource.get("meta", {}).get("security", ()))


def placements(permit: Permit, *, status: str = "", detail: str = "") -> tuple[KeptPlacement, ...]:
    """Return the placements this permit sees, the newest first; `status` is Task's, by commas."""
    asked = [("code", f"{TASK_KIND}|{PLACEMENT}"), ("_sort", "-authored-on")]
    asked += [("status", status)] if status else []
    found = (kept(s) for s in _every(permit, "Task", asked, detail or "placements"))
    return tuple(one for one in found if one is not None)


def _every(
    permit: Permit, kind: str, asked: list[tuple[str, str]], detail: str
) -> Iterable[Stored]:
    """Every page of a search, up to a limit that no place comes near."""
    cursor: list[tuple[str, str]] = []
    for _ in range(_MOST_PAGES):
        query = parse_query(kind, asked + cursor, default_count=_A_PAGE)
        page: Page = record.search(permit, query, detail=detail)
        yield from page.entries
        if page.next_cursor is None:
            return
        cursor = [("_cursor", page.next_cursor)]


def starts_of(permit: Permit, *, service: str, area: str) -> tuple[FreeStart, ...]:
    """Return what providers told of a service in an area and did not take back, held or not."""
    return _starts(_every(permit, "Slot", _of_service(service, area), "capacity"))


def _of_service(service: str, area: str) -> list[tuple[str, str]]:
    return [
        ("status", "free"),
        ("service-category", f"{SERVICE}|{service}"),
        ("service-type", f"{AREA}|{area}"),
    ]


def every_start(permit: Permit) -> tuple[FreeStart, ...]:
    """Return everything that providers told and did not take back, held or not."""
    return _starts(_every(permit, "Slot", [("status", "free")], "capacity"))


def _starts(found: Iterable[Stored]) -> tuple[FreeStart, ...]:
    starts = []
    for stored in found:
        try:
            starts.append(slots_.read(stored.resource))
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # a Slot of a clinic is no start of care
    return tuple(starts)


def start_of(permit: Permit, slot: str) -> FreeStart:
    """Return one start; NotFound for none, and for a Slot of another kind."""
    found = _starts([record.read(permit, "Slot", slot)])
    if not found:
        raise NotFound("There is no such start of care.")
    return found[0]


def provider_of(permit: Permit, location: str) -> CareProvider:
    """Return one location that gives care; NotFound for none."""
    found = providers_of(permit, [location])
    if location not in found:
        raise NotFound("There is no such provider.")
    return found[location]


def providers_of(permit: Permit, locations: Iterable[str]) -> dict[str, CareProvider]:
    """Return the locations of these ids, by id; one that is no care provider is left out."""
    wanted = tuple(dict.fromkeys(locations))
    if not wanted:
        return {}
    query = Query(type="HealthcareService", clauses=(Ids(wanted),), count=len(wanted))
    found = {}
    for stored in record.search(permit, query, detail="providers").entries:
        try:
            found[stored.id] = providers_.read(stored.resource)
        except (KeyError, TypeError, ValueError, Refusal):
            continue
    return found


def next_of(permit: Permit, placement: Placement, now: datetime) -> tuple[Match, ...]:
    """Return the next three starts that meet what is wanted and nobody holds: for who came second.

    The same as `next_free(matches_of(...))` where no hold has run out, and one statement instead.
    """
    wanted = placement.wanted
    asked = _of_service(wanted.service, wanted.area)
    found = unheld_slots(permit, parse_query("Slot", asked, default_count=_A_PAGE))
    own = {o.slot for o in placement.offers if o.state in ("open", "accepted")}
    free = [s for s in map(slots_.read, filter(slots_.is_start, found)) if s.id not in own]
    return next_free(_matched(permit, placement, free, now))


def matches_of(permit: Permit, placement: Placement, now: datetime) -> Matches:
    """Return which starts meet what is wanted and are held by nobody just now (MS-01)."""
    wanted = placement.wanted
    starts = starts_of(permit, service=wanted.service, area=wanted.area)
    held = held_slots(permit, [s.id for s in starts])
    own = {o.slot for o in placement.offers if o.state in ("open", "accepted")}
    free = [
        s for s in starts if s.id not in own and (s.id not in held or _ran_out(held[s.id], now))
    ]
    return _matched(permit, placement, free, now)


def _matched(permit: Permit, placement: Placement, free: list[FreeStart], now: datetime) -> Matches:
    declined = frozenset(o.provider for o in placement.offers if o.state == "declined")
    return match(
        free,
        providers_of(permit, (s.location for s in free)),
        placement.wanted,
        now=now,
        on=day_of(now),
        declined=declined,
    )


def _ran_out(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now


def waiting_referrals(permit: Permit, known: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return referrals the hub took on, for which nobody looks yet: (its id, `Patient/...`).

    Whom the hub took on first comes first.

    `known` are the referrals that have a placement, as another page may have found them.
    """
    asked = [
        ("code", f"{TASK_KIND}|{HUB_REFERRAL}"),
        ("business-status", "accepted,assessing"),
    ]
    has = set(known)
    found: list[HubAnswer] = []
    for stored in _every(permit, "Task", asked, "referrals taken on"):
        try:
            answer = referrals.read_answer(stored.resource)
        except (KeyError, IndexError, TypeError, ValueError):
            continue
        if answer.referral not in has:
            found.append(answer)
    found.sort(key=lambda answer: answer.at)
    return tuple((answer.referral, answer.person) for answer in found)


def needs_of_referral(permit: Permit, referral_id: str) -> tuple[tuple[str, str], ...]:
    """Return what somebody needs as the ward described it: (area in words, words).

    () for a referral that the permit does not see, or that cannot be read.
    """
    try:
        said = referrals.read(record.read(permit, "ServiceRequest", referral_id).resource)
    except (Refusal, KeyError, IndexError, TypeError, ValueError):
        return ()
    areas = need_areas(on=day_of(said.asked_at))
    return tuple((areas.get(need.area, need.area), need.words) for need in said.needs)
