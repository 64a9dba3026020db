"""What the writer publishes, frozen: what questions see of a folder, and what is still to do, for the status. Pure."""

from dataclasses import dataclass
from pathlib import Path

from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.history.view import NO_HISTORY, HistoryView
from cognate.index.snapshot import Snapshot
from cognate.indexing.jobs import Progress
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
