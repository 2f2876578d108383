"""The pages of identity: the work list, and one question with its candidates side by side."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from joinedup import record
from joinedup.access.permit import Permit, tracing
from joinedup.access.words import Power
from joinedup.fhir.issue import Conflict, Invalid, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.search.clause import Ids, Query
from joinedup.people.forms import errors_of
from joinedup.people.identity.presented import (
    faces,
    incoming_face,
    kept_of,
    line_of,
    named,
    said_of,
)
from joinedup.people.identity.question import DONE, REASONS, WITH_OFFICER, Answer, Question
from joinedup.people.identity.queue import LONGEST_WORDS, Looked, answer_question, look, work_of
from joinedup.people.pages import permit_for_people
from joinedup.people.presenters.life import name_of_resource
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["identity_list", "identity_question"]

_TOLD_ANEW = (Stale, Conflict, NotPermitted, Unprocessable)


@require_safe
def identity_list(request: HttpRequest) -> HttpResponse:
    """Return what waits for somebody to say whose it is, oldest first, by reason if asked."""
    permit = permit_for_people(request)
    work = work_of(permit)
    names = _names(permit, named((*work.waiting, *work.decided[:20])))
    asked = request.GET.get("reason", "")
    reason = asked if asked in REASONS else ""
    chosen = [q for q in work.waiting if reason in ("", q.reason)]
    counts = {code: sum(q.reason == code for q in work.waiting) for code in REASONS}
    context = {
        "title": "Whose is it?",
        "waiting": [line_of(q, names, now()) for q in chosen],
        "decided": [line_of(q, names, now()) for q in work.decided[:20]],
        "reasons": [(code, REASONS[code], count) for code, count in counts.items() if count],
        "reason": reason,
        "all_count": len(work.waiting),
        "more": work.more,
    }
    return render(request, "people/identity_list.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
def identity_question(request: HttpRequest, question_id: str) -> HttpResponse:
    """Return one question with its candidates; save what the worker says whose it is."""
    permit = permit_for_people(request)
    if request.method != "POST":
        return _page(request, permit, question_id)
    typed = {
        "answer": request.POST.get("answer", "")[:200],
        "words": request.POST.get("words", "")[: LONGEST_WORDS + 1],
    }
    version = request.POST.get("version", "")
    try:
        given = _answer(permit, typed)
        seen = int(version) if version.isdecimal() and len(version) < 9 else 0
        answer_question(permit, question_id, seen, given)
    except Invalid as refusal:
        return _page(request, permit, question_id, typed=typed, errors=errors_of(refusal))
    except _TOLD_ANEW as refusal:
        return _page(request, permit, question_id, typed=typed, told=refusal)
    return redirect(f"/identity/{question_id}" if given.said != "pass" else "/identity")


def _answer(permit: Permit, typed: Mapping[str, str]) -> Answer:
    said, _, person = typed["answer"].partition(" ")
    words = typed["words"].strip()
    return Answer(said=said, by=permit.worker, at=now(), person=person, words=words)


def _page(
    request: HttpRequest,
    permit: Permit,
    question_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    told: Refusal | None = None,
) -> HttpResponse:
    looked = look(permit, question_id)
    question = looked.question
    names = _names(permit, named((question,)))
    names |= {f"Patient/{face.id}": face.name for face in faces(looked)}
    context = {
        "title": "Are these one person?" if question.is_pair else "Whose is it?",
        "question": question,
        "line": line_of(question, names, now()),
        "incoming": incoming_face(looked),
        "faces": faces(looked),
        "held": looked.held,
        "said": said_of(question, names),
        "choices": _choices(permit, looked),
        "may_answer": _may_answer(permit, question),
        "is_done": question.state == DONE,
        "typed": typed or {},
        "errors": errors or {},
        "told": told.problems[0].message if told else "",
    }
    status = told.status if told else 422 if errors else 200
    return render(request, "people/identity_question.jinja", context, status=status)


def _may_answer(permit: Permit, question: Question) -> bool:
    return question.state != WITH_OFFICER or permit.may(Power.REVIEW_ACCESS)


def _choices(permit: Permit, looked: Looked) -> list[tuple[str, str, str]]:
    """Return what may be answered: value, words, and what follows from it."""
    question = looked.question
    found = []
    if question.is_pair:
        kept = kept_of(looked)
        if kept and permit.may(Power.MERGE):
            follows = "The two records are joined and show as one. They can be parted again."
            found.append((f"same {kept}", "They are one person", follows))
        follows = "Both records stay. They are not proposed again."
        found.append(("different", "They are two people", follows))
    else:
        follows = "Everything that waits is filed in this record."
        found += [
            (f"same {f.id}", f"It is {f.name}, {_told(f.facts)}", follows)
            for f in faces(looked)
            if not f.joined_to
        ]
        follows = "It becomes a record of its own. These people are not proposed for it again."
        found.append(("different", "It is somebody else", follows))
    if question.state == "requested":
        follows = "Only the privacy officer answers it then."
        found.append(("pass", "I am not sure: pass it to the privacy officer", follows))
    return found


def _told(facts: Iterable[tuple[str, str]]) -> str:
    told = dict(facts)
    return f"born {told['Born']}, NHS number {told['NHS number']}"


def _names(permit: Permit, references: Iterable[str]) -> dict[str, str]:
    """Return the names behind references; of people each is a look at them."""
    by_type: dict[str, list[str]] = {}
    for reference in references:
        kind, _, name = reference.partition("/")
        if kind in ("Patient", "Practitioner", "Organization") and name:
            by_type.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    for kind, ids in by_type.items():
        asker = tracing(permit) if kind == "Patient" else permit
        query = Query(type=kind, clauses=(Ids(tuple(ids)),), count=len(ids))
        for stored in record.search(asker, query, detail="find a person").entries:
            found[stored.reference] = name_of_resource(stored.resource)
    return found
