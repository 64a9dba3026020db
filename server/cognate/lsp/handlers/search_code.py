"""``cognate/searchCode``: what the agents' tool ``search_code`` answers, for a chat model of the editor. A read."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from cognate.cancellation import CancelToken
from cognate.errors import WorkspaceError
from cognate.lsp.asked import Asked
from cognate.lsp.protocol import SearchCodeParams
from cognate.lsp.results import SearchCodeResult
from cognate.mcp.format import Reply
from cognate.mcp.questions import FEWEST_TOKENS, USUAL_HITS, USUAL_TOKENS, Questions, answered

if TYPE_CHECKING:
    from cognate.face import EngineFace

NOT_OPEN = "No folder can be searched yet: {}"


async def search_code(asked: Asked, params: SearchCodeParams) -> SearchCodeResult:
    """Return the answer as text; of several folders, each one's under its path, as paths in it are relative."""
    folders = [(folder, folder.engine) for folder in asked.folders if folder.engine is not None]
    if not folders:
        problems = [folder.problem or f"{folder.name} is being opened." for folder in asked.folders]
        raise WorkspaceError(NOT_OPEN.format(" ".join(problems) or "none is open."))
    max_tokens = max(FEWEST_TOKENS, USUAL_TOKENS // len(folders))
    replies = await asyncio.gather(
        *(asked.executor.run(partial(_ask, engine, params, max_tokens)) for _, engine in folders)
    )
    texts = [(folder, reply.text) for (folder, _), reply in zip(folders, replies, strict=True) if not reply.is_error]
    if not texts:
        raise WorkspaceError(replies[0].text)
    if len(folders) == 1:
        return SearchCodeResult(texts[0][1])
    return SearchCodeResult("\n\n".join(f"In {folder.path}:\n{text}" for folder, text in texts))


def _ask(engine: "EngineFace", params: SearchCodeParams, max_tokens: int, cancel: CancelToken) -> Reply:
    """Return one folder's answer; a path that lies in another folder is an error here, and none there."""
    search = partial(
        Questions(engine).search_code,
        cancel,
        query=params.query,
        also=params.also,
        paths=params.paths,
        languages=params.languages,
        limit=params.limit or USUAL_HITS,
        max_tokens=max_tokens,
    )
    return answered(search)
