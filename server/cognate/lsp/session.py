"""The state of one client: its folders and their engines, its open documents, what it can do and wants.

All methods run on the event loop and return at once, or are coroutines that put the work into a lane. Never reads
files, never looks into an index; engines do both.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.errors import CancelledError, CognateError, InvalidRequestError
from cognate.lsp import convert
from cognate.lsp.capabilities import ClientFeatures
from cognate.lsp.decode import Range
from cognate.lsp.engines import EngineSource
from cognate.lsp.lanes import Lanes
from cognate.lsp.merge import Folder, status_result
from cognate.lsp.notebooks import OpenNotebook
from cognate.lsp.progress import FolderProgress, ProgressLink, StatusFeed
from cognate.lsp.protocol import DID_CHANGE_STATUS, to_wire
from cognate.lsp.standard import FolderParams
from cognate.settings import resolve
from cognate.types import Answer, IndexInfo, Place, State, Status

if TYPE_CHECKING:
    from cognate.engine import Engine

log = logging.getLogger(__name__)

SECTION = "cognate"
CONFIGURATION_TIMEOUT_S = 3.0
"""How long folders wait for a client's settings before they open with the defaults."""

CLOSE_TIMEOUT_S = 10.0
"""How long ``shutdown`` waits for engines; the store survives being cut short."""

WARNING_MESSAGE = 2
ERROR_MESSAGE = 1
CANNOT_OPEN = "Cognate cannot index this folder; see the server's log."


