"""The daily return of going home: built from states, sent by name, amended, counted again.

Counting is `discharge.rules.sitrep`; here it meets the record. What is sent keeps the record's own
time up to which it was counted, so that any day can be counted again as it stood (DI-08).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.discharge.rules.sitrep import KIND, Sitrep, amended, first, reconciliation, sitrep
from joinedup.fhir.issue import Conflict, NotPermitted, Problem, Unprocessable
from joinedup.fhir.profiles.returned import Return, build, differences
from joinedup.measures.sent import sent_on
from joinedup.measures.standing import Stays, lying_on, stays_of
from joinedup.record import Create

__all__ = ["Built", "amend_sitrep", "build_sitrep", "counted_again", "send_sitrep"]

_NOTHING = (
    "Nobody in {hospital} was reviewed for that day. That is not nought people: nothing is known, "
    "so nothing can be sent."
)


class Built(Struct, frozen=True):
    """A day counted from the record as it stood: `people` is whom each stay is of.

    `is_known` is False where nobody's stay was reviewed: the counts then mean nothing, not 0.
    `unreviewed` are stays of which nobody has said whether they still need the bed.
    """

    report: Sitrep
    stood_at: datetime
    is_known: bool
    problems: tuple[Problem, ...]
    unreviewed: tuple[str, ...]
    unreadable: tuple[str, ...]
    people: Mapping[str, str]


def build_sitrep(permit: Permit, hospital: str, day: date, *, stood_at: datetime) -> Built:
    """Return the return of a day as the record had it at a moment of its own time.

    Nothing is stored. Refuses, NotPermitted, whoever reads no returns.
    """
    stays = stays_of(permit, hospital, day, day, at=stood_at)
    lying = lying_on(permit, hospital, day, at=stood_at)
    here = tuple(s for s in stays.on(day) if s.spell not in lying.never_were)
    report = sitrep(here, hospital, day)
    seen = {s.spell for s in here if s.state != "admitted"}
    return Built(
        report=report,
        stood_at=stood_at,
        is_known=bool(seen),
        problems=reconciliation(report, _day_before(stays, day)),
        unreviewed=tuple(sorted(s.id for s in lying.spells if s.id not in seen)),
        unreadable=stays.unreadable,
        people={s.spell: s.person for s in here} | {s.id: s.person for s in lying.spells},
    )


def _day_before(stays: Stays, day: date) -> Sitrep:
    before = day - timedelta(days=1)
    return sitrep(stays.on(before), stays.hospital, before)


def send_sitrep(
    permit: Permit, hospital: str, day: date, *, now: datetime, stood_at: datetime, by: str = ""
) -> Return:
    """Send the first version of a day, in the name of who sends it.

    A job of the system sends it in the name (`by`, `Practitioner/...`) of who answers for it.

    Refuses: NotPermitted, another role or another hospital; Unprocessable, a day that is not over,
    one of which nothing is known, or what does not add up (DI-09); Conflict, one that was sent.
    """
    _refuse_sender(permit, hospital)
    built = build_sitrep(permit, hospital, day, stood_at=stood_at)
    _refuse_unknown(built)
    job = permit.role is Role.SYSTEM
    version = first(built.report, at=now, by=by if job else permit.worker)
    return _stored(permit, replace(version, stood_at=stood_at))


def amend_sitrep(
    permit: Permit, hospital: str, day: date, *, why: str, now: datetime, stood_at: datetime
) -> Return:
    """Send the next version of a day that was sent, counted from the record as it stands.

    Refuses as `send_sitrep`; and Unprocessable: a day that was never sent, after 14 days, without
    a reason, or where nothing differs (DI-08).
    """
    _refuse_sender(permit, hospital)
    versions = sent_on(permit, KIND, hospital, day)
    if not versions:
        raise Unprocessable("That day has not been sent. Send it first.")
    built = build_sitrep(permit, hospital, day, stood_at=stood_at)
    _refuse_unknown(built)
    version = amended(versions[-1], built.report, at=now, by=permit.worker, why=why)
    return _stored(permit, replace(version, stood_at=stood_at))


def counted_again(permit: Permit, sent: Return) -> dict[str, tuple[int, int]] | None:
    """Return what differs when a day is counted as the record stood when it was sent: nothing.

    None for a version that does not say how far it counted. What came in while it was being sent
    would show here, and nowhere else (issue 4, accept 4).
    """
    if sent.stood_at is None:
        return None
    built = build_sitrep(permit, sent.organisation, sent.day, stood_at=sent.stood_at)
    return differences(sent, built.report.counts)


def _refuse_sender(permit: Permit, hospital: str) -> None:
    sends = permit.may(Power.SEND_RETURNS) or permit.role is Role.SYSTEM
    if not sends or permit.organisation != hospital:
        raise NotPermitted("A return is sent by the hospital's coordinators and ward managers.")


def _refuse_unknown(built: Built) -> None:
    if not built.is_known:
        raise Unprocessable(_NOTHING.format(hospital=built.report.organisation))
    if built.problems:
        raise Unprocessable(*built.problems)


def _stored(permit: Permit, version: Return) -> Return:
    try:
        record.commit(permit, [Create(build(version), version.id)], detail="a return is sent")
    except Conflict as problem:
        raise Conflict(
            f"Version {version.version} of this day has been sent already. Look at the page again."
        ) from problem
    return version
