"""``cognate mcp`` beside a process that owns the folder's engine: that one answers the agent, here lines go by.

The main thread writes what the owner says to stdout, another one reads stdin. What an owner that ends leaves open is
put to the next one, as if it had just been asked: the greeting of the protocol, whose answer is not shown again, and
every request that has no answer yet. Where nobody owns the folder any more, or its owner refuses, this process becomes
a whole one, and its server takes the owner's place at the other end of the lines.
"""

import json
import os
import threading

from cognate.errors import CognateError
from cognate.greeting import AGENT, Socket, write_all
from cognate.places import cache_place, index_place
from cognate.relays import end_sending, next_owner, present_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from socket import socket
    from typing import Any

    from cognate.index.lock import WriterLock

READ_BYTES = 1 << 16
START_S = 10.0
"""How long an owner that is starting may take to listen."""

LEAVE_TO_OTHERS_S = 0.3
"""For so long, an editor's process may become the owner, which has less to import first."""

MOST_SILENT_OWNERS = 3
"""After so many owners that ended without a word, this process does without."""

STDIN, STDOUT, STDERR = 0, 1, 2
ERROR, INTERRUPTED = 2, 130


def relayed(given: "Sequence[str]") -> int | None:
    """Pass on what an agent says until it leaves, and return the exit code; None where the whole program is needed.

    Args:
        given: the arguments after ``mcp``.
    """
    folder = _folder(given)
    if folder is None:
        return None
    place = index_place(cache_place(), folder)
    connection = present_owner(place, AGENT, START_S)
    return None if connection is None else Relay(folder, place).run(connection)


def _folder(given: "Sequence[str]") -> str | None:
    """Return the folder to answer for, None where the arguments are out of the ordinary."""
    if len(given) == 1 and not given[0].startswith("-"):
        folder = os.path.realpath(given[0])
        return folder if os.path.isdir(folder) else None  # noqa: PTH112
    if given:
        return None
    from cognate.workspace.git_folders import repository_around  # noqa: PLC0415 - only where nothing was named

    here = os.path.realpath(os.getcwd())  # noqa: PTH109
    folder = repository_around(here) or here
    homes = {os.path.realpath(os.path.expanduser("~")), os.path.dirname(folder)}  # noqa: PTH111, PTH120
    return None if folder in homes else folder  # The whole program says why not.


