"""`joinedup hl7 take`, `held` and `again`: from files, and what is printed of what waits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from joinedup.fhir.issue import TooLarge
from joinedup.hl7.files import MOST_FILE_BYTES, refuse_large
from joinedup.record import database
from joinedup.site.log_lines import LogLine
from tests.conftest import ROOT
from tests.spec.hl7.ward import HOSPITAL, Desk, adt, reasons, stay


def run(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one command line on the record of this test."""
    environment = {
        **os.environ,
        "JOINEDUP_HOME": str(home / "home"),
        "JOINEDUP_DATABASE_URL": database.address(),
    }
    return subprocess.run(
        [sys.executable, "-m", "joinedup.site.command", "hl7", *words, "--organisation", HOSPITAL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_files_are_taken_in_their_order(desk: Desk, tmp_path: Path) -> None:
    """With lines or frames; a count of the answers, and each error in words, by message."""
    assert desk.door.organisation == HOSPITAL
    file = tmp_path / "day.hl7"
    bad = adt("A08", "201801060000", born="19331305")
    waits = adt("A03", "201801060000", visit="V9", spot="")
    parts = (adt("A03", "201801070000", spot=""), bad, adt("A01", "201801050000"), waits)
    file.write_bytes(b"\n".join(part.replace(b"\r", b"\n") for part in parts))
    done = run(tmp_path, "take", str(file))
    assert (done.returncode, done.stdout) == (1, "AA 3\nAE 1\n"), done.stderr
    assert "day.hl7, message 2: PID-7 is no day." in done.stderr
    assert stay()["status"] == "finished"
    assert reasons() == ["no-admission"]
    held = run(tmp_path, "held")
    assert held.stdout.split("\t")[1:3] == ["no-admission", "A03-V9-201801060000"]
    assert "Hallam" not in held.stdout
    assert run(tmp_path, "again").stdout == "0\n"


def test_a_file_beyond_the_limit_is_not_read() -> None:
    """Refused by its size."""
    refuse_large(MOST_FILE_BYTES)
    with pytest.raises(TooLarge, match="Split it"):
        refuse_large(MOST_FILE_BYTES + 1)


def test_every_line_of_the_log_is_listed() -> None:
    """What a listener tells of itself is in docs/logs.md, and holds nothing of a message."""
    listed = (ROOT / "docs/logs.md").read_text()
    ours = [line for line in LogLine if line.value[0].startswith("HL7")]
    assert len(ours) == 6
    assert all(f"| {line.value[0]} | {line.value[1]} |" in listed for line in ours)
