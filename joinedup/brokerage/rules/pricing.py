"""What a start is likely to cost, so that it can be promised before anything else is asked.

Six weeks at the price agreed with the provider, or the published one; what is used is billed.
"""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from joinedup.fhir.issue import NotFound, Unprocessable
from joinedup.fhir.profiles.placement import Wanted
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import HOMES
from joinedup.reference.calendars import length
from joinedup.reference.money.prices import unit_cost

__all__ = ["CARE_WORDS", "Cost", "cost_of"]

CARE_WORDS = {
    "home-care": "Home care",
    "reablement": "Reablement",
    "live-in": "Live-in care",
    "residential-home": "Care home",
    "nursing-home": "Nursing home",
}
_PUBLISHED = {
    "residential-home": "residential-home-week",
    "nursing-home": "nursing-home-week",
}
_DAYS_A_WEEK = 7
_MINUTES = 60


class Cost(Struct, frozen=True, kw_only=True):
    """What is promised: `units` of `unit` at `unit_pence`, for days counted in."""

    care: str
    unit: str
    units: Decimal
    unit_pence: int
    begins: date
    ends: date

    @property
    def units_a_week(self) -> Decimal:
        """How many units a week are planned."""
        days = (self.ends - self.begins).days + 1
        return self.units * _DAYS_A_WEEK / days


def cost_of(wanted: Wanted, provider: CareProvider, *, begins: date) -> Cost:
    """Return what a start costs over the days that are promised; Unprocessable without a price."""
    days = length("start-promised-for", on=begins)
    is_home = wanted.service in HOMES
    units = Decimal(days.days) / _DAYS_A_WEEK
    if not is_home:
        units = Decimal(wanted.visits * wanted.minutes * wanted.carers * days.days) / _MINUTES
    agreed = provider.week_pence if is_home else provider.hour_pence
    return Cost(
        care=CARE_WORDS[wanted.service],
        unit="week" if is_home else "hour",
        units=units,
        unit_pence=agreed or _published(wanted.service, provider, begins),
        begins=begins,
        ends=date.fromordinal(begins.toordinal() + days.days - 1),
    )


def _published(service: str, provider: CareProvider, on: date) -> int:
    try:
        return unit_cost(_PUBLISHED.get(service, "home-care-hour"), on=on).amount.pence
    except NotFound:
        raise Unprocessable(
            f"No price is agreed with {provider.name}, and none is published for this day. "
            "Ask a commissioner to write down what was agreed."
        ) from None
