"""The statement of each partner of a pool, in pence and as words. Pure (BU-09, MO-06).

What a partner bears is reckoned by `ledger.pool` to the penny; here it is put beside what has come.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.profiles.agreement import Agreement, Part
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.pool import statements
from joinedup.money.agreement_rules import pool_of

__all__ = ["PartnerLine", "PartnerWords", "partner_lines", "partner_table", "sum_of"]


class PartnerLine(Struct, frozen=True, kw_only=True):
    """One partner's year, in pence: agreed, come so far, its part of what was spent.

    `difference` is what it owes on top of what was agreed; below zero it has that much back.
    """

    name: str
    title: str
    agreed: Pence
    given: Pence
    bears: Pence
    difference: Pence

    @property
    def to_come(self) -> Pence:
        """What was agreed and has not come."""
        return self.agreed - self.given


class PartnerWords(Struct, frozen=True, kw_only=True):
    """The same as a page says it."""

    title: str
    agreed: str
    given: str
    to_come: str
    bears: str
    difference: str
    overspend: str = ""
    underspend: str = ""
    minimum: str = ""


def partner_lines(
    agreement: Agreement, given: Mapping[str, Pence], spent: Pence
) -> tuple[PartnerLine, ...]:
    """Return each partner's statement in the order of the agreement; all `bears` are `spent`.

    Raises as `ledger.pool.refuse_pool`.
    """
    titles = {part.name: part.title or part.name for part in agreement.parts}
    return tuple(
        PartnerLine(
            name=one.partner,
            title=titles[one.partner],
            agreed=one.contributed,
            given=given.get(one.partner, 0),
            bears=one.bears,
            difference=one.difference,
        )
        for one in statements(pool_of(agreement), spent)
    )


def sum_of(lines: tuple[PartnerLine, ...]) -> PartnerLine:
    """Return what all partners come to together."""
    return PartnerLine(
        name="",
        title="All partners",
        agreed=sum(line.agreed for line in lines),
        given=sum(line.given for line in lines),
        bears=sum(line.bears for line in lines),
        difference=sum(line.difference for line in lines),
    )


def partner_table(
    agreement: Agreement, given: Mapping[str, Pence], spent: Pence
) -> tuple[PartnerWords, ...]:
    """Return the statements as words, and their sum as the last row."""
    lines = partner_lines(agreement, given, spent)
    parts = {part.name: part for part in agreement.parts}
    return (*(_words(line, parts[line.name]) for line in lines), _words(sum_of(lines), None))


def _words(line: PartnerLine, part: Part | None) -> PartnerWords:
    return PartnerWords(
        title=line.title,
        agreed=in_pounds(line.agreed),
        given=in_pounds(line.given),
        to_come=in_pounds(line.to_come),
        bears=in_pounds(line.bears),
        difference=_difference(line.difference),
        overspend=_share(part.overspend) if part else "",
        underspend=_share(part.underspend) if part else "",
        minimum=in_pounds(part.minimum) if part and part.minimum is not None else "",
    )


def _difference(pence: Pence) -> str:
    if not pence:
        return "nothing"
    return f"{in_pounds(pence)} on top" if pence > 0 else f"{in_pounds(-pence)} back"


def _share(share: Fraction | None) -> str:
    if share is None:
        return ""
    per_cent = share * 100
    return f"{per_cent.numerator}%" if per_cent.denominator == 1 else f"{share}"
