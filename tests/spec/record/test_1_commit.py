"""The record, chapter 1. Every change is one commit.

Pages, API, imports and jobs change the record by `commit` alone: new versions, index rows, claims,
reach, audit event and outbox line are stored together, or nothing is (house.md, law 1).
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from joinedup import record
from joinedup.fhir.issue import (
    Conflict,
    Gone,
    Invalid,
    NotPermitted,
    Refusal,
    SeveralMatches,
    Stale,
    TooLarge,
    Unprocessable,
)
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.wire import read_resource
from joinedup.record import Create, Delete, Put, Source, Update
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import (
    ANALYST,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    PLACE,
    PRACTICE,
    find,
    ids,
    joyce,
    numbered,
    put,
    weight,
)

ELSEWHERE = weight("w2", "nobody")


def counts(superuser: Superuser) -> dict[str, int]:
    tables = "version head token string date reference claim reach audit_event outbox".split()
    return {
        table: superuser.execute(f"select count(*) from record.{table}").fetchone()[0]
        for table in tables
    }


def test_all_of_a_commit_is_stored(superuser: Superuser) -> None:
    """One transaction leaves every kind of row behind, one audit event and one outbox line."""
    before = counts(superuser)
    record.commit(GP, [Create(numbered("joyce", "9990000018"), "joyce"), Create(weight(), "w1")])
    after = counts(superuser)
    more = {table: after[table] - before[table] for table in after}
    assert (more["version"], more["head"], more["claim"]) == (2, 2, 1)
    assert (more["audit_event"], more["outbox"]) == (1, 1)
    assert min(more["token"], more["string"], more["date"], more["reference"], more["reach"]) > 0


def test_or_nothing_is(superuser: Superuser) -> None:
    """The last of four refers to nobody in the record: not one row of the others stays."""
    before = counts(superuser)
    good = [Create(joyce(), "joyce"), Create(weight(), "w1"), Create(weight("w3"), "w3")]
    with pytest.raises(Unprocessable, match="Patient/nobody is not in the record"):
        record.commit(GP, [*good, Create(ELSEWHERE, "w2")])
    assert counts(superuser) == before


def test_a_refusal_in_the_database_also_leaves_nothing(superuser: Superuser) -> None:
    """A claim is held by somebody else: found out last of all, and still nothing stays."""
    put(numbered("joyce", "9990000018"))
    before = counts(superuser)
    with pytest.raises(Conflict):
        record.commit(GP, [Create(joyce("a"), "a"), Create(numbered("b", "9990000018"), "b")])
    assert counts(superuser) == before


def test_what_would_be_found_by_too_much_is_refused() -> None:
    """A code is at most 2,000 characters; an entry is found by at most 20,000 rows of the index."""
    wordy = numbered("joyce", "9990000018") | {"name": [{"given": [f"G{n}"]} for n in range(9_000)]}
    record.commit(GP, [Create(wordy, "joyce")])
    wordier = wordy | {"name": [{"given": [f"G{n}"]} for n in range(10_001)]}
    with pytest.raises(TooLarge, match=r"This Patient would be found by 20,\d+ names.*as several"):
        record.commit(GP, [Put({**wordier, "id": "joyce"})])
    coded = weight("w1") | {"code": {"coding": [{"system": "http://codes", "code": "x" * 2_001}]}}
    with pytest.raises(TooLarge, match="too long to be found by"):
        record.commit(GP, [Create(coded, "w1")])


def test_one_resource_is_changed_once_in_a_commit() -> None:
    """Twice in one commit would make the order of the changes matter."""
    with pytest.raises(Invalid, match="changed twice"):
        record.commit(PLACE, [Put(joyce()), Delete("Patient", "joyce")])


def test_a_role_that_may_not_write_writes_nothing() -> None:
    """An analyst's permit is refused before anything is looked at."""
    with pytest.raises(NotPermitted, match="analyst"):
        record.commit(ANALYST, [Create(joyce())])


