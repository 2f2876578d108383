"""Identity on random people: what must hold of every decision, whoever comes."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from joinedup.people.demographics import Demographics
from joinedup.people.identity.question import (
    Answer,
    Held,
    Question,
    held_of,
    held_task,
    pair_id,
    question_of,
    question_task,
)
from joinedup.people.identity.rules import Candidate, Outcome, decide, weigh

NAMES = ("pickering", "hallam", "marsh", "")
GIVENS = ("jean", "joan", "jeanette", "")
DAYS = ("1941-10-04", "1941-04-10", "1941-01-01", "1941", "1950-02-03", "")
NUMBERS = ("9990012032", "9990012040", "")
STATUSES = ("", "01", "02", "05")


def _one(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


people = st.builds(
    Demographics,
    nhs_number=st.sampled_from(NUMBERS),
    status=st.sampled_from(STATUSES),
    more_numbers=st.sampled_from(((), ("9990012059",))),
    families=st.sampled_from(NAMES).map(_one),
    givens=st.sampled_from(GIVENS).map(_one),
    born=st.sampled_from(DAYS),
    gender=st.sampled_from(("female", "male", "")),
    postcodes=st.sampled_from(("mq32ca", "mq11aa", "")).map(_one),
    birth_order=st.integers(0, 2),
)
known = st.lists(st.tuples(people, st.booleans()), max_size=5).map(
    lambda found: [
        Candidate(f"p{n}", who, protected=protected) for n, (who, protected) in enumerate(found)
    ]
)


@given(incoming=people, candidates=known)
def test_only_a_unique_verified_number_that_fits_links(
    incoming: Demographics, candidates: list[Candidate]
) -> None:
    """ID-02 and ID-03, whoever comes: the number is verified on both sides and of one person."""
    decision = decide(incoming, candidates)
    if decision.outcome is Outcome.SAME:
        (person,) = decision.people
        holders = [
            c
            for c in candidates
            if c.who.nhs_number == incoming.nhs_number and c.who.status in ("", "01")
        ]
        assert [c.person_id for c in holders] == [person] and incoming.status in ("", "01")
        assert set(incoming.families) & set(holders[0].who.families) or incoming.born


@given(incoming=people, candidates=known)
def test_a_protected_person_is_proposed_by_her_own_number_alone(
    incoming: Demographics, candidates: list[Candidate]
) -> None:
    """Never by likeness."""
    decision = decide(incoming, candidates)
    numbers = {incoming.nhs_number, *incoming.more_numbers} - {""}
    shielded = {c.person_id: c for c in candidates if c.protected}
    for person in set(decision.people) & set(shielded):
        assert shielded[person].who.nhs_number in numbers


@given(incoming=people, candidates=known)
def test_protected_people_change_nothing_for_who_comes_without_a_number(
    incoming: Demographics, candidates: list[Candidate]
) -> None:
    """The same decision, word for word, as if they were not there."""
    if incoming.nhs_number:
        return
    others = [c for c in candidates if not c.protected]
    assert decide(incoming, candidates) == decide(incoming, others)


@given(one=people, other=people)
def test_evidence_is_the_same_from_both_sides(one: Demographics, other: Demographics) -> None:
    """Who is held against whom changes nothing; and gender changes nothing."""
    forth = weigh(one, Candidate("x", other))
    back = weigh(other, Candidate("x", one))
    assert forth.score == back.score and 0 <= forth.score < 1
    assert set(forth.reasons_for) == set(back.reasons_for)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
)


@given(said=st.sampled_from(("same", "different", "pass", "open", "done")), words=texts)
def test_a_question_reads_back_as_it_was_written(said: str, words: str) -> None:
    """With its answers, whatever was typed."""
    at = datetime(2018, 1, 16, tzinfo=UTC)
    answer = Answer(
        said=said,
        by="Practitioner/x",
        at=at,
        person="jean" if said == "same" else "",
        words=words.strip(),
    )
    question = Question(
        id="identity-1",
        reason="several",
        sentences=(words,),
        organisation="RZ901",
        asked_at=at,
        own="own",
        incoming={"resourceType": "Patient", "name": [{"family": words}]},
        people=("jean", "joan"),
        verification="04",
        answers=(answer,),
    )
    if answer.words and answer.words != said:
        assert question_of(question_task(question)) == question


@given(words=texts)
def test_what_is_held_reads_back_to_the_letter(words: str) -> None:
    """Nothing of it is lost, whatever it says."""
    held = Held(
        question="identity-1",
        resource={"resourceType": "Observation", "id": "x", "code": {"text": words}},
        organisation="RZ901",
        author="Practitioner/x",
    )
    assert held_of(held_task(held)) == held


@given(st.permutations(["jean", "joan"]))
def test_a_pair_has_one_id(both: list[str]) -> None:
    """In whatever order it is asked about."""
    assert pair_id(*both) == pair_id("jean", "joan")
