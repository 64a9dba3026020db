"""What the writer does, one job a file, and the order in which jobs come first.

A job says when it is due and works in small steps: it stops as soon as something more urgent waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Phase(Enum):
    """What the writer is doing; the value is what the status says."""

    IDLE = ""
    OPEN = "opening"
    BUFFERS = "reading buffers"
    RECONCILE = "looking for changes"
    READ = "reading files"
    GRAPH = "ranking"
    TRANSLATE = "translating"
    EMBED = "embedding"
    COMPACT = "building the vector index"
    VOCABULARY = "learning words"
    HISTORY = "reading the history"
    TRIM = "trimming memory"


QUIET = frozenset(
    {Phase.IDLE, Phase.BUFFERS, Phase.TRANSLATE, Phase.GRAPH, Phase.VOCABULARY, Phase.HISTORY, Phase.TRIM}
)
"""Phases that a person need not know of: everything that was saved can be found already."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a job may go on.

    Attributes:
        should_yield: whether something more urgent than background work waits, such as an edit.
        cancelled: whether all work is to end: the folder is being closed or indexing is paused.
        waited_for: somebody waits for the end, so no rest is taken.
    """

    should_yield: Callable[[], bool]
    cancelled: Callable[[], bool]
    waited_for: bool = False


class Job(Protocol):
    """One kind of work of the writer. Used by the writer thread alone."""

    @property
    def phase(self) -> Phase:
        """What the status says while it runs."""
        ...

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return in how many seconds there is something to do, 0 for now, None when there is nothing.

        Args:
            now: in seconds, of the monotonic clock.
            waited_for: whether somebody waits for the end, so that no rest is taken.
        """
        ...

    def run(self, budget: Budget) -> None:
        """Do one step of it.

        Raises:
            StoreError: when the disk refuses; what was to be done is still due.
            MemoryLimitError: when the process has reached its memory limit; the same.
        """
        ...
