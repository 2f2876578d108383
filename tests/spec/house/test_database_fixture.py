"""The tests' own database: empty for every test, whatever another test wrote."""

import psycopg
import pytest

from joinedup.record import database
from joinedup.record.cluster import Urls


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_record_of_its_own(record_database: Urls, time: str) -> None:
    """What one test leaves behind, the next does not see."""
    with psycopg.connect(record_database.owner) as connection:
        connection.execute("create table left_behind (nothing int)")
    with database.connection() as lent:
        row = lent.execute("select current_user, current_database()").fetchone()
    assert row is not None
    assert row[0] == "joinedup_app"
