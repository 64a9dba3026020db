"""``mcp``: opens the folder's engine and lets agents ask it. stdout belongs to the protocol."""

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from cognate.cli.exit_codes import FOUND
from cognate.cli.fronts import fronts, server_of_agents
from cognate.cli.loading import settings_of
from cognate.cli.output import write_note
from cognate.errors import InvalidRequestError, WorkspaceError
from cognate.hosts import host_and_port, is_loopback
from cognate.index.lock import WriterLock
from cognate.process import keep_from_collector, share_one_heap, without_collections

if TYPE_CHECKING:
    from cognate.mcp.server import AgentServer

STDOUT, STDERR = 1, 2


def mcp(options: argparse.Namespace) -> int:
    """Answer agents until the client leaves."""
    address = _address(options.http) if options.http else None
    folder = root_of(options.path)
    with _opened(options, folder, is_stdout_ours=address is None) as server:
        if address is None:
            server_of_agents().serve_stdio(server)
        else:
            write_note(f"{folder} can be asked at http://{options.http}/mcp")
            server_of_agents().serve_http(server, *address)
    return FOUND


def go_on(options: argparse.Namespace, lock: WriterLock | None, connection: socket) -> None:
    """Answer an agent over a connection until that ends; for a relay whose owner has ended.

    Args:
        options: of the command.
        lock: the writer lock of the folder's index, if this process is to be the owner.
        connection: carries the agent's messages, a line each.
    """
    with _opened(options, Path(options.path), lock=lock) as server:
        server_of_agents().serve_connection(server, connection)


@contextmanager
def _opened(
    options: argparse.Namespace, folder: Path, *, lock: WriterLock | None = None, is_stdout_ours: bool = False
) -> "Generator[AgentServer]":
    """Yield a server of the tools for a folder, and the engine behind it, started."""
    share_one_heap()
    with _away_from_stdout(enabled=is_stdout_ours), without_collections():
        from cognate.engines import Engines  # noqa: PLC0415 - not before the arguments are read

        engines = Engines(has_settings=False, fronts=fronts(stays=True), lock=lock)
        engine = engines.open(folder, settings_of(options))
        try:
            engine.watch(write_note)
            engine.start()
            server = server_of_agents().agent_server(engine)
        except BaseException:
            engine.close()
            raise
    keep_from_collector(collect=False)
    try:
        yield server
    finally:
        engine.close()
        engines.close()


def root_of(path: str | None) -> Path:
    """Return the folder to answer for: the one named, else the repository around the working folder, else that folder.

    Raises:
        WorkspaceError: when there is no such folder, or it would be a whole home or disk that nobody named.
    """
    if path is not None:
        named = Path(path).resolve()
        if not named.is_dir():
            raise WorkspaceError(f"There is no folder {named}.")
        return named
    from cognate.workspace.git_folders import repository_around  # noqa: PLC0415 - only where nothing was named

    here = Path.cwd().resolve()
    root = Path(repository_around(str(here)) or here)
    if root in {Path(root.anchor), Path.home().resolve()}:
        raise WorkspaceError(
            f"{root} is not a project folder. Name one: cognate mcp PATH, or start the agent in a project's folder."
        )
    return root


def _address(text: str) -> tuple[str, int]:
    """Return the host and the port of a loopback address.

    Raises:
        InvalidRequestError: for any other text.
    """
    address = host_and_port(text)
    if address is None or not 0 < address[1] < 1 << 16:
        raise InvalidRequestError(f"--http takes HOST:PORT, such as 127.0.0.1:7777, not {text!r}.")
    if not is_loopback(address[0]):
        raise InvalidRequestError(f"{address[0]} is not a loopback address; use 127.0.0.1, ::1 or localhost.")
    return address


@contextmanager
def _away_from_stdout(*, enabled: bool) -> Generator[None]:
    """Send to stderr whatever is printed, by native libraries too, until the SDK takes stdout for its frames."""
    if not enabled:
        yield
        return
    sys.stdout.flush()
    wire = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(wire, STDOUT)
        os.close(wire)
