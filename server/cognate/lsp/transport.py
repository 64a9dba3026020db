"""Connects the server to a client: what another thread reads, standard streams for one, or a socket on this machine.

Owns the event loop. Knows nothing of what is said.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

from pygls.io_ import run_async

from cognate.errors import InvalidRequestError
from cognate.hosts import is_loopback
from cognate.lsp.dispatch import Wire
from cognate.lsp.feed import Feed
from cognate.process import share_one_heap
from cognate.streams import READ_BYTES

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader, Writer

log = logging.getLogger(__name__)

ErrorHandler: TypeAlias = Callable[[Exception, Any], None]

SWITCH_S = 0.001
"""How long a busy thread keeps Python's lock when another waits, a fifth of the usual: the event loop waits for it once
for each thread that indexes."""

CONTENT_LENGTH = b"Content-Length:"
FRAME_HEADERS = (CONTENT_LENGTH.lower(), b"content-type:")


def serve(protocol: Wire, connection: Coroutine[Any, Any, None], dispose: Callable[[], None]) -> int:
    """Run a connection to its end and clean up; returns the process's exit code."""
    sys.setswitchinterval(SWITCH_S)
    share_one_heap()
    run(connection, dispose)
    return protocol.exit_code


def run(connection: Coroutine[Any, Any, None], dispose: Callable[[], None]) -> None:
    """Run a connection to its end on an event loop of this thread, and clean up."""
    try:
        asyncio.run(connection)
    except ConnectionError:
        log.warning("The client is gone.")
    except KeyboardInterrupt:
        log.info("Interrupted.")
    finally:
        dispose()


def require_loopback(host: str) -> None:
    """Accept addresses of this machine only.

    Raises:
        InvalidRequestError: for any other address.
    """
    if not is_loopback(host):
        raise InvalidRequestError(f"{host} is not a loopback address; use 127.0.0.1, ::1 or localhost.")


async def over_feed(protocol: Wire, on_error: ErrorHandler, feed: Feed, writer: "Writer") -> None:
    """Talk to a client whose words another thread reads, until one side ends it."""
    protocol.set_writer(writer)
    try:
        await _talk(protocol, on_error, AnyCase(feed.reader()))
    except asyncio.IncompleteReadError:
        log.warning("The client left in the middle of a message.")


def reading(descriptor: int) -> Feed:
    """Return what a thread reads from a descriptor from now on."""
    feed = Feed()

    def read() -> None:
        while data := os.read(descriptor, READ_BYTES):
            feed.put(data)
        feed.end()

    threading.Thread(target=read, name="cognate-stdin", daemon=True).start()
    return feed


async def over_socket(protocol: Wire, on_error: ErrorHandler, host: str, port: int) -> None:
    """Wait for one client, then talk to it until one side ends it."""
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        asyncio.get_running_loop().create_future()
    )

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()
        else:
            connected.set_result((reader, writer))

    listener = await asyncio.start_server(accept, host, port)
    log.warning("Listening on %s port %s", *listener.sockets[0].getsockname()[:2])
    reader, writer = await connected
    listener.close()
    protocol.set_writer(writer)  # pyright: ignore[reportArgumentType] - pygls hands it a StreamWriter itself
    try:
        await _talk(protocol, on_error, AnyCase(FramesOnly(reader)))
    except asyncio.IncompleteReadError:
        log.warning("The client left in the middle of a message.")
    finally:
        writer.close()


async def _talk(protocol: Wire, on_error: ErrorHandler, reader: "AsyncReader") -> None:
    unheard = logging.getLogger("pygls.io")  # it logs what ``on_error`` logs
    unheard.disabled = True
    await run_async(
        stop_event=protocol.stopped,
        reader=reader,
        protocol=protocol,
        logger=unheard,
        error_handler=on_error,
    )


class AnyCase:
    """A stream whose headers may be spelled in any case, as HTTP's may; pygls knows one spelling."""

    def __init__(self, reader: "AsyncReader") -> None:
        self._reader = reader

    async def readline(self) -> bytes:
        """Return a header line, its name as pygls spells it."""
        line = await self._reader.readline()
        if line[: len(CONTENT_LENGTH)].lower() == CONTENT_LENGTH.lower():
            return CONTENT_LENGTH + line[len(CONTENT_LENGTH) :]
        return line

    async def readexactly(self, n: int) -> bytes:
        """Return a body."""
        return await self._reader.readexactly(n)


class FramesOnly:
    """A stream of frames; anything else ends it. A web page can make a browser send HTTP to a local port."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def readline(self) -> bytes:
        """Return a header line, nothing when it is no header of the protocol."""
        line = await self._reader.readline()
        if line.strip() and not line.lower().startswith(FRAME_HEADERS):
            log.error("The peer does not speak the protocol.")
            return b""
        return line

    async def readexactly(self, n: int) -> bytes:
        """Return a body."""
        return await self._reader.readexactly(n)
