"""What the writer does, one job a file, and the order in which jobs come first.

A job says when it is due and works in small steps: it stops as soon as something more urgent waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from cognate.types import State


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
class Progress:
    """What the writer has still to do, as of its last step.

    Attributes:
        phase: what it is doing.
        n_files: files to be read.
        n_buffers: open buffers to be read.
        n_chunks: chunks to be embedded.
        is_loading: the model is still being read.
        graph_is_behind: whether the reference graph is to be ranked again.
        model: the model's name, empty while it loads or where there is none.
        problems: sentences worth showing, by what they are about.
        facts: further facts for the status, by name.
    """

    phase: Phase = Phase.OPEN
    n_files: int = 0
    n_buffers: int = 0
    n_chunks: int = 0
    is_loading: bool = False
    graph_is_behind: bool = False
    model: str = ""
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    facts: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_anything_left(self) -> bool:
        """Whether files, buffers or chunks wait, or the model."""
        return bool(self.n_files or self.n_buffers or self.n_chunks or self.is_loading)

    def state(self, *, first_time: bool) -> State:
        """Return how far an index is; once it was complete, it stays ready while an edit is read: nothing flickers."""
        waiting = self.n_files or self.n_chunks or self.is_loading or (first_time and self.n_buffers)
        if waiting or self.phase not in QUIET:
            return State.INDEXING if first_time else State.CATCHING_UP
        return State.READY if self.model else State.LEXICAL_ONLY


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
