"""Connects the server to a client: standard streams, or a socket on this machine.

Owns the event loop and the process's standard streams. Knows nothing of what is said.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async

from cognate.errors import InvalidRequestError
from cognate.hosts import is_loopback
from cognate.lsp.dispatch import Wire
from cognate.process import share_one_heap

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader

log = logging.getLogger(__name__)

ErrorHandler: TypeAlias = Callable[[Exception, Any], None]

STDIN, STDOUT, STDERR = 0, 1, 2

SWITCH_S = 0.001
"""How long a busy thread keeps Python's lock when another waits, a fifth of the usual: the event loop waits for it once
for each thread that indexes."""

CONTENT_LENGTH = b"Content-Length:"
FRAME_HEADERS = (CONTENT_LENGTH.lower(), b"content-type:")


def serve(protocol: Wire, connection: Coroutine[Any, Any, None], dispose: Callable[[], None]) -> int:
    """Run a connection to its end and clean up; returns the process's exit code."""
    sys.setswitchinterval(SWITCH_S)
    share_one_heap()
    try:
        asyncio.run(connection)
    except ConnectionError:
        log.warning("The client is gone.")
    except KeyboardInterrupt:
        log.info("Interrupted.")
    finally:
        dispose()
    return protocol.exit_code


def require_loopback(host: str) -> None:
    """Accept addresses of this machine only.

    Raises:
        InvalidRequestError: for any other address.
    """
    if not is_loopback(host):
        raise InvalidRequestError(f"{host} is not a loopback address; use 127.0.0.1, ::1 or localhost.")


def guard_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the protocol alone.

    One stray byte on stdout makes some clients lose every later message. From here on whatever prints, native
    libraries and child processes included, prints to stderr, and nobody else can read stdin.
    """
    sys.stdout.flush()
    stdin = os.fdopen(os.dup(STDIN), "rb")
    stdout = os.fdopen(os.dup(STDOUT), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STDIN)
    os.close(nothing)
    os.dup2(STDERR, STDOUT)
    return stdin, stdout


async def over_streams(protocol: Wire, on_error: ErrorHandler, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Talk over two streams until one side ends it."""
    reading = ThreadPoolExecutor(1, thread_name_prefix="cognate-stdin")
    protocol.set_writer(StdoutWriter(stdout))
    try:
        await _talk(protocol, on_error, AnyCase(StdinAsyncReader(stdin, reading)))
    finally:
        reading.shutdown(wait=False, cancel_futures=True)


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
