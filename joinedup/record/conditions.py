"""Clauses as SQL conditions on a row of `record.head`.

Every value is a parameter; every piece of text is a constant of this module. Conditions that use an
index are written with leakproof operators only (house.md, law 8). Tables carry the row locks, so a
condition can only be met by rows the permit sees.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from joinedup.fhir.derive import reference_key, system_key
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.search.clause import (
    Chain,
    Clause,
    Dates,
    DateValue,
    Either,
    Ids,
    Missing,
    References,
    Strings,
    Tokens,
    TokenText,
    TokenValue,
    Updated,
)
from joinedup.fhir.search.normal import normalise
from joinedup.fhir.search.parameters import parameter, words_slots
from joinedup.fhir.search.served import HEAD_SUBJECT, HEAD_WHEN
from joinedup.fhir.types import type_number

__all__ = ["Condition", "condition", "conditions", "head_date", "names_few"]

Condition = tuple[str, tuple[Any, ...]]
_LAST_CHARACTER = "\U0010ffff"

_COMPARE: dict[str, tuple[str, str]] = {
    "eq": ("{low} >= %s and {high} <= %s", "low high"),
    "ne": ("not ({low} >= %s and {high} <= %s)", "low high"),
    "gt": ("{high} > %s", "high"),
    "lt": ("{low} < %s", "low"),
    "ge": ("({low} >= %s or {high} > %s)", "low high"),
    "le": ("({low} < %s or {high} <= %s)", "low high"),
    "sa": ("{low} >= %s", "high"),
    "eb": ("{high} <= %s", "low"),
    "ap": ("{high} > %s and {low} < %s", "low high"),
}
"""Comparator -> condition on a row's [low, high), and which ends of the value it is given."""


def conditions(kind: str, clauses: Sequence[Clause], head: str) -> Condition:
    """Return all clauses on one resource type, AND-ed; `head` is the alias of its head row.

    Where one clause names few resources, the others are tested on those one by one: the planner
    cannot know that a code of a thousand people meets one person, and would begin with the code.
    """
    narrow = [c for c in clauses if names_few(kind, c)]
    texts: list[str] = []
    values: list[Any] = []
    for clause in clauses:
        text, parameters = condition(
            kind, clause, head, fenced=bool(narrow) and clause not in narrow
        )
        texts.append(text)
        values.extend(parameters)
    return " and ".join(texts) or "true", tuple(values)


def names_few(kind: str, clause: Clause) -> bool:
    """Whether a clause leads to few resources by an index: of a person, an id, a name."""
    match clause:
        case Ids() | Chain() | References():
            return True
        case Strings(mode=mode):
            return mode != "contains"
        case Tokens(slots=slots, negate=False):
            return any(s in _identifier_slots(kind) for s in slots)
    return False


@cache
def _identifier_slots(kind: str) -> frozenset[int]:
    found = parameter(kind, "identifier")
    return frozenset(found.slots if found else ())


def condition(kind: str, clause: Clause, head: str, *, fenced: bool = False) -> Condition:
    """Return one clause as a condition on the head row `head` of a resource of type `kind`.

    A `fenced` condition is tested row by row and never decides where the search begins.
    """
    match clause:
        case Tokens():
            return _tokens(clause, head, fenced)
        case TokenText():
            return _in(head, *_words(kind, clause), fenced=fenced)
        case Strings():
            return _in(head, *_strings(clause), fenced=fenced)
        case Dates():
            return _dates(kind, clause, head, fenced)
        case References():
            return _references(kind, clause, head)
        case Missing():
            return _missing(kind, clause, head)
        case Ids(values=values):
            return head + ".key = any (%s::bigint[])", ([resource_key(kind, v) for v in values],)
        case Updated(values=values):
            moment = head + ".updated"
            return _any_of(
                _compared(v, moment, "(" + moment + " + '1 us'::interval)") for v in values
            )
        case Chain():
            return _chain(kind, clause, head)
        case Either(alternatives=alternatives):
            return _any_of(
                ("(" + text + ")", values)
                for text, values in (conditions(kind, each, head) for each in alternatives)
            )


