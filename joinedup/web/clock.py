"""What time it is for a page: the real time, or the hour at which a place stands still."""

from datetime import UTC, datetime

from django.conf import settings

__all__ = ["now"]


def now() -> datetime:
    """Return the time pages go by; in the invented place it is always the same hour."""
    standing: datetime | None = getattr(settings, "JOINEDUP_NOW", None)
    return standing or datetime.now(UTC)
