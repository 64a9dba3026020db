"""The front ends that the owner of an engine runs for processes that only pass on what their users say.

Run on the event loop of the ``Host``. What they need is imported when the first such process comes, and once for all.
"""

import asyncio
import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.errors import CognateError
from cognate.greeting import AGENT, EDITOR, SHELL
from cognate.process import without_full_collections

if TYPE_CHECKING:
    from cognate.visits import Caller, Front

MISSING = "The MCP server needs the protocol's SDK: in a checkout of Cognate, pip install '.[mcp]' (it says: {})."


def fronts(*, stays: bool = False) -> "Mapping[str, Front]":
    """Return the front ends that can run here, by what the processes that ask for them call themselves.

    Args:
        stays: whether this process lives until its user ends it; an editor is not served by one that soon ends.
    """
    for_agents = {AGENT: _agent} if importlib.util.find_spec("mcp") is not None else {}
    for_editors = {EDITOR: _editor} if stays else {}
    return {SHELL: _shell, **for_agents, **for_editors}


async def _agent(caller: "Caller") -> None:
    server = await asyncio.to_thread(server_of_agents)
    engine = await asyncio.shield(caller.engine)
    engine.watch()
    answering = await asyncio.to_thread(server.agent_server, engine)
    await answering.run_lines_async(caller.reader, caller.writer)


async def _editor(caller: "Caller") -> None:
    await (await asyncio.to_thread(_server_of_editors)).serve(caller)


async def _shell(caller: "Caller") -> None:
    engine, cancel = await asyncio.shield(caller.engine), CancelToken()
    shell = await asyncio.to_thread(importlib.import_module, "cognate.cli.shell")
    loop = asyncio.get_running_loop()
    answering = loop.run_in_executor(caller.threads, shell.carried_out, engine, caller.words, cancel)
    leaving = loop.create_task(caller.reader.read(1))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done() and (answer := answering.result()) is not None:
            caller.writer.write(answer)
            await caller.writer.drain()
    finally:
        cancel.cancel()
        leaving.cancel()


def _server_of_editors() -> Any:
    with without_full_collections():
        from cognate.lsp import hosted  # noqa: PLC0415 - imports the language protocol

    return hosted


def server_of_agents() -> Any:
    """Import the server for agents, and with it the SDK of their protocol, which takes a second.

    Raises:
        CognateError: when that is not installed.
    """
    try:
        with without_full_collections():
            from cognate.mcp import server  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise CognateError(MISSING.format(error)) from error
    return server
