"""Paired runs: every option played on equal luck, by draw of the parameters and by chance.

Run r belongs to draw r // CHANCES of the parameters (posterior, and the winter that comes), and is
run r of the engine's chance: the same in every option, for ever. So options differ by what they do.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from joinedup.planning.places import Place
from joinedup.planning.scenarios.model import Option
from joinedup.planning.statistics import Floats, Outcome

__all__ = ["CHANCES", "Pairs", "run_pairs"]

CHANCES = 2  # runs a draw: two are enough to part doubt from chance


class Pairs(Struct, frozen=True):
    """What every option did, run by run: `outcomes[i].areas` is by run, period and service.

    `options[0]` is the place as it is (with the background, where there is one).
    """

    place: Place
    options: tuple[Option, ...]
    outcomes: tuple[Outcome, ...]
    seed: int

    @property
    def runs(self) -> int:
        """How many runs each option was played."""
        return len(self.outcomes[0].counts)

    def by_period(self, option: int, measure: str, service: str = "beds") -> Floats:
        """Return a measure's mean in each period, by run and period: days, or weeks of England.

        `service` is a kind (`beds`, `home care`): of a place of several systems, all of them.
        """
        raise NotImplementedError

    def difference(self, option: int, measure: str, service: str = "beds") -> Floats:
        """Return option less the place as it is, the mean of the measured time, by run."""
        raise NotImplementedError


def run_pairs(
    place: Place,
    options: Sequence[Option],
    *,
    runs: int = 100,
    seed: int = 1,
    threads: int | None = None,
    background: Option | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """Play the place as it is and with each option, `runs` times each on equal luck.

    Same place, options, runs and seed give the same bytes, whatever the threads. `progress` is
    told how many runs of how many are done. Refuses a change the place cannot have with Invalid.
    """
    raise NotImplementedError
