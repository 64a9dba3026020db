"""Where one folder's index is held: on disk by its one writer, on disk by a process that follows it, or in memory.

Used by the writer thread alone. Decides who writes and what is opened; never reads the workspace.
"""

import logging
import math
import time
from pathlib import Path

from cognate.errors import DamagedStoreError, StoreError
from cognate.index.index import Index
from cognate.index.lock import WriterLock
from cognate.index.opening import open_index
from cognate.indexing.services import Services

log = logging.getLogger(__name__)

FOLLOW_S = 1.0  # How often a process without the writer lock looks for news, and whether the writer has ended.
FOLLOW_SHARE = 0.1  # Following takes at most this share of the time, however fast the writer commits.
DISK_RETRY_S = 30.0  # Working from memory, the disk is tried again so much later.


class Storage:
    """An open index and what this process may do with it."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.message = ""
        self.folder: Path | None = None
        self._services = services
        self._workspace = folder
        self._lock: WriterLock | None = None
        self._retry_at = math.inf  # Before it is opened, there is nothing to look for.
        self._follow_at = 0.0
        self._seen_version = -1
        self._nothing_yet = False

    @property
    def writes(self) -> bool:
        """Whether this process changes the index; otherwise it follows another one."""
        return self.folder is None or (self._lock is not None and self._lock.held)

    @property
    def patience_s(self) -> float | None:
        """How long to rest at most before looking again at what others do; None when there is nothing to look for."""
        if not self.writes:
            return FOLLOW_S
        return max(0.0, self._retry_at - time.monotonic()) if self.folder is None else None

    def open(self, *, discard: DamagedStoreError | None = None) -> Index:
        """Open the index as the writer if nobody else is, else as a follower, else in memory.

        A writer that opens again stays the writer; nobody takes the lock meanwhile.

        Args:
            discard: why what is on disk is to be thrown away, if it is.
        """
        self.message, self._nothing_yet = "", False
        self.folder = self._services.store_folder(self._workspace)
        if self.folder is None:
            self.release()
            return self._in_memory(f"The cache folder {self._services.cache_dir} cannot be written")
        self._lock = self._lock or WriterLock(self.folder / "writer.lock")
        try:
            writes = self._lock.acquire()
            index = open_index(self.folder, writable=writes, discard=discard if writes else None)
        except (StoreError, OSError) as error:
            if self.writes or isinstance(error, OSError):
                self.release()
                self.folder = None
                return self._in_memory(str(error).rstrip("."))
            log.info("%s; waiting for the process that writes it", error)
            self._nothing_yet, self._follow_at = True, time.monotonic() + FOLLOW_S
            return open_index(None)
        if writes and index.rebuilt_because:
            self.message = f"{index.rebuilt_because}; it was built anew."
        self._seen_version = -1
        return index

    def _in_memory(self, why: str) -> Index:
        message = f"{why}; working from memory."
        if message != self.message:
            log.warning("%s", message)
        self.message = message
        self._retry_at = time.monotonic() + DISK_RETRY_S
        return open_index(None)

    def may_open_again(self) -> bool:
        """Whether opening again may give more: the writer has ended or made its store anew, or the disk may be back.

        A writer on disk never opens again. A follower that finds the writer's lock free holds it from here on.
        """
        if self.folder is None:
            return time.monotonic() >= self._retry_at and self._is_disk_back()
        if self._lock is None or self._lock.held:
            return False
        return self._lock.acquire() or (self._nothing_yet and time.monotonic() >= self._follow_at)

    def _is_disk_back(self) -> bool:
        self._retry_at = time.monotonic() + DISK_RETRY_S
        return self._services.can_store(self._workspace)

    def follow_in_s(self, now: float) -> float:
        """Return in how many seconds it is time to look for the writer's news."""
        return max(self._follow_at - now, 0.0)

    def follow(self, index: Index) -> bool:
        """Take over what the writer committed; return whether there may be news."""
        if self._nothing_yet:
            return False
        try:
            version = index.store.data_version()
            if version == self._seen_version and not index.store.is_replaced:
                return False
            self._seen_version = version
            index.follow()
        except StoreError as error:
            log.info("%s; following anew", error)
            self._nothing_yet = True
            return False
        return True

    def followed(self, began: float) -> None:
        """Note that a look at the writer's news, begun at a time, has ended."""
        now = time.monotonic()
        self._follow_at = now + max((now - began) / FOLLOW_SHARE, FOLLOW_S / 2)

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