class Relay:
    """Passes lines between an agent and whoever answers for a folder."""

    def __init__(self, folder: str, index_folder: str) -> None:
        self._folder, self._index_folder = folder, index_folder
        self._out = STDOUT
        self._thread: threading.Thread | None = None
        self._code = 0
        # Of what the agent said: changed by the thread that reads it.
        self._lock = threading.Lock()
        self._owner: Socket | None = None
        self._is_over = False
        self._is_of_sessions: bool | None = None  # A newer agent greets with no handshake; the first request decides.
        self._first: bytes | None = None
        self._first_id: object = None
        self._initialized: bytes | None = None
        self._open: dict[str | int, bytes] = {}
        # Of what was answered: main thread.
        self._progress: dict[object, float] = {}

    def run(self, connection: Socket) -> int:
        """Pass on until the agent leaves; returns the exit code."""
        threading.Thread(target=self._read, daemon=True).start()
        following: Socket | None = connection
        silent = 0
        try:
            while following is not None:
                connection = following
                silent = 0 if self._answered_by(connection) else silent + 1
                connection.close()
                following = self._next(is_tired=silent >= MOST_SILENT_OWNERS)
        except KeyboardInterrupt:
            self._code = INTERRUPTED
        except BrokenPipeError:
            pass  # The agent has left.
        connection.close()
        if self._thread is not None:
            self._thread.join()
        return self._code

    # -- from the agent

    def _read(self) -> None:
        pending = b""
        while data := os.read(STDIN, READ_BYTES):
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                with self._lock:
                    self._note(line)
                    self._send(line)
        with self._lock:
            self._is_over = True
            if self._owner is not None:
                end_sending(self._owner)

    def _send(self, line: bytes) -> None:
        if self._owner is not None and not _send(self._owner, line):
            self._owner = None  # It has ended; the other thread finds the next one.

    def _note(self, line: bytes) -> None:
        """Remember what the next owner would have to be told."""
        for message in _messages(line):
            method, identifier, params = message.get("method"), message.get("id"), message.get("params")
            if method is not None and isinstance(identifier, str | int):
                self._open[identifier] = line
                if method == "initialize" and self._is_of_sessions is not False:
                    self._first, self._first_id = line, identifier
                if self._is_of_sessions is None:
                    self._is_of_sessions = method == "initialize"
            elif method == "notifications/initialized":
                self._initialized = line
            elif method == "notifications/cancelled" and isinstance(params, dict):
                cancelled = params.get("requestId")
                if isinstance(cancelled, str | int):
                    self._open.pop(cancelled, None)

    # -- from the owner

    def _answered_by(self, connection: Socket) -> bool:
        """Put to an owner what is open, and pass on what it says until it ends; return whether it said anything."""
        lines = _lines(connection)
        has_greeted = self._first is None or self._first_id in self._open
        if not has_greeted:
            _send(connection, self._first or b"")
            for line in lines:
                if any(message.get("id") == self._first_id for message in _messages(line)):
                    has_greeted = True
                    break
        if not has_greeted:
            return False
        with self._lock:
            again = [] if self._first is None or self._initialized is None else [self._initialized]
            self._owner = connection
            for line in dict.fromkeys([*again, *self._open.values()]):
                self._send(line)
            if self._is_over:
                end_sending(connection)
        has_spoken = False
        for line in lines:
            if self._is_new(line):
                write_all(self._out, line + b"\n")
            has_spoken = True
        with self._lock:
            self._owner = None
        return has_spoken

    def _is_new(self, line: bytes) -> bool:
        """Whether the agent was not told of this by an owner that has ended."""
        is_new = True
        for message in _messages(line):
            identifier, params = message.get("id"), message.get("params")
            if "method" not in message:
                is_new = identifier is None or self._open.pop(identifier, None) is not None
            elif message["method"] == "notifications/progress" and isinstance(params, dict):
                token, progress = params.get("progressToken"), params.get("progress", 0)
                is_new = progress > self._progress.get(token, -1)
                self._progress[token] = max(progress, self._progress.get(token, -1))
        return is_new

    # -- who answers next

    def _next(self, *, is_tired: bool) -> Socket | None:
        """Return a connection to whoever answers next; None when the agent has left."""
        found: Socket | WriterLock | None = None
        if not is_tired:
            found = next_owner(self._index_folder, AGENT, lambda: not self._is_over, LEAVE_TO_OTHERS_S)
        if isinstance(found, Socket):
            return found
        return None if self._is_over else self._whole(found)

    def _whole(self, lock: "WriterLock | None") -> "socket":
        """Become a process with a server of its own; return a connection to that."""
        self._out = os.dup(STDOUT)
        os.dup2(STDERR, STDOUT)  # Whatever is printed from now on, by native libraries too.
        import socket  # noqa: PLC0415

        ours, theirs = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, args=(lock, theirs), name="cognate-mcp")
        self._thread.start()
        return ours

    def _serve(self, lock: "WriterLock | None", connection: "socket") -> None:
        from cognate.cli.main import build_parser, prepare  # noqa: PLC0415
        from cognate.cli.mcp import go_on  # noqa: PLC0415
        from cognate.cli.output import write_note  # noqa: PLC0415

        options = build_parser("mcp").parse_args(["mcp", self._folder])
        prepare(options)
        try:
            go_on(options, lock, connection)
        except CognateError as error:
            write_note(str(error))
            self._code, self._is_over = ERROR, True
        finally:
            connection.close()


def _send(connection: Socket, line: bytes) -> bool:
    """Send a line; return whether the other side is still there."""
    try:
        connection.sendall(line + b"\n")
    except OSError:
        return False
    return True


def _lines(connection: Socket) -> "Generator[bytes]":
    """Yield what the other side says, line by line, until it ends; half a line counts for nothing."""
    pending = b""
    while True:
        try:
            data = connection.recv(READ_BYTES)
        except OSError:
            return
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        yield from lines


def _messages(line: bytes) -> "Iterator[dict[str, Any]]":
    """Yield the messages in a line: one, or a batch; none where it is not JSON, which is for the server to say."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return
    for message in found if isinstance(found, list) else [found]:
        if isinstance(message, dict):
            yield message
