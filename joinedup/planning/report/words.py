"""Numbers as a report says them."""

from joinedup.planning.scenarios.answers import Effect

__all__ = ["beds", "pounds", "share", "spread"]


def beds(value: float) -> str:
    """Return a number of beds or people: whole from 10 on, one decimal below."""
    if abs(value) >= 10.0:
        return f"{value:,.0f}"
    said = f"{value:.1f}"
    return "0" if said in ("-0.0", "0.0") else said.removesuffix(".0")


def spread(effect: Effect) -> str:
    """Return an interval in words: `0.5 to 17`."""
    return f"{beds(effect.low)} to {beds(effect.high)}"


def share(value: float) -> str:
    """Return a share as whole per cent."""
    return f"{100.0 * value:.0f}%"


def pounds(value: float) -> str:
    """Return pounds: to the pound below ten thousand, else to three figures."""
    if abs(value) < 10_000:
        return f"£{value:,.0f}"
    if abs(value) < 999_500:
        return f"£{round(value, -3):,.0f}"
    return f"£{value / 1e6:,.3g} million"
