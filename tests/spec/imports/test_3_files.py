"""Bringing files in, chapter 3. Files, folders and archives, whole or broken."""

import base64
import gzip
import io
import json
import random
import sys
import tarfile
from pathlib import Path

import pytest

from joinedup.fhir.issue import Unavailable
from joinedup.people.importing import run, sources
from joinedup.people.importing.sources import documents

from .conftest import Importing, joyce, observation

WOMAN = "urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"


def bundle(number: int) -> bytes:
    """A bundle with one person of its own, and bytes that do not pack well."""
    noise = base64.b64encode(random.Random(number).randbytes(20_000)).decode()
    born = f"{1930 + number}-05-11"
    patient = joyce(f"p{number}", identifier=[], photo=[{"data": noise}], birthDate=born)
    del patient["identifier"]
    entry = {"fullUrl": f"urn:uuid:p{number}", "resource": patient}
    return json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [entry]}).encode()


def archive(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    """Write an archive of these members."""
    with tarfile.open(path, mode) as out:  # type: ignore[call-overload]  # the mode is ours
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar", "w")]
)
def test_archives_are_read_member_by_member(importing: Importing, name: str, mode: str) -> None:
    """Nothing is unpacked to disk, so a member's path leads nowhere."""
    path = archive(
        importing.folder / name, {"../../etc/x.json": bundle(1), "deep/y.json": bundle(2)}, mode
    )
    report = importing(path)
    assert (report.files, report.counts["Patient"].stored, report.refusals) == (2, 2, 0)
    assert {p.name for p in importing.folder.rglob("*")} == {name, "refusals.ndjson"}


def test_a_folder_is_read_to_its_depths(importing: Importing) -> None:
    """In the order of names; what is no kind we read is refused by name."""
    importing.write("in/a/one.json", bundle(1))
    importing.write("in/b/two.json.gz", gzip.compress(bundle(2)))
    importing.write("in/b/lines.ndjson.gz", gzip.compress(json.dumps(joyce("3")).encode()))
    importing.write("in/notes.docx", b"PK")
    report = importing(importing.folder / "in")
    assert (report.files, report.counts["Patient"].stored) == (3, 3)
    (line,) = importing.refusals()
    assert line["file"].endswith("notes.docx")


@pytest.mark.parametrize("part", [0.4, 0.75, 0.98])
def test_a_truncated_archive_keeps_what_came_whole(importing: Importing, part: float) -> None:
    """One clear refusal for the archive; every complete file before the cut is stored."""
    path = archive(importing.folder / "a.tar.gz", {f"{n}.json": bundle(n) for n in range(6)})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    report = importing(path)
    stored = report.counts["Patient"].stored if "Patient" in report.counts else 0
    assert stored == report.files < 7
    (line,) = importing.refusals()
    assert "cut off" in line["message"] and "What came before was read" in line["message"]


