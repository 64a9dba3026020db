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
from cognate.errors import CognateError, StoreError
from cognate.face import PassingOn, types_of
from cognate.greeting import ENGINE, StrangerError, attached
from cognate.json_values import from_json, to_json
from cognate.types import Status
from cognate.wire import Guest, OwnerGoneError

ANSWER_S = 60.0  # After so long without an answer, an owner counts as stuck.


class Remote(PassingOn):
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

    def tell(self, name: str, given: dict[str, Any]) -> None:
        """Send a command; if the owner has gone, whoever takes over is told anew."""
        with suppress(OwnerGoneError):
            self._send({"ask": name, "with": {key: to_json(value) for key, value in given.items()}})

    def ask(self, name: str, given: dict[str, Any], patience_s: float | None = ANSWER_S) -> Any:
        """Ask and wait for the answer.

        Args:
            name: of the question.
            given: its arguments; a token that it is cancelled by stays here.
            patience_s: how long to wait, None for as long as it takes.

        Raises:
            OwnerGoneError: when the owner ends before it has answered, or is stuck.
            CancelledError: when the token was cancelled.
            CognateError: of the kind that the owner raised.
        """
        cancel: CancelToken | None = given.get("cancel")
        number, reply = next(self._numbers), _Reply()
        self._waiting[number] = reply
        until = None if patience_s is None else time.monotonic() + patience_s
        said = {key: to_json(value) for key, value in given.items() if key != "cancel"}
        try:
            self._send({"id": number, "ask": name, "with": said})
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

    # -- what is passed on otherwise than it is said

    def note_changed(self, paths: Iterable[str]) -> None:
        """Note files or folders that changed, came or went."""
        self.tell("note_changed", {"paths": tuple(paths)})

    def watch(self, on_trouble: Callable[[str], None] = lambda message: None) -> None:
        """Have the owner watch the folder; its status says what is wrong with that."""
        self.tell("watch", {})

    def subscribe(self, listener: Callable[[Status], None]) -> None:
        """Have a function called with each new status, on the thread that reads."""
        self._listeners.append(listener)
        self.tell("subscribe", {})

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        """Block until everything noted so far is searchable (and embedded); return False when the time ran out."""
        patience_s = None if timeout is None else timeout + ANSWER_S
        return self.ask("wait_until_current", {"timeout": timeout, "embedded": embedded}, patience_s)


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
