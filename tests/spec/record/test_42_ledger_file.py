"""The record, chapter 42. The ledger leaves with an export, every posting as it was said."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from joinedup.ledger.decision import Closing, Tolerance
from joinedup.ledger.period import Month
from joinedup.ledger.text import read_books
from joinedup.record.books_file import BOOKS_FILE
from joinedup.record.export import export_all
from tests.spec.record.test_40_ledger import (
    OKAFOR,
    PATEL,
    POT,
    _joyce_has_care,
    given,
    post,
    promised,
)

__all__ = ["_joyce_has_care"]


@pytest.mark.usefixtures("_joyce_has_care")
def test_an_export_holds_the_ledger(tmp_path: Path) -> None:
    """In the order in which it was made, all of it, and it reads back as what was said."""
    said = {"words": "Agreed", "prepared_by": PATEL.worker, "approved_by": OKAFOR.worker}
    made = (
        given(10_000),
        Tolerance(id="t1", account=POT, floor=-5_000, **said),
        promised(15_000),
        Closing(id="c1", month=Month(2018, 12), **said),
    )
    for each in made:
        post(each)
    folder = tmp_path / "export"
    assert export_all(folder)["ledger"] == 4
    path = folder / BOOKS_FILE
    assert tuple(map(read_books, path.read_text().splitlines())) == made
    assert path.stat().st_mode & 0o077 == 0
    told = json.loads((folder / "manifest.json").read_text())["extension"]["ledger"]
    assert told["sha256"] == sha256(path.read_bytes()).hexdigest()
