"""``cognate serve`` beside a process that owns the folder's engine: the server runs there, here messages go by.

The main thread writes what the server says to stdout, another one reads stdin. ``Conversation`` remembers what the next
server has to be told when the owner ends. Where nobody owns the folder, where its owner does not serve this editor, or
where the editor has not exactly one folder open, this process becomes a whole one: from then on the thread that reads
feeds its own server, which writes to stdout itself.
"""

import os
import sys
import threading
import time

from cognate.conversation import INITIALIZE, Conversation, read
from cognate.greeting import EDITOR, Socket, write_all
from cognate.places import KEY_VARIABLE, cache_place, index_place
from cognate.relays import end_sending, hang_up, next_owner, present_owner
from cognate.streams import READ_BYTES, Frames, Out, frame, guard_standard_streams
from cognate.uris import path_from_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from cognate.index.lock import WriterLock
    from cognate.lsp.feed import Feed

START_S = 2.0
"""How long an owner that is starting may take to listen; the editor waits meanwhile."""

SILENCE_S = 30.0
"""How often it is looked whether an owner that says nothing is stuck."""

SHORT_S, MOST_SHORT_VISITS = 5.0, 3
"""When so many owners in a row end within this time without an answer, this process looks for no other one."""

SEEN_ONCE = (b"client/registerCapability", b"window/showMessage")
METHOD_BYTES = 200
"""A message that an editor is to get once, and that a server of our own may repeat, says so within as many bytes."""


def relayed(given: "Sequence[str]") -> int | None:
    """Serve an editor until it leaves, and return the exit code; None where the whole program is needed.

    Args:
        given: the arguments after ``serve``.
    """
    if not set(given) <= {"--stdio"} or os.environ.get(KEY_VARIABLE) or sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        return None
    relay = Relay(*guard_standard_streams())
    try:
        return relay.run()
    except BrokenPipeError:  # The editor has left.
        return relay.exit_code
    except KeyboardInterrupt:
        return 1


