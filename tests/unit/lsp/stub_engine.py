"""Stands in for engines: answers from a list, remembers what it was told, and can be held at a gate."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.commits import History
from cognate.duplicates import Cluster, Duplicates
from cognate.search.request import HistoryRequest, RelatedRequest, SearchRequest, TwinsRequest
from cognate.settings import Settings
from cognate.types import NO_FACETS, Answer, Explanation, Hit, IndexInfo, State, Status, Symbol

READY = IndexInfo(State.READY, generation=3, coverage=1.0, chunks=10)


def hit(path: str, score: float = 0.5, line: int = 0, symbol: Symbol | None = None) -> Hit:
    """Return a hit on three lines."""
    return Hit(path, line, line + 3, line + 1, "    return 1", score, symbol, "python", "preview")


class StubEngine:
    """An engine without an index."""

    def __init__(self, folder: Path, settings: Settings, hits: Iterable[Hit] = (), index: IndexInfo = READY) -> None:
        self.folder, self.settings = folder, settings
        self.hits, self.index = tuple(hits), index
        self.calls: list[tuple[object, ...]] = []
        self.asked: list[SearchRequest | RelatedRequest] = []
        self.twins_asked: list[TwinsRequest] = []
        self.clusters: tuple[Cluster, ...] = ()
        self.symbols: tuple[Symbol, ...] = ()
        self.facets = NO_FACETS
        self.history_asked: list[HistoryRequest] = []
        self.past = History((), (), index)
        self.failure: Exception | None = None
        self.gate: threading.Event | None = None
        self.entered = threading.Event()
        self.tokens: list[CancelToken] = []
        self.listeners: list[Callable[[Status], None]] = []

    def start(self) -> None:
        self.calls.append(("start",))

    def close(self) -> None:
        self.calls.append(("close",))

    def note_changed(self, paths: Iterable[str]) -> None:
        self.calls.append(("note_changed", *paths))

    def set_buffer(self, path: str, text: str) -> None:
        self.calls.append(("set_buffer", path, text))

    def drop_buffer(self, path: str) -> None:
        self.calls.append(("drop_buffer", path))

    def watch(self, on_trouble: Callable[[str], None]) -> None:
        self.calls.append(("watch",))
        self.on_trouble = on_trouble

    def history(self, request: HistoryRequest, cancel: CancelToken) -> History:
        self.history_asked.append(request)
        return replace(self.past, index=self.index)

    def twins(self, request: TwinsRequest, cancel: CancelToken) -> Duplicates:
        self.twins_asked.append(request)
        return Duplicates(self.clusters, self.index)

    def pause(self) -> None:
        self.calls.append(("pause",))

    def resume(self) -> None:
        self.calls.append(("resume",))

    def reindex(self) -> None:
        self.calls.append(("reindex",))

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        return self._answer(request, cancel)

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        return self._answer(request, cancel)

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        return self.symbols

    def status(self) -> Status:
        return Status(self.index, 2, 0, 0, "", "stub", str(self.folder), "store", details={"a_b": "one"})

    def explain(self, path: str) -> Explanation:
        return Explanation(path, True, "Everything is.", 1)

    def apply_settings(self, settings: Settings) -> None:
        self.calls.append(("apply_settings", settings))

    def subscribe(self, listener: Callable[[Status], None]) -> None:
        self.listeners.append(listener)

    def _answer(self, request: SearchRequest | RelatedRequest, cancel: CancelToken) -> Answer:
        self.asked.append(request)
        self.tokens.append(cancel)
        self.entered.set()
        if self.gate is not None:
            self.gate.wait(10)
        cancel.check()
        if self.failure is not None:
            raise self.failure
        return Answer(self.hits[: request.limit], self.index, self.facets)


class StubSource:
    """Opens stubs; ``hits`` says what each folder's engine finds, by the folder's name."""

    def __init__(self, hits: dict[str, list[Hit]] | None = None) -> None:
        self.hits = hits or {}
        self.opened: dict[str, StubEngine] = {}
        self.failure: Exception | None = None
        self.closed = False

    def open(self, folder: Path, settings: Settings) -> StubEngine:
        if self.failure is not None:
            raise self.failure
        engine = StubEngine(folder, settings, self.hits.get(folder.name, ()))
        self.opened[folder.name] = engine
        return engine

    def close(self) -> None:
        self.closed = True
