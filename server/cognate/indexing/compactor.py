"""Moves an index's newer vectors into a new vector graph, on a thread of its own while the writer goes on.

Used by the writer thread alone; the thread reads a frozen view of the vectors and makes another.
"""

import threading
from collections.abc import Callable

from cognate.index.index import Index
from cognate.index.vectors import VectorIndex
from cognate.process import give_memory_back

LOOK_EVERY_S = 0.02  # How soon what is more urgent than a graph is noticed.
SAVE_AFTER = 256  # Vectors that would be read from the cache again at the next start; fewer are not worth a new graph.


class Compactor:
    """Builds at most one graph at a time.

    Args:
        index: whose vectors.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._thread: threading.Thread | None = None
        self._made: VectorIndex | None = None
        self._error: BaseException | None = None

    @property
    def is_building(self) -> bool:
        """Whether a graph was begun and not taken yet."""
        return self._thread is not None

    def begin(self, threads: int) -> None:
        """Begin to build a graph of all vectors, unless one is being built.

        Args:
            threads: how many may build.
        """
        if self._thread is None:
            vectors = self._index.vectors
            self._thread = threading.Thread(
                target=lambda: self._build(vectors, threads), name="cognate-compactor", daemon=True
            )
            self._thread.start()

    def _build(self, vectors: VectorIndex, threads: int) -> None:
        try:
            self._made = vectors.compacted(threads)
        except BaseException as error:
            self._error = error

    def take(self) -> bool:
        """Give the index a graph that has become ready, with what changed since over it; return whether there was one.

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
        self._index.vectors = self._index.vectors.on_base_of(made)
        self._index.generation += 1
        del made
        give_memory_back()
        return True

    def wait(self, stop: Callable[[], bool]) -> None:
        """Wait for the graph that is being built, or until it is to stop."""
        while self._thread is not None and self._thread.is_alive() and not stop():
            self._thread.join(LOOK_EVERY_S)

    @property
    def is_due(self) -> bool:
        """Whether there is a graph to save or to build: the first one always, others for enough vectors."""
        vectors, unsaved = self._index.vectors, self._index.unsaved_vectors
        return unsaved > SAVE_AFTER or (unsaved > 0 and (vectors.base is None or self._has_new_graph))

    @property
    def _has_new_graph(self) -> bool:
        return self._index.vectors.base is not self._index.saved_base

    def tidy(self, threads: int) -> None:
        """Save the graph if it holds nearly all vectors; else begin to build one that does.

        Raises:
            StoreError: when the disk refuses.
        """
        if len(self._index.vectors.delta_rows) > (SAVE_AFTER if self._has_new_graph else 0):
            self.begin(threads)
        else:
            self._index.save_vectors()

    def drop(self) -> None:
        """Wait for the end of what is being built, and give it up."""
        if self._thread is not None:
            self._thread.join()
            self._thread = self._made = self._error = None
