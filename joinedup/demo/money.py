"""The money of the place: a pool, a winter grant, what they pay for, and a first week's bills.

Prepared by Colin Hayes and approved by Ruth Abara, through the pages' own actions. The grant is
invented for the winter the place stands in, of the size of the one announced in October 2018; its
shares are the proxy's, Marlbrook standing where the file has the Isles of Scilly: 300 people are
looked after here.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from joinedup.access.permit import system_permit, worker_permit
from joinedup.access.words import Role
from joinedup.demo.bundles import council_events
from joinedup.demo.cast import COUNCIL, HOME_CARE, TODAY, worker
from joinedup.demo.council import event_resource
from joinedup.demo.people import chance_of
from joinedup.demo.shape import Outline
from joinedup.demo.support import HOME_SUPPORT
from joinedup.demo.writing import at
from joinedup.fhir.profiles.agreement import GRANT, POOL, Agreement, Part
from joinedup.fhir.profiles.visit import Visit
from joinedup.fhir.profiles.visit import build as build_visit
from joinedup.ledger.period import Month
from joinedup.ledger.shares import proxy_shares_2018
from joinedup.money.actions import (
    agree_pool,
    prepare_gift,
    prepare_promise,
    write_grant,
    write_pool,
)
from joinedup.money.approval import approve, waiting
from joinedup.money.grant_forms import GrantWish
from joinedup.money.invoice_columns import HEADERS
from joinedup.money.invoices import take_in
from joinedup.money.moving_forms import GiveWish, PromiseWish
from joinedup.money.pay_runs import authorise_run, prepare_run
from joinedup.money.queries import agreement_of
from joinedup.money.starts import AsideWish, prepare_aside
from joinedup.record.change import Create, Source
from joinedup.record.write import commit

__all__ = ["GRANT_ID", "arrange_money"]

_COLIN, _RUTH = worker("colin-hayes"), worker("ruth-abara")
_OFFICER = worker_permit(_COLIN.reference, _COLIN.name, Role.FINANCE_OFFICER, COUNCIL.code)
_SECOND = worker_permit(_RUTH.reference, _RUTH.name, Role.FINANCE_OFFICER, COUNCIL.code)
_PERMIT = system_permit("demo")

_YEAR = "2017-18"
_BOARD = "99X"
"""The code of the NHS commissioner of the place: not one that is given out."""
POOL_AGREEMENT = Agreement(
    kind=POOL,
    name="Better Care Marlbrook",
    year=_YEAR,
    parts=(
        Part(
            name=COUNCIL.code,
            title=COUNCIL.name,
            gives=3_600_000,
            overspend=Fraction(6, 10),
            underspend=Fraction(6, 10),
        ),
        Part(
            name=_BOARD,
            title="NHS Marlbrook CCG",
            gives=2_400_000,
            minimum=2_310_000,
            overspend=Fraction(4, 10),
            underspend=Fraction(4, 10),
        ),
    ),
    host=COUNCIL.code,
    vat_by=COUNCIL.code,
    functions=("Home care", "Reablement", "Equipment"),
    ends="With six months’ notice; what is left goes back as it was given.",
)
_GRANT_NAME = "Winter grant (invented)"
GRANT_ID = "grant-winter-grant-invented-2017-18"
"""Where the tour opens the grant."""
_GRANT_POUNDS = 240_000_000
_GRANT_SOURCE = (
    "proxy, not the adult social care relative needs formula: people aged 65 and over, mid-2017; "
    "Marlbrook is invented, and small: it stands where the Isles of Scilly are"
)
_STOOD_FOR = "906"

_ASIDE = 300_000
_RATE = 1_560
_FIRST, _LAST = date(2018, 1, 1), date(2018, 3, 25)
_WEEKS = 12
_FROM_GRANT = 6
_BILLED = 15
_FAULTY = (2, 5, 8)
"""Which bills of the second week are wrong; in a small place the first ones are."""
_ROUNDS = ((7, 30), (8, 15), (9, 0), (12, 30), (17, 15))


class _Care(Struct, frozen=True):
    """Somebody's home care: its package, how many hours a week, when the visit is."""

    person: Outline
    package: str
    hours: Decimal
    begins: tuple[int, int]

    @property
    def visit(self) -> timedelta:
        """How long each day's visit is."""
        return timedelta(hours=float(self.hours / 7))


def arrange_money(people: Sequence[Outline], seed: int) -> None:
    """Give, promise, visit, bill and pay, as far as a Tuesday in January had come."""
    care = _home_care(people, seed)
    if not care:
        return
    pool = write_pool(_OFFICER, POOL_AGREEMENT)
    agree_pool(_SECOND, pool, 1)
    given = at(date(2017, 4, 3))
    for part in POOL_AGREEMENT.parts:
        wish = GiveWish(
            funder=part.name,
            pence=part.gives or 0,
            on=given.date(),
            paper="Section 75 agreement 2017-18, schedule 2",
            words=f"{part.title}, contribution for 2017-18",
        )
        prepare_gift(_OFFICER, agreement_of(_OFFICER, pool, POOL), wish, token=part.name, now=given)
    grant = write_grant(_OFFICER, _grant(), token="demo", now=at(date(2017, 12, 4)))  # noqa: S106
    _approve_all(at(date(2017, 12, 4), 15))
    for place, each in enumerate(care):
        source = grant if place < _FROM_GRANT else pool
        _promise(source, each, now=at(date(2017, 12, 18), 10))
    _set_aside(grant, now=at(date(2017, 12, 18), 11))
    _approve_all(at(date(2017, 12, 18), 15))
    _visit(care[:_BILLED])
    take_in(_OFFICER, _file(1, care[:_BILLED], _FIRST), now=at(date(2018, 1, 8), 11))
    _approve_all(at(date(2018, 1, 9), 11))
    run = prepare_run(_OFFICER, date(2018, 1, 9), now=at(date(2018, 1, 10), 10))
    authorise_run(_SECOND, run.said.run, run.version, now=at(date(2018, 1, 11), 15))
    wrong = _with_faults(care[:_BILLED])
    take_in(_OFFICER, wrong, now=at(date(2018, 1, 15), 11))


