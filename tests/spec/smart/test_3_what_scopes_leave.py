"""What an app may do: the policy, and the scopes, and whom it was opened for; never one alone.

Trust 2, lesson 13: effective right = policy and scope and launch context.
"""

import pytest

from joinedup.access.scopes import LETTERS, Scope, is_within, narrowed_to, read_scopes, right
from tests.load.people import condition, observation
from tests.spec.smart.app import fhir, known, signed_in
from tests.spec.smart.conftest import JOYCE, LABORATORY

LAB = f"category={LABORATORY}|laboratory"
ONLY_LAB = (("category", f"{LABORATORY}|laboratory"),)
VITAL = f"category={LABORATORY}|vital-signs"


class TestReading:
    """Scopes as they are written (SMART App Launch 2.2, 3.0.2)."""

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("patient/Observation.rs", Scope("patient", "Observation", "rs")),
            ("user/*.cruds", Scope("user", "*", "cruds")),
            ("system/Patient.r", Scope("system", "Patient", "r")),
            (f"patient/Observation.rs?{LAB}", Scope("patient", "Observation", "rs", ONLY_LAB)),
            (f"patient/Observation.cruds?{LAB}", Scope("patient", "Observation", "rs", ONLY_LAB)),
        ],
    )  # fmt: skip
    def test_these_are_ours(self, text: str, read: Scope) -> None:
        """A filter goes with reading alone."""
        assert read_scopes(text) == (read,)
        assert read_scopes(read.text) == (read,)

    @pytest.mark.parametrize(
        "text",
        ["", "patient/Observation.sr", "patient/Observation.", "patient/Observation.rrs",
         "patient/Nobody.rs", "patient/observation.rs", "other/Observation.rs", "patient/*.x",
         "patient/Observation.read", "Patient/Observation.rs", "patient/Observation.rs?",
         "patient/Observation.rs?nothing=x", "patient/Observation.rs?_count=1",
         "patient/Observation.rs?subject:Patient.name=x", "patient/Observation.c?category=x",
         "patient/*.rs?category=x", "patient/Observation.rs?category=a&_sort=date",
         "patient/Observation.rs?_include=Observation:subject", "patient//Observation.rs",
         "patient/Observation.rs#x", "patient/Binary.rs", "patient/Observation.rs\n"],
    )  # fmt: skip
    def test_these_are_not(self, text: str) -> None:
        """What is not understood gives nothing, and is never read as more (RFC 6749 3.3)."""
        assert read_scopes(text) == ()

    def test_narrowing_gives_no_more_than_either(self) -> None:
        """Type, letters and filters alike."""
        most = read_scopes(f"patient/Observation.rs?{LAB} patient/Condition.cruds user/*.r")
        asked = read_scopes("patient/*.rs user/Observation.cruds")
        got = narrowed_to(asked, most)
        assert {s.text for s in got} == {
            f"patient/Observation.rs?{LAB}", "patient/Condition.rs", "user/Observation.r",
        }  # fmt: skip
        assert all(is_within(s, asked) and is_within(s, most) for s in got)
        assert right(got, "Patient", "r") is None


