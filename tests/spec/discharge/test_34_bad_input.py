"""Going home, chapter 34. What is typed wrong is refused by name, and nothing is written.

domain.md 9.7 line by line, through the acts; a bed of two is chapter 14's, a visit sold twice and a
start in the past are the brokers'.
"""

from datetime import UTC, date, datetime

import pytest

from joinedup.discharge.actions import DelayWish, choose_pathway, name_reason
from joinedup.discharge.caring import CarerWish, ask_carer
from joinedup.discharge.ending import Leaving, end_otherwise, leave
from joinedup.discharge.referring import HELP, NeedsWish, refer
from joinedup.discharge.reviews import Answers, review_criteria
from joinedup.discharge.rules.pathway import OWN_HOME, Going, chosen, pathway_of
from joinedup.discharge.typed import Typed, day_typed, when_typed, written_when
from joinedup.fhir.issue import Invalid, NotFound, Stale, Unprocessable
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.referral import Need
from joinedup.record.cluster import Urls
from tests.spec.discharge import ward
from tests.spec.discharge.stays import answers, november
from tests.spec.discharge.ward import NURSE, SPELL, made_ready, seen, stands
from tests.spec.record.place import COUNCIL

AS_BEFORE = Going(place=OWN_HOME, lives_there=True, new_care=False)
NEW_HELP = Going(place=OWN_HOME, lives_there=True, new_care=True)
WISH = NeedsWish(
    purpose=HELP, needs=(Need("washing", "Needs one person to help her wash"),), hub=COUNCIL
)


@pytest.fixture(autouse=True)
def _ward(record_database: Urls) -> None:
    assert record_database.application
    ward.build_ward(november(1))


def ready_on_pathway_0() -> None:
    """Ready on the 3rd, and nothing new is needed."""
    made_ready(november(3), reason="medicines")
    choose_pathway(NURSE, seen(), AS_BEFORE, now=november(3, 10))


def test_leaving_before_coming_in() -> None:
    ready_on_pathway_0()
    with pytest.raises(Unprocessable, match="Nobody leaves before they came in"):
        leave(NURSE, seen(), Leaving(at=datetime(2025, 10, 31, tzinfo=UTC)), now=november(4))
    assert ward.status("Encounter", SPELL) == "in-progress"


def test_a_discharge_ready_date_after_the_discharge() -> None:
    ready_on_pathway_0()
    leave(NURSE, seen(), Leaving(at=november(4)), now=november(4))
    said = Answers(answers=answers(at=november(5)), news2=1)
    with pytest.raises(Unprocessable, match="They have left"):
        review_criteria(NURSE, SPELL, said, seen=seen().version, now=november(5))


def test_pathway_0_with_a_new_package() -> None:
    """The page asks plain questions, so that it cannot be typed; a program is refused."""
    made_ready(november(3))
    choice = pathway_of(NEW_HELP, by=Reference(NURSE.worker), at=november(3))
    assert choice.code == "1"
    changed = {n: getattr(choice, n) for n in choice.__struct_fields__} | {"code": "0"}
    with pytest.raises(Unprocessable, match="With new care it is pathway 1"):
        chosen(stands(), type(choice)(**changed))


def test_two_pathways() -> None:
    """One is decided; another takes its place with a reason, and never stands beside it."""
    ready_on_pathway_0()
    with pytest.raises(Unprocessable, match="To change it to 1, say why"):
        choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 11))
    choose_pathway(NURSE, seen(), NEW_HELP, why="She cannot wash alone", now=november(3, 11))
    way = stands().pathway
    assert way is not None and (way.code, way.why) == ("1", "She cannot wash alone")


@pytest.mark.parametrize("text", ["other", "SS", "social services", "", "Pathway 1"])
def test_a_reason_that_nobody_can_act_on(text: str) -> None:
    made_ready(november(3))
    with pytest.raises(Unprocessable, match="Choose one: "):
        name_reason(NURSE, seen(), DelayWish(text, COUNCIL, november(4)), now=november(3, 10))


