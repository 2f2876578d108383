"""The loop of care that the tour walks, as a table, and where its steps stand in the drawing."""

import math
from collections.abc import Sequence

from msgspec import Struct

from joinedup.access.words import Role
from joinedup.demo.cast import MAN, WARD, WOMAN
from joinedup.demo.money import GRANT_ID
from joinedup.demo.woman_hospital import STAY
from joinedup.signin.accounts import account

__all__ = ["LOOP", "Spot", "Step", "place_spots"]


class Door(Struct, frozen=True):
    """A way from the tour into the demo: sign in as somebody and open something."""

    words: str
    account: str
    link: str


class Step(Struct, frozen=True, kw_only=True):
    """One step of the loop; it is built once it has a door."""

    name: str
    says: str
    doors: tuple[Door, ...] = ()

    @property
    def is_built(self) -> bool:
        """Whether the step can be walked in the demo."""
        return bool(self.doors)


class Spot(Struct, frozen=True, kw_only=True):
    """Where a step stands in the drawing."""

    step: Step
    number: int
    x: int
    y: int
    words_y: int


def _door(words: str, role: Role, link: str) -> Door:
    held = account(role.value)
    return Door(f"{words} as {held.full_name}, {held.post}", held.name, link)


_STAY, _WARD = f"/stays/{STAY}", f"/beds/{WARD}"
_APPROVALS, _QUESTIONS = "/money/approvals", "/money/exceptions"
LOOP: tuple[Step, ...] = (
    Step(
        name="One record",
        says="Surgery, hospital and council write in one record. Everybody who looks after Joyce "
        "sees the same page, and who said what. Joyce reads it too, and who looked at it and why; "
        "her daughter sees what she was trusted with. The privacy officer asks about every look "
        "that needs a question.",
        doors=(
            _door("Open Joyce’s record", Role.WARD_NURSE, f"/people/{WOMAN.id}"),
            _door("Find a person", Role.GP, "/people/"),
            _door("Open Desmond’s record", Role.SOCIAL_WORKER, f"/people/{MAN.id}"),
            Door("See my own record and who looked, as Joyce Hallam", "person", "/my"),
            Door("See her mother’s visits, as Susan Whitlock", "daughter", f"/my/for/{WOMAN.id}"),
            _door("Ask why a record was opened", Role.PRIVACY_OFFICER, "/access/break-glass"),
            _door("Look into an alert", Role.PRIVACY_OFFICER, "/access/alerts"),
        ),
    ),
    Step(
        name="Ready",
        says="The ward marks the hour at which she no longer needs a hospital bed, and the one "
        "reason she still waits, with who can end it.",
        doors=(
            _door("Review Joyce’s stay", Role.WARD_NURSE, _STAY),
            _door("Walk the round of the ward", Role.WARD_NURSE, f"/board/{WARD}/round"),
            _door("See who waits to go home", Role.DISCHARGE_COORDINATOR, "/board"),
        ),
    ),
    Step(
        name="Needs described",
        says="What she needs at home is said once, for everybody, and never as a package.",
        doors=(
            _door("Describe her needs", Role.WARD_NURSE, _STAY),
            _door("Answer for the hub", Role.DISCHARGE_COORDINATOR, "/hub"),
        ),
    ),
    Step(
        name="Slot held",
        says="A place with a home care team is held for her; nobody else gets it. The provider "
        "answers from a telephone.",
        doors=(
            _door("See what care is free", Role.BROKER, "/capacity"),
            _door("Hold a start", Role.BROKER, "/placements"),
            _door("Answer an offer", Role.PROVIDER_WORKER, "/offers"),
        ),
    ),
    Step(
        name="Reablement",
        says="A team is agreed, with a start time, before she leaves the ward; its cost is "
        "promised from the winter’s money, and no test of means comes first.",
        doors=(_door("Confirm a start", Role.BROKER, "/placements"),),
    ),
    Step(
        name="Home",
        says="She goes home; the first visit is that evening, and counts when somebody came.",
        doors=(
            _door("Say that she has gone home", Role.WARD_NURSE, _STAY),
            _door("See what waits for the hub", Role.DISCHARGE_COORDINATOR, "/work"),
        ),
    ),
    Step(
        name="Joint assessment", says="Health and council assess her together; no question twice."
    ),
    Step(name="Plan", says="One plan in her words, with one named coordinator."),
    Step(name="Budget", says="One budget from health and council, to the penny."),
    Step(name="Package", says="Who comes when, from which provider, at what price."),
    Step(
        name="Bed freed",
        says="Bed 12 is free for somebody who needs it. The day’s return counts her, and opens "
        "the list of who was counted.",
        doors=(
            _door("See the beds of Ward 7", Role.WARD_NURSE, _WARD),
            _door("Read the day’s return", Role.DISCHARGE_COORDINATOR, "/returns"),
            _door("Read how hard-pressed the hospital is", Role.COMMISSIONER, "/winter"),
        ),
    ),
    Step(
        name="Winter grant",
        says="What the winter’s money bought, from pounds to packages; one officer prepares, "
        "another approves. The pool of council and NHS adds up to the penny.",
        doors=(
            _door("Read what the grant bought", Role.COMMISSIONER, f"/money/grants/{GRANT_ID}"),
            _door("Prepare a payment", Role.FINANCE_OFFICER, "/money"),
            _door("Decide about a bill that does not match", Role.FINANCE_OFFICER, _QUESTIONS),
            Door("Approve it as Ruth Abara, Finance officer", "second-finance-officer", _APPROVALS),
        ),
    ),
    Step(name="Measures", says="What was done becomes figures: the same for every place."),
    Step(
        name="Plan ahead",
        says="Next fortnight, next winter, ten years: from the same record.",
        doors=(_door("Ask what a winter would need", Role.COMMISSIONER, "/plan"),),
    ),
)

_WIDTH, _HEIGHT = 1120, 330
_TOP_ROW = 7


def place_spots(loop: Sequence[Step]) -> tuple[Spot, ...]:
    """Return the steps along a loop: the first seven from left to right, the rest back again.

    ValueError for more than fourteen: the drawing has room for two rows of seven.
    """
    below = len(loop) - _TOP_ROW
    if below > _TOP_ROW:
        raise ValueError(f"{len(loop)} steps are more than the drawing has room for")
    last = (_TOP_ROW + below) / 2 - 1
    spots = []
    for index, step in enumerate(loop):
        is_top = index < _TOP_ROW
        across = index if is_top else last - (index - _TOP_ROW)
        gap = _WIDTH / _TOP_ROW
        y = 90 if is_top else _HEIGHT - 90
        spots.append(
            Spot(
                step=step,
                number=index + 1,
                x=math.floor(gap * (across + 0.5)),
                y=y,
                words_y=y - 36 if is_top else y + 48,
            )
        )
    return tuple(spots)
