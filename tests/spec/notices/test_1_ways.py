"""Notices, chapter 1. By which way somebody is told, at which hour, in which words."""

import string
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.profiles import told
from joinedup.fhir.profiles.told import Choice
from joinedup.jobs.rules import ways
from joinedup.jobs.rules.quiet import apart, next_try, quiet_until
from joinedup.jobs.rules.ways import NoWay, Way, way_of_carer, way_of_person, way_of_work
from joinedup.jobs.rules.words import CARER, OWN, WORK, Place, message_of, words_of
from tests.spec.notices.people import EMAIL, HOME, LANDLINE, MOBILE, NOON, flag
from tests.spec.record.place import CONFIDENTIALITY, joyce

PLACE = Place(
    address="https://r.example", film="https://f.example/bsl", languages={"polish": "Po polsku."}
)


def way(*needs: str, choice: Choice | None = None, **patient: Any) -> Any:
    """The way to Joyce."""
    held = joyce("joyce", **patient)
    return way_of_person(held, frozenset(needs), choice, languages=("polish",), has_film=True)


def test_an_email_goes_before_a_text_where_nobody_said() -> None:
    """Both are ways people gave us; a landline is none."""
    both = way(telecom=[LANDLINE, MOBILE, EMAIL])
    assert (both.kind, both.address) == ("email", "joyce@mail.example")
    assert way(telecom=[LANDLINE, MOBILE]).address == "07700900123"
    assert way(telecom=[LANDLINE], address=[HOME]) is ways.UNKNOWN


def test_what_somebody_chose_is_the_only_way() -> None:
    """A letter is a letter; an e-mail that is not known is asked for."""
    chosen = Choice(way="letter")
    assert way(choice=chosen, telecom=[EMAIL], address=[HOME]).kind == "letter"
    assert way(choice=Choice(way="email"), telecom=[MOBILE]) is ways.UNKNOWN
    assert way(choice=Choice(way="telephone"), telecom=[EMAIL]) is ways.TELEPHONE


def test_what_a_disability_asks_for_is_met() -> None:
    """Large print, Easy Read, a text, an e-mail, sign language (DAPB1605; ON-07)."""
    large = way("large-print", telecom=[EMAIL], address=[HOME])
    assert (large.kind, large.format) == ("letter", "large-print")
    assert large.address == "14 Orchard Row\nMarlbrook\nMQ1 4AB"
    assert way("easy-read", address=[HOME]).format == "easy-read"
    assert way("text", telecom=[EMAIL, MOBILE]).kind == "text"
    signs = way("signs", telecom=[EMAIL])
    assert "https://f.example/bsl" in words_of(OWN, signs, PLACE)


@pytest.mark.parametrize(
    ("need", "why"),
    [("braille", ways.BRAILLE), ("telephone", ways.TELEPHONE), ("read-out", ways.READ_OUT)],
)
def test_what_a_machine_cannot_do_people_do(need: str, why: NoWay) -> None:
    """A Braille reader never gets a plain message only (ON-07)."""
    assert way(need, telecom=[EMAIL], address=[HOME]) is why


def test_without_a_film_or_words_in_their_language_people_are_asked() -> None:
    """A message somebody cannot read tells them nothing."""
    plain = joyce("joyce", telecom=[EMAIL])
    assert way_of_person(plain, frozenset({"signs"}), None) is ways.SIGNS
    speaks = [{"language": {"text": "Gujarati"}, "preferred": True}]
    assert way(telecom=[EMAIL], communication=speaks) is ways.LANGUAGE
    polish = way(telecom=[EMAIL], communication=[{"language": {"text": "Polish"},
                                                  "preferred": True}])  # fmt: skip
    assert words_of(OWN, polish, PLACE).startswith("Po polsku.")


def test_nobody_writes_to_the_dead_or_to_the_protected() -> None:
    """Whatever was chosen, and however many addresses there are."""
    restricted = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    ways_in: dict[str, Any] = {"telecom": [EMAIL, MOBILE], "address": [HOME]}
    for choice in (None, *(Choice(way=w) for w in told.WAYS)):
        assert way(choice=choice, meta=restricted, **ways_in) is ways.PROTECTED
        assert way(choice=choice, deceasedBoolean=True, **ways_in) is ways.NOBODY


