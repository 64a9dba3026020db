"""What the writer publishes, frozen: what questions see of a folder, and what is still to do, for the status. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.history.view import NO_HISTORY, HistoryView
from cognate.index.snapshot import Snapshot
from cognate.indexing.jobs import QUIET, Phase
from cognate.indexing.storage import Storage
from cognate.types import IN_MEMORY, IndexInfo, State, Status


@dataclass(frozen=True, slots=True)
class View:
    """What questions see of a folder at one moment.

    Attributes:
        snapshot: None before the index is open.
        encoder: None while it loads, or where no model can be used.
        info: what every answer says about the index.
        reranker: the cross-encoder of the second stage, None where there is none.
        history: the commits that have been read.
    """

    snapshot: Snapshot | None
    encoder: Encoder | None
    info: IndexInfo
    reranker: PairScorer | None = None
    history: HistoryView = NO_HISTORY


NOTHING = View(None, None, IndexInfo(State.EMPTY, 0, 0.0, 0, 0.0))
"""Before the index is open."""


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


def status_of(view: View, progress: Progress, folder: Path, storage: Storage, failure: str, *, n_noted: int) -> Status:
    """Return the state of an index, for people.

    Args:
        view: what questions see.
        progress: what is still to do.
        folder: the workspace folder.
        storage: where the index lies.
        failure: why the last step failed, if it did.
        n_noted: how many changes are noted that are not counted in the progress yet.
    """
    messages = (failure, progress.problems.get("model"), storage.message, *progress.problems.values())
    return Status(
        index=view.info,
        files=view.snapshot.n_files if view.snapshot else 0,
        queue_files=progress.n_files + n_noted,
        queue_chunks=progress.n_chunks,
        phase=progress.phase.value,
        model=progress.model or progress.problems.get("model") or "loading",
        folder=str(folder),
        store=str(storage.folder or IN_MEMORY),
        message=next((message for message in messages if message), ""),
        details={"vectors": view.snapshot.vectors.method, **progress.facts} if view.snapshot else {},
    )