def _in(head: str, text: str, values: tuple[Any, ...], *, fenced: bool = False) -> Condition:
    """The resource is among the keys of an index query, which ends with its conditions."""
    if not fenced:
        return head + ".key in (" + text + ")", values
    alias = text.removeprefix("select ").split(".", 1)[0]
    return "exists (" + text + " and " + alias + ".key = " + head + ".key offset 0)", values


def _any_of(found: Any) -> Condition:
    pieces = list(found)
    text = " or ".join(piece for piece, _ in pieces)
    return "(" + (text or "false") + ")", tuple(v for _, values in pieces for v in values)


def _tokens(clause: Tokens, head: str, fenced: bool) -> Condition:
    slot, slots = _slots("t.slot", clause.slots)
    text, values = _any_of(_token(v) for v in clause.values)
    found = slot + " and " + text, (*slots, *values)
    if clause.negate or any(v.code is None for v in clause.values):
        return ("not " if clause.negate else "") + _present("token", head, found[0]), found[1]
    return _in(head, "select t.key from record.token t where " + found[0], found[1], fenced=fenced)


def _token(value: TokenValue) -> Condition:
    if value.code is None:
        return "t.system = %s", (system_key(value.system or ""),)
    if value.system is None:
        return "t.code = %s", (value.code,)
    return "(t.code = %s and t.system = %s)", (value.code, system_key(value.system))


def _words(kind: str, clause: TokenText) -> Condition:
    token_slots = words_slots(kind)
    slot, slots = _slots("t.slot", [token_slots[s] for s in clause.slots])
    text, values = _any_of(
        ("(t.words >= %s and t.words < %s)", (v, v + _LAST_CHARACTER)) for v in clause.values
    )
    return "select t.key from record.token t where " + slot + " and " + text, (*slots, *values)


def _strings(clause: Strings) -> Condition:
    slot, slots = _slots("s.slot", clause.slots)
    text, values = _any_of(_STRING[clause.mode](v) for v in clause.values)
    return "select s.key from record.string s where " + slot + " and " + text, (*slots, *values)


def _slots(column: str, slots: Sequence[int]) -> Condition:
    if len(slots) == 1:
        return column + " = %s", (slots[0],)
    return column + " = any (%s::int[])", (list(slots),)


def _starts(value: str) -> Condition:
    return "(s.value >= %s and s.value < %s)", (value, value + _LAST_CHARACTER)


def _exact(value: str) -> Condition:
    return "(s.value = %s and s.exact = %s)", (normalise(value), hash64(value))


def _contains(value: str) -> Condition:
    return "(pg_catalog.strpos(s.value, %s) > 0)", (value,)


_STRING: dict[str, Callable[[str], Condition]] = {
    "starts": _starts,
    "exact": _exact,
    "contains": _contains,
}


def head_date(kind: str) -> int | None:
    """Return the slot whose dates live in the head row alone, for types with one main date."""
    slots = HEAD_WHEN.get(kind, ())
    return slots[0] if len(slots) == 1 else None


def _dates(kind: str, clause: Dates, head: str, fenced: bool) -> Condition:
    pieces = []
    if (lifted := head_date(kind)) in clause.slots:
        low, high = head + ".when_low", head + ".when_high"
        text, values = _any_of(_compared(v, low, high) for v in clause.values)
        pieces.append(("(" + head + ".when_high > '-infinity' and " + text + ")", values))
    if kept := [s for s in clause.slots if s != lifted]:
        slot, slots = _slots("d.slot", kept)
        text, values = _any_of(_compared(v, "d.low", "d.high") for v in clause.values)
        inner = "select d.key from record.date d where " + slot + " and " + text
        pieces.append(_in(head, inner, (*slots, *values), fenced=fenced))
    return _any_of(pieces)


def _compared(value: DateValue, low: str, high: str) -> Condition:
    text, ends = _COMPARE[value.comparator]
    return (
        "(" + text.format(low=low, high=high) + ")",
        tuple(value.low if end == "low" else value.high for end in ends.split()),
    )


