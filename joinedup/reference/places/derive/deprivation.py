"""How deprived the people are whom a system's trusts serve: a mean score by catchment."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from joinedup.reference.places.derive.sources import number, read, trust_boards

__all__ = ["deprivation"]


def deprivation(folder: Path) -> Iterator[tuple[object, ...]]:
    """Yield (code, mean Index of Multiple Deprivation score; higher is more deprived).

    Trusts' scores weighed by the people of their catchments. A mean over a system hides the
    streets where it is worst.
    """
    board_of = trust_boards(folder)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for r in read(folder, "02_urgent_care_beds/dim_trust_catchment.csv"):
        people, score = number(r["catchment_population"]), number(r["imd_score"])
        board = board_of.get(r["org_code"])
        if board is not None and people and score:
            sums[board][0] += people * score
            sums[board][1] += people
    for code, (weighed, people) in sorted(sums.items()):
        yield code, round(weighed / people, 2)