class TestVersions:
    """Nothing is overwritten: each change makes the next version, and every one can be read."""

    def test_each_change_makes_the_next_version(self) -> None:
        """Versions are numbered 1, 2, 3; the history begins with the newest."""
        put(joyce())
        record.commit(PLACE, [Update(joyce(gender="female"), 1)])
        assert record.read(PLACE, "Patient", "joyce").version == 2
        assert "gender" not in record.vread(PLACE, "Patient", "joyce", 1).resource
        versions = record.history(PLACE, "Patient", "joyce").entries
        assert [v.version for v in versions] == [2, 1]

    def test_a_version_says_its_number_and_moment(self) -> None:
        """`meta.versionId` and `meta.lastUpdated` are the record's, whatever was sent."""
        now = datetime(2024, 1, 16, 10, 0, 0, 250_000, tzinfo=UTC)
        sent = joyce(meta={"versionId": "77", "lastUpdated": "1999-01-01T00:00:00Z", "tag": []})
        (stored,) = record.commit(PLACE, [Put(sent)], now=now).stored
        meta = stored.resource["meta"]
        assert (meta["versionId"], meta["lastUpdated"]) == ("1", "2024-01-16T10:00:00.250000Z")

    def test_who_saw_an_older_version_loses(self) -> None:
        """House law 4: the message says which was seen and which stands."""
        put(joyce())
        record.commit(PLACE, [Update(joyce(gender="female"), 1)])
        with pytest.raises(Stale, match="you saw version 1, it is now at version 2"):
            record.commit(PLACE, [Update(joyce(gender="male"), 1)])

    def test_of_two_who_write_at_once_one_wins(self) -> None:
        """Twelve change the same version at the same time: one succeeds, eleven are stale."""
        put(joyce())

        def change(number: int) -> str:
            try:
                record.commit(PLACE, [Update(joyce(name=[{"text": f"Name {number}"}]), 1)])
            except Refusal as refusal:
                return type(refusal).__name__
            return "won"

        with ThreadPoolExecutor(12) as pool:
            results = list(pool.map(change, range(12)))
        assert sorted(results) == ["Stale"] * 11 + ["won"]

    def test_saying_the_same_again_makes_no_version(self) -> None:
        """`Put`, the word of imports: a file sent twice changes nothing the second time."""
        assert put(joyce()).outcomes[0].action == "created"
        assert put(joyce()).outcomes[0].action == "unchanged"
        assert put(joyce(gender="female")).outcomes[0].action == "updated"
        assert record.read(PLACE, "Patient", "joyce").version == 2

    def test_what_is_deleted_is_gone_and_its_history_stays(self) -> None:
        """FHIR R4 3.1.0.7: reading it says gone, searches pass it by, old versions are there."""
        put(joyce(), weight())
        record.commit(PLACE, [Delete("Observation", "w1", 1)])
        with pytest.raises(Gone):
            record.read(PLACE, "Observation", "w1")
        with pytest.raises(Gone):
            record.commit(PLACE, [Update(weight(), 2)])
        with pytest.raises(Gone) as refused:
            record.commit(PLACE, [Put(weight())])
        assert refused.value.references == ("Observation/w1",)
        assert ids(find(PLACE, "Observation")) == []
        assert record.vread(PLACE, "Observation", "w1", 1).version == 1
        past = record.history(PLACE, "Observation", "w1").entries
        assert [(v.version, v.deleted) for v in past] == [(2, True), (1, False)]


class TestTexts:
    """What is stored is the text that was accepted, not what a database makes of it."""

    def test_decimals_keep_their_trailing_zeros(self, superuser: Superuser) -> None:
        """FHIR R4 2.24.0.1: 1.50 mmol/L was measured to two places and stays 1.50, end to end."""
        sent = read_resource(
            '{"resourceType":"Observation","id":"w1","status":"final","code":{"text":"Weight"},'
            '"subject":{"reference":"Patient/joyce"},"valueQuantity":{"value":1.50,"unit":"kg"}}'
        )
        put(joyce(), sent)
        assert '"value":1.50,' in record.read(PLACE, "Observation", "w1").body
        assert '"value":1.50,' in find(PLACE, "Observation").entries[0].body
        quantity = record.read(PLACE, "Observation", "w1").resource["valueQuantity"]
        assert (quantity["value"], str(quantity["value"])) == (Decimal("1.5"), "1.50")
        (kept,) = superuser.execute(
            "select count(*) from record.version where body like %s", ['%"value":1.50,%']
        ).fetchone()
        assert kept == 1

    def test_characters_come_back_as_they_were(self) -> None:
        """Quotes, backslashes, braces, line breaks and signs beyond the first plane."""
        odd = 'a"b\\c{d},e\n\t\u2028 é 🙂 \u200f'
        put(joyce(name=[{"text": odd, "family": '{"x"}'}]))
        name = record.read(PLACE, "Patient", "joyce").resource["name"][0]
        assert (name["text"], name["family"]) == (odd, '{"x"}')


