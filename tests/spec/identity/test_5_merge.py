"""Chapter Identity, 5: when two records prove to be one, and when that proves wrong.

The texts stay what they were; under whom they are seen is what changes (docs/decisions/0013).
"""

import pytest

from joinedup import record
from joinedup.access.permit import person_permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound, NotPermitted, Stale
from joinedup.fhir.key import resource_key
from joinedup.people.queries import gather
from joinedup.record import Put, Source, Update
from joinedup.record.looked import sittings
from joinedup.record.merge import merge, unmerge
from joinedup.record.verify import verify
from tests.spec.identity.conftest import Superuser
from tests.spec.my.test_1_who_looked import break_glass
from tests.spec.record.place import (
    ACT_CODE,
    CONFIDENTIALITY,
    GP,
    HOSPITAL,
    NURSE,
    PLACE,
    PRACTICE,
    SOCIAL_WORKER,
    find,
    ids,
    joyce,
    label,
    numbered,
    put,
    service,
    stay,
    weight,
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


def test_ids_versions_and_both_histories_still_resolve() -> None:
    """The other Patient is inactive and linked; every version of either can be read."""
    _two()
    _join()
    other, kept = record.read(GP, "Patient", "jean"), record.read(GP, "Patient", "joyce")
    assert other.resource["active"] is False
    assert other.resource["link"] == [
        {"other": {"reference": "Patient/joyce"}, "type": "replaced-by"}
    ]
    assert kept.resource["link"] == [{"other": {"reference": "Patient/jean"}, "type": "replaces"}]
    assert "active" not in record.vread(GP, "Patient", "jean", 1).resource
    assert [s.version for s in record.history(GP, "Patient", "jean").entries] == [2, 1]
    assert [s.version for s in record.history(GP, "Observation", "w2").entries] == [1]


def test_numbers_of_the_other_find_the_one_kept() -> None:
    """An NHS number of each: the other's is an old one of the kept; a lone one goes over."""
    put(numbered("joyce", "9990000018"), numbered("jean", "9990000026"))
    put(joyce("ada"), numbered("eda", "9990000034"))
    _join()
    old = find(GP, "Patient", identifier="9990000026")
    assert sorted(ids(old)) == ["jean", "joyce"]
    assert record.read(GP, "Patient", "joyce").resource["identifier"][1]["use"] == "old"
    merge(OFFICER, "ada", "eda", reason="same", if_versions={"ada": 1, "eda": 1})
    assert "use" not in record.read(GP, "Patient", "ada").resource["identifier"][0]
    with pytest.raises(Conflict, match="NHS number"):
        put(numbered("third", "9990000034"))
    assert not list(verify())


def test_whoever_reached_either_reaches_both_and_nobody_else() -> None:
    """The hospital had Jean, the practice Joyce; the council had neither and has neither."""
    _two()
    with pytest.raises(NotFound):
        record.read(NURSE, "Observation", "w1")
    _join()
    assert record.read(NURSE, "Observation", "w1")
    assert record.read(GP, "Encounter", "e1")
    for kind, name in (("Patient", "jean"), ("Patient", "joyce"), ("Observation", "w2")):
        with pytest.raises(NotFound):
            record.read(SOCIAL_WORKER, kind, name)
    jean = person_permit("jean", "Jean")
    assert ids(find(jean, "Observation", patient="Patient/jean")) != []


def test_what_is_written_about_either_later_is_seen_under_the_kept() -> None:
    """A feed that still says Jean, a form that says Joyce: one list; nothing to do for either."""
    _two()
    _join()
    put(weight("w3", "jean"), weight("w4", "joyce"), service("s1", "jean", start="2017-12-01"))
    record.commit(GP, [record.Create(weight("w5", "jean"), "w5")])
    found = ids(find(GP, "Observation", subject="Patient/joyce"))
    assert sorted(found) == ["w1", "w2", "w3", "w4", "w5"]
    assert record.read(SOCIAL_WORKER, "Patient", "joyce")  # by a service that names Jean
    record.commit(GP, [Update(weight("w2", "jean", status="amended"), 1)])
    assert "w2" in ids(find(GP, "Observation", subject="Patient/joyce", status="amended"))
    assert not list(verify())


def test_a_joined_patient_is_changed_by_nothing_else() -> None:
    """It says where its record is. Change the kept one, or part them."""
    _two()
    _join()
    with pytest.raises(Conflict, match="was joined to Patient/joyce"):
        record.commit(PLACE, [Put(joyce("jean", birthDate="1934-01-01"), Source(PRACTICE))])
    kept = record.read(GP, "Patient", "joyce").resource
    record.commit(GP, [Update({**kept, "birthDate": "1933-05-12"}, 2)])
    assert not list(verify())


def test_objections_and_restrictions_of_either_stand() -> None:
    """Fail closed: what one record withheld, the joined one withholds."""
    home = {"address": [{"line": ["1 Mill Lane"], "postalCode": "GL50 1AA"}]}
    put(
        joyce("joyce", **home),
        joyce("jean", meta=label(CONFIDENTIALITY, "R"), **home, **ELSEWHERE),
        {"resourceType": "Consent", "id": "no", "status": "active",
         "patient": {"reference": "Patient/jean"},
         "category": [{"coding": [{"system": "https://joinedup.example/CodeSystem/consent",
                                   "code": "objection"}]}],
         "provision": {"type": "deny", "actor": [
             {"reference": {"reference": f"Organization/{HOSPITAL}"}}]}},
        weight("w1", "joyce"),
        stay("e1", "joyce", start="2017-12-01"),
    )  # fmt: skip
    assert ids(find(NURSE, "Observation", subject="Patient/joyce")) == ["w1"]
    assert ids(find(PLACE, "Patient", **{"address-postalcode": "GL50 1AA"})) == ["joyce"]
    _join()
    assert ids(find(NURSE, "Observation", subject="Patient/joyce")) == []
    assert ids(find(PLACE, "Patient", **{"address-postalcode": "GL50 1AA"})) == []
    unmerge(OFFICER, "joyce", "jean", reason="two women")
    assert ids(find(NURSE, "Observation", subject="Patient/joyce")) == ["w1"]
    assert ids(find(PLACE, "Patient", **{"address-postalcode": "GL50 1AA"})) == ["joyce"]
    assert not list(verify())


def test_parting_gives_each_their_own_and_lists_what_came_since() -> None:
    """Exact: rows and answers are as they were; what was written in between is for a person."""
    _two()
    before = [s.reference for s in record.everything(GP, "joyce").entries]
    _join()
    put(weight("w3", "joyce"), weight("w4", "jean"))
    parted = unmerge(OFFICER, "joyce", "jean", reason="two women after all")
    assert parted.written_to_kept == () and parted.written_to_other == ()  # not hers to see
    after = [s.reference for s in record.everything(GP, "joyce").entries]
    assert sorted(after) == sorted([*before, "Observation/w3"])
    assert record.read(GP, "Patient", "joyce").resource == {
        **record.vread(GP, "Patient", "joyce", 1).resource,
        "meta": record.read(GP, "Patient", "joyce").resource["meta"],
    }
    with pytest.raises(NotFound):
        record.read(GP, "Patient", "jean")
    assert sorted(ids(find(NURSE, "Observation", subject="Patient/jean"))) == ["w2", "w4"]
    assert "active" not in record.read(NURSE, "Patient", "jean").resource
    assert not list(verify())


def test_whoever_cares_for_her_is_told_what_was_written_in_between() -> None:
    """A GP who parts them sees the entries to decide about, by the Patient they name."""
    put(joyce("joyce"), joyce("jean"), weight("w1", "jean"))
    merge(GP, "joyce", "jean", reason="same woman", if_versions=(1, 1))
    put(weight("w3", "joyce"), weight("w4", "jean"))
    parted = unmerge(GP, "joyce", "jean", reason="two women")
    assert parted.written_to_kept == ("Observation/w3",)
    assert parted.written_to_other == ("Observation/w4",)


def test_a_third_record_goes_along_and_comes_back() -> None:
    """A to B, then B to C: all under C. C and B parted: A is under B again."""
    put(joyce("a"), joyce("b"), joyce("c"), weight("wa", "a"), weight("wb", "b"), weight("wc", "c"))
    merge(GP, "b", "a", reason="same", if_versions=(1, 1))
    merge(GP, "c", "b", reason="same", if_versions=(1, 2))
    assert sorted(ids(find(GP, "Observation", subject="Patient/a"))) == ["wa", "wb", "wc"]
    assert not list(verify())
    unmerge(GP, "c", "b", reason="not same")
    assert sorted(ids(find(GP, "Observation", subject="Patient/a"))) == ["wa", "wb"]
    assert ids(find(GP, "Observation", subject="Patient/c")) == ["wc"]
    assert not list(verify())
    unmerge(GP, "b", "a", reason="not same")
    assert ids(find(GP, "Observation", subject="Patient/a")) == ["wa"]
    assert not list(verify())


def test_who_may_join_and_what_is_refused() -> None:
    """By role, sight, version, reason; a program never; somebody joined already."""
    _two()
    put(joyce("sue", meta=label(CONFIDENTIALITY, "R")), joyce("may", meta=label(ACT_CODE, "SDV")))
    refused = [
        (NotPermitted, NURSE, "joyce", "jean", "same", (1, 1)),
        (NotFound, GP, "joyce", "jean", "same", (1, 1)),
        (NotFound, GP, "joyce", "nobody", "same", (1, 1)),
        (Stale, OFFICER, "joyce", "jean", "same", (1, 2)),
        (Invalid, OFFICER, "joyce", "jean", " ", (1, 1)),
        (Invalid, OFFICER, "joyce", "joyce", "same", (1, 1)),
        (NotPermitted, GP, "joyce", "sue", "same", (1, 1)),
    ]
    for refusal, permit, kept, other, reason, versions in refused:
        with pytest.raises(refusal):
            merge(permit, kept, other, reason=reason, if_versions=versions)
    with pytest.raises(Exception, match="protected"):
        merge(OFFICER, "joyce", "may", reason="same", if_versions=(1, 1))
    _join()
    with pytest.raises(Conflict, match="joined to another record already"):
        merge(OFFICER, "sue", "jean", reason="same", if_versions=(1, 2))
    with pytest.raises(Conflict, match="nothing to part"):
        unmerge(OFFICER, "jean", "joyce", reason="not same")
    assert not list(verify())


def test_both_logs_say_who_looked_while_they_were_one() -> None:
    """Joined, one log; parted, each has their own, and Jean's says who opened the joined record."""
    _two()
    record.everything(NURSE, "jean")
    _join()
    record.everything(GP, "joyce")
    own = person_permit("joyce", "Joyce")
    assert {s.worker for s in sittings(own, "joyce")} >= {NURSE.worker, GP.worker, OFFICER.worker}
    unmerge(OFFICER, "joyce", "jean", reason="two women")
    assert NURSE.worker not in {s.worker for s in sittings(own, "joyce")}
    jean = {s.worker: s for s in sittings(person_permit("jean", "Jean"), "jean")}
    assert {NURSE.worker, GP.worker, OFFICER.worker} <= set(jean)
    assert {"merged", "parted"} <= set(jean[OFFICER.worker].did)


def test_the_outbox_names_both(superuser: Superuser) -> None:
    """Every system that received either id is told again, of joining and of parting (ID-04)."""
    _two()
    _join()
    unmerge(OFFICER, "joyce", "jean", reason="two women")
    both = {resource_key("Patient", "joyce"), resource_key("Patient", "jean")}
    lines = superuser.execute("select people from record.outbox order by seq desc limit 2")
    assert [set(people) for (people,) in lines] == [both, both]


def test_a_file_that_knows_nothing_of_it_undoes_nothing() -> None:
    """An import of the kept Patient as it was keeps the link, the numbers and the practice."""
    _two()
    _join()
    before = record.read(GP, "Patient", "joyce").resource
    put(numbered("joyce", "9990000018", birthDate="1933-05-12"), source=PRACTICE)
    after = record.read(NURSE, "Patient", "joyce").resource
    assert after["birthDate"] == "1933-05-12"
    assert [after[e] for e in ("link", "generalPractitioner", "identifier")] == [
        before[e] for e in ("link", "generalPractitioner", "identifier")
    ]
    again = put(numbered("joyce", "9990000018", birthDate="1933-05-12"), source=PRACTICE)
    assert again.outcomes[0].action == "unchanged"
    assert not list(verify())


def test_a_life_is_that_of_the_one_kept() -> None:
    """Pages, cards and copies show one person, whichever id somebody came by or signed in with."""
    _two()
    _join()
    for asked in ("joyce", "jean"):
        life = gather(person_permit(asked, "Joyce"), asked)
        assert life.person.id == "joyce" and [o.id for o in life.others] == ["jean"]
        assert {s.id for s in life.statements} == {"w1", "w2", "e1"}


def test_what_was_opened_for_some_hours_is_not_joined_for_good() -> None:
    """Else broken glass would become sight that never ends (domain.md 1.2)."""
    put(joyce("jean"), numbered("joyce", "9990000018", **ELSEWHERE), weight("w1", "joyce"))
    break_glass(GP)
    assert record.read(GP, "Observation", "w1")
    with pytest.raises((NotFound, NotPermitted)):
        merge(GP, "jean", "joyce", reason="same woman", if_versions=(1, 1))


def test_after_parting_the_other_log_names_nobody_who_looked_at_their_own() -> None:
    """Joyce looked at what she took for hers; whose daughter she has is not Jean's to know."""
    _two()
    _join()
    her = person_permit("joyce", "Joyce Hallam", session="hers")
    record.everything(her, "joyce")
    record.everything(GP, "joyce")
    unmerge(OFFICER, "joyce", "jean", reason="two women")
    looks = sittings(person_permit("jean", "Jean Halam"), "jean")
    assert Role.GP.value in {look.role for look in looks}
    assert "Joyce Hallam" not in {look.name for look in looks}
