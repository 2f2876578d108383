"""Help at home while somebody is in hospital: visits stop, the package is held, and comes back.

It comes back as its latest version only, and never silently: a visit is either there again or
somebody is asked before the person leaves (CP-05).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.discharge.rules.endings import Tell
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.planned_visit import PlannedVisit
from joinedup.reference.calendars import amount, length

__all__ = ["HeldPackage", "Resumption", "resumed", "suspended"]


class HeldPackage(Struct, frozen=True, kw_only=True):
    """A package on hold: the visits that stop, the last day it is kept, and who is told."""

    package: str
    since: datetime
    last_day: date
    visits: tuple[PlannedVisit, ...]
    tells: tuple[Tell, ...]


class Resumption(Struct, frozen=True, kw_only=True):
    """Visits that are there again, and what a person must settle before anybody leaves."""

    visits: tuple[PlannedVisit, ...]
    exceptions: tuple[str, ...]


def suspended(
    package: str,
    visits: Iterable[PlannedVisit],
    admitted: datetime,
    *,
    hold_days: int | None = None,
) -> HeldPackage:
    """Return the package on hold: every visit that begins after admission stops (CP-05).

    `hold_days` are the contract's; without it the table's. The provider and the coordinator are
    told within minutes.
    """
    day = day_of(admitted)
    days = amount("package-held-for", on=day) if hold_days is None else hold_days
    if days < 0:
        raise Unprocessable("A package is held for no days or more.")
    stopped = tuple(
        sorted(
            (v for v in visits if v.package == package and v.start >= admitted),
            key=lambda visit: visit.start,
        )
    )
    within = length("admission-told-within", on=day)
    words = "is in hospital. Visits are stopped and the package is held"
    tells = tuple(Tell(who, within, words) for who in ("provider", "coordinator"))
    return HeldPackage(
        package=package,
        since=admitted,
        last_day=day + timedelta(days=days),
        visits=stopped,
        tells=tells,
    )


def resumed(
    held: HeldPackage,
    leaving: datetime,
    *,
    version: int,
    latest: int,
    confirmed: Iterable[str],
) -> Resumption:
    """Return which visits are there again when somebody leaves, and what is not settled (CP-05).

    `confirmed` are providers that said they will come; `version` is the plan's that they confirmed.
    Refuses, Unprocessable, an older version than the latest.
    """
    if version != latest:
        words = f"The plan has changed in the meantime. Resume version {latest}, not {version}."
        raise Unprocessable(words)
    ahead = tuple(v for v in held.visits if v.start >= leaving)
    if day_of(leaving) > held.last_day:
        last = f"{held.last_day:%-d %B}"
        return Resumption(visits=(), exceptions=(f"The package was held until {last} only.",))
    coming = frozenset(confirmed)
    back = tuple(v for v in ahead if v.provider in coming)
    silent = sorted({v.provider for v in ahead} - coming)
    found = [f"{provider} has not said that its visits start again." for provider in silent]
    if not ahead:
        found.append("No visit is planned after they leave.")
    return Resumption(visits=back, exceptions=tuple(found))
