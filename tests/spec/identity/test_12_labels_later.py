"""Chapter Identity, 12: a label that comes later reaches all that would tell of who has it.

Records that are one carry one set of labels (docs/decisions/0013); a question about somebody who
became protected is the privacy officer's (0014).
"""

import pytest

from joinedup import record
from joinedup.access.restrictions import shown
from joinedup.fhir.classes import LABEL_CODES
from joinedup.fhir.issue import Conflict, NotFound, NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.record import Update
from joinedup.record.merge import merge, unmerge
from joinedup.record.verify import verify
from tests.spec.identity.conftest import Superuser
from tests.spec.identity.test_5_merge import OFFICER, _join, _two
from tests.spec.record.place import (
    CONFIDENTIALITY,
    GP,
    HOSPITAL,
    PLACE,
    PRACTICE,
    Resource,
    find,
    ids,
    joyce,
    label,
    put,
)

PROTECTED = label(LABEL_CODES, "protected-identity")


def _labels(name: str) -> list[str]:
    security = record.read(OFFICER, "Patient", name).resource.get("meta", {}).get("security", ())
    return [coding["code"] for coding in security]


def _say_of_joyce(meta: Resource | None) -> None:
    """A file says of the kept record which labels it has now."""
    kept = record.read(PLACE, "Patient", "joyce").resource
    own = {k: v for k, v in kept["meta"].items() if k != "security"}
    put({**kept, "meta": {**own, **(meta or {})}}, source=PRACTICE)


def test_a_label_put_on_one_later_is_put_on_all_of_them_at_once() -> None:
    """Else the half without it would tell of the other (domain.md 1.5); both logs have it."""
    _two()
    put(joyce("jan"))
    _join()
    merge(OFFICER, "joyce", "jan", reason="same", if_versions=(2, 1))
    assert find(GP, "Patient", _id="joyce,jean,jan").entries
    _say_of_joyce(PROTECTED)
    assert _labels("joyce") == _labels("jean") == _labels("jan") == ["protected-identity"]
    assert find(GP, "Patient", _id="joyce,jean,jan").entries == ()
    for name in ("joyce", "jean", "jan"):
        with pytest.raises(NotFound):
            record.vread(GP, "Patient", name, 1)
    assert record.read(OFFICER, "Patient", "jean").resource["active"] is False
    assert record.read(OFFICER, "Patient", "jean").author == OFFICER.worker  # who joined them
    _say_of_joyce(None)
    assert _labels("joyce") == _labels("jean") == _labels("jan") == []
    assert find(GP, "Patient", _id="jean").entries
    assert not list(verify())


def test_the_audit_has_each_record_a_label_was_put_on(superuser: Superuser) -> None:
    """Who put it there is told of each, and the outbox names each."""
    _two()
    _join()
    _say_of_joyce(PROTECTED)
    keys = [resource_key("Patient", name) for name in ("joyce", "jean")]
    events = superuser.execute(
        "select key, worker, action from record.audit_event where key = any (%s)"
        " and label <> 0 and action = 'updated' order by seq",
        (keys,),
    ).fetchall()
    assert events == [(key, PLACE.worker, "updated") for key in keys]
    lines = superuser.execute("select keys from record.outbox order by seq desc limit 2")
    assert list(lines) == [([key],) for key in reversed(keys)]


def test_who_are_protected_while_joined_can_be_parted_and_stay_so() -> None:
    """By the privacy officer alone, as for joining; of whom it was meant, people say afterwards."""
    _two()
    _join()
    _say_of_joyce(PROTECTED)
    with pytest.raises((NotFound, NotPermitted)):
        unmerge(GP, "joyce", "jean", reason="two women")
    parted = unmerge(OFFICER, "joyce", "jean", reason="two women")
    assert parted.other.resource["name"] == [{"family": "Halam"}]
    assert _labels("joyce") == _labels("jean") == ["protected-identity"]
    _say_of_joyce(None)
    assert (_labels("joyce"), _labels("jean")) == ([], ["protected-identity"])
    assert not list(verify())


def test_a_restriction_is_taken_off_both_or_neither() -> None:
    """It came with the other; lifted from the kept while they are one, nothing of it is left."""
    home = {"address": [{"line": ["1 Mill Lane"], "postalCode": "GL50 1AA"}]}
    put(joyce("joyce", **home), joyce("jean", meta=label(CONFIDENTIALITY, "R"), **home))
    _join()
    assert ids(find(GP, "Patient", **{"address-postalcode": "GL50 1AA"})) == []
    kept = record.read(PLACE, "Patient", "joyce").resource
    lifted = {**kept, "meta": {k: v for k, v in kept["meta"].items() if k != "security"}}
    record.commit(PLACE, [Update(lifted, 2)])
    assert _labels("joyce") == _labels("jean") == []
    found = find(GP, "Patient", **{"address-postalcode": "GL50 1AA"})
    assert sorted(ids(found)) == ["jean", "joyce"]
    _say_of_joyce(label(CONFIDENTIALITY, "V"))
    assert _labels("jean") == ["V"]
    assert "address" not in shown(GP, record.read(GP, "Patient", "jean")).resource
    assert not list(verify())


def test_what_organisations_state_of_her_is_hidden_with_her() -> None:
    """The hospital's own Patient would tell of her; its next file says when it shows again."""
    _two()
    own = {"other": {"reference": "Patient/joyce"}, "type": "refer"}
    stated = joyce("hospital-joyce", name=[{"family": "Hallam-Lane"}], link=[own])
    put(stated, source=HOSPITAL)
    _join()
    assert ids(find(GP, "Patient", family="Hallam-Lane")) == ["hospital-joyce"]
    _say_of_joyce(PROTECTED)
    assert _labels("hospital-joyce") == ["protected-identity"]
    assert ids(find(GP, "Patient", family="Hallam-Lane")) == []
    assert record.read(OFFICER, "Patient", "hospital-joyce").source == HOSPITAL
    _say_of_joyce(None)
    assert (_labels("jean"), _labels("hospital-joyce")) == ([], ["protected-identity"])
    put(stated, source=HOSPITAL)
    assert ids(find(GP, "Patient", family="Hallam-Lane")) == ["hospital-joyce"]
    _say_of_joyce(label(CONFIDENTIALITY, "R"))
    assert _labels("hospital-joyce") == []
    assert not list(verify())


def test_a_label_that_comes_for_the_other_is_not_refused_as_if_it_were_nothing() -> None:
    """A joined Patient is changed by nothing else; the refusal says where the label belongs."""
    _two()
    _join()
    with pytest.raises(Conflict, match="not protected yet"):
        put(joyce("jean", meta=PROTECTED), source=HOSPITAL)
    _say_of_joyce(PROTECTED)
    with pytest.raises(Conflict) as routine:
        put(joyce("jean", meta=PROTECTED), source=HOSPITAL)
    assert "label" not in str(routine.value)
