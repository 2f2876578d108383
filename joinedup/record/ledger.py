"""Posting to the ledger: the part of a commit that moves money.

Pure rules of a posting are `joinedup.ledger`'s; here they are asked, then the tables decide what
only they know: months that are closed, floors, whose an account is. Reading is in `books`.
"""

from collections.abc import Sequence
from datetime import date

import psycopg

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, NotPermitted, Problem, Refusal, Unprocessable
from joinedup.fhir.profiles.pay_run import is_pay_run, pay_run_id
from joinedup.fhir.profiles.payment import is_payment, payment_id
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.decision import Closing, Tolerance, refuse_decision
from joinedup.ledger.money import in_pounds
from joinedup.ledger.posting import Posting, refuse
from joinedup.ledger.text import Books
from joinedup.record.database import Connection, traced
from joinedup.record.ledger_rows import class_of_account, content_of, person_key, post_arguments
from joinedup.record.prepare import Prepared
from joinedup.record.starts import none_left, only_starts, refuse_unstarted, unauthorised

__all__ = [
    "AGAIN",
    "LEDGER_STATE",
    "keep_books",
    "label_packages",
    "refuse_books",
    "refuse_unposted",
    "refused",
]

LEDGER_STATE = "JU402"
"""What `record.post` raises, with what is wrong as `word|...` (SQL 0080)."""

AGAIN = "This posting was taken back before. Look at what was posted after it."
_POST = b"select record.post(" + b", ".join([b"%s"] * 31) + b")"
_DECIDE = b"select record.decide(" + b", ".join([b"%s"] * 18) + b")"


def refuse_books(permit: Permit, books: Sequence[Books]) -> None:
    """Refuse what no table needs to be asked for: unsound, or approved in somebody else's name.

    A start of care is approved by who approved what it rests on; SQL 0093 looks who that was.
    Raises Unprocessable naming everything wrong with one of them, NotPermitted.
    """
    for said in books:
        if isinstance(said, Posting):
            refuse(said)
            if refuse_unstarted(permit, said):
                continue
        else:
            refuse_decision(said)
        if permit.role is not Role.SYSTEM and said.approved_by != permit.worker:
            raise NotPermitted("Money is approved by whoever is signed in, and in no other name.")
    ids = [said.id for said in books]
    if len(set(ids)) < len(ids):
        raise Unprocessable("Two of these postings have the same id. Each has one of its own.")


def refuse_unposted(permit: Permit, written: Sequence[Prepared], books: Sequence[Books]) -> None:
    """Refuse to call a payment approved but in the commit that posts it (NotPermitted).

    Files of the place's own jobs are taken as they are: what they say was posted elsewhere.
    """
    posted = {payment_id(said.id) for said in books}
    posted |= {pay_run_id(run) for run in _runs_of(books)}
    for each in written:
        if permit.role is Role.SYSTEM or each.stored.type != "Task" or each.stored.deleted:
            continue
        task = each.stored.resource
        is_money = is_payment(task) or is_pay_run(task)
        if is_money and task["status"] == "completed" and task["id"] not in posted:
            raise NotPermitted("A payment is approved where it is posted, and nowhere else.")


def _runs_of(books: Sequence[Books]) -> set[str]:
    sources = (said.source for said in books if isinstance(said, Posting))
    return {s.removeprefix("payrun/") for s in sources if s.startswith("payrun/")}


def keep_books(lent: Connection, permit: Permit, books: Sequence[Books], detail: str) -> None:
    """Post and decide all of it in the open transaction, in which the permit was entered.

    What was posted before with the same content is left as it is. Raises psycopg's errors; what
    they mean is told by `refused`.
    """
    for said in books:
        if not isinstance(said, Posting):
            _decide(lent, permit, said, detail)
    postings = [said for said in books if isinstance(said, Posting)]
    if postings:
        lent.execute(_POST, (*post_arguments(postings), permit.worker, *traced(permit), detail))


def label_packages(lent: Connection, written: Sequence[Prepared]) -> None:
    """Put the money of packages under their labels, in the commit that changes those."""
    for each in written:
        if each.stored.type == "EpisodeOfCare" and each.stored.version > 1:
            lent.execute(
                "select record.label_package(%s, %s::smallint)",
                (each.stored.id, each.derived.label),
            )


def _decide(lent: Connection, permit: Permit, said: Tolerance | Closing, detail: str) -> None:
    account = said.account if isinstance(said, Tolerance) else None
    whose = said.person if isinstance(said, Tolerance) else ""
    lent.execute(
        _DECIDE,
        (
            said.id,
            int(account.kind) if account else None,
            account.name if account else None,
            said.floor if isinstance(said, Tolerance) else None,
            None if isinstance(said, Tolerance) else date(said.month.year, said.month.month, 1),
            person_key(whose),
            class_of_account(account or Account(AccountKind.POT, "")),
            said.words,
            said.prepared_by,
            said.approved_by,
            content_of(said),
            permit.worker,
            *traced(permit),
            f"{detail} sha256:{content_of(said)} {said.id}".strip(),
        ),
    )


def refused(problem: psycopg.DatabaseError, permit: Permit) -> Refusal:
    """Return what an error of the ledger's tables means, for people: sums for who sees them."""
    word, _, rest = str(problem.diag.message_primary).partition("|")
    said = _parts(word, rest)
    match word:
        case "short" if only_starts(permit):
            message = none_left(said[1])
        case "authority":
            message = unauthorised(said[0])
        case "short":
            return _too_little(said)
        case "closed":
            message = f"{said[0]} is closed. Post it in an open month, saying what it is for."
        case "whose":
            message = f"{_account(said)} is somebody else's. Look at whose package it is."
        case "unknown":
            message = f"There is no posting {said[0]} to take back."
        case "differs":
            message = (
                f"This does not take back all of {said[0]}, and only that. Reverse it whole, then "
                "post what is right."
            )
        case "again":
            return Conflict(AGAIN)
        case "taken":
            return Conflict(
                f"{said[0]} was posted before with other content. Nothing was changed: reverse it, "
                "or post this under an id of its own."
            )
        case _:
            message = "What leaves and what comes differ. Nothing was posted."
    return Unprocessable(Problem("business-rule", message, "entries"))


def _parts(word: str, rest: str) -> list[str]:
    """Return what stands between the strokes; a name or an id may have some of its own."""
    if word not in ("short", "whose"):
        return [rest]
    kind, _, name = rest.partition("|")
    return [kind, *name.rsplit("|", 3)] if word == "short" else [kind, name]


def _too_little(said: Sequence[str]) -> Unprocessable:
    holds, floor, moved = map(int, said[2:])
    left, leaving = holds - floor, -moved
    where = _account(said)
    message = (
        f"{where} has {in_pounds(left)} left; {in_pounds(leaving)} would leave it. Promises count "
        "as well as payments (BU-04)."
        if leaving > 0
        else f"{where} is at {in_pounds(holds)}, below the floor of {in_pounds(floor)} asked for."
    )
    return Unprocessable(Problem("business-rule", message, "entries"))


def _account(said: Sequence[str]) -> str:
    text = str(Account(AccountKind(int(said[0])), said[1]))
    return text[:1].upper() + text[1:]
