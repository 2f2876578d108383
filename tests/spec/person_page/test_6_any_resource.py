"""The page survives whatever is valid: every example of FHIR R4, said of one person."""

import json
import tarfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from joinedup.people.presenters.page import present_page
from joinedup.people.presenters.results import present_results
from joinedup.people.presenters.sections import LISTS, present_section
from joinedup.people.timeline import Asked, present_timeline
from joinedup.people.timeline_lanes import draw_lanes
from tests.spec.person_page.lives import HOSPITAL, NOW, SURGERY, life, says

ARCHIVE = "conformance/fhir-r4-4.0.1-example-instances.tar.xz"


@cache
def examples(archive: Path) -> tuple[dict[str, Any], ...]:
    return tuple(_read(archive))


def _read(archive: Path) -> Iterator[dict[str, Any]]:
    with tarfile.open(archive) as files:
        for member in files:
            if member.name.endswith(".json"):
                file = files.extractfile(member)
                assert file is not None
                resource = json.loads(file.read(), parse_float=Decimal)
                if "resourceType" in resource:
                    yield resource


def test_every_example_of_the_standard_can_be_shown(shared: Path) -> None:
    """All at once, from two organisations that both say everything."""
    found = examples(shared / ARCHIVE)
    assert len(found) > 700
    said = [says(source, resource) for resource in found for source in (SURGERY, HOSPITAL)]
    patients = [s for s in said if s.type == "Patient"]
    others = [s for s in said if s.type != "Patient"]
    held = life(*others, person=patients[0], others=tuple(patients[1:]))
    page = present_page(held, None, NOW)
    assert page.results.total > 50 and page.sections["problems"].total > 10
    timeline = present_timeline(held, Asked(span="all", everything=True), NOW)
    assert draw_lanes(held, timeline, NOW).lanes
    for slug in LISTS:
        assert present_section(held, slug, NOW, limit=10_000).total
    assert present_results(held, NOW, limit=None).total == page.results.total
