"""What a read gets: the folders, open texts and cells as they were when the request came, frozen.

A read may ask engines and wait; it cannot reach the session. Runs on the event loop; engines are asked on the executor.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from lsprotocol.types import Range

from cognate.cancellation import CancelToken
from cognate.errors import CancelledError, InvalidRequestError
from cognate.lsp import convert
from cognate.lsp.executors import Executor
from cognate.lsp.folders import Folder, choose, owners
from cognate.types import Answer, IndexInfo, Span, State

if TYPE_CHECKING:
    from cognate.face import EngineFace

log = logging.getLogger(__name__)

T = TypeVar("T")


def outside(uri: str) -> str:
    """Return what to say of a document that no folder holds."""
    return f"{uri} lies outside of every open folder. Open the folder that holds it, or ask from another file."


@dataclass(frozen=True, slots=True)
class Asked:
    """The state behind one request.

    Attributes:
        folders: in the order of the client.
        texts: what open documents hold, by URI.
        cells: the index of each cell of the open notebooks, by the cell's URI.
        encoding: the position encoding that was agreed on.
        markdown: whether hovers may be Markdown.
        executor: where engines are asked.
    """

    folders: tuple[Folder, ...]
    texts: Mapping[str, str]
    cells: Mapping[str, int]
    encoding: str
    markdown: bool
    executor: Executor

    def choose(self, wanted: Sequence[str]) -> list[Folder]:
        """Return the folders that a request names, all when it names none; an unknown one is an InvalidRequestError."""
        return choose(self.folders, wanted)

    def owner(self, uri: str) -> tuple[Folder, str] | None:
        """Return the innermost folder that holds a document, and the document's path in it."""
        return next(iter(owners(self.folders, uri)), None)

    def locate(self, uri: str, where: Range) -> tuple[Folder, Span] | None:
        """Return the folder that holds a document, and the lines in it that a range touches."""
        owner = self.owner(uri)
        if owner is None:
            return None
        start, end = convert.lines_of(where)
        cell = self.cells.get(uri, convert.cell_handle(uri)) if convert.is_cell(uri) else None
        return owner[0], Span(owner[1], start, end, cell)

    def located(self, uri: str, where: Range) -> tuple[Folder, Span]:
        """Return what ``locate`` returns.

        Raises:
            InvalidRequestError: when the document lies outside of every workspace folder.
        """
        found = self.locate(uri, where)
        if found is None:
            raise InvalidRequestError(outside(uri))
        return found

    async def run(self, work: Callable[[], T]) -> T:
        """Run work that may block for a moment."""
        return await self.executor.run(lambda _token: work())

    async def ask(
        self, folders: Sequence[Folder], question: Callable[["EngineFace", Folder, CancelToken], Answer]
    ) -> list[tuple[Folder, Answer]]:
        """Ask several engines at once; a folder that has none yet answers with its state, and so does a failing one."""
        return list(await asyncio.gather(*(self._ask_one(folder, question, len(folders) > 1) for folder in folders)))

    async def _ask_one(
        self, folder: Folder, question: Callable[["EngineFace", Folder, CancelToken], Answer], fenced: bool
    ) -> tuple[Folder, Answer]:
        engine = folder.engine
        if engine is None:
            return folder, Answer((), folder.index)
        try:
            return folder, await self.executor.run(lambda token: question(engine, folder, token))
        except (InvalidRequestError, CancelledError):
            raise
        except Exception:
            if not fenced:
                raise
            log.exception("The folder %s could not answer", folder.name)
            return folder, Answer((), IndexInfo(State.ERROR, folder.index.generation, 0.0, 0, 0.0))