class TestClaims:
    """What only one resource may hold is held by a primary key, never by a look beforehand."""

    def test_one_patient_holds_an_nhs_number(self) -> None:
        """House law 3 and ID-01: the second comer gets a conflict, however it is spaced."""
        put(numbered("joyce", "9990000018"))
        with pytest.raises(Conflict, match="NHS number"):
            record.commit(GP, [Create(numbered("other", "999-000-0018"))])

    def test_of_twelve_at_once_one_gets_it(self) -> None:
        """No check can be overtaken, because there is none."""

        def create(number: int) -> str:
            try:
                record.commit(PLACE, [Create(numbered(f"p{number}", "9990000018"), f"p{number}")])
            except Conflict:
                return "conflict"
            return "created"

        with ThreadPoolExecutor(12) as pool:
            results = list(pool.map(create, range(12)))
        assert sorted(results) == ["conflict"] * 11 + ["created"]

    def test_a_number_given_up_can_be_held_by_another(self) -> None:
        """By a correction or a deletion; both in one commit too."""
        put(numbered("joyce", "9990000018"))
        record.commit(PLACE, [Put(joyce()), Create(numbered("ellen", "9990000018"), "ellen")])
        record.commit(PLACE, [Delete("Patient", "ellen")])
        put(numbered("joyce", "9990000018"))

    @pytest.mark.parametrize("number", ["9990000019", "999000001", "9876543210x"])
    def test_what_is_no_nhs_number_claims_nothing(self, number: str) -> None:
        """ID-01: wrong check digit, too short, not digits; two people may carry the same typo."""
        put(numbered("joyce", number), numbered("ellen", number))

    def test_a_statement_holds_no_claim_and_shares_the_person(self) -> None:
        """What another organisation says of a person is its own Patient, linked by `refer`."""
        link = [{"type": "refer", "other": {"reference": "Patient/joyce"}}]
        said = numbered("council-7", "9990000018", link=link, birthDate="1933-01-01")
        put(numbered("joyce", "9990000018"), said)
        everything = record.everything(PLACE, "joyce").entries
        assert {s.id for s in everything} == {"joyce", "council-7"}


class TestConditionalCreates:
    """Create unless there is one already (FHIR R4 3.1.0.8.1)."""

    IF_NONE = parse_query("Patient", [("identifier", f"{NHS_NUMBER}|1")])

    def test_what_is_there_stands_in(self) -> None:
        """And nothing is stored."""
        made = record.commit(PLACE, [Create(numbered("a", "1"), if_none_exist=self.IF_NONE)])
        again = record.commit(PLACE, [Create(numbered("a", "1"), if_none_exist=self.IF_NONE)])
        assert again.outcomes[0].action == "unchanged"
        assert again.stored[0].id == made.stored[0].id

    def test_several_matches_are_refused(self) -> None:
        """Which of them was meant is not for us to say."""
        put(numbered("a", "1"), numbered("b", "1"))
        with pytest.raises(SeveralMatches):
            record.commit(PLACE, [Create(joyce(), if_none_exist=self.IF_NONE)])

    def test_twelve_at_once_make_one(self) -> None:
        """Commits with the same condition pass one at a time."""
        change = Create(numbered("ignored", "1"), if_none_exist=self.IF_NONE)
        with ThreadPoolExecutor(12) as pool:
            made = list(pool.map(lambda _: record.commit(PLACE, [change]), range(12)))
        assert sorted(m.outcomes[0].action for m in made) == ["created"] + ["unchanged"] * 11
        assert len({m.stored[0].id for m in made}) == 1


class TestProvenance:
    """Who said it, for whom, in what role, and three times, stand beside every version."""

    def test_a_worker_who_writes_is_the_author(self) -> None:
        """For their organisation, in their role."""
        (stored,) = record.commit(GP, [Create(joyce())]).stored
        assert (stored.source, stored.author, stored.role) == (PRACTICE, "Practitioner/ash", "gp")

    def test_an_import_says_whose_words_they_are(self) -> None:
        """The permit is the importer's; the statement is the hospital's."""
        said = Source(HOSPITAL, "Practitioner/bell", "ward-nurse")
        (stored,) = record.commit(PLACE, [Put(joyce(), source=said)]).stored
        assert (stored.source, stored.author) == (HOSPITAL, "Practitioner/bell")

    def test_when_it_was_true_recorded_and_received_are_three_times(self) -> None:
        """True on the 1st, written down on the 2nd, received here on the 16th."""
        put(joyce())
        now = datetime(2024, 1, 16, 10, tzinfo=UTC)
        seen = weight(effectiveDateTime="2024-01-01T08:00:00Z", issued="2024-01-02T09:00:00Z")
        (stored,) = record.commit(PLACE, [Put(seen)], now=now).stored
        assert stored.happened == datetime(2024, 1, 1, 8, tzinfo=UTC)
        assert stored.recorded == datetime(2024, 1, 2, 9, tzinfo=UTC)
        assert stored.received == stored.updated == now

    def test_what_says_no_time_was_true_nobody_knows_when(self) -> None:
        """And was recorded, as far as we know, when it was received."""
        (stored,) = put(joyce()).stored
        assert stored.happened is None
        assert stored.recorded == stored.received

    def test_a_deletion_is_recorded_when_it_is_made(self) -> None:
        """Not when the words that it ends were written."""
        put(joyce(), weight(issued="2024-01-02T09:00:00Z"))
        (gone,) = record.commit(GP, [Delete("Observation", "w1", 1)]).stored
        assert gone.recorded == gone.received
        assert gone.author == "Practitioner/ash"