class Relay:
    """Passes messages between an editor and whichever process answers for its folder.

    Args:
        stdin: a descriptor, from which the editor is read.
        stdout: a descriptor, to which it is answered.
    """

    def __init__(self, stdin: int, stdout: int) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._index_folder = ""
        # From here on: under the lock, as two threads use it.
        self._lock = threading.Lock()
        self._conversation = Conversation()
        self._frames = Frames()
        self._owner: Socket | None = None
        self._feed: Feed | None = None
        self._is_at_end = False

    @property
    def exit_code(self) -> int:
        """The process's exit code, if the editor has left by now."""
        return self._conversation.exit_code

    def run(self) -> int:
        """Pass on until the editor leaves; return the exit code."""
        data, first = self._first()
        if first is None:
            return self.exit_code
        folder = _only_folder(first)
        owner = None
        if folder is not None:
            self._index_folder = index_place(cache_place(), folder)
            owner = present_owner(self._index_folder, EDITOR, START_S)
        if owner is None:
            return self._whole_from_the_start(data)
        self._take(data)
        self._start_reading()
        return self._relay(owner)

    def _relay(self, owner: Socket) -> int:
        following: Socket | WriterLock | None = owner
        short = 0
        while isinstance(following, Socket):
            began, answered = time.monotonic(), self._conversation.answered
            self._served_by(following)
            is_short = time.monotonic() - began < SHORT_S and answered == self._conversation.answered
            short = short + 1 if is_short else 0
            following = None
            if short < MOST_SHORT_VISITS:
                following = next_owner(self._index_folder, EDITOR, self._goes_on)
        return self._whole(following)

    # -- from the editor

    def _first(self) -> "tuple[bytes, dict[str, Any] | None]":
        """Return all that the editor says until its first message is whole, and that; None if it leaves before."""
        said, frames = b"", Frames()
        while data := os.read(self._stdin, READ_BYTES):
            said += data
            for body in frames.take(data):
                return said, read(body)
        return said, None

    def _start_reading(self) -> None:
        threading.Thread(target=self._read, name="cognate-stdin", daemon=True).start()

    def _read(self) -> None:
        while data := os.read(self._stdin, READ_BYTES):
            with self._lock:
                self._take(data)
        with self._lock:
            self._is_at_end = True
            if self._feed is not None:
                self._feed.end()
            elif self._owner is not None:
                end_sending(self._owner)

    def _take(self, data: bytes) -> None:
        """Note what the editor says, and pass it on if there is somebody to pass it on to."""
        if self._feed is not None:
            self._feed.put(data)
            return
        for body in self._frames.take(data):
            if self._conversation.heard(body, time.monotonic(), is_served=self._owner is not None):
                self._send(body)
            if self._conversation.stands_alone:
                self._leave_owner()

    def _leave_owner(self) -> None:
        """End the connection; the other thread notices, and finds the next owner."""
        if self._owner is not None:
            hang_up(self._owner)
            self._owner = None

    def _send(self, body: bytes) -> None:
        if self._owner is None:
            return
        try:
            self._owner.sendall(frame(body))
        except OSError:  # It has ended, or takes nothing any more.
            self._leave_owner()

    # -- from the owner

    def _served_by(self, owner: Socket) -> None:
        """Tell an owner what it has to know, and pass on what it says until it ends."""
        owner.settimeout(SILENCE_S)
        with self._lock:
            if self._conversation.stands_alone:
                owner.close()
                return
            self._owner = owner
            for body in self._conversation.told_anew():
                self._send(body)
            if self._has_left():
                end_sending(owner)
        for body in self._said_by(owner):
            with self._lock:
                is_for_editor, reply = self._conversation.said(body)
                if reply:
                    self._send(reply)
            if self._conversation.stands_alone:
                break
            if is_for_editor:
                write_all(self._stdout, frame(body))
        with self._lock:
            self._owner = None
            taken_back = self._conversation.taken_back()
        owner.close()
        for body in taken_back:
            write_all(self._stdout, frame(body))

    def _said_by(self, owner: Socket) -> "Iterator[bytes]":
        """Yield what an owner says until it ends; half a message counts for nothing."""
        frames = Frames()
        while True:
            try:
                data = owner.recv(READ_BYTES)
            except TimeoutError:
                if self._has_left():
                    return
                self._give_up()
                continue
            except OSError:
                return
            yield from frames.take(data)
            if not data:
                return

    def _give_up(self) -> None:
        """Answer what has waited for too long."""
        with self._lock:
            errors = list(self._conversation.given_up(time.monotonic()))
        for body in errors:
            write_all(self._stdout, frame(body))

    # -- when an owner has ended

    def _goes_on(self) -> bool:
        self._give_up()
        return not self._has_left() and not self._conversation.stands_alone

    def _has_left(self) -> bool:
        return self._is_at_end or self._conversation.has_left

    def _whole(self, lock: "WriterLock | None") -> int:
        """Become a whole process and serve the editor until it leaves, if it has not yet; return the exit code.

        Args:
            lock: of the folder's index, if this process is its next owner.
        """
        if not self._has_left():
            from cognate.cli import serve  # noqa: PLC0415 - imports a hundred modules
            from cognate.lsp.feed import Feed  # noqa: PLC0415

            feed = Feed()
            with self._lock:
                if not self._has_left():
                    for body in self._conversation.told_anew():
                        feed.put(frame(body))
                    feed.put(bytes(self._frames.rest))
                    self._feed = feed
            if self._feed is not None:
                return serve.go_on(feed, _Again(self._stdout, self._conversation, feed), lock, resumes=True)
        for body in self._conversation.farewell():
            write_all(self._stdout, frame(body))
        return self.exit_code

    def _whole_from_the_start(self, said: bytes) -> int:
        from cognate.lsp.feed import Feed  # noqa: PLC0415 - not for a relay

        self._feed = Feed()
        self._feed.put(said)
        self._start_reading()
        from cognate.cli import serve  # noqa: PLC0415 - as above

        return serve.go_on(self._feed, Out(self._stdout), None, resumes=False)


class _Again(Out):
    """What a server of this process writes to, which may say again what an earlier one has said."""

    def __init__(self, stdout: int, conversation: Conversation, feed: "Feed") -> None:
        super().__init__(stdout)
        self._conversation, self._feed = conversation, feed
        self._is_introduced = False

    def write(self, data: bytes) -> None:
        """Pass a framed message on, unless the editor has it already."""
        if not self._is_introduced or any(name in data[:METHOD_BYTES] for name in SEEN_ONCE):
            (body,) = Frames().take(data)
            self._is_introduced |= "method" not in read(body)
            is_for_editor, reply = self._conversation.said(body)
            if reply:
                self._feed.put(frame(reply))
            if not is_for_editor:
                return
        super().write(data)


def _only_folder(first: "dict[str, Any]") -> str | None:
    """Return the one folder that an editor has open, as its first message says; None where it is not just one."""
    params = first.get("params")
    if first.get("method") != INITIALIZE or not isinstance(params, dict):
        return None
    folders = params.get("workspaceFolders")
    if isinstance(folders, list) and len(folders) > 1:
        return None
    try:
        uri = folders[0]["uri"] if folders else params.get("rootUri")
        path = path_from_uri(uri) if uri else params.get("rootPath")
        return path if path and os.path.isdir(path) else None  # noqa: PTH112
    except (KeyError, TypeError, ValueError, AttributeError):  # For the server to say.
        return None
