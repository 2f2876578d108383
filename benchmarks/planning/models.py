"""The two models that every engine is measured on, as in ../shared/bench/planning/params.json."""

from joinedup.planning.network import (
    Exponential,
    Lognormal,
    Network,
    Onward,
    PersonClass,
    Route,
    Service,
    seasonal,
    steady,
)

__all__ = ["PACKAGES", "hospital", "ten_servers"]

PACKAGES = 485
WARM_UP_DAYS, HORIZON_DAYS = 365.0, 2190.0


def ten_servers() -> Network:
    """Model (a): M/M/10 at nine tenths, for 21,000 mean stays of which 1,000 are warm-up."""
    return Network(
        services=(Service("desk", 10),),
        classes=(PersonClass("customer", "desk", steady(9.0)),),
        routes=(Route("customer", "desk", Exponential(1.0)),),
        horizon=21000.0,
        warm_up=1000.0,
    )


def hospital(packages: int = PACKAGES) -> Network:
    """Model (b): 530 beds, some of whose people wait in them for one of the care packages."""
    package = Lognormal(60.0, 50.0)
    return Network(
        services=(Service("beds", 530), Service("packages", packages, order="arrival")),
        classes=(
            PersonClass("emergency", "beds", seasonal(60.0, 0.15, peak=15.0), priority=1),
            PersonClass("elective", "beds", steady(25.0), priority=2),
        ),
        routes=(
            Route("emergency", "beds", Lognormal(6.0, 8.0), (Onward("packages", 0.12),)),
            Route("elective", "beds", Lognormal(3.0, 3.0), (Onward("packages", 0.02),)),
            # One queue for packages: whoever has waited longest is next, whatever brought them.
            Route("emergency", "packages", package),
            Route("elective", "packages", package),
        ),
        horizon=HORIZON_DAYS,
        warm_up=WARM_UP_DAYS,
    )
