"""Who signs in in these tests: a ward nurse with an account, made as an admission makes one."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.test import Client

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.record import Put
from tests.spec.web.site import set_up

set_up()  # before anything that has models

from joinedup.signin import clock as signin_clock  # noqa: E402
from joinedup.signin import posts, staff, totp  # noqa: E402
from joinedup.signin.factors import add_app, invite, new_recovery_codes  # noqa: E402
from joinedup.signin.models import AccountRow, EventRow, SessionRow  # noqa: E402
from joinedup.signin.oidc import keys  # noqa: E402
from joinedup.signin.oidc.whose import link  # noqa: E402
from joinedup.signin.passwords import keep_password  # noqa: E402

__all__ = [
    "HOSPITAL",
    "PASSWORD",
    "AccountRow",
    "Clock",
    "EventRow",
    "SessionRow",
    "Worker",
    "admitted_worker",
    "invite",
    "keys",
    "link",
    "new_recovery_codes",
    "post",
    "read_post",
    "sign_in",
    "staff",
    "store",
    "store_place",
]

read_post = posts.read_post
ROLE_SYSTEM = posts.ROLE_SYSTEM
PASSWORD = "three plain words"
HOSPITAL = "RZ901"


class Clock:
    """What `joinedup.signin` takes for the time."""

    def __init__(self, at: float) -> None:
        self.at = at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds


class Worker(NamedTuple):
    """An account with everything that proves it."""

    id: UUID
    name: str
    holder: str
    post: str
    secret: bytes

    def code(self) -> str:
        """The code the authenticator app shows now."""
        return totp.code_at(self.secret, int(signin_clock.seconds()) // totp.STEP_SECONDS)


def store(*resources: dict[str, Any]) -> None:
    """Put resources into the record, as an import would."""
    record.commit(system_permit("test"), [Put(r) for r in resources], dangling="keep")


def store_place() -> None:
    """A hospital and its ward, and nothing known from another test's record."""
    posts._known.clear()
    store(
        {"resourceType": "Organization", "id": HOSPITAL, "name": "Marlbrook General Hospital"},
        {
            "resourceType": "Location",
            "id": "ward-7",
            "name": "Ward 7",
            "managingOrganization": {"reference": f"Organization/{HOSPITAL}"},
        },
    )


def post(practitioner: str, *, role: str = "ward-nurse", **more: Any) -> dict[str, Any]:
    """A PractitionerRole at the hospital; `period`, `id` and the like as given."""
    return {
        "resourceType": "PractitionerRole",
        "id": f"post-{uuid4().hex[:8]}",
        "active": True,
        "practitioner": {"reference": practitioner, "display": "Grace Adeyemi"},
        "organization": {"reference": f"Organization/{HOSPITAL}", "display": "Marlbrook General"},
        "code": [{"coding": [{"system": ROLE_SYSTEM, "code": role}], "text": "Ward nurse"}],
        **more,
    }


def admitted_worker(name: str = "grace@marlbrook.example", **more: Any) -> Worker:
    """A worker with a post until tomorrow, a password and an authenticator app."""
    practitioner = f"Practitioner/{uuid4().hex[:12]}"
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    held = post(practitioner, **({"period": {"end": until}} | more))
    store({"resourceType": "Practitioner", "id": practitioner.partition("/")[2]}, held)
    row = AccountRow.objects.create(
        name=name,
        kind="worker",
        holder=practitioner,
        full_name="Grace Adeyemi",
        made_at=signin_clock.now(),
    )
    keep_password(row.id, PASSWORD)
    worker = Worker(row.id, name, practitioner, held["id"], base64.b32decode("JBSWY3DPEHPK3PXP"))
    # Added with the code of a minute ago, so that the code of now is still unused.
    step = int(signin_clock.seconds()) // totp.STEP_SECONDS - 1
    assert add_app(row.id, worker.secret, totp.code_at(worker.secret, step))
    return worker


def sign_in(browser: Client, worker: Worker, to: str = "/account") -> Any:
    """Sign in with name, password and code; return the last answer."""
    answer = browser.post("/sign-in", {"name": worker.name, "password": PASSWORD, "next": to})
    assert answer.status_code == 302, answer.content.decode()
    return browser.post("/sign-in/code", {"code": worker.code()})
