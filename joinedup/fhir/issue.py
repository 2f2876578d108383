"""Refusals: the closed set of ways joinedup says no.

Every expected failure is one of these classes. `api` maps each once to an HTTP status and
an OperationOutcome, `web` maps each once to a page; anything else that is raised is a bug.
A message says what is wrong, where, and what to do next, in the reader's words.
"""

from typing import ClassVar

from msgspec import Struct

__all__ = [
    "Conflict",
    "Gone",
    "Invalid",
    "NeedsVersion",
    "NotAcceptable",
    "NotFound",
    "NotPermitted",
    "NotSupported",
    "Problem",
    "Refusal",
    "SeveralMatches",
    "SignInNeeded",
    "Stale",
    "StorageFull",
    "TooLarge",
    "TooMuch",
    "Unavailable",
    "Unprocessable",
    "UnsupportedMedia",
]


class Problem(Struct, frozen=True):
    """One thing wrong: `code` is a FHIR issue-type, `path` a FHIRPath (`Patient.name[0].use`)."""

    code: str
    message: str
    path: str = ""
    severity: str = "error"


class Refusal(Exception):
    """A request that is refused; `problems` is never empty."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"

    def __init__(self, *problems: Problem | str) -> None:
        assert problems, "a refusal names at least one problem"
        self.problems = tuple(
            p if isinstance(p, Problem) else Problem(self.code, p) for p in problems
        )
        super().__init__("; ".join(p.message for p in self.problems))


class Invalid(Refusal):
    """The text cannot be read, or is not FHIR, or a search is not understood (400)."""


class SignInNeeded(Refusal):
    """No sign-in or token, or one that has ended (401).

    `whose` is the permit of whoever it was, where that is known for sure: for the audit, never for
    the answer.
    """

    status = 401
    code = "login"

    def __init__(self, *problems: Problem | str, whose: object = None) -> None:
        super().__init__(*problems)
        self.whose = whose


class NotPermitted(Refusal):
    """The permit does not allow this action at all (403)."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """Nothing of that name, or nothing this permit may know of: the two look the same (404)."""

    status = 404
    code = "not-found"


class NotSupported(Refusal):
    """A method this server does not offer there (405); `allowed` are those it does."""

    status = 405
    code = "not-supported"

    def __init__(self, *problems: Problem | str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(*problems)
        self.allowed = allowed


class NotAcceptable(Refusal):
    """The caller takes only formats this server does not write (406)."""

    status = 406
    code = "not-supported"


class Conflict(Refusal):
    """An exclusive claim is already held, such as an NHS number (409)."""

    status = 409
    code = "conflict"


class Gone(Refusal):
    """The resource was deleted (410); `references` name them, a problem each, as `Type/id`."""

    status = 410
    code = "deleted"

    def __init__(self, *problems: Problem | str, references: tuple[str, ...] = ()) -> None:
        super().__init__(*problems)
        self.references = references


class Stale(Refusal):
    """Somebody saved first: the version that was changed is not the current one (412)."""

    status = 412
    code = "conflict"


class SeveralMatches(Refusal):
    """A condition meant for one resource fits several (412)."""

    status = 412
    code = "multiple-matches"


class TooLarge(Refusal):
    """Larger than the stated limit (413)."""

    status = 413
    code = "too-long"


class UnsupportedMedia(Refusal):
    """A format other than FHIR JSON (415)."""

    status = 415
    code = "not-supported"


class Unprocessable(Refusal):
    """Well-formed, but breaks a rule of the record, such as a reference to nothing (422)."""

    status = 422
    code = "business-rule"


class NeedsVersion(Refusal):
    """A change to an existing resource without saying which version it changes (428)."""

    status = 428
    code = "required"


class TooMuch(Refusal):
    """The question would cost more than the limit on time or rows (422)."""

    status = 422
    code = "too-costly"


class Unavailable(Refusal):
    """The record cannot be reached just now; its message says whether anything was saved (503)."""

    status = 503
    code = "transient"


class StorageFull(Refusal):
    """The disk is full; nothing was saved (507)."""

    status = 507
    code = "no-store"
