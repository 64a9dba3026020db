"""The writer thread of one engine: the only one that changes its index.

It takes the most urgent step there is, publishes a new view, and looks again: commands first, then files that changed,
then chunks without a vector, then tidying. Other threads leave notes and read ``view``; nothing else is shared.
Without the writer lock, because another process has it, it follows what that process commits.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from cognate.config import Settings
from cognate.engine import steps
from cognate.engine.services import Model, Services
from cognate.engine.view import NOTHING, View
from cognate.errors import CognateError, ModelError, StoreError
from cognate.index.index import Index, open_index
from cognate.index.lock import WriterLock
from cognate.types import IndexInfo, State, Status
from cognate.workspace.changes import PendingChanges
from cognate.workspace.documents import Documents
from cognate.workspace.rules import IGNORE_FILES, Rules

log = logging.getLogger(__name__)

RETRY_S = 5.0  # After the disk refused, it is asked again so much later.
FOLLOW_S = 1.0  # How often a process without the writer lock looks for news.


class Writer:
    """See the module's docstring for who may call what."""

    def __init__(self, folder: Path, settings: Settings, services: Services, documents: Documents) -> None:
        self.view: View = NOTHING
        self._folder = folder
        self._settings = settings
        self._services = services
        self._documents = documents
        self._condition = threading.Condition()
        self._pending = PendingChanges(settings.update_delay_ms / 1000)
        self._commands: deque[Callable[[], None]] = deque()
        self._listeners: list[Callable[[], None]] = []
        self._paused = self._closing = False
        self._busy = True
        self._thread = threading.Thread(target=self._run, name=f"cognate-writer {folder.name}", daemon=True)
        # From here on: touched by the writer thread alone.
        self._index: Index | None = None
        self._lock: WriterLock | None = None
        self._model: Model | None = None
        self._rules = Rules(folder, settings.exclude, settings.max_file_bytes)
        self._backlog: dict[str, None] = {}
        self._missing: list[int] = []
        self._first_time = False
        self._phase, self._message, self._model_message = "opening", "", ""
        self._store_folder: Path | None = None

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

    def note(self, paths: Iterable[str], *, urgent: bool = False) -> None:
        """Note changed files or folders."""
        with self._condition:
            self._pending.note(paths, now=time.monotonic(), urgent=urgent)
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
        self._command(lambda: self._reconcile(everything=True))

    def apply_settings(self, settings: Settings) -> None:
        """Use new settings."""
        self._command(lambda: self._use_settings(settings))

    def _command(self, command: Callable[[], None]) -> None:
        with self._condition:
            self._commands.append(command)
            self._condition.notify_all()

    def wait_until_current(self, timeout: float | None, *, embedded: bool) -> bool:
        """Block until there is nothing to do, taking what is pending as due; False when the time ran out."""
        with self._condition:
            self._pending.note((), now=time.monotonic(), urgent=True)
            self._condition.notify_all()
            return self._condition.wait_for(lambda: self._is_current(embedded), timeout)

    def _is_current(self, embedded: bool) -> bool:
        if self._closing or not self._thread.is_alive():
            return True
        waiting = self._commands or len(self._pending) or self._backlog or (self._busy and not self._missing)
        return not waiting and (not embedded or not (self._missing or self._busy))

    def status(self) -> Status:
        """Return the state, for people."""
        view = self.view
        return Status(
            index=view.info,
            files=len(view.index.by_path) if view.index else 0,
            queue_files=len(self._backlog) + len(self._pending),
            queue_chunks=len(self._missing),
            phase=self._phase,
            model=self._model.encoder.name if self._model else (self._model_message or "loading"),
            folder=str(self._folder),
            store=str(self._store_folder or "memory"),
            message=self._message or self._model_message,
        )

    # -- the writer thread

    def _run(self) -> None:
        try:
            self._open()
            while not self._closing:
                try:
                    progressed = self._step()
                except StoreError as error:
                    log.error("%s", error)
                    self._message = str(error)
                    self._publish(State.ERROR)
                    self._rest(RETRY_S)
                    continue
                if not progressed:
                    self._rest(None)
        except CognateError as error:
            log.error("%s", error)
            self._fail(str(error))
        except Exception:
            log.exception("The writer of %s stopped", self._folder)
            self._fail("Indexing stopped because of an internal error; see the log, then reindex.")
        finally:
            self._shut()

    def _fail(self, message: str) -> None:
        self._message, self._phase = message, ""
        self.view = View(self.view.index, self.view.encoder, _with_state(self.view.info, State.ERROR))
        self._tell()

    def _shut(self) -> None:
        index, lock = self._index, self._lock
        if index is not None:
            if lock is not None and lock.held and index.unsaved_vectors:
                index.save_vectors()
            index.close()
        if lock is not None:
            lock.release()
        with self._condition:
            self._closing = True
            self._condition.notify_all()

    def _rest(self, at_most: float | None) -> None:
        """Wait for something to do."""
        with self._condition:
            self._busy = False
            self._condition.notify_all()
            if not (self._closing or self._commands):
                due = self._pending.wait_s(time.monotonic()) if not self._paused else None
                limits = [t for t in (due, at_most, None if self._writes else FOLLOW_S) if t is not None]
                if not limits or min(limits) > 0:
                    self._condition.wait(min(limits) if limits else None)
            self._busy = True

    @property
    def _writes(self) -> bool:
        return self._store_folder is None or (self._lock is not None and self._lock.held)

    def _open(self) -> None:
        self._store_folder = self._services.store_folder(self._folder)
        if self._store_folder is None:
            self._message = f"The cache folder {self._services.cache_dir} cannot be written; working from memory."
        else:
            self._lock = WriterLock(self._store_folder / "writer.lock")
            self._lock.acquire()
        self._reopen()

    def _reopen(self) -> None:
        """Open the index, as the writer or as a follower, and show what it holds."""
        if self._index is not None:
            self._index.close()
        self._index = index = open_index(self._store_folder, writable=self._writes)
        self._first_time = not index.files
        self._load_model()
        if self._writes:
            self._phase = "looking for changes"
            self._publish()
            self._reconcile()
        else:
            log.info("Another process indexes %s; following it", self._folder)
            self._missing, self._phase = [], ""
            self._publish()

    def _load_model(self) -> None:
        assert self._index is not None
        try:
            model = self._services.model(self._settings.model, self._settings.background_threads)
        except ModelError as error:
            self._model, self._model_message = None, str(error)
            self._index.use_model("none", 0)
        else:
            self._model, self._model_message = model, ""
            self._index.use_model(model.encoder.fingerprint, model.encoder.dimensions)
        self._find_missing()

    def _find_missing(self) -> None:
        assert self._index is not None
        self._missing = steps.embedding_order(self._index, self._documents) if self._model else []

    def _step(self) -> bool:
        """Do the most urgent thing there is; return whether there was one."""
        with self._condition:
            command = self._commands.popleft() if self._commands else None
            noted = [] if self._paused else self._pending.take(time.monotonic())
            self._backlog.update(dict.fromkeys(noted))
        if command is not None:
            command()
            return True
        if not self._writes:
            return self._follow()
        return not self._paused and self._index_some(noted)

    def _index_some(self, noted: list[str]) -> bool:
        """Bring the index a step closer to the folder; return whether anything was left to do."""
        if any(path.rpartition("/")[2] in IGNORE_FILES for path in noted):
            self._reconcile()
        elif self._backlog:
            self._read_some()
        elif self._missing:
            self._embed_some()
        else:
            return self._tidy()
        return True

    def _follow(self) -> bool:
        """Take over if the writer is gone, else see what it committed."""
        assert self._index is not None and self._lock is not None
        if self._lock.acquire():
            log.info("Indexing %s from now on", self._folder)
            self._reopen()
            return True
        if self._index.store.generation() != self._index.store_generation:
            self._reopen()
            return True
        return False

    def _use_settings(self, settings: Settings) -> None:
        old, self._settings = self._settings, settings
        with self._condition:
            self._pending.quiet_s = settings.update_delay_ms / 1000
        if (old.model, old.background_threads) != (settings.model, settings.background_threads):
            self._load_model()
        if (old.exclude, old.max_file_bytes) != (settings.exclude, settings.max_file_bytes) and self._writes:
            self._reconcile()
        self._publish()

    def _reconcile(self, *, everything: bool = False) -> None:
        """Hold the index against the folder and queue what differs."""
        assert self._index is not None
        self._phase = "looking for changes"
        self._tell()
        self._rules = Rules(self._folder, self._settings.exclude, self._settings.max_file_bytes)
        different = steps.differing(self._index, self._folder, self._rules, self._documents, everything=everything)
        self._backlog.update(dict.fromkeys(different))
        self._phase = ""
        self._publish()

    def _read_some(self) -> None:
        assert self._index is not None
        self._phase = "reading files"
        paths = list(self._backlog)
        taken, changes = steps.read_batch(
            self._index, self._folder, paths, self._documents, self._rules,
            give_way=self._services.gate.give_way, stop=lambda: self._closing or self._paused,
        )  # fmt: skip
        if changes:
            self._index.apply(changes)
        for path in taken:
            self._backlog.pop(path, None)
        self._message = ""
        if not self._backlog:
            self._phase = ""
            self._find_missing()
            self._fill_from_cache()
        self._publish()

    def _fill_from_cache(self) -> None:
        """Give new chunks the vectors that are known already, in one go."""
        assert self._index is not None
        if self._model is None or not self._missing:
            return
        digests = self._index.digests
        known = self._model.cache.get([digests[i] for i in self._missing])
        self._index.set_vectors({i: known[digests[i]] for i in self._missing if digests[i] in known})
        self._missing = [i for i in self._missing if digests[i] not in known]

    def _embed_some(self) -> None:
        assert self._index is not None and self._model is not None
        self._phase = "embedding"
        batch = steps.next_batch(self._index, self._missing)
        found = steps.embed(
            self._index, self._model, batch, give_way=self._services.gate.give_way, stop=self._should_stop_embedding
        )
        self._index.set_vectors(found)
        done = set(batch) if len(found) == len(batch) else set(found)
        self._missing = [i for i in self._missing if i not in done and i in self._index.records]
        if self._index.vectors.needs_compaction:
            self._index.compact(self._settings.background_threads)
        if not self._missing:
            self._phase = ""
            self._first_time = False
        self._publish()

    def _should_stop_embedding(self) -> bool:
        """Embedding a batch takes seconds; what a person waits for interrupts it."""
        with self._condition:
            due = self._pending.wait_s(time.monotonic())
            return self._closing or self._paused or bool(self._commands) or due == 0.0

    def _tidy(self) -> bool:
        assert self._index is not None
        if self._index.unsaved_vectors > steps.SAVE_AFTER or (
            self._index.unsaved_vectors and self._index.vectors.base is None
        ):
            self._phase = "tidying"
            self._index.compact(self._settings.background_threads)
            self._index.save_vectors()
            self._phase = ""
            self._publish()
            return True
        if self._first_time:
            self._first_time = False
            self._publish()
        return False

    def _publish(self, state: State | None = None) -> None:
        assert self._index is not None
        index = self._index.snapshot()
        info = IndexInfo(state or self._state(), index.generation, index.coverage, len(index.records))
        self.view = View(index, self._model.encoder if self._model else None, info)
        self._tell()

    def _state(self) -> State:
        if self._paused:
            return State.PAUSED
        if self._backlog or self._missing or self._phase:
            return State.INDEXING if self._first_time else State.CATCHING_UP
        return State.READY if self._model else State.LEXICAL_ONLY

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                log.exception("A listener of the index of %s failed", self._folder)


def _with_state(info: IndexInfo, state: State) -> IndexInfo:
    return IndexInfo(state, info.generation, info.coverage, info.chunks)
