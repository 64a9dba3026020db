"""One engine for a folder, whoever asks: this process owns it and lets others ask, or it asks the process that does.

The first process that needs a folder takes its writer lock, has an engine of its own and is the ``Host`` of the others,
which have a ``Remote`` and neither model nor index. When the owner ends, the first of the others that gets the lock is
the next owner: it sets its open buffers again and asks again what was not answered. A process that the owner does not
serve, as it is of another version or has another model, works alone, with an index in memory, until the owner ends.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cognate.cancellation import CancelToken
from cognate.errors import StoreError
from cognate.face import PassingOn
from cognate.greeting import RefusedError, StrangerError, read_note
from cognate.index.locations import make_store_folder, store_folder, workspace_folder
from cognate.index.lock import LOCK_FILE, WriterLock
from cognate.remote import Remote, connect
from cognate.settings import Settings
from cognate.timing import TRACE, traced
from cognate.types import Answer, Status
from cognate.wire import OwnerGoneError, guest_of

if TYPE_CHECKING:
    from cognate.engine import Engine
    from cognate.host import Host
    from cognate.visits import Front

log = logging.getLogger(__name__)

JOIN_S = 10.0
"""How long an owner that is starting may take to listen, and one that is ending to give the lock back."""

LOOK_EVERY_S = 0.02
"""How often both are looked for meanwhile."""

RETRY_S = 5.0
"""How often a process that works alone looks whether it still has to."""

ANSWER_S = 20.0
"""How long a question waits while another process takes over."""

TRIES = 5
"""How many owners a question may outlive."""

UNREACHABLE = "The process that holds this folder's index cannot be asked"


class MakeEngine(Protocol):
    """Makes an engine of this process's own, not started yet; imports what is heavy."""

    def __call__(self, folder: Path, settings: Settings, *, lock: WriterLock | None, alone: str) -> "Engine":
        """Make it; ``open_engine`` says what the arguments are."""
        ...


@dataclass
class _Wishes:
    """What this front end has told its engine, to be told to the next one."""

    settings: Settings
    buffers: dict[str, str]
    listeners: list[Callable[[Status], None]]
    on_trouble: Callable[[str], None] | None = None
    is_paused: bool = False

    def note(self, name: str, given: Mapping[str, Any]) -> None:
        """Note a command, if the next engine has to know of it."""
        match name:
            case "set_buffer":
                self.buffers[given["path"]] = given["text"]
            case "drop_buffer":
                self.buffers.pop(given["path"], None)
            case "pause" | "resume":
                self.is_paused = name == "pause"
            case "apply_settings":
                self.settings = given["settings"]
            case "watch":
                self.on_trouble = given.get("on_trouble", _nothing)
            case "subscribe":
                self.listeners.append(given["listener"])
            case _:
                pass