class Session:
    """Owns the folders, the buffers and the lanes."""

    def __init__(self, link: ProgressLink, source: EngineSource, lanes: Lanes) -> None:
        self.link = link
        self.lanes = lanes
        self.features = ClientFeatures()
        self.encoding = "utf-16"
        self.folders: dict[str, Folder] = {}
        self.buffers: dict[str, str] = {}
        self.notebooks: dict[str, OpenNotebook] = {}
        self._source = source
        self._options: dict[str, Any] = {}
        self._feed: StatusFeed | None = None
        self._progress: dict[str, FolderProgress] = {}
        self._opened: list[Engine] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._problems_shown: set[str] = set()
        self._watches_itself = False
        self._started = False
        self._closing = False

    # Beginning and end

    def begin(
        self, folders: Iterable[FolderParams], options: dict[str, Any], features: ClientFeatures, encoding: str
    ) -> None:
        """Take over what ``initialize`` said; opens nothing yet."""
        self.features, self.encoding, self._options = features, encoding, options
        self._watches_itself = not features.watches_files
        self._feed = StatusFeed(asyncio.get_running_loop(), self._deliver)
        for folder in folders:
            self._add(folder)

    def start(self) -> None:
        """Fetch settings and open the folders; the heavy imports happen from here on."""
        self._started = True
        self.spawn(self._open_folders(list(self.folders.values())), "opening folders")

    def watch_files(self) -> None:
        """Watch the folders ourselves from now on, as the client does not."""
        self._watches_itself = True
        for folder in self.folders.values():
            if folder.engine is not None:
                self._watch(folder.engine)

    async def shutdown(self) -> None:
        """Close all engines; nothing is sent to the client afterwards."""
        self._stop_telling()
        try:
            await asyncio.wait_for(self.lanes.admin(self._close_all), CLOSE_TIMEOUT_S)
        except asyncio.TimeoutError:
            log.warning("The engines took too long to close.")

    def dispose(self) -> None:
        """Close what is still open, after the loop has ended."""
        self._stop_telling()
        self._close_all(CancelToken())
        self.lanes.close()
        self._source.close()

    def spawn(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run a task in the background; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def show_message(self, text: str, kind: int = WARNING_MESSAGE) -> None:
        """Show the user a message, each once."""
        if text not in self._problems_shown and not self._closing:
            self._problems_shown.add(text)
            self.link.notify("window/showMessage", {"type": kind, "message": text})

    # Folders and settings

    def change_folders(self, added: Sequence[FolderParams], removed: Sequence[str]) -> None:
        """Open folders that came, close folders that went."""
        for uri in removed:
            folder = self.folders.pop(uri, None)
            if folder is not None:
                folder.removed = True
                if progress := self._progress.pop(uri, None):
                    progress.end()
                self.spawn(self._close_folder(folder), "closing a folder")
        new = [folder for params in added if (folder := self._add(params)) is not None]
        if self._started:
            self.spawn(self._open_folders(new), "opening folders")

    def change_settings(self, sent: dict[str, Any]) -> None:
        """Take settings from the client: those it sent, or those it gives when asked."""
        if self.features.has_configuration:
            self.spawn(self._pull_settings(list(self.folders.values())), "reading settings")
            return
        section = sent.get(SECTION, sent)
        for folder in self.folders.values():
            self._apply_settings(folder, section)

    # Documents

    def owners(self, uri: str) -> list[tuple[Folder, str]]:
        """Return each folder that holds a document, innermost first, with the document's path in it."""
        path = convert.path_from_uri(uri)
        if path is None:
            return []
        found = [
            (folder, relative)
            for folder in self.folders.values()
            if folder.path is not None and (relative := convert.relative_path(folder.path, path)) is not None
        ]
        return sorted(found, key=lambda pair: len(pair[1]))

    def place(self, uri: str, where: Range) -> tuple[Folder, Place] | None:
        """Return the innermost folder and the place in it that a range in a document means."""
        owners = self.owners(uri)
        if not owners:
            return None
        folder, path = owners[0]
        start, end = convert.lines_of(where)
        return folder, Place(path, start, end, self._cell_of(uri))

    def note_changed(self, uris: Iterable[str]) -> None:
        """Tell the engines that files may have changed."""
        changed: dict[Folder, list[str]] = {}
        for uri in uris:
            for folder, path in self.owners(uri):
                changed.setdefault(folder, []).append(path)
        for folder, paths in changed.items():
            if folder.engine is not None:
                folder.engine.note_changed(paths)

    def set_buffer(self, uri: str, text: str) -> None:
        """Let an open document's text stand for its file."""
        self.buffers[uri] = text
        for folder, path in self.owners(uri):
            if folder.engine is not None and not convert.is_cell(uri):
                folder.engine.set_buffer(path, text)

    def drop_buffer(self, uri: str) -> None:
        """Let the file speak for itself again."""
        if self.buffers.pop(uri, None) is None:
            return
        for folder, path in self.owners(uri):
            if folder.engine is not None and not convert.is_cell(uri):
                folder.engine.drop_buffer(path)

    # Questions

    def choose(self, wanted: Sequence[str]) -> list[Folder]:
        """Return the folders that are named by URI or name, all when none is.

        Raises:
            InvalidRequestError: when a name fits no folder.
        """
        if not wanted:
            return list(self.folders.values())
        chosen: dict[str, Folder] = {}
        for name in wanted:
            path = convert.path_from_uri(name)
            fitting = [f for f in self.folders.values() if name in (f.uri, f.name) or (path and f.path == path)]
            if not fitting:
                raise InvalidRequestError("scope.folders names a folder that is not open in this workspace.")
            chosen.update((folder.uri, folder) for folder in fitting)
        return list(chosen.values())

    async def ask(
        self, folders: Sequence[Folder], question: Callable[["Engine", Folder, CancelToken], Answer]
    ) -> list[tuple[Folder, Answer]]:
        """Ask several engines at once; a folder that has none yet answers with its state, and so does a failing one."""
        return list(await asyncio.gather(*(self._ask_one(folder, question, len(folders) > 1) for folder in folders)))

    async def _ask_one(
        self, folder: Folder, question: Callable[["Engine", Folder, CancelToken], Answer], fenced: bool
    ) -> tuple[Folder, Answer]:
        engine = folder.engine
        if engine is None:
            return folder, Answer((), folder.index)
        try:
            return folder, await self.lanes.interactive(lambda token: question(engine, folder, token))
        except (InvalidRequestError, CancelledError):
            raise
        except Exception:
            if not fenced:
                raise
            log.exception("The folder %s could not answer", folder.name)
            return folder, Answer((), IndexInfo(State.ERROR, folder.index.generation, 0.0, 0))

    # Inside

    def _add(self, params: FolderParams) -> Folder | None:
        if params.uri in self.folders:
            return None
        path = convert.path_from_uri(params.uri)
        folder = Folder(params.uri, params.name, path, resolve(self._options)[0])
        if path is None:
            folder.problem = "The folder is not on this machine."
        self._apply_settings(folder, self._options)
        self.folders[params.uri] = folder
        if self.features.shows_progress:
            self._progress[params.uri] = FolderProgress(self.link, self.spawn, params.uri, params.name)
        return folder

    async def _open_folders(self, folders: Sequence[Folder]) -> None:
        if self.features.has_configuration and folders:
            await self._pull_settings(folders)
        for folder in folders:
            if not (folder.problem or folder.removed or self._closing):
                await self._open(folder)

    async def _open(self, folder: Folder) -> None:
        settings, path = folder.settings, Path(folder.path or "")

        def work(token: CancelToken) -> "Engine":
            engine = self._source.open(path, settings)
            self._opened.append(engine)
            return engine

        try:
            engine = await self.lanes.admin(work)
        except Exception as error:
            log.exception("The folder %s could not be opened", folder.name)
            folder.problem = str(error) if isinstance(error, CognateError) else CANNOT_OPEN
            self.show_message(folder.problem, ERROR_MESSAGE)
            self._notify_status()
            return
        folder.engine = engine
        if folder.removed or self._closing:
            await self._close_folder(folder)
            return
        if self._feed is not None:
            engine.subscribe(partial(self._feed.post, folder.uri))
        for uri, text in self.buffers.items():
            for owner, relative in self.owners(uri):
                if owner is folder and not convert.is_cell(uri):
                    engine.set_buffer(relative, text)
        if self._watches_itself:
            self._watch(engine)
        engine.start()
        if folder.settings != settings:
            self._tell_settings(folder)

    def _watch(self, engine: "Engine") -> None:
        """Let an engine watch its folder; if it cannot, the user is told."""
        loop = asyncio.get_running_loop()

        def tell(message: str) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
                loop.call_soon_threadsafe(self.show_message, message)

        engine.watch(tell)

    def _close_all(self, token: CancelToken) -> None:
        while self._opened:
            _close(self._opened.pop(), token)

    async def _close_folder(self, folder: Folder) -> None:
        engine, folder.engine = folder.engine, None
        if engine is not None and engine in self._opened:
            self._opened.remove(engine)
            await self.lanes.admin(partial(_close, engine))

    async def _pull_settings(self, folders: Sequence[Folder]) -> None:
        items = [{"scopeUri": folder.uri, "section": SECTION} for folder in folders]
        try:
            asked = self.link.request("workspace/configuration", {"items": items})
            values = await asyncio.wait_for(asked, CONFIGURATION_TIMEOUT_S)
        except Exception as error:  # a client that cannot say what it wants gets the defaults
            log.warning("The client gave no settings: %s", error or type(error).__name__)
            return
        for folder, value in zip(folders, values if isinstance(values, list) else [], strict=False):
            self._apply_settings(folder, value)

    def _apply_settings(self, folder: Folder, raw: Any) -> None:
        settings, problems = resolve(raw if isinstance(raw, dict) and raw else self._options)
        for problem in problems:
            self.show_message(problem)
        if settings == folder.settings:
            return
        before, folder.settings = folder.settings, settings
        self._tell_settings(folder)
        if before.code_lens_enabled != settings.code_lens_enabled:
            self._refresh_lenses()

    def _tell_settings(self, folder: Folder) -> None:
        engine, settings = folder.engine, folder.settings
        if engine is not None:
            self.spawn(self.lanes.admin(lambda token: engine.apply_settings(settings)), "applying settings")

    def _cell_of(self, uri: str) -> int | None:
        if not convert.is_cell(uri):
            return None
        places = (notebook.index_of(uri) for notebook in self.notebooks.values())
        known = next((place for place in places if place is not None), None)
        return convert.cell_handle(uri) if known is None else known

    def _deliver(self, latest: dict[str, Status]) -> None:
        became_ready = False
        for uri, status in latest.items():
            folder = self.folders.get(uri)
            if folder is None:
                continue
            before, folder.status = folder.index.state, status
            became_ready |= folder.settings.code_lens_enabled and before != State.READY == status.index.state
            if progress := self._progress.get(uri):
                progress.update(status)
        self._notify_status()
        if became_ready:
            self._refresh_lenses()

    def _notify_status(self) -> None:
        if not self._closing:
            self.link.notify(DID_CHANGE_STATUS, to_wire(status_result(tuple(self.folders.values()))))

    def _refresh_lenses(self) -> None:
        if self.features.refreshes_lenses and not self._closing:
            self.spawn(self._request_quietly("workspace/codeLens/refresh"), "refreshing lenses")

    async def _request_quietly(self, method: str) -> None:
        await self.link.request(method, None)

    def _stop_telling(self) -> None:
        if self._feed is not None:
            self._feed.close()
        if not self._closing:
            self._closing = True
            for progress in self._progress.values():
                progress.end()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Failed: %s", task.get_name(), exc_info=error)


def _close(engine: "Engine", token: CancelToken) -> None:
    try:
        engine.close()
    except Exception:
        log.exception("An engine did not close well")
