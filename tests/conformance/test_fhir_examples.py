"""The checker on HL7's own examples, on mutants of them, and beside another checker.

The 732 example instances of R4 4.0.1 must pass but for those HL7 got wrong; every mutant must
fail where it was changed; `fhirkit` must say the same but where it does not look.
"""

import copy
import gzip
import random
import tarfile
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from joinedup.fhir.check import check
from joinedup.fhir.check.accept import accepts
from joinedup.fhir.check.shape import check_resource
from joinedup.fhir.check.walk import Walk
from joinedup.fhir.generate import make_tables
from joinedup.fhir.narrative import clean
from joinedup.fhir.wire import read_resource, write_resource
from tests.conformance.mutants import MUTATIONS, places_of

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"
TABLES = Path(__file__).resolve().parents[2] / "joinedup" / "fhir" / "definitions"

pytestmark = pytest.mark.skipif(
    not CONFORMANCE.is_dir(), reason="HL7's definitions and examples are not beside the checkout"
)

# Examples that break R4: some of the paths at fault, and why.
WRONG_EXAMPLES = {
    "DeviceMetric-example": {"DeviceMetric.parent.reference": "a DeviceDefinition, for a Device"},
    "DeviceUseStatement-example": {
        "DeviceUseStatement.reasonReference[0].reference": "a Procedure, which is not a target"
    },
    "ImplementationGuide-fhir": {
        "ImplementationGuide.manifest.resource[11904].reference.reference": "an id above 64",
        "ImplementationGuide.name": "missing",
        "ImplementationGuide.status": "missing",
    },
    "MedicationRequest-medrx0301": {
        "MedicationRequest.dispenseRequest.performer.reference": "a Practitioner"
    },
    "Observation-clinical-gender": {"Observation.performer[0].reference": "an Encounter"},
    "Questionnaire-qs1": {"Questionnaire.item[0].item[0].linkId": "missing, in 32 items"},
}
WRONG_EXAMPLES["ig-r4"] = WRONG_EXAMPLES["ImplementationGuide-fhir"]

# Examples whose narrative links to pages beside it, loads pictures, or holds a comment.
NARRATIVES_CHANGED = 9

# What fhirkit 0.1.0 does not look at, so that some or all mutants of a kind pass it.
FHIRKIT_DOES_NOT_SEE = {
    "an empty object": "it takes {} for an element with nothing to say",
    "a code of no value set": "it does not know the required value sets",
    "a day that never was": "it checks the pattern of a date, not the calendar",
    "an id with a space": "it takes the id of a resource for any string, as R4's tables do",
    "a URI with a space": "it takes the URL of an extension for any string",
    "a reference to the wrong type": "it does not look at what references point at",
    "an empty list": "it lets an empty list of some types pass",
}
# Examples of which the quick check is not sure: they carry resources or name extensions of values.
NOT_SURE = 63

MUTANTS_OF_EACH_KIND = 90
LARGEST_MUTANT_BYTES = 60_000


@cache
def examples() -> dict[str, dict[str, Any]]:
    return {
        Path(name).stem: read_resource(content)
        for name, content in contents("fhir-r4-4.0.1-example-instances.tar.xz")
    }


def contents(archive: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(CONFORMANCE / archive) as files:
        for member in files:
            found = files.extractfile(member)
            if found is not None:
                yield member.name, found.read()


def paths_of(resource: dict[str, Any]) -> set[str]:
    return {each.path for each in check(resource)}


def fhirkit_refuses(resource: dict[str, Any]) -> bool:
    try:
        issues = fhirkit.validate(write_resource(resource))
    except fhirkit.ParseError:
        return True
    return any(issue.severity == "error" for issue in issues)


@cache
def small_good_examples() -> tuple[str, ...]:
    good = sorted(set(examples()) - set(WRONG_EXAMPLES))
    return tuple(n for n in good if len(write_resource(examples()[n])) < LARGEST_MUTANT_BYTES)


def mutants_of(kind: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Mutants of one kind: the example's name, the mutant, and the path at fault."""
    chance = random.Random(kind)
    names = list(small_good_examples())
    chance.shuffle(names)
    for name in names:
        resource = copy.deepcopy(examples()[name])
        path = MUTATIONS[kind](list(places_of(resource)), chance)
        if path is not None:
            yield name, resource, path


def test_every_example_is_good_but_those_hl7_got_wrong() -> None:
    problems = {name: check(resource) for name, resource in examples().items()}
    assert len(problems) == 732
    assert {name for name, each in problems.items() if each} == set(WRONG_EXAMPLES)
    for name, paths in WRONG_EXAMPLES.items():
        assert set(paths) <= {each.path for each in problems[name]}


def test_the_quick_check_says_yes_to_nearly_every_example_and_never_wrongly() -> None:
    """What it passes, the plain checker passes; the rest is left to the plain checker."""
    passed = {name for name, resource in examples().items() if accepts(resource)}
    assert len(passed) >= len(examples()) - NOT_SURE
    assert [name for name in passed if found_plainly(examples()[name])] == []


def found_plainly(resource: dict[str, Any]) -> bool:
    walk = Walk()
    check_resource(resource, "", walk)
    return bool(walk.found())


def test_every_example_is_read_back_as_it_was_written() -> None:
    """Digit for digit: equal numbers of different precision count as different."""
    for resource in examples().values():
        written = write_resource(resource)
        assert write_resource(read_resource(written)) == written
        assert repr(read_resource(written)) == repr(resource)


def test_nearly_every_narrative_is_kept_to_the_letter() -> None:
    changed = [name for name, each in examples().items() if clean(each) is not each]
    assert len(changed) == NARRATIVES_CHANGED


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_mutant_is_refused_where_it_was_changed(kind: str) -> None:
    """And `fhirkit` refuses it too, unless it does not look there."""
    made = list(islice(mutants_of(kind), MUTANTS_OF_EACH_KIND))
    missed = [(name, path) for name, mutant, path in made if path not in paths_of(mutant)]
    assert not any(accepts(mutant) for _, mutant, _ in made)
    differing = [name for name, mutant, _ in made if not fhirkit_refuses(mutant)]
    assert len(made) > MUTANTS_OF_EACH_KIND // 3
    assert missed == []
    assert bool(differing) is (kind in FHIRKIT_DOES_NOT_SEE)


def test_fhirkit_agrees_on_the_examples_but_for_reference_targets() -> None:
    differing = {
        name: check(resource)
        for name, resource in examples().items()
        if bool(check(resource)) != fhirkit_refuses(resource)
    }
    assert all("points at" in p.message for problems in differing.values() for p in problems)
    assert set(differing) <= set(WRONG_EXAMPLES)


def test_the_committed_tables_are_made_from_hl7s_definitions(tmp_path: Path) -> None:
    for archive in ("definitions", "terminology"):
        for name, content in contents(f"fhir-r4-4.0.1-{archive}.tar.xz"):
            if name.startswith(("StructureDefinition-", "ValueSet-", "CodeSystem-")):
                (tmp_path / name).write_bytes(content)
    for table, content in make_tables(tmp_path).items():
        assert gzip.decompress((TABLES / f"{table}.json.gz").read_bytes()) == content
