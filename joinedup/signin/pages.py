"""Sign in with one click, where everybody is invented; sign out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from joinedup.fhir.issue import NotPermitted
from joinedup.signin.accounts import ACCOUNTS, account
from joinedup.signin.session import begin, end
from joinedup.web.layout import render

__all__ = ["sign_in", "sign_out"]


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the accounts; a POST signs in with one of them and goes on to `next`."""
    if request.method == "POST":
        if not settings.JOINEDUP_INVENTED:
            raise NotPermitted("One-click accounts are for invented places only.")
        begin(request, account(request.POST.get("account", "")))
        return redirect(_next(request, request.POST.get("next", "")))
    context = {
        "title": "Sign in",
        "accounts": ACCOUNTS if settings.JOINEDUP_INVENTED else (),
        "next": _next(request, request.GET.get("next", "")),
    }
    return render(request, "signin/sign_in.jinja", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out and go to the sign-in page."""
    end(request)
    return redirect("/sign-in")


def _next(request: HttpRequest, wanted: str) -> str:
    """Never send anybody to another site."""
    fine = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and fine else "/"
