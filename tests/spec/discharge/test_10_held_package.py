"""Going home, chapter 10. Help at home while somebody is in hospital: held, and back (CP-05)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from joinedup.discharge.rules.held_package import (
    HeldPackage,
    Resumption,
    resumed,
    suspended,
)
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.planned_visit import PlannedVisit

JUNE = date(2025, 6, 5)
ADMITTED, LEAVES = at_clock(JUNE, 14, 10), at_clock(date(2025, 6, 9), 16)
PACKAGE, PROVIDER = "package-1", "AP1"
HOURS = (8, 12, 15, 18)


def visit(
    day: date, hour: int, *, provider: str = PROVIDER, package: str = PACKAGE
) -> PlannedVisit:
    begins = at_clock(day, hour)
    return PlannedVisit(
        id=f"{day}-{hour}-{provider}",
        package=package,
        provider=provider,
        start=begins,
        end=begins + timedelta(minutes=45),
    )


VISITS = [visit(JUNE + timedelta(n), hour) for n in range(10) for hour in HOURS]


def held(**changes: int) -> HeldPackage:
    return suspended(PACKAGE, VISITS, ADMITTED, **changes)


def resume(
    package: HeldPackage, at: datetime = LEAVES, *, confirmed: tuple[str, ...]
) -> Resumption:
    return resumed(package, at, version=3, latest=3, confirmed=confirmed)


def test_admitted_at_ten_past_two_the_three_o_clock_visit_stops() -> None:
    """3.6 example 3: visits from 5 June 15:00 stop; the provider is told within 15 minutes."""
    package = held()
    assert package.visits[0] == visit(JUNE, 15)
    assert visit(JUNE, 8) not in package.visits and visit(JUNE, 12) not in package.visits
    told = {t.who: t.within for t in package.tells}
    assert told == {"provider": timedelta(minutes=15), "coordinator": timedelta(minutes=15)}


def test_home_at_four_the_evening_visit_is_there_again() -> None:
    """3.6 example 3: 9 June 16:00, once the provider said so."""
    back = resume(held(), confirmed=(PROVIDER,))
    assert back.visits[0] == visit(date(2025, 6, 9), 18) and back.exceptions == ()
    assert all(v.start >= LEAVES for v in back.visits)


def test_or_an_exception_is_raised_before_they_leave() -> None:
    """3.6 example 3: no silent hope that somebody comes."""
    alone = resume(held(), confirmed=())
    assert alone.visits == () and alone.exceptions == (
        "AP1 has not said that its visits start again.",
    )


def test_each_provider_answers_for_its_own_visits() -> None:
    other = visit(date(2025, 6, 10), 9, provider="AP2")
    package = suspended(PACKAGE, [*VISITS, other], ADMITTED)
    back = resume(package, confirmed=(PROVIDER,))
    assert other not in back.visits and len(back.visits) > 0
    assert back.exceptions == ("AP2 has not said that its visits start again.",)


def test_a_package_is_held_for_the_days_of_its_contract() -> None:
    """Fourteen unless the contract says otherwise; then somebody is asked."""
    assert held().last_day == date(2025, 6, 19)
    short = held(hold_days=3)
    assert short.last_day == date(2025, 6, 8)
    assert resume(short, confirmed=(PROVIDER,)).exceptions == (
        "The package was held until 8 June only.",
    )
    with pytest.raises(Unprocessable, match="no days or more"):
        held(hold_days=-1)


def test_only_the_latest_version_of_a_plan_comes_back() -> None:
    """CP-05."""
    with pytest.raises(Unprocessable, match="Resume version 4, not 3"):
        resumed(held(), LEAVES, version=3, latest=4, confirmed=(PROVIDER,))


def test_nothing_planned_after_leaving_is_an_exception_too() -> None:
    late = datetime(2025, 6, 18, 9, tzinfo=UTC)
    assert resume(held(), late, confirmed=(PROVIDER,)).exceptions == (
        "No visit is planned after they leave.",
    )


def test_visits_of_another_package_go_on() -> None:
    """The person's wife has her own."""
    hers = visit(JUNE, 18, package="package-2")
    assert hers not in suspended(PACKAGE, [*VISITS, hers], ADMITTED).visits
