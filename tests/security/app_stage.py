"""The stage of the tests of bad tokens: apps that are known, two services, somebody who lets in."""

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.spec.smart.app import App, known, signed_in
from tests.spec.smart.conftest import store_two_people

__all__ = ["EC", "GOES_ON", "OWN", "RSA", "Stage", "app_stage", "events"]

OWN = "launch/patient patient/Patient.rs patient/Observation.rs"
GOES_ON = f"{OWN} offline_access"
RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-384")


class Stage:
    """The apps of these tests, and the browser of Joyce."""

    def __init__(self) -> None:
        self.joyce, self.gp = signed_in("person"), signed_in("gp")
        self.diary = known("diary")
        self.other = known("other")
        self.secret = known("keeps-secret", secret=True)
        self.night = known("night-run", key=RSA, role="practice-nurse", organisation="Y90001")
        self.day = known("day-run", key=EC, role="practice-nurse", organisation="Y90001")

    def code(self, app: App | None = None) -> str:
        """A fresh code of Joyce's."""
        return (app or self.diary).let_in(self.joyce, OWN)["code"]

    def told(self, app: App | None = None, scope: str = GOES_ON) -> dict[str, Any]:
        """Fresh tokens of Joyce's."""
        return (app or self.diary).tokens(self.joyce, scope)


@pytest.fixture(scope="module", name="stage")
def app_stage(cluster: Cluster) -> Iterator[Stage]:
    """One place for all of them."""
    from django.db import connections

    from joinedup.smart.bearer import forget_known

    with _Copied(cluster) as urls:
        database.configure(urls.application)
        forget_known()
        store_two_people()
        yield Stage()
        forget_known()
        connections.close_all()
        database.close()


def events() -> list[str]:
    """Why something was refused at the door, oldest first."""
    from joinedup.signin.models import EventRow

    found = EventRow.objects.filter(what="refused", method="app").order_by("seq")
    return [row.why for row in found]
