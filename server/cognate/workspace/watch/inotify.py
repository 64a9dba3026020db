"""A watchdog emitter for Linux that watches the folders that are indexed, and no other.

watchdog's own watches every folder below the one it is given. In a checkout with ``node_modules`` and ``.git`` that is
ten times as many as matter, which takes seconds and uses up the system's limit; it also holds events back for half a
second and keeps a full queue to itself. This one asks before it watches a folder, and tells when events were lost.

Set up on the thread that starts the observer, then runs on its own. Reads folders, never files; follows no link.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import stat
import struct
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from watchdog.events import DirDeletedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent
from watchdog.observers.api import BaseObserver, EventEmitter
from watchdog.observers.inotify_c import InotifyConstants as In
from watchdog.observers.inotify_c import inotify_add_watch, inotify_init, inotify_rm_watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchdog.observers.api import EventQueue, ObservedWatch
    from watchdog.observers.inotify_c import WatchDescriptor

    from cognate.workspace.watch.observer import Hooks

CAME = In.IN_CREATE | In.IN_MOVED_TO
WENT = In.IN_DELETE | In.IN_MOVED_FROM
CHANGED = In.IN_MODIFY | In.IN_CLOSE_WRITE | In.IN_ATTRIB
WATCHED = CAME | WENT | CHANGED | In.IN_MOVE_SELF | In.IN_ONLYDIR | In.IN_DONT_FOLLOW | In.IN_EXCL_UNLINK

EVENT_HEADER = struct.Struct("iIII")
"""Watch, mask, cookie, length of the name: ``struct inotify_event`` in inotify(7)."""

READ_BYTES = 256 * 1024  # About four thousand events; a git switch comes in few reads.
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG})
"""A folder that cannot be watched for one of these is none that could be read."""


def inotify_observer(hooks: Hooks) -> BaseObserver:
    """Return an observer whose emitter watches included folders only."""
    emitter: Any = partial(FolderEmitter, hooks=hooks)
    return BaseObserver(emitter)


class FolderEmitter(EventEmitter):
    """Emits what happens to files in included folders. A folder that comes is told as its files, one that goes as one.

    Raises, from ``start``:
        OSError: when the system's limit of watches or instances is reached, or the folder is gone.
    """

    def __init__(self, event_queue: EventQueue, watch: ObservedWatch, *, hooks: Hooks, **options: Any) -> None:
        super().__init__(event_queue, watch, **options)
        self._hooks = hooks
        self._root = os.fsdecode(watch.path)
        self._descriptor = self._wakes = self._wakened = -1
        self._closing = threading.Lock()
        self._paths: dict[WatchDescriptor, str] = {}
        self._watches: dict[str, WatchDescriptor] = {}

    def on_thread_start(self) -> None:
        """Watch everything there is."""
        try:
            self._descriptor = _checked(inotify_init())
            self._wakened, self._wakes = os.pipe()
            _, changed = self._cover("")
            if "" not in self._watches:
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), self._root)
        except BaseException:
            self._close()
            raise
        if changed:
            self._hooks.unsure()

    def on_thread_stop(self) -> None:
        """Wake the thread, which then ends."""
        with self._closing:
            if self._wakes >= 0:
                os.write(self._wakes, b"!")

    def run(self) -> None:
        """Emit until stopped."""
        try:
            super().run()
        finally:
            self._close()

    def queue_events(self, timeout: float) -> None:
        """Wait for events and pass them on."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.register(self._wakened, select.POLLIN)
        if not any(descriptor == self._descriptor for descriptor, _ in poll.poll()):
            return
        try:
            for watch, mask, name in _events(os.read(self._descriptor, READ_BYTES)):
                self._take(watch, mask, os.fsdecode(name))
        except OSError as error:
            self._hooks.lost(error)
            self.stop()

    def _take(self, watch: WatchDescriptor, mask: int, name: str) -> None:
        if mask & In.IN_Q_OVERFLOW:
            self._hooks.again()
            return
        folder = self._paths.get(watch)
        if folder is None:
            return
        if mask & In.IN_IGNORED:
            self._forget(watch)
        if not folder and mask & (In.IN_IGNORED | In.IN_MOVE_SELF):
            raise OSError(errno.ENOENT, "the folder was moved or removed", self._root)
        if not name:
            return
        path = f"{folder}/{name}" if folder else name
        full = f"{self._root}/{path}"
        if not mask & In.IN_ISDIR:
            self.queue_event(FileDeletedEvent(full) if mask & WENT else FileModifiedEvent(full))
        elif mask & WENT:
            self._uncover(path)
            self.queue_event(DirDeletedEvent(full))
        elif mask & CAME and self._hooks.is_included(path):
            # Watched first, then listed: what comes in between is told twice rather than never.
            for file in self._cover(path)[0]:
                self.queue_event(FileCreatedEvent(f"{self._root}/{file}"))

    def _cover(self, start: str) -> tuple[list[str], bool]:
        """Watch a folder and all included ones in it; return their files, and whether one changed while that went on.

        Raises:
            OSError: when the system's limit is reached.
        """
        files: list[str] = []
        changed = False
        pending = [start]
        while pending:
            folder = pending.pop()
            full = f"{self._root}/{folder}" if folder else self._root
            if not self._add(folder, full):
                continue
            try:
                changed = changed or os.lstat(full).st_mtime >= self._hooks.since
                with os.scandir(full) as listing:
                    entries = list(listing)
            except OSError:
                continue  # It went, or may be seen but not read.
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    info = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # It went between the two looks; its watch tells.
                if stat.S_ISDIR(info.st_mode):
                    if self._hooks.is_included(path):
                        pending.append(path)
                else:
                    files.append(path)
                    changed = changed or info.st_ctime >= self._hooks.since
        return files, changed

    def _add(self, path: str, full: str) -> bool:
        """Watch one folder; a folder that was moved keeps its watch, which then has a new path."""
        watch = inotify_add_watch(self._descriptor, os.fsencode(full), WATCHED)
        if watch < 0:
            if ctypes.get_errno() in GONE:
                return False
            raise _system_error()
        self._paths[watch] = path
        self._watches[path] = watch
        return True

    def _uncover(self, path: str) -> None:
        """Stop to watch a folder and what was in it."""
        inside = path + "/"
        for known in [p for p in self._watches if p == path or p.startswith(inside)]:
            watch = self._watches.pop(known)
            del self._paths[watch]
            inotify_rm_watch(self._descriptor, watch)  # fails where the folder is gone, and its watch with it

    def _forget(self, watch: WatchDescriptor) -> None:
        path = self._paths.pop(watch)
        if self._watches.get(path) == watch:
            del self._watches[path]

    def _close(self) -> None:
        with self._closing:
            for descriptor in (self._descriptor, self._wakened, self._wakes):
                if descriptor >= 0:
                    os.close(descriptor)
            self._descriptor = self._wakes = self._wakened = -1


def _events(data: bytes) -> Iterator[tuple[WatchDescriptor, int, bytes]]:
    """Yield watch, mask and name of each event in what was read."""
    offset = 0
    while offset < len(data):
        watch, mask, _, length = EVENT_HEADER.unpack_from(data, offset)
        offset += EVENT_HEADER.size
        yield cast("WatchDescriptor", watch), mask, data[offset : offset + length].rstrip(b"\0")
        offset += length


def _checked(value: int) -> int:
    if value < 0:
        raise _system_error()
    return value


def _system_error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
