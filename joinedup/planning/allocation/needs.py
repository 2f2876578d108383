"""Relative needs: the shares that money is given out by without a model, read from a file.

The shares of the adult social care relative needs formula are no public table here. Where no file
is given, people of 65 and over stand for need, and everything that uses them says so.
"""

import csv
import io
import math
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from joinedup.fhir.issue import Invalid, NotFound, Problem
from joinedup.planning.places import code_of, name_of
from joinedup.planning.scenarios.supply import share_of_england

__all__ = ["Needs", "proxy_needs", "read_needs"]

PROXY = (
    "a stand-in: each system's part of England's people of 65 and over (ONS), not the relative "
    "needs formula, which also knows deprivation, disability and living alone"
)
MOST_LINES = 1_000
MOST_TOLD = 20
NEAR = 0.001


class Needs(Struct, frozen=True):
    """Shares by system code that add up to 1 over the places asked for, and where they are from."""

    shares: dict[str, float]
    source: str
    proxy: bool


def proxy_needs(codes: Sequence[str], *, on: date) -> Needs:
    """Return the stand-in for these systems."""
    aged = {code: share_of_england(code, on=on) for code in codes}
    return Needs(_of_one(aged), PROXY, proxy=True)


def read_needs(text: str, codes: Sequence[str], *, name: str) -> Needs:
    """Return the shares of a CSV with `place` (a name or code) and `share`, of these systems.

    Others in the file are left out, and the rest carried to a sum of 1. Refuses with Invalid, each
    with file, line and remedy: no such place, one given twice, a share that is none, shares of all
    that pass 1, a place without one.
    """
    lines = csv.DictReader(io.StringIO(text))
    if set(lines.fieldnames or ()) != {"place", "share"}:
        message = f"{name}, line 1: give the columns place, share"
        raise Invalid(Problem("structure", message, name))
    found: dict[str, float] = {}
    wrong: list[Problem] = []
    for line in lines:
        if lines.line_num > MOST_LINES or len(wrong) >= MOST_TOLD:
            wrong.append(Problem("too-long", f"{name}: no more was read: mend these first", name))
            break
        try:
            code, share = _read(line["place"] or "", line["share"] or "")
            if code in found:
                raise ValueError(f"{name_of(code)} is given twice: leave one out")
            found[code] = share
        except ValueError as problem:
            wrong.append(Problem("value", f"{name}, line {lines.line_num}: {problem}", name))
    missing = [name_of(code) for code in codes if code not in found]
    if missing and not wrong:
        message = f"{name}: no share is given for {', '.join(missing)}: add a line for each"
        wrong.append(Problem("required", message, name))
    if not wrong and not 0.0 < math.fsum(found.values()) <= 1.0 + NEAR:
        message = f"{name}: the shares add up to {math.fsum(found.values()):.4f}: give parts of 1"
        wrong.append(Problem("value", message, name))
    if wrong:
        raise Invalid(*wrong)
    return Needs(_of_one({code: found[code] for code in codes}), name, proxy=False)


def _read(place: str, text: str) -> tuple[str, float]:
    try:
        code = code_of(place)
    except NotFound:
        raise ValueError(
            f"there is no place {place!r}: `joinedup plan places` lists them"
        ) from None
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share {text!r} is none: give a part of 1, such as 0.0123")
    return code, share


def _of_one(shares: dict[str, float]) -> dict[str, float]:
    # Added in order of codes, so that the order of places changes no last digit.
    whole = math.fsum(shares[code] for code in sorted(shares))
    return {code: share / whole for code, share in shares.items()}