def _references(kind: str, clause: References, head: str) -> Condition:
    subject = HEAD_SUBJECT.get(kind)
    lifted = [v for v in clause.values if v.startswith("Patient/") and subject in clause.slots]
    pieces: list[Condition] = []
    if lifted:
        text, values = _kept(head + ".person", lifted)
        pieces.append(("(" + head + ".about and " + text + ")", values))
    if rest := [v for v in clause.values if v not in lifted]:
        pieces.append(_referring(head, clause.slots, rest))
    if lifted and (slots := [s for s in clause.slots if s != subject]):
        pieces.append(_referring(head, slots, lifted))
    return _any_of(pieces)


def _among(column: str, references: Sequence[str]) -> Condition:
    """The column is the key of one of them; with one alone, an index also gives the order."""
    keys = [reference_key(v) for v in references]
    if len(keys) == 1:
        return column + " = %s", (keys[0],)
    return column + " = any (%s::bigint[])", (keys,)


def _kept(column: str, patients: Sequence[str]) -> Condition:
    """The column is under whom one of these people is kept, whichever of their ids is asked for."""
    keys = tuple(reference_key(v) for v in patients)
    one = "(select record.kept(%s))"  # asked once, not for every row
    if len(keys) == 1:
        return column + " = " + one, keys
    return column + " in (" + ", ".join(one for _ in keys) + ")", keys


def _referring(head: str, slots: Sequence[int], values: Sequence[str]) -> Condition:
    people = [v for v in values if v.startswith("Patient/")]
    pieces = [
        ("r.target = any ((select record.same(%s))::bigint[])", (reference_key(v),)) for v in people
    ]
    if rest := [v for v in values if v not in people]:
        pieces.append(_among("r.target", rest))
    target, keys = _any_of(pieces)
    slot, slot_values = _slots("r.slot", slots)
    inner = "select r.key from record.reference r where " + target + " and " + slot
    return _in(head, inner, (*keys, *slot_values))


def _missing(kind: str, clause: Missing, head: str) -> Condition:
    slots: tuple[Any, ...] = (list(clause.slots),)
    present: list[Condition] = [(_present(clause.kind, head, "t.slot = any (%s::int[])"), slots)]
    if clause.kind == "reference" and HEAD_SUBJECT.get(kind) in clause.slots:
        present.append((head + ".about", ()))
    if clause.kind == "date" and head_date(kind) in clause.slots:
        present.append((head + ".when_high > '-infinity'", ()))
    text, values = _any_of(present)
    return ("not " + text if clause.missing else text), values


def _present(table: str, head: str, condition: str) -> str:
    """A row of the resource itself, found by its key."""
    assert table in ("token", "string", "date", "reference"), table
    return (
        "exists (select from record."
        + table
        + " t where t.key = "
        + head
        + ".key and "
        + condition
        + ")"
    )


def _chain(kind: str, clause: Chain, head: str) -> Condition:
    inner, values = _keys_of(clause.target_type, clause.clauses, head + "c")
    subject = HEAD_SUBJECT.get(kind)
    pieces = []
    if subject in clause.slots and clause.target_type == "Patient":
        found = (
            "select coalesce(j.kept, m.key) from (" + inner + ") m left join record.joined j"
            " on j.person = m.key and j.until is null"
        )
        # As an array it is found once, first, and leads into the index by person.
        led = head + ".person = any (array(" + found + "))"
        pieces.append(("(" + head + ".about and " + led + ")", values))
        rest = tuple(s for s in clause.slots if s != subject)
    else:
        rest = clause.slots
    if rest:
        slot, slot_values = _slots("r.slot", rest)
        text = (
            "select r.key from record.reference r where "
            + slot
            + " and r.target in ("
            + inner
            + ")"
        )
        pieces.append(_in(head, text, (*slot_values, *values)))
    return _any_of(pieces)


def _keys_of(kind: str, clauses: Sequence[Clause], alias: str) -> Condition:
    """Return a query of the keys that fit; a single indexed clause needs no head row.

    Slots belong to one type, so a row in one already says what type its resource has.
    """
    if len(clauses) == 1:
        match clauses[0]:
            case Strings() as strings:
                return _strings(strings)
            case TokenText() as words:
                return _words(kind, words)
    text, found = conditions(kind, clauses, alias)
    return (
        "select "
        + alias
        + ".key from record.head "
        + alias
        + " where "
        + alias
        + ".type = %s and "
        + text,
        (type_number(kind), *found),
    )
