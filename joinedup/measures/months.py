"""A month of returns: days waited after the ready date, reasons for waiting, days not sent."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from msgspec import Struct

from joinedup.discharge.rules.returns import WAIT_BANDS, MonthOfWaits, month_of_waits
from joinedup.discharge.rules.sitrep import KIND
from joinedup.fhir.issue import NotFound
from joinedup.fhir.london import day_of
from joinedup.measures.desk import day_of_address, hospital_of, reader
from joinedup.measures.sent import sent_between
from joinedup.measures.standing import stays_of
from joinedup.measures.words import clock_words
from joinedup.money.names import names_of
from joinedup.record.stood import latest
from joinedup.reference.codes.discharge import delay_reasons
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["Month", "month", "month_of_address"]


class Month(Struct, frozen=True):
    """A calendar month by its first day."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def words(self) -> str:
        """`January 2018`."""
        return f"{self.first:%B %Y}"

    def days_until(self, moment: datetime) -> int:
        """Return how many of its days are over at a moment."""
        end = min(self.last, day_of(moment) - timedelta(days=1))
        return max(0, (end - self.first).days + 1)


def month_of_address(text: str) -> Month:
    """Return the month an address names, `2018-01`; NotFound for no real month."""
    try:
        return Month(day_of_address(f"{text}-01"))
    except NotFound as problem:
        raise NotFound(f"{text[:20]!r} is no month. Write it like 2018-01.") from problem


_BAND_WORDS = ("The same day", "1 day", "2 or 3 days", "4 to 6 days", "7 to 13 days")
_LONG_BANDS = ("14 to 20 days", "21 days or more")


@require_safe
def month(request: HttpRequest, month: str) -> HttpResponse:
    """Return a month: days between ready and gone, and reasons as the days were sent."""
    permit = reader(request)
    which = month_of_address(month)
    hospital, _ = hospital_of(request, permit)
    at = latest()
    stays = stays_of(permit, hospital, which.first, which.last, at=at) if hospital else None
    waits = month_of_waits(stays.found, hospital, which.first, now=now()) if stays else None
    until = min(which.last, day_of(now()) - timedelta(days=1))
    sent = sent_between(permit, KIND, hospital, which.first, until) if hospital else {}
    names = names_of(permit, [f"Organization/{hospital}"], detail="whose returns")
    context = {
        "title": f"Returns for {which.words}",
        "crumbs": [("Returns", f"/returns?hospital={hospital}")],
        "month": month,
        "hospital": hospital,
        "called": names.get(f"Organization/{hospital}") or hospital,
        "days_sent": len(sent),
        "days_over": which.days_until(now()),
        "as_of": clock_words(now()),
        "leaving": waits if waits and waits.discharged else None,
        "late_share": _share(waits),
        "mean": _mean(waits),
        "bands": _bands(waits),
        "reasons": _reasons([versions[-1].counts for versions in sent.values()], which),
    }
    return render(request, "measures/month.jinja", context, here="returns")


def _share(waits: MonthOfWaits | None) -> str:
    share = waits.late_share if waits else None
    return "" if share is None else f"{float(share):.1%}"


def _mean(waits: MonthOfWaits | None) -> str:
    mean = waits.mean_late_days if waits else None
    return "" if mean is None else f"{float(mean):.1f}"


def _bands(waits: MonthOfWaits | None) -> list[tuple[str, int]]:
    if waits is None:
        return []
    words = (*_BAND_WORDS, *_LONG_BANDS)
    pairs = zip(words, WAIT_BANDS, strict=True)
    return [(said, waits.band(low, high)) for said, (_, low, high) in pairs]


def _reasons(counts: Iterable[Mapping[str, int]], which: Month) -> list[tuple[str, str, int]]:
    """Return reasons in words and national terms with people on days, the most first."""
    found: Counter[str] = Counter()
    for one in counts:
        found.update({n.removeprefix("reason/"): c for n, c in one.items() if "reason/" in n})
    known = delay_reasons(on=which.last)
    return [(known[c].words, known[c].national, n) for c, n in found.most_common() if n]
