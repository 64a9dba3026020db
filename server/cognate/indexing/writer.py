"""The writer thread of one folder: the only one that changes its index.

It takes the first job of its table that is due, lets it do one step, publishes what changed, and looks again. Other
threads leave notes and commands under one lock, and read two frozen values: ``view`` and the progress. Whatever a job
raises, the writer says so, goes on answering and tries again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cognate.cancellation import CANCEL_EVERY_S, CancelToken
from cognate.errors import DamagedLexicalError, DamagedStoreError, MemoryLimitError, StoreError
from cognate.history.view import NO_HISTORY
from cognate.indexing.jobs import QUIET, Budget, Phase, Progress
from cognate.indexing.jobs.table import Jobs
from cognate.indexing.publishing import Views
from cognate.indexing.services import Services
from cognate.indexing.storage import Storage
from cognate.indexing.view import NOTHING, View, status_of
from cognate.process import lower_priority, without_collections
from cognate.settings import Settings
from cognate.timing import Times
from cognate.types import State, Status
from cognate.workspace.buffers import Buffers
from cognate.workspace.changes import PendingChanges

log = logging.getLogger(__name__)

RETRY_S = 5.0  # First delay before a job that failed is tried again; doubles with each failure.
RETRY_AT_MOST_S = 60.0
RETRY_DOUBLINGS = 4  # More would pass RETRY_AT_MOST_S.
OPENING_S = 5.0  # A question waits at most so long for the index to be opened; then it is answered with nothing.


class Writer:
    """See the module's docstring for who may call what."""

    def __init__(
        self, folder: Path, settings: Settings, services: Services, buffers: Buffers, storage: Storage
    ) -> None:
        self.view = NOTHING
        self.times = Times(folder.name)
        self._folder = folder
        self._settings = settings
        self._services = services
        self._buffers = buffers
        self._condition = threading.Condition()
        self._pending = PendingChanges(settings.update_delay_ms / 1000)
        self._commands: deque[Callable[[], None]] = deque()
        self._listeners: list[Callable[[], None]] = []
        self._progress = Progress()
        self._paused = self._closing = self._stuck = False
        self._n_waiting = 0
        self._busy = True
        self._has_view = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"cognate-writer {folder.name}", daemon=True)
        # From here on: used by the writer thread alone.
        self._storage = storage
        self._jobs: Jobs | None = None
        self._phase = Phase.OPEN
        self._is_opened = False
        self._damage: DamagedStoreError | None = None
        self._views = Views()
        self._can_show_old = True
        self._n_failures = 0
        self._failure = ""

    # -- any thread

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step under way and wait for it."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread.ident is None:  # It was never started, and so never shut.
            self._storage.release()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have a function called on the writer thread after each change of the status."""
        self._listeners.append(listener)

    def note(self, paths: Iterable[str], *, urgent: bool = False, typed: bool = False) -> None:
        """Note changed files or folders."""
        with self._condition:
            self._pending.note(paths, now=time.monotonic(), urgent=urgent, typed=typed)
            self._condition.notify_all()

    def set_paused(self, paused: bool) -> None:
        """Stop indexing after the step under way, or go on."""
        self._paused = paused
        self._command(self._publish)

    def reconcile(self, *, everything: bool = False) -> None:
        """Compare the index with the folder, as nobody knows what changed; ``everything`` reads every file again."""
        self._command(lambda: self._opened.reconcile.want(everything=everything))

    def apply_settings(self, settings: Settings) -> None:
        """Use new settings."""
        self._command(lambda: self._use_settings(settings))

    def take_imported_ranks(self) -> None:
        """Let ranks that were imported count from now on."""
        self._command(lambda: self._opened.take_imported_ranks())  # noqa: PLW0108 - of the jobs at that time

    def look_at_history(self) -> None:
        """Have what came to the history read, after everything more urgent."""
        self._command(lambda: self._opened.history.look())  # noqa: PLW0108 - of the jobs at that time

    def mend(self, view: View, error: StoreError) -> None:
        """Have an index mended that a question found damaged in a view."""
        self._command(lambda: self._mend(view, error))

    def _command(self, command: Callable[[], None]) -> None:
        with self._condition:
            self._commands.append(command)
            self._condition.notify_all()

    @property
    def index_folder(self) -> Path | None:
        """Where the index lies, None in memory."""
        return self._storage.folder

    def current(self, cancel: CancelToken) -> View:
        """Return the current view; while the index is being opened, wait for the first.

        Raises:
            CancelledError: when the token was cancelled.
        """
        until = time.monotonic() + OPENING_S
        while self._thread.is_alive() and time.monotonic() < until and not self._has_view.wait(CANCEL_EVERY_S):
            cancel.check()
        return self.view

    def next_view(self, before: View, cancel: CancelToken) -> View:
        """Return a view of another snapshot than the one before, waiting until it is complete or the time is up.

        Raises:
            CancelledError: when the token was cancelled.
        """
        until = time.monotonic() + OPENING_S
        with self._condition:
            while self._thread.is_alive() and time.monotonic() < until:
                if self.view.snapshot is not before.snapshot and self.view.info.state is not State.INDEXING:
                    break
                cancel.check()
                self._condition.wait(CANCEL_EVERY_S)
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
        progress = self._progress
        to_read = self._commands or len(self._pending) or progress.n_files or progress.n_buffers
        if to_read or (self._busy and not progress.n_chunks):
            return False
        behind = progress.graph_is_behind and not self._paused
        return not embedded or not (progress.n_chunks or behind or self._busy)

    def status(self) -> Status:
        """Return the state, for people."""
        view, progress = self.view, self._progress
        info = view.info
        if self._paused != (info.state is State.PAUSED) and self._is_opened and not self._stuck:
            info = replace(info, state=State.PAUSED if self._paused else progress.state(first_time=False))
        return status_of(
            replace(view, info=info), progress, self._folder, self._storage, self._failure, n_noted=len(self._pending)
        )

    # -- the writer thread

    def _run(self) -> None:
        lower_priority()
        try:
            while not self._closing:
                was_opened = self._is_opened
                try:
                    rest_s = self._step()
                except Exception as error:
                    self._recover(error)
                else:
                    if was_opened:  # To open again is only the first step of what failed.
                        self._recovered()
                    if rest_s is None or rest_s > 0:
                        self._rest(rest_s)
        finally:
            self._shut()

    def _step(self) -> float | None:
        """Do the first thing that is due; return how long to rest after it, None for as long as nothing happens."""
        if not self._is_opened or self._storage.may_open_again():
            with without_collections(), self.times.measured(f"job: {Phase.OPEN.value}"):
                self._open()
            return 0.0
        jobs = self._opened
        if jobs.state.index.lexical.is_behind:
            jobs.state.index.mend_lexical()
            self._publish()
        command = self._take_notes(jobs)
        if command is not None:
            command()
            self._report()
            return 0.0
        if self._paused:
            return None
        if jobs.beside():
            self._publish()
        job, wait = jobs.next(time.monotonic(), waited_for=self._n_waiting > 0)
        phase = job.phase if job is not None else Phase.IDLE
        if phase is not self._phase:
            was_working, self._phase = self._phase not in QUIET, phase
            if phase in QUIET and not jobs.progress(phase).is_anything_left:
                jobs.state.first_time = False
            self._report()
            if was_working or phase not in QUIET or self._state() is not self.view.info.state:
                self._publish()
        if job is not None:
            with self.times.measured(f"job: {phase.value}"):
                job.run(Budget(self._should_yield, lambda: self._closing or self._paused, self._n_waiting > 0))
            self._report()
        return wait

    def _take_notes(self, jobs: Jobs) -> Callable[[], None] | None:
        """Queue the files that changed, and return the next command if there is one."""
        with self._condition:
            command = self._commands.popleft() if self._commands else None
            noted = {} if self._paused else self._pending.take(time.monotonic())
            if noted:
                self._progress = replace(self._progress, n_files=self._progress.n_files + len(noted))
        if noted:
            jobs.note(noted, time.monotonic())
            self._report()
        return command

    def _should_yield(self) -> bool:
        """Embedding a batch takes seconds; what a person waits for interrupts it."""
        with self._condition:
            due = self._pending.wait_s(time.monotonic())
            return self._closing or self._paused or bool(self._commands) or due == 0.0

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
    def _opened(self) -> Jobs:
        assert self._jobs is not None, "commands run after the index was opened"
        return self._jobs

    def _open(self) -> None:
        """Open the index and show what it holds, or what was shown before until that has caught up."""
        if self._jobs is not None:
            self._jobs.close()
        self._phase = Phase.OPEN
        damage, self._damage = self._damage, None
        self._jobs = jobs = Jobs.open(
            self._folder, self._settings, self._services, self._storage, self._buffers, self._publish,
            discard=damage,
        )  # fmt: skip
        self._views.begin(jobs.state.index, self.view.snapshot if self._can_show_old else None)
        self._can_show_old = True
        self._is_opened = True
        self._publish()
        jobs.after_opening()

    def _mend(self, view: View, error: StoreError) -> None:
        if self.view.snapshot is not view.snapshot:
            return  # It has been mended since.
        if isinstance(error, DamagedLexicalError):
            log.warning("%s; building a new one", error)
            self._opened.state.index.mend_lexical(damaged=True)
            self._publish()
        else:
            self._can_show_old = not isinstance(error, DamagedStoreError)
            raise error

    def _recover(self, error: Exception) -> None:
        """Say what failed, go on answering, and try again later; nothing that was committed is given up."""
        known, self._failure = self._failure, str(error)
        expected = isinstance(error, StoreError | MemoryLimitError)
        if not expected:
            self._failure = f"Indexing met an internal error ({type(error).__name__}); see the log. It is tried again."
        if isinstance(error, DamagedStoreError) or not expected:
            self._is_opened = False
            self._damage = error if isinstance(error, DamagedStoreError) else None
        if known != self._failure and self._damage is None:  # Damage is told when the store is made anew.
            log.error("%s: %s", self._folder, error, exc_info=None if expected else error)
        self.view = replace(self.view, info=replace(self.view.info, state=State.ERROR))
        self._has_view.set()
        self._phase = Phase.IDLE
        self._n_failures += 1
        at_once = self._n_failures == 1 and not self._is_opened
        with self._condition:
            self._stuck = not at_once
        self._report()
        self._tell()
        doublings = min(self._n_failures - 1, RETRY_DOUBLINGS)
        self._rest(0.0 if at_once else min(RETRY_S * 2**doublings, RETRY_AT_MOST_S))

    def _recovered(self) -> None:
        if self._n_failures:
            log.info("Indexing %s goes on", self._folder)
            self._n_failures, self._failure = 0, ""
            with self._condition:
                self._stuck = False
            self._publish()

    def _shut(self) -> None:
        try:
            if self._jobs is not None and self._is_opened:
                status = self.status()
                if self._phase is Phase.HISTORY:  # The index is complete without it.
                    status = replace(status, phase=Phase.IDLE.value)
                self._jobs.finish(status)
        except StoreError as error:
            log.warning("%s", error)
        finally:
            self._storage.release()
            # What is kept from the collector goes by reference counts alone, and a writer is part of cycles.
            self._jobs, self._views = None, Views()
            self.view = replace(self.view, snapshot=None, encoder=None, history=NO_HISTORY)
            with self._condition:
                self._closing = True
                self._condition.notify_all()
            self._has_view.set()

    def _use_settings(self, settings: Settings) -> None:
        self._settings = settings
        with self._condition:
            self._pending.quiet_s = settings.update_delay_ms / 1000
        self._opened.use_settings(settings)
        self._publish()

    def _report(self) -> None:
        """Say what is left to do, to those who wait for it."""
        if self._jobs is not None:
            progress = self._jobs.progress(self._phase)
            with self._condition:
                self._progress = progress
                self._condition.notify_all()

    def _publish(self) -> None:
        jobs = self._jobs
        if jobs is None:
            return
        self._report()
        left = self._progress
        is_complete = not (left.n_files or left.n_chunks) and self._phase in QUIET
        self.view = self._views.next(
            jobs.state, self.view.snapshot, self._state(), n_unread=left.n_files, is_complete=is_complete
        )
        self._has_view.set()
        self._views.freeze(self.view)
        self._tell()

    def _state(self) -> State:
        first_time = self._jobs is not None and self._jobs.state.first_time
        return State.PAUSED if self._paused else self._progress.state(first_time=first_time)

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                log.exception("A listener of the index of %s failed", self._folder)
