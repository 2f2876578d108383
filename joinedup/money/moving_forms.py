"""The forms that move money: what a funder gave, and what is promised to a package."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from msgspec import Struct

from joinedup.fhir.profiles.agreement import POOL, Agreement
from joinedup.ledger.money import Pence
from joinedup.money.forms import Reading, Typed

__all__ = [
    "GIVE_FIELDS",
    "OTHERS",
    "PROMISE_FIELDS",
    "GiveWish",
    "PromiseWish",
    "give_wish",
    "promise_wish",
]

GIVE_FIELDS = ("funder", "pounds", "on", "paper", "words")
OTHERS = (1, 2)
"""How many other pots one promise may be shared with on the form."""
PROMISE_FIELDS = (
    *("package", "care", "provider", "begins", "ends", "price", "units", "vat", "on"),
    *(f"{what}_{number}" for number in OTHERS for what in ("other", "part")),
)


class GiveWish(Struct, frozen=True, kw_only=True):
    """What somebody gave: how much, on what day, by what paper, and what for."""

    funder: str
    pence: Pence
    on: date
    paper: str
    words: str


class PromiseWish(Struct, frozen=True, kw_only=True):
    """What is promised to a package: so many units at a price for some days, both counted in.

    `others` are the ids of other agreements and the part of it that each pays; the rest is the
    pot's that the form is of.
    """

    package: str
    care: str
    provider: str
    begins: date
    ends: date
    price: Pence
    units: Decimal
    vat: Pence
    on: date
    others: tuple[tuple[str, Fraction], ...] = ()

    @property
    def pence(self) -> Pence:
        """The whole promise, to the nearest penny."""
        whole = self.price * self.units + self.vat
        return int(whole.quantize(Decimal(1), ROUND_HALF_UP))


def give_wish(typed: Typed, agreement: Agreement) -> GiveWish:
    """Return what was given, as typed; Invalid names everything wrong, field by field."""
    form = Reading(typed)
    if agreement.kind == POOL:
        funder = typed.of("funder")
        if funder not in {part.name for part in agreement.parts}:
            form.wrong("funder", "Choose which partner gave it.")
    else:
        funder = form.name("funder", "Write who gives the grant.")
    pence = form.pounds("pounds", "The amount")
    on = form.day("on", "When did it come?")
    paper = form.text("paper", "Name the paper it rests on.", longest=200)
    words = form.text("words", "Write what the money is for.")
    form.finish()
    return GiveWish(funder=funder, pence=pence, on=on, paper=paper, words=words)


def promise_wish(typed: Typed) -> PromiseWish:
    """Return what was promised, as typed; Invalid names everything wrong, field by field."""
    form = Reading(typed)
    package = form.text("package", "Choose the package that the promise is for.", longest=64)
    care = " ".join(form.text("care", "Write what kind of care it is.", longest=100).split())
    provider = form.provider("provider", "Write the provider's code, as on its invoices.")
    begins = form.day("begins", "What is the first day paid for?")
    ends = form.day("ends", "What is the last day paid for?")
    if date.min < ends < begins:
        form.wrong("ends", "The last day paid for is before the first.")
    price = form.pounds("price", "The price of a unit")
    units = form.units("units")
    vat = form.pounds("vat", "The VAT", least=0) if typed.of("vat") else 0
    on = form.day("on", "On what day was it agreed?")
    others = _others(form)
    form.finish()
    return PromiseWish(
        package=package,
        care=care,
        provider=provider,
        begins=begins,
        ends=ends,
        price=price,
        units=units,
        vat=vat,
        on=on,
        others=others,
    )


def _others(form: Reading) -> tuple[tuple[str, Fraction], ...]:
    """Return which other pots pay a part, each once, and less than the whole of it together."""
    found: dict[str, Fraction] = {}
    for number in OTHERS:
        name, part = form.typed.of(f"other_{number}"), form.typed.of(f"part_{number}")
        if not name and not part:
            continue
        if not name:
            form.wrong(f"other_{number}", "Choose the pot that pays this part.")
        share = form.part(f"part_{number}", "Its part")
        if name in found:
            form.wrong(f"other_{number}", "This pot is chosen twice.")
        if part and not 0 < share < 1:
            form.wrong(f"part_{number}", "A part is more than nothing and less than the whole.")
        found[name] = share
    if sum(found.values()) >= 1:
        form.wrong(f"part_{OTHERS[0]}", "The other pots pay less than the whole together.")
    return tuple(found.items())
