"""What moves money is prepared by one officer and approved by another (BU-05).

What was prepared waits as a Task that carries it; approving posts it in the same commit, so that
nothing is ever approved and not posted, or posted twice. What was prepared cannot be changed while
it waits: it is withdrawn, or refused with a reason, and prepared anew.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    Problem,
    Stale,
    Unprocessable,
)
from joinedup.fhir.profiles import payment as profile
from joinedup.fhir.profiles.agreement import GRANT, with_gift
from joinedup.fhir.profiles.payment import Payment
from joinedup.fhir.search.query import parse_query
from joinedup.ledger.decision import Closing, Tolerance, refuse_decision
from joinedup.ledger.grant import allocation
from joinedup.ledger.money import in_pounds
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Posting, refuse
from joinedup.ledger.text import Books, read_books, write_books
from joinedup.money.agreement_rules import grant_of
from joinedup.money.bill_answers import changes_of_answer
from joinedup.money.pot_rules import figures_of
from joinedup.money.queries import agreement_of, moved_under
from joinedup.people.alerts.workers import employers_of, is_one_person, kin_of_worker
from joinedup.record import Change, Create, Stored, Update, books

__all__ = [
    "LONGEST_REASON",
    "Waiting",
    "approve",
    "every_task",
    "first_of",
    "id_to_prepare",
    "payment_of",
    "payment_of_books",
    "prepare",
    "refuse_payees",
    "refuse_payment",
    "waiting",
    "withdraw",
]

LONGEST_REASON = 1_000
_MOST = 500
_MOST_ATTEMPTS = 50
_SOMEBODY_ELSE = "somebody else"
_STALE = "Somebody answered this while you were reading. Look at what stands now."


class Waiting(Struct, frozen=True, kw_only=True):
    """What waits, or waited: its Task and version, and what would be posted.

    `mine`: the permit prepared it, so somebody else must approve it.
    """

    payment: Payment
    version: int
    said: Books
    mine: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.payment.answer


def prepare(
    permit: Permit, said: Books, *, now: datetime, words: str = "", changes: Sequence[Change] = ()
) -> Stored:
    """Store what is to be posted, with `changes` that belong to it, until somebody else approves.

    It is prepared in the permit's name whatever it says. The same again returns what waits. Raises
    NotPermitted (the role; one's own family), Unprocessable for what is not sound or is of a closed
    month, Conflict where the same id was prepared with other content.
    """
    change = payment_of_books(
        permit, said, now=now, words=words, closed=books.closed_months(permit)
    )
    if (before := _before(permit, profile.read(change.resource))) is not None:
        return before
    return record.commit(permit, [change, *changes], action="prepared").stored[0]


def payment_of_books(
    permit: Permit,
    said: Books,
    *,
    now: datetime,
    closed: Sequence[Month],
    words: str = "",
    security: Sequence[Mapping[str, Any]] = (),
    people: Sequence[str] = (),
) -> Create:
    """Return the change that prepares one, for who prepares many in one commit.

    `security` are the labels of what it pays for, `people` references to whom it is for beside
    those its entries name: a charge on top leaves a pot, and no entry says for whom. Refuses as
    `prepare`, but not a taken id.
    """
    said = replace(said, prepared_by=permit.worker, approved_by=_SOMEBODY_ELSE)
    whose = tuple(dict.fromkeys((*_people(said), *people)))
    _refuse_others(permit, whose)
    _refuse_payee(permit, said)
    if isinstance(said, Posting):
        refuse(said, closed)
    else:
        refuse_decision(said)
    made = replace(_payment(replace(said, approved_by=""), words, now), people=whose)
    labels = {"meta": {"security": [dict(label) for label in security]}} if security else {}
    return Create({**profile.build(made), **labels}, made.id)


def id_to_prepare(permit: Permit, posting: str) -> str:
    """Return the id under which something may be prepared: `posting`, or `posting/2` after a no.

    What was refused or taken back keeps its id for good; what waits under one stays under it.
    Raises Conflict where it was approved before.
    """
    for attempt in range(1, _MOST_ATTEMPTS):
        asked = posting if attempt == 1 else f"{posting}/{attempt}"
        try:
            answer = payment_of(permit, profile.payment_id(asked)).payment.answer
        except NotFound:
            return asked
        if answer == "approved":
            raise Conflict("This was approved before. Look at what was answered.")
        if not answer:
            return asked
    raise Conflict("This was refused too often to be asked again.")


def _payment(said: Books, words: str, now: datetime) -> Payment:
    return Payment(
        posting=said.id,
        words=words or said.words,
        books=write_books(said),
        people=_people(said),
        prepared_by=said.prepared_by,
        prepared_at=now,
    )


def _before(permit: Permit, made: Payment) -> Stored | None:
    try:
        stored = record.read(permit, "Task", made.id)
    except NotFound:
        return None
    if profile.read(stored.resource).books != made.books:
        raise Conflict(
            "Something else was prepared under this id. Look at what waits for approval."
        )
    return stored


def _people(said: Books) -> tuple[str, ...]:
    if isinstance(said, Closing):
        return ()
    if isinstance(said, Tolerance):
        return (said.person,) if said.person else ()
    return tuple(dict.fromkeys(e.about.person for e in said.entries if e.about.person))


def _refuse_payee(permit: Permit, said: Books) -> None:
    """Whoever works for who is paid, in any post or account of theirs, is paid too (BU-05)."""
    if isinstance(said, Posting) and said.paid_to:
        refuse_payees(permit, {said.paid_to.removeprefix("Organization/")})


def refuse_payees(permit: Permit, paid: Collection[str]) -> None:
    """Refuse, NotPermitted, money that comes to an organisation one works for, by whichever post.

    `paid` are codes of organisations.
    """
    if {permit.organisation, *employers_of(permit.worker)} & set(paid):
        raise NotPermitted("Nobody prepares or approves money that comes to them.")


def _refuse_others(permit: Permit, people: Sequence[str]) -> None:
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not move the place's money.")
    ids = [person.removeprefix("Patient/") for person in people]
    if ids and (near := kin_of_worker(permit.worker, ids)):
        raise NotPermitted(f"{near} Somebody else must deal with this money.")


def waiting(permit: Permit) -> tuple[Waiting, ...]:
    """Return what waits for approval and the permit sees, the oldest first."""
    asked = [("code", f"{TASK_KIND}|{profile.PAYMENT}"), ("status", "requested")]
    found = every_task(permit, asked, detail="money that waits")
    pairs = [(stored, first_of(permit, stored)) for stored in found]
    said = [_waiting(permit, *pair) for pair in pairs if all(map(_is_sound, pair))]
    return tuple(sorted(said, key=lambda w: (w.payment.prepared_at, w.payment.id)))


def every_task(
    permit: Permit, asked: Sequence[tuple[str, str]], *, detail: str
) -> tuple[Stored, ...]:
    """Return every Task asked for that the permit sees, however many: sums of them are whole."""
    found: list[Stored] = []
    cursor: str | None = ""
    while cursor is not None:
        more = [("_cursor", cursor)] if cursor else []
        page = record.search(
            permit, parse_query("Task", [*asked, *more], default_count=_MOST), detail=detail
        )
        found += page.entries
        cursor = page.next_cursor or None
    return tuple(found)


def first_of(permit: Permit, stored: Stored) -> Stored:
    """Return the version in which a Task was prepared: what it says and who wrote it count."""
    return record.vread(permit, stored.type, stored.id, 1) if stored.version > 1 else stored


def _is_sound(stored: Stored) -> bool:
    """Whether a Task says what the pages can show: a program may have written anything."""
    try:
        read_books(profile.read(stored.resource).books)
    except (Invalid, KeyError, ValueError):
        return False
    return True


def payment_of(permit: Permit, task_id: str) -> Waiting:
    """Return one payment as it was prepared and as it stands; NotFound for what is none."""
    stored = record.read(permit, "Task", task_id)
    first = first_of(permit, stored)
    if not _is_sound(stored) or not _is_sound(first):
        raise NotFound(f"There is no Task/{task_id} that you can see.")
    return _waiting(permit, stored, first)


def _waiting(permit: Permit, stored: Stored, first: Stored) -> Waiting:
    """Return the answer of the last version with what the first says: that is what was prepared."""
    stands, prepared = profile.read(stored.resource), profile.read(first.resource)
    whole = replace(
        prepared,
        answer=stands.answer,
        answered_by=stands.answered_by,
        why=stands.why,
        prepared_by=first.author,
    )
    said = replace(read_books(prepared.books), prepared_by=first.author)
    return Waiting(
        payment=whole,
        version=stored.version,
        said=said,
        mine=first.author == permit.worker,
    )


def approve(permit: Permit, task_id: str, version: int, *, now: datetime) -> Stored:
    """Post what was prepared, in the permit's name as who approved it, and close its Task.

    A bill becomes accepted in the same commit, and holds its days from then on.
    Raises NotPermitted for who prepared it, in whichever account, for the role, for who is paid by
    it and for one's own family, Stale where it
    was answered since, Unprocessable where it is not sound or an account has too little: it waits
    on then.
    """
    found = _open(permit, task_id, version)
    if found.mine:
        raise NotPermitted("Who prepared a payment cannot approve it. Ask somebody else.")
    if is_one_person(found.said.prepared_by, permit.worker):
        raise NotPermitted("You prepared this under your other account. Ask somebody else.")
    _refuse_payee(permit, found.said)
    said = replace(found.said, approved_by=permit.worker)
    more = _one_gift_at_a_time(permit, found.said)
    return _answer(permit, found, "approved", now, said=said, more=more)


def _one_gift_at_a_time(permit: Permit, said: Books) -> tuple[Change, ...]:
    """Refuse more than our part of a grant, and return the change that lets one gift in at a time.

    Two at once are each within our part, and not together: both write the agreement's next
    version, which was read before the figures, and the record takes the first.
    """
    kind, _, rest = said.id.partition("/")
    if kind != "given" or not isinstance(said, Posting):
        return ()
    name = rest.rpartition("/")[0]
    try:
        stored = record.read(permit, "Contract", name)
        kept = agreement_of(permit, name, GRANT)
    except NotFound:
        return ()  # what a pool's partner gives is what it gives
    own = allocation(grant_of(kept.agreement)).get(kept.agreement.host, 0)
    more = sum(e.pence for e in said.entries if e.account == kept.pot)
    if figures_of(moved_under(permit, kept)).given + more > own:
        message = f"Our part of {kept.agreement.name} is {in_pounds(own)}: this would be more."
        raise Unprocessable(Problem("business-rule", message, "pounds"))
    return (Update(with_gift(stored.resource, said.id), stored.version),)


def refuse_payment(
    permit: Permit, task_id: str, version: int, why: str, *, now: datetime
) -> Stored:
    """Close a payment unposted, for a reason its preparer reads.

    Raises Invalid without a reason, and as `approve`.
    """
    found = _open(permit, task_id, version)
    if found.mine:
        raise NotPermitted("You prepared this. Withdraw it, or ask somebody else to look at it.")
    if not 0 < len(why.strip()) <= LONGEST_REASON:
        message = f"Say in 1 to {LONGEST_REASON:,} letters why, for whoever prepared it."
        raise Invalid(Problem("required", message, "why"))
    return _answer(permit, found, "refused", now, why=why.strip())


def withdraw(permit: Permit, task_id: str, version: int, *, now: datetime) -> Stored:
    """Take back what the permit itself prepared, unposted; refuses as `approve`."""
    found = _open(permit, task_id, version)
    if not found.mine:
        raise NotPermitted("Somebody else prepared this. Approve it, or refuse it with a reason.")
    return _answer(permit, found, "withdrawn", now)


def _open(permit: Permit, task_id: str, version: int) -> Waiting:
    found = payment_of(permit, task_id)
    _refuse_others(permit, [*_people(found.said), *found.payment.people])
    if not found.is_open or found.version != version:
        raise Stale(_STALE)
    return found


def _answer(
    permit: Permit,
    found: Waiting,
    answer: str,
    now: datetime,
    *,
    said: Books | None = None,
    why: str = "",
    more: Sequence[Change] = (),
) -> Stored:
    task: dict[str, Any] = record.read(permit, "Task", found.payment.id).resource
    changed = profile.answered(task, answer, by=permit.worker, at=now, why=why)
    follows = changes_of_answer(permit, found.said, answer, why=why, now=now)
    changes = [Update(changed, found.version), *follows, *more]
    try:
        return record.commit(permit, changes, [said] if said else [], action=answer).stored[0]
    except Stale as late:
        raise Stale(_STALE) from late
