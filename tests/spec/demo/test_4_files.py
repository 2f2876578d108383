"""Three organisations' files about one more person, for a newcomer to try an import with."""

import json
from pathlib import Path

from joinedup.demo.cast import SEED
from joinedup.demo.files import EXAMPLE, FILES, main, write_files
from joinedup.demo.people import make_people
from joinedup.fhir.check import check
from joinedup.fhir.wire import read_resource

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"


def test_the_examples_in_the_documents_are_what_is_written(tmp_path: Path) -> None:
    """`docs/examples` is printed by `python -m joinedup.demo.files docs/examples`."""
    assert [path.name for path in write_files(tmp_path)] == list(FILES)
    assert {name: (tmp_path / name).read_text() for name in FILES} == {
        name: (EXAMPLES / name).read_text() for name in FILES
    }


def test_each_bundle_stands_alone() -> None:
    """It names no worker or place that it does not hold, and every entry is good FHIR."""
    for name in FILES[:2]:
        text = (EXAMPLES / name).read_text()
        bundle = read_resource(text)
        assert check(bundle) == ()
        held = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]}
        named = set(_references(json.loads(text)))
        assert {n for n in named if not n.startswith("Organization/")} <= held


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [r for part in value.values() for r in _references(part)]
    return [r for part in value for r in _references(part)] if isinstance(value, list) else []


def test_she_is_nobody_of_the_place() -> None:
    """Importing her files adds a person; it changes nobody of the demonstration."""
    assert EXAMPLE.nhs_number not in {p.nhs_number for p in make_people(SEED, 300)}


def test_a_folder_must_be_named() -> None:
    """Without a folder nothing is written and the way to call it is told."""
    assert main([]) == 2
