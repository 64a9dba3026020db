"""What the jobs of one folder share: the open index, what is still to be read, the model. Writer thread only."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cognate.embedding.cross_encoder import PairScorer
from cognate.errors import MemoryLimitError
from cognate.history.view import NO_HISTORY, HistoryView
from cognate.index.index import Index
from cognate.index.snapshot import Snapshot
from cognate.indexing.services import Model, Services
from cognate.indexing.storage import Storage
from cognate.indexing.unsaved import UnsavedBuffers
from cognate.process import give_memory_back
from cognate.settings import Settings
from cognate.workspace.buffers import Buffers
from cognate.workspace.files import stamp_of
from cognate.workspace.ignore import Rules

IDLE_S = 5.0
"""After so long without a note the folder counts as idle: what an edit would interrupt is done then."""


@dataclass
class FolderState:
    """An open index, what it lacks, and the model that goes with it.

    Attributes:
        folder: the workspace folder.
        settings: the folder's.
        services: what the process shares.
        storage: says where the index is kept.
        buffers: texts of open buffers.
        index: just opened.
        publish: called after each change that readers can see.
        rules: which files are worth indexing.
        unsaved: chunks of unsaved buffers.
        model: None while it loads, or where no model can be used.
        reranker: None where there is none.
        history: what git's log says, as far as it has been read.
        problems: sentences worth showing, by what they are about.
        facts: further facts for the status, by name.
        backlog: paths to be read, in order.
        rules_changed: a file with rules was changed, so every file is to be judged again.
        first_time: the index was empty when it was opened and is not complete yet.
        noted_at: when something was noted last.
        has_worked: whether memory may be given back.
    """

    folder: Path
    settings: Settings
    services: Services
    storage: Storage
    buffers: Buffers
    index: Index
    publish: Callable[[], None]
    rules: Rules = field(init=False)
    unsaved: UnsavedBuffers = field(default_factory=UnsavedBuffers)
    model: Model | None = None
    reranker: PairScorer | None = None
    history: HistoryView = NO_HISTORY
    problems: dict[str, str] = field(default_factory=dict[str, str])
    facts: dict[str, str] = field(default_factory=dict[str, str])
    backlog: dict[str, None] = field(default_factory=dict[str, None])
    rules_changed: bool = False
    first_time: bool = field(init=False)
    noted_at: float = -math.inf
    has_worked: bool = False

    def __post_init__(self) -> None:
        self.first_time = not self.index.saved.files
        self.read_rules()

    def read_rules(self) -> None:
        """Judge files by the rules as they are now."""
        self.rules = Rules(self.folder, self.settings.exclude, self.settings.max_file_bytes)
        self.rules_changed = False

    def snapshot(self) -> Snapshot:
        """Return what may be answered from: the index, with unsaved buffers in place of their files."""
        return self.unsaved.over(self.index.saved)

    @property
    def version(self) -> int:
        """A number that grows whenever ``snapshot`` would return something else."""
        return self.index.saved.generation + self.unsaved.n_changes

    def is_current(self, path: str) -> bool:
        """Whether the index holds a file as it lies on disk, or there is none."""
        entry = self.index.saved.files.get(path)
        return (entry.stamp if entry is not None else None) == stamp_of(self.folder, path)

    def idle_in_s(self, now: float) -> float:
        """Return in how many seconds the folder counts as idle."""
        return max(self.noted_at + IDLE_S - now, 0.0)

    def unused_s(self, now: float) -> float:
        """Return for how many seconds nobody has asked this process, or typed in the folder or changed it otherwise."""
        return now - max(self.noted_at, self.services.gate.asked_at)

    def give_memory_back(self) -> None:
        """Return to the system what work took and nobody needs any more."""
        self.has_worked = False
        if self.model is not None:
            self.model.encoder.give_memory_back()
        give_memory_back()

    def check_memory(self) -> None:
        """Go on only below the memory limit.

        Raises:
            MemoryLimitError: when the process uses more than the settings allow.
        """
        limit, used = self.settings.memory_limit_mb, self.services.resident_mb()
        if limit and used > limit:  # A part of it may be free and only kept for later.
            self.give_memory_back()
            used = self.services.resident_mb()
        if limit and used > limit:
            raise MemoryLimitError(
                f"Indexing is paused: the process uses {used:,.0f} MB, and memoryLimitMb allows {limit:,}. "
                "Raise it, or leave more files out with exclude."
            )
