"""The text of open editor buffers, which mask the files on disk. Any thread; guarded by one short lock."""

import threading


class Documents:
    """Open buffers by path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}

    def set(self, path: str, text: str) -> None:
        """Remember a buffer's text."""
        with self._lock:
            self._texts[path] = text

    def drop(self, path: str) -> None:
        """Forget a buffer: the file on disk counts again."""
        with self._lock:
            self._texts.pop(path, None)

    def get(self, path: str) -> str | None:
        """Return a buffer's text, or None when the file is not open."""
        with self._lock:
            return self._texts.get(path)

    def paths(self) -> frozenset[str]:
        """Return the paths of all open buffers."""
        with self._lock:
            return frozenset(self._texts)
