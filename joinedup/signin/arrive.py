"""The last step of signing in: which post it is for, and then the session begins.

A worker with one post now goes straight in; with several they choose; with none they are told.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from msgspec import Struct

from joinedup.signin.events import Door, happened
from joinedup.signin.holders import account_behind
from joinedup.signin.models import AccountRow
from joinedup.signin.once import succeeded
from joinedup.signin.posts import Post, forget, posts_of
from joinedup.signin.session import Proof, begin
from joinedup.signin.steps import forget_step, onward, put_step
from joinedup.web.clock import now
from joinedup.web.layout import render

__all__ = ["arrive", "enter", "posts_now", "row_of"]


class Choice(Struct, frozen=True):
    """A post as the page offers it."""

    id: str
    words: str
    organisation: str


def row_of(account_id: object) -> AccountRow | None:
    """Return an open account by its id as a step carries it."""
    try:
        return AccountRow.objects.filter(id=UUID(str(account_id)), closed_at=None).first()
    except ValueError:
        return None


def posts_now(row: AccountRow) -> tuple[Post, ...]:
    """Return the posts an account holds at this moment."""
    return tuple(p for p in posts_of(row.holder) if p.is_held(now()) and p.role is not None)


def arrive(request: HttpRequest, row: AccountRow, proof: Proof, wanted: str) -> HttpResponse:
    """Begin the session of somebody who has proved who they are, or ask for which post."""
    succeeded(row.name)
    if row.kind == "person":
        return enter(request, row, proof, wanted)
    posts = posts_now(row)
    if not posts:
        happened(Door.REFUSED, why="no-post", account=str(row.id), session=None)
        return render(request, "signin/no_post.jinja", {"title": "You have no post here now"}, status=403)  # fmt: skip  # noqa: E501
    if len(posts) == 1:
        return enter(request, row, proof, wanted, post=posts[0])
    choices = [
        Choice(p.id, f"{p.words}, {p.place}" if p.place else p.words, p.organisation_name)
        for p in posts
    ]
    context = {"title": "Which post is this for?", "choices": choices}
    response = render(request, "signin/post.jinja", context)
    proved = {name: getattr(proof, name) for name in Proof.__struct_fields__}
    put_step(response, "post", {"account": str(row.id), "proof": proved, "next": wanted})
    return response


def enter(
    request: HttpRequest, row: AccountRow, proof: Proof, wanted: str, *, post: Post | None = None
) -> HttpResponse:
    """Begin the session and go on."""
    if post is not None:
        forget(post.id)
    held = account_behind(str(row.id), post.id if post else "")
    if held is None:
        return redirect("/sign-in")
    begin(request, held, proof)
    response = redirect(onward(request, wanted) if held.role else _home(request, wanted))
    forget_step(response, "step", "wish", "post")
    return response


def _home(request: HttpRequest, wanted: str) -> str:
    """Whoever opens no records has their own page of sign-in, until there is more for them."""
    on = onward(request, wanted)
    return "/account" if on == "/" else on
