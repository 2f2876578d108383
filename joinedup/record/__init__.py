"""The shared record: the only door to PostgreSQL for care and money.

`commit` changes it, `read`, `history`, `search` and `everything` look at it, and each takes a
Permit first. Tables and row locks are in `sql/`; what a resource means is `fhir`'s.
"""

from joinedup.record.change import (
    Change,
    Committed,
    Create,
    Delete,
    MatchAppeared,
    Outcome,
    Page,
    Put,
    Source,
    Stored,
    Update,
)
from joinedup.record.read import everything, history, last_look, read, told, vread
from joinedup.record.search import search
from joinedup.record.sight import withheld
from joinedup.record.write import commit

__all__ = [
    "Change",
    "Committed",
    "Create",
    "Delete",
    "MatchAppeared",
    "Outcome",
    "Page",
    "Put",
    "Source",
    "Stored",
    "Update",
    "commit",
    "everything",
    "history",
    "last_look",
    "read",
    "search",
    "told",
    "vread",
    "withheld",
]
