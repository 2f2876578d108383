"""Bringing files in, chapter 6. A whole folder of invented lives (acceptance 2).

Synthea's bundles of transactions, one a person; at least 99 of 100 resources are stored, and each
refusal is explained. The full set is 30,506 resources.
"""

import json
import tarfile
from pathlib import Path

import pytest

from joinedup.record import everything

from .conftest import PERMIT, Importing

ARCHIVE = "data/11_fhir_synthea_r4/synthea_r4_bundles.tar.gz"
FEW = 4


def test_some_whole_lives(importing: Importing, shared: Path) -> None:
    """Decades of encounters, observations and medicines of four people, from a folder."""
    folder = importing.folder / "lives"
    folder.mkdir()
    sent = 0
    with tarfile.open(shared / ARCHIVE) as archive:
        for member in list(archive)[:FEW]:
            packed = archive.extractfile(member)
            assert packed is not None
            data = packed.read()
            (folder / Path(member.name).name).write_bytes(data)
            sent += len(json.loads(data)["entry"])
    report = importing(folder, organisation="RTE")
    assert report.files == FEW
    assert report.stored + report.unchanged + report.refused == sent + 1  # and the trust itself
    assert report.refused <= sent / 100
    assert report.refused == len(importing.refusals())
    assert report.dangling_count == 0
    (oldest,) = importing.everything("Patient", _sort="birthdate", _count="1")
    assert len(everything(PERMIT, oldest.id).entries) > 50
    again = importing(folder, organisation="RTE")
    assert (again.stored, again.refused) == (0, report.refused)


@pytest.mark.full
def test_the_whole_archive(importing: Importing, shared: Path) -> None:
    """All 123 lives, straight from the archive, in constant memory."""
    report = importing(shared / ARCHIVE, organisation="RTE")
    assert report.files == 123
    assert report.stored + report.unchanged + report.refused == 30_507
    assert report.refused <= 305
    assert importing(shared / ARCHIVE, organisation="RTE").stored == 0
