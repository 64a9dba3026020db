"""The emitter for Linux, against the real kernel. Waits for events, never for time."""

import ctypes
import errno
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import BaseObserver

from cognate.workspace.watch import inotify
from cognate.workspace.watch.inotify import In, inotify_observer
from cognate.workspace.watch.observer import Hooks
from fixtures import write_files

WAIT_S = 300.0
PROJECT = "//- src/pkg/a.py\nA = 1\n//- node_modules/x/y/i.js\nlet x\n//- top.py\nT = 1\n"


class Seen(FileSystemEventHandler):
    """Keeps events and calls of hooks; ``until`` waits for one of them."""

    def __init__(self, root: Path, since: float) -> None:
        self.root = root
        self.events: list[tuple[str, str]] = []
        self.n_unsure = self.n_again = 0
        self.losses: list[OSError] = []
        self.asked: list[str] = []
        self._news = threading.Condition()
        self.hooks = Hooks(self._is_included, self._unsure, self._again, self._lost, since)

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._note(lambda: self.events.append((event.event_type, self._path(event))))

    def until(self, found: Callable[[], Any]) -> None:
        with self._news:
            assert self._news.wait_for(found, WAIT_S), (self.events, self.losses)

    def _path(self, event: FileSystemEvent) -> str:
        return str(event.src_path).removeprefix(f"{self.root}/")

    def _note(self, act: Callable[[], object]) -> None:
        with self._news:
            act()
            self._news.notify_all()

    def _is_included(self, path: str) -> bool:
        self.asked.append(path)
        return "node_modules" not in path

    def _unsure(self) -> None:
        self._note(lambda: setattr(self, "n_unsure", self.n_unsure + 1))

    def _again(self) -> None:
        self._note(lambda: setattr(self, "n_again", self.n_again + 1))

    def _lost(self, error: OSError) -> None:
        self._note(lambda: self.losses.append(error))


@pytest.fixture
def observe(tmp_path: Path) -> Iterator[Callable[..., tuple[Seen, BaseObserver]]]:
    """Return a function that watches a project."""
    begun: list[BaseObserver] = []
    root = tmp_path / "project"
    root.mkdir()
    write_files(root, PROJECT)

    def start(*, since: float | None = None) -> tuple[Seen, BaseObserver]:
        seen = Seen(root, time.time() + 3600 if since is None else since)
        observer = inotify_observer(seen.hooks)
        observer.schedule(seen, str(root), recursive=True)
        observer.start()
        begun.append(observer)
        return seen, observer

    yield start
    for observer in begun:
        observer.stop()
        observer.join()


def watched_folders(observer: BaseObserver) -> set[str]:
    (emitter,) = observer.emitters
    assert isinstance(emitter, inotify.FolderEmitter)
    return set(emitter._watches)  # pyright: ignore[reportPrivateUsage]


def test_only_included_folders_are_watched(observe: Callable[..., Any]) -> None:
    seen, observer = observe()
    assert watched_folders(observer) == {"", "src", "src/pkg"}
    assert not any(path.startswith("node_modules/") for path in seen.asked)


def test_no_method_has_the_name_of_what_a_thread_of_some_python_holds() -> None:
    of_others = {"_context", "_handle", "_is_stopped", "_os_thread_handle", "_tstate_lock"}
    assert set(vars(inotify.FolderEmitter)) & (set(vars(threading.Thread())) | of_others) == set()


def test_a_tree_that_comes_is_told_file_by_file_and_watched(observe: Callable[..., Any], tmp_path: Path) -> None:
    seen, _ = observe()
    write_files(tmp_path / "outside", "//- a/b.py\nB = 1\n//- a/c/d.py\nD = 1\n//- node_modules/z.js\nlet z\n")
    shutil.move(tmp_path / "outside", seen.root / "inside")
    seen.until(lambda: {("created", "inside/a/b.py"), ("created", "inside/a/c/d.py")} <= set(seen.events))
    (seen.root / "inside/a/c/d.py").write_text("D = 2\n")
    seen.until(lambda: ("modified", "inside/a/c/d.py") in seen.events)
    assert not any("node_modules" in path for _, path in seen.events)


def test_a_renamed_folder_is_followed_under_its_new_name(observe: Callable[..., Any]) -> None:
    seen, observer = observe()
    (seen.root / "src").rename(seen.root / "lib")
    seen.until(lambda: ("created", "lib/pkg/a.py") in seen.events)
    assert ("deleted", "src") in seen.events
    (seen.root / "lib/pkg/a.py").write_text("A = 2\n")
    seen.until(lambda: ("modified", "lib/pkg/a.py") in seen.events)
    assert watched_folders(observer) == {"", "lib", "lib/pkg"}


def test_a_folder_moved_away_is_no_longer_followed(observe: Callable[..., Any], tmp_path: Path) -> None:
    seen, observer = observe()
    (seen.root / "src").rename(tmp_path / "elsewhere")
    seen.until(lambda: ("deleted", "src") in seen.events)
    (tmp_path / "elsewhere/pkg/a.py").write_text("A = 2\n")
    (seen.root / "top.py").write_text("T = 2\n")
    seen.until(lambda: ("modified", "top.py") in seen.events)
    assert not any(path.startswith("src/") for _, path in seen.events)
    assert watched_folders(observer) == {""}


def test_reading_is_not_an_event(observe: Callable[..., Any]) -> None:
    seen, _ = observe()
    (seen.root / "src/pkg/a.py").read_text()
    (seen.root / "top.py").write_text("T = 2\n")
    seen.until(lambda: ("modified", "top.py") in seen.events)
    assert {path for _, path in seen.events} == {"top.py"}


def test_links_are_not_followed(observe: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "project/loop").symlink_to(tmp_path / "project")
    _, observer = observe()
    assert watched_folders(observer) == {"", "src", "src/pkg"}


def test_what_changes_while_watches_are_set_up_is_not_missed(observe: Callable[..., Any]) -> None:
    assert observe(since=time.time() - 60)[0].n_unsure == 1
    assert observe(since=time.time() + 60)[0].n_unsure == 0


def test_a_removed_root_is_a_loss(observe: Callable[..., Any]) -> None:
    seen, _ = observe()
    shutil.rmtree(seen.root)
    seen.until(lambda: seen.losses)
    assert seen.losses[0].errno == errno.ENOENT


def test_a_full_event_queue_means_watching_again(observe: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = observe()
    monkeypatch.setattr(inotify, "_events", lambda data: [(-1, In.IN_Q_OVERFLOW, b"")])
    (seen.root / "top.py").write_text("T = 2\n")
    seen.until(lambda: seen.n_again)


def no_watch_left(descriptor: int, path: bytes, mask: int) -> int:
    ctypes.set_errno(errno.ENOSPC)
    return -1


def test_the_systems_limit_is_an_error_at_the_start(
    observe: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inotify, "inotify_add_watch", no_watch_left)
    with pytest.raises(OSError, match="No space left") as raised:
        observe()
    assert raised.value.errno == errno.ENOSPC


def test_the_systems_limit_is_a_loss_when_it_is_reached_later(
    observe: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, _ = observe()
    monkeypatch.setattr(inotify, "inotify_add_watch", no_watch_left)
    (seen.root / "new").mkdir()
    seen.until(lambda: seen.losses)
    assert seen.losses[0].errno == errno.ENOSPC
