"""``cognate/status`` and ``cognate/explainFile``: what the index holds, and why a file is in it or not."""

from functools import partial
from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.lsp.handlers.related import OUTSIDE
from cognate.lsp.merge import index_of, status_result
from cognate.lsp.protocol import ExplainFileParams, ExplainFileResult, to_wire
from cognate.lsp.session import Session
from cognate.types import Status

if TYPE_CHECKING:
    from cognate.engine import Engine


async def status(session: Session, _params: Any) -> Any:
    """Return the state of everything, asked anew."""
    for folder in list(session.folders.values()):
        if folder.engine is not None:
            folder.status = await session.lanes.interactive(partial(_status, folder.engine))
    return to_wire(status_result(tuple(session.folders.values())))


async def explain_file(session: Session, params: ExplainFileParams) -> Any:
    """Return whether a file is indexed and the rule that decided; files outside of all folders have an answer too."""
    owners = session.owners(params.uri)
    if not owners:
        index = index_of(folder.index for folder in session.folders.values())
        return to_wire(ExplainFileResult(params.uri, "", False, OUTSIDE, 0, index))
    folder, path = owners[0]
    engine = folder.engine
    if engine is None:
        rule = folder.problem or "The folder is still being opened."
        return to_wire(ExplainFileResult(params.uri, path, False, rule, 0, index_of([folder.index])))
    found = await session.lanes.admin(lambda token: engine.explain(path))
    index = index_of([folder.index])
    return to_wire(ExplainFileResult(params.uri, found.path, found.indexed, found.rule, found.chunks, index))


def _status(engine: "Engine", token: CancelToken) -> Status:
    return engine.status()
