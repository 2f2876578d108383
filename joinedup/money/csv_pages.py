"""The same figures as files: safe to open in a spreadsheet, every line saying what it is of.

A grant by proxy shares says so on every line; small counts are withheld as on the page. Each file
is read under what its reader may take away (`exporting`), which leaves its own trace.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from joinedup.access.permit import exporting
from joinedup.access.words import Power
from joinedup.fhir.profiles.agreement import GRANT, POOL, Agreement
from joinedup.ledger.grant import allocation
from joinedup.ledger.money import Pence
from joinedup.money.agreement_rules import grant_of
from joinedup.money.csv_text import write_table
from joinedup.money.desk import reader
from joinedup.money.partners import partner_lines, sum_of
from joinedup.money.pot_rules import Line, by_care, by_month, figures_of
from joinedup.money.presenters import as_of, care_table, only_one_off, warning_of
from joinedup.money.queries import agreement_of, contributed, moved_under
from joinedup.web.clock import now

__all__ = ["shares_file", "spending_file", "statement_file"]

_ABOUT = ("year", "as of", "note")


@require_safe
def shares_file(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Return who gets which part of a grant, in whole pounds that sum to it exactly."""
    permit = exporting(reader(request))
    kept = agreement_of(permit, grant_id, GRANT)
    agreement = kept.agreement
    pence = allocation(grant_of(agreement))
    rows = [
        (part.name, part.title, str(pence[part.name] // 100), _share(part.share))
        for part in agreement.parts
    ]
    header = ("council", "name", "pounds", "share")
    return _file(kept.id, "shares", agreement, header, rows)


@require_safe
def spending_file(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Return what was given, promised and spent under an agreement, by kind of care and month."""
    permit = reader(request)
    exact = permit.may(Power.KEEP_BOOKS)
    kept = agreement_of(exporting(permit), agreement_id, GRANT, POOL)
    moved = moved_under(exporting(permit), kept)
    lines = by_care(moved)
    counts = [row.packages for row in care_table(lines, exact=exact).rows]
    rows = [_spent("care", line, count) for line, count in zip(lines, counts, strict=True)]
    rows += [_spent("month", line, "") for line in by_month(moved)]
    rows.append(_spent("whole", Line("all", figures_of(moved), 0), ""))
    header = ("by", "what", "given", "promised", "spent", "packages")
    return _file(kept.id, "spending", kept.agreement, header, rows)


@require_safe
def statement_file(request: HttpRequest, pool_id: str) -> HttpResponse:
    """Return each partner's statement of a pool, to the penny, and their sum."""
    permit = exporting(reader(request))
    kept = agreement_of(permit, pool_id, POOL)
    spent = figures_of(moved_under(permit, kept)).spent
    lines = partner_lines(kept.agreement, contributed(permit, kept), spent)
    rows = [
        (
            line.name,
            line.title,
            *map(_pounds, (line.agreed, line.given, line.to_come, line.bears, line.difference)),
        )
        for line in (*lines, sum_of(lines))
    ]
    header = (
        *("partner", "name", "agreed", "given", "to come"),
        *("part of what was spent", "on top (back where below nothing)"),
    )
    return _file(kept.id, "statement", kept.agreement, header, rows)


def _spent(by: str, line: Line, count: str) -> tuple[str, ...]:
    found = line.figures
    return by, line.name, *map(_pounds, (found.given, found.promised, found.spent)), count


def _pounds(pence: Pence) -> str:
    """Return an amount as a spreadsheet reads it: `-1234.50`."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"


def _share(share: Fraction | None) -> str:
    """Return a share as a decimal: a spreadsheet takes 1/3 for a day in March."""
    return "" if share is None else f"{float(share):.10f}"


def _file(
    name: str,
    what: str,
    agreement: Agreement,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
) -> HttpResponse:
    note = ". ".join(filter(None, (warning_of(agreement), only_one_off(agreement))))
    about = (agreement.year, as_of(now()), note)
    text = write_table((*header, *_ABOUT), [(*row, *about) for row in rows])
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{what}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
