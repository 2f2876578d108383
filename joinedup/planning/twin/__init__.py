"""The twin: the same network played plainly, to hold the engine to. Slow, and meant to be read.

Written apart from the engine, from docs/decisions/0006-engine.md and the words of `network.model`.
It shares with it the model, the chance and the shape of an outcome, and gives the same bytes.
"""

from joinedup.planning.twin.run import replay, simulate

__all__ = ["replay", "simulate"]
