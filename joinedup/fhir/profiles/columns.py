"""The fifty columns of a Client Level Data return, in order (release 1 headers; cld.md 1).

A column of `identity` says who the person is: it is kept once, on the council's Patient, and never
copied into events, so that a restricted address is hidden in one place.
"""

import re
from typing import Literal

from msgspec import Struct

__all__ = ["BY_HEADER", "COLUMNS", "Column", "Kind", "fold_header", "slug"]

Kind = Literal["text", "date", "list", "number", "council", "nhs-number", "identifier"]


class Column(Struct, frozen=True):
    """One column: its header, what its values are, and whether it says who the person is."""

    header: str
    kind: Kind = "text"
    identity: bool = False

    @property
    def slug(self) -> str:
        """The header as a name in a URL: `event-outcome`."""
        return slug(self.header)


def slug(header: str) -> str:
    """Return a header as a name in a URL."""
    return re.sub(r"[^a-z0-9]+", "-", header.lower()).strip("-")


def fold_header(text: str) -> str:
    """Return a header as it is compared: letters and digits only, case ignored."""
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


COLUMNS: tuple[Column, ...] = (
    Column("LA Code", "council"),
    Column("Reporting Period Start Date", "date"),
    Column("Reporting Period End Date", "date"),
    Column("NHS Number", "nhs-number", identity=True),
    Column("LA Person Unique Identifier", "identifier", identity=True),
    Column("First Name", identity=True),
    Column("Last Name", identity=True),
    Column("GP Practice Name", identity=True),
    Column("GP Practice Code", "identifier", identity=True),
    Column("Gender", "list"),
    Column("Ethnicity", "list"),
    Column("Date of Birth", "date", identity=True),
    Column("Date of Death", "date", identity=True),
    Column("Client Type", "list"),
    Column("Primary Support Reason", "list"),
    Column("Postcode", identity=True),
    Column("Accommodation Status", "list"),
    Column("Employment Status", "list"),
    Column("Has Unpaid Carer", "list"),
    Column("Autism Spectrum Disorder (ASD)", "list"),
    Column("Visual Impairment"),
    Column("Hearing Impairment"),
    Column("Dementia", "list"),
    Column("Client Funding Status", "list"),
    Column("Event Type", "list"),
    Column("Event Reference", "identifier"),
    Column("Event Start Date", "date"),
    Column("Event End Date", "date"),
    Column("Event Description"),
    Column("Event Outcome", "list"),
    Column("Request: Route of Access", "list"),
    Column("Assessment Type", "list"),
    Column("Eligible Needs Identified", "list"),
    Column("Method of Assessment", "list"),
    Column("Total Hrs Caring per week"),
    Column("No. of adults being cared for", "number"),
    Column("Adult 1 Linked Person_ID", "identifier"),
    Column("Adult 2 Linked Person_ID", "identifier"),
    Column("Adult 3 Linked Person_ID", "identifier"),
    Column("Service Type", "list"),
    Column("Service Component", "list"),
    Column("Delivery Mechanism", "list"),
    Column("Provider CQC Location Name"),
    Column("Provider CQC Location ID", "identifier"),
    Column("Review Reason", "list"),
    Column("Review Outcomes Achieved", "list"),
    Column("Method of Review", "list"),
    Column("Unit Cost", "number"),
    Column("Cost Frequency (Unit Type)"),
    Column("Planned units per week", "number"),
)

BY_HEADER: dict[str, Column] = {column.header: column for column in COLUMNS}
