"""What is wrong with the routes: unknown names, chances over 1, no way out, holding in a circle."""

from collections.abc import Iterator

from joinedup.fhir.issue import Problem
from joinedup.planning.network.model import Network, Route
from joinedup.planning.network.sound_laws import law_problems

__all__ = ["route_problems"]

State = tuple[str, str]


def route_problems(network: Network) -> Iterator[Problem]:
    """Return what is wrong with the routes, and of their shape where the words are right."""
    found = [*_words(network)]
    yield from found
    if not found:
        yield from _missing(network)
        yield from _no_way_out(network)
        yield from _circles(network)
        yield from _sent_round(network)


def _words(n: Network) -> Iterator[Problem]:
    services, classes = {s.name for s in n.services}, {c.name for c in n.classes}
    seen: set[State] = set()
    for i, r in enumerate(n.routes):
        path = f"routes[{i}]"
        for word, known in ((r.person_class, classes), (r.service, services)):
            if word not in known:
                yield _unknown(word, known, path)
        if (r.person_class, r.service) in seen:
            message = f"{r.person_class} at {r.service} is there twice: join the two"
            yield Problem("duplicate", message, path)
        seen.add((r.person_class, r.service))
        yield from law_problems(r.stay, f"{path}.stay")
        if r.patience is not None:
            yield from law_problems(r.patience, f"{path}.patience")
        yield from _turned_away(r, services, path)
        total = sum(o.probability for o in r.onward)
        if any(not 0.0 <= o.probability <= 1.0 for o in r.onward) or total > 1.0 + 1e-9:
            message = (
                f"{total:.6g} of {r.person_class} go on from {r.service}: chances are 0 to 1 and "
                "together at most 1 (who is not sent on leaves)"
            )
            yield Problem("value", message, f"{path}.onward")
        for j, o in enumerate(r.onward):
            if o.to not in services:
                yield _unknown(o.to, services, f"{path}.onward[{j}].to")
            if o.become is not None and o.become not in classes:
                yield _unknown(o.become, classes, f"{path}.onward[{j}].become")


def _turned_away(r: Route, services: set[str], path: str) -> Iterator[Problem]:
    if any(not 0.0 <= chance <= 1.0 for chance in r.joins):
        message = f"{r.person_class} at {r.service}: a chance of joining a queue is 0 to 1"
        yield Problem("value", message, f"{path}.joins")
    if r.instead is not None and r.instead not in services:
        yield _unknown(r.instead, services, f"{path}.instead")


def _unknown(word: str, known: set[str], path: str) -> Problem:
    message = f"{word} is not known here: use one of {', '.join(sorted(known))}"
    return Problem("not-found", message, path)


def _missing(n: Network) -> Iterator[Problem]:
    """Every state that somebody can come to needs a route that says what they do there."""
    states = {(r.person_class, r.service) for r in n.routes}
    for i, c in enumerate(n.classes):
        if c.arrivals is not None and (c.name, c.enters) not in states:
            message = f"no route says what {c.name} does at {c.enters}: add one"
            yield Problem("required", message, f"classes[{i}]")
    for i, r in enumerate(n.routes):
        for j, o in enumerate(r.onward):
            who = o.become or r.person_class
            if (who, o.to) not in states:
                message = f"no route says what {who} does at {o.to}: add one"
                yield Problem("required", message, f"routes[{i}].onward[{j}]")
        if r.instead is not None and (r.person_class, r.instead) not in states:
            message = f"no route says what {r.person_class} does at {r.instead}: add one"
            yield Problem("required", message, f"routes[{i}].instead")


def _sent_round(n: Network) -> Iterator[Problem]:
    """Who is turned away and sent on in a circle would go round it for ever."""
    instead = {(r.person_class, r.service): r.instead for r in n.routes if r.instead is not None}
    for i, r in enumerate(n.routes):
        seen, here = set[str](), r.instead
        while here is not None and here not in seen:
            seen.add(here)
            here = instead.get((r.person_class, here))
        if r.service in seen:
            message = (
                f"{r.person_class} who are turned away at {r.service} are sent back to it: leave "
                "out one `instead` of the circle"
            )
            yield Problem("business-rule", message, f"routes[{i}].instead")


def _moves(n: Network) -> dict[State, set[State]]:
    return {
        (r.person_class, r.service): {
            (o.become or r.person_class, o.to) for o in r.onward if o.probability > 0.0
        }
        for r in n.routes
    }


def _no_way_out(n: Network) -> Iterator[Problem]:
    moves = _moves(n)
    leaving = {
        (r.person_class, r.service)
        for r in n.routes
        if sum(o.probability for o in r.onward) < 1.0 - 1e-9
    }
    while more := {s for s, to in moves.items() if s not in leaving and to & leaving}:
        leaving |= more
    for i, r in enumerate(n.routes):
        if (r.person_class, r.service) not in leaving:
            message = f"{r.person_class} never leaves after {r.service}: send some of them nowhere"
            yield Problem("business-rule", message, f"routes[{i}].onward")


def _circles(n: Network) -> Iterator[Problem]:
    """Who hold places while waiting in a circle could wait for one another for ever."""
    limited = {s.name for s in n.services if s.capacity is not None or s.closures or s.outbreaks}
    held: dict[str, set[str]] = {name: set() for name in limited}
    for r in n.routes:
        if r.holds and r.service in limited:
            held[r.service] |= {o.to for o in r.onward if o.probability > 0.0} & limited
    while ends := {name for name, to in held.items() if not to}:
        held = {name: to - ends for name, to in held.items() if name not in ends}
    for i, r in enumerate(n.routes):
        if not r.holds or r.service not in held:
            continue
        reached, more = set[str](), held[r.service]
        while more:
            reached |= more
            more = {t for s in more for t in held[s]} - reached
        if r.service in reached:
            message = (
                f"places at {r.service} are held in a circle, so people could wait for one another "
                "for ever: say holds = false on one route of the circle"
            )
            yield Problem("business-rule", message, f"routes[{i}].holds")
