"""Moves newer vectors into a new base, on a thread of its own while the writer goes on.

The thread reads a frozen view of the vectors and makes another; the writer thread takes it.
"""

import threading

from cognate.index.vectors import VectorIndex
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.state import FolderState
from cognate.process import give_memory_back

LOOK_EVERY_S = 0.02  # How soon what is more urgent than a base is noticed.
SAVE_AFTER = 256
"""No new base is made for fewer vectors outside of the saved one; the next start reads them from the cache."""


class Compact:
    """Makes at most one base at a time, and saves it."""

    phase = Phase.COMPACT

    def __init__(self, state: FolderState) -> None:
        self._state = state
        self._thread: threading.Thread | None = None
        self._made: VectorIndex | None = None
        self._error: BaseException | None = None

    def begin_if_needed(self) -> None:
        """Begin to make a base when enough vectors are outside of it."""
        if self._state.index.saved.vectors.needs_compaction:
            self._begin()

    def _begin(self) -> None:
        if self._thread is None:
            vectors, threads = self._state.index.saved.vectors, self._state.settings.background_threads
            self._thread = threading.Thread(
                target=self._build, args=(vectors, threads), name="cognate-compactor", daemon=True
            )
            self._thread.start()

    def _build(self, vectors: VectorIndex, threads: int) -> None:
        try:
            self._made = vectors.compacted(threads)
        except BaseException as error:
            self._error = error

    def beside(self) -> bool:
        """Take a base that has become ready, with what changed since outside of it; return whether there was one.

        Raises:
            BaseException: what the building raised, such as MemoryError.
        """
        if self._thread is None or self._thread.is_alive():
            return False
        made, error = self._made, self._error
        self._thread = self._made = self._error = None
        if error is not None:
            raise error
        assert made is not None
        index = self._state.index
        index.use_vectors(index.saved.vectors.on_base_of(made))
        del made
        give_memory_back()
        return True

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while a base is being made, or one is to be made or saved."""
        return 0.0 if self._thread is not None or self._is_wanted else None

    @property
    def _is_wanted(self) -> bool:
        """Whether this process has vectors to save: the first ones always, others when there are enough."""
        index = self._state.index
        vectors, enough = index.saved.vectors, SAVE_AFTER if len(index.saved.vectors.base) else 0
        return vectors.needs_compaction or not index.base_is_saved or index.n_unsaved_vectors > enough

    def begin_if_wanted(self) -> None:
        """Begin to make a base if it is to be made now, so that another job can run meanwhile."""
        if self._is_wanted and self._wants_new_base:
            self._begin()

    @property
    def _wants_new_base(self) -> bool:
        index = self._state.index
        enough = 0 if index.base_is_saved else SAVE_AFTER
        return index.saved.vectors.needs_compaction or len(index.saved.vectors.delta_rows) > enough

    def run(self, budget: Budget) -> None:
        """Wait for the base that is being made; else save it if it holds nearly all vectors, or begin one that does.

        Raises:
            StoreError: when the disk refuses.
        """
        index = self._state.index
        if self._thread is not None:
            while self._thread.is_alive() and not budget.should_yield():
                self._thread.join(LOOK_EVERY_S)
        elif self._wants_new_base:
            self._begin()
        else:
            index.save_vectors()
            self._state.give_memory_back()

    def drop(self) -> None:
        """Wait for the end of what is being built, and give it up."""
        if self._thread is not None:
            self._thread.join()
            self._thread = self._made = self._error = None
