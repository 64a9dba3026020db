"""Reads files that may have changed, a batch at a time, and applies what they became to the index."""

import logging
import time
from collections.abc import Callable, Sequence

from cognate.errors import StoreError
from cognate.index.index import FileChange
from cognate.indexing.clean_marker import FAILED_RULE
from cognate.indexing.file_change import read_change
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.buffers import Buffers
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.state import FolderState
from cognate.types import FileStamp
from cognate.workspace.files import stamp_of, walk

log = logging.getLogger(__name__)

BATCH_S = 0.5  # A batch of files is committed after so long, so that answers grow while a large folder is read.
BATCH_AT_MOST_S = 2.0
BATCH_S_A_CHUNK = 3e-4
"""A batch may take longer by so much for each chunk that can be found already: to commit one takes a quarter of a
second, and to show it longer the more there is."""
BATCH_FILES = 2048


class Read:
    """The files of the backlog."""

    phase = Phase.READ

    def __init__(self, state: FolderState, buffers: Buffers, embed: Embed) -> None:
        self._state = state
        self._buffers = buffers
        self._embed = embed

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while there are files to read."""
        return 0.0 if self._state.backlog else None

    def run(self, budget: Budget) -> None:
        """Read a batch, and apply it as one change."""
        state = self._state
        state.check_memory()
        taken, changes = read_batch(
            state, list(state.backlog), give_way=state.services.gate.give_way, stop=budget.cancelled
        )
        if changes:
            state.has_worked = True
            added = state.index.apply(changes)
            self._embed.want(added)
            self._buffers.note([change.path for change in changes])
        for path in taken:
            state.backlog.pop(path, None)
        if not state.backlog:
            self._embed.put_in_order()
        state.publish()


def read_batch(
    state: FolderState, paths: Sequence[str], *, give_way: Callable[[], None], stop: Callable[[], bool]
) -> tuple[list[str], list[FileChange]]:
    """Read files until the batch is full, and return which paths were taken and what they became.

    A path that is a folder now, or was one, stands for all files in it.
    """
    began = time.monotonic()
    longest = min(BATCH_S + BATCH_S_A_CHUNK * state.index.saved.n_chunks, BATCH_AT_MOST_S)
    taken: list[str] = []
    changes: dict[str, FileChange] = {}
    for path in paths:
        if len(changes) >= BATCH_FILES or (changes and time.monotonic() - began > longest) or stop():
            break
        give_way()
        taken.append(path)
        for inner in _files_under(state, path):
            change = _read_fenced(state, inner)
            if change is not None:
                changes[inner] = change
    return taken, list(changes.values())


def _files_under(state: FolderState, path: str) -> list[str]:
    folder, files = state.folder, state.index.saved.files
    if path in files or stamp_of(folder, path) is not None:
        return [path]
    if (folder / path).is_dir() and not (folder / path).is_symlink() and state.rules.folder(path).included:
        present = [inner for inner, _ in walk(folder, state.rules, path)]
    else:
        present = [path]
    known = [known for known in files if known.startswith(path + "/")]
    return list(dict.fromkeys((*present, *known)))


def _read_fenced(state: FolderState, path: str) -> FileChange | None:
    """Read one file; a fault in our own code costs that file alone."""
    if not path.isascii() and path != path.encode("utf-8", "replace").decode():
        log.info("%r is left out: its name is not Unicode", path)
        return None
    try:
        change = read_change(state.folder, path, state.rules, state.index.saved)
    except StoreError:
        raise
    except Exception:
        log.exception("%s could not be indexed", path)
        return FileChange(path, stamp_of(state.folder, path) or FileStamp(0, 0), rule=FAILED_RULE)
    return None if change.stamp is None and path not in state.index.saved.files else change
