"""Chapter Identity, 5: when two records prove to be one, and when that proves wrong.

The texts stay what they were; under whom they are seen is what changes (docs/decisions/0013).
"""

import pytest

from joinedup import record
from joinedup.access.permit import person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Stale
from joinedup.record import Put, Source, Update
from joinedup.record.looked import sittings
from joinedup.record.merge import merge, unmerge
from joinedup.record.verify import verify
from tests.spec.record.place import (
    ACT_CODE, CONFIDENTIALITY, COUNCIL, GP, HOSPITAL, NURSE, PLACE, PRACTICE, SOCIAL_WORKER,
    find, ids, joyce, label, numbered, put, service, stay, weight,
)  # fmt: skip

OFFICER = worker_permit("Practitioner/fox", "Ms Fox", Role.PRIVACY_OFFICER, PRACTICE)
ELSEWHERE = {"generalPractitioner": [{"reference": f"Organization/{HOSPITAL}"}]}


def _two() -> None:
    """Joyce as the practice has her, and as the hospital entered her again."""
    put(
        numbered("joyce", "9990000018"),
        joyce("jean", name=[{"family": "Halam"}], **ELSEWHERE),
        weight("w1", "joyce"),
        weight("w2", "jean"),
        stay("e1", "jean", start="2017-12-01"),
    )


def _join() -> None:
    merge(OFFICER, "joyce", "jean", reason="same woman", if_versions=(1, 1))


def test_what_was_about_either_is_seen_under_the_one_kept() -> None:
    """Search, everything and reading answer one record, whichever id is asked for (ID-04)."""
    _two()
    assert ids(find(GP, "Observation", subject="Patient/joyce")) == ["w1"]
    _join()
    for asked in ("joyce", "jean"):
        assert sorted(ids(find(GP, "Observation", subject=f"Patient/{asked}"))) == ["w1", "w2"]
        everything = {s.reference for s in record.everything(GP, asked).entries}
        assert everything == {
            "Patient/joyce", "Patient/jean", "Observation/w1", "Observation/w2", "Encounter/e1",
        }  # fmt: skip
    assert record.read(GP, "Observation", "w2").version == 1
    assert not list(verify())
