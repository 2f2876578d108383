"""One trip under a permit: the statement sees what that permit sees, and nothing stays behind.

A search enters its permit and asks in one pipeline. Were the two to run in another order, or the
permit to stay on the connection, somebody would be shown what another may see.
"""

from collections.abc import Iterator

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import errors

from joinedup import record
from joinedup.access.permit import Permit, worker_permit
from joinedup.access.words import Role
from joinedup.fhir.issue import Invalid, NotFound, Unavailable
from joinedup.fhir.search.query import parse_query
from joinedup.record import Put, Source, database, exchange
from joinedup.record.cluster import Urls
from joinedup.record.order import cursor
from tests.load.people import observation, patient
from tests.spec.record.place import PLACE

HERE, THERE = (
    worker_permit(f"Practitioner/{o}", f"Dr {o}", Role.GP, o) for o in ("Y90001", "Y90002")
)
NOBODY = replace(HERE, parties=())
SEEN = b"select h.key from record.head h where h.type = %s"


@pytest.fixture(autouse=True)
def one_connection(record_database: Urls) -> Iterator[None]:
    """Two organisations with a person each, and one connection for everybody."""
    database.configure(record_database.application, connections=1)
    for organisation in ("Y90001", "Y90002"):
        who = f"p-{organisation}"
        practice = [{"reference": f"Organization/{organisation}"}]
        mine = [
            patient(id=who, generalPractitioner=practice),
            observation(f"Patient/{who}", id=f"o-{organisation}"),
        ]
        source = Source(organisation, "Practitioner/x", "gp")
        record.commit(PLACE, [Put(r, source=source) for r in mine], dangling="keep")
    yield
    database.close()


def found(permit: Permit, kind: str = "Patient", **asked: str) -> list[str]:
    page = record.search(permit, parse_query(kind, list(asked.items())))
    return [e.id for e in page.entries]


def test_each_search_sees_by_its_own_permit() -> None:
    """The same statement, prepared once, on the same connection, by turns."""
    for _ in range(50):
        assert found(HERE) == ["p-Y90001"]
        assert found(NOBODY) == []
        assert found(THERE) == ["p-Y90002"]
        assert found(THERE, "Observation", subject="Patient/p-Y90001") == []


def test_everything_sees_by_its_own_permit() -> None:
    """Whoever may not see the person is told what they would be of nobody."""
    for _ in range(20):
        assert len(record.everything(HERE, "p-Y90001").entries) == 2
        with pytest.raises(NotFound):
            record.everything(THERE, "p-Y90001")


def test_the_permit_is_gone_with_the_answer() -> None:
    """What follows on the connection, alone or in a transaction, sees nothing."""
    assert found(HERE) == ["p-Y90001"]
    with database.connection() as lent:
        assert exchange.answer_of(lent, SEEN, (1,)) == []
        assert lent.execute("select count(*) from record.head").fetchone() == (0,)
        told = lent.execute("select current_setting('joinedup.parties', true)").fetchone()
    assert told in ((None,), ("",))


def test_the_permit_is_gone_after_an_error() -> None:
    """A statement that fails takes its permit and its trace with it."""
    settings = database.entering(HERE)
    with database.connection() as lent:
        with pytest.raises(errors.DivisionByZero):
            exchange.under(lent, settings, b"select 1 / (count(*) - count(*)) from record.head", ())
        assert lent.execute("select count(*) from record.head").fetchone() == (0,)
    assert found(THERE) == ["p-Y90002"]


def test_a_permit_that_cannot_be_entered_lets_nothing_be_asked() -> None:
    """The statement after it is not run at all."""
    with database.connection() as lent:
        settings = (*database.entering(HERE)[:6], "no such plan", "", "")
        with pytest.raises(errors.InvalidParameterValue):
            exchange.under(lent, settings, b"select 1", ())
    assert found(HERE) == ["p-Y90001"]


def test_the_permit_is_entered_before_the_rows_are_looked_at() -> None:
    """Even a statement that needs no plan of its own and ends at its first row."""
    with database.connection() as lent:
        assert len(exchange.under(lent, database.entering(HERE), SEEN + b" limit 1", (1,))) <= 1
        told = b"select current_setting('joinedup.worker')"
        for permit in (HERE, THERE, NOBODY):
            entered = database.entering(permit)
            assert exchange.under(lent, entered, told, ()) == [(permit.worker,)]


def test_a_statement_that_fails_leaves_no_trace(record_database: Urls) -> None:
    """Answer and audit event are one statement: there is neither without the other."""
    superuser = record_database.application.replace("joinedup_app@", "postgres@")
    with psycopg.connect(superuser) as connection:
        count = "select count(*) from record.audit_event where action = 'search'"
        before = connection.execute(count).fetchone()
    query = parse_query("Patient", [])
    altered = replace(query, cursor=cursor(query, ["no time"], 7))
    with pytest.raises(Invalid):
        record.search(HERE, altered)
    record.search(HERE, query)
    with psycopg.connect(superuser) as connection:
        after = connection.execute(count).fetchone()
    assert before is not None and after == (before[0] + 1,)


def hang_up(application: str) -> None:
    """Let PostgreSQL end every connection of the application's role; wait until they are gone."""
    superuser = application.replace("joinedup_app@", "postgres@")
    theirs = (
        " from pg_stat_activity where usename = 'joinedup_app' and datname = current_database()"
    )
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"select pg_terminate_backend(pid, 10000) {theirs}")
        assert connection.execute(f"select count(*) {theirs}").fetchone() == (0,)


def test_a_connection_lost_while_idle_is_not_lent(record_database: Urls) -> None:
    """Whoever asks first after the database was restarted is answered, on a new connection."""
    assert found(HERE) == ["p-Y90001"]
    hang_up(record_database.application)
    assert found(HERE) == ["p-Y90001"]


def test_a_connection_lost_in_use_is_told_and_replaced(record_database: Urls) -> None:
    """The caller is told that the record cannot be reached; the next asks on a new connection."""

    def look_while_it_is_lost() -> None:
        with database.connection() as lent:
            hang_up(record_database.application)
            exchange.under(lent, database.entering(HERE), SEEN, ("Patient",))

    with pytest.raises(Unavailable):
        look_while_it_is_lost()
    assert found(HERE) == ["p-Y90001"]


def test_more_statements_than_are_kept_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest make room, and are prepared again when they come back."""
    monkeypatch.setattr(exchange, "MOST_PREPARED", 3)
    with database.connection() as lent:
        for _ in range(3):
            for number in range(8):
                text = b"select %d" % number
                assert exchange.answer_of(lent, text, ()) == [(number,)]
        assert len(lent.prepared) <= 3


def test_statements_forgotten_by_the_driver_are_prepared_again() -> None:
    """psycopg drops everything prepared after a rollback."""
    assert found(HERE) == ["p-Y90001"]
    with database.connection() as lent:
        lent.execute("deallocate all")
    assert found(HERE) == ["p-Y90001"]
