"""One place, or England: its model, its figures, and what the model does not know."""

from datetime import date, timedelta

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.files import Model, Parameter, table
from joinedup.planning.files.read import names_used
from joinedup.planning.network import Network
from joinedup.planning.places.body import body_of, derived_of
from joinedup.planning.places.figures import homes_of
from joinedup.planning.places.names import code_of, name_of, names
from joinedup.planning.places.parameters import national_parameters, system_parameters

__all__ = ["UNKNOWN", "WARM_UP_DAYS", "Place", "england", "place"]

WARM_UP_DAYS = 60
MOST_DAYS = 366  # one wave of flu
FIRST_YEAR, LAST_YEAR = 2015, 2043
UNKNOWN = (
    "beds are one pool: specialty, sex and infection keep some empty (only usable_share says so)",
    "who waits for what, and for how long, is by shares of delays over 7 days, not by person",
    "places of care are reckoned from discharges a week, stays and people waiting: no one counts "
    "them by system",
    "people whose care is in another system leave the bed at once, unless England is coupled",
    "fewer people go home at weekends: the model's days are alike, so read its weeks",
    "flu comes once: what is played holds one winter's wave",
    "COVID-19 is inside the admissions of 2022 to 2025 and has no wave of its own",
)


class Place(Struct, frozen=True):
    """A place as a model: `model` may be written to a file, `network` played."""

    name: str
    codes: tuple[str, ...]
    on: date
    model: Model

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter with value, source, date and spread."""
        return self.model.parameters

    def network(self) -> Network:
        """Return the network with the values of the table."""
        return self.model.network()

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Return the parameter table for printing, a header first; assumed ones say so."""
        return table(self.parameters)


def place(
    name: str,
    *,
    on: date,
    days: int = 180,
    attenders: bool = False,
    without: tuple[str, ...] = (),
    warm_up_days: int = WARM_UP_DAYS,
) -> Place:
    """Return a system (or England, coupled) as it would be played for some days from a day.

    Where today's census is put in, warm-up is 0 (`calibrate.census`). With `attenders` the people
    who come to A&E and are not admitted are in it too. Winters named in `without` (`2017-18`) are
    left out of what is fitted. Names, short forms and codes are known; any other is refused with
    NotFound, naming those there are, and days beyond a year or the projection with Invalid.
    """
    if name.strip().lower() == "england":
        return england(on=on, days=days, attenders=attenders, without=without)
    code = code_of(name)
    hospitals = {code: {code: 1.0}}
    span = _Span(on, days, warm_up_days)
    return _place(
        name_of(code), hospitals, {code: ""}, span=span, attenders=attenders, without=without
    )


def england(
    *,
    on: date,
    days: int = 180,
    attenders: bool = False,
    without: tuple[str, ...] = (),
    codes: tuple[str, ...] = (),
) -> Place:
    """Return all 42 systems (or those named) coupled: people in one's beds wait for another's care.

    Shares across borders are counted (`places/borders`); below half of 1 per cent they are left
    out, and of a part of England what crosses its border leaves.
    """
    wanted = codes or tuple(names())
    hospitals = {
        code: {home: share for home, share in homes_of(code).items() if home in wanted}
        for code in wanted
    }
    prefixes = {code: f"{code}_" for code in wanted}
    title = "England" if not codes else " and ".join(name_of(code) for code in codes)
    span = _Span(on, days, WARM_UP_DAYS)
    return _place(title, hospitals, prefixes, span=span, attenders=attenders, without=without)


class _Span(Struct, frozen=True):
    on: date
    days: int
    warm_up_days: int


def _place(
    title: str,
    hospitals: dict[str, dict[str, float]],
    prefixes: dict[str, str],
    *,
    span: _Span,
    attenders: bool,
    without: tuple[str, ...],
) -> Place:
    on = span.on
    if not (FIRST_YEAR <= on.year <= LAST_YEAR and 1 <= span.days <= MOST_DAYS):
        message = (
            f"{span.days} days from {on.isoformat()} are asked for: give 1 to {MOST_DAYS} days "
            f"that begin in {FIRST_YEAR} to {LAST_YEAR}, the years that people are projected for"
        )
        raise Invalid(Problem("value", message, "on"))
    starts = on - timedelta(days=span.warm_up_days)
    # The winter is the one that a year from July holds; its wave is counted from its 1 October.
    october = date(on.year - (on.month < 7), 10, 1)
    parameters = national_parameters(on=on, without=without)
    for code, prefix in prefixes.items():
        parameters += system_parameters(code, prefix, on=on, without=without)
    body = body_of(
        hospitals,
        prefixes,
        days=span.days,
        warm_up_days=span.warm_up_days,
        peak_offset_days=(starts - october).days,
        attenders=attenders,
    )
    derived = derived_of(hospitals, prefixes)
    used = _used(body, derived)
    model = Model(
        title=f"{title} from {on.isoformat()}",
        starts=starts,
        parameters=tuple(p for p in parameters if p.name in used),
        body=body,
        derived=derived,
        unknown=UNKNOWN,
    )
    return Place(title, tuple(hospitals), on, model)


def _used(body: dict[str, object], derived: dict[str, str]) -> set[str]:
    """Return the names that the network uses: a file names no parameter that does nothing."""
    return names_used([body, derived])
