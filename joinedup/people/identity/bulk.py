"""Looking for duplicates among everybody at once, with Splink (an extra: `joinedup[duplicates]`).

Reads everybody's own Patient, lets Splink weigh the likely pairs, and asks people about them; it
joins nobody. What people said of a pair stands, and twins and differing numbers are left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.involve import is_statement
from joinedup.fhir.issue import Invalid
from joinedup.fhir.search.query import parse_query
from joinedup.people.demographics import Demographics, demographics_of
from joinedup.people.identity.asking import ask, pair_question, standing
from joinedup.people.identity.protection import is_protected
from joinedup.people.identity.question import Question, pair_id
from joinedup.people.identity.rules import LEAST_SCORE, Candidate, weigh
from joinedup.record import search
from joinedup.web.clock import now

__all__ = ["DuplicateReport", "Pair", "everybody", "find_duplicates", "likely_pairs"]

LEAST_PROBABILITY = 0.9
_SHARE_TWICE = 0.01
"""How many in a hundred are expected twice, before anything is known of a place."""
_SAMPLED_PAIRS = 1_000_000
_LEAST_SAMPLED_PEOPLE = 1_000
_PAGE = 1_000
_ERRORS_ALONE = 40
"""What Splink may log: its own words could hold names (house law 15)."""
_TOGETHER = 200

_AGREES_IF_SAME = {
    "family": [0.90, 0.06, 0.04],
    "given": [0.88, 0.07, 0.05],
    "born": [0.92, 0.03, 0.02, 0.01, 0.01, 0.01],
    "postcode": [0.75, 0.25],
}
_AGREES_BY_CHANCE = {
    "family": [0.005, 0.005, 0.99],
    "given": [0.02, 0.02, 0.96],
    "born": [0.0001, 0.0004, 0.0005, 0.001, 0.01, 0.988],
    "postcode": [0.001, 0.999],
}


class Person(Struct, frozen=True):
    """Somebody of the record, as Splink and the rules weigh them."""

    id: str
    who: Demographics
    protected: bool


class Pair(Struct, frozen=True):
    """Two people who may be one, and how likely Splink holds it."""

    one: str
    other: str
    probability: float


class DuplicateReport(Struct, frozen=True):
    """What came of a look at everybody."""

    people: int
    pairs: int
    asked: int
    known: int


def everybody(permit: Permit) -> Iterator[Person]:
    """Yield everybody's own Patient; statements of others about them are left out."""
    cursor: str | None = None
    while True:
        asked = [("_cursor", cursor)] if cursor else []
        page = search(permit, parse_query("Patient", asked, default_count=_PAGE), detail="identity")
        for stored in page.entries:
            if not is_statement(resource := stored.resource):
                yield Person(stored.id, demographics_of(resource), is_protected(resource))
        if (cursor := page.next_cursor) is None:
            return


def find_duplicates(permit: Permit) -> DuplicateReport:
    """Ask people about every likely pair that nobody was asked about, and report how many.

    Raises Invalid where Splink is not installed.
    """
    people = {person.id: person for person in everybody(permit)}
    pairs = likely_pairs(people.values())
    questions = [q for pair in pairs if (q := _question(people, pair))]
    asked = known = 0
    for start in range(0, len(questions), _TOGETHER):
        some = questions[start : start + _TOGETHER]
        before = standing(permit, [q.id for q in some])
        ask(permit, some)
        known += len(before)
        asked += len(some) - len(before)
    return DuplicateReport(len(people), len(questions), asked, known)


def likely_pairs(people: Iterable[Person]) -> list[Pair]:
    """Return the pairs that Splink holds to be one person with 9 chances in 10, likeliest first."""
    rows = [_row(person) for person in people if person.who.born]
    if len(rows) < 2:
        return []
    found = _predicted(rows)
    pairs = [Pair(r["unique_id_l"], r["unique_id_r"], r["match_probability"]) for r in found]
    return sorted(pairs, key=lambda p: (-p.probability, p.one, p.other))


def _row(person: Person) -> dict[str, str | None]:
    who = person.who
    return {
        "unique_id": person.id,
        "family": next(iter(who.families), None),
        "given": next(iter(who.givens), None),
        "born": who.born if len(who.born) == len("1933-05-11") else None,
        "postcode": next(iter(who.postcodes), None),
        "year": who.born[:4],
    }


def _predicted(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    try:
        splink: Any = import_module("splink")
        compare: Any = import_module("splink.comparison_library")
    except ImportError:
        raise Invalid(
            "Looking for duplicates needs Splink. Install it with: pip install --require-hashes "
            "-r duplicates.lock"
        ) from None
    comparisons = [
        compare.JaroWinklerAtThresholds("family", [0.9]),
        compare.JaroWinklerAtThresholds("given", [0.9]),
        compare.DateOfBirthComparison("born", input_is_string=True),
        compare.ExactMatch("postcode"),
    ]
    named = zip(_AGREES_IF_SAME, comparisons, strict=True)
    block_on = splink.block_on
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=min(2 * _SHARE_TWICE / len(rows), 0.5),
        comparisons=[
            one.configure(
                m_probabilities=_AGREES_IF_SAME[name], u_probabilities=_AGREES_BY_CHANCE[name]
            )
            for name, one in named
        ],
        blocking_rules_to_generate_predictions=[
            block_on("born"),
            block_on("family", "given"),
            block_on("postcode", "year"),
        ],
    )
    table = splink.DuckDBAPI().register(list(rows), table_name="people")
    linker = splink.Linker(table, settings, log_level=_ERRORS_ALONE)
    if len(rows) >= _LEAST_SAMPLED_PEOPLE:
        linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=1)
    found = linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY)
    return list(found.as_record_list())


def _question(people: Mapping[str, Person], pair: Pair) -> Question | None:
    """Return the question about a pair; None where the rules hold it to be two people."""
    one, other = people[pair.one], people[pair.other]
    weighed = weigh(one.who, Candidate(other.id, other.who))
    if weighed.score < LEAST_SCORE:
        return None
    chances = f"Compared with everybody here, they are one person with {pair.probability:.0%}."
    question = pair_question(
        one.id,
        other.id,
        (chances, *weighed.reasons_for, *weighed.reasons_against),
        protected=one.protected or other.protected,
        now=now(),
    )
    assert question.id == pair_id(one.id, other.id)
    return question
