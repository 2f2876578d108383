"""The dispatcher: one address space, one gate, one place where refusals become answers.

Paths are matched by their shape; every shape but `metadata` passes the gate before anything else.
"""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from joinedup.access.permit import Permit
from joinedup.api.answer import json_answer, outcome, refused
from joinedup.api.capability import capability
from joinedup.api.everything import answer_everything
from joinedup.api.gate import permit_of
from joinedup.api.instance import answer_history, answer_instance, answer_version
from joinedup.api.request import Asked, acceptable, refuse_method, resource_id, served_type
from joinedup.api.transaction import answer_system
from joinedup.api.type import answer_compartment, answer_search, answer_type
from joinedup.fhir.issue import Invalid, NotFound, Problem, Refusal
from joinedup.fhir.wire import write_resource

__all__ = ["answer", "failed"]

Interaction = Callable[[HttpRequest, Permit, Asked], HttpResponse]


def answer(request: HttpRequest, path: str) -> HttpResponse:
    """Answer any request below the API's base; `path` has neither leading nor trailing slash."""
    try:
        acceptable(request)
        base = _base(request)
        parts = tuple(path.split("/")) if path else ()
        if parts == ("metadata",):
            if request.method not in ("GET", "HEAD"):
                raise refuse_method(request.method, "GET it", "GET", "HEAD")
            return json_answer(write_resource(capability(base)))
        permit = permit_of(request)
        return _interaction(request, parts)(request, permit, Asked(base, parts))
    except Refusal as refusal:
        return refused(refusal)
    except SuspiciousOperation:  # an unknown Host, or more parameters than are read
        return refused(Invalid("The host or the number of parameters is not one served here."))


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an error nobody expected; it says nothing of the cause."""
    problem = Problem("exception", "Something went wrong here. Nothing was saved. It was noted.")
    return json_answer(outcome([problem]), 500)


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}/fhir"


def _interaction(request: HttpRequest, parts: tuple[str, ...]) -> Interaction:
    if not parts:
        return answer_system
    served_type(parts[0])
    match parts[1:]:
        case ():
            return answer_type
        case ("_search",) if request.method == "POST":
            return answer_search
        case (name,):
            resource_id(name)
            return answer_instance
        case (name, "_history"):
            resource_id(name)
            return answer_history
        case (name, "_history", _):
            resource_id(name)
            return answer_version
        case (name, "$everything") if parts[0] == "Patient":
            resource_id(name)
            return answer_everything
        case (name, other) if parts[0] == "Patient" and other[:1].isupper():
            resource_id(name)
            return answer_compartment
    raise NotFound("There is nothing at this address. /fhir/metadata lists what is served.")
