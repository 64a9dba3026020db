"""Gives chunks their rows of the translation table: those of an index that was made without it, or by another version.

New chunks get theirs as they are read.
"""

from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.state import FolderState

BATCH = 256  # Read and translated in 50 ms.
SAVE_AFTER = 2048
"""Changes after which the rows are written while the folder is idle; others wait for its end, or are made again."""


class Translate:
    """The rows that are missing, and their file."""

    phase = Phase.TRANSLATE

    def __init__(self, state: FolderState) -> None:
        self._state = state

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while chunks lack a row; when many rows are not on disk, in how many seconds the folder is idle."""
        index = self._state.index
        if index.lacks_translations:
            return 0.0
        if index.n_unsaved_translations <= SAVE_AFTER or index.saved.translated.translator is None:
            return None
        return 0.0 if waited_for else self._state.idle_in_s(now)

    def run(self, budget: Budget) -> None:
        """Translate until something more urgent waits, or write what is not on disk.

        Raises:
            StoreError: when the disk refuses.
        """
        state = self._state
        missing = state.index.untranslated()
        if not missing:
            state.index.save_translations()
            return
        for start in range(0, len(missing), BATCH):
            state.services.gate.give_way()
            state.index.translate(missing[start : start + BATCH])
            if budget.should_yield():
                break
        state.publish()
