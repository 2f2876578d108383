"""The pages of a round: the beds of a ward, one person after the other, keyboard alone.

The score and Enter are two keys: they confirm somebody who is unchanged, and lead to the next bed.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.board import Line, Place, place_of
from joinedup.discharge.board_pages import reader
from joinedup.discharge.board_words import clock, rows_of
from joinedup.discharge.reviews import last_review
from joinedup.discharge.round import (
    NEWS,
    NOT_ANSWERED,
    Said,
    first_reasons,
    following,
    is_reviewed,
    read_said,
    round_of,
    said_before,
    save_review,
)
from joinedup.discharge.rules.board import STATE_WORDS
from joinedup.discharge.rules.criteria import NEWS_CAUSES
from joinedup.discharge.standing import Standing, standing_of
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Refusal, Stale, Unprocessable
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.criteria import Checklist
from joinedup.reference.codes.discharge import criteria
from joinedup.web.clock import now
from joinedup.web.layout import render
from joinedup.web.versions import version_sent

__all__ = ["round_list", "round_one"]

_TOLD = (Invalid, Unprocessable, Stale)
_FIELDS = {"component[news2]": "score"}


class Question(Struct, frozen=True):
    """One criterion on the form: what was answered before, and what is typed now."""

    code: str
    words: str
    answer: str
    before: str
    has_ended: bool
    ended: str
    errors: tuple[str, ...]


def reviewer(request: HttpRequest) -> Permit:
    """Return the permit of who reviews the criteria; refuses with SignInNeeded, NotPermitted."""
    permit = reader(request)
    if not permit.may(Power.REVIEW_CRITERIA):
        raise NotPermitted("A round is for the doctors and nurses of the ward.")
    return permit


@require_safe
def round_list(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Return the beds of a ward in their order, and who was reviewed in this round."""
    permit, at = reviewer(request), now()
    place = place_of(permit, ward_id)
    lines = round_of(permit, place, at)
    rows = rows_of(lines, place, {})
    beds = [
        {"row": row, "reviewed": clock(line.reviewed), "done": is_reviewed(line, at)}
        for row, line in zip(rows, lines, strict=True)
    ]
    context = {
        "title": f"The round of {_ward(place)}",
        "crumbs": _crumbs(place),
        "place": place,
        "beds": beds,
        "left": sum(not bed["done"] for bed in beds),
        "first": following(lines, "", at),
        "done": _done_words(request, lines),
    }
    return render(request, "discharge/round.jinja", context, here="board")


@require_http_methods(["GET", "HEAD", "POST"])
def round_one(request: HttpRequest, ward_id: str, spell_id: str) -> HttpResponse:
    """Return the form of one person; sent, save it and lead to the next bed.

    Who is second to somebody else is told, and what they typed stays.
    """
    permit, at = reviewer(request), now()
    place = place_of(permit, ward_id)
    if request.method != "POST":
        standing = standing_of(permit, spell_id)
        review = last_review(permit, standing)
        said = said_before(review[1] if review else None, at)
        return _form(request, permit, place, standing, said=said)
    said = read_said(request.POST, at)
    standing = standing_of(permit, spell_id)
    review = last_review(permit, standing)
    try:
        before = review[1] if review else None
        save_review(permit, standing, before, said, seen=version_sent(request.POST), now=at)
    except _TOLD as refusal:
        standing = standing_of(permit, spell_id)
        return _form(request, permit, place, standing, said=said, refusal=refusal)
    lines = round_of(permit, place, at)
    ahead = following(lines, spell_id, at)
    where = f"/board/{ward_id}/round" + (f"/{ahead}" if ahead else "")
    return redirect(f"{where}?done={spell_id}")


