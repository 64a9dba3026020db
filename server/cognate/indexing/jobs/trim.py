"""Gives back what edits took, once the folder is idle: memory, and the texts of removed chunks."""

from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.state import FolderState


class Trim:
    """Memory and disk."""

    phase = Phase.TRIM

    def __init__(self, state: FolderState) -> None:
        self._state = state

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return in how many seconds the folder is idle, None when nothing has worked since the last time."""
        return self._state.idle_in_s(now) if self._state.has_worked else None

    def run(self, budget: Budget) -> None:
        """Give back all of it.

        Raises:
            StoreError: when the disk refuses.
        """
        self._state.give_memory_back()
        self._state.index.store.delete_removed()
