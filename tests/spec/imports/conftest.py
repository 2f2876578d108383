"""What the chapters on bringing files in share: a small GP bundle, and one call that imports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from joinedup.access.permit import Permit, system_permit
from joinedup.fhir.search.query import parse_query
from joinedup.people.identity.question import Question, question_of
from joinedup.people.importing import ImportReport, import_paths
from joinedup.record import Stored, search
from joinedup.record.cluster import Urls

Resource = dict[str, Any]
PERMIT: Permit = system_permit("import")
PRACTICE, HOSPITAL, COUNCIL = "Y90001", "RZ901", "904"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


class Importing:
    """Imports files into an empty record, and looks at what is then there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusals_file = folder / "refusals.ndjson"

    def __call__(self, *paths: Path, organisation: str = PRACTICE) -> ImportReport:
        return import_paths(
            list(paths), organisation=organisation, permit=PERMIT, refusals_file=self.refusals_file
        )

    def bundle(self, name: str, *resources: Resource, kind: str = "transaction") -> Path:
        """Write a bundle whose entries are named by `urn:uuid:` and their id."""
        entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]
        return self.write(name, {"resourceType": "Bundle", "type": kind, "entry": entries})

    def write(self, name: str, content: Any) -> Path:
        """Write a file of JSON, text or bytes."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def refusals(self) -> list[Resource]:
        """The lines of the file of refusals."""
        return [json.loads(line) for line in self.refusals_file.read_text().splitlines()]

    def everything(self, kind: str, **asked: str) -> list[Stored]:
        """What the record holds of a type."""
        query = parse_query(kind, list(asked.items()), default_count=1000)
        return list(search(PERMIT, query).entries)

    def questions(self) -> list[Question]:
        """What waits for people to say whose it is."""
        found = (question_of(s.resource, s.version) for s in self.everything("Task"))
        return [question for question in found if question]


@pytest.fixture
def importing(record_database: Urls, tmp_path: Path) -> Importing:
    """An empty record to import into."""
    assert record_database.application
    return Importing(tmp_path)


def joyce(identity: str = "11111111-aaaa-4aaa-8aaa-000000000001", **changes: Any) -> Resource:
    """An invented woman as one organisation's Patient."""
    return {
        "resourceType": "Patient",
        "id": identity,
        "identifier": [{"system": NHS_NUMBER, "value": "9990012008"}],
        "name": [{"family": "Hallam", "given": ["Joyce"]}],
        "gender": "female",
        "birthDate": "1933-05-11",
        **changes,
    }


def observation(identity: str, patient: str, **changes: Any) -> Resource:
    """A weight of somebody, with a decimal whose last zero matters."""
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
        "subject": {"reference": patient},
        "effectiveDateTime": "2017-12-01",
        "valueQuantity": {"value": 61.5, "unit": "kg"},
        **changes,
    }


Writing = Callable[..., Path]
