"""Paying providers: a run is prepared by one officer and authorised by another, once.

Authorising answers the run's Task and posts every line in one commit, each line under an id of its
own: a run taken up again after a crash pays nobody twice. The file is made from what was posted.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.fhir.classes import TASK_KIND
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.profiles import pay_run as profile
from joinedup.fhir.profiles.pay_run import PAY_RUN, PreparedRun, pay_run_id
from joinedup.fhir.search.period import LONDON
from joinedup.ledger.account import AccountKind
from joinedup.ledger.money import Pence
from joinedup.ledger.posting import Posting, reversal
from joinedup.money import pay_run_rules as rules
from joinedup.money.approval import every_task, first_of, id_to_prepare, prepare, refuse_payees
from joinedup.money.bill_facts import postings_touching
from joinedup.money.pay_run_rules import PayLine, PayRun
from joinedup.people.alerts.workers import is_one_person
from joinedup.record import Create, Stored, Update, books

__all__ = [
    "KeptRun",
    "authorise_run",
    "due",
    "payment_file_of",
    "posted_of",
    "prepare_return",
    "prepare_run",
    "refuse_run",
    "run_of",
    "runs",
    "withdraw_run",
]

_MOST = 500
_LONGEST_WHY = 1_000
_STALE = "Somebody answered this pay run while you were reading. Look at what stands now."


class KeptRun(Struct, frozen=True, kw_only=True):
    """A run as it was prepared and as it stands; `mine`: somebody else must authorise it."""

    said: PreparedRun
    version: int
    mine: bool

    @property
    def run(self) -> PayRun:
        """The run as the rules have it."""
        by = self.said.answered_by if self.said.answer == "authorised" else ""
        return PayRun(
            id=self.said.run,
            on=self.said.on,
            due_to=self.said.due_to,
            lines=tuple(PayLine(provider, pence) for provider, pence in self.said.lines),
            prepared_by=self.said.prepared_by,
            authorised_by=by,
        )

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.said.answer


def due(permit: Permit, due_to: date) -> dict[str, Pence]:
    """Return what each provider is owed by what was posted up to a day, that day counted in.

    Payments count whenever they were made; a provider in credit is below zero.
    """
    found = {}
    for held in books.held(permit, [AccountKind.PROVIDER]):
        later = sum(
            entry.pence
            for kept in postings_touching(permit, held.account, begins=due_to + timedelta(1))
            if not _is_payment(kept.posting)
            for entry in kept.posting.entries
            if entry.account == held.account
        )
        if pence := held.balance.left - later:
            found[held.account.name] = pence
    return found


def _is_payment(posting: Posting) -> bool:
    return posting.source.startswith("payrun/")


def runs(permit: Permit) -> tuple[KeptRun, ...]:
    """Return the runs that the permit sees, the newest first."""
    found = every_task(permit, [("code", f"{TASK_KIND}|{PAY_RUN}")], detail="pay runs")
    kept = [k for s in found if (k := _kept(s, first_of(permit, s))) is not None]
    return tuple(sorted(kept, key=lambda k: (k.said.prepared_at, k.said.run), reverse=True))


def run_of(permit: Permit, run: str) -> KeptRun:
    """Return one run as it was prepared and as it stands; NotFound for what is none."""
    stored = record.read(permit, "Task", pay_run_id(run))
    first = first_of(permit, stored)
    kept = _kept(stored, first)
    if kept is None:
        raise NotFound(f"There is no pay run {run} that you can see.")
    return replace(kept, mine=first.author == permit.worker)


def _kept(stored: Stored, first: Stored) -> KeptRun | None:
    """Return the answer of the last version with what the first says: that is what was prepared."""
    try:
        stands, prepared = profile.read(stored.resource), profile.read(first.resource)
    except (KeyError, ValueError, TypeError, IndexError):
        return None
    said = replace(
        prepared,
        answer=stands.answer,
        answered_by=stands.answered_by,
        why=stands.why,
        prepared_by=first.author,
    )
    return KeptRun(said=said, version=stored.version, mine=False)


def prepare_run(permit: Permit, due_to: date, *, now: datetime) -> KeptRun:
    """Prepare a run that pays every provider what is owed to a day, for another to authorise.

    Raises NotPermitted (the role), Unprocessable where nothing is owed or a rule breaks, Conflict
    where another run waits: it would pay the same money.
    """
    _refuse_role(permit)
    known = runs(permit)
    for kept in known:
        if kept.is_open:
            words = f"Pay run {kept.said.run} waits already. Authorise it, or take it back, first."
            raise Conflict(words)
    on = now.astimezone(LONDON).date()
    name = _free_name(known, on)
    run = rules.prepare(name, due(permit, due_to), on=on, due_to=due_to, prepared_by=permit.worker)
    refuse_payees(permit, {line.provider for line in run.lines})
    said = PreparedRun(
        run=run.id,
        on=run.on,
        due_to=run.due_to,
        lines=tuple((line.provider, line.pence) for line in run.lines),
        prepared_by=permit.worker,
        prepared_at=now,
    )
    try:
        record.commit(permit, [Create(profile.build(said), said.id)], action="prepared")
    except Conflict as taken:
        raise Conflict("Another officer has just prepared a pay run. Look at that one.") from taken
    return run_of(permit, run.id)


def _free_name(known: Sequence[KeptRun], on: date) -> str:
    taken = {kept.said.run for kept in known}
    names = (f"{on}", *(f"{on}-{number}" for number in range(2, _MOST)))
    return next(name for name in names if name not in taken)


def authorise_run(permit: Permit, run: str, version: int, *, now: datetime) -> KeptRun:
    """Pay every line of a run, in one commit with its answer, in the permit's name.

    The same officer again finds it authorised and changes nothing. Raises NotPermitted for who
    prepared it and who is paid by it, Stale where it was answered since, Unprocessable where a
    provider is owed less by now: nothing is paid then.
    """
    _refuse_role(permit)
    kept = run_of(permit, run)
    if kept.mine:
        raise NotPermitted("Who prepared a pay run cannot authorise it. Ask somebody else.")
    if is_one_person(kept.said.prepared_by, permit.worker):
        raise NotPermitted("You prepared this under your other account. Ask somebody else.")
    if _is_authorised_by(kept, permit):
        return kept
    _refuse_stale(kept, version)
    authorised = rules.authorise(kept.run, permit.worker, works_for=permit.organisation)
    refuse_payees(permit, {line.provider for line in kept.run.lines})
    try:
        _answer(permit, kept, "authorised", now, postings=rules.postings_of(authorised))
    except Stale:  # what the same officer sent before may have been stored a moment ago
        if not _is_authorised_by(run_of(permit, run), permit):
            raise
    return run_of(permit, run)


def _is_authorised_by(kept: KeptRun, permit: Permit) -> bool:
    return kept.said.answer == "authorised" and kept.said.answered_by == permit.worker


def refuse_run(permit: Permit, run: str, version: int, why: str, *, now: datetime) -> KeptRun:
    """Answer a run with a no, for a reason its preparer reads; refuses as `authorise_run`."""
    _refuse_role(permit)
    kept = run_of(permit, run)
    if kept.mine:
        raise NotPermitted("You prepared this. Take it back, or ask somebody else to look at it.")
    _refuse_stale(kept, version)
    if not 0 < len(why.strip()) <= _LONGEST_WHY:
        words = f"Say in 1 to {_LONGEST_WHY:,} letters why, for whoever prepared it."
        raise Invalid(Problem("required", words, "why"))
    _answer(permit, kept, "refused", now, why=why.strip())
    return run_of(permit, run)


def withdraw_run(permit: Permit, run: str, version: int, *, now: datetime) -> KeptRun:
    """Take back a run that the permit itself prepared, unpaid."""
    _refuse_role(permit)
    kept = run_of(permit, run)
    if not kept.mine:
        raise NotPermitted("Somebody else prepared this. Authorise it, or refuse it with a reason.")
    _refuse_stale(kept, version)
    _answer(permit, kept, "withdrawn", now)
    return run_of(permit, run)


def _refuse_role(permit: Permit) -> None:
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not move the place's money.")


def _refuse_stale(kept: KeptRun, version: int) -> None:
    if not kept.is_open or kept.version != version:
        raise Stale(_STALE)


def _answer(
    permit: Permit,
    kept: KeptRun,
    answer: str,
    now: datetime,
    *,
    postings: Sequence[Posting] = (),
    why: str = "",
) -> None:
    task = record.read(permit, "Task", kept.said.id).resource
    changed = profile.answered(task, answer, by=permit.worker, at=now, why=why)
    try:
        record.commit(permit, [Update(changed, kept.version)], postings, action=f"{answer} pay run")
    except Stale as late:
        raise Stale(_STALE) from late


def posted_of(permit: Permit, run: PayRun) -> Mapping[str, Posting]:
    """Return what was posted for a run, by provider."""
    ids = {f"payrun/{run.id}/{line.provider}": line.provider for line in run.lines}
    found: dict[str, Posting] = {}
    names = [*ids]
    for place in range(0, len(names), books.MOST_POSTINGS):
        part = names[place : place + books.MOST_POSTINGS]
        for kept in books.postings(permit, ids=part, count=books.MOST_POSTINGS):
            found[ids[kept.posting.id]] = kept.posting
    return found


def payment_file_of(permit: Permit, run: str) -> bytes:
    """Return the authorised file of a run, the same bytes each time.

    It is made only where the ledger holds every line of it; refuses Conflict for one that nobody
    authorised, NotPermitted for a role that does not keep the books.
    """
    _refuse_role(permit)
    kept = run_of(permit, run)
    posted = posted_of(permit, kept.run)
    said = {posting.approved_by for posting in posted.values()}
    if kept.said.answer != "authorised" or len(said) != 1:
        raise Conflict("There is no file yet: nobody has authorised this pay run.")
    authorised = replace(kept.run, authorised_by=said.pop())
    if {p.id: p for p in posted.values()} != {p.id: p for p in rules.postings_of(authorised)}:
        raise Conflict("What was posted is not what this pay run says. Tell who looks after it.")
    return rules.payment_file(authorised).encode()


def prepare_return(permit: Permit, run: str, provider: str, words: str, *, now: datetime) -> Stored:
    """Prepare that a payment came back from a provider's bank: it is owed again (BU-01).

    Another officer approves it, as any money. Raises Invalid without a reason, NotFound where the
    run paid no such provider, Conflict where it was taken back before.
    """
    _refuse_role(permit)
    if not words.strip():
        raise Invalid(Problem("required", "Say what the bank told.", "words"))
    posted = posted_of(permit, run_of(permit, run).run).get(provider)
    if posted is None:
        raise NotFound(f"Pay run {run} has paid nothing to {provider}.")
    back = reversal(
        posted,
        new_id=id_to_prepare(permit, f"return/{run}/{provider}"),
        on=now.astimezone(LONDON).date(),
        words=f"Payment to {provider} came back: {words.strip()}"[:500],
        prepared_by="",
        approved_by="",
    )
    return prepare(permit, back, now=now)
