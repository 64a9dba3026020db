"""The text of open editor buffers, which mask the files on disk. Any thread; guarded by one short lock."""

import threading

RECENT_EDITS = 10
"""Files edited last that count as what the user is at."""


class Buffers:
    """Open buffers by path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}
        self._edited: dict[str, None] = {}

    def set(self, path: str, text: str) -> None:
        """Remember a buffer's text."""
        with self._lock:
            if path in self._texts:
                self._edited.pop(path, None)
                self._edited[path] = None
                if len(self._edited) > RECENT_EDITS:
                    del self._edited[next(iter(self._edited))]
            self._texts[path] = text

    def drop(self, path: str) -> None:
        """Forget a buffer: the file on disk counts again."""
        with self._lock:
            self._texts.pop(path, None)

    def get(self, path: str) -> str | None:
        """Return a buffer's text, or None when the file is not open."""
        with self._lock:
            return self._texts.get(path)

    def recently_edited(self) -> tuple[str, ...]:
        """Return the files that were edited last, in their order, open or closed by now."""
        with self._lock:
            return tuple(self._edited)

    def paths(self) -> frozenset[str]:
        """Return the paths of all open buffers."""
        with self._lock:
            return frozenset(self._texts)
