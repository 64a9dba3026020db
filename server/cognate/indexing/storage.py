"""Where one folder's index is held: on disk by the process that has the writer lock, else in memory.

Used by the writer thread alone. Decides what is opened; never reads the workspace.
"""

import logging
import math
import time
from pathlib import Path

from cognate.errors import DamagedStoreError, StoreError
from cognate.index.index import Index
from cognate.index.lock import LOCK_FILE, WriterLock
from cognate.index.opening import open_index
from cognate.indexing.services import Services

log = logging.getLogger(__name__)

DISK_RETRY_S = 30.0  # Working from memory, the disk is tried again so much later.


class Storage:
    """An open index and where it lies.

    Args:
        services: know the cache folder.
        folder: the workspace folder.
        lock: of the index's folder, if this process holds it already.
        alone: why the index on disk is another process's and not to be touched; empty if it may be.
    """

    def __init__(self, services: Services, folder: Path, lock: WriterLock | None = None, alone: str = "") -> None:
        self.message = ""
        self.folder: Path | None = None
        self._services = services
        self._workspace = folder
        self._lock = lock
        self._alone = alone
        self._retry_at = math.inf  # Before it is opened, there is nothing to look for.

    @property
    def patience_s(self) -> float | None:
        """How long to rest at most before looking at the disk again; None when there is nothing to look for."""
        return max(0.0, self._retry_at - time.monotonic()) if self.folder is None and not self._alone else None

    def open(self, *, discard: DamagedStoreError | None = None) -> Index:
        """Open the index on disk if this process may write it, else in memory.

        A writer that opens again stays the writer; nobody takes the lock meanwhile.

        Args:
            discard: why what is on disk is to be thrown away, if it is.
        """
        self.message = ""
        if self._alone:
            return self._in_memory(self._alone)
        self.folder = self._services.store_folder(self._workspace)
        if self.folder is None:
            self.release()
            return self._in_memory(f"The cache folder {self._services.cache_dir} cannot be written")
        self._lock = self._lock or WriterLock(self.folder / LOCK_FILE)
        try:
            if not self._lock.acquire():
                self.release()
                raise StoreError(f"Another process uses the index at {self.folder}")
            index = open_index(self.folder, discard=discard)
        except (StoreError, OSError) as error:  # The lock stays held: others ask here, and the disk is tried again.
            self.folder = None
            return self._in_memory(str(error).rstrip("."))
        if index.rebuilt_because:
            self.message = f"{index.rebuilt_because}; it was built anew."
        return index

    def _in_memory(self, why: str) -> Index:
        message = f"{why}; the index is kept in memory until this process ends."
        if message != self.message:
            log.warning("%s", message)
        self.message = message
        self._retry_at = time.monotonic() + DISK_RETRY_S
        return open_index(None)

    def may_open_again(self) -> bool:
        """Whether opening again may give more: the disk may be back, or the other process may have ended."""
        if self.folder is not None or self._alone or time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + DISK_RETRY_S
        return self._services.can_store(self._workspace)

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
