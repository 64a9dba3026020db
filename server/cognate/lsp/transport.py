"""Connects the server to a client: standard streams, or a socket on this machine.

Owns the event loop and the process's standard streams. Knows nothing of what is said.
"""

import asyncio
import ipaddress
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async

from cognate.errors import InvalidRequestError
from cognate.lsp.engines import EngineSource
from cognate.lsp.server import CognateServer, build_server

log = logging.getLogger(__name__)

STDIN, STDOUT, STDERR = 0, 1, 2

FRAME_HEADERS = (b"content-length:", b"content-type:")


def serve_stdio(source: EngineSource | None = None) -> int:
    """Serve a client over the standard streams until it leaves; returns the exit code."""
    stdin, stdout = guard_standard_streams()
    return _serve(build_server(source), _over_streams, stdin, stdout)


def serve_tcp(host: str, port: int, source: EngineSource | None = None) -> int:
    """Serve the first client that connects until it leaves; returns the exit code.

    Port 0 takes any free port; the log says which.

    Raises:
        InvalidRequestError: when the host is not this machine: the server would read files for anyone.
    """
    if not is_loopback(host):
        raise InvalidRequestError(f"{host} is not a loopback address; use 127.0.0.1, ::1 or localhost.")
    return _serve(build_server(source), _over_socket, host, port)


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only. Names other than ``localhost`` are not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


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


def _serve(server: CognateServer, connect: Any, *arguments: Any) -> int:
    # pygls writes whole messages to its log at INFO, source text and queries included.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    try:
        asyncio.run(connect(server, *arguments))
    except (BrokenPipeError, ConnectionError):
        log.warning("The client is gone.")
    except KeyboardInterrupt:
        log.info("Interrupted.")
    finally:
        server.session.dispose()
    return server.protocol.exit_code


async def _over_streams(server: CognateServer, stdin: BinaryIO, stdout: BinaryIO) -> None:
    reading = ThreadPoolExecutor(1, thread_name_prefix="cognate-stdin")
    server.protocol.set_writer(StdoutWriter(stdout))
    try:
        await _talk(server, StdinAsyncReader(stdin, reading))
    finally:
        reading.shutdown(wait=False, cancel_futures=True)


async def _over_socket(server: CognateServer, host: str, port: int) -> None:
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
    server.protocol.set_writer(writer)
    try:
        await _talk(server, FramesOnly(reader))
    finally:
        writer.close()


async def _talk(server: CognateServer, reader: Any) -> None:
    await run_async(
        stop_event=server.protocol.stopped,
        reader=reader,
        protocol=server.protocol,
        logger=logging.getLogger("pygls.io"),
        error_handler=server.report_server_error,
    )


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

    async def readexactly(self, size: int) -> bytes:
        """Return a body."""
        return await self._reader.readexactly(size)
