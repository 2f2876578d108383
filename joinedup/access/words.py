"""The words of access: roles, purposes, data classes and labels.

Numbers of `DataClass` and `Label` are stored in every row of the record; they are never reused.
"""

from enum import Enum, IntEnum, IntFlag

__all__ = ["DataClass", "Label", "Purpose", "Role", "Scope"]


class Role(Enum):
    """What a worker is signed in as (domain.md 0)."""

    GP = "gp"
    WARD_NURSE = "ward-nurse"
    SOCIAL_WORKER = "social-worker"
    DISCHARGE_COORDINATOR = "discharge-coordinator"
    ANALYST = "analyst"
    SYSTEM = "system"


class Purpose(Enum):
    """Why the record is looked at."""

    DIRECT_CARE = "direct-care"
    ANALYSIS = "analysis"
    SYSTEM = "system"


class Scope(Enum):
    """How far a permit's sight goes: the people its parties reach, or the whole place."""

    REACH = "reach"
    PLACE = "place"


class DataClass(IntEnum):
    """What kind of information a resource holds; decides which roles may see it."""

    SHARED = 1
    DEMOGRAPHIC = 2
    CLINICAL = 3
    SOCIAL_CARE = 4
    FINANCIAL = 5
    ACCESS = 6


class Label(IntFlag):
    """Sensitivity labels, as bits; a permit sees a row when it is allowed every bit set on it."""

    NONE = 0
    RESTRICTED = 1
    VERY_RESTRICTED = 2
    SEXUAL_HEALTH = 4
    THIRD_PARTY = 8
    ADOPTION = 16
    DOMESTIC_ABUSE = 32