class SharedEngine(PassingOn):
    """A front end's engine for a folder, wherever it runs; ``join`` comes first, then ``start``. Any thread.

    Args:
        folder: the workspace folder.
        cache_dir: under which all indexes lie.
        settings: this front end's.
        make: makes an engine of this process's own, where that is needed.
        has_settings: whether the settings are a user's, as an editor knows them; an owner without such takes them over.
        fronts: the front ends that run here for other processes, where this one is the owner.
        lock: the writer lock of the folder's index, if this process holds it already.

    Raises:
        WorkspaceError: when there is no such folder.
    """

    def __init__(
        self,
        folder: Path,
        cache_dir: Path,
        settings: Settings,
        make: MakeEngine,
        *,
        has_settings: bool,
        fronts: "Mapping[str, Front]",
        lock: WriterLock | None = None,
    ) -> None:
        self.folder = workspace_folder(folder)
        self._cache_dir = cache_dir
        self._make = make
        self._has_settings = has_settings
        self._fronts = fronts
        self._lock = lock
        self._wishes = _Wishes(settings, {}, [])
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._engine: Engine | Remote | None = None
        self._host: Host | None = None
        self._traced: Remote | None = None
        self._is_alone = self._is_started = False
        self._keeper = threading.Thread(target=self._keep, name=f"cognate-remote {self.folder.name}", daemon=True)

    # -- who answers

    def join(self) -> None:
        """Find out who answers, and connect or make an engine; blocks for as long as imports take."""
        self._take(*self._found())

    def start(self) -> None:
        """Begin to open, read and follow the folder; and to answer others, if they are to ask here."""
        with self._changed:
            self._is_started = True
            if self._engine is not None:
                self._begin(self._engine)
            if self._is_alone or isinstance(self._engine, Remote):
                self._keeper.start()

    @property
    def is_remote(self) -> bool:
        """Whether another process answers at present."""
        return isinstance(self._engine, Remote)

    def _found(self) -> "tuple[Engine | Remote, Host | None, bool]":
        """Return who answers from now on, the host of others if this process is to be it, and whether we are alone."""
        joined = self._joined(JOIN_S)
        if isinstance(joined, str):
            return self._make(self.folder, self._wishes.settings, lock=None, alone=joined), None, True
        return *joined, False

    def _rejoined(self) -> "tuple[Engine | Remote, Host | None, bool] | None":
        """Return the same if this process need work alone no more, without waiting; None if it still has to."""
        joined = self._joined(0.0)
        return None if isinstance(joined, str) else (*joined, False)

    def _joined(self, patience_s: float) -> "tuple[Engine | Remote, Host | None] | str":
        """Own the folder or reach its owner, and return who answers; else why neither can be done."""
        settings, index_folder = self._wishes.settings, make_store_folder(self._cache_dir, self.folder)
        if index_folder is None:  # The engine says so, and tries the disk again.
            return self._make(self.folder, settings, lock=None, alone=""), None
        guest = guest_of(settings, has_settings=self._has_settings)
        lock, self._lock = self._lock or WriterLock(index_folder / LOCK_FILE), None
        until = time.monotonic() + patience_s
        while True:
            if lock.acquire():
                return self._owned(lock, settings, index_folder)
            try:
                remote = connect(self.folder, index_folder, guest)
            except RefusedError as error:
                return str(error)
            except StrangerError as error:
                return f"{UNREACHABLE} ({str(error).rstrip('.')})"
            if remote is not None:
                return remote, None
            if time.monotonic() >= until or self._closing.wait(LOOK_EVERY_S):
                return UNREACHABLE

    def _owned(self, lock: WriterLock, settings: Settings, index_folder: Path) -> "tuple[Engine, Host | None]":
        from cognate.host import Host  # noqa: PLC0415 - takes longer to import than a question to another process

        host: Host | None = None
        try:
            host = Host(index_folder, self._fronts)
            host.start()  # Before the imports that take long: others need not wonder where the owner is.
        except OSError as error:
            log.warning("Other processes cannot ask for %s: %s", self.folder, error)
            host = None
        try:
            engine = self._make(self.folder, settings, lock=lock, alone="")
        except BaseException:
            if host is not None:
                host.close()
            lock.release()
            raise
        if host is not None:
            host.serve(engine, None if self._has_settings else engine.apply_settings)
        return engine, host

    def _take(self, engine: "Engine | Remote", host: "Host | None", is_alone: bool) -> None:
        with self._changed:
            self._engine, self._host, self._is_alone = engine, host, is_alone
            self._changed.notify_all()

    def _keep(self) -> None:
        """Read what the owner sends; when it ends, find out who answers next, until that is this process."""
        while not self._closing.is_set():
            engine = self._engine
            if isinstance(engine, Remote):
                engine.run()
                if self._closing.is_set():
                    return
                log.info("The process that held the index of %s has ended", self.folder)
                with self._changed:
                    self._engine = None
            elif self._is_alone:
                if self._closing.wait(RETRY_S):
                    return
            elif engine is not None:
                return
            try:
                found = self._rejoined() if self._is_alone else self._found()
            except Exception:
                log.exception("%s cannot be opened; it is tried again", self.folder)
                self._closing.wait(RETRY_S)
                continue
            if found is not None:
                self._go_on_with(*found)

    def _go_on_with(self, engine: "Engine | Remote", host: "Host | None", is_alone: bool) -> None:
        with self._changed:
            before = self._engine
            if self._closing.is_set():
                _close(engine, host)
                return
            self._begin(engine)
            self._take(engine, host, is_alone)
        if before is not None:
            before.close()

    def _begin(self, engine: "Engine | Remote") -> None:
        """Tell an engine what this front end wishes, and have it begin."""
        wishes = self._wishes
        if isinstance(engine, Remote):
            engine.send_in_background()
            if self._has_settings:
                engine.apply_settings(wishes.settings)
        for listener in wishes.listeners:
            engine.subscribe(listener)
        for path, text in wishes.buffers.items():
            engine.set_buffer(path, text)
        if wishes.on_trouble is not None:
            engine.watch(wishes.on_trouble)
        if not isinstance(engine, Remote):
            engine.start()
        if wishes.is_paused:
            engine.pause()

    def close(self) -> None:
        """End what this front end has of the engine; if others ask here, one of them goes on with it."""
        self._closing.set()
        with self._changed:
            engine, host, self._engine = self._engine, self._host, None
            self._changed.notify_all()
        if engine is not None:
            _close(engine, host)
        if self._keeper.is_alive() and self._keeper is not threading.current_thread():
            self._keeper.join()

    # -- commands and questions

    def tell(self, name: str, given: dict[str, Any]) -> None:
        """Note a wish and tell the engine, if there is one at present; before the start it is only noted."""
        with self._changed:
            self._wishes.note(name, given)
            if self._is_started and self._engine is not None:
                getattr(self._engine, name)(**given)

    def ask(self, name: str, given: dict[str, Any]) -> Any:
        """Ask whoever answers now; if that ends before it has answered, ask the next one.

        Raises:
            StoreError: when nobody answers in time.
            CancelledError: when the token was cancelled.
        """
        for _ in range(TRIES):
            try:
                engine = self._answering(given.get("cancel"))
                answer = getattr(engine, name)(**given)
            except OwnerGoneError as error:
                log.info("A question is asked again: %s", error)
            else:
                if isinstance(engine, Remote) and TRACE.handlers:
                    self._trace(name, answer, engine)
                return answer
        raise StoreError("The process that holds the index ended again and again; see its log.")

    def _trace(self, name: str, answer: Any, engine: Remote) -> None:
        """Trace an answer of another process, whose jobs and other questions are in its own trace; say so first."""
        if self._traced is not engine:
            self._traced = engine
            note = read_note(str(store_folder(self._cache_dir, self.folder)))
            owner = "another process" if note is None else f"process {note.pid}"
            TRACE.debug("%s: %s has the engine; its jobs are in the trace of that process", self.folder.name, owner)
        if isinstance(answer, Answer) and answer.stages:
            kind = "query" if name == "search" else name
            TRACE.debug("%s: %s", self.folder.name, traced(kind, answer.stages))

    def _answering(self, cancel: CancelToken | None) -> "Engine | Remote":
        until = time.monotonic() + ANSWER_S
        with self._changed:
            while self._engine is None or (isinstance(self._engine, Remote) and self._engine.is_gone):
                if cancel is not None:
                    cancel.check()
                if self._closing.is_set() or time.monotonic() >= until:
                    raise StoreError("No process holds the index of this folder at present. Ask again.")
                self._changed.wait(LOOK_EVERY_S)
            return self._engine


def _nothing(_trouble: str) -> None:
    """Leave it at the status, which says what is wrong, too."""


def _close(engine: "Engine | Remote", host: "Host | None") -> None:
    if host is not None:
        host.close()
    engine.close()
