"""The twin's world: people as objects, queues as lists, what comes next in Python's heap."""

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from joinedup.planning.chance import keys
from joinedup.planning.chance.laws import draw_time
from joinedup.planning.network import Network, Outbreaks, PersonClass, Present, Route, Steps
from joinedup.planning.network.curves import NO_LIMIT, capacity_changes
from joinedup.planning.statistics import Happening
from joinedup.planning.twin.arrivals import arrival_times
from joinedup.planning.twin.book import Book

__all__ = ["Person", "World"]

# What happens at one instant happens in this order.
PLACES_CHANGE, OUTBREAK_ENDS, OUTBREAK_BEGINS, STAY_ENDS, PATIENCE_ENDS, ARRIVES = range(6)


@dataclass(eq=False)
class Person:
    """Somebody, and what happened to them."""

    born: str
    number: int
    key: int
    kind: str
    at: str | None = None
    at_as: str = ""  # the class they had when they got the place they hold
    wants: str | None = None
    since: float = 0.0
    came: float = 0.0
    visit: int = 0
    ticket: int = 0
    appointment: int = -1  # which entry of the agenda is theirs
    story: list[Happening] = field(default_factory=list)


class World:
    """One run of a network."""

    def __init__(self, network: Network, seed: int, run: int) -> None:
        self.network = network
        self.now = 0.0
        self.events = 0
        self.tickets = itertools.count()
        self.agenda: list[tuple[float, int, int, int, int, Callable[[], None]]] = []
        self.services = {s.name: s for s in network.services}
        self.classes = {c.name: c for c in network.classes}
        self.routes = {(r.person_class, r.service): r for r in network.routes}
        self.run_key = keys.run_key(seed, run)
        self.class_keys = {c.name: keys.class_key(self.run_key, c.name) for c in network.classes}
        self.planned = {s.name: 0 for s in network.services}
        self.closed = {s.name: 0 for s in network.services}
        self.outbreaks: dict[str, list[Outbreaks]] = {s.name: [] for s in network.services}
        self.queues: dict[str, list[Person]] = {s.name: [] for s in network.services}
        self.people: dict[tuple[str, int], Person] = {}
        self.book = Book(network)

    # What comes next

    def put(self, time: float, rank: int, who: tuple[int, int], then: Callable[[], None]) -> int:
        """Put something on the agenda, at its place among what happens at the same time."""
        ticket = next(self.tickets)
        if time < self.network.horizon:
            heapq.heappush(self.agenda, (time, rank, *who, ticket, then))
        return ticket

    def put_for(self, p: Person, time: float, rank: int, then: Callable[[Person], None]) -> None:
        """Put what a person does next on the agenda; only the last thing put there happens."""

        def happen() -> None:
            if p.appointment == ticket:
                self.events += 1
                p.appointment = -1
                then(p)

        ticket = self.put(time, rank, (list(self.classes).index(p.born), p.number), happen)
        p.appointment = ticket

    def play(self) -> None:
        """Play from the beginning to the horizon."""
        self.begin()
        while self.agenda:
            time, _, _, _, _, then = heapq.heappop(self.agenda)
            self.now = time
            self.book.move_clock(time)
            then()
        self.book.move_clock(self.network.horizon)

    def begin(self) -> None:
        """Place who is there, fill what is free, and expect arrivals and changes of places."""
        order = {s.name: i for i, s in enumerate(self.network.services)}
        for s in self.network.services:
            (_, planned, places), *later = capacity_changes(s, self.network.horizon)
            self.set_places(s.name, planned, places)
            for time, *then in later:
                self.put(time, PLACES_CHANGE, (order[s.name], 0), self.changing(s.name, *then))
        numbers = {name: itertools.count(-1, -1) for name in self.classes}
        for there in self.network.present:
            for _ in range(there.count):
                self.place(there, next(numbers[there.person_class]))
        for name in self.services:
            self.fill(name)
        for c in self.network.classes:
            if c.arrivals is not None:
                self.follow(c, c.arrivals)
        processes = [(s.name, o) for s in self.network.services for o in s.outbreaks]
        for i, (name, outbreaks) in enumerate(processes):
            self.follow_outbreaks(i, name, outbreaks)

    # Coming

    def place(self, there: Present, number: int) -> None:
        """Put one person who is there at time 0 in their place, or queue, or both."""
        p = self.new_person(there.person_class, number)
        if there.service is not None:
            p.at, p.at_as, p.came, p.visit = there.service, p.kind, -there.elapsed, 1
            self.book.change(there.service, "in_use", 1)
        if there.waiting_for is not None:
            if there.service is not None:
                self.book.count("delayed", p.kind, there.service)
            self.wait(p, there.waiting_for)
            p.since = -there.waited
        elif there.service is not None:
            bits = keys.draw(p.key, keys.name_key(there.service), 0, keys.STAY)
            stay = self.routes[p.kind, there.service].stay
            self.put_for(p, draw_time(stay, bits, there.elapsed), STAY_ENDS, self.end_stay)

    def new_person(self, kind: str, number: int) -> Person:
        """Return a new person."""
        p = Person(kind, number, keys.person_key(self.class_keys[kind], number), kind)
        self.people[kind, number] = p
        return p

    def follow(self, c: PersonClass, arrivals: Steps) -> None:
        """Expect the people of a class, one after another."""
        key, place = self.class_keys[c.name], list(self.classes).index(c.name)
        times = arrival_times(arrivals, key, self.network.horizon, even=c.even)

        def expect(number: int) -> None:
            time = next(times, math.inf)

            def come() -> None:
                self.events += 1
                expect(number + 1)
                self.ask(self.new_person(c.name, number), c.enters)

            self.put(time, ARRIVES, (place, number), come)

        expect(0)

    def ask(self, p: Person, name: str) -> None:
        """Let somebody who holds nothing ask: they get a place, wait, or are turned away."""
        p.since = self.now
        self.book.count("asked", p.kind, name)
        self.tell(p, "asked", name)
        if self.has_room(name):
            self.admit(p, name)
            return
        limit = self.services[name].waiting_limit
        waiting = sum(q.at is None for q in self.queues[name])
        if limit is not None and waiting >= limit:
            self.book.count("turned_away", p.kind, name)
            self.tell(p, "turned away", name)
        elif not self.joins(p, name, waiting):
            self.book.count("balked", p.kind, name)
            self.tell(p, "balked", name)
        else:
            self.wait(p, name)
            return
        instead = self.routes[p.kind, name].instead
        if instead is not None:
            self.ask(p, instead)
        else:
            self.tell(p, "gone", "")

    def joins(self, p: Person, name: str, waiting: int) -> bool:
        """Draw whether somebody waits where so many wait already."""
        chances = self.routes[p.kind, name].joins
        if not chances:
            return True
        bits = keys.draw(p.key, keys.name_key(name), p.visit, keys.BALK)
        return keys.uniform(bits) < [*chances, *[chances[-1]] * waiting][waiting]

    # Waiting and getting a place

    def has_room(self, name: str) -> bool:
        """Tell whether a service has a place for one more."""
        return self.book.numbers[name, "in_use"] < self.places(name)

    def wait(self, p: Person, name: str) -> None:
        """Make somebody wait, for as long as they have patience."""
        p.wants, p.ticket = name, next(self.tickets)
        self.queues[name].append(p)
        self.book.change(name, "waiting", 1)
        if p.at is None:
            self.book.change(name, "outside", 1)
        else:
            self.book.change(p.at, "held", 1)
        patience = self.routes[p.kind, name].patience
        if patience is not None:
            bits = keys.draw(p.key, keys.name_key(name), p.visit, keys.PATIENCE)
            self.put_for(p, self.now + draw_time(patience, bits), PATIENCE_ENDS, self.give_up)

    def stop_waiting(self, p: Person) -> None:
        """Take somebody out of the queue they are in."""
        assert p.wants is not None
        self.queues[p.wants].remove(p)
        self.book.change(p.wants, "waiting", -1)
        if p.at is None:
            self.book.change(p.wants, "outside", -1)
        else:
            self.book.change(p.at, "held", -1)
            self.book.add("delay", p.at_as, p.at, self.now - p.since)
        p.wants = None

    def turn(self, p: Person, name: str) -> tuple[bool, int, int]:
        """Return what a person's turn goes by: the lowest is next."""
        service = self.services[name]
        late = service.holders_first and p.at is None
        priority = self.classes[p.kind].priority if service.order == "priority" else 0
        return late, priority, p.ticket

    def fill(self, name: str) -> None:
        """Let the next ones in while there is room, and fill the places they held."""
        while self.has_room(name) and self.queues[name]:
            p = min(self.queues[name], key=lambda q: self.turn(q, name))
            p.appointment = -1
            self.stop_waiting(p)
            left = p.at
            if left is not None:
                self.book.count("moved", p.at_as, left)
                self.give_place_up(p)
            self.admit(p, name)
            if left is not None:
                self.fill(left)

    def admit(self, p: Person, name: str) -> None:
        """Give somebody a place and draw how long they stay."""
        self.book.count_admission(p.kind, name, self.now - p.since)
        self.tell(p, "admitted", name)
        self.book.change(name, "in_use", 1)
        p.at, p.at_as, p.came = name, p.kind, self.now
        bits = keys.draw(p.key, keys.name_key(name), p.visit, keys.STAY)
        p.visit += 1
        stay = draw_time(self.routes[p.kind, name].stay, bits)
        self.put_for(p, self.now + stay, STAY_ENDS, self.end_stay)

    def give_place_up(self, p: Person) -> None:
        """Take the place somebody holds from them."""
        assert p.at is not None
        self.book.count("left", p.at_as, p.at)
        self.book.add("place", p.at_as, p.at, self.now - p.came)
        self.book.change(p.at, "in_use", -1)
        p.at = None

    # Going

    def end_stay(self, p: Person) -> None:
        """End a stay: leave, or go on now, or wait in the place or outside."""
        here = p.at
        assert here is not None
        route = self.routes[p.kind, here]
        self.book.count("finished", p.kind, here)
        self.tell(p, "over", here)
        to = self.choose(p, route)
        if to is None:
            self.give_place_up(p)
            self.tell(p, "gone", "")
            self.fill(here)
        elif not route.holds:
            self.give_place_up(p)
            self.fill(here)
            self.ask(p, to)
        else:
            p.since = self.now
            self.book.count("asked", p.kind, to)
            self.tell(p, "asked", to)
            if self.has_room(to):
                self.book.count("moved", p.at_as, here)
                self.give_place_up(p)
                self.admit(p, to)
                self.fill(here)
            else:
                self.book.count("delayed", p.at_as, here)
                self.wait(p, to)

    def choose(self, p: Person, route: Route) -> str | None:
        """Draw where somebody goes; None when they leave."""
        u = keys.uniform(keys.draw(p.key, keys.name_key(route.service), p.visit, keys.ROUTE))
        chance = 0.0
        for onward in route.onward:
            chance += onward.probability
            if u < chance:
                p.kind = onward.become or p.kind
                return onward.to
        return None

    def give_up(self, p: Person) -> None:
        """Let somebody go home whose patience is over."""
        assert p.wants is not None
        self.book.count("gave_up", p.kind, p.wants)
        self.tell(p, "gave up", p.wants)
        self.stop_waiting(p)
        held = p.at
        if held is not None:
            self.give_place_up(p)
        self.tell(p, "gone", "")
        if held is not None:
            self.fill(held)

    # Places

    def places(self, name: str) -> int:
        """Return how many places admit: as planned, less closures, less outbreaks."""
        here = self.outbreaks[name]
        if any(o.places is None for o in here):
            return 0
        whole = self.planned[name] - self.closed[name]
        return max(0, whole - sum(o.places or 0 for o in here))

    def set_places(self, name: str, planned: int, places: int) -> None:
        """Plan so many places, of which so many are not closed."""
        with self.counting_closed(name):
            self.planned[name], self.closed[name] = planned, planned - places

    @contextmanager
    def counting_closed(self, name: str) -> Iterator[None]:
        """Count what the lines within close or open."""
        before = self.shut(name)
        yield
        self.book.change(name, "closed", self.shut(name) - before)

    def shut(self, name: str) -> int:
        """Return how many places are shut; none where there is no limit."""
        planned = self.planned[name]
        return 0 if planned == NO_LIMIT else planned - self.places(name)

    def changing(self, name: str, planned: int, places: int) -> Callable[[], None]:
        """Return the change of how many places there are."""

        def change() -> None:
            self.events += 1
            self.set_places(name, planned, places)
            self.fill(name)

        return change

    def follow_outbreaks(self, place: int, name: str, outbreaks: Outbreaks) -> None:
        """Expect outbreaks of a service, one after another, and each one's end."""
        key = keys.outbreaks_key(self.run_key, name, outbreaks.name)
        times = arrival_times(outbreaks.rate, key, self.network.horizon)

        def expect(number: int) -> None:
            def begin() -> None:
                self.events += 1
                expect(number + 1)
                with self.counting_closed(name):
                    self.outbreaks[name].append(outbreaks)
                bits = keys.draw(keys.person_key(key, number), 0, 0, keys.STAY)
                until = self.now + draw_time(outbreaks.lasts, bits)
                self.put(until, OUTBREAK_ENDS, (place, number), end)

            def end() -> None:
                self.events += 1
                with self.counting_closed(name):
                    self.outbreaks[name].remove(outbreaks)
                self.fill(name)

            self.put(next(times, math.inf), OUTBREAK_BEGINS, (place, number), begin)

        expect(0)

    def tell(self, p: Person, word: str, service: str) -> None:
        """Write a line of somebody's story."""
        p.story.append(Happening(self.now, word, service))
