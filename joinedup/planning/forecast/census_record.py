"""Today's census from a joinedup record, as `joinedup export` writes it: NDJSON, a file a type.

Who is in a bed, since when and of what age. The record does not say yet who is ready to go and
waits for what, so nobody of it does: a census file can.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from joinedup.fhir.issue import Invalid, Problem
from joinedup.planning.calibrate.record import Stay, census, stays_of
from joinedup.planning.forecast.census_file import Census

__all__ = ["INPATIENT", "read_export"]

# HL7 v3 ActCode: who has a bed.
INPATIENT = ("IMP", "ACUTE", "NONAC")
_OVER = ("finished", "cancelled", "entered-in-error", "planned")
_AGES = ((65, "under 65"), (85, "65 to 84"), (1000, "85 and over"))
MOST_LINE = 2_000_000


def read_export(folder: Path, *, service: str, now: datetime) -> Census:
    """Return everybody who has a bed in the record: all of them in one service, classes by age.

    Refuses with Invalid a folder that is no export, a line that is no JSON, a person in two beds,
    and an Encounter whose times cannot be, naming it.
    """
    born = {
        f"Patient/{patient.get('id', '')}": str(patient.get("birthDate", ""))
        for patient in _lines(folder / "Patient.ndjson")
    }
    stays: list[Stay] = []
    for encounter in _lines(folder / "Encounter.ndjson"):
        code = str(encounter.get("class", {}).get("code", ""))
        if code not in INPATIENT or encounter.get("status") in _OVER:
            continue
        person = str(encounter.get("subject", {}).get("reference", ""))
        kind = _class_of(born.get(person, ""), now.date())
        try:
            stays += stays_of([_placed(encounter)], services={"": service}, classes={code: kind})
        except Invalid as wrong:
            where = f"{folder / 'Encounter.ndjson'}, Encounter/{encounter.get('id', '')}"
            raise Invalid(
                *(Problem(p.code, f"{where}: {p.message}", p.path) for p in wrong.problems)
            ) from None
    later = [s for s in stays if s.start > now]
    if later:
        message = f"{later[0].person} came on {later[0].start.date()}, after the census: mend it"
        raise Invalid(Problem("value", f"{folder / 'Encounter.ndjson'}: {message}"))
    present = census(stays, now=now)
    if not present:
        message = f"{folder}: nobody is in a bed at {now:%Y-%m-%d %H:%M}: give another time"
        raise Invalid(Problem("required", message))
    return Census(now, present, (service,), {})


def _placed(encounter: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Encounter with one place for the whole of it: beds are one pool."""
    return {**encounter, "location": [{"location": {"reference": ""}}]}


def _class_of(born: str, today: date) -> str:
    try:
        year, month, day = (*(int(part) for part in born.split("-")), 7, 1)[:3]
    except ValueError:
        return _AGES[1][1]
    age = today.year - year - ((today.month, today.day) < (month, day))
    return next(name for most, name in _AGES if age < most)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        message = f"{path} is not there: give a folder that `joinedup export` wrote"
        raise Invalid(Problem("not-found", message, str(path)))
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                found = json.loads(line) if len(line) <= MOST_LINE else None
            except ValueError:
                found = None
            if not isinstance(found, dict):
                message = f"{path}, line {number}: no JSON object: export again"
                raise Invalid(Problem("structure", message, str(path)))
            yield found