@pytest.mark.usefixtures("place")
class TestTypes:
    """What was not granted is refused before it is looked at, whatever is there (403)."""

    def test_each_letter_is_its_own(self) -> None:
        """r reads and no more, s searches and no more."""
        gp = signed_in("gp")
        reads = known("reads").tokens(gp, "user/Observation.r")["access_token"]
        seeks = known("seeks").tokens(gp, "user/Observation.s")["access_token"]
        for path in ("/Observation/blood-bob", "/Observation/blood-bob/_history",
                     "/Observation/blood-bob/_history/1"):  # fmt: skip
            assert (fhir(reads, path).status, fhir(seeks, path).status) == (200, 403), path
        for path in ("/Observation", "/Patient/bob/Observation", "/Observation?_id=blood-bob"):
            assert (fhir(reads, path).status, fhir(seeks, path).status) == (403, 200), path

    def test_writing_needs_its_letter(self) -> None:
        """c, u and d, one by one, and each in a transaction too."""
        gp = signed_in("gp")
        new = observation("Patient/bob")
        for letters, expected in (
            ("c", (201, 403, 403)),
            ("u", (403, 200, 403)),
            ("d", (403, 403, 204)),
        ):
            wanted = "".join(sorted(f"{letters}rs", key=LETTERS.index))
            asked = f"user/Observation.{wanted} user/Patient.rs"
            token = known(f"app-{letters}").tokens(gp, asked)["access_token"]
            whole = fhir(token, "/Observation/pressure-bob").json
            version = f'W/"{whole["meta"]["versionId"]}"'
            got = (
                fhir(token, "/Observation", method="POST", content=new).status,
                fhir(
                    token,
                    "/Observation/pressure-bob",
                    method="PUT",
                    content=whole,
                    if_match=version,
                ).status,
                fhir(token, "/Observation/blood-bob", method="DELETE").status,
            )
            assert got == expected, letters

    def test_a_transaction_is_refused_whole(self) -> None:
        """When one of its entries is not the app's to make."""
        token = known().tokens(signed_in("gp"), "user/Observation.c user/Patient.rs")[
            "access_token"
        ]
        entries = [
            {"resource": r, "request": {"method": "POST", "url": r["resourceType"]}}
            for r in (observation("Patient/bob"), condition("Patient/bob"))
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = fhir(token, "", method="POST", content=bundle)
        assert answer.status == 403 and "create Condition" in answer.body
        bundle["entry"] = entries[:1]
        assert fhir(token, "", method="POST", content=bundle).status == 200

    def test_nothing_else_comes_along(self) -> None:
        """`_include`, `_revinclude`, chains: of types that were granted whole, or not at all."""
        gp = signed_in("gp")
        alone = known("alone").tokens(gp, "user/Observation.rs")["access_token"]
        for path in ("/Observation?_include=Observation:subject",
                     "/Observation?subject:Patient.family=Baker"):  # fmt: skip
            assert fhir(alone, path).status == 403, path
        both = known("both").tokens(gp, f"user/Observation.rs?{LAB} user/Patient.rs")[
            "access_token"
        ]
        assert fhir(both, "/Patient?_revinclude=Observation:subject").status == 403
        found = fhir(both, "/Observation?_include=Observation:subject").entries
        assert {r["resourceType"] for r in found} == {"Observation", "Patient"}
        assert fhir(both, "/Observation?subject:Patient.family=Baker").entries

    def test_everything_is_what_was_granted(self) -> None:
        """`$everything` holds the types that may be searched whole, and no other."""
        token = known().tokens(
            signed_in("gp"), f"user/Patient.rs user/Condition.rs user/Observation.rs?{LAB}"
        )["access_token"]
        found = fhir(token, "/Patient/bob/$everything").entries
        assert {r["resourceType"] for r in found} == {"Patient", "Condition"}

    def test_the_log_of_looks_has_a_scope_of_its_own(self) -> None:
        """A worker's app bound to one person does not read the worker's own looks at others."""
        joyce = signed_in("person")
        plain = known("plain").tokens(joyce, "launch/patient patient/Patient.rs")["access_token"]
        log = known("log").tokens(joyce, "launch/patient patient/AuditEvent.rs")["access_token"]
        assert fhir(plain, "/AuditEvent").status == 403
        assert fhir(log, "/AuditEvent").status == 200
        gp = known("bound").tokens(
            signed_in("gp"), "launch/patient patient/AuditEvent.rs", nhs_number="9990000026"
        )
        assert fhir(gp["access_token"], "/AuditEvent").status == 403


@pytest.mark.usefixtures("place")
class TestFilters:
    """Granular scopes: only some of a type."""

    def test_only_what_fits_is_found_or_read(self) -> None:
        """The rest is as absent as anything."""
        token = known().tokens(signed_in("person"), f"launch/patient patient/Observation.rs?{LAB}")
        token = token["access_token"]
        assert [r["id"] for r in fhir(token, "/Observation").entries] == [f"blood-{JOYCE}"]
        assert fhir(token, f"/Observation/blood-{JOYCE}").status == 200
        hidden = fhir(token, f"/Observation/pressure-{JOYCE}")
        absent = fhir(token, "/Observation/nothing")
        assert hidden.status == absent.status == 404
        assert hidden.body.replace(f"pressure-{JOYCE}", "nothing") == absent.body
        assert fhir(token, f"/Observation?{VITAL}").entries == []
        assert fhir(token, "/Observation?_total=accurate&_count=0").json["total"] == 1
        assert fhir(token, "/Observation?category:not=laboratory").entries == []

    def test_two_filters_give_what_fits_either(self) -> None:
        """Scopes add up; the filters of one all hold."""
        asked = f"launch/patient patient/Observation.rs?{LAB} patient/Observation.rs?{VITAL}"
        token = known().tokens(signed_in("person"), asked)["access_token"]
        assert len(fhir(token, "/Observation").entries) == 2
        narrow = f"launch/patient patient/Observation.rs?{LAB}&{VITAL}"
        token = known("narrow").tokens(signed_in("person"), narrow)["access_token"]
        assert fhir(token, "/Observation").entries == []

    def test_earlier_versions_are_not_shown_through_a_filter(self) -> None:
        """One may not have fitted."""
        asked = f"launch/patient patient/Observation.rs?{LAB}"
        token = known().tokens(signed_in("person"), asked)["access_token"]
        for path in ("_history", "_history/1"):
            assert fhir(token, f"/Observation/blood-{JOYCE}/{path}").status == 403

    def test_pages_keep_the_filter(self) -> None:
        """A cursor goes on in the same search, and is of no use with another's scopes."""
        from joinedup import record
        from joinedup.access.permit import system_permit
        from joinedup.record import Put

        coded = {"category": [{"coding": [{"system": LABORATORY, "code": "laboratory"}]}]}
        more = [observation(f"Patient/{JOYCE}", id=f"more-{n}", **coded) for n in range(3)]
        record.commit(system_permit("test"), [Put(r) for r in more], dangling="keep")
        asked = f"launch/patient patient/Observation.rs?{LAB}"
        token = known().tokens(signed_in("person"), asked)["access_token"]
        first = fhir(token, "/Observation?_count=2").json
        link = next(each["url"] for each in first["link"] if each["relation"] == "next")
        path = link.partition("/fhir")[2]
        assert len(fhir(token, path).entries) == 2
        wide = known("wide").tokens(signed_in("person"), "launch/patient patient/Observation.rs")
        assert fhir(wide["access_token"], path).status == 400


@pytest.mark.usefixtures("place")
class TestContext:
    """For whom it was opened: nobody else, whatever its holder may see."""

    def test_a_workers_app_sees_the_one_person(self) -> None:
        """The GP sees both; an app opened for Bob sees Bob, in searches, reads and chains."""
        asked = "launch/patient patient/*.rs"
        token = known().tokens(signed_in("gp"), asked, nhs_number="9990000026")["access_token"]
        assert fhir(token, "/Observation/blood-bob").status == 200
        assert {r["id"] for r in fhir(token, "/Patient").entries} == {"bob"}
        assert {r["id"] for r in fhir(token, "/Observation").entries} == {
            "blood-bob",
            "pressure-bob",
        }
        for path in (f"/Patient/{JOYCE}", f"/Observation/blood-{JOYCE}",
                     f"/Patient/{JOYCE}/$everything",
                     f"/Observation/blood-{JOYCE}/_history"):  # fmt: skip
            assert fhir(token, path).status == 404, path
        assert fhir(token, f"/Observation?patient=Patient/{JOYCE}").entries == []
        assert fhir(token, f"/Patient/{JOYCE}/Observation").entries == []
        assert fhir(token, "/Observation?subject:Patient.family=Hallam").entries == []
        assert fhir(token, "/Organization/Y90001").status == 200, "what is about nobody"

    def test_nor_does_it_write_about_anybody_else(self) -> None:
        """Policy would; the launch does not."""
        asked = "launch/patient patient/*.cruds"
        token = known().tokens(signed_in("gp"), asked, nhs_number="9990000026")["access_token"]
        own = fhir(token, "/Observation", method="POST", content=observation("Patient/bob"))
        assert own.status == 201
        other = observation(f"Patient/{JOYCE}")
        assert fhir(token, "/Observation", method="POST", content=other).status in (403, 422)
        assert fhir(token, f"/Observation/blood-{JOYCE}", method="DELETE").status == 404

    def test_what_was_granted_beyond_the_person_is_not_bound(self) -> None:
        """`user/` beside `patient/`: each type by its own."""
        asked = "launch/patient patient/Observation.rs user/Condition.rs"
        token = known().tokens(signed_in("gp"), asked, nhs_number="9990000026")["access_token"]
        assert len(fhir(token, "/Condition").entries) == 2
        assert len(fhir(token, "/Observation").entries) == 2
        assert fhir(token, f"/Observation/blood-{JOYCE}").status == 404

    def test_the_policy_still_decides(self) -> None:
        """An app of a receptionist reads no results, whatever it was granted: it never is."""
        page = signed_in("receptionist").get(known().wish("user/Observation.rs user/Patient.rs"))
        assert "test results" not in page.content.decode()
        token = known("all").tokens(signed_in("receptionist"), "user/*.rs")["access_token"]
        assert fhir(token, "/Observation").entries == []
        assert fhir(token, "/Observation/blood-bob").status == 404

    def test_an_objection_holds_for_apps_too(self) -> None:
        """Whatever the person says of their record, an app of a worker meets as the worker does."""
        from datetime import UTC, datetime

        from joinedup.access.permit import person_permit
        from joinedup.people.my_actions import object_to

        token = known().tokens(signed_in("gp"), "user/*.rs")["access_token"]
        assert fhir(token, f"/Observation/blood-{JOYCE}").status == 200
        permit = person_permit(JOYCE, "Joyce")
        object_to(permit, JOYCE, "Y90001", version=0, at=datetime.now(UTC))
        assert fhir(token, f"/Observation/blood-{JOYCE}").status == 404
        assert fhir(token, "/Observation/blood-bob").status == 200
