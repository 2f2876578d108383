"""A page that opens by a secret in its address: how often somebody may guess.

Failed tries are counted by the address they come from, as those of a sign-in are (`once`). One too
many is refused in the words of a wrong one, so that nothing is learnt of the limit either.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from joinedup.fhir.issue import NotFound
from joinedup.signin.once import failed, may_try
from joinedup.signin.steps import address_of

__all__ = ["by_secret"]

View = Callable[..., HttpResponse]


def by_secret(view: View, *, words: str) -> View:
    """Return the page with its tries counted; `words` is what a wrong secret is told.

    Each address has its own count: nobody can shut out others who hold a link.
    """

    @wraps(view)
    def counted(request: HttpRequest, secret: str) -> HttpResponse:
        address = address_of(request)
        if not may_try(_name(address), address):
            raise NotFound(words)
        try:
            return view(request, secret)
        except NotFound:
            failed(_name(address), address)
            raise

    return counted


def _name(address: str) -> str:
    """What tries are counted by beside the address itself: links alone, ten in fifteen minutes."""
    return f"a link, from {address}"
