"""The runner of background loops: steps, each with its own pace and its own back-off.

A step does a bounded piece of work, is safe to be killed and to run twice, and says how much it
did. One that fails is tried again, ever later, and never keeps another from its turn.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from time import monotonic

from msgspec import Struct

__all__ = ["Runner", "Step", "Told"]

LOOK_SECONDS = 0.5
STOP_LIMIT_SECONDS = 15.0
LONGEST_BACK_OFF_SECONDS = 600.0


class Told(Enum):
    """What a runner tells of a step when it changes."""

    RUNS = "it runs"
    FAILED = "it failed, and is tried again later"
    DONE = "it did something"


class Step(Struct, frozen=True, kw_only=True):
    """One piece of work: `run` takes the time and returns how much it did."""

    name: str
    every_seconds: float
    run: Callable[[datetime], int]


class _Pace:
    """When a step is due next, and whether it failed last time."""

    def __init__(self, step: Step) -> None:
        self.step, self.due, self.failures = step, monotonic(), 0
        self.has_run = False

    def after(self, *, failed: bool) -> None:
        self.failures = self.failures + 1 if failed else 0
        wait = self.step.every_seconds * 2 ** min(self.failures, 16)
        self.due = monotonic() + min(wait, max(LONGEST_BACK_OFF_SECONDS, self.step.every_seconds))


Tell = Callable[[Told, str, int, BaseException | None], None]


class Runner:
    """Runs steps in a thread for as long as the context lasts, or in this one with `run_once`."""

    def __init__(self, steps: Sequence[Step], tell: Tell, clock: Callable[[], datetime]) -> None:
        self._paces = [_Pace(step) for step in steps]
        self._tell, self._clock = tell, clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def __enter__(self) -> "Runner":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(STOP_LIMIT_SECONDS)

    def wait(self) -> None:
        """Stay until the runner is asked to end."""
        while not self._ended.wait(LOOK_SECONDS):
            pass

    def run_once(self) -> int:
        """Run every step once, one after the other; returns how many failed."""
        return sum(not self._step(pace) for pace in self._paces)

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            for pace in self._paces:
                if monotonic() >= pace.due and not self._ended.is_set():
                    self._step(pace)

    def _step(self, pace: _Pace) -> bool:
        try:
            done = pace.step.run(self._clock())
        except Exception as fault:
            if not pace.failures:
                self._tell(Told.FAILED, pace.step.name, 0, fault)
            pace.after(failed=True)
            return False
        if pace.failures or not pace.has_run:
            self._tell(Told.RUNS, pace.step.name, done, None)
        elif done:
            self._tell(Told.DONE, pace.step.name, done, None)
        pace.has_run = True
        pace.after(failed=False)
        return True
