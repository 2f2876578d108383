"""The dispatcher: one address space, one gate, one place where refusals become answers.

Paths are matched by their shape; every shape but `metadata` passes the gate before anything else.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from joinedup.access.permit import Permit
from joinedup.api.answer import Answer, json_answer, outcome, refused
from joinedup.api.audit import answer_audit
from joinedup.api.capability import capability
from joinedup.api.everything import answer_everything
from joinedup.api.gate import leave_refused_token, permit_of
from joinedup.api.instance import answer_history, answer_instance, answer_version
from joinedup.api.known import smart_configuration
from joinedup.api.request import Asked, acceptable, refuse_method, resource_id, served_type
from joinedup.api.scoped import ended
from joinedup.api.transaction import answer_system
from joinedup.api.type import answer_compartment, answer_search, answer_type
from joinedup.fhir.issue import Invalid, NotFound, Problem, Refusal, SignInNeeded
from joinedup.fhir.wire import write_resource
from joinedup.record.audit import leave_refusal

__all__ = ["answer", "asked_of", "failed"]

_OPEN_TO_ALL = {
    ("metadata",): "fhir/metadata",
    (".well-known", "smart-configuration"): "fhir/.well-known/smart-configuration",
}
"""What is answered to anybody: what is served, and where an app asks to be let in."""

Interaction = Callable[[Asked, Permit], Answer]


def asked_of(came: Mapping[str, Any], origin: str) -> Asked:
    """Return a WSGI environment as a request; `origin` is "" for a host that is not served."""
    path = str(came["PATH_INFO"]).removesuffix("/")
    below = path.removeprefix("/fhir").removeprefix("/")
    parts = tuple(below.split("/")) if below else ()
    return Asked(str(came["REQUEST_METHOD"]), origin, path, parts, came)


def answer(asked: Asked) -> tuple[str, Answer]:
    """Answer any request below the API's base; also says by which route, of a closed list."""
    route, permit = "fhir", None
    try:
        if not asked.origin:
            raise Invalid("The host is not one served here.")
        acceptable(asked)
        if asked.parts in _OPEN_TO_ALL:
            route = _OPEN_TO_ALL[asked.parts]
            if not asked.only_looks:
                raise refuse_method(asked.method, "GET it", "GET", "HEAD")
            return route, _told_to_all(asked)
        permit = permit_of(asked)
        route, interaction = _interaction(asked.method, asked.parts)
        return route, interaction(asked, permit)
    except Refusal as met:
        refusal = ended(permit) or met if permit is not None else met
        if permit is not None and isinstance(refusal, SignInNeeded):  # it ended while we worked
            leave_refused_token(permit, refusal, asked.method)
        elif permit is not None:
            is_named = asked.parts[:1] == ("Patient",) and len(asked.parts) > 1
            person_id = asked.parts[1] if is_named else ""
            leave_refusal(permit, refusal, f"{asked.method} {route}", person_id)
        return route, refused(refusal)


def failed() -> Answer:
    """Answer a request that ended in an error nobody expected; it says nothing of the cause.

    Nor that nothing was saved: the error may have come after that.
    """
    problem = Problem(
        "exception",
        "Something went wrong here, and it was noted. Look whether this was saved before you send "
        "it again.",
    )
    return json_answer(outcome([problem]), 500)


def _told_to_all(asked: Asked) -> Answer:
    if asked.parts == ("metadata",):
        return json_answer(_metadata(asked.base))
    answer = json_answer(msgspec.json.encode(smart_configuration(asked.origin)))
    answer.headers["Content-Type"] = "application/json"
    return answer


@lru_cache(8)
def _metadata(base: str) -> bytes:
    """The CapabilityStatement's text: the same for everybody until the next release."""
    return write_resource(capability(base)).encode()


def _interaction(method: str, parts: tuple[str, ...]) -> tuple[str, Interaction]:
    if not parts:
        return "fhir", answer_system
    if parts[0] == "AuditEvent":
        return "fhir/AuditEvent", answer_audit
    kind = served_type(parts[0])
    match parts[1:]:
        case ():
            return "fhir/<type>", answer_type
        case ("_search",) if method == "POST":
            return "fhir/<type>/_search", answer_search
        case (name,):
            resource_id(name)
            return "fhir/<type>/<id>", answer_instance
        case (name, "_history"):
            resource_id(name)
            return "fhir/<type>/<id>/_history", answer_history
        case (name, "_history", _):
            resource_id(name)
            return "fhir/<type>/<id>/_history/<vid>", answer_version
        case (name, "$everything") if kind == "Patient":
            resource_id(name)
            return "fhir/Patient/<id>/$everything", answer_everything
        case (name, other) if kind == "Patient" and other[:1].isupper():
            resource_id(name)
            return "fhir/Patient/<id>/<type>", answer_compartment
    raise NotFound("There is nothing at this address. /fhir/metadata lists what is served.")
