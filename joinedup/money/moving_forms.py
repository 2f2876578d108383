"""The forms that move money: what a funder gave, and what is promised to a package."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from joinedup.fhir.profiles.agreement import POOL, Agreement
from joinedup.ledger.money import Pence
from joinedup.money.forms import Reading, Typed

__all__ = [
    "GIVE_FIELDS",
    "PROMISE_FIELDS",
    "GiveWish",
    "PromiseWish",
    "give_wish",
    "promise_wish",
]

GIVE_FIELDS = ("funder", "pounds", "on", "paper", "words")
PROMISE_FIELDS = ("package", "care", "provider", "begins", "ends", "price", "units", "vat", "on")


class GiveWish(Struct, frozen=True, kw_only=True):
    """What somebody gave: how much, on what day, by what paper, and what for."""

    funder: str
    pence: Pence
    on: date
    paper: str
    words: str


class PromiseWish(Struct, frozen=True, kw_only=True):
    """What is promised to a package: so many units at a price for some days, both counted in."""

    package: str
    care: str
    provider: str
    begins: date
    ends: date
    price: Pence
    units: Decimal
    vat: Pence
    on: date

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
    )
