"""The twin's books: numbers over time and what is counted, in dictionaries by name."""

from collections import defaultdict

from joinedup.planning.network import Network
from joinedup.planning.statistics import MEASURES, edges

__all__ = ["Book"]


class Book:
    """What is measured of one run; counting begins again when the warm-up ends."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.bounds = edges(network)
        if network.warm_up > 0.0:
            self.periods = [(0.0, network.warm_up)]
        else:
            self.periods = []
        self.periods += list(zip(self.bounds, self.bounds[1:], strict=False))
        self.period = 0
        self.left = self.periods[0][1]
        self.names = [(s.name, m) for s in network.services for m in MEASURES]
        self.numbers = dict.fromkeys(self.names, 0)
        self.at_start = dict.fromkeys(self.names, 0)
        self.areas = dict.fromkeys(self.names, 0.0)
        self.kept: list[tuple[dict[tuple[str, str], float], dict[tuple[str, str], int]]] = []
        self.forget()

    def forget(self) -> None:
        """Begin counting from nothing."""
        self.counts: dict[tuple[str, str, str], int] = defaultdict(int)
        self.sums: dict[tuple[str, str, str], float] = defaultdict(float)
        self.over: dict[tuple[str, str, int], int] = defaultdict(int)

    def move_clock(self, now: float) -> None:
        """Close the periods that have ended by now."""
        while self.period < len(self.periods) and now >= self.periods[self.period][1]:
            self.close()
        if self.period < len(self.periods):
            self.left = self.periods[self.period][1] - now

    def close(self) -> None:
        """Close a period; the warm-up is thrown away."""
        start, end = self.periods[self.period]
        areas = {n: self.at_start[n] * (end - start) + self.areas[n] for n in self.names}
        if self.period == 0 and self.network.warm_up > 0.0:
            self.forget()
        else:
            self.kept.append((areas, dict(self.numbers)))
        self.at_start = dict(self.numbers)
        self.areas = dict.fromkeys(self.names, 0.0)
        self.period += 1

    def change(self, service: str, measure: str, by: int) -> None:
        """Change a number, for what is left of the period."""
        self.numbers[service, measure] += by
        self.areas[service, measure] += by * self.left

    def count(self, kind: str, person_class: str, service: str) -> None:
        """Count one."""
        self.counts[person_class, service, kind] += 1

    def add(self, kind: str, person_class: str, service: str, time: float) -> None:
        """Add a time to a sum."""
        self.sums[person_class, service, kind] += time

    def count_admission(self, person_class: str, service: str, wait: float) -> None:
        """Count somebody admitted after a wait."""
        self.count("admitted", person_class, service)
        if wait > 0.0:
            self.count("waited", person_class, service)
            self.add("wait", person_class, service, wait)
            self.add("wait_squared", person_class, service, wait * wait)
            for i, bound in enumerate(self.network.wait_bounds):
                self.over[person_class, service, i] += wait > bound
