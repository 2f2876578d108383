"""Identity, chapter 11. Looking for duplicates among everybody (`joinedup duplicates`).

It asks people about likely pairs and joins nobody. Splink is an extra; without it the command says
how to get it, and what needs it here is skipped.
"""

from importlib.util import find_spec
from typing import Any

import pytest

from joinedup.access.permit import system_permit
from joinedup.fhir.issue import Invalid
from joinedup.people.identity import bulk
from joinedup.people.identity.bulk import everybody, find_duplicates
from joinedup.people.identity.queue import answer_question, work_of
from tests.spec.identity.people import (
    JEAN,
    LABELS,
    OFFICER,
    RECEPTION,
    questions,
    said,
    send,
    stored,
    twin,
    twins,
)
from tests.spec.imports.conftest import Importing, importing

__all__ = ["importing"]

PERMIT = system_permit("identity")
needs_splink = pytest.mark.skipif(
    find_spec("splink") is None, reason="Splink is an extra: install duplicates.lock to run this"
)


def misspelt(identity: str, **changes: Any) -> dict[str, Any]:
    """Jean Pickering as somebody in a hurry typed her."""
    return twin(identity, "Jeane", name=[{"family": "Pickerring", "given": ["Jeane"]}], **changes)


def test_without_splink_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else needs it, so nothing else installs it."""

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(bulk, "import_module", absent)
    stored(twin("one", "Jean"), misspelt("two"))
    with pytest.raises(Invalid, match=r"duplicates\.lock"):
        find_duplicates(PERMIT)


def test_everybody_is_read_once_and_statements_are_left_out(importing: Importing) -> None:
    """What a hospital says of somebody is no further person."""
    twins()
    send(importing, twin("H1", "Jean", JEAN))
    assert sorted(person.id for person in everybody(PERMIT)) == ["jean", "joan"]


@needs_splink
def test_a_misspelt_twice_is_asked_about_once(importing: Importing) -> None:
    """With the estimate and the reasons; running it again asks nothing again."""
    stored(twin("one", "Jean", JEAN), misspelt("two"))
    report = find_duplicates(PERMIT)
    assert (report.people, report.pairs, report.asked) == (2, 1, 1)
    (question,) = work_of(RECEPTION).waiting
    assert question.people == ("one", "two") and "are one person with" in question.sentences[0]
    assert "The family names are spelt almost alike." in question.sentences
    again = find_duplicates(PERMIT)
    assert (again.asked, again.known) == (0, 1)


@needs_splink
def test_different_is_not_proposed_again(importing: Importing) -> None:
    """What people said stands against any estimate."""
    stored(twin("one", "Jean", JEAN), misspelt("two"))
    find_duplicates(PERMIT)
    (question,) = questions()
    answer_question(OFFICER, question.id, question.version, said("different", by=OFFICER))
    assert find_duplicates(PERMIT).asked == 0
    assert work_of(OFFICER).waiting == ()


@needs_splink
def test_twins_and_differing_numbers_are_left_out() -> None:
    """Same home, birth date and family name: two numbers, two first names, two people."""
    twins()
    assert all(set(q.people) != {"jean", "joan"} for q in questions())
    find_duplicates(PERMIT)
    assert all(set(q.people) != {"jean", "joan"} for q in questions())


@needs_splink
def test_a_protected_pair_is_the_privacy_officers_alone() -> None:
    """The same label, the same silence (chapter 4)."""
    label = {"security": [{"system": LABELS, "code": "gender-history"}]}
    stored(twin("one", "Jean", JEAN), misspelt("two", meta=label))
    find_duplicates(PERMIT)
    assert work_of(RECEPTION).waiting == ()
    assert len(work_of(OFFICER).waiting) == 1
