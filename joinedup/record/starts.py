"""What whoever starts urgent care has to know of the money set aside for it: that it stands, and
whose approval it rests on. No sum is told.

The rules are in `ledger.authority`, the tables in SQL 0093.
"""

from datetime import date

from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Ground, Power, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.ledger.account import Account, AccountKind
from joinedup.ledger.authority import Authority, authority_of, is_start, refuse_start
from joinedup.ledger.period import Month
from joinedup.ledger.posting import Posting
from joinedup.record.database import connection, entered

__all__ = ["authorities", "none_left", "only_starts", "refuse_unstarted", "unauthorised"]

_ASK = "Ask a finance officer to set more aside, or to promise it from the pot itself."


def authorities(permit: Permit, on: date) -> tuple[Authority, ...]:
    """Return the authorities from which care may be started on a day, by name, with money left.

    `permit` is `access.permit.starting(...)`; any other sees none. None means that an officer has
    to set money aside, or promise it from the pot itself.
    """
    month = Month.of(on)
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute("select * from record.authorities(%s)", (str(month),)).fetchall()
    found = []
    for name, approver in rows:
        pot = authority_of(Account(AccountKind.POT, str(name)))
        assert pot is not None, "the table holds what authority_of names, and nothing else"
        found.append(Authority(pot=pot[0].name, month=month, approved_by=str(approver)))
    return tuple(found)


def only_starts(permit: Permit) -> bool:
    """Return whether a permit moves money by starting care, and in no other way."""
    writes = permit.changes[Ground.NONE]
    return bool(writes >> DataClass.STARTS & 1) and not writes >> DataClass.FUNDS & 1


def refuse_unstarted(permit: Permit, posting: Posting) -> bool:
    """Return whether a posting is a start, which is approved by its authority and not here.

    Refuses, Unprocessable, one that is no whole start; NotPermitted, one in somebody else's name
    or of a role that starts no care, and anything else by who may only start care.
    """
    if not is_start(posting):
        if only_starts(permit):
            raise NotPermitted("Whoever starts care writes that start, and moves no other money.")
        return False
    refuse_start(posting)
    if permit.role is Role.SYSTEM:
        return True
    if not permit.may(Power.START_CARE):
        raise NotPermitted("Your role does not start paid care. Ask a coordinator or a broker.")
    if posting.prepared_by != permit.worker:
        raise NotPermitted("Care is started in the name of whoever is signed in, and in no other.")
    return True


def none_left(account: str) -> str:
    """Return what whoever starts care is told where too little is set aside: no sum."""
    return f"Too little is left in {account} for this start. {_ASK}"


def unauthorised(account: str) -> str:
    """Return what is told of a start that no authority holds."""
    return f"{account} does not stand for this start: another month, approver or use. {_ASK}"
