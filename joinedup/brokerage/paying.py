"""What pays for a start: the package, and its promise from what was set aside (decision 0020).

For reablement and urgent care alone, which nothing else stands before (Care Act 2014 s19(3)): no
assessment, plan, personal budget or means test is read or asked for.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.access.permit import Permit, starting
from joinedup.brokerage.queries import KeptPlacement, placement_of, provider_of
from joinedup.brokerage.rules.pricing import Cost, cost_of
from joinedup.brokerage.starting import Package, confirm_start
from joinedup.fhir.classes import label_of
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.key import hash64
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles import package as packages
from joinedup.fhir.profiles.event import Event
from joinedup.fhir.profiles.placement import Offer, Placement
from joinedup.ledger.authority import Authority, Start, start_posting
from joinedup.record.starts import authorities

__all__ = ["Estimate", "estimate_of", "start_care"]

NOTHING_STANDS = (
    "No money is set aside for urgent starts this month. Ask a finance officer to set some aside,"
    " or to promise it from the pot itself."
)
_UNITS = {"hour": "Per hour", "week": "Per week"}
_SHORT = "Short term support: Other short term"
_COMPONENTS = {
    "reablement": ("Short term support: ST-Max", "Reablement"),
    "home-care": (_SHORT, "Home support or domiciliary care"),
    "live-in": (_SHORT, "Home support or domiciliary care"),
    "residential-home": (_SHORT, "Short term residential care"),
    "nursing-home": (_SHORT, "Short term nursing care"),
}


class Estimate(Struct, frozen=True):
    """What a start would promise, and from what it could be."""

    cost: Cost
    pence: int
    stands: tuple[Authority, ...]


def estimate_of(permit: Permit, placement: Placement, now: datetime) -> Estimate | None:
    """Return what confirming the start would promise; None where nothing is promised with it.

    Refuses, Unprocessable, without a price. It tells no sum that is left (decision 0020).
    """
    accepted = placement.accepted
    if accepted is None or not placement.wanted.urgent:
        return None
    begins = day_of(accepted.starts or now)
    provider = provider_of(permit, accepted.location)
    cost = cost_of(placement.wanted, provider, begins=begins)
    stands = authorities(starting(permit), day_of(now))
    return Estimate(cost, _start(placement, accepted, cost, "x", 0).pence, stands)


def start_care(
    permit: Permit,
    placement_id: str,
    *,
    starts: datetime | None = None,
    now: datetime,
    version: int = 0,
) -> KeptPlacement:
    """Confirm a start, and promise what it costs from what was set aside, in one commit.

    What is not urgent is confirmed without a promise: it is paid from the person's own budget.
    Refuses as `confirm_start`; where no authority has enough left, in words, and nothing is saved.
    """
    kept = placement_of(permit, placement_id)
    if not kept.placement.wanted.urgent or kept.placement.accepted is None:
        return confirm_start(permit, placement_id, starts=starts, now=now, version=version)
    refusal = Unprocessable(NOTHING_STANDS)
    acting = starting(permit)
    for bought in _packages(acting, kept.placement, kept.placement.accepted, starts, now):
        try:
            return confirm_start(
                acting, placement_id, starts=starts, now=now, package=bought, version=kept.version
            )
        except Unprocessable as problem:
            refusal = problem
    raise refusal


def _packages(
    permit: Permit, placement: Placement, accepted: Offer, starts: datetime | None, now: datetime
) -> Iterator[Package]:
    """Yield the package with its promise from each authority that has anything left, in turn."""
    begins = starts or accepted.starts or now
    provider = provider_of(permit, accepted.location)
    cost = cost_of(placement.wanted, provider, begins=day_of(begins))
    key = hash64(f"{placement.id}/{accepted.id}") & (2**64 - 1)
    package = f"start-{key:016x}"
    resource = _episode(placement, cost, package)
    start = _start(placement, accepted, cost, package, label_of(resource))
    for authority in authorities(permit, day_of(now)):
        posting = start_posting(
            authority, start, posting_id=package, on=day_of(now), by=permit.worker
        )
        yield Package(resource, (posting,))


def _start(placement: Placement, accepted: Offer, cost: Cost, package: str, label: int) -> Start:
    return Start(
        person=placement.person,
        package=package,
        paper=f"EpisodeOfCare/{package}/_history/1",
        care=cost.care,
        provider=accepted.provider,
        begins=cost.begins,
        ends=cost.ends,
        unit_cost=cost.unit_pence,
        units=cost.units,
        label=label,
    )


def _episode(placement: Placement, cost: Cost, package: str) -> dict[str, Any]:
    kind, component = _COMPONENTS[placement.wanted.service]
    event = Event(
        person=placement.person,
        council=placement.hub,
        start=cost.begins,
        stated={
            "Service Type": kind,
            "Service Component": component,
            "Delivery Mechanism": "CASSR commissioned support",
            "Unit Cost": f"{cost.unit_pence / 100:.2f}",
            "Cost Frequency (Unit Type)": _UNITS[cost.unit],
            "Planned units per week": f"{cost.units_a_week.normalize():f}",
        },
    )
    return packages.build(event, package)
