"""Three organisations' files about one more invented person, to try `joinedup import` with.

`python -m joinedup.demo.files FOLDER` writes a GP bundle, a hospital bundle and a council CSV.
She is not one of the place's people. The surgery and the hospital disagree about her allergies.
"""

import csv
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from joinedup.demo import codes as c
from joinedup.demo.cast import HOSPITAL, PLACE, SEED, SURGERY, worker
from joinedup.demo.clinical import allergy, no_allergies
from joinedup.demo.council import row
from joinedup.demo.hospital import in_hospital
from joinedup.demo.identity import organisation_resources
from joinedup.demo.people import chance_of
from joinedup.demo.shape import Address, Organisation, Outline
from joinedup.demo.support import home_care_events
from joinedup.demo.surgery import at_the_surgery
from joinedup.demo.writing import Pen, Resource, at, collection
from joinedup.fhir.profiles.columns import COLUMNS
from joinedup.fhir.wire import write_resource

__all__ = ["EXAMPLE", "FILES", "main", "write_files"]

FILES = ("gp-bundle.json", "hospital-bundle.json", "council-events.csv")
"""What is written; the names say whose `--organisation` each is: Y90001, RZ901 and E99901."""

EXAMPLE = Outline(
    id="edna-fairbrother",
    nhs_number="9990012032",
    prefix="Mrs",
    given=("Edna", "May"),
    family="Fairbrother",
    born=date(1936, 8, 19),
    gender="female",
    ethnicity="A",
    address=Address("6 Weir Court", PLACE, "MQ3 5KE"),
    telephone="01632 960531",
    lives_alone=True,
)
"""81, lives alone, has home care every morning, and is in bed 16 with a chest infection."""

_BED = 16


def _surgery() -> list[Resource]:
    pen = Pen(SURGERY.code, EXAMPLE)
    stated = allergy(
        pen,
        "allergy-trimethoprim",
        c.Code("Trimethoprim"),
        c.RASH,
        author=worker("anita-rao"),
        recorded=date(2011, 5, 4),
        note="Rash on her arms and chest, 2011.",
    )
    return [*_without_allergies(at_the_surgery(EXAMPLE, SEED)), stated]


def _hospital() -> list[Resource]:
    pen = Pen(HOSPITAL.code, EXAMPLE)
    asked = no_allergies(
        pen,
        "allergies-asked",
        c.NO_DRUG_ALLERGY,
        author=worker("james-okafor"),
        recorded=at(date(2018, 1, 7), 17, 5),
    )
    return [*_without_allergies(in_hospital(EXAMPLE, SEED, _BED)), asked]


def _without_allergies(resources: Sequence[Resource]) -> list[Resource]:
    return [r for r in resources if r["resourceType"] != "AllergyIntolerance"]


def _with_workers(organisation: Organisation, resources: Sequence[Resource]) -> list[Resource]:
    """Return the organisation and those of its people and places the entries name, then these."""
    text = write_resource({"entries": list(resources)})
    own = organisation_resources(organisation)
    roles = [r for r in own if f'"{r["resourceType"]}/{r["id"]}"' in text]
    text += write_resource({"entries": roles})
    known = [r for r in own if f'"{r["resourceType"]}/{r["id"]}"' in text]
    return [*known, *resources]


def _write_bundle(path: Path, organisation: Organisation, resources: Sequence[Resource]) -> None:
    whole = _with_workers(organisation, resources)
    bundle = collection(organisation.code, EXAMPLE.id, whole)
    text = msgspec.json.format(write_resource(bundle), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _write_rows(path: Path) -> None:
    events = home_care_events(EXAMPLE, chance_of(SEED, EXAMPLE.id, "home-care"))
    headers = [column.header for column in COLUMNS]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, headers, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row(EXAMPLE, n, event) for n, event in enumerate(events, 1))


def write_files(folder: Path) -> tuple[Path, ...]:
    """Write the three files into `folder`, made if need be, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    general_practice, hospital, council = (folder / name for name in FILES)
    _write_bundle(general_practice, SURGERY, _surgery())
    _write_bundle(hospital, HOSPITAL, _hospital())
    _write_rows(council)
    return general_practice, hospital, council


def main(words: Sequence[str]) -> int:
    """Write the files into the folder named by the one word, and print their names."""
    if len(words) != 1 or words[0].startswith("-"):
        return 2
    for _path in write_files(Path(words[0])):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
