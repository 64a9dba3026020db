"""Watches one folder and tells which of its files and folders changed, or that nobody can know.

Owns a thread that sets the watches up and waits; what watchdog reports arrives on the observer's thread. Where the
system gives no more watches, or the backend fails, it asks for a full check every now and then instead, and says so
once. Never reads a file, never knows an index; its callbacks return at once.
"""

import errno
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler

from cognate.types import FileStamp
from cognate.workspace.files import stamp_of
from cognate.workspace.ignore import Rules, is_rule_file
from cognate.workspace.watch.observer import Hooks, Observer

log = logging.getLogger(__name__)

CHECK_EVERY_S = 60.0
"""How often a folder that cannot be watched is held against its index: a walk takes about a second for 50,000 files."""

LOOK_EVERY_S = 10.0
"""How often the few rule files that lie where nothing is watched are looked at, and git's index."""

UNWATCHED_RULES = (".git/info/exclude", ".git/info/attributes")
"""Rule files inside the folder, where a watch is not worthwhile."""

CLOCK_SLACK_S = 1.0  # File systems stamp with a coarser clock than ours.
LARGEST_BATCH = 512  # Paths told at once while more are coming.

QUIET_EVENTS = frozenset({"opened", "closed_no_write"})
"""Reading a file changes nothing; indexing it must not look like a change."""

LIMITS = {
    errno.ENOSPC: "the system's limit of watched folders is reached; on Linux raise fs.inotify.max_user_watches",
    errno.EMFILE: "the system's limit of watchers is reached; on Linux raise fs.inotify.max_user_instances",
}
"""Waiting does not help against these: watching is not tried again before something calls for it."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What a watcher tells. Called on threads of its own.

    Attributes:
        changed: files or folders that came, changed or went, relative to the folder.
        unsure: anything may have changed.
        trouble: why the folder is not watched and what is done instead, as a sentence fit to show; told once.
    """

    changed: Callable[[tuple[str, ...]], None]
    unsure: Callable[[], None]
    trouble: Callable[[str], None]


def native_observer(hooks: Hooks) -> Observer:
    """Return the observer that suits this system."""
    if sys.platform == "linux":
        from cognate.workspace.watch.inotify import inotify_observer  # noqa: PLC0415 - only there

        return inotify_observer(hooks)
    import watchdog.observers  # noqa: PLC0415 - chooses a backend and loads its native library

    return watchdog.observers.Observer()


