"""Who hears of an outbox line: those who would see something new in it, and those whose work it is.

Asked under the permit of each receiver, so that a message tells nobody of what is silent to them
(AC-01), and a carer of nothing that was not granted (ON-01).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from joinedup.access.permit import person_permit, proxy_permit
from joinedup.access.work import WORK
from joinedup.fhir.classes import task_kind
from joinedup.fhir.profiles import errand, told
from joinedup.jobs.reached import Known, known_person, proxies_of
from joinedup.jobs.rules.ways import is_dead
from joinedup.record.notices import JOB, Line, Said, hand_on, said_in, seen_of

__all__ = ["hand_on_lines", "receivers_of"]

MOST_ROUNDS = 50
_ARRIVED = "import"
"""How old entries arrive by the thousand: nobody is told that their past has come."""

EXPECTED = frozenset(
    ("Appointment", "CarePlan", "Communication", "Composition", "Consent", "DocumentReference")
)
_ANSWERS = ("record-request", "proxy-request", "disagreement")
"""What somebody is told of who never said: who comes and when, letters, plans, answers."""
_NEVER = ("Provenance", "AuditEvent")


def hand_on_lines(now: datetime) -> int:
    """Hand on every outbox line that waits to who hears of it; returns how many there were.

    Safe to be killed and to run twice: a line and its receivers are one transaction.
    """
    done = 0
    for _ in range(MOST_ROUNDS):
        found = hand_on(receivers_of, now=now)
        done += found
        if not found:
            break
    return done


def receivers_of(line: Line) -> Iterator[str]:
    """Yield who hears of a line, as `Patient/...`, `RelatedPerson/...`, `Organization/...`."""
    if line.action == _ARRIVED:
        return
    said = said_in(line.keys)
    if not said:
        return
    yield from _workers(line, said)
    if line.worker == JOB.worker:
        return
    for person in line.people:
        known = known_person(person)
        if known is not None and not is_dead(known.patient):
            yield from _person(line, known)
            yield from _proxies(line, known)


def _workers(line: Line, said: Sequence[Said]) -> Iterator[str]:
    """Those who own a new errand. What has no owner is on the list of its office."""
    for one in said:
        owner = str(one.resource.get("owner", {}).get("reference", ""))
        is_new = one.version == 1 and owner != line.worker
        waits = task_kind(one.resource) in WORK and errand.is_open(one.resource)
        if is_new and waits and owner.startswith(("Organization/", "Practitioner/")):
            yield owner


def _person(line: Line, known: Known) -> Iterator[str]:
    own = f"Patient/{known.patient['id']}"
    what = known.choice.what if known.choice else told.EXPECTED
    if line.worker == own or what == told.NOTHING:
        return
    seen = seen_of(person_permit(str(known.patient["id"]), "A person"), line.keys)
    if any(_is_told(one, what) for one in seen):
        yield own


def _proxies(line: Line, known: Known) -> Iterator[str]:
    for name in proxies_of(known.consents):
        if line.worker == f"RelatedPerson/{name}":
            continue
        seen = seen_of(proxy_permit(name, "Somebody trusted"), line.keys)
        if any(_is_told(one, told.EXPECTED) for one in seen):
            yield f"RelatedPerson/{name}"


def _is_told(said: Said, what: str) -> bool:
    kind = said.resource["resourceType"]
    if told.is_choice(said.resource) or kind in _NEVER:
        return False
    if what == told.EVERYTHING:
        return True
    return kind in EXPECTED or task_kind(said.resource) in _ANSWERS
