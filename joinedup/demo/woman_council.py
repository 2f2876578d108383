"""What Marlbrook Council has written about Joyce Hallam: help after a broken wrist, 2014 to 2016.

Invented. The council does not yet know that she is in hospital; the tour begins with that.
"""

from datetime import date

from joinedup.demo import codes as c
from joinedup.demo.cast import COUNCIL, HOME_CARE, WOMAN, worker
from joinedup.demo.council import Event, assessment, council_patient, request, review, service
from joinedup.demo.events import alert, care_plan, care_team, letter, member, related_person
from joinedup.demo.writing import Pen, Resource, at

__all__ = ["WOMAN_EVENTS", "woman_at_the_council"]

PEN = Pen(COUNCIL.code, WOMAN)
DUNN, BELL = worker("rachel-dunn"), worker("marcus-bell")
SERVICES = "Progress to support planning or services"

WOMAN_EVENTS: tuple[Event, ...] = (
    request(
        date(2014, 8, 20),
        date(2014, 8, 21),
        "Progress to reablement/ST-Max",
        "Discharge from Hospital",
    ),
    service(
        date(2014, 8, 22),
        date(2014, 10, 3),
        "Progress to assessment, review or reassessment",
        ("Short term support: ST-Max", "Reablement"),
    ),
    assessment(date(2014, 9, 29), date(2014, 10, 2), SERVICES),
    service(
        date(2014, 10, 6),
        date(2016, 3, 31),
        "NFA: Support ended as planned",
        ("Long term support: Community", "Home support or domiciliary care"),
        hours="3.5",
        hour_cost="14.80",
        provider=HOME_CARE.name,
    ),
    review(
        date(2015, 10, 12),
        date(2015, 10, 12),
        "Continuation of support or services",
        "Planned",
        "Fully Met",
    ),
    review(
        date(2016, 3, 21),
        date(2016, 3, 21),
        "NFA: Support ended as planned",
        "Planned",
        "Fully Met",
    ),
    assessment(date(2016, 4, 18), date(2016, 4, 18), SERVICES, "Short term assessment"),
    service(
        date(2016, 5, 12),
        date(2016, 5, 12),
        "NFA: Support ended as planned",
        ("Short term support: Ongoing low level", "Equipment"),
    ),
)

ASSESSMENT = """Seen at home with Joyce and, by telephone, Susan.
House: two-up two-down, owned. One step at the back door, two at the front. Thirteen stairs, rail on
the left going up. Bathroom upstairs, over-bath shower. Gas fire, well kept. Cat.
Joyce washes and dresses by herself. Getting into the bath is the difficulty: she has not had one
since February. Kitchen is fine; uses a perching stool.
Agreed: bath board, grab rail by the bath, rail at the back door, key safe at the back.
Joyce does not want anyone coming in to help. "I have had two years of it and they were lovely, but
it is my house." She has the duty number if things change.
"""


def _team() -> Resource:
    return care_team(
        PEN,
        "team-2014",
        "Home care after a broken wrist",
        [DUNN, member(f"Organization/{HOME_CARE.code}", HOME_CARE.name, "Home care")],
        since=date(2014, 8, 22),
        until=date(2016, 3, 31),
    )


def woman_at_the_council() -> list[Resource]:
    """Return what the council has written about Joyce besides its events."""
    pat = related_person(
        PEN,
        "pat",
        ("Pat", "Ingham"),
        ("NBOR", "Neighbour and key holder; feeds the cat"),
        telephones=("01632 960516",),
        recorded=date(2016, 4, 18),
    )
    plan = care_plan(
        PEN,
        "plan-2014",
        "Home care plan",
        (
            "Half an hour each morning: wash, dress, breakfast",
            "Review every October, or sooner if Joyce or Susan asks",
        ),
        author=DUNN,
        since=date(2014, 10, 6),
        until=date(2016, 3, 31),
        words="I will take the help until my wrist and my nerve are back.",
    )
    return [
        council_patient(WOMAN, date(2014, 8, 20)),
        pat,
        _team(),
        plan,
        alert(
            PEN,
            "alert-key-safe",
            "OTH",
            c.Code("Key safe"),
            "Key safe by the back door. Ask the council's duty desk or Kingfisher for the number.",
            since=date(2016, 5, 12),
            author=BELL,
        ),
        letter(
            PEN,
            "note-home-assessment",
            "Occupational therapy assessment at home",
            ASSESSMENT,
            author=BELL,
            written=at(date(2016, 4, 18), 16, 30),
        ),
    ]
