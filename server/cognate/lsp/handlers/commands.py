"""``workspace/executeCommand``: the custom requests again, for clients without a plug-in, and the index's switches.

A command takes one object with the same fields as the request of its name. Reads: the switches act on engines only.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lsprotocol.types import ExecuteCommandParams

from cognate.errors import InvalidRequestError
from cognate.lsp import codec, protocol
from cognate.lsp.asked import Asked
from cognate.lsp.handlers.search import related, search
from cognate.lsp.handlers.status import explain_file, status
from cognate.lsp.protocol import FoldersParams, NoParams
from cognate.lsp.results import StatusResult

if TYPE_CHECKING:
    from cognate.face import EngineFace


async def execute_command(asked: Asked, params: ExecuteCommandParams) -> Any:
    """Run one of Cognate's commands."""
    known = COMMANDS.get(params.command)
    if known is None:
        raise InvalidRequestError(f"There is no command of that name; known are {', '.join(COMMANDS)}.")
    kind, run = known
    return await run(asked, codec.read(next(iter(params.arguments or ()), None), kind))


def _switch(act: "Callable[[EngineFace], None]") -> Callable[[Asked, FoldersParams], Awaitable[StatusResult]]:
    """Return a command that acts on the engines of folders and tells the status."""

    async def switch(asked: Asked, params: FoldersParams) -> StatusResult:
        for folder in asked.choose(params.folders):
            if folder.engine is not None:
                act(folder.engine)  # On the event loop, so that switches keep their order; it returns at once.
        return await status(asked, NoParams())

    return switch


COMMANDS: dict[str, tuple[type, Callable[[Asked, Any], Awaitable[Any]]]] = {
    protocol.COMMAND_SEARCH: (protocol.SearchParams, search),
    protocol.COMMAND_RELATED: (protocol.RelatedParams, related),
    protocol.COMMAND_REINDEX: (FoldersParams, _switch(lambda engine: engine.reindex())),
    protocol.COMMAND_PAUSE: (FoldersParams, _switch(lambda engine: engine.pause())),
    protocol.COMMAND_RESUME: (FoldersParams, _switch(lambda engine: engine.resume())),
    protocol.COMMAND_EXPLAIN_FILE: (protocol.ExplainFileParams, explain_file),
}
