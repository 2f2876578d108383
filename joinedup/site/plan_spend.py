"""What `joinedup plan spend` does: where a pound is best spent, played, kept and printed.

The plan is `planning/allocation`, the options are in `plan_more`. What was played is kept by its
settings, so a run that was stopped goes on; the last answer is what the page draws.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from joinedup import __version__
from joinedup.fhir.issue import Invalid
from joinedup.planning import places
from joinedup.planning.allocation.answer import Checked, Spend, Terms, answer, plan_of
from joinedup.planning.allocation.gains import (
    Gains,
    by_age,
    by_draw,
    play_gains,
    played_together,
)
from joinedup.planning.allocation.kept import keep_answer, kept_or_played, run_name
from joinedup.planning.allocation.needs import Needs, proxy_needs, read_needs
from joinedup.planning.allocation.plan import Limits
from joinedup.planning.allocation.ranks import Ranked, interval_of
from joinedup.planning.allocation.supply import supply_of
from joinedup.planning.allocation.ways import WAYS
from joinedup.planning.allocation.winter import Winter
from joinedup.reference.tables import value
from joinedup.site.progress import Report, shown_progress

__all__ = ["Asked", "tell_spend"]

MOST_BYTES = 1_000_000


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; each is told at its option."""

    place: tuple[str, ...]
    budget: int | None
    begins: date
    ends: date
    needs: Path | None
    least: float
    most: float
    workers: float
    beds: float
    assumed: bool
    draws: int
    seed: int
    out: Path
    as_json: bool
    check: bool


def tell_spend(asked: Asked) -> None:
    """Play, plan, keep and print; refuses what cannot be read or met with Invalid."""
    winter = Winter(asked.begins, asked.ends)
    if winter.days < 1:
        raise Invalid(f"The winter ends {winter.ends}, before it begins: mend one of the two.")
    codes = tuple(dict.fromkeys(places.code_of(p) for p in asked.place)) or tuple(places.names())
    shares = _needs(codes, winter, asked.needs)
    pounds = asked.budget or _share_of_2018(codes, winter)
    terms = Terms(
        pounds, shares, {code: supply_of(code, winter) for code in codes},
        Limits(asked.least, asked.most, asked.workers, asked.beds),
        tuple(w.name for w in WAYS if asked.assumed or not w.assumed),
    )  # fmt: skip
    with shown_progress() as progress:
        gains = _gains(asked, codes, winter, terms, progress)
        checked = _checked(gains, winter, terms, asked.seed, progress) if asked.check else ()
    found = answer(
        gains, winter, terms, seed=asked.seed, checked=checked, inputs=_inputs(asked.needs)
    )
    path = keep_answer(asked.out, found)
    if asked.as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        _print(found, path)


def _needs(codes: Sequence[str], winter: Winter, path: Path | None) -> Needs:
    if path is None:
        return proxy_needs(codes, on=winter.begins)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(f"{path} is longer than 1 MB: give a line a place.")
        return read_needs(path.read_text(encoding="utf-8-sig"), codes, name=path.name)
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{path} cannot be read as text ({problem}): name another file.") from None


def _share_of_2018(codes: Sequence[str], winter: Winter) -> int:
    england = proxy_needs(tuple(places.names()), on=winter.begins)
    pounds = int(value("money/grants", "winter-2018", on=date(2018, 11, 1))["pence"]) / 100
    return round(pounds * sum(england.shares[code] for code in sorted(codes)))


def _gains(
    asked: Asked, codes: Sequence[str], winter: Winter, terms: Terms, progress: Report
) -> list[Gains]:
    """Play what is not kept; a place that was begun and stopped is played from its first draw."""
    found = []
    for done, code in enumerate(codes):
        share = round(terms.needs.shares[code] * terms.budget)
        run = run_name(__version__, winter.begins, winter.ends, share, asked.draws, asked.seed)
        play = partial(
            play_gains, code, winter, share_pounds=float(share), draws=asked.draws,
            seed=asked.seed,
        )  # fmt: skip
        found.append(kept_or_played(asked.out / "played", f"{code}-{run}", play))
        progress("Playing places", done + 1, len(codes))
    return found


def _checked(
    gains: Sequence[Gains], winter: Winter, terms: Terms, seed: int, progress: Report
) -> list[Checked]:
    """Play each place's part of the plan at once, beside what the curves add up to."""
    plan = plan_of(sorted(gains, key=lambda one: one.code), terms)
    found = []
    for done, one in enumerate(gains):
        pounds = {way: plan[one.code, way] for way in terms.ways}
        pairs = played_together(one.code, winter, pounds, draws=one.draws, seed=seed)
        added = sum(float(one.gain(way, p).mean()) for way, p in pounds.items())
        ages = {age: interval_of(freed) for age, freed in by_age(pairs, 1).items()}
        found.append(Checked(one.code, round(added, 4), interval_of(by_draw(pairs, 1)), ages))
        progress("Playing the plan", done + 1, len(gains))
    return found


def _inputs(needs: Path | None) -> dict[str, str]:
    return {"needs": sha256(needs.read_bytes()).hexdigest()} if needs else {}


def _print(found: Spend, path: Path) -> None:
    says = Console()
    says.print(f"{found.budget:,} pounds from {found.begins} to {found.ends}: beds freed a day")
    compared = Table("shared out", "spent", "beds freed", "nine in ten")
    for one in found.compared:
        freed = one.freed
        row = (f"{one.spent:,}", f"{freed.mean:.0f}", f"{freed.low:.0f} to {freed.high:.0f}")
        compared.add_row(one.name, *row)
    says.print(compared)
    for title, order in (
        ("Kinds, a million's", found.kinds),
        ("Places, a million's", found.places),
    ):
        says.print(_ranks(title, order, found.assumed))
    says.print(_lots(found))
    if found.checked:
        played = sum(c.played.mean for c in found.checked)
        added = sum(c.added_up for c in found.checked)
        says.print(
            f"Played at once the plan frees {played:.0f} beds; its parts add up to {added:.0f}."
        )
    says.print(f"Relative needs: {found.needs_source}.", markup=False)
    says.print("The order advises; people decide.")
    says.print(f"Kept as {path}.", markup=False, soft_wrap=True)


def _ranks(title: str, order: Sequence[Ranked], assumed: Sequence[str]) -> Table:
    table = Table("", "beds freed", "nine in ten", "rank", "rank, nine in ten", title=title)
    for one in order:
        name = f"{one.name} (assumed)" if one.name in assumed else one.name
        value = one.value
        table.add_row(
            name, f"{value.mean:.1f}", f"{value.low:.1f} to {value.high:.1f}",
            str(one.rank), f"{one.low} to {one.high}",
        )  # fmt: skip
    return table


def _lots(found: Spend) -> Table:
    table = Table("place", "by need", "in the plan", *found.ways, "beds freed", "nine in ten")
    for lot in found.lots:
        ways = (f"{lot.by_way[way]:,}" for way in found.ways)
        freed = (f"{lot.freed.mean:.1f}", f"{lot.freed.low:.1f} to {lot.freed.high:.1f}")
        table.add_row(lot.name, f"{lot.need_pounds:,}", f"{lot.pounds:,}", *ways, *freed)
    return table
