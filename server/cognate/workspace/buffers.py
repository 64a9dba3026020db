"""The text of open editor buffers, which mask the files on disk. Any thread; guarded by one short lock."""

import threading

RECENT_EDITS = 10
"""Files edited last that count as what the user is at."""

HERE = 0
"""The editor of this process; other numbers are editors of other processes."""


class Buffers:
    """Open buffers by path. Where several editors hold one file, the text that changed last counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, dict[int, str]] = {}
        self._edited: dict[str, None] = {}

    def set(self, path: str, text: str, editor: int = HERE) -> None:
        """Remember a buffer's text."""
        with self._lock:
            held = self._texts.setdefault(path, {})
            if editor in held:
                del held[editor]
                self._edited.pop(path, None)
                self._edited[path] = None
                if len(self._edited) > RECENT_EDITS:
                    del self._edited[next(iter(self._edited))]
            held[editor] = text

    def drop(self, path: str, editor: int = HERE) -> None:
        """Forget a buffer: another editor's text counts, or the file on disk."""
        with self._lock:
            held = self._texts.get(path, {})
            held.pop(editor, None)
            if not held:
                self._texts.pop(path, None)

    def held_by(self, editor: int) -> list[str]:
        """Return the paths of an editor's buffers."""
        with self._lock:
            return [path for path, held in self._texts.items() if editor in held]

    def get(self, path: str) -> str | None:
        """Return a buffer's text, or None when the file is not open."""
        with self._lock:
            held = self._texts.get(path)
            return held[next(reversed(held))] if held else None

    def recently_edited(self) -> tuple[str, ...]:
        """Return the files that were edited last, in their order, open or closed by now."""
        with self._lock:
            return tuple(self._edited)

    def paths(self) -> frozenset[str]:
        """Return the paths of all open buffers."""
        with self._lock:
            return frozenset(self._texts)