def _form(
    request: HttpRequest,
    permit: Permit,
    place: Place,
    standing: Standing,
    *,
    said: Said,
    refusal: Refusal | None = None,
) -> HttpResponse:
    at = now()
    lines = round_of(permit, place, at)
    line = next((x for x in lines if x.said.spell == standing.readiness.spell), None)
    if line is None:
        raise NotFound("They do not lie on this ward any more. Go back to the round.")
    review = last_review(permit, standing)
    before = review[1] if review else None
    errors = _errors(refusal)
    context = {
        "title": line.name or "Review",
        "crumbs": [*_crumbs(place), ("The round", f"/board/{place.ward_id}/round")],
        "place": place,
        "line": line,
        "row": rows_of([line], place, {})[0],
        "number": lines.index(line) + 1,
        "whole": len(lines),
        "after": following(lines, line.said.spell, at),
        "version": standing.version,
        "state": STATE_WORDS.get(standing.readiness.state, ""),
        "before": _before_words(before, standing),
        "score_before": before.news2 if before else None,
        "questions": _questions(said, before, errors),
        "said": said,
        "causes": list(NEWS_CAUSES.items()),
        "reasons": first_reasons(at) if standing.readiness.ready is None else (),
        "errors": errors,
        "problems": _summary(errors),
        "done": _done_words(request, lines),
    }
    status = refusal.status if refusal else 200
    return render(request, "discharge/round_one.jinja", context, here="board", status=status)


def _questions(
    said: Said, before: Checklist | None, errors: dict[str, tuple[str, ...]]
) -> list[Question]:
    found = []
    for criterion in criteria(on=day_of(now())):
        code = criterion.code
        if code == NEWS:
            continue
        was = before.answers.get(code) if before else None
        told = (*errors.get(f"answer-{code}", ()), *errors.get(f"ended-{code}", ()))
        found.append(
            Question(
                code,
                criterion.words,
                said.answers.get(code, ""),
                "" if was is None else "yes" if was else "no",
                criterion.window_hours is not None,
                said.ended.get(code, ""),
                told,
            )
        )
    return found


def _errors(refusal: Refusal | None) -> dict[str, tuple[str, ...]]:
    """Return what is wrong by field of the form; what is of no field stands at its beginning."""
    found: dict[str, list[str]] = {}
    for problem in refusal.problems if refusal else ():
        path = problem.path
        if path.startswith("component["):
            path = _FIELDS.get(path, f"answer-{path[10:-1]}")
        field = path if path.startswith(("answer-", "ended-")) else "score"
        found.setdefault(field, []).append(problem.message)
    return {field: tuple(texts) for field, texts in found.items()}


def _summary(errors: dict[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """Return what is wrong as the summary has it: questions left open are one line."""
    left = [field for field, texts in errors.items() if texts == (NOT_ANSWERED,)]
    found = [
        {"text": text, "href": f"#{field}"}
        for field, texts in errors.items()
        if field not in left
        for text in texts
    ]
    if left:
        words = "1 question is" if len(left) == 1 else f"{len(left)} questions are"
        found.append({"text": f"{words} not answered", "href": f"#{left[0]}"})
    return found


def _before_words(before: Checklist | None, standing: Standing) -> str:
    if before is None:
        hidden = standing.readiness.reviewed is not None
        return "The last review is not shown to you." if hidden else "Nobody has reviewed them yet."
    verdict = "needed the bed" if before.meets else "did not need the bed"
    return f"Last reviewed on {clock(before.at)}: {verdict}. NEWS2 score {before.news2} then."


def _done_words(request: HttpRequest, lines: tuple[Line, ...]) -> str:
    spell = request.GET.get("done", "")
    line = next((x for x in lines if x.said.spell == spell), None)
    if line is None:
        return ""
    bed = line.bed.name if line.bed else "no bed"
    return f"{line.name or 'The person'}, {bed}: {line.said.words.lower()}."


def _ward(place: Place) -> str:
    return place.ward.name if place.ward else ""


def _crumbs(place: Place) -> list[tuple[str, str]]:
    return [("The board", "/board"), (_ward(place), f"/board/{place.ward_id}")]
