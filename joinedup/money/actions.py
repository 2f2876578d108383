"""What is done about pools and grants: written down, given to, promised from.

Nothing here moves money: what would is prepared (`approval`), and moves when another officer
approves it. `token` is made by the page that shows a form, so that a form sent twice counts once.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.issue import (
    Conflict,
    Gone,
    NotFound,
    NotPermitted,
    Problem,
    Stale,
    Unprocessable,
)
from joinedup.fhir.profiles.agreement import (
    GRANT,
    POOL,
    REFUSED,
    Agreement,
    agreed,
    build,
    prepared,
    refused,
)
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.grant import PROXY_WORDS, allocation
from joinedup.ledger.money import Pence, in_pounds
from joinedup.ledger.posting import About, Book, Entry, Posting, of_the_place
from joinedup.ledger.split import split
from joinedup.money.agreement_rules import grant_of
from joinedup.money.approval import prepare, waiting
from joinedup.money.grant_forms import GrantWish
from joinedup.money.moving_forms import GiveWish, PromiseWish
from joinedup.money.packages import Package, package_of
from joinedup.money.pot_rules import (
    agreement_id,
    figures_of,
    part_of_units,
    pot_of,
    refuse_other_year,
)
from joinedup.money.queries import (
    Draft,
    KeptAgreement,
    agreement_of,
    agreements,
    draft_of,
    moved_under,
)
from joinedup.people.alerts.workers import is_one_person
from joinedup.record import Change, Create, Stored, Update

__all__ = [
    "agree_pool",
    "prepare_gift",
    "prepare_promise",
    "refuse_pool_draft",
    "write_grant",
    "write_pool",
]


def write_grant(permit: Permit, wish: GrantWish, *, token: str, now: datetime) -> str:
    """Store a grant and prepare the place's own part of it for approval; return the grant's id.

    Raises Conflict where a grant of this name is there, of this year or another, NotPermitted,
    Unprocessable.
    """
    agreement = wish.agreement
    name = agreement_id(agreement)
    _refuse_second_year(permit, agreement)
    own = allocation(grant_of(agreement))[agreement.host]
    if not own:
        message = f"The part of {agreement.host} comes to nothing: look at its share."
        raise Unprocessable(Problem("business-rule", message, "shares"))
    posting = _gift(
        agreement,
        GiveWish(
            funder=wish.giver,
            pence=own,
            on=wish.on,
            paper=wish.paper,
            words=_words_of(agreement),
        ),
        token,
    )
    try:
        prepare(permit, posting, now=now, changes=[Create(build(agreement, name), name)])
    except Conflict as taken:
        raise _taken(agreement) from taken
    return name


def _words_of(agreement: Agreement) -> str:
    """Say what it is on every page and in every file that it comes to, and by what shares."""
    proxy = f" ({PROXY_WORDS})" if agreement.proxy else ""
    return f"{agreement.name}, our part of the grant for {agreement.year}{proxy}"


def _refuse_second_year(permit: Permit, agreement: Agreement) -> None:
    """A pot has one name: what is left of a grant would be spent in the next one's year (MO-04)."""
    for kept in agreements(permit):
        other = kept.agreement
        if other.name == agreement.name and other.year != agreement.year and other.kind == GRANT:
            message = f"There is a grant of this name for {other.year}. A grant is for one year: "
            message += "give this one a name of its own."
            raise Conflict(Problem("duplicate", message, "name"))


def write_pool(permit: Permit, agreement: Agreement) -> str:
    """Store the agreement of a pool, until another officer agrees to it, and return its id.

    Raises Conflict where a pool of this name and year is there, NotPermitted for other roles. One
    that was refused is written anew.
    """
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("A pool's agreement is written down by finance officers.")
    name = agreement_id(agreement)
    made = prepared(agreement, name, by=permit.worker)
    try:
        refused_before = record.read(permit, "Contract", name)
    except NotFound:
        change: Change = Create(made, name)
    else:
        if refused_before.resource.get("status") != REFUSED:
            raise _taken(agreement)
        change = Update(made, refused_before.version)
    try:
        record.commit(permit, [change], action="agreement")
    except Conflict as taken:
        raise _taken(agreement) from taken
    return name


def agree_pool(permit: Permit, pool_id: str, version: int) -> None:
    """Agree to a pool that another officer wrote down; contributions may come from now on.

    Raises NotPermitted for who wrote it down, in whichever account, Stale where it was answered.
    """
    draft = draft_of(permit, pool_id)
    if is_one_person(draft.prepared_by, permit.worker):
        raise NotPermitted("You wrote this down under your other account. Ask somebody else.")
    _answer_pool(permit, draft, version, agreed(draft.resource), "agreed")


def refuse_pool_draft(permit: Permit, pool_id: str, version: int) -> None:
    """Refuse a pool that was written down, or take it back; it may be written anew."""
    draft = draft_of(permit, pool_id)
    _answer_pool(permit, draft, version, refused(draft.resource), "refused")


def _answer_pool(
    permit: Permit, draft: Draft, version: int, resource: dict[str, Any], action: str
) -> None:
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("A pool's agreement is agreed to by finance officers.")
    if version != draft.version:
        raise Stale("Somebody answered this while you were reading. Look at what stands now.")
    record.commit(permit, [Update(resource, version)], action=action)


def _taken(agreement: Agreement) -> Conflict:
    message = f"There is a grant or pool of this name for {agreement.year}. Look at it on Money."
    return Conflict(Problem("duplicate", message, "name"))


