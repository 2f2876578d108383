"""The form that writes down a grant: its name, year and total, and the file of its shares."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.profiles.agreement import GRANT, Agreement, Part
from joinedup.ledger.money import Pence
from joinedup.ledger.shares import MOST_LETTERS, Shares, read_shares
from joinedup.money.forms import Reading, Typed
from joinedup.money.pot_rules import refuse_other_year

__all__ = ["FIELDS", "FILE_NAME", "LENGTHS", "MOST_BYTES", "GrantWish", "grant_wish", "shares_text"]

FIELDS = ("name", "year", "total", "giver", "on", "paper", "own", "shares")
LENGTHS = {"shares": MOST_LETTERS + 1}
FILE_NAME = "The shares file"
MOST_BYTES = 4 * MOST_LETTERS


class GrantWish(Struct, frozen=True, kw_only=True):
    """A grant as it was typed and read: who gives it, on what day, by what paper."""

    agreement: Agreement
    giver: str
    on: date
    paper: str


def shares_text(data: bytes) -> str:
    """Return the text of a supplied file; Invalid for what is no plain text."""
    if len(data) > MOST_BYTES:
        raise Invalid(Problem("too-long", f"{FILE_NAME} is too long: a line a council.", "shares"))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        words = f"{FILE_NAME}, line {line}: this is no plain text. Save it as CSV UTF-8."
        raise Invalid(Problem("value", words, "shares")) from problem


def grant_wish(typed: Typed) -> GrantWish:
    """Return the grant that was typed; Invalid names everything wrong with it, field by field.

    The shares file's faults come with their lines (`ledger.shares.read_shares`).
    """
    form = Reading(typed)
    name = form.name("name", "Write what the grant is called.")
    year = form.year("year")
    total = form.pounds("total", "The total")
    if total % 100:
        form.wrong("total", "A grant shared out in whole pounds has no pence in its total.")
    giver = form.name("giver", "Write who gives the grant.")
    on = form.day("on", "When does the money belong to the place?")
    paper = form.text("paper", "Name the letter or the page that gives it.", longest=200)
    own = form.code("own", "Write the code that our council has in the file.")
    shares = _shares(form)
    if shares is not None and own and own not in shares.parts:
        form.wrong("own", f"No line of the file has the code {own}.")
    form.finish()
    assert shares is not None, "a file that could not be read was refused"
    made = _agreement(shares, name=name, year=year, total=total, own=own)
    refuse_other_year(made, on)
    return GrantWish(agreement=made, giver=giver, on=on, paper=paper)


def _shares(form: Reading) -> Shares | None:
    text = form.typed.of("shares")
    if not text:
        form.wrong("shares", "Choose the file of shares, or paste what is in it.")
        return None
    return form.take("shares", lambda: read_shares(text, name=FILE_NAME), None)


def _agreement(shares: Shares, *, name: str, year: str, total: Pence, own: str) -> Agreement:
    parts = tuple(
        Part(name=code, title=shares.names[code], share=share)
        for code, share in shares.parts.items()
    )
    made = Agreement(kind=GRANT, name=name, year=year, parts=parts, total=total, host=own)
    return replace(made, source=shares.source, proxy=shares.is_proxy)