def _home_care(people: Sequence[Outline], seed: int) -> tuple[_Care, ...]:
    """Return who has home care now, those it began for last first: the grant pays for these."""
    found = []
    for person in people:
        for number, event in enumerate(council_events(person, seed), 1):
            said = dict(event.columns)
            is_care = said.get("Service Component") == HOME_SUPPORT[1]
            if is_care and event.end is None and event.start < _FIRST:
                package = event_resource(person, number, event)["id"]
                hours = Decimal(said["Planned units per week"])
                begins = chance_of(seed, person.id, "visits").choice(_ROUNDS)
                found.append((event.start, _Care(person, package, hours, begins)))
    ordered = sorted(found, key=lambda each: (each[0], each[1].package), reverse=True)
    return tuple(care for _, care in ordered)


def _grant() -> GrantWish:
    shares = proxy_shares_2018()
    parts = tuple(
        Part(name=COUNCIL.code, title=COUNCIL.name, share=share)
        if code == _STOOD_FOR
        else Part(name=code, title=shares.names[code], share=share)
        for code, share in shares.parts.items()
    )
    agreement = Agreement(
        kind=GRANT,
        name=_GRANT_NAME,
        year=_YEAR,
        parts=parts,
        total=_GRANT_POUNDS * 100,
        host=COUNCIL.code,
        source=_GRANT_SOURCE,
        proxy=True,
    )
    return GrantWish(
        agreement=agreement,
        giver="Department of Health",
        on=date(2017, 12, 4),
        paper="Letter of 4 December 2017 (invented)",
    )


def _promise(agreement: str, care: _Care, *, now: datetime) -> None:
    wish = PromiseWish(
        package=care.package,
        care="Home care",
        provider=HOME_CARE.code,
        begins=_FIRST,
        ends=_LAST,
        price=_RATE,
        units=care.hours * _WEEKS,
        vat=0,
        on=now.date(),
    )
    kept = agreement_of(_OFFICER, agreement, POOL, GRANT)
    prepare_promise(_OFFICER, kept, wish, token=care.package, now=now)


def _set_aside(agreement: str, *, now: datetime) -> None:
    """Let coordinators and brokers start urgent care at once in January, on part of the grant."""
    wish = AsideWish(
        month=Month(2018, 1),
        pence=_ASIDE,
        paper="Winter meeting of 18 December 2017, minute 4",
        words="reablement and home care that cannot wait",
    )
    kept = agreement_of(_OFFICER, agreement, GRANT)
    prepare_aside(_OFFICER, kept, wish, token="demo", now=now)  # noqa: S106


def _approve_all(now: datetime) -> None:
    for line in waiting(_SECOND):
        approve(_SECOND, line.payment.id, line.version, now=now)


def _visit(care: Sequence[_Care]) -> None:
    """Store two weeks of visits, as the provider's own system told them each night."""
    changes = []
    for each in care:
        for day in range(14):
            start = at(_FIRST + timedelta(days=day), *each.begins)
            if start.date() >= TODAY:
                break
            visit = Visit(
                person=each.person.reference,
                package=each.package,
                provider=HOME_CARE.code,
                start=start,
                end=start + each.visit,
            )
            made = build_visit(visit, f"visit-{each.package}-{start:%Y%m%d}")
            changes.append(Create(made, made["id"], Source(HOME_CARE.code)))
    commit(_PERMIT, changes, dangling="keep", action="import", now=at(TODAY - timedelta(days=1), 4))


def _line(number: int, care: _Care, first: date, *, hours: Decimal, rate: int) -> list[str]:
    last = first + timedelta(days=6)
    pence = int(hours * rate)
    return [
        HOME_CARE.code,
        f"KF-{number:05d}",
        (last + timedelta(days=1)).isoformat(),
        care.package,
        care.person.nhs_number,
        first.isoformat(),
        last.isoformat(),
        str(hours),
        "hour",
        f"{rate / 100:.2f}",
        "0.00",
        f"{pence / 100:.2f}",
    ]


def _file(week: int, care: Sequence[_Care], first: date) -> bytes:
    lines = [
        _line(week * 100 + place, each, first, hours=each.hours, rate=_RATE)
        for place, each in enumerate(care)
    ]
    return _csv(lines)


def _with_faults(care: Sequence[_Care]) -> bytes:
    """The second week's file: a dearer hour, three hours nobody came for, a week billed before."""
    first = _FIRST + timedelta(days=7)
    lines = [
        _line(200 + place, each, first, hours=each.hours, rate=_RATE)
        for place, each in enumerate(care)
    ]
    faults = ((first, 0, 1_660), (first, 3, _RATE), (_FIRST, 0, _RATE))
    places = _FAULTY if len(care) > _FAULTY[-1] else range(len(care))
    for place, (begins, more, rate) in zip(places, faults, strict=False):
        hours = care[place].hours + more
        lines[place] = _line(200 + place, care[place], begins, hours=hours, rate=rate)
    return _csv(lines)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    made = csv.writer(text, lineterminator="\r\n")
    made.writerow(HEADERS)
    made.writerows(lines)
    return text.getvalue().encode()
