import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from cognate.lsp.progress import FolderProgress, StatusFeed
from cognate.types import IndexInfo, State, Status


def status(state: State, *, chunks: int = 0, coverage: float = 0.0, queue: int = 0) -> Status:
    return Status(IndexInfo(state, 1, coverage, chunks), 1, 0, queue, "", "m", "/ws", "/s")


class FakeClock:
    """A loop whose time moves only when told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.soon: list[Callable[[], None]] = []
        self.later: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_soon_threadsafe(self, callback: Callable[[], None], /) -> None:
        self.soon.append(callback)

    def call_later(self, delay: float, callback: Callable[[], None], /) -> None:
        self.later.append((self.now + delay, callback))

    def run(self, seconds: float = 0.0) -> None:
        self.now += seconds
        while self.soon:
            self.soon.pop(0)()
        due = [callback for at, callback in self.later if at <= self.now + 1e-9]
        self.later = [(at, callback) for at, callback in self.later if at > self.now + 1e-9]
        for callback in due:
            callback()


def test_many_statuses_become_few_and_the_last_one_always_comes() -> None:
    clock, sent = FakeClock(), []
    feed = StatusFeed(clock, sent.append, interval_s=0.3)
    for chunks in range(10):
        feed.post("a", status(State.INDEXING, chunks=chunks))
        clock.run(0.1)
    feed.post("a", status(State.READY, chunks=10))
    clock.run(0.3)
    clock.run(0.3)
    assert len(sent) <= 5
    assert sent[0]["a"].index.chunks == 0
    assert sent[-1]["a"].index.state is State.READY
    assert not clock.later


def test_a_status_after_a_quiet_time_comes_at_once() -> None:
    clock, sent = FakeClock(), []
    feed = StatusFeed(clock, sent.append, interval_s=0.3)
    feed.post("a", status(State.INDEXING))
    clock.run()
    clock.run(5)
    feed.post("a", status(State.READY))
    clock.run()
    assert len(sent) == 2


def test_folders_are_told_together_and_nothing_after_the_end() -> None:
    clock, sent = FakeClock(), []
    feed = StatusFeed(clock, sent.append)
    threads = [threading.Thread(target=feed.post, args=(name, status(State.READY))) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.run()
    assert [set(latest) for latest in sent] == [{"a", "b"}]
    feed.post("a", status(State.READY))
    feed.close()
    clock.run(9)
    clock.run(9)
    assert len(sent) == 1


class FakeLink:
    def __init__(self, *, refuses: bool = False) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.refuses = refuses

    def notify(self, method: str, params: Any) -> None:
        self.sent.append((params["value"]["kind"], params))

    async def request(self, method: str, params: Any) -> None:
        self.sent.append(("create", params))
        if self.refuses:
            raise RuntimeError("no")


def folder_progress(link: FakeLink) -> tuple[FolderProgress, list[asyncio.Task[None]]]:
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None], what: str) -> None:
        tasks.append(asyncio.get_running_loop().create_task(work))

    return FolderProgress(link, spawn, "ws"), tasks


async def test_progress_begins_reports_and_ends_with_one_token() -> None:
    link = FakeLink()
    progress, tasks = folder_progress(link)
    progress.update(status(State.INDEXING, queue=100))
    progress.update(status(State.INDEXING, queue=90, coverage=0.1))
    await asyncio.gather(*tasks)
    progress.update(status(State.INDEXING, queue=50, coverage=0.5))
    progress.update(status(State.READY, coverage=1.0))
    progress.update(status(State.READY, coverage=1.0))
    assert [kind for kind, _ in link.sent] == ["create", "begin", "report", "end"]
    assert len({params["token"] for _, params in link.sent}) == 1
    assert link.sent[1][1]["value"]["percentage"] == 10
    progress.update(status(State.CATCHING_UP, queue=100))
    await asyncio.gather(*tasks)
    assert link.sent[-1][0] == "begin"
    assert link.sent[-1][1]["token"] != link.sent[0][1]["token"]


async def test_a_save_shows_no_progress() -> None:
    link = FakeLink()
    progress, _ = folder_progress(link)
    progress.update(status(State.CATCHING_UP, queue=3))
    assert link.sent == []


async def test_work_that_ends_before_the_client_answers_is_not_shown() -> None:
    link = FakeLink()
    progress, tasks = folder_progress(link)
    progress.update(status(State.INDEXING, queue=100))
    progress.update(status(State.READY))
    await asyncio.gather(*tasks)
    assert [kind for kind, _ in link.sent] == ["create"]


async def test_a_client_that_refuses_is_not_asked_again() -> None:
    link = FakeLink(refuses=True)
    progress, tasks = folder_progress(link)
    progress.update(status(State.INDEXING, queue=100))
    await asyncio.gather(*tasks)
    progress.update(status(State.INDEXING, queue=90))
    assert [kind for kind, _ in link.sent] == ["create"]
