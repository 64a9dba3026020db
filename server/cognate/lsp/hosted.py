"""Runs the language server of an editor whose own process only passes messages on, beside the engine that it asks.

Each such server has an event loop on a thread of its own, so that none waits for another; ``serve`` runs on the event
loop of the ``Host`` and carries bytes between the two. Questions take turns with those of the other servers here.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognate.errors import CognateError
from cognate.face import PassingOn
from cognate.greeting import STAND_ALONE
from cognate.lsp import codec, transport
from cognate.lsp.feed import Feed
from cognate.lsp.server import build_server
from cognate.streams import READ_BYTES, frame
from cognate.types import Status
from cognate.wire import guest_of

if TYPE_CHECKING:
    from cognate.engine import Engine
    from cognate.settings import Settings
    from cognate.visits import Caller

log = logging.getLogger(__name__)

codec.converter()  # Before several threads want it at once: lsprotocol resolves the names in its types meanwhile.

END_S = 1.0
"""How long a host that closes waits for a server to end."""

MOST_BACKLOG_BYTES = 1 << 26
"""An editor that reads so slowly is left; its own process comes back when it has caught up."""


async def serve(caller: "Caller") -> None:
    """Serve an editor until it leaves."""
    feed, writer = Feed(), _Writer(caller)
    thread = threading.Thread(target=_run, args=(caller, feed, writer), name="cognate-editor", daemon=True)
    thread.start()
    try:
        while data := await caller.reader.read(READ_BYTES):
            feed.put(data)
    except asyncio.CancelledError:  # The host closes, and the engine next.
        feed.end()
        thread.join(END_S)
        raise
    finally:
        feed.end()


def _run(caller: "Caller", feed: Feed, writer: "_Writer") -> None:
    """Be the thread of one server."""
    try:
        server = build_server(HostedEngines(caller, writer), resumes=True)
        connection = transport.over_feed(server.protocol, server.report_server_error, feed, writer)
        transport.run(connection, server.session.dispose)
    except Exception:
        log.exception("The server of another process's editor failed")
    finally:
        writer.close()


class _Writer:
    """What a server writes to on its own thread."""

    def __init__(self, caller: "Caller") -> None:
        self._caller = caller

    def write(self, data: bytes) -> None:
        """Have the host send a message."""
        self._call(self._send, data)

    def close(self) -> None:
        """Have the host end the connection when all is sent."""
        self._call(self._caller.writer.close)

    def _send(self, data: bytes) -> None:
        transport = self._caller.writer.transport
        if transport.get_write_buffer_size() > MOST_BACKLOG_BYTES:
            log.warning("An editor that does not read what it is told is not told more.")
            transport.abort()
        elif not transport.is_closing():
            self._caller.writer.write(data)

    def _call(self, what: Callable[..., Any], *arguments: Any) -> None:
        with suppress(RuntimeError):  # The host is closed, and the connection with it.
            self._caller.loop.call_soon_threadsafe(what, *arguments)


class HostedEngines:
    """The one engine that a server beside it may open."""

    def __init__(self, caller: "Caller", writer: _Writer) -> None:
        self._caller, self._writer = caller, writer

    def open(self, folder: Path, settings: "Settings") -> "HostedEngine":
        """Return the engine of this process; blocks until there is one.

        Raises:
            CognateError: when the folder is another one, or the settings are none that it can follow.
        """
        engine, refused = asyncio.run_coroutine_threadsafe(self._found(settings), self._caller.loop).result()
        if refused or folder.resolve() != engine.folder:
            message = {"jsonrpc": "2.0", "method": STAND_ALONE}
            self._writer.write(frame(json.dumps(message).encode()))  # The first that its process reads of this.
            raise CognateError(refused or "Another folder is indexed here.")
        self._caller.take_settings(settings)
        return HostedEngine(self._caller, engine)

    async def _found(self, settings: "Settings") -> "tuple[Engine, str]":
        engine = await asyncio.shield(self._caller.engine)
        return engine, await self._caller.refusal(guest_of(settings, has_settings=True))

    def close(self) -> None:
        """Do nothing: the engine is the host's."""


class HostedEngine(PassingOn):
    """An engine of this process, for one of the servers beside it: open buffers are that server's, and go with it."""

    def __init__(self, caller: "Caller", engine: "Engine") -> None:
        self.folder = engine.folder
        self._caller, self._engine = caller, engine

    def start(self) -> None:
        """Do nothing: it has begun."""

    def tell(self, name: str, given: dict[str, Any]) -> None:
        """Pass a command on."""
        match name:
            case "apply_settings":
                self._caller.take_settings(given["settings"])
            case "set_buffer" | "drop_buffer":
                getattr(self._engine, name)(**given, editor=self._caller.number)
            case "subscribe":
                listener: Callable[[Status], None] = given["listener"]
                self._caller.subscribe(listener)
                listener(self._engine.status())
            case _:
                getattr(self._engine, name)(**given)

    def ask(self, name: str, given: dict[str, Any]) -> Any:
        """Put a question when it is this server's turn."""
        with self._caller.turns:
            return getattr(self._engine, name)(**given)

    def close(self) -> None:
        """Let the files count again that were open here."""
        self._engine.drop_buffers(self._caller.number)
