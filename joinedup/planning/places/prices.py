"""Prices: what a unit of care costs, each with source, date and spread."""

from datetime import date

from joinedup.planning.files.parameters import Parameter
from joinedup.planning.places.parameters import from_table
from joinedup.reference.tables import rows

__all__ = ["prices"]


def prices(*, on: date) -> dict[str, Parameter]:
    """Return every published price that holds on a day, by name, in pounds of its own date.

    `price_package_home_care_2018` and `price_package_reablement_2018` are the division of the
    day: 240 million pounds over the packages announced. Nothing is carried on to other years'
    prices here.
    """
    names = [r["name"] for r in rows("places/england", on=on) if r["name"].startswith("price_")]
    return {name: from_table(name, on) for name in names}
