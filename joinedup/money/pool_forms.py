"""The form that writes down a section 75 pool: its partners, who bears what, and how it ends."""

from fractions import Fraction

from joinedup.fhir.profiles.agreement import POOL, Agreement, Part
from joinedup.ledger.pool import refuse_pool
from joinedup.money.agreement_rules import pool_of
from joinedup.money.forms import Reading, Typed

__all__ = ["FIELDS", "PARTNERS", "pool_wish"]

PARTNERS = 4
_OF_PARTNER = ("code", "title", "gives", "minimum", "overspend", "underspend")
FIELDS = (
    *("name", "year", "host", "vat_by", "functions", "ends"),
    *(f"{field}_{n}" for n in range(1, PARTNERS + 1) for field in _OF_PARTNER),
)
_MOST_FUNCTIONS = 20


def pool_wish(typed: Typed) -> Agreement:
    """Return the agreement that was typed; Invalid names everything wrong, field by field.

    Raises Unprocessable for an agreement that lacks what each must state (BU-09, MO-06).
    """
    form = Reading(typed)
    name = form.name("name", "Write what the pool is called.")
    year = form.year("year")
    parts = tuple(_part(form, n) for n in range(1, PARTNERS + 1) if _is_used(typed, n))
    if len({part.name for part in parts}) < len(parts):
        form.wrong("code_1", "Two partners have the same code.")
    functions = _functions(form)
    ends = form.text("ends", "Write how the agreement ends, and who has notice of it.")
    host, vat_by = (_partner(form, field) for field in ("host", "vat_by"))
    form.finish()
    made = Agreement(
        kind=POOL,
        name=name,
        year=year,
        parts=parts,
        host=host,
        vat_by=vat_by,
        ends=ends,
        functions=functions,
    )
    refuse_pool(pool_of(made))
    return made


def _is_used(typed: Typed, number: int) -> bool:
    """Whether a partner is named: the first two always are, so that what lacks is told."""
    return number <= 2 or any(typed.of(f"{field}_{number}") for field in _OF_PARTNER)


def _part(form: Reading, number: int) -> Part:
    who = form.typed.of(f"title_{number}") or f"Partner {number}"
    code = form.code(f"code_{number}", f"{who}: write the organisation's code.")
    title = form.name(f"title_{number}", f"Write the name of partner {number}.")
    gives = form.pounds(f"gives_{number}", f"What {who} contributes", least=0)
    said = form.typed.of(f"minimum_{number}")
    minimum = form.pounds(f"minimum_{number}", f"The minimum of {who}", least=0) if said else None
    overspend = form.part(f"overspend_{number}", f"{who}, of an overspend")
    underspend = _underspend(form, number, who, overspend)
    return Part(
        name=code,
        title=title,
        gives=gives,
        minimum=minimum,
        overspend=overspend,
        underspend=underspend,
    )


def _underspend(form: Reading, number: int, who: str, overspend: Fraction) -> Fraction:
    """Return the part of an underspend; left blank it is that of an overspend."""
    field = f"underspend_{number}"
    return form.part(field, f"{who}, of an underspend") if form.typed.of(field) else overspend


def _functions(form: Reading) -> tuple[str, ...]:
    text = form.text(
        "functions", "Write what the pool may be spent on, one function a line.", longest=1_000
    )
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(found) > _MOST_FUNCTIONS:
        form.wrong("functions", f"Write {_MOST_FUNCTIONS} functions at most.")
    return found


def _partner(form: Reading, field: str) -> str:
    """Return the code of the partner whose number was chosen."""
    chosen = form.typed.of(field)
    code = form.typed.of(f"code_{chosen}") if chosen in map(str, range(1, PARTNERS + 1)) else ""
    if not code:
        what = "hosts the pool and keeps its accounts" if field == "host" else "reclaims the VAT"
        form.wrong(field, f"Choose which partner {what}.")
    return code
