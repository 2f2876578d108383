"""Days as people and councils write them: dd/mm/yyyy or yyyy-mm-dd. Pure."""

import re
from datetime import date

__all__ = ["read_day", "write_day"]

_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]00:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")


def read_day(text: str) -> date | None:
    """Return the day, or None if it is no real day; never guesses month before day."""
    plain = text.strip()
    if found := _ISO.fullmatch(plain):
        year, month, day = found.groups()
    elif found := _BRITISH.fullmatch(plain):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def write_day(day: date | None) -> str:
    """Return a day as Client Level Data has it, dd/mm/yyyy; "" for none."""
    return f"{day:%d/%m/%Y}" if day else ""
