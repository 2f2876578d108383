"""The engine: the exact event-driven simulator, compiled; what it does is in docs/decisions/0006.

`run` is the way in. Below it: `lower` turns a network into the arrays of `layout`, `kernel` plays
them with `queues`, `agenda` (what happens next), `record` (what is measured) and `draws` (chance);
`compiled` says where compiled code is kept.
"""

from joinedup.planning.engine.run import Agenda, Executor, replay, simulate

__all__ = ["Agenda", "Executor", "replay", "simulate"]
