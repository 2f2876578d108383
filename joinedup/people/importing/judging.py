"""What becomes of each Patient of a file: attached, new, or waiting for people (ID-02, ID-03).

Decides by `identity.rules`; what the record already says stands, and so does what people said of
the same Patient before. `persons` looks up whose numbers these are.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access.permit import Permit
from joinedup.access.restrictions import is_restricted
from joinedup.fhir.classes import label_of
from joinedup.fhir.involve import master_of
from joinedup.fhir.nhs_number import VERIFIED
from joinedup.people import nhs_number
from joinedup.people.demographics import RESTRICTED, Demographics
from joinedup.people.identity.asking import (
    ask,
    is_open,
    pair_question,
    question_about,
)
from joinedup.people.identity.candidates import known_like, people_by_id
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import Question
from joinedup.people.identity.rules import (
    Candidate,
    Decision,
    Outcome,
    decide,
    givens_agree,
    reasons_of,
    worth_asking,
)
from joinedup.people.identity.superseded import nhs_numbers_of, replaced_number
from joinedup.people.identity.verification import with_status
from joinedup.web.clock import now

__all__ = ["Arriving", "Newcomers", "Settled", "judged"]

Patient = Mapping[str, Any]
CONFLICT = "05"
MOST_DAYS = 20_000


class Arriving(Struct, frozen=True):
    """One Patient that came: `own` is its id here, `stored` what the record has by it, if anything.

    `described`: nobody sent a Patient; an entry says within itself whom it is about.
    """

    name: str
    own: str
    patient: Patient
    who: Demographics
    stored: Patient | None
    organisation: str = ""
    described: bool = False

    @property
    def stands(self) -> str:
        """Whose statement it is in the record now; "" where it is not there."""
        return master_of(self.stored) if self.stored else ""


class Settled(Struct, frozen=True):
    """What becomes of one Patient: `own` is its id here, `master` the id of the person.

    `question` is the one it waits for, with everything that names it; nothing is filed until then.
    `links` are those it has here already, `verification` a status that people gave its number,
    `labels` those of the person it is a statement about.
    """

    own: str
    master: str
    restricted: bool = False
    question: str = ""
    links: tuple[Mapping[str, Any], ...] = ()
    verification: str = ""
    labels: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[Mapping[str, Any], ...] = ()
    """NHS numbers it stood under and is sent without: kept as replaced, or as still its own."""

    def attach(self, patient: dict[str, Any]) -> None:
        """Make a Patient that is not the master a statement about it, as restricted as it is."""
        if self.verification:
            patient.update(with_status(patient, self.verification))
        if self.numbers:
            patient["identifier"] = [*patient.get("identifier", ()), *map(dict, self.numbers)]
        other = {"reference": f"Patient/{self.master}"}
        refers = ({"other": other, "type": "refer"},) if self.master != self.own else ()
        if own := self.links or refers:
            told = [link for link in patient.get("link", ()) if link not in own]
            patient["link"] = [*(dict(link) for link in own), *told]
        if self.master == self.own:
            return
        labels = [RESTRICTED] if self.restricted and not is_restricted(patient) else []
        labels += [dict(label) for label in self.labels]
        if labels:
            meta = patient.setdefault("meta", {})
            kept = [c for c in meta.get("security", ()) if c not in labels]
            meta["security"] = [*kept, *labels]


class Newcomers:
    """Who is new in this import, by birth date: the record may not have stored them yet."""

    def __init__(self) -> None:
        self._born: OrderedDict[str, list[Candidate]] = OrderedDict()

    def add(self, candidate: Candidate) -> None:
        """Keep somebody; those of the day longest not met are forgotten first."""
        self._born.setdefault(candidate.who.born, []).append(candidate)
        if len(self._born) > MOST_DAYS:
            self._born.popitem(last=False)

    def like(self, who: Demographics) -> list[Candidate]:
        """Return those born on the same day."""
        return list(self._born.get(who.born, ())) if who.born else []


class _Draft(Struct, frozen=True):
    """What becomes of one, and what has to be asked; it waits for the first where `held`."""

    settled: Settled
    questions: tuple[Question, ...] = ()
    held: bool = False


def judged(
    arriving: Sequence[Arriving],
    holders: Mapping[str, Candidate],
    newcomers: Newcomers,
    permit: Permit,
) -> dict[str, Settled]:
    """Return what becomes of each, by name, and ask what people must decide.

    `holders` are the people to whom the NHS numbers of these belong; two of one file with one
    number are judged in their order.
    """
    known = dict(holders)
    wanted = [one.who for one in arriving if _needs_a_look(one, known)]
    like = known_like(permit, wanted) if wanted else []
    drafts: dict[str, _Draft] = {}
    for one in arriving:
        drafts[one.name] = draft = _judge(one, known, _both(like, newcomers.like(one.who)))
        if draft.settled.master == one.own and not draft.held and one.stored is None:
            new = Candidate(one.own, one.who, is_restricted(one.patient), is_protected(one.patient))
            known.setdefault(one.who.nhs_number, new)
            newcomers.add(new)
    asked = ask(permit, [q for draft in drafts.values() for q in draft.questions])
    settled = {name: _as_answered(draft, asked) for name, draft in drafts.items()}
    return _labelled(permit, settled, known)


def _both(like: Sequence[Candidate], new: Sequence[Candidate]) -> list[Candidate]:
    known = {c.person_id for c in like}
    return [*like, *(c for c in new if c.person_id not in known)]


def _needs_a_look(one: Arriving, holders: Mapping[str, Candidate]) -> bool:
    """Whether others like this person are to be looked up: somebody new, or perhaps a twin."""
    holder = holders.get(one.who.nhs_number)
    if holder is None:
        return one.stored is None
    return bool(one.who.givens and holder.who.givens) and not givens_agree(one.who, holder.who)


def _judge(one: Arriving, holders: Mapping[str, Candidate], like: Sequence[Candidate]) -> _Draft:
    if one.who.more_numbers and one.stored is None:
        numbers = (one.who.nhs_number, *one.who.more_numbers)
        held_by = [holders[n] for n in numbers if n in holders]
        return _held(one, decide(one.who, held_by), held_by)
    holder = holders.get(one.who.nhs_number) if one.who.nhs_number else None
    others = [c for c in like if c.person_id != one.own]
    if holder is None or holder.person_id == one.own:
        if one.stored is not None:
            return _Draft(_stays(one))
        return _somebody_new(one, others)
    decision = decide(one.who, (holder, *(c for c in others if c.person_id != holder.person_id)))
    if decision.outcome is Outcome.SAME and one.stands != one.own:
        links = _links(one) if one.stands == holder.person_id else ()
        made = Settled(one.own, holder.person_id, restricted=holder.restricted, links=links)
        return _Draft(made)
    if one.stands == one.own:
        return _two_records(one, holder, decision)
    return _held(one, decision, (holder, *others))


def _stays(one: Arriving) -> Settled:
    return Settled(one.own, one.stands, links=_links(one), numbers=_replaced(one))


def _replaced(one: Arriving) -> tuple[Mapping[str, Any], ...]:
    """Return the numbers this Patient stood under and is sent without now, as replaced today.

    A number in use goes when a verified other comes in its place (domain.md 1.2, step 6); one that
    was replaced before stays as it was.
    """
    sent = {one.who.nhs_number, *one.who.more_numbers, *one.who.old_numbers}
    replaces = one.who.nhs_number and one.who.status in VERIFIED
    return tuple(
        identifier if identifier.get("use") == "old" else replaced_number(identifier, now().date())
        for identifier in nhs_numbers_of(one.stored or {})
        if nhs_number.parse(identifier["value"]) not in sent
        and (identifier.get("use") == "old" or replaces)
    )


def _links(one: Arriving) -> tuple[Mapping[str, Any], ...]:
    """The links that say whose statement it is, and that two records were joined."""
    found = (one.stored or {}).get("link", ())
    return tuple(link for link in found if link.get("type") in ("refer", "replaced-by", "replaces"))


def _somebody_new(one: Arriving, others: Sequence[Candidate]) -> _Draft:
    """Nobody has the number: stored as somebody new, unless somebody here may be meant."""
    decision = decide(one.who, others)
    alike = {c.person_id: c for c in others if worth_asking(one.who, c)}
    shielded = is_protected(one.patient)
    pairs = [
        pair_question(
            one.own,
            c.person_id,
            reasons_of(one.who, c),
            organisation=one.organisation,
            protected=shielded or c.protected,
            now=now(),
        )
        for c in alike.values()
    ]
    hidden = [q for q in pairs if q.protected]
    if decision.outcome is Outcome.NEW and not one.described:
        return _Draft(Settled(one.own, one.own), tuple(pairs))
    if shielded and not one.described:
        return _Draft(Settled(one.own, one.own), tuple(hidden))
    return _held(one, decision, others, also=hidden)


def _two_records(one: Arriving, holder: Candidate, decision: Decision) -> _Draft:
    """The number of somebody kept here on their own proves to be another record's.

    It stays on their own record as in conflict, which joins nothing, until people say.
    """
    sentences = (
        "A record that was kept without this NHS number now states it, and another record holds "
        "it.",
        *decision.reasons,
    )
    shielded = holder.protected or is_protected(one.patient)
    question = pair_question(
        one.own,
        holder.person_id,
        sentences,
        organisation=one.organisation,
        protected=shielded,
        now=now(),
    )
    own = tuple(
        identifier
        for identifier in nhs_numbers_of(one.stored or {})
        if nhs_number.parse(identifier["value"]) != one.who.nhs_number
    )
    made = Settled(one.own, one.own, links=_links(one), verification=CONFLICT, numbers=own)
    return _Draft(made, (question,))


def _held(
    one: Arriving,
    decision: Decision,
    candidates: Sequence[Candidate],
    *,
    also: Sequence[Question] = (),
) -> _Draft:
    question = question_about(
        one.own,
        one.patient,
        decision,
        candidates,
        organisation=one.organisation,
        now=now(),
        what=one.name.partition("/")[0] if one.described else "Patient",
    )
    return _Draft(Settled(one.own, one.own, links=_links(one)), (question, *also), held=True)


def _as_answered(draft: _Draft, asked: Mapping[str, Question]) -> Settled:
    """What people said of the same Patient before goes for this one; what is open waits."""
    if not draft.held:
        return draft.settled
    own = draft.settled.own
    question = asked[draft.questions[0].id]
    answer = question.answer
    if is_open(question) or answer is None:
        return Settled(own, own, question=question.id)
    if answer.said == "same":
        return Settled(own, answer.person, links=draft.settled.links)
    verification = CONFLICT if question.verification == CONFLICT else ""
    return Settled(own, own, verification=verification)


def _labelled(
    permit: Permit, settled: dict[str, Settled], holders: Mapping[str, Candidate]
) -> dict[str, Settled]:
    """Give statements about somebody protected the labels that hide their own Patient."""
    protected = {c.person_id for c in holders.values() if c.protected}
    about = {s.master for s in settled.values() if s.master != s.own} & protected
    if not about:
        return settled
    found = people_by_id(permit, about)
    return dict(_with_labels(settled, found))


def _with_labels(
    settled: Mapping[str, Settled], found: Mapping[str, Patient]
) -> Iterator[tuple[str, Settled]]:
    for name, one in settled.items():
        labels = found.get(one.master, {}).get("meta", {}).get("security", ())
        hiding = tuple(
            label
            for label in labels
            if label_of({"resourceType": "Patient", "meta": {"security": [label]}})
        )
        if one.master == one.own or not hiding:
            yield name, one
            continue
        yield name, replace(one, labels=hiding)
