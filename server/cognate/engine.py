"""The engine of one workspace folder: holds the current snapshot and is the only one to replace it.

Public methods may be called from any thread and return at once, but for ``search``, ``related`` and ``close``, which
block. A writer thread of its own does the reading, chunking, embedding and storing; see ``writer``. Knows no protocol.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.commits import History
from cognate.duplicates import Cluster, Duplicates
from cognate.errors import StoreError, WorkspaceError
from cognate.history.question import is_title
from cognate.index.locations import workspace_folder
from cognate.index.lock import WriterLock
from cognate.index.snapshot import Snapshot
from cognate.indexing.export import keep_imported
from cognate.indexing.services import Services
from cognate.indexing.storage import Storage
from cognate.indexing.view import View
from cognate.indexing.writer import Writer
from cognate.search.duplicates import clusters, twins
from cognate.search.history import remembered
from cognate.search.hits import Found, is_stale
from cognate.search.related.related import related
from cognate.search.request import DuplicatesRequest, HistoryRequest, RelatedRequest, SearchRequest, TwinsRequest
from cognate.search.search import search
from cognate.search.votes import ORDERED, voted, votes_for
from cognate.settings import Settings
from cognate.timing import Stopwatch
from cognate.types import Answer, Explanation, Status, Symbol
from cognate.workspace.buffers import HERE, Buffers
from cognate.workspace.files import verdict_on
from cognate.workspace.ignore import Rules
from cognate.workspace.watch.watcher import Reports, Watcher

log = logging.getLogger(__name__)


class Engine:
    """One folder's index, kept fresh, and the questions it answers; see ``open_engine``."""

    def __init__(self, folder: Path, settings: Settings, services: Services, storage: Storage) -> None:
        self.folder = folder
        self.settings = settings
        self._services = services
        self._buffers = Buffers()
        self._writer = Writer(folder, settings, services, self._buffers, storage)
        self._watcher: Watcher | None = None
        self._watch_trouble = ""
        self._is_started = False

    # -- life

    def start(self) -> None:
        """Begin to open, read and follow the folder."""
        self._is_started = True
        self._writer.start()

    def watch(self, on_trouble: Callable[[str], None] = lambda message: None) -> None:
        """Find changes by watching the folder, where no client reports them.

        Args:
            on_trouble: called at most once, on another thread, with a sentence that says why the folder cannot be
                watched and what is done instead.
        """
        if self._watcher is None:
            reports = Reports(self.note_changed, self.reconcile, partial(self._note_trouble, on_trouble))
            self._watcher = Watcher(self.folder, self._rules, reports)
            self._watcher.start(late=self._is_started)

    def _note_trouble(self, on_trouble: Callable[[str], None], message: str) -> None:
        self._watch_trouble = message
        on_trouble(message)

    def close(self) -> None:
        """Stop the writer after the step it is at; everything committed stays."""
        if self._watcher is not None:
            self._watcher.close()
        self._writer.close()

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        """Block until everything noted so far is searchable (and embedded); return False when the time ran out."""
        return self._writer.wait_until_current(timeout, embedded=embedded)

    def subscribe(self, listener: Callable[[Status], None]) -> None:
        """Have a function called with the status, without times, whenever it changes, on the writer thread."""
        self._writer.subscribe(lambda: listener(self._state()))

    # -- changes

    def note_changed(self, paths: Iterable[str]) -> None:
        """Note files or folders that changed, came or went."""
        self._writer.note(paths)

    def reconcile(self) -> None:
        """Hold the index against the folder, as anything may have changed."""
        self._writer.reconcile()

    def set_buffer(self, path: str, text: str, *, editor: int = HERE) -> None:
        """Let an open buffer's text mask the file."""
        self._buffers.set(path, text, editor)
        self._writer.note([path], typed=True)

    def drop_buffer(self, path: str, *, editor: int = HERE) -> None:
        """Let the file on disk count again, unless another editor has it open, too."""
        self._buffers.drop(path, editor)
        self._writer.note([path], urgent=True)

    def drop_buffers(self, editor: int) -> None:
        """Forget the buffers of an editor that has gone."""
        for path in self._buffers.held_by(editor):
            self.drop_buffer(path, editor=editor)

    def pause(self) -> None:
        """Stop indexing after the step under way; questions are answered all the same."""
        self._writer.set_paused(True)

    def resume(self) -> None:
        """Go on indexing."""
        self._writer.set_paused(False)

    def reindex(self) -> None:
        """Read every file again; vectors of unchanged text come from the cache."""
        self._writer.reconcile(everything=True)

    def apply_settings(self, settings: Settings) -> None:
        """Use new settings from now on; what they make stale is brought up to date in the background."""
        before, self.settings = self.settings, settings
        self._writer.apply_settings(settings)
        if self._watcher is not None and before.exclude != settings.exclude:
            self._watcher.refresh()

    def import_ranks(self, ranks: Mapping[str, float]) -> None:
        """Let ranks computed elsewhere count instead of ours, from now on and after a restart; none clears them.

        Args:
            ranks: by path, on any scale.

        Raises:
            StoreError: when they cannot be kept.
        """
        keep_imported(self._writer.index_folder, ranks)
        self._writer.take_imported_ranks()

    # -- questions

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """As ``EngineFace.search``, from the current snapshot."""
        request = replace(request, recent=self._buffers.recently_edited())

        def ask(view: View, index: Snapshot, watch: Stopwatch) -> Found:
            stale = partial(is_stale, self.folder, index.files)
            votes = votes_for(view.history, request.query) if is_title(request.query) else {}
            wide = replace(request, limit=max(request.limit, ORDERED)) if votes else request
            found = search(index, view.encoder, wide, cancel, reranker=view.reranker, is_stale=stale, ended=watch.ended)
            if votes:
                found = replace(found, hits=voted(found.hits, votes)[: request.limit])
            return found

        return self._answer("query", ask, cancel)

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """As ``EngineFace.related``, from the current snapshot."""

        def ask(view: View, index: Snapshot, watch: Stopwatch) -> Found:
            stale = partial(is_stale, self.folder, index.files)
            found = related(index, view.encoder, request, cancel, is_stale=stale, history=view.history)
            watch.ended("")
            return found

        return self._answer("related", ask, cancel)

    def duplicates(self, request: DuplicatesRequest, cancel: CancelToken) -> Duplicates:
        """As ``EngineFace.duplicates``, from the current snapshot; raises StoreError where that cannot be read."""
        return self._duplicates(lambda _, index: clusters(index, request, cancel), cancel)

    def twins(self, request: TwinsRequest, cancel: CancelToken) -> Duplicates:
        """As ``EngineFace.twins``, from the current snapshot; raises StoreError where that cannot be read."""
        return self._duplicates(lambda view, index: twins(index, view.encoder, request, cancel), cancel)

    def history(self, request: HistoryRequest, cancel: CancelToken) -> History:
        """As ``EngineFace.history``, from the current view; raises StoreError where that cannot be read.

        Where HEAD moved since, what came is read next, and the answer says that it is not complete.
        """
        view = self._writer.current(cancel)
        try:
            return self._history(view, request, cancel)
        except StoreError as error:
            log.info("A question to the history is asked again: %s", error)
            return self._history(self._writer.current(cancel), request, cancel)

    def _history(self, view: View, request: HistoryRequest, cancel: CancelToken) -> History:
        past = view.history
        if past.is_read and past.has_moved():
            past = replace(past, is_read=False)
            self._writer.look_at_history()
        if view.snapshot is None:
            return History((), (), view.info, is_complete=False)
        with self._services.gate.query(), self._writer.times.measured("history"):
            found = remembered(past, view.snapshot, request, cancel)
        return History(found.commits, found.together, view.info, past.n_commits, found.message, past.is_complete)

    def _duplicates(self, ask: Callable[[View, Snapshot], tuple[Cluster, ...]], cancel: CancelToken) -> Duplicates:
        view = self._writer.current(cancel)
        if view.snapshot is None:
            return Duplicates((), view.info)
        with self._services.gate.query():
            return Duplicates(ask(view, view.snapshot), view.info)

    def _answer(self, kind: str, ask: Callable[[View, Snapshot, Stopwatch], Found], cancel: CancelToken) -> Answer:
        """Ask the current view; if what lies on disk fails it, have that mended and ask the next one.

        Files that have changed since they were indexed are read again.
        """
        view = self._writer.current(cancel)
        try:
            answer = self._answer_from(view, kind, ask)
        except StoreError as error:
            log.warning("A question met a damaged index: %s", error)
            self._writer.mend(view, error)
            answer = self._answer_from(self._writer.next_view(view, cancel), kind, ask)
        stale = {hit.path for hit in answer.hits if hit.stale}
        if stale:
            self._writer.note(stale, urgent=True)
        return answer

    def _answer_from(self, view: View, kind: str, ask: Callable[[View, Snapshot, Stopwatch], Found]) -> Answer:
        if view.snapshot is None:
            return Answer((), view.info)
        with self._services.gate.query():
            watch = Stopwatch()
            found = ask(view, view.snapshot, watch)
            self._writer.times.add(kind, watch.stages)
        return Answer(found.hits, view.info, found.facets, found.advice, watch.stages)

    def paths(self) -> frozenset[str]:
        """Return the files in the index, as of the current snapshot."""
        snapshot = self._writer.view.snapshot
        return frozenset(snapshot.paths()) if snapshot is not None else frozenset()

    def languages(self) -> Mapping[str, int]:
        """Return how many files are in each language, as of the current snapshot."""
        snapshot = self._writer.view.snapshot
        return snapshot.languages() if snapshot is not None else {}

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        """Return the definitions in a file, in order, as of the current snapshot."""
        snapshot = self._writer.view.snapshot
        return tuple(s for outline in snapshot.outline(path) for s in outline.symbols) if snapshot is not None else ()

    def referrers(self, path: str) -> tuple[str, ...]:
        """Return the files that refer to a file, the strongest reference first, as of the current snapshot."""
        snapshot = self._writer.view.snapshot
        return snapshot.graph.referrers(path) if snapshot is not None else ()

    def status(self) -> Status:
        """Return the engine's state, and how long its queries and jobs take."""
        return replace(self._state(), times=self._writer.times.summary())

    def _state(self) -> Status:
        status = self._writer.status()
        return status if status.message else replace(status, message=self._watch_trouble)

    def _rules(self) -> Rules:
        return Rules(self.folder, self.settings.exclude, self.settings.max_file_bytes)

    def explain(self, path: str) -> Explanation:
        """Say whether a file is indexed, and the one rule that decided. Reads the disk.

        Raises:
            WorkspaceError: when the path leads out of the folder.
        """
        clean = relative_path(self.folder, path)
        verdict = verdict_on(self.folder, self._rules(), clean)
        snapshot = self._writer.view.snapshot
        entry = snapshot.files.get(clean) if snapshot else None
        n_chunks = len(entry.ids) if entry is not None else 0
        if verdict.included and entry is not None and entry.rule:
            return Explanation(clean, False, entry.rule)
        if verdict.included and not n_chunks:
            return Explanation(clean, False, f"{verdict.rule} It has not been read yet.")
        return Explanation(clean, verdict.included and n_chunks > 0, verdict.rule, n_chunks)


def relative_path(folder: Path, path: str) -> str:
    """Return a path relative to the folder, with ``/``.

    Raises:
        WorkspaceError: when it leads out of the folder.
    """
    absolute = Path(path) if Path(path).is_absolute() else folder / path
    try:
        return absolute.relative_to(folder).as_posix()
    except ValueError:
        raise WorkspaceError(f"{path} is not inside the folder {folder}.") from None


def open_engine(
    folder: Path, settings: Settings, services: Services, *, lock: WriterLock | None = None, alone: str = ""
) -> Engine:
    """Return an engine for a folder; nothing is read before ``start``.

    Args:
        folder: the workspace folder.
        settings: its settings.
        services: what the engines of this process share.
        lock: of the index's folder, if this process holds it already; it is released when the engine is closed.
        alone: why the index on disk is another process's, which cannot be asked; then the index is kept in memory.

    Raises:
        WorkspaceError: when there is no such folder.
    """
    folder = workspace_folder(folder)
    return Engine(folder, settings, services, Storage(services, folder, lock, alone))
