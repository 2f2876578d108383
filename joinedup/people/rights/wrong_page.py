"""The page on which an entry is said to be wrong, for the person and for who writes it down."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, Stale
from joinedup.people.forms import errors_of
from joinedup.people.presenters.kinds import kind_of, title_of
from joinedup.people.presenters.life import Life
from joinedup.people.rights.disagreeing import say_wrong, subject_of
from joinedup.people.rights.words import sent_version
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["Around", "entries_of", "wrong_page"]

_LONGEST_TYPED = 10_000


class Around(Struct, frozen=True, kw_only=True):
    """What differs by who writes: the words and addresses around the form."""

    title: str
    is_own: bool
    action: str
    back: str
    done: str
    here: str


def entries_of(life: Life) -> list[tuple[str, str]]:
    """Return every entry that may be said to be wrong, by reference, for a list to choose from."""
    found = [
        (f"{s.type}/{s.id}", f"{title_of(life, s)} ({life.source(s.organisation).name})")
        for s in (life.person, *life.others, *life.statements)
        if kind_of(s)
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def wrong_page(
    request: HttpRequest, permit: Permit, person_id: str, around: Around
) -> HttpResponse:
    """Return the form, or say it and go on; what was typed stays where it is refused."""
    sent = request.POST if request.method == "POST" else request.GET
    entry, words = sent.get("entry", "")[:200], sent.get("words", "")[:_LONGEST_TYPED]
    errors: dict[str, str] = {}
    is_stale = False
    if request.method == "POST":
        version = sent_version(request)
        try:
            say_wrong(permit, person_id, entry, words, version=version, at=now())
            return redirect(around.done)
        except Invalid as refusal:
            errors = errors_of(refusal)
        except Stale:
            is_stale = True
    subject = subject_of(permit, person_id, entry, now=now())
    context = {
        "title": around.title,
        "subject": subject,
        "words": words if request.method == "POST" else subject.words,
        "errors": errors,
        "is_stale": is_stale,
        "is_own": around.is_own,
        "action": around.action,
        "back": around.back,
    }
    status = 412 if is_stale else 422 if errors else 200
    return render(request, "rights/wrong.jinja", context, here=around.here, status=status)