def test_a_tar_cut_between_two_members_is_noticed(importing: Importing) -> None:
    """Every byte of the first member is there; only the end mark is not."""
    path = archive(importing.folder / "a.tar", {"1.json": bundle(1)}, "w")
    block = 512
    whole = block + -(-len(bundle(1)) // block) * block
    path.write_bytes(path.read_bytes()[:whole])
    report = importing(path)
    assert report.counts["Patient"].stored == 1
    assert "no end mark" in importing.refusals()[0]["message"]


def test_a_file_that_grows_out_of_proportion_is_refused(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred times its size is no record; the limit is low here to be quick."""
    monkeypatch.setattr(sources, "GROWTH_FLOOR_BYTES", 100_000)
    path = importing.write("bomb.json.gz", gzip.compress(b" " * 30_000_000))
    importing(path)
    assert "unpacks to more than" in importing.refusals()[0]["message"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.json", b"", "cannot be read"),
        ("broken.json", b'{"resourceType": "Bundle", "entry": [', "cannot be read"),
        ("list.json", b"[1, 2]", "not one JSON object"),
        ("latin.json", b'{"resourceType": "Patient", "name": [{"family": "Zo\xeb"}]}', "UTF-8"),
        ("deep.json", b'{"a":' + b"[" * 100_000, ""),
        ("subscription.json", b'{"resourceType": "Bundle", "type": "pony"}', "hold no statements"),
        (
            "nan.json",
            b'{"resourceType": "Bundle", "type": "batch", "entry": [NaN]}',
            "cannot be read",
        ),
        ("not.json.gz", b"this is not gzip", "broken or cut off"),
        ("book.xlsx", b"PK\x03\x04", "Excel workbook"),
        ("bundle.xml", b"<Bundle/>", "XML is not read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_the_next_goes_on(
    importing: Importing, name: str, data: bytes, words: str
) -> None:
    """One refusal, and the file beside it is stored."""
    importing.write(f"in/{name}", data)
    importing.write("in/zz.json", bundle(1))
    report = importing(importing.folder / "in")
    assert report.counts["Patient"].stored == 1
    (line,) = importing.refusals()
    assert name in line["file"]
    assert words in line["message"]


def test_a_line_that_cannot_be_read_is_refused_alone(importing: Importing) -> None:
    """By its number; blank lines are nothing."""
    lines = [json.dumps(joyce("1")), "", "{broken", json.dumps(observation("w", "Patient/1"))]
    report = importing(importing.write("all.ndjson", "\n".join(lines)))
    assert (report.stored, report.refused) == (3, 1)
    assert importing.refusals()[0]["entry"] == 3


def test_a_line_of_megabytes_is_passed_over(importing: Importing) -> None:
    """Ten megabytes is the limit of a resource; the line after it is read."""
    data = b'{"x": "' + b"y" * 10_100_000 + b'"}\n' + json.dumps(joyce("1")).encode()
    report = importing(importing.write("big.ndjson", data))
    assert report.counts["Patient"].stored == 1
    assert "longer than 10 MB" in importing.refusals()[0]["message"]


def test_no_such_file_is_a_refusal_too(importing: Importing) -> None:
    """Not a crash."""
    importing(importing.folder / "nowhere.json")
    assert importing.refusals()[0]["message"] == "There is no such file."


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    """Bytes read of each file add up to the bytes there are."""
    path = archive(tmp_path / "a.tar.gz", {"1.json": bundle(1)})
    done: list[int] = []
    list(documents([path], refuse=lambda _name, _words: None, advance=done.append))
    assert done[-1] == path.stat().st_size


def test_a_large_import_stores_in_a_process_of_its_own(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same outcome: counts, refusals, and nothing new on a repeat."""
    monkeypatch.setattr(run, "APART_BYTES", 0)
    weights = [observation(f"w{n}", WOMAN) for n in range(700)]
    weights[3]["valueQuantity"]["value"] = 0.5
    weights[650]["status"] = "not-a-code"
    path = importing.bundle("gp.json", joyce(), *weights)
    report = importing(path)
    assert (report.counts["Observation"].stored, report.refused) == (699, 1)
    assert importing(path).stored == 0


def test_a_storing_process_that_ends_is_a_clear_refusal(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored stays, and importing again goes on from there."""
    monkeypatch.setattr(run, "APART_BYTES", 0)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    path = importing.bundle("gp.json", joyce())
    with pytest.raises(Unavailable, match="Import again to go on"):
        importing(path)
    monkeypatch.undo()
    assert importing(path).counts["Patient"].stored == 1


def test_a_value_too_long_to_be_found_by_is_refused_alone(importing: Importing) -> None:
    """A million letters of a name reach no index; the rest of the file is stored."""
    long = joyce("2", identifier=[], name=[{"family": "x" * 1_000_000}])
    del long["identifier"]
    report = importing(importing.bundle("gp.json", joyce(), long))
    assert report.counts["Patient"].stored >= 1
    assert report.refused == len(importing.refusals())
