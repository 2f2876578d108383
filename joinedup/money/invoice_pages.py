"""The pages of providers' invoices: a file comes in, and what became of each bill."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods
from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, NotPermitted, Problem, Refusal, TooLarge, Unprocessable
from joinedup.fhir.profiles.invoice import (
    ACCEPTED,
    ADDITIONAL,
    RECEIVED,
    REFUSED,
    Invoice,
    fold_number,
)
from joinedup.fhir.profiles.invoice_exception import exception_id
from joinedup.fhir.search.query import parse_query
from joinedup.ledger.money import in_pounds
from joinedup.money.bill_answers import sound_bill
from joinedup.money.csv_text import MOST_BYTES
from joinedup.money.desk import keeper
from joinedup.money.invoices import NOTHING_KEPT, Taken, awaiting, take_in
from joinedup.money.names import days_words, names_of
from joinedup.money.typed import said_by, tell
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["BillLine", "bill_lines", "invoices_page"]

_PAGE = 50
_STATUS = {"waits": "issued", "accepted": "balanced", "refused": "cancelled"}
_STATES = {
    RECEIVED: ("Waits for a decision", "pause"),
    ACCEPTED: ("Accepted", "now"),
    ADDITIONAL: ("Accepted as additional", "now"),
    REFUSED: ("Sent back", "high"),
}


class BillLine(Struct, frozen=True, kw_only=True):
    """One bill as a line of a page; `link` is where it is decided or approved, if it waits."""

    id: str
    number: str
    provider: str
    person: str
    days: str
    pounds: str
    package: str
    state: str
    tone: str
    words: str
    link: str


@require_http_methods(["GET", "HEAD", "POST"])
def invoices_page(request: HttpRequest) -> HttpResponse:
    """Return the bills kept, by provider, number and status; a POST takes a provider's file in.

    A file with a problem is not kept, and every problem is told with its line.
    """
    permit = keeper(request)
    problems: list[str] = []
    taken: Taken | None = None
    status = 200
    if request.method == "POST":
        try:
            taken = take_in(permit, _sent(request), now=now())
        except (Invalid, NotPermitted, TooLarge, Unprocessable) as refusal:
            problems = [said for said in tell(request, refusal) if said != NOTHING_KEPT]
            status = refusal.status
    context = {
        "title": "Providers’ invoices",
        "problems": problems,
        "taken": taken,
        "gross": in_pounds(taken.file.gross) if taken else "",
        "came": bill_lines(permit, [b.invoice for b in taken.bills]) if taken else (),
        "fates": {b.invoice.id: b for b in taken.bills} if taken else {},
        **_listed(permit, request),
    }
    return render(request, "money/invoices.jinja", context, here="money", status=status)


def _sent(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        raise Invalid(Problem("required", "Choose the provider's file.", "file"))
    if file.size > MOST_BYTES:
        raise TooLarge(f"The file has {file.size:,} bytes; at most {MOST_BYTES:,} are read.")
    return bytes(file.read())


def _listed(permit: Permit, request: HttpRequest) -> dict[str, object]:
    """Return one page of the bills kept, and what was asked for."""
    asked = {name: request.GET.get(name, "")[:60].strip() for name in ("provider", "number", "is")}
    pairs = [("_sort", "-date")]
    if asked["provider"]:
        pairs.append(("issuer", f"Organization/{asked['provider'].upper()}"))
    if asked["number"]:
        pairs.append(("identifier", fold_number(asked["number"])))
    if asked["is"] in _STATUS:
        pairs.append(("status", _STATUS[asked["is"]]))
    after = request.GET.get("after", "")[:200]
    more = [("_cursor", after)] if after else []
    try:
        query = parse_query("Invoice", [*pairs, *more], default_count=_PAGE)
        page = record.search(permit, query, detail="invoices")
    except Refusal as refusal:
        return {"asked": asked, "bills": (), "next": "", "list_problem": said_by(refusal)[0]}
    found = [kept.invoice for s in page.entries if (kept := sound_bill(s)) is not None]
    return {
        "asked": asked,
        "bills": bill_lines(permit, found),
        "next": page.next_cursor or "",
        "list_problem": "",
    }


def bill_lines(permit: Permit, bills: list[Invoice]) -> tuple[BillLine, ...]:
    """Return bills as lines, with the names that the permit sees and where each is answered."""
    wanted = [r for b in bills for r in (b.person, f"Organization/{b.provider}")]
    names = names_of(permit, wanted, detail="invoices")
    awaited = awaiting(permit) if any(b.state == RECEIVED for b in bills) else {}
    return tuple(_line(bill, names, awaited) for bill in bills)


def _line(bill: Invoice, names: dict[str, str], awaited: dict[str, str]) -> BillLine:
    state, tone = _STATES[bill.state]
    link = ""
    if bill.state == RECEIVED and bill.id in awaited:
        state, tone, link = "Waits for approval", "soon", f"/money/approvals/{awaited[bill.id]}"
    elif bill.state == RECEIVED:
        link = f"/money/exceptions/{exception_id(bill.id)}"
    provider = names.get(f"Organization/{bill.provider}", "")
    begins, ends = min(x.begins for x in bill.lines), max(x.ends for x in bill.lines)
    return BillLine(
        id=bill.id,
        number=bill.number,
        provider=f"{provider} ({bill.provider})" if provider else bill.provider,
        person=names.get(bill.person, "Somebody you do not see"),
        days=days_words(begins, ends),
        pounds=in_pounds(bill.gross),
        package=bill.package,
        state=state,
        tone=tone,
        words=bill.words,
        link=link,
    )
