"""The engine of another process: the same face, asked over its socket.

Any thread asks. One thread, that of ``run``, reads what comes; where commands are given, another one sends, so that
giving one never waits for the other process.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from cognate import errors, wire
from cognate.cancellation import CANCEL_EVERY_S, INTERRUPT_S, CancelToken
from cognate.commits import History
from cognate.errors import CognateError, StoreError
from cognate.face import types_of
from cognate.greeting import ENGINE, StrangerError, attached
from cognate.json_values import from_json, to_json
from cognate.search.request import DuplicatesRequest, HistoryRequest, RelatedRequest, SearchRequest, TwinsRequest
from cognate.settings import Settings
from cognate.types import Answer, Duplicates, Explanation, Status, Symbol
from cognate.wire import Guest, OwnerGoneError

ANSWER_S = 60.0  # After so long without an answer, an owner counts as stuck.


class Remote:
    """A connection to the process that owns a folder's index; see ``connect``."""

    def __init__(self, folder: Path, connection: Any) -> None:
        self.folder = folder
        self._connection = connection
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, _Reply] = {}
        self._listeners: list[Callable[[Status], None]] = []
        self._outgoing: SimpleQueue[bytes | None] | None = None
        self._gone = ""

    def run(self) -> None:
        """Read what the owner sends until the connection ends."""
        try:
            while True:
                message = wire.receive(self._connection)
                if "status" in message:
                    status = from_json(Status, message["status"])
                    for listener in self._listeners:
                        listener(status)
                elif (reply := self._waiting.pop(message["id"], None)) is not None:
                    reply.take(message)
        except (OSError, ValueError, KeyError, StrangerError) as error:
            self._end(str(error))

    @property
    def is_gone(self) -> bool:
        """Whether the connection has ended."""
        return bool(self._gone)

    def close(self) -> None:
        """End the connection; the owner forgets what it has of this process."""
        self._end("The connection was closed.")

    def _end(self, why: str) -> None:
        with self._lock:
            self._gone = self._gone or why
            waiting, self._waiting = list(self._waiting.values()), {}
            if self._outgoing is not None:
                self._outgoing.put(None)
        with suppress(OSError):
            self._connection.shutdown(2)
        self._connection.close()
        for reply in waiting:
            reply.done.set()

    # -- sending

    def send_in_background(self) -> None:
        """Send on a thread of its own from now on."""
        self._outgoing = SimpleQueue()
        threading.Thread(target=self._send_all, args=(self._outgoing,), name="cognate-remote-send", daemon=True).start()

    def _send_all(self, outgoing: "SimpleQueue[bytes | None]") -> None:
        while (data := outgoing.get()) is not None:
            try:
                self._connection.sendall(data)
            except OSError as error:
                self._end(str(error))

    def _send(self, message: dict[str, Any]) -> None:
        data = wire.frame(message)
        with self._lock:
            if self._gone:
                raise OwnerGoneError(self._gone)
            if self._outgoing is not None:
                self._outgoing.put(data)
                return
            try:
                self._connection.sendall(data)
            except OSError as error:
                raise OwnerGoneError(str(error)) from None

    def _tell(self, name: str, **given: Any) -> None:
        with suppress(OwnerGoneError):  # Whoever takes over is told anew.
            self._send({"ask": name, "with": {key: to_json(value) for key, value in given.items()}})

    def _ask(
        self, name: str, cancel: CancelToken | None = None, patience_s: float | None = ANSWER_S, **given: Any
    ) -> Any:
        """Ask and wait for the answer.

        Raises:
            OwnerGoneError: when the owner ends before it has answered, or is stuck.
            CancelledError: when the token was cancelled.
            CognateError: of the kind that the owner raised.
        """
        number, reply = next(self._numbers), _Reply()
        self._waiting[number] = reply
        until = None if patience_s is None else time.monotonic() + patience_s
        try:
            self._send({"id": number, "ask": name, "with": {key: to_json(value) for key, value in given.items()}})
            while not reply.done.wait(INTERRUPT_S if cancel is None else CANCEL_EVERY_S):
                if cancel is not None and cancel.cancelled:
                    self._send({"cancel": number})
                    cancel.check()
                if until is not None and time.monotonic() >= until:
                    raise StoreError(f"The process that holds the index did not answer within {patience_s:.0f} s.")
        finally:
            self._waiting.pop(number, None)
        if reply.message is None:
            raise OwnerGoneError(self._gone)
        if (failure := reply.message.get("error")) is not None:
            raise _error(failure)
        return from_json(types_of(name)["return"], reply.message["result"])

    # -- commands

    def note_changed(self, paths: Iterable[str]) -> None:
        """Note files or folders that changed, came or went."""
        self._tell("note_changed", paths=tuple(paths))

    def reconcile(self) -> None:
        """Compare the index with the folder, as anything may have changed."""
        self._tell("reconcile")

    def set_buffer(self, path: str, text: str) -> None:
        """Let an open buffer's text mask the file."""
        self._tell("set_buffer", path=path, text=text)

    def drop_buffer(self, path: str) -> None:
        """Let the file on disk count again."""
        self._tell("drop_buffer", path=path)

    def pause(self) -> None:
        """Stop indexing after the step under way."""
        self._tell("pause")

    def resume(self) -> None:
        """Go on indexing."""
        self._tell("resume")

    def reindex(self) -> None:
        """Read every file again."""
        self._tell("reindex")

    def apply_settings(self, settings: Settings) -> None:
        """Offer settings; an owner that has its own goes on with those."""
        self._tell("apply_settings", settings=settings)

    def watch(self, on_trouble: Callable[[str], None] = lambda message: None) -> None:
        """Have the owner watch the folder; its status says what is wrong with that."""
        self._tell("watch")

    def subscribe(self, listener: Callable[[Status], None]) -> None:
        """Have a function called with each new status, on the thread that reads."""
        self._listeners.append(listener)
        self._tell("subscribe")

    # -- questions

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """Answer a search by meaning."""
        return self._ask("search", cancel, request=request)

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """Answer what code is like that in a span of lines."""
        return self._ask("related", cancel, request=request)

    def duplicates(self, request: DuplicatesRequest, cancel: CancelToken) -> Duplicates:
        """Return definitions of the folder that do the same."""
        return self._ask("duplicates", cancel, request=request)

    def twins(self, request: TwinsRequest, cancel: CancelToken) -> Duplicates:
        """Return what does the same as definitions of one file."""
        return self._ask("twins", cancel, request=request)

    def history(self, request: HistoryRequest, cancel: CancelToken) -> History:
        """Return commits, by words and meaning or of a place."""
        return self._ask("history", cancel, request=request)

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        """Block until everything noted so far is searchable (and embedded); return False when the time ran out."""
        patience_s = None if timeout is None else timeout + ANSWER_S
        return self._ask("wait_until_current", None, patience_s, timeout=timeout, embedded=embedded)

    def status(self) -> Status:
        """Return the engine's state."""
        return self._ask("status")

    def paths(self) -> frozenset[str]:
        """Return the files in the index."""
        return self._ask("paths")

    def languages(self) -> Mapping[str, int]:
        """Return how many files are in each language."""
        return self._ask("languages")

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        """Return the definitions in a file, in order."""
        return self._ask("symbols_in", path=path)

    def referrers(self, path: str) -> tuple[str, ...]:
        """Return the files that refer to a file, the strongest reference first."""
        return self._ask("referrers", path=path)

    def explain(self, path: str) -> Explanation:
        """Say whether a file is indexed, and the one rule that decided."""
        return self._ask("explain", path=path)

    def import_ranks(self, ranks: Mapping[str, float]) -> None:
        """Let ranks computed elsewhere count instead of ours."""
        self._ask("import_ranks", ranks=ranks)


class _Reply:
    """What a question waits for: an answer, or the end of the connection."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.message: dict[str, Any] | None = None

    def take(self, message: dict[str, Any]) -> None:
        self.message = message
        self.done.set()


def _error(failure: Mapping[str, str]) -> CognateError:
    kind = getattr(errors, failure["kind"], CognateError)
    return kind(failure["message"])


def connect(folder: Path, index_folder: Path, guest: Guest) -> Remote | None:
    """Return a connection to the process that owns a folder's index; None when nobody listens.

    Raises:
        RefusedError: when the owner does not serve this process.
        StrangerError: when who listens is not the user's.
    """
    connection = attached(str(index_folder), ENGINE, json.dumps(to_json(guest)))
    return None if connection is None else Remote(folder, connection)
