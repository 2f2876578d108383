"""What the checks of SMART App Launch look at, gathered once: apps, and what they were given."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from joinedup.record import database
from joinedup.record.cluster import Cluster
from tests.conftest import _Copied
from tests.spec.smart.app import fhir, known, signed_in
from tests.spec.smart.conftest import LABORATORY, store_two_people

__all__ = ["FILTERED", "PATIENT", "Kit", "smart_kit"]

RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-384")
PATIENT = "launch/patient patient/*.rs openid fhirUser offline_access"
FILTERED = f"launch/patient patient/Observation.rs?category={LABORATORY}|laboratory"


class Kit:
    """Everything the checks look at, gathered once."""

    def __init__(self) -> None:
        self.person, self.gp = signed_in("person"), signed_in("gp")
        self.known = fhir(None, "/.well-known/smart-configuration", accept="application/json")
        self.statement = fhir(None, "/metadata")
        self.public, self.secret = known("public"), known("confidential", secret=True)
        self.signed = known("asymmetric", key=RSA)
        self.looker = known("resource-server", secret=True, looks_into=True)
        self.rsa = known("rsa-service", key=RSA, role="gp", organisation="Y90001")
        self.ec = known("ec-service", key=EC, role="gp", organisation="Y90001")
        sent = self.public.let_in(self.person, PATIENT, nonce="a-nonce")
        self.sent = sent
        self.standalone = self.public.exchange(sent["code"])
        self.refreshed = self.public.refresh(self.standalone.json["refresh_token"])
        self.filtered = known("granular").tokens(self.person, FILTERED)["access_token"]
        self.services = {a.id: a.own_token("system/*.rs") for a in (self.rsa, self.ec)}
        self.ehr = self._ehr()

    @property
    def token(self) -> str:
        """An access token of Joyce's, all of her record."""
        return str(self.refreshed.json["access_token"])

    def _ehr(self) -> dict[str, Any]:
        app = known("launched", launch="https://app.example/launch")
        where = self.gp.post("/smart/open/bob", {"app": app.id})["Location"]
        launch = re.search(r"[?&]launch=([^&]+)", where)
        assert launch is not None
        self.launched_to = where
        return app.tokens(self.gp, "launch patient/*.rs online_access", launch=launch[1])


@pytest.fixture(scope="module", name="kit")
def smart_kit(cluster: Cluster) -> Iterator[Kit]:
    """One place, its apps, and what they were given."""
    from django.db import connections

    from joinedup.smart.bearer import forget_known

    with _Copied(cluster) as urls:
        database.configure(urls.application)
        forget_known()
        store_two_people()
        yield Kit()
        forget_known()
        connections.close_all()
        database.close()
