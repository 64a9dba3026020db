"""How long the stages of queries and the steps of jobs take: the newest of each kind, and a trace of all. Any thread.

Who is measured reads no clock: it says when a stage has ended.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from cognate.types import Timing

TRACE = logging.getLogger("cognate.trace")
"""Gets a line for each query and each step of a job, while anybody listens: ``serve --trace``, or an editor that asks.
Its lines never reach the log by themselves. They name stages and jobs, never what was asked."""
TRACE.setLevel(logging.DEBUG)
TRACE.propagate = False

KEPT = 200
"""How many of each kind the median is of."""


def untimed(stage: str) -> None:
    """Measure nothing: for work that nobody times."""


class Stopwatch:
    """Divides one piece of work into stages. For one thread."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.stages: dict[str, float] = {}
        self._clock = clock
        self._since = clock()

    def ended(self, stage: str) -> None:
        """Count the time since the last stage ended for this one; what is said of a stage twice is added up."""
        now = self._clock()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._since
        self._since = now


@dataclass
class _Kind:
    newest: deque[float] = field(default_factory=lambda: deque[float](maxlen=KEPT))
    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.newest.append(seconds)
        self.count += 1
        self.seconds += seconds

    def timing(self) -> Timing:
        middle = sorted(self.newest)[len(self.newest) // 2]
        return Timing(middle * 1000, self.newest[-1] * 1000, self.count, self.seconds)


class Times:
    """The times of one folder's queries and jobs.

    Args:
        name: the folder's, for the trace.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}

    def add(self, kind: str, stages: Mapping[str, float]) -> None:
        """Add one piece of work.

        Args:
            kind: what it was.
            stages: the seconds of each of its stages, in order; one without a name is the whole.
        """
        total = sum(stages.values())
        named = {f"{kind}: {stage}": seconds for stage, seconds in stages.items() if stage}
        with self._lock:
            for name, seconds in {kind: total, **named}.items():
                self._kinds.setdefault(name, _Kind()).add(seconds)
        if TRACE.handlers:
            TRACE.debug("%s: %s", self._name, traced(kind, stages))

    @contextmanager
    def measured(self, kind: str) -> Generator[None]:
        """Add what is done inside, unless it fails."""
        watch = Stopwatch()
        yield
        watch.ended("")
        self.add(kind, watch.stages)

    def summary(self) -> dict[str, Timing]:
        """Return how long each kind and stage takes, by name."""
        with self._lock:
            return {name: kind.timing() for name, kind in self._kinds.items()}


def traced(kind: str, stages: Mapping[str, float]) -> str:
    """Return the line of the trace for one piece of work; the arguments are those of ``Times.add``."""
    parts = ", ".join(f"{stage} {_milliseconds(seconds)}" for stage, seconds in stages.items() if stage)
    return f"{kind} {_milliseconds(sum(stages.values()))} ms{f' ({parts})' if parts else ''}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
