"""`./dev bench matching [--quick]`: whom the rules propose and link, right and wrong, and how fast.

On invented people with invented faults (`people`), not on anybody's record: it compares one state
of the rules with the next, and says nothing of a place.
"""

import argparse
import sys
import time
from collections import defaultdict
from importlib.util import find_spec

from benchmarks.figure import Figure, show
from benchmarks.matching.people import Corpus, make_corpus
from benchmarks.processes import reference_microseconds
from joinedup.people.demographics import Demographics
from joinedup.people.identity.bulk import Person, likely_pairs
from joinedup.people.identity.rules import Candidate, Outcome, decide, worth_asking


class Shelf:
    """Known people by what a search by name and day of birth would find them by."""

    def __init__(self, corpus: Corpus) -> None:
        self._found: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in corpus.known:
            for key in _keys(candidate.who):
                self._found[key].append(candidate)

    def like(self, who: Demographics) -> list[Candidate]:
        """Return everybody with the start of a name and a day of birth in common, once each."""
        found = {c.person_id: c for key in _asked(who) for c in self._found.get(key, ())}
        return list(found.values())


def _keys(who: Demographics) -> set[str]:
    return {f"{name[:3]} {who.born}" for name in (*who.families, *who.givens)}


def _asked(who: Demographics) -> set[str]:
    year, month, day = who.born.split("-")
    days = {who.born, f"{year}-01-01", f"{year}-{day}-{month}"}
    return {f"{name[:3]} {d}" for name in (*who.families, *who.givens) for d in days}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    count = 6_000 if parser.parse_args().quick else 60_000
    corpus = make_corpus(count)
    figures = [*_proposals(corpus), *_links(corpus), *_splink(corpus)]
    sys.stderr.write(f"{count:,} known people, {len(corpus.came):,} statements\n")
    sys.stderr.write(f"reading 1 kB of JSON on this machine: {reference_microseconds():.1f} us\n")
    show("Matching", figures)


def _proposals(corpus: Corpus) -> list[Figure]:
    """Of everybody proposed for a statement without a number, who is right."""
    shelf = Shelf(corpus)
    right = wrong = missed = weighed = 0
    began = time.process_time()
    for person, who in corpus.came:
        if who.nhs_number:
            continue
        found = shelf.like(who)
        weighed += len(found)
        proposed = {c.person_id for c in found if worth_asking(who, c)}
        right += person in proposed
        wrong += len(proposed - {person})
        missed += bool(person) and person not in proposed
    seconds = time.process_time() - began
    return [
        Figure("proposed people who are right (precision)", right / (right + wrong), "", ">= 0.9"),
        Figure("known people who are proposed (recall)", right / (right + missed), "", ">= 0.9"),
        Figure("candidates weighed a second, one core", weighed / seconds, "/s", ">= 10000"),
    ]


def _links(corpus: Corpus) -> list[Figure]:
    """What is linked without asking: by a number, or not at all."""
    shelf, by_number = Shelf(corpus), {c.who.nhs_number: c for c in corpus.known}
    linked = wrong = asked = 0
    for person, who in corpus.came:
        holder = by_number.get(who.nhs_number)
        found = {c.person_id: c for c in shelf.like(who)}
        if holder:
            found[holder.person_id] = holder
        decision = decide(who, list(found.values()))
        linked += decision.outcome is Outcome.SAME
        wrong += decision.outcome is Outcome.SAME and decision.people != (person,)
        asked += decision.outcome not in (Outcome.SAME, Outcome.NEW)
    whole = len(corpus.came)
    return [
        Figure("statements linked to the wrong person", wrong, "", "<= 0"),
        Figure("statements linked without asking", linked / whole, "", ">= 0.1"),
        Figure("statements about which people are asked", asked / whole, "", "<= 0.6"),
    ]


def _splink(corpus: Corpus) -> list[Figure]:
    """The bulk search on known people and statements without a number, where Splink is there."""
    if find_spec("splink") is None:
        sys.stderr.write("Splink is not installed: its figures are left out (duplicates.lock)\n")
        return []
    came = [(f"c{n}", p, w) for n, (p, w) in enumerate(corpus.came) if p and not w.nhs_number]
    people = [Person(c.person_id, c.who, False) for c in corpus.known]
    people += [Person(own, who, False) for own, _, who in came]
    truth = {frozenset((own, person)) for own, person, _ in came}
    began = time.monotonic()
    pairs = {frozenset((p.one, p.other)) for p in likely_pairs(people)}
    seconds = time.monotonic() - began
    right = len(pairs & truth)
    return [
        Figure("Splink: pairs that are right (precision)", right / len(pairs), "", ">= 0.9"),
        Figure("Splink: pairs that are found (recall)", right / len(truth), "", ">= 0.9"),
        Figure("Splink: people compared a second", len(people) / seconds, "/s", ">= 1000"),
    ]


if __name__ == "__main__":
    main()
