"""The values of a scenario file: a place, a winter, and options, each a list of changes.

What a change does to a place is in `changes`; what is wrong with one is said by `sound`. Effects
that nobody publishes are the file's own, each with a `source` and, where unsure, a `factor_sd`.
"""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

__all__ = [
    "AGED",
    "AS_NOW",
    "CareBreaks",
    "Change",
    "Deferral",
    "FluLike",
    "Grant",
    "Norovirus",
    "Option",
    "Places",
    "Prevention",
    "Scenario",
    "TurnRound",
    "Vaccination",
    "Workforce",
]

Age = Literal["under 65", "65 to 84", "85 and over"]
Care = Literal["home care", "reablement", "community beds", "care homes"]
AGED: tuple[Age, ...] = ("65 to 84", "85 and over")


class Grant(Struct, frozen=True, tag="grant", forbid_unknown_fields=True):
    """Money that buys care: `amount` pounds for the place, or for England and shared out.

    It is spent evenly from `begins` to `ends` (both days included; the whole time where not said),
    care that began before the end going on after it. `price` is pounds a package, from a person's
    first day of care to the last; where not said, the published price. `at` is the one system of a
    larger place that gets it.
    """

    amount: float
    buys: Care
    of: Literal["place", "England"] = "place"
    price: float | None = None
    begins: date | None = None
    ends: date | None = None
    at: str | None = None


class Places(Struct, frozen=True, tag="places", forbid_unknown_fields=True):
    """So many places of care more (or fewer), whatever they cost; or a `share` of what there is."""

    service: Care
    more: float = 0.0
    share: float = 0.0
    begins: date | None = None
    ends: date | None = None
    at: str | None = None


class Workforce(Struct, frozen=True, tag="workforce", forbid_unknown_fields=True):
    """How many places more there are workers for: at most a share of today's, opening by the week.

    What grants would buy beyond it is not bought, and the money is told as not spent.
    """

    service: Care
    most_share: float
    source: str
    opens_share_a_week: float | None = None


class FluLike(Struct, frozen=True, tag="flu", forbid_unknown_fields=True):
    """Flu as in a past winter (`2017-18`), or `mild`, or `none`; or so many times what comes."""

    like: str = ""
    times: float = 1.0


class Norovirus(Struct, frozen=True, tag="norovirus", forbid_unknown_fields=True):
    """So many times the outbreaks that shut beds; 0 for none."""

    times: float


class Deferral(Struct, frozen=True, tag="deferral", forbid_unknown_fields=True):
    """A share of planned admissions put off; they come back evenly in the days after, or later."""

    share: float
    begins: date
    ends: date
    back_over_days: float = 90.0


class Vaccination(Struct, frozen=True, tag="vaccination", forbid_unknown_fields=True):
    """A share of admissions with flu that do not happen."""

    fewer_share: float
    source: str
    factor_sd: float = 0.0


class Prevention(Struct, frozen=True, tag="prevention", forbid_unknown_fields=True):
    """A share of emergency admissions that do not happen, of the ages said."""

    fewer_share: float
    source: str
    factor_sd: float = 0.0
    ages: tuple[Age, ...] = AGED


class CareBreaks(Struct, frozen=True, tag="carers' breaks", forbid_unknown_fields=True):
    """Breaks for carers: a share fewer admissions, and fewer who need care to go home."""

    fewer_admissions_share: float
    fewer_needing_care_share: float
    source: str
    factor_sd: float = 0.0


class TurnRound(Struct, frozen=True, tag="joint assessment", forbid_unknown_fields=True):
    """Assessment together, not one after another: who goes on to care is ready so much sooner.

    Never more than the days that people ready to leave wait for what is no place of care.
    """

    sooner_days: float
    source: str
    factor_sd: float = 0.0


Change = (
    Grant
    | Places
    | Workforce
    | FluLike
    | Norovirus
    | Deferral
    | Vaccination
    | Prevention
    | CareBreaks
    | TurnRound
)


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that might be done, by a name for people; with no changes, the place as it is."""

    name: str
    changes: tuple[Change, ...] = ()


AS_NOW = Option("as it is")


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario file: where, when, and the options compared with `background` alone.

    `background` holds in every option and in what they are compared with: a hard winter.
    """

    title: str
    place: str
    starts: date
    options: tuple[Option, ...]
    days: int = 90
    background: tuple[Change, ...] = ()
    runs: int = 100
    seed: int = 1
    unknown: tuple[str, ...] = ()

    @property
    def ends(self) -> date:
        """The last day that is played."""
        return self.starts + timedelta(days=self.days - 1)