def test_discharged_dead() -> None:
    ready_on_pathway_0()
    wish = Leaving(at=november(4), method="4", destination="79")
    with pytest.raises(Unprocessable, match="Death, leaving of their own accord"):
        leave(NURSE, seen(), wish, now=november(4))
    with pytest.raises(Unprocessable, match="do not fit"):
        end_otherwise(
            NURSE,
            seen(),
            "died",
            at=november(4),
            method="4",
            destination="19",
            now=november(4),
        )


def test_a_referral_of_somebody_who_has_died() -> None:
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    at = november(4)
    end_otherwise(NURSE, seen(), "died", at=at, method="4", destination="79", now=at)
    with pytest.raises(Unprocessable, match="They have left hospital"):
        refer(NURSE, seen(), WISH, token="a" * 32, now=november(4, 10))
    assert ward.tasks("hub-referral") == []


def test_a_ward_that_prescribes() -> None:
    """9.1: each of these is answered with what to write instead."""
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    for words in ("Four calls a day please", "Needs a nursing home", "24 hour care placement"):
        wish = NeedsWish(purpose=HELP, needs=(Need("washing", words),), hub=COUNCIL)
        with pytest.raises(Unprocessable, match="says what to provide, not what is needed"):
            refer(NURSE, seen(), wish, token="b" * 32, now=november(3, 11))
    nowhere = NeedsWish(purpose=HELP, needs=WISH.needs, hub="nobody")
    with pytest.raises(Unprocessable, match="Choose the hub"):
        refer(NURSE, seen(), nowhere, token="b" * 32, now=november(3, 11))


def test_a_carer_nobody_knows_an_answer_that_is_none_and_a_day_that_is_over() -> None:
    for wish, words in (
        (CarerWish(carer="RelatedPerson/nobody", answer="yes", alone=True), "Choose who was asked"),
        (CarerWish(carer=ward.SUSAN, answer="maybe", alone=True), "Choose what they answered"),
        (
            CarerWish(carer=ward.SUSAN, answer="yes", alone=True, until=date(2025, 11, 1)),
            "That day is over",
        ),
    ):
        with pytest.raises(Unprocessable, match=words):
            ask_carer(NURSE, SPELL, wish, token="c" * 32, now=november(3))


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2025-13-01T10:00", "2025-11-03", "16/01/2018", "2025-11-03T25:00"]
)
def test_a_time_that_is_none(text: str) -> None:
    with pytest.raises(Invalid, match="Write a day"):
        when_typed(Typed({"at": text}), "at", "Write a day and a time.")


def test_clocks_that_go_back_and_forth() -> None:
    """A form shows and reads clocks in England; the record keeps UTC (9.7, time zone and BST)."""
    for text, kept in (
        ("2025-07-01T14:30", datetime(2025, 7, 1, 13, 30, tzinfo=UTC)),
        ("2025-12-01T14:30", datetime(2025, 12, 1, 14, 30, tzinfo=UTC)),
        ("2025-10-26T01:30", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ):
        read = when_typed(Typed({"at": text}), "at", "")
        assert (read, written_when(read)) == (kept, text)
    assert day_typed(Typed({"until": ""}), "until", "") is None
    with pytest.raises(Invalid, match="Write a day"):
        day_typed(Typed({"until": "soon"}), "until", "Write a day.")


def test_a_stay_that_is_none_is_not_there() -> None:
    """A clinic visit, and nothing at all: the same answer."""
    for name in ("nothing", "w7-12"):
        with pytest.raises(NotFound):
            ask_carer(
                NURSE,
                name,
                CarerWish(carer=ward.SUSAN, answer="yes", alone=True),
                token="d" * 32,
                now=november(3),
            )


def test_a_form_that_is_sent_twice_counts_once() -> None:
    """The second of a double click is told, and makes nothing."""
    made_ready(november(3))
    choose_pathway(NURSE, seen(), NEW_HELP, now=november(3, 10))
    page = seen()
    refer(NURSE, page, WISH, token="e" * 32, now=november(3, 11))
    with pytest.raises(Stale):
        refer(NURSE, page, WISH, token="e" * 32, now=november(3, 11))
    assert len(ward.tasks("hub-referral")) == 1
