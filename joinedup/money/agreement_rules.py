"""An agreement of the record as the ledger's pool or grant, and back, exactly. Pure."""

from fractions import Fraction

from joinedup.fhir.issue import Invalid
from joinedup.fhir.profiles.agreement import GRANT, POOL, Agreement, Part
from joinedup.ledger.grant import Grant
from joinedup.ledger.period import read_year
from joinedup.ledger.pool import Pool

__all__ = ["agreement_of_grant", "agreement_of_pool", "grant_of", "pool_of"]

_NOTHING = Fraction(0)


def agreement_of_pool(pool: Pool) -> Agreement:
    """Return a pool as the agreement that is kept; `ledger.pool.refuse_pool` judges it."""
    names = [*pool.contributions, *pool.minimums, *pool.overspend, *pool.underspend]
    return Agreement(
        kind=POOL,
        name=pool.name,
        year=read_year(pool.year),
        parts=tuple(
            Part(
                name=name,
                gives=pool.contributions.get(name),
                minimum=pool.minimums.get(name),
                overspend=pool.overspend.get(name),
                underspend=pool.underspend.get(name),
            )
            for name in dict.fromkeys(names)
        ),
        host=pool.host,
        vat_by=pool.vat_by,
        ends=pool.ends,
        functions=pool.functions,
    )


def pool_of(agreement: Agreement) -> Pool:
    """Return the pool an agreement is; Invalid for one that is a grant."""
    if agreement.kind != POOL:
        raise Invalid(f"{agreement.name} is not a pool.")
    parts = agreement.parts
    return Pool(
        name=agreement.name,
        host=agreement.host,
        year=agreement.year,
        contributions={p.name: p.gives for p in parts if p.gives is not None},
        overspend={p.name: p.overspend for p in parts if p.overspend is not None},
        underspend={p.name: p.underspend for p in parts if p.underspend is not None},
        functions=agreement.functions,
        vat_by=agreement.vat_by,
        ends=agreement.ends,
        minimums={p.name: p.minimum for p in parts if p.minimum is not None},
    )


def agreement_of_grant(grant: Grant) -> Agreement:
    """Return a grant as the agreement that is kept, with the shares it is given by."""
    return Agreement(
        kind=GRANT,
        name=grant.name,
        year=read_year(grant.year),
        parts=tuple(Part(name=name, share=share) for name, share in grant.shares.items()),
        total=grant.total,
        source=grant.shares_source,
        proxy=grant.shares_are_proxy,
    )


def grant_of(agreement: Agreement) -> Grant:
    """Return the grant an agreement is; Invalid for one that is a pool."""
    if agreement.kind != GRANT:
        raise Invalid(f"{agreement.name} is not a grant.")
    return Grant(
        name=agreement.name,
        year=agreement.year,
        total=agreement.total,
        shares={p.name: _NOTHING if p.share is None else p.share for p in agreement.parts},
        shares_source=agreement.source,
        shares_are_proxy=agreement.proxy,
    )
