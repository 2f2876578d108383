"""The record, chapter 6. Everything can be taken away as files.

`joinedup export`: FHIR NDJSON, a file for each type, with a manifest of counts and hashes.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from joinedup import record
from joinedup.fhir.issue import Invalid
from joinedup.fhir.wire import read_resource
from joinedup.record import Delete, Put
from joinedup.record.cluster import Cluster
from joinedup.record.export import export_all
from tests.conftest import _Copied
from tests.spec.record.conftest import Superuser
from tests.spec.record.place import GP, PLACE, joyce, label, numbered, put, weight

SEXUAL_HEALTH = label("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SEX")


@pytest.fixture(autouse=True)
def _some_people(_nobody_yet: None) -> None:
    exact = read_resource('{"value":1.50,"unit":"kg"}')
    put(numbered("joyce", "9990000018"), joyce("ellen", generalPractitioner=[]))
    put(weight(valueQuantity=exact), weight("w2", "ellen"), weight("w3", meta=SEXUAL_HEALTH))
    put(weight("w4"))
    put(weight(valueQuantity=exact, issued="2024-01-02T09:00:00Z"))
    record.commit(PLACE, [Delete("Observation", "w4")])


def lines(folder: Path) -> dict[str, str]:
    """Every exported text by `Type/id`."""
    found: dict[str, str] = {}
    for path in folder.glob("*.ndjson"):
        for line in path.read_text(encoding="utf-8").splitlines():
            resource = read_resource(line)
            found[f"{resource['resourceType']}/{resource['id']}"] = line
    return found


def test_everything_current_is_there_as_it_is_kept(tmp_path: Path) -> None:
    """Labelled and unlabelled, not what was deleted; texts to the last zero."""
    counts = export_all(tmp_path / "out")
    assert counts == {"Organization": 3, "Patient": 2, "Observation": 3}
    texts = lines(tmp_path / "out")
    assert texts["Observation/w1"] == record.read(PLACE, "Observation", "w1").body
    assert '"value":1.50' in texts["Observation/w1"]
    assert "Observation/w4" not in texts


def test_the_manifest_has_a_count_and_a_hash_of_each_file(tmp_path: Path) -> None:
    """In the manner of FHIR Bulk Data; it is written last."""
    export_all(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [o["type"] for o in manifest["output"]] == ["Observation", "Organization", "Patient"]
    for output in manifest["output"]:
        content = (tmp_path / "out" / output["url"]).read_bytes()
        assert sha256(content).hexdigest() == output["sha256"]
        assert content.count(b"\n") == output["count"]


def test_brought_into_an_empty_record_it_is_the_same(tmp_path: Path, cluster: Cluster) -> None:
    """But for version and moment, which are each record's own."""
    export_all(tmp_path / "out")
    texts = lines(tmp_path / "out")
    with _Copied(cluster) as urls:
        record.database.configure(urls.application)
        changes = [Put(read_resource(text)) for text in texts.values()]
        record.commit(PLACE, changes, dangling="keep")
        export_all(tmp_path / "again")
        record.database.close()
    again = lines(tmp_path / "again")
    assert {name: plain(text) for name, text in again.items()} == {
        name: plain(text) for name, text in texts.items()
    }


def plain(text: str) -> list[tuple[str, Any]]:
    resource = read_resource(text)
    own = ("versionId", "lastUpdated")
    resource["meta"] = {k: v for k, v in resource["meta"].items() if k not in own}
    return [(name, str(value)) for name, value in resource.items()]


def test_the_audit_names_everybody_in_it(tmp_path: Path, superuser: Superuser) -> None:
    """Before the first line is written, and whatever becomes of the files."""
    export_all(tmp_path / "out")
    rows = superuser.execute(
        "select e.worker, (select count(*) from record.audit_named a where a.seq = e.seq)"
        " from record.audit_event e where e.action = 'export'"
    ).fetchall()
    assert rows == [("system/export", 2)]


def test_a_permit_takes_away_what_it_sees(tmp_path: Path) -> None:
    """The same locks as everywhere: no label, no person out of reach, and the right to export."""
    assert export_all(tmp_path / "gp", permit=GP) == {}
    granted = replace(GP, labels=0, exports=GP.sees)
    assert export_all(tmp_path / "out", permit=granted) == {
        "Organization": 3,
        "Patient": 1,
        "Observation": 1,
    }


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads them."""
    export_all(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "out").iterdir()} == {0o600}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder that has something in it is refused, and nothing is looked at."""
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(Invalid, match="not an empty folder"):
        export_all(tmp_path)


def test_progress_is_told(tmp_path: Path) -> None:
    """What is being done, how much is done, of how much."""
    told: list[tuple[str, int, int]] = []
    export_all(tmp_path / "out", progress=lambda *said: told.append(said))
    assert told == [("Exporting", 8, 8)]
