"""Brings the chunks of unsaved buffers to what the open buffers hold."""

from collections.abc import Iterable

from cognate.indexing.file_change import saved_text, verdict_on_cells
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.state import FolderState


class Buffers:
    """Buffers that may have changed, until they are read."""

    phase = Phase.BUFFERS

    def __init__(self, state: FolderState) -> None:
        self._state = state
        self._changed: dict[str, None] = dict.fromkeys(state.buffers.paths())

    @property
    def n_waiting(self) -> int:
        """How many buffers may have changed."""
        return len(self._changed)

    def note(self, paths: Iterable[str]) -> None:
        """Note files whose buffer, or whose saved chunks, may have changed; files without a buffer do not count."""
        opened = self._state.buffers.paths() | self._state.unsaved.paths
        self._changed.update((path, None) for path in paths if path in opened)

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while there are changed buffers."""
        return 0.0 if self._changed else None

    def run(self, budget: Budget) -> None:
        """Read the changed buffers; one that is as saved needs no chunks of its own."""
        state = self._state
        state.has_worked = True
        for path in list(self._changed):
            text = state.buffers.get(path)
            if text is not None and not text.isascii():
                text = text.encode("utf-8", "replace").decode()  # A client may send half a surrogate pair.
            if text is None or self._is_as_indexed(path, text) or not self._may_be_indexed(path, text):
                state.unsaved.remove(path)
            else:
                saved = state.index.saved.read_file(path)
                digests = state.index.digests_of(record.id for record in saved)
                state.unsaved.set(path, text, [(record, digests[record.id]) for record in saved])
            self._changed.pop(path, None)
        state.publish()

    def _is_as_indexed(self, path: str, text: str) -> bool:
        state = self._state
        known = path in state.index.saved.files
        return known and state.is_current(path) and text == saved_text(state.folder, path)

    def _may_be_indexed(self, path: str, text: str) -> bool:
        rules = self._state.rules
        return rules.file(path, len(text)).included and verdict_on_cells(rules, path, text) is None