def test_an_address_that_is_over_or_none_is_not_used() -> None:
    """Old, ended, or written so that it would add a line to a letter head."""
    bad = [
        {**EMAIL, "use": "old"},
        {**EMAIL, "period": {"end": "2017-01-01"}},
        {"system": "email", "value": "joyce@mail.example\nBcc: all@mail.example"},
        {"system": "email", "value": "joyce at home"},
    ]
    assert way(telecom=bad) is ways.UNKNOWN
    assert way_of_carer({"telecom": bad}) is ways.NOBODY
    assert way_of_work({"telecom": [MOBILE]}) is ways.NOBODY


def test_needs_are_read_from_active_flags() -> None:
    """By their SNOMED CT codes; what has ended asks for nothing."""
    held = [flag("957331000000109"), {**flag("936701000000103"), "status": "inactive"}]
    assert told.needs_of(held) == {"large-print"}


@pytest.mark.parametrize("what", [told.EVERYTHING, told.EXPECTED, told.NOTHING])
@pytest.mark.parametrize("by", told.WAYS)
def test_a_choice_reads_as_it_was_written(what: str, by: str) -> None:
    """Builder and reader agree; what was ended is no choice."""
    made = told.build("joyce", Choice(what=what, way=by), NOON)
    assert told.read([made]) == Choice(what=what, way=by)
    assert told.read([{**made, "status": "inactive"}]) is None


def test_no_text_rings_at_three_in_the_morning() -> None:
    """From nine in the evening to eight, London time, in summer too; an e-mail may lie there."""
    at = datetime(2018, 1, 16, 3, tzinfo=UTC)
    assert quiet_until("text", at) == datetime(2018, 1, 16, 8, tzinfo=UTC)
    assert quiet_until("email", at) is None and quiet_until("letter", at) is None
    summer = datetime(2018, 7, 16, 20, 30, tzinfo=UTC)  # 21:30 in London
    assert quiet_until("text", summer) == datetime(2018, 7, 17, 7, tzinfo=UTC)
    assert quiet_until("text", datetime(2018, 1, 16, 20, 59, tzinfo=UTC)) is None


def test_a_night_on_which_the_clock_goes_back_is_an_hour_longer() -> None:
    """28 October 2018: eight o'clock is eight o'clock."""
    begins = datetime(2018, 10, 27, 21, tzinfo=UTC)
    ends = quiet_until("text", begins)
    assert ends is not None and ends.astimezone(UTC) == datetime(2018, 10, 28, 8, tzinfo=UTC)


def test_tries_are_further_and_further_apart() -> None:
    """A minute, five, thirty, then hours; a message an hour at most."""
    waits = [(next_try(n, NOON) - NOON) for n in range(1, 9)]
    assert waits == sorted(waits) and waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(days=1) and apart(date(2018, 1, 16)) == timedelta(hours=1)


def test_the_words_of_each_message() -> None:
    """Those of the issue, and where to go."""
    mine = Way(kind="email", address="a@b.example")
    assert words_of(OWN, mine, PLACE).startswith(
        "There is something new in your record. Sign in to read it.\n\nhttps://r.example/my\n"
    )
    assert "/my/told" in words_of(OWN, mine, PLACE)
    assert words_of(WORK, mine, PLACE).startswith("There is work for you in joinedup.")
    assert "in a record that you were trusted with" in words_of(CARER, mine, PLACE)
    short = words_of(OWN, Way(kind="text", address="07700900123"), PLACE)
    assert len(short) <= 160 and "\n" not in short


ANY = st.text(string.printable, max_size=30)


@given(ANY, ANY, st.sampled_from([OWN, CARER, WORK]), st.sampled_from(["email", "text", "letter"]))
def test_nothing_of_a_person_can_be_in_the_words(
    address: str, name: str, audience: str, kind: str
) -> None:
    """Whatever the way, the words are those of any other person: only the address differs."""
    one = message_of(name, audience, Way(kind=kind, address=address), PLACE)
    other = message_of("x", audience, Way(kind=kind, address="y"), PLACE)
    assert (one.text, one.subject) == (other.text, other.subject)
