"""Reading agreements and what moved under them, each look under a permit.

Figures are reckoned in `pot_rules`; nothing here adds up money.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotFound, Refusal
from joinedup.fhir.profiles.agreement import (
    GRANT,
    PREPARED,
    REFUSED,
    Agreement,
    Kind,
    kind_of,
    prepared_by,
    read,
)
from joinedup.fhir.search.query import parse_query
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import main_pot
from joinedup.ledger.grant import allocation
from joinedup.ledger.money import Pence
from joinedup.ledger.period import Month, read_year
from joinedup.ledger.pool import refuse_pool
from joinedup.money.agreement_rules import grant_of, pool_of
from joinedup.money.pot_rules import first_and_last, pot_of
from joinedup.record import Stored, books
from joinedup.record.books import Movement

__all__ = [
    "Draft",
    "KeptAgreement",
    "agreement_of",
    "agreements",
    "contributed",
    "draft_of",
    "drafts",
    "moved_under",
    "moved_under_each",
    "months_closed",
]

_MOST = 500


class KeptAgreement(Struct, frozen=True):
    """An agreement as the record holds it."""

    id: str
    agreement: Agreement

    @property
    def pot(self) -> Account:
        """The account of the place's money under it."""
        return pot_of(self.agreement)


class Draft(Struct, frozen=True, kw_only=True):
    """A pool that one officer wrote down and no other has agreed to yet."""

    id: str
    version: int
    agreement: Agreement
    prepared_by: str
    resource: dict[str, Any]


def drafts(permit: Permit) -> tuple[Draft, ...]:
    """Return every pool that waits for a second officer, by name."""
    asked = parse_query("Contract", [("status", PREPARED)], default_count=_MOST)
    found = record.search(permit, asked, detail="pools and grants").entries
    return tuple(
        sorted(
            (_draft(one, kept) for one in found if (kept := _kept(one)) is not None),
            key=lambda draft: draft.agreement.name,
        )
    )


def draft_of(permit: Permit, pool_id: str) -> Draft:
    """Return one pool that waits for a second officer; NotFound for any other."""
    stored = record.read(permit, "Contract", pool_id)
    kept = _kept(stored)
    if kept is None or stored.resource.get("status") != PREPARED:
        raise NotFound(f"No pool {pool_id} waits for a second officer.")
    return _draft(stored, kept)


def _draft(stored: Stored, kept: KeptAgreement) -> Draft:
    return Draft(
        id=stored.id,
        version=stored.version,
        agreement=kept.agreement,
        prepared_by=prepared_by(stored.resource),
        resource=stored.resource,
    )


def agreements(permit: Permit) -> tuple[KeptAgreement, ...]:
    """Return every pool and grant the permit sees, the newest year first, then by name."""
    asked = parse_query("Contract", [("status", "executed")], default_count=_MOST)
    found = record.search(permit, asked, detail="pools and grants").entries
    kept = [one for one in map(_kept, found) if one is not None]
    by_name = sorted(kept, key=lambda one: one.agreement.name)
    return tuple(sorted(by_name, key=lambda one: one.agreement.year, reverse=True))


def agreement_of(permit: Permit, agreement_id: str, *kinds: Kind) -> KeptAgreement:
    """Return one agreement of these kinds; NotFound for none, and for what is none of them."""
    stored = record.read(permit, "Contract", agreement_id)
    found = _kept(stored)
    is_agreed = stored.resource.get("status") not in (PREPARED, REFUSED)
    if found is None or not is_agreed or found.agreement.kind not in kinds:
        raise NotFound(f"There is no {' or '.join(kinds)} {agreement_id} that you can see.")
    return found


def _kept(stored: Stored) -> KeptAgreement | None:
    """Return the agreement a Contract is; None for another, or one no page could show.

    The API takes any Contract; one that breaks the rules of a pool or a grant is none here.
    """
    resource = stored.resource
    if not kind_of(resource):
        return None
    try:
        agreement = read(resource)
        if agreement.kind == GRANT:
            allocation(grant_of(agreement))
        else:
            refuse_pool(pool_of(agreement))
        read_year(agreement.year)
    except (Refusal, KeyError, IndexError, TypeError, ValueError):
        return None
    return KeptAgreement(stored.id, agreement)


def moved_under(permit: Permit, kept: KeptAgreement) -> tuple[Movement, ...]:
    """Return what moved on the pot of an agreement, and on what is set aside from it.

    Of a pool it is in its year, of a grant whenever.

    A grant has a pot of its own, and a bill for its last weeks comes when its year is over.
    """
    moved = books.movements(permit, AccountKind.POT, prefix=kept.pot.name)
    return _own(kept, moved)


def moved_under_each(
    permit: Permit, kept: Iterable[KeptAgreement]
) -> dict[str, tuple[Movement, ...]]:
    """Return the same for several agreements, by id, in one look."""
    moved = books.movements(permit, AccountKind.POT)
    return {one.id: _own(one, moved) for one in kept}


def _own(kept: KeptAgreement, moved: Iterable[Movement]) -> tuple[Movement, ...]:
    pot, year = kept.pot, kept.agreement.year
    own = (m for m in moved if main_pot(m.account) == pot)
    is_grant = kept.agreement.kind == GRANT
    return tuple(m for m in own if is_grant or m.month.financial_year == year)


def contributed(permit: Permit, kept: KeptAgreement) -> dict[str, Pence]:
    """Return what each partner of an agreement has put into its pot in its year, by code."""
    return {part.name: _given_by(permit, part.name, kept) for part in kept.agreement.parts}


def _given_by(permit: Permit, partner: str, kept: KeptAgreement) -> Pence:
    funder = Account(AccountKind.FUNDER, partner)
    begins, ends = first_and_last(kept.agreement.year)
    posted = books.every_posting(permit, account=funder, begins=begins, ends=ends)
    return -sum(
        entry.pence
        for one in posted
        if any(e.account == kept.pot for e in one.posting.entries)
        for entry in one.posting.entries
        if entry.account == funder
    )


def months_closed(permit: Permit) -> tuple[Month, ...]:
    """Return the months to which nothing more is posted, the newest first."""
    return tuple(reversed(books.closed_months(permit)))
