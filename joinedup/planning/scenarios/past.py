"""A past winter begins as it was published: beds in use and open in its first week of December.

Winters before 2020 have no admissions by system: rates are those of the first year published, and
beds are the winter's own, as in the back-cast (docs/planning.md).
"""

import msgspec

from joinedup.planning.calibrate.winters import BEDS_WINTERS, Winter, beds_in_use
from joinedup.planning.files.parameters import Known, Parameter
from joinedup.planning.places import Place

__all__ = ["as_published"]

DECEMBER = 11
FOLLOWS = 0.85  # how much of a month's admissions shows in beds of its first week
LEAST_ROOM = 1.02
_SOURCE = "NHS England winter daily sitreps, the week from {}"


def as_published(place: Place) -> Place:
    """Return the place with the beds of the winter it is played in, where they were published."""
    year = place.on.year - (place.on.month < 7)
    winter = f"{year}-{(year + 1) % 100:02d}"
    if winter not in BEDS_WINTERS:
        return place
    told: dict[str, Parameter] = {}
    for code in place.codes:
        found = beds_in_use(code, winter)
        if found is not None:
            prefix = "" if len(place.codes) == 1 else f"{code}_"
            told |= {p.name: p for p in _told(place, prefix, found)}
    parameters = tuple(told.get(p.name, p) for p in place.parameters)
    model = msgspec.structs.replace(place.model, parameters=parameters)
    return msgspec.structs.replace(place, model=model)


def _told(place: Place, prefix: str, winter: Winter) -> tuple[Parameter, ...]:
    """Return the winter's beds as parameters; the year's mean is less than December's."""
    by_month = place.model.parameter(f"{prefix}emergency_by_month").value
    assert isinstance(by_month, tuple)
    mean = winter.origin / (1.0 + FOLLOWS * (by_month[DECEMBER] - 1.0))
    room = max(winter.open, winter.origin * LEAST_ROOM)
    values = {
        "occupied": mean,
        "beds_by_month": (room,) * 12,
        "beds_open": winter.open or winter.origin,
    }
    found = []
    for name, value in values.items():
        before = place.model.parameter(prefix + name)
        spread = before.spread if name == "occupied" else Known()
        found.append(
            msgspec.structs.replace(
                before,
                value=value,
                spread=spread,
                source=_SOURCE.format(winter.monday),
                date=winter.monday.isoformat(),
            )
        )
    return tuple(found)
