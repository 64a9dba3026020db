"""Makes the view that questions see next of the state of a folder. Writer thread only."""

from dataclasses import replace

from cognate.index.index import Index
from cognate.index.snapshot import Snapshot
from cognate.indexing.state import FolderState
from cognate.indexing.view import View
from cognate.process import keep_from_collector
from cognate.types import IndexInfo, State

FREEZE_EVERY = 500  # New chunks and vectors after which the collector is told again to leave the index alone.


class Views:
    """The views of one folder, one after another; their generation grows, also from one index to the next."""

    def __init__(self) -> None:
        self._version, self._generation = -1, 0
        self._shown_meanwhile: Snapshot | None = None
        self._n_frozen = 0

    def begin(self, index: Index, shown: Snapshot | None) -> None:
        """Take note of an index that was opened.

        Args:
            index: the index.
            shown: what was shown before, to be shown on until an index that begins empty is complete.
        """
        self._version = -1
        self._generation = max(self._generation, index.store_generation)
        is_better = shown is not None and shown.n_chunks and not index.saved.n_chunks
        self._shown_meanwhile = shown if is_better else None
        keep_from_collector(collect=False)
        self._n_frozen = index.saved.n_chunks + len(index.saved.vectors)

    def next(
        self, state: FolderState, shown: Snapshot | None, how_far: State, *, n_unread: int, is_complete: bool
    ) -> View:
        """Return the next view.

        Args:
            state: of the folder.
            shown: the snapshot of the last view.
            how_far: how far the index is.
            n_unread: files that are still to be read.
            is_complete: whether everything is in the index.
        """
        snapshot = shown
        if snapshot is None or self._version != state.version:
            self._version = state.version
            self._generation += 1
            snapshot = replace(state.snapshot(), generation=self._generation)
        if self._shown_meanwhile is not None:
            if is_complete:
                self._shown_meanwhile = None
            else:
                snapshot, self._version = self._shown_meanwhile, -1
        n_read = len(snapshot.files)
        share_read = n_read / (n_read + n_unread) if n_unread else 1.0
        word_coverage = share_read * snapshot.table_coverage
        info = IndexInfo(how_far, self._generation, snapshot.coverage, snapshot.n_chunks, word_coverage)
        encoder = state.model.encoder if state.model is not None else None
        return View(snapshot, encoder, info, state.reranker, state.history)

    def freeze(self, view: View) -> None:
        """Hide what a published view holds from the garbage collector, when enough has come since the last time."""
        assert view.snapshot is not None, "a view that was made has a snapshot"
        n_made = view.snapshot.n_chunks + len(view.snapshot.vectors)
        self._n_frozen = min(self._n_frozen, n_made)
        if n_made >= self._n_frozen + FREEZE_EVERY:
            keep_from_collector()
            self._n_frozen = n_made
