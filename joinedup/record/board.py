"""The board: who lies where and what each waits for, in one statement under the row locks.

Each line joins what the permit sees of a stay, its way home, its person and its bed; everybody on
it is in the audit, as for a search. What the rows hold is `fhir.board_row`.
"""

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.board_row import PersonSaid, PlaceSaid, StaySaid, WaySaid
from joinedup.fhir.classes import DataClass
from joinedup.fhir.issue import TooMuch
from joinedup.fhir.key import resource_key
from joinedup.record.database import connection, entering
from joinedup.record.exchange import under
from joinedup.record.trace import leaving_trace, trace_arguments

__all__ = [
    "MOST_STAYS",
    "Board",
    "Lying",
    "board",
    "board_turn",
    "places",
    "ways_since",
]

MOST_STAYS = 3_000
"""More people than lie in any hospital of England; a place asks hospital by hospital."""


class Lying(Struct, frozen=True, gc=False):
    """One stay. What is None the permit does not see, or there is none of it; `way_withheld` and
    `who_withheld` say that there is something which may be told of and not shown."""

    stay: StaySaid
    way: WaySaid | None
    who: PersonSaid | None
    bed: PlaceSaid | None
    way_withheld: bool = False
    who_withheld: bool = False


class Board(Struct, frozen=True):
    """The lines in no order, and how many people are there whose presence alone may be told."""

    lines: tuple[Lying, ...]
    withheld: int


# A mark stands for a person who may be told of; an objection that is said against everybody, or
# against the reader, stands for what is not shared with them.
_WAY_CLASS = int(DataClass.WORK)
_PAGE = """
with here as materialized (
    select l.key from record.board l where l.kind = 4 and l.place = %s::bigint
), page as materialized (
    select s.key, s.person, s.others, s.said as stay, w.said as way, p.said as who, l.said as bed,
           w.key is null and exists (select from record.mark m where m.key = s.pair)
           or w.key is null and exists (
               select from record.objection o
               where o.person = s.person and ((o.classes >> WAY) & 1) = 1 and o.against = 0
                 and o.starts <= (select record.moment()) and o.ends > (select record.moment()))
           as way_withheld,
           p.key is null and exists (select from record.mark m where m.key = s.person)
           as who_withheld,
           row_number() over () as place
    from record.board s
    left join record.board w on w.key = s.pair and w.kind = 2
    left join record.board p on p.key = s.person and p.kind = 3
    left join record.board l on l.key = s.place and l.kind = 4
    where s.kind = 1 and s.ends = 'infinity' and (%s::bigint is null or s.hospital = %s::bigint)
      and (%s::bigint is null or s.place = any (array(select key from here)))
    limit LIMIT
), named as (
    select u.person, min(g.place * 1000 + u.nth) as place
    from page g, unnest(g.person || g.others) with ordinality u (person, nth)
    where u.person not in (0, -1) group by u.person
), hidden as (
    select count(*) as people from record.board_mark m
    where (%s::bigint is null or m.hospital = %s::bigint)
      and (%s::bigint is null or m.place = any (array(select key from here)))
      and not exists (select from page g where g.key = m.key)
), TRACE
select p.stay, p.way, p.who, p.bed, p.way_withheld, p.who_withheld, null::bigint from page p
union all
select null, null, null, null, null, null, h.people from hidden h
"""
_STATEMENT = (
    _PAGE.replace("WAY", str(_WAY_CLASS), 1).replace("LIMIT", str(MOST_STAYS + 1)).encode()
).replace(b"TRACE", leaving_trace())
_PLACES = (
    b"select l.said from record.board l where l.kind = 4 and l.place = coalesce(%s::bigint, 0)"
    b" and (%s::bigint is null or l.hospital = %s::bigint) order by l.said"
)
_TURN = b"select record.board_turn(%s, %s)"
_WAYS = (
    b"with page as materialized (select w.said, w.ends from record.board w where w.kind = 2"
    b" and w.ends > %s and (%s::bigint is null or w.hospital = %s::bigint)),"
    b" named as (select 0::bigint as person, 0::bigint as place where false), "
    + leaving_trace()
    + b" select p.said from page p"
)

Said = TypeVar("Said", StaySaid, WaySaid, PersonSaid, PlaceSaid)
_STAY, _WAY = msgspec.json.Decoder(StaySaid), msgspec.json.Decoder(WaySaid)
_PERSON, _PLACE = msgspec.json.Decoder(PersonSaid), msgspec.json.Decoder(PlaceSaid)


def board(permit: Permit, *, hospital: str = "", ward: str = "") -> Board:
    """Return who lies in a hospital, or on one of its wards, as far as the permit sees.

    An empty `hospital` is every hospital of the place. Everybody returned is named in the audit.
    Raises TooMuch for more than 3,000 people at once.
    """
    one, where = _organisation(hospital), _ward(ward)
    asked = (where, one, one, where, one, one, where)
    left = trace_arguments(permit, "search", detail=_detail(hospital, ward))
    with connection() as lent:
        rows = under(lent, entering(permit), _STATEMENT, (*asked, *left))
    if len(rows) > MOST_STAYS + 1:
        raise TooMuch("More than 3,000 people lie there. Ask for one hospital or one ward.")
    lines = tuple(_lying(row) for row in rows if row[6] is None)
    return Board(lines, sum(int(row[6]) for row in rows if row[6] is not None))


def _lying(row: tuple[Any, ...]) -> Lying:
    stay, way, who, bed = row[:4]
    return Lying(
        _STAY.decode(stay),
        _WAY.decode(way) if way else None,
        _PERSON.decode(who) if who else None,
        _PLACE.decode(bed) if bed else None,
        row[4],
        row[5],
    )


def _detail(hospital: str, ward: str) -> str:
    return " ".join(f"board {hospital} {ward}".split())


def _organisation(hospital: str) -> int | None:
    return resource_key("Organization", hospital) if hospital else None


def _ward(ward: str) -> int | None:
    return resource_key("Location", ward) if ward else None


def board_turn(permit: Permit, *, hospital: str = "", ward: str = "") -> int:
    """Return a number that is another one once anything on this board has changed.

    It shows nobody, so it is no look: whoever then asks for the board is in the audit for it.
    """
    with connection() as lent:
        asked = (_organisation(hospital), _ward(ward))
        rows = under(lent, entering(permit), _TURN, asked)
    return int(rows[0][0])


def places(permit: Permit, *, hospital: str = "", ward: str = "") -> tuple[PlaceSaid, ...]:
    """Return the beds of a ward or, without one, the wards of a hospital or of all hospitals.

    They name nobody.
    """
    one = _organisation(hospital)
    with connection() as lent:
        rows = under(lent, entering(permit), _PLACES, (_ward(ward), one, one))
    return tuple(_PLACE.decode(said) for (said,) in rows)


def ways_since(permit: Permit, since: datetime, *, hospital: str = "") -> tuple[WaySaid, ...]:
    """Return how everybody stood who was in hospital after a moment: for counts, naming nobody.

    As far as the permit sees: a hospital sees those who left for four weeks more.
    """
    one = _organisation(hospital)
    left = trace_arguments(permit, "search", detail=_detail(hospital, "counts"))
    with connection() as lent:
        rows = under(lent, entering(permit), _WAYS, (since, one, one, *left))
    return tuple(_WAY.decode(said) for (said,) in rows)
