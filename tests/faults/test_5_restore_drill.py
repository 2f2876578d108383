"""The restore drill: a record lost under writers comes back as it was at a chosen second.

A few hundred resources in the ordinary run, 100,000 with --full (trust.md F9; docs/backup.md).
"""

import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.record.people import PER_PERSON, people
from joinedup.record import Put, commit
from joinedup.record.backup import make_backup
from joinedup.record.restore import restore
from joinedup.record.restore_check import Checked, check_restored
from tests.faults.backed_up import PERMIT, SECRET, BackedUp, kept_batches

ORDINARY_PEOPLE, FULL_PEOPLE = 3, 1_000
WRITERS = 3
BACK_WITHIN_SECONDS = 15 * 60


@pytest.fixture
def programs(request: pytest.FixtureRequest, database_urls: object) -> Path | None:
    """The PostgreSQL of this run; asking for `database_urls` has it run on Debian's too."""
    found: Path | None = request.config.getoption("--postgres")
    return found


@pytest.fixture
def place(tmp_path: Path, programs: Path | None, full: bool) -> Iterator[BackedUp]:
    """A place with its first people, streaming its changes."""
    place = BackedUp(tmp_path, programs)
    place.open_stream()
    commit(PERMIT, [Put({"resourceType": "Organization", "id": "Y90001", "name": "A practice"})])
    for _, found in people(0, FULL_PEOPLE if full else ORDINARY_PEOPLE):
        commit(PERMIT, [Put(resource) for resource in found])
    yield place
    place.close()


def test_a_lost_record_comes_back_as_it_was_at_a_chosen_second(
    place: BackedUp, programs: Path | None, full: bool, tmp_path: Path
) -> None:
    """Acceptance 6: nothing acknowledged before it is missing, nothing sent after it is there."""
    place.start_writing(WRITERS)
    began = time.monotonic()
    backup = make_backup(place.cluster, place.folder)
    backed_up = time.monotonic() - began
    chosen = _next_second()
    _sleep_until(chosen.timestamp() + 1.5)
    lost = place.lose_disk()
    place.stop_writing()
    before = {b for b, t in place.batches.items() if t.acknowledged and t.acknowledged < chosen}
    after = {b for b, t in place.batches.items() if t.sent > chosen}
    acknowledged = {b for b, t in place.batches.items() if t.acknowledged}

    began = time.monotonic()
    done = restore(place.folder, tmp_path / "then", chosen, programs=programs)
    restored = time.monotonic() - began
    checked = check_restored(done.home, programs=programs)
    back = time.monotonic() - began
    found = kept_batches(done.home, programs)
    print(
        f"{sum(checked.counts.values()):,} resources, {backup.size_bytes / 1e6:,.0f} MB; backup "
        f"{backed_up:.1f} s, restore {restored:.1f} s, with every check {back:.1f} s; commits "
        f"acknowledged before {len(before)}, missing {len(before - found)}; sent after "
        f"{len(after)}, present {len(after & found)}; across the moment "
        f"{len(place.batches) - len(before | after)}"
    )
    assert len(before) > 10 and len(after) > 10
    assert before - found == set()
    assert after & found == set()
    assert done.last is not None and done.last <= chosen
    _is_sound(checked, len(found), full)
    assert back < BACK_WITHIN_SECONDS
    assert (done.home / "secret-key").read_text() == SECRET
    _newest_holds_all_acknowledged(place, programs, acknowledged, tmp_path)
    assert (lost / "database" / "data").is_dir()


def _newest_holds_all_acknowledged(
    place: BackedUp, programs: Path | None, acknowledged: set[str], tmp_path: Path
) -> None:
    """Without a time nothing acknowledged is lost, though the record's own disk is gone."""
    done = restore(place.folder, tmp_path / "newest", None, programs=programs)
    found = kept_batches(done.home, programs)
    print(f"the newest: {len(acknowledged)} acknowledged, {len(acknowledged - found)} missing")
    assert acknowledged - found == set()
    assert found <= set(place.batches)


def _is_sound(checked: Checked, batches: int, full: bool) -> None:
    assert list(checked.report) == []
    assert checked.damage == ""
    first = FULL_PEOPLE if full else ORDINARY_PEOPLE
    assert checked.counts["Patient"] == first + batches
    assert checked.counts["Observation"] == first * (PER_PERSON - 2) + batches * 3


def _next_second() -> datetime:
    """Choose a whole second that writers will be busy in."""
    return datetime.fromtimestamp(math.ceil(time.time() + 1.0), UTC)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))
