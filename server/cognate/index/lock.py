"""A lock between processes: whoever holds it is the only writer of a store. The system frees it when a holder dies."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

LOCK_FILE = "writer.lock"


class WriterLock:
    """An exclusive lock on a file, taken without waiting. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether this process is the writer."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lock if nobody has it; return whether this process holds it now.

        A lock that is held already stays held, unless its file was removed: others would lock another file.
        """
        if self._file is not None and self._is_in_place(self._file):
            return True
        self.release()
        file = self._path.open("a+b")
        try:
            _lock(file)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def _is_in_place(self, file: IO[bytes]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Give the lock back; the empty file stays, since removing it would race with the next holder."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            _unlock(self._file)
        self._file.close()
        self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
