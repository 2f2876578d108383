"""Which starts of which providers meet what is wanted now, best first, and what stands against one.

A provider that may not be offered (`providers`) is named with why, never left out in silence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.brokerage.rules.providers import (
    Override,
    ProviderFacts,
    offer_problems,
    offer_warnings,
)
from joinedup.brokerage.rules.providers import Wanted as Asked
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import at_clock, day_of
from joinedup.fhir.profiles.placement import Wanted
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import FreeStart
from joinedup.fhir.search.period import LONDON

__all__ = [
    "Match",
    "Matches",
    "check_offer",
    "earliest",
    "fits",
    "match",
    "may_be_offered",
    "next_free",
]

_ORDER = ("outstanding", "good", "not-inspected", "requires-improvement", "inadequate")
_DAY = timedelta(days=1)
_SAMPLE = Override(by="-", post="-", why="-" * 10, review_on=date.max)


class Match(Struct, frozen=True, kw_only=True):
    """A start that meets what is wanted; `needs_override` for a provider rated inadequate."""

    start: FreeStart
    provider: CareProvider
    at: datetime
    warnings: tuple[str, ...] = ()
    needs_override: bool = False


class Matches(Struct, frozen=True, kw_only=True):
    """What may be offered, best first; and who has something free and may not be, with why."""

    free: tuple[Match, ...]
    barred: tuple[tuple[str, tuple[str, ...]], ...]


def fits(start: FreeStart, wanted: Wanted) -> bool:
    """Whether a start is of the service, area, time, number of carers and skills wanted."""
    return (
        not start.withdrawn
        and start.service == wanted.service
        and start.area == wanted.area
        and (not wanted.bands or not start.band or start.band in wanted.bands)
        and start.carers >= wanted.carers
        and start.skills >= set(wanted.skills)
    )


def earliest(start: FreeStart, wanted: Wanted, now: datetime) -> datetime:
    """Return the first moment from which this start could help: never in the past.

    A start told for an earlier day is at the same hour of the first day that is still to come.
    """
    after = max(at_clock(wanted.begins, 0), now)
    if start.at >= after:
        return start.at
    hour = start.at.astimezone(LONDON)
    at = at_clock(day_of(after), hour.hour, hour.minute)
    return at if at >= after else at_clock(day_of(after) + _DAY, hour.hour, hour.minute)


def may_be_offered(provider: CareProvider, service: str, *, on: date) -> bool:
    """Whether a broker may use what a provider has free without anybody's override (MS-01)."""
    asked = Asked(service=service)
    return not offer_problems(_facts(provider, 1), asked, on=on)


def match(
    starts: Iterable[FreeStart],
    providers: Mapping[str, CareProvider],
    wanted: Wanted,
    *,
    now: datetime,
    on: date,
    declined: frozenset[str] = frozenset(),
) -> Matches:
    """Return what may be offered of the starts nobody holds (MS-01): better rated, then earlier.

    Who has declined this already is not asked again; `providers` are by their location.
    """
    fitting = [s for s in starts if fits(s, wanted) and s.provider not in declined]
    counted = Counter(s.location for s in fitting)
    found: list[Match] = []
    barred: dict[str, tuple[str, ...]] = {}
    for start in fitting:
        provider = providers.get(start.location)
        if provider is None:
            continue
        free = counted[start.location]
        problems = _problems(provider, wanted, capacity=free, on=on)
        allowed = not problems or not _problems(
            provider, wanted, capacity=free, on=on, override=_SAMPLE
        )
        if not allowed:
            barred[provider.name] = tuple(p.message for p in problems)
            continue
        found.append(
            Match(
                start=start,
                provider=provider,
                at=earliest(start, wanted, now),
                warnings=offer_warnings(_facts(provider, free), on=on),
                needs_override=bool(problems),
            )
        )
    return Matches(free=tuple(sorted(found, key=_rank)), barred=tuple(sorted(barred.items())))


def _rank(one: Match) -> tuple[int, datetime, str, str]:
    return (_ORDER.index(one.provider.rating), one.at, one.provider.name, one.start.id)


def next_free(matches: Matches, *, limit: int = 3) -> tuple[Match, ...]:
    """Return the next that can be offered at once: one a provider first, then more of each."""
    plain = [m for m in matches.free if not m.needs_override]
    seen: Counter[str] = Counter()
    rounds = []
    for place, one in enumerate(plain):
        rounds.append((seen[one.start.location], place, one))
        seen[one.start.location] += 1
    return tuple(one for _, _, one in sorted(rounds, key=lambda r: r[:2])[:limit])


def check_offer(
    provider: CareProvider, wanted: Wanted, *, on: date, override: Override | None
) -> None:
    """Refuse, Unprocessable, an offer that MS-01 forbids; every reason is named."""
    problems = _problems(provider, wanted, capacity=1, on=on, override=override)
    if problems:
        raise Unprocessable(*problems)


def _problems(
    provider: CareProvider,
    wanted: Wanted,
    *,
    capacity: int,
    on: date,
    override: Override | None = None,
) -> tuple[Problem, ...]:
    asked = Asked(
        service=wanted.service,
        nursing=wanted.nursing,
        personal_care=wanted.personal_care,
        minutes=wanted.minutes,
        short_reason=wanted.short_reason,
    )
    return offer_problems(_facts(provider, capacity), asked, on=on, override=override)


def _facts(provider: CareProvider, capacity: int) -> ProviderFacts:
    return ProviderFacts(
        location=provider.location,
        provider=provider.owner,
        name=provider.name,
        registration=provider.registration,
        rating=provider.rating,
        activities=provider.activities,
        capacity=capacity,
        nursing=provider.nursing,
        embargo=provider.embargo,
        insured_until=provider.insured_until,
        data_security_until=provider.data_security_until,
    )
