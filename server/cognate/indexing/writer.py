"""The writer thread of one engine: the only one that changes its index.

It takes the most urgent step there is, publishes a new view, and looks again: commands first, then what ``work`` finds
to do. Other threads leave notes and read ``view``; nothing else is shared. Without the writer lock, because another
process has it, it follows what that process commits. Whatever a step raises, it says so, goes on answering and tries
again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.errors import DamagedStoreError, MemoryLimitError, StoreError
from cognate.index.glance import glance_at
from cognate.index.locations import store_folder
from cognate.index.snapshot import IndexSnapshot
from cognate.indexing import settled
from cognate.indexing.prefetch import Prefetch
from cognate.indexing.services import Services
from cognate.indexing.storage import Storage
from cognate.indexing.view import NOTHING, View
from cognate.indexing.work import Work
from cognate.process import give_memory_back, keep_from_collector, lower_priority, without_collections
from cognate.settings import Settings
from cognate.types import IndexInfo, State, Status
from cognate.workspace.buffers import Buffers
from cognate.workspace.changes import PendingChanges

log = logging.getLogger(__name__)

RETRY_S = 5.0  # After the disk refused, it is asked again so much later, then twice as late each time.
RETRY_AT_MOST_S = 60.0
RETRY_DOUBLINGS = 4  # More would pass RETRY_AT_MOST_S.
OPENING_S = 5.0  # So long a question waits for the index to be opened; then it is told that nothing is there yet.
CANCEL_EVERY_S = 0.02  # How soon a question that waits notices that nobody wants it any more.
KEEP_EVERY = 500  # Chunks that came since the collector was last told to leave the index alone.


class Writer:
    """See the module's docstring for who may call what."""

    def __init__(self, folder: Path, settings: Settings, services: Services, documents: Buffers) -> None:
        self.view: View = NOTHING
        self._folder = folder
        self._settings = settings
        self._services = services
        self._documents = documents
        self._condition = threading.Condition()
        self._pending = PendingChanges(settings.update_delay_ms / 1000)
        self._commands: deque[Callable[[], None]] = deque()
        self._listeners: list[Callable[[], None]] = []
        self._paused = self._closing = self._stuck = False
        self._n_waiting = 0
        self._busy = True
        self._has_shown = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"cognate-writer {folder.name}", daemon=True)
        # From here on: touched by the writer thread alone.
        self._storage = Storage(services, folder)
        self._work: Work | None = None
        self._is_opened = False
        self._damage: DamagedStoreError | None = None
        self._shown_meanwhile: IndexSnapshot | None = None
        self._n_failures = self._n_kept = 0
        self._message = ""

    # -- any thread

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step under way and wait for it."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have a function called on the writer thread after each change of the status."""
        self._listeners.append(listener)

    def note(self, paths: Iterable[str], *, urgent: bool = False, typed: bool = False) -> None:
        """Note changed files or folders."""
        with self._condition:
            self._pending.note(paths, now=time.monotonic(), urgent=urgent, typed=typed)
            self._condition.notify_all()

    def pause(self) -> None:
        """Stop indexing after the step under way."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on indexing."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self._command(self._publish)

    def reindex(self) -> None:
        """Read every file again."""
        self._command(lambda: self._opened.reconcile(everything=True))

    def reconcile(self) -> None:
        """Hold the index against the folder, as nobody knows what changed."""
        self._command(lambda: self._opened.reconcile(everything=False))

    def apply_settings(self, settings: Settings) -> None:
        """Use new settings."""
        self._command(lambda: self._use_settings(settings))

    @property
    def place(self) -> Path | None:
        """Where the index lies, None in memory."""
        return self._storage.place

    def take_imported_ranks(self) -> None:
        """Let ranks that were imported count from now on."""
        self._command(self._take_imported)

    def _take_imported(self) -> None:
        self._opened.graph.take_imported()
        self._publish()

    def _command(self, command: Callable[[], None]) -> None:
        with self._condition:
            self._commands.append(command)
            self._condition.notify_all()

    def shown(self, cancel: CancelToken) -> View:
        """Return the current view; while the index is being opened, which takes a second or two, wait for the first.

        Raises:
            CancelledError: when the token was cancelled.
        """
        until = time.monotonic() + OPENING_S
        while self._thread.is_alive() and time.monotonic() < until and not self._has_shown.wait(CANCEL_EVERY_S):
            cancel.check()
        return self.view

    def opened(self, cancel: CancelToken) -> View:
        """Return the first view that is not from the disk, waiting for it; that one if the index cannot be opened.

        Raises:
            CancelledError: when the token was cancelled.
        """
        while self._thread.is_alive() and self.view.from_disk and not self._stuck:
            cancel.check()
            time.sleep(CANCEL_EVERY_S)
        return self.view

    def wait_until_current(self, timeout: float | None, *, embedded: bool) -> bool:
        """Block until there is nothing to do, taking what is pending as due.

        Returns False when the time ran out, or when the disk refuses what is to be done.
        """
        with self._condition:
            self._pending.note((), now=time.monotonic(), urgent=True)
            self._n_waiting += 1
            self._condition.notify_all()
            try:
                self._condition.wait_for(lambda: self._stuck or self._is_current(embedded), timeout)
                return not self._stuck and self._is_current(embedded)
            finally:
                self._n_waiting -= 1

    def _is_current(self, embedded: bool) -> bool:
        if self._closing or not self._thread.is_alive():
            return True
        work = self._work
        missing = bool(work and work.missing)
        to_read = work and (work.backlog or work.has_buffers_to_lay)
        waiting = self._commands or len(self._pending) or to_read or (self._busy and not missing)
        behind = bool(work and work.graph.is_behind) and not self._paused
        return not waiting and (not embedded or not (missing or behind or self._busy))

    def status(self) -> Status:
        """Return the state, for people."""
        view, work, storage = self.view, self._work, self._storage
        model = work.model.encoder.name if work and work.model else (work.model_message if work else "")
        messages = (
            (self._message, work.model_message, storage.message, work.reranker_message, work.power_message)
            if work
            else (self._message,)
        )
        phase = work.phase if work else "opening"
        info = view.info
        if self._paused != (info.state is State.PAUSED) and work and not self._stuck:  # It is published a moment later.
            info = replace(info, state=State.PAUSED if self._paused else work.state())
        return Status(
            index=info,
            files=len(view.index.by_path) if view.index else 0,
            queue_files=len(work.backlog if work else ()) + len(self._pending),
            queue_chunks=len(work.missing) if work else 0,
            phase=phase or ("" if storage.writes else "following another process"),
            model=model or "loading",
            folder=str(self._folder),
            store=str(storage.place or "memory"),
            message=next((message for message in messages if message), ""),
        )

    # -- the writer thread

    def _run(self) -> None:
        lower_priority()
        try:
            while not self._closing:
                was_opened = self._is_opened
                try:
                    progressed = self._step()
                except Exception as error:
                    self._recover(error)
                else:
                    if was_opened:  # To open again is only the first step of what failed.
                        self._recovered()
                    if not progressed:
                        self._rest(None)
                    elif self._work is not None and self._work.rest_s:
                        self._rest(self._work.rest_s)
        finally:
            self._shut()

    def _recover(self, error: Exception) -> None:
        """Say what failed, go on answering, and try again later; nothing that was committed is given up."""
        known, self._message = self._message, str(error)
        expected = isinstance(error, StoreError | MemoryLimitError)
        if not expected:
            self._message = f"Indexing met an internal error ({type(error).__name__}); see the log. It is tried again."
        if known != self._message:
            log.error("%s: %s", self._folder, error, exc_info=None if expected else error)
        if isinstance(error, DamagedStoreError) or not expected:
            self._is_opened = False
            self._damage = error if isinstance(error, DamagedStoreError) else None
        info = self.view.info
        info = IndexInfo(State.ERROR, info.generation, info.coverage, info.chunks)
        self.view = replace(self.view, info=info)
        self._has_shown.set()
        if self._work is not None:
            self._work.phase = ""
        self._n_failures += 1
        with self._condition:
            self._stuck = True
        self._tell()
        at_once = self._n_failures == 1 and not self._is_opened
        doublings = min(self._n_failures - 1, RETRY_DOUBLINGS)
        self._rest(0.0 if at_once else min(RETRY_S * 2**doublings, RETRY_AT_MOST_S))

    def _recovered(self) -> None:
        if self._n_failures:
            log.info("Indexing %s goes on", self._folder)
            self._n_failures, self._message = 0, ""
            with self._condition:
                self._stuck = False
            self._publish()

    def _shut(self) -> None:
        try:
            if self._work is not None and self._is_opened:
                if self._storage.writes and self._work.index.unsaved_vectors:
                    self._work.index.save_vectors()
                self._work.graph.save()
                self._work.close()
                if self._storage.writes and self._storage.place is not None and not self._work.graph.is_behind:
                    settled.remember(self._storage.place, self._work.index, self._settings, self.status())
        except StoreError as error:
            log.warning("%s", error)
        finally:
            self._storage.release()
            # What is kept from the collector goes by reference counts alone, and a writer is part of cycles.
            self._work, self._shown_meanwhile, self.view = None, None, replace(self.view, index=None, encoder=None)
            with self._condition:
                self._closing = True
                self._condition.notify_all()
            self._has_shown.set()

    def _rest(self, at_most: float | None) -> None:
        """Wait for something to do."""
        with self._condition:
            self._busy = False
            self._condition.notify_all()
            if not (self._closing or self._commands):
                due = self._pending.wait_s(time.monotonic()) if not (self._paused or self._stuck) else None
                limits = [t for t in (due, at_most, self._storage.patience_s) if t is not None]
                if not limits or min(limits) > 0:
                    self._condition.wait(min(limits) if limits else None)
            self._busy = True

    @property
    def _opened(self) -> Work:
        assert self._work is not None, "commands run after the index was opened"
        return self._work

    def _reopen(self) -> None:
        """Open the index, as the writer or as a follower, and show what it holds.

        What was shown before is shown on until an index that begins empty has caught up.
        """
        shown = self.view.index
        if self._work is not None:
            self._work.close()
        prefetch = Prefetch(self._services, self._settings, self._folder)
        if shown is None and self._damage is None:
            self._show_from_disk(prefetch)
        index = self._storage.open(discard=self._damage)
        self._damage = None
        if shown is not None:
            index.generation = max(index.generation, shown.generation + 1)
        self._shown_meanwhile = shown if shown is not None and shown.records and not index.records else None
        try:
            self._work = work = Work(
                index, self._settings, storage=self._storage, folder=self._folder, services=self._services,
                documents=self._documents, publish=self._publish,
            )  # fmt: skip
            work.load_model_beside(prefetch)
            keep_from_collector(collect=False)
            self._n_kept = len(index.records)
            self._publish()  # The graph only orders what is found better; nobody waits for it.
            work.graph.load()
            give_memory_back()
            work.load_reranker()
        except BaseException:
            index.close()
            raise
        self._is_opened = True
        if self._storage.writes:
            work.reconcile()
        else:
            log.info("Another process indexes %s; following it", self._folder)
            work.phase = ""
            self._publish()

    def _show_from_disk(self, prefetch: Prefetch) -> None:
        """Let what lies on disk answer, if it can, while its rows become objects."""
        found = glance_at(store_folder(self._services.cache_dir, self._folder), prefetch.saved)
        model = prefetch.model() if found is not None else None  # A cold start does not wait for it.
        if found is not None and model is not None and not self._closing:
            index = found.snapshot
            info = IndexInfo(State.CATCHING_UP, index.generation, index.coverage, len(index.records))
            self.view = View(index, model.encoder, info, from_disk=True)
            self._has_shown.set()
            self._tell()

    def _step(self) -> bool:
        """Do the most urgent thing there is; return whether there was one."""
        if not self._is_opened or self._storage.may_open_again():
            with without_collections():
                self._reopen()
            return True
        work = self._opened
        if work.index.lexical.is_behind and self._storage.writes:
            work.index.mend_lexical()
            self._publish()
        with self._condition:
            command = self._commands.popleft() if self._commands else None
            work.note({} if self._paused else self._pending.take(time.monotonic()))
        if command is not None:
            command()
            return True
        if not self._storage.writes:
            return self._follow(work)
        if self._paused:
            return False
        return work.step(
            stop=lambda: self._closing or self._paused, hurry=self._should_hurry, in_demand=self._n_waiting > 0
        )

    def _should_hurry(self) -> bool:
        """Embedding a batch takes seconds; what a person waits for interrupts it."""
        with self._condition:
            due = self._pending.wait_s(time.monotonic())
            return self._closing or self._paused or bool(self._commands) or due == 0.0

    def _follow(self, work: Work) -> bool:
        """See what the writing process committed, and which vectors it has found."""
        if work.has_buffers_to_lay:
            work.lay_buffers(self._should_hurry)
            return True
        began = time.monotonic()
        if self._storage.is_due_to_follow(began):
            if self._storage.follow(work.index) | work.take_known_vectors():
                self._publish()
            self._storage.followed(began)
        return work.when_calm(self._should_hurry, in_demand=self._n_waiting > 0)

    def _use_settings(self, settings: Settings) -> None:
        old, self._settings = self._settings, settings
        work = self._opened
        work.settings = settings
        with self._condition:
            self._pending.quiet_s = settings.update_delay_ms / 1000
        if (old.model, old.background_threads) != (settings.model, settings.background_threads):
            work.load_model()
        if (old.reranker, old.background_threads) != (settings.reranker, settings.background_threads):
            work.load_reranker()
        if (old.exclude, old.max_file_bytes) != (settings.exclude, settings.max_file_bytes):
            work.reconcile()
        self._publish()

    def _publish(self) -> None:
        work = self._work
        if work is None:
            return
        index = work.snapshot()
        if self._shown_meanwhile is not None:
            if work.backlog or work.missing or work.phase:
                index = self._shown_meanwhile
            else:
                self._shown_meanwhile = None
        state = State.PAUSED if self._paused else work.state()
        info = IndexInfo(state, index.generation, index.coverage, len(index.records))
        self.view = View(index, work.model.encoder if work.model else None, info, work.reranker)
        self._has_shown.set()
        self._n_kept = min(self._n_kept, info.chunks)
        if info.chunks >= self._n_kept + KEEP_EVERY:
            keep_from_collector()
            self._n_kept = info.chunks
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                log.exception("A listener of the index of %s failed", self._folder)
