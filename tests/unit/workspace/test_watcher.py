import errno
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import (
    DirModifiedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileOpenedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from cognate.workspace.ignore import Rules
from cognate.workspace.watch.observer import Hooks
from cognate.workspace.watch.watcher import CHECK_EVERY_S, LOOK_EVERY_S, Reports, Watcher
from fixtures import write_files
from unit.workspace.repositories import git

WAIT_S = 300.0
NO_WATCHES_LEFT = OSError(errno.ENOSPC, "inotify watch limit reached")


class FakeObserver:
    """An observer that emits what a test says; it keeps what it was told to do."""

    def __init__(self, failure: Exception | None) -> None:
        self.failure = failure
        self.event_queue: queue.Queue[FileSystemEvent] = queue.Queue()
        self.handler = FileSystemEventHandler()
        self.is_stopped = False

    def schedule(self, event_handler: FileSystemEventHandler, path: str, *, recursive: bool) -> None:
        assert recursive
        self.handler, self.root = event_handler, path

    def start(self) -> None:
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        self.is_stopped = True

    def join(self, timeout: float | None = None) -> None: ...

    def emit(self, *events: FileSystemEvent) -> None:
        """Handle events as the observer's thread does, all of them waiting from the start."""
        for event in events:
            self.event_queue.put(event)
        while not self.event_queue.empty():
            self.handler.on_any_event(self.event_queue.get())


class Watch:
    """A watcher with what it told; the clock stands still until ``tick``."""

    def __init__(self, folder: Path, *, failures: list[Exception | None] | None = None, native: bool = False) -> None:
        self.folder = folder
        self.observers: list[FakeObserver] = []
        self.hooks: list[Hooks] = []
        self.batches: list[tuple[str, ...]] = []
        self.n_unsure = 0
        self.troubles: list[str] = []
        self.waits: list[float] = []
        self._failures = failures or []
        self._ticks = threading.Semaphore(0)
        self._news = threading.Condition()
        reports = Reports(self._changed, self._unsure, self._trouble)
        options: dict[str, Any] = {} if native else {"observer": self._observer, "wait": self._wait}
        self.watcher = Watcher(folder, lambda: Rules(folder, (), 1_000_000), reports, **options)

    def start(self, **options: bool) -> "Watch":
        self.watcher.start(**options)
        assert self.watcher.wait_until_settled(WAIT_S)
        return self

    def until(self, found: Callable[[], Any]) -> None:
        with self._news:
            assert self._news.wait_for(found, WAIT_S), (self.batches, self.troubles, self.n_unsure)

    def tick(self) -> None:
        """Let the next wait for time end."""
        self._ticks.release()

    def full(self, path: str) -> str:
        return str(self.folder / path)

    @property
    def told(self) -> set[str]:
        return {path for batch in list(self.batches) for path in batch}

    def _note(self, act: Callable[[], object]) -> None:
        with self._news:
            act()
            self._news.notify_all()

    def _changed(self, paths: tuple[str, ...]) -> None:
        self._note(lambda: self.batches.append(paths))

    def _unsure(self) -> None:
        self._note(lambda: setattr(self, "n_unsure", self.n_unsure + 1))

    def _trouble(self, message: str) -> None:
        self._note(lambda: self.troubles.append(message))

    def _observer(self, hooks: Hooks) -> FakeObserver:
        failure = self._failures.pop(0) if self._failures else None
        observer = FakeObserver(failure)
        self._note(lambda: (self.observers.append(observer), self.hooks.append(hooks)))
        return observer

    def _wait(self, wake: threading.Event, seconds: float) -> bool:
        self._note(lambda: self.waits.append(seconds))
        while not wake.is_set():
            if self._ticks.acquire(timeout=0.01):
                return wake.is_set()
        return True


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    """Return a function that makes a watch on a folder with some files."""
    made: list[Watch] = []
    write_files(tmp_path, "//- src/a.py\nA = 1\n//- node_modules/x/i.js\nlet x\n//- .gitignore\n*.tmp\n")

    def make(**options: Any) -> Watch:
        made.append(Watch(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.watcher.close()


def test_changed_files_are_told_by_their_path_in_the_folder(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.observers[0].emit(FileModifiedEvent(watched.full("src/a.py")), FileDeletedEvent(watched.full("b.py")))
    assert watched.batches == [("src/a.py", "b.py")]


def test_a_move_is_told_as_both_of_its_ends(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.observers[0].emit(FileMovedEvent(watched.full("src/a.py"), watched.full("src/b.py")))
    assert watched.batches == [("src/a.py", "src/b.py")]


def test_what_no_index_holds_is_not_told(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.observers[0].emit(
        FileModifiedEvent(watched.full("node_modules/x/i.js")),
        FileModifiedEvent(watched.full(".git/index")),
        FileModifiedEvent(watched.full("src/a.tmp")),
        FileModifiedEvent(str(watched.folder) + "-other/a.py"),
    )
    assert watched.batches == []


def test_reading_a_file_is_no_change(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    path = watched.full("src/a.py")
    closed = FileSystemEvent(path)
    closed.event_type = "closed_no_write"
    watched.observers[0].emit(FileOpenedEvent(path), closed, DirModifiedEvent(watched.full("src")))
    assert watched.batches == []


def test_a_burst_is_told_in_few_batches_and_each_path_once(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    events = [FileModifiedEvent(watched.full(f"src/{n}.py")) for n in range(1000)]
    watched.observers[0].emit(*events, *events[500:])
    assert len(watched.batches) <= 3
    assert len(watched.told) == 1000


def test_a_changed_ignore_file_means_watching_by_the_new_rules(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    (watched.folder / ".gitignore").write_text("src/\n")
    watched.observers[0].emit(FileModifiedEvent(watched.full(".gitignore")))
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 1)
    assert watched.observers[0].is_stopped
    assert watched.told == {".gitignore"}
    assert not watched.hooks[1].is_included("src")


def test_git_excludes_that_are_not_watched_are_looked_at_now_and_then(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.tick()
    watched.until(lambda: watched.waits.count(LOOK_EVERY_S) == 2)
    write_files(watched.folder, "//- .git/info/exclude\nsrc/\n")
    watched.tick()
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 1)


def test_an_index_of_git_is_looked_at_now_and_then_and_matters_where_a_tracked_file_is_ignored(
    watch: Callable[..., Watch], tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    write_files(tmp_path, "//- src/b.tmp\nx\n")
    watched = watch().start()
    git(tmp_path, "add", "src/a.py")
    watched.tick()
    watched.until(lambda: watched.waits.count(LOOK_EVERY_S) == 2)
    assert len(watched.observers) == 1
    git(tmp_path, "add", "-f", "src/b.tmp")
    watched.tick()
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 1)


def test_a_full_system_means_checks_from_time_to_time_and_one_message(watch: Callable[..., Watch]) -> None:
    watched = watch(failures=[NO_WATCHES_LEFT]).start()
    watched.until(lambda: watched.n_unsure == 1)
    watched.tick()
    watched.tick()
    watched.until(lambda: watched.n_unsure == 3)
    assert set(watched.waits) == {CHECK_EVERY_S}
    (message,) = watched.troubles
    assert "fs.inotify.max_user_watches" in message
    assert len(watched.observers) == 1


def test_a_limit_that_was_lifted_is_noticed_when_the_rules_change(watch: Callable[..., Watch]) -> None:
    watched = watch(failures=[NO_WATCHES_LEFT]).start()
    watched.watcher.refresh()
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 2)
    watched.observers[1].emit(FileModifiedEvent(watched.full("src/a.py")))
    assert watched.told == {"src/a.py"}


@pytest.mark.parametrize("failure", [OSError(errno.EIO, "broken"), RuntimeError("broken")])
def test_a_backend_that_fails_is_tried_again_and_told_of_once(watch: Callable[..., Watch], failure: Exception) -> None:
    watched = watch(failures=[failure, failure]).start()
    watched.tick()
    watched.tick()
    watched.until(lambda: len(watched.observers) == 3 and watched.n_unsure == 3)
    assert len(watched.troubles) == 1
    assert "broken" in watched.troubles[0]


def test_a_folder_that_is_lost_later_is_checked_and_then_watched_again(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.hooks[0].lost(OSError(errno.ENOENT, "the folder was moved or removed"))
    watched.until(lambda: CHECK_EVERY_S in watched.waits)
    assert watched.observers[0].is_stopped
    watched.tick()
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 2)


def test_lost_events_mean_a_full_check(watch: Callable[..., Watch]) -> None:
    watched = watch().start()
    watched.hooks[0].again()
    watched.until(lambda: len(watched.observers) == 2 and watched.n_unsure == 1)
    assert watched.troubles == []


def test_a_watch_that_begins_late_asks_for_a_check(watch: Callable[..., Watch]) -> None:
    assert watch().start().n_unsure == 0
    assert watch().start(late=True).n_unsure == 1


@pytest.mark.parametrize("failures", [[], [NO_WATCHES_LEFT]])
def test_a_closed_watcher_leaves_no_thread(watch: Callable[..., Watch], failures: list[Exception]) -> None:
    before = threading.active_count()
    watched = watch(failures=list(failures)).start()
    watched.watcher.close()
    assert threading.active_count() == before
    assert failures or all(observer.is_stopped for observer in watched.observers)


def test_the_systems_own_watcher_tells_of_files_that_come_change_and_go(watch: Callable[..., Watch]) -> None:
    watched = watch(native=True).start()
    (watched.folder / "src/a.py").write_text("A = 2\n")
    watched.until(lambda: "src/a.py" in watched.told)
    write_files(watched.folder, "//- src/new/deep/b.py\nB = 1\n")
    watched.until(lambda: "src/new/deep/b.py" in watched.told)
    (watched.folder / "src/new/deep/b.py").unlink()
    (watched.folder / "last.py").write_text("C = 1\n")
    watched.until(lambda: "last.py" in watched.told)
    assert not any(path.startswith("node_modules") for path in watched.told)
