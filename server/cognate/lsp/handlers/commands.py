"""``workspace/executeCommand``: the custom requests again, for clients without a plug-in, and the index's switches.

A command takes one object with the same fields as the request of its name.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.errors import InvalidRequestError
from cognate.lsp import protocol
from cognate.lsp.handlers.related import related
from cognate.lsp.handlers.search import search
from cognate.lsp.handlers.status import explain_file, status
from cognate.lsp.protocol import FoldersParams
from cognate.lsp.session import Session
from cognate.lsp.standard import CommandParams

if TYPE_CHECKING:
    from cognate.engine import Engine


async def execute_command(session: Session, params: CommandParams) -> Any:
    """Run one of Cognate's commands."""
    known = COMMANDS.get(params.command)
    if known is None:
        raise InvalidRequestError(f"There is no command of that name; known are {', '.join(COMMANDS)}.")
    read, run = known
    return await run(session, read(params.argument))


async def reindex(session: Session, params: FoldersParams) -> Any:
    """Index folders from the beginning."""
    return await _switch(session, params, lambda engine: engine.reindex())


async def pause(session: Session, params: FoldersParams) -> Any:
    """Stop indexing; searches go on with what there is."""
    return await _switch(session, params, lambda engine: engine.pause())


async def resume(session: Session, params: FoldersParams) -> Any:
    """Go on indexing."""
    return await _switch(session, params, lambda engine: engine.resume())


async def _switch(session: Session, params: FoldersParams, act: "Callable[[Engine], None]") -> Any:
    engines = [folder.engine for folder in session.choose(params.folders) if folder.engine is not None]

    def work(token: CancelToken) -> None:
        for engine in engines:
            act(engine)

    await session.lanes.admin(work)
    return await status(session, None)


COMMANDS: dict[str, tuple[Callable[[Any], Any], Callable[[Session, Any], Awaitable[Any]]]] = {
    protocol.COMMAND_SEARCH: (protocol.search_params, search),
    protocol.COMMAND_RELATED: (protocol.related_params, related),
    protocol.COMMAND_REINDEX: (protocol.folders_params, reindex),
    protocol.COMMAND_PAUSE: (protocol.folders_params, pause),
    protocol.COMMAND_RESUME: (protocol.folders_params, resume),
    protocol.COMMAND_EXPLAIN_FILE: (protocol.explain_file_params, explain_file),
}