def prepare_gift(
    permit: Permit, kept: KeptAgreement, wish: GiveWish, *, token: str, now: datetime
) -> Stored:
    """Prepare what a funder gave to a pot; it is there once another officer approves it.

    Raises Unprocessable for a day outside the agreement's year (MO-04) and for more of a grant
    than the place's own part of it, and as `approval.prepare`.
    """
    agreement = kept.agreement
    refuse_other_year(agreement, wish.on)
    if agreement.kind == GRANT:
        _refuse_more_than_own(permit, kept, wish.pence, posting_id=_gift_id(agreement, token))
    return prepare(permit, _gift(agreement, wish, token), now=now)


def _refuse_more_than_own(
    permit: Permit, kept: KeptAgreement, more: Pence, *, posting_id: str
) -> None:
    """What waits for approval counts as come: it would be too much once all of it is approved."""
    agreement = kept.agreement
    own = allocation(grant_of(agreement)).get(agreement.host, 0)
    come = figures_of(moved_under(permit, kept)).given
    waits = sum(
        entry.pence
        for one in waiting(permit)
        if isinstance(one.said, Posting)
        and one.said.id != posting_id
        and one.said.id.startswith("given/")  # what was set aside and goes back came before
        for entry in one.said.entries
        if entry.account == kept.pot and entry.book is Book.ACTUAL and entry.pence > 0
    )
    if come + waits + more > own:
        also = f" and {in_pounds(waits)} waits for approval" if waits else ""
        raise Unprocessable(
            Problem(
                "business-rule",
                f"Our part of {agreement.name} is {in_pounds(own)}; {in_pounds(come)} of it has "
                f"come{also}. {in_pounds(more)} more would be too much.",
                "pounds",
            )
        )


def _gift_id(agreement: Agreement, token: str) -> str:
    return f"given/{agreement_id(agreement)}/{token}"


def _gift(agreement: Agreement, wish: GiveWish, token: str) -> Posting:
    pot = pot_of(agreement)
    about = About(funder=wish.funder, pot=pot.name)
    return Posting(
        id=_gift_id(agreement, token),
        on=wish.on,
        words=wish.words,
        source=wish.paper,
        prepared_by="",  # `approval` writes who
        approved_by="",
        entries=(
            Entry(Account(AccountKind.FUNDER, wish.funder), -wish.pence, Book.ACTUAL, about),
            Entry(pot, wish.pence, Book.ACTUAL, about),
        ),
    )


def prepare_promise(
    permit: Permit, kept: KeptAgreement, wish: PromiseWish, *, token: str, now: datetime
) -> Stored:
    """Prepare a promise of a pot's money to a package whose person the permit sees.

    Raises Unprocessable for a package that is not there or of somebody not seen (the same), for
    days outside the package's own or a day outside the agreement's year, and as
    `approval.prepare`.
    """
    refuse_other_year(kept.agreement, wish.on)
    package = _known(permit, wish.package)
    _refuse_days(package, wish)
    about = About(
        person=package.said.person,
        plan=package.paper,
        care=wish.care,
        package=package.said.id,
        provider=wish.provider,
        begins=wish.begins,
        ends=wish.ends,
        unit_cost=wish.price,
        units=wish.units,
        vat=wish.vat,
        label=package.label,
    )
    posting = Posting(
        id=f"promised/{token}",
        on=wish.on,
        words=f"{wish.care}, {wish.units} at {in_pounds(wish.price)}",
        source=package.paper,
        prepared_by="",
        approved_by="",
        entries=tuple(_promised(permit, kept, wish, about)),
    )
    return prepare(permit, posting, now=now)


def _promised(
    permit: Permit, kept: KeptAgreement, wish: PromiseWish, about: About
) -> Iterator[Entry]:
    """Yield what each pot promises and what comes to the package, together the whole (BU-02)."""
    package = Account(AccountKind.PACKAGE, about.package)
    pots = [kept.pot, *(_other_pot(permit, wish, name, kept) for name, _ in wish.others)]
    parts = [1 - sum((part for _, part in wish.others), Fraction(0)), *(p for _, p in wish.others)]
    nets, vats = split(wish.pence - wish.vat, parts), split(wish.vat, parts)
    for pot, part, net, vat in zip(pots, parts, nets, vats, strict=True):
        if not net + vat:
            continue
        units = part_of_units(wish.units, part, price=wish.price, net=net)
        own = replace(about, pot=pot.name, units=units, vat=vat)
        yield Entry(pot, -(net + vat), Book.COMMITTED, of_the_place(own))
        yield Entry(package, net + vat, Book.COMMITTED, own)


def _other_pot(permit: Permit, wish: PromiseWish, name: str, kept: KeptAgreement) -> Account:
    try:
        other = agreement_of(permit, name, GRANT, POOL)
    except NotFound:
        raise Unprocessable(Problem("value", "There is no such pot.", "other_1")) from None
    if other.id == kept.id:
        message = f"{kept.agreement.name} pays the rest already. Choose another pot."
        raise Unprocessable(Problem("business-rule", message, "other_1"))
    refuse_other_year(other.agreement, wish.on)
    return other.pot


def _known(permit: Permit, package_id: str) -> Package:
    try:
        return package_of(permit, package_id)
    except (NotFound, Gone):
        message = "There is no such package of somebody you pay for."
        raise Unprocessable(Problem("business-rule", message, "package")) from None


def _refuse_days(package: Package, wish: PromiseWish) -> None:
    begins, ends = package.said.begins, package.said.ends
    if begins is not None and wish.begins < begins:
        raise Unprocessable(
            Problem("business-rule", f"The package begins on {begins:%d/%m/%Y}.", "begins")
        )
    if ends is not None and wish.ends > ends:
        raise Unprocessable(
            Problem("business-rule", f"The package ended on {ends:%d/%m/%Y}.", "ends")
        )
