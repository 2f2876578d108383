"""An infection on a ward: suspected, confirmed, over; when it closes and may open again (WI-04).

The hours without symptoms and the clean are dated rows that a place sets.
"""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from joinedup.beds.rules.states import closed, opened
from joinedup.fhir.issue import Problem, Unprocessable
from joinedup.fhir.london import day_of, elapsed
from joinedup.fhir.profiles.bed import Bed, Closure, Outbreak, Ward
from joinedup.fhir.profiles.parts import Reference
from joinedup.reference.codes.discharge import infection
from joinedup.reference.tables import Row

__all__ = [
    "CERTAINTIES",
    "admission_problems",
    "began",
    "beds_closed",
    "beds_opened",
    "clean_done",
    "confirmed",
    "ended",
    "opening_problems",
    "reopening_problems",
    "symptom_seen",
]

CERTAINTIES = ("suspected", "confirmed")
"""Suspected by its signs, or confirmed by a test: the two are counted apart (WI-04)."""


def began(ward: Ward, outbreak: Outbreak) -> Ward:
    """Return the ward with an outbreak; refuses, Unprocessable, a second beside one that runs."""
    if ward.outbreak is not None:
        raise Unprocessable(f"{ward.name} has an outbreak already. End that one first.")
    if outbreak.certainty not in CERTAINTIES or outbreak.over is not None:
        raise Unprocessable("An outbreak begins as suspected or as confirmed by a test.")
    try:
        infection(outbreak.infection, on=day_of(outbreak.began))
    except KeyError:
        named = f"“{outbreak.infection}” is no infection that closes wards here."
        raise Unprocessable(named) from None
    return replace(ward, outbreaks=(*ward.outbreaks, outbreak))


def confirmed(ward: Ward, *, infection_code: str) -> Ward:
    """Return the ward once a test has confirmed the outbreak, as this infection or another."""
    running = _running(ward)
    infection(infection_code, on=day_of(running.began))
    return _changed(ward, replace(running, certainty="confirmed", infection=infection_code))


def symptom_seen(ward: Ward, at: datetime) -> Ward:
    """Return the ward with the time of the last symptom; the hours without begin again.

    A clean before it no longer counts.
    """
    running = _running(ward)
    last = max(running.last_symptom, at)
    cleaned = running.cleaned if running.cleaned and running.cleaned > last else None
    return _changed(ward, replace(running, last_symptom=last, cleaned=cleaned))


def clean_done(ward: Ward, at: datetime) -> Ward:
    """Return the ward after its terminal clean; refuses, Unprocessable, one before a symptom."""
    running = _running(ward)
    if at <= running.last_symptom:
        raise Unprocessable("A terminal clean is done after the last symptom.")
    return _changed(ward, replace(running, cleaned=at))


def reopening_problems(
    outbreak: Outbreak, at: datetime, *, own: Sequence[Row] = ()
) -> tuple[Problem, ...]:
    """Return why a ward cannot open yet, hours or the clean; empty when it can.

    `own` are the place's own rows of `codes/infections`.
    """
    rule = infection(outbreak.infection, on=day_of(outbreak.began), own=own)
    need = timedelta(hours=rule.symptom_free_hours)
    found = []
    free = elapsed(outbreak.last_symptom, at)
    if free < need:
        hours = free // timedelta(hours=1)
        words = f"{rule.words}: {hours} of {rule.symptom_free_hours} hours without symptoms."
        found.append(Problem("business-rule", words, "Location"))
    done = outbreak.cleaned is not None and outbreak.last_symptom < outbreak.cleaned <= at
    if rule.clean_first and not done:
        words = f"{rule.words}: the terminal clean has not been done."
        found.append(Problem("business-rule", words, "Location"))
    return tuple(found)


def ended(ward: Ward, at: datetime, *, by: Reference, own: Sequence[Row] = ()) -> Ward:
    """Return the ward open again; refuses, Unprocessable, with what is still missing (WI-04)."""
    running = _running(ward)
    if problems := reopening_problems(running, at, own=own):
        raise Unprocessable(*problems)
    return _changed(ward, replace(running, over=at, over_by=by))


def admission_problems(ward: Ward) -> tuple[Problem, ...]:
    """Return why nobody is admitted to a ward now; empty when somebody may be."""
    running = ward.outbreak
    if running is None:
        return ()
    words = f"{ward.name} is closed: {running.certainty} {running.infection}. Nobody is admitted."
    return (Problem("business-rule", words, f"Location/{ward.id}"),)


def beds_closed(beds: Iterable[Bed], outbreak: Outbreak, *, by: Reference) -> tuple[Bed, ...]:
    """Return the beds closed for an outbreak; one closed for another reason stays as it is.

    So each bed is closed once and counted once (WI-03).
    """
    closure = Closure(reason="infection", since=outbreak.began, by=by, infection=outbreak.infection)
    return tuple(bed if bed.closure else closed(bed, closure) for bed in beds)


def beds_opened(
    beds: Iterable[Bed], outbreak: Outbreak, *, occupied: Container[str] = ()
) -> tuple[Bed, ...]:
    """Return the beds after an outbreak: those it closed are open, clean by the terminal clean.

    Those that somebody lies in (`occupied`) are in use. Refuses, Unprocessable, while it runs.
    """
    if outbreak.over is None:
        raise Unprocessable("The outbreak is not over.")
    return tuple(
        _opened_after(bed, outbreak, "in-use" if bed.id in occupied else "clean")
        if _was_for(bed, outbreak)
        else bed
        for bed in beds
    )


def _opened_after(bed: Bed, outbreak: Outbreak, condition: str) -> Bed:
    return opened(replace(bed, condition=condition, cleaned=outbreak.cleaned or bed.cleaned))


def opening_problems(bed: Bed, ward: Ward) -> tuple[Problem, ...]:
    """Return why one bed cannot open by itself: the outbreak that closed it still runs."""
    if ward.outbreak is None or not _was_for(bed, ward.outbreak):
        return ()
    words = f"{bed.name} is closed for the outbreak on {ward.name}. It opens when that is over."
    return (Problem("business-rule", words, "Location"),)


def _was_for(bed: Bed, outbreak: Outbreak) -> bool:
    closure = bed.closure
    return closure is not None and closure.reason == "infection" and closure.since == outbreak.began


def _running(ward: Ward) -> Outbreak:
    if ward.outbreak is None:
        raise Unprocessable(f"{ward.name} has no outbreak.")
    return ward.outbreak


def _changed(ward: Ward, outbreak: Outbreak) -> Ward:
    return replace(ward, outbreaks=(*ward.outbreaks[:-1], outbreak))