class Watcher:
    """Watches one folder from ``start`` to ``close``.

    Args:
        folder: absolute.
        rules: makes the rules anew, as the ignore files or the settings changed.
        reports: what to call.
        observer: makes the observer; a test gives its own.
        wait: waits for an event or until the seconds are over; returns whether the event came.
    """

    def __init__(
        self,
        folder: Path,
        rules: Callable[[], Rules],
        reports: Reports,
        *,
        observer: Callable[[Hooks], Observer] = native_observer,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._folder = folder
        self._make_rules = rules
        self._reports = reports
        self._make_observer = observer
        self._wait = wait
        self._wake = threading.Event()
        self._settled = threading.Event()
        self._closing = False
        self._problem: Exception | None = None
        self._has_told = False
        self._late = False
        self._since = 0.0
        self._thread = threading.Thread(target=self._run, name=f"cognate-watcher {folder.name}", daemon=True)

    # -- any thread

    def start(self, *, late: bool = False) -> None:
        """Begin to watch; returns at once. ``late`` says that the folder was read before, so changes may be missed."""
        self._late = late
        self._since = time.time() - CLOCK_SLACK_S
        self._thread.start()

    def refresh(self) -> None:
        """Watch anew, by new rules."""
        self._wake.set()

    def close(self) -> None:
        """Stop, and wait for the threads."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait_until_settled(self, timeout: float) -> bool:
        """Block until the folder is watched or cannot be; return False when the time ran out."""
        return self._settled.wait(timeout)

    # -- the watcher's thread

    def _run(self) -> None:
        is_unsure = self._late
        while True:
            self._wake.clear()
            self._problem = None
            if self._closing:  # asked after the clear, which may have swallowed the call to close
                return
            try:
                self._watch(is_unsure=is_unsure)
            except Exception as error:  # whatever a backend fails of, the folder is still followed
                self._check_now_and_then(error)
            is_unsure = True

    def _watch(self, *, is_unsure: bool) -> None:
        """Watch until something calls for a new beginning.

        Raises:
            OSError: when the folder cannot be watched, or no longer.
        """
        before = self._rule_stamps(self._make_rules())
        rules = self._make_rules()  # read after the stamps, so that no change falls between the two
        hooks = Hooks(
            is_included=lambda path: not self._closing and rules.folder(path).included,
            unsure=self._reports.unsure,
            again=self.refresh,
            lost=self._lose,
            since=self._since,
        )
        observer = self._make_observer(hooks)
        handler = _Handler(self._folder, rules, self._reports.changed, self.refresh, observer)
        observer.schedule(handler, str(self._folder), recursive=True)
        observer.start()
        try:
            if is_unsure:
                self._reports.unsure()
            self._settled.set()
            while not self._wait(self._wake, LOOK_EVERY_S):
                if self._rule_stamps(rules) != before or rules.index_changed():
                    break
        finally:
            observer.stop()
            observer.join()
        if self._problem is not None:
            raise self._problem

    def _rule_stamps(self, rules: Rules) -> list[FileStamp | None]:
        """Return the stamps of the rule files that no watch tells of."""
        return [stamp_of(self._folder, str(path)) for path in (*UNWATCHED_RULES, *rules.outside_files)]

    def _lose(self, error: Exception) -> None:
        self._problem = error
        self._wake.set()

    def _check_now_and_then(self, error: Exception) -> None:
        """Ask for full checks until watching may work again."""
        code = error.errno if isinstance(error, OSError) else None
        reason = LIMITS.get(code or 0, str(error) or type(error).__name__)
        if not self._has_told:
            self._has_told = True
            message = f"{self._folder} is checked for changes every {CHECK_EVERY_S:.0f} seconds: {reason}."
            log.warning("%s", message, exc_info=None if isinstance(error, OSError) else error)
            self._reports.trouble(message)
        self._settled.set()
        while not self._closing:
            self._reports.unsure()
            if self._wait(self._wake, CHECK_EVERY_S) or code not in LIMITS:
                return


class _Handler(FileSystemEventHandler):
    """Turns watchdog's events into paths worth a look. Runs on the observer's thread."""

    def __init__(
        self,
        folder: Path,
        rules: Rules,
        changed: Callable[[tuple[str, ...]], None],
        rules_changed: Callable[[], None],
        observer: Observer,
    ) -> None:
        self._root = str(folder)
        self._rules = rules
        self._changed = changed
        self._rules_changed = rules_changed
        self._observer = observer
        self._batch: dict[str, None] = {}

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take one event; what was taken is told when no more are waiting."""
        is_noise = event.is_directory and event.event_type in {"modified", "attrib"}  # its files have events too
        if event.event_type not in QUIET_EVENTS and not is_noise:
            for path in (event.src_path, event.dest_path):
                if path:
                    self._take(os.fsdecode(path), is_folder=event.is_directory)
        if self._batch and (len(self._batch) >= LARGEST_BATCH or self._observer.event_queue.empty()):
            batch, self._batch = tuple(self._batch), {}
            self._changed(batch)

    def _take(self, full: str, *, is_folder: bool) -> None:
        path = _relative(self._root, full)
        if path is None:
            return
        if is_rule_file(path):
            if self._rules.folder(path.rpartition("/")[0]).included:
                self._batch[path] = None
                self._rules_changed()
        elif (self._rules.folder(path) if is_folder else self._rules.file(path, 0)).included:
            self._batch[path] = None


def _relative(root: str, full: str) -> str | None:
    """Return a path relative to the root, with ``/``; None for the root itself and what lies outside."""
    head = root if root.endswith(os.sep) else root + os.sep
    return full[len(head) :].replace(os.sep, "/") if full.startswith(head) and full != head else None
