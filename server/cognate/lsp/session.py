"""The state of one client: its folders and their engines, its open documents, what it can do and wants.

State changes call the methods here, on the event loop; they return at once and do no IO. Requests do not see the
session: each gets ``asked()``, a frozen view of it. What takes long, opening and closing engines, runs on the executor.
Never reads files, never looks into an index; engines do both.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from cognate.cancellation import CancelToken
from cognate.errors import CognateError
from cognate.lsp import convert
from cognate.lsp.answers import status_result
from cognate.lsp.asked import Asked
from cognate.lsp.capabilities import DEFAULT_ENCODING, ClientFeatures
from cognate.lsp.client_settings import SECTION, SECTIONS, with_editor_excludes
from cognate.lsp.duplicate_hints import DuplicateHints
from cognate.lsp.executors import Executor
from cognate.lsp.folders import EngineSource, Folder, owners
from cognate.lsp.notebooks import OpenNotebook
from cognate.lsp.progress import FolderProgress, ProgressLink, StatusFeed
from cognate.lsp.protocol import DID_CHANGE_STATUS
from cognate.lsp.trace import TraceFeed
from cognate.settings import resolve
from cognate.types import State, Status
from cognate.uris import path_from_uri

if TYPE_CHECKING:
    from cognate.face import EngineFace
    from cognate.lsp.folders import StartedEngine

log = logging.getLogger(__name__)

CONFIGURATION_TIMEOUT_S = 3.0
"""How long folders wait for a client's settings before they open with the defaults."""

OPEN_TIMEOUT_S = 20.0
"""How long a request waits for folders that another process had open."""

CLOSE_TIMEOUT_S = 10.0
"""How long ``shutdown`` waits for engines; the store survives being cut short."""

CANNOT_OPEN = "Cognate cannot index this folder; see the server's log."
NOT_HERE = "The folder is not on this machine."


class Session:
    """Owns the folders, the open documents and the executor.

    Args:
        link: to the client.
        engines: opens folders.
        executor: where engines are opened, closed and asked.
        resumes: whether the client has had answers of the folders' engines before; it then waits for the next ones,
            where it would be told else that there are none yet.
    """

    def __init__(self, link: ProgressLink, engines: EngineSource, executor: Executor, *, resumes: bool = False) -> None:
        self.link = link
        self.features = ClientFeatures()
        self.encoding = DEFAULT_ENCODING
        self.folders: dict[str, Folder] = {}
        self.texts: dict[str, str] = {}
        self.notebooks: dict[str, OpenNotebook] = {}
        self._executor = executor
        self._engines = engines
        self._options: dict[str, Any] = {}
        self._feed: StatusFeed | None = None
        self._progress: dict[str, FolderProgress] = {}
        self._opened: list[StartedEngine] = []
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._problems_shown: set[str] = set()
        self._hints = DuplicateHints(link, self.spawn, self.asked)
        self.trace = TraceFeed(link.notify)
        self._watches_itself = False
        self._started = False
        self._closing = False
        self._opens = asyncio.Event()
        if not resumes:
            self._opens.set()

    def asked(self) -> Asked:
        """Return what a request may see: the state as it is now."""
        return Asked(
            folders=tuple(self.folders.values()),
            texts=dict(self.texts),
            cells={
                cell.document: index
                for notebook in self.notebooks.values()
                for index, cell in enumerate(notebook.cells)
            },
            encoding=self.encoding,
            markdown=self.features.markdown_hover,
            executor=self._executor,
        )

    @property
    def is_awaited(self) -> bool:
        """Whether requests have to wait until ``opened`` returns."""
        return not self._opens.is_set()

    async def opened(self) -> None:
        """Wait until the folders are open, but not for long."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._opens.wait(), OPEN_TIMEOUT_S)

    # Beginning and end

    def begin(
        self,
        folders: Iterable[types.WorkspaceFolder],
        options: dict[str, Any],
        features: ClientFeatures,
        encoding: str,
    ) -> None:
        """Take over what ``initialize`` said; opens nothing yet."""
        self.features, self.encoding, self._options = features, encoding, options
        self._watches_itself = not features.watches_files
        self._hints.shows_related = features.shows_related_information
        self._feed = StatusFeed(asyncio.get_running_loop(), self._deliver)
        for folder in folders:
            self._add(folder)

    def start(self) -> None:
        """Fetch settings and open the folders; the heavy imports happen from here on."""
        self._started = True
        self.spawn(self._open_folders(list(self.folders)), "opening folders")

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
            await asyncio.wait_for(self._close_engines(), CLOSE_TIMEOUT_S)
        except asyncio.TimeoutError:
            log.warning("The engines took too long to close.")

    def dispose(self) -> None:
        """Close what is still open, after the loop has ended."""
        self._stop_telling()
        self._close_all(CancelToken())
        self._executor.close()
        self._engines.close()

    def spawn(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run a task in the background; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def show_message(self, text: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show the user a message, each once."""
        if text not in self._problems_shown and not self._closing:
            self._problems_shown.add(text)
            self.link.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(kind, text))

    # Folders and settings

    def change_folders(self, added: Sequence[types.WorkspaceFolder], removed: Sequence[types.WorkspaceFolder]) -> None:
        """Open folders that came, close folders that went."""
        gone = [folder for params in removed if (folder := self.folders.pop(params.uri, None)) is not None]
        for folder in gone:
            if progress := self._progress.pop(folder.uri, None):
                progress.end()
        self.spawn(self._close([folder.engine for folder in gone if folder.engine is not None]), "closing folders")
        new = [folder.uri for folder in added if self._add(folder)]
        if self._started:
            self.spawn(self._open_folders(new), "opening folders")

    def change_settings(self, sent: Any) -> None:
        """Take settings from the client: those it sent, or those it gives when asked."""
        if self.features.has_configuration:
            self.spawn(self._pull_settings(list(self.folders)), "reading settings")
            return
        section = sent.get(SECTION, sent) if isinstance(sent, dict) else {}
        for uri in self.folders:
            self._apply_settings(uri, section)

    # Documents

    def note_changed(self, uris: Iterable[str]) -> None:
        """Tell the engines that files may have changed."""
        changed: dict[str, list[str]] = {}
        for uri in uris:
            for folder, path in owners(self.folders.values(), uri):
                changed.setdefault(folder.uri, []).append(path)
        for uri, paths in changed.items():
            if (engine := self.folders[uri].engine) is not None:
                engine.note_changed(paths)

    def set_text(self, uri: str, text: str) -> None:
        """Let an open document's text stand for its file."""
        self.texts[uri] = text
        self._hints.note_text(uri, text)
        for engine, path in self._engines_of(uri):
            engine.set_buffer(path, text)

    def drop_text(self, uri: str) -> None:
        """Let the file speak for itself again."""
        if self.texts.pop(uri, None) is not None:
            self._hints.drop_text(uri)
            for engine, path in self._engines_of(uri):
                engine.drop_buffer(path)

    def _engines_of(self, uri: str) -> "list[tuple[EngineFace, str]]":
        """Return the open engines that index a document, with its path in each; a cell is indexed with its notebook."""
        if convert.is_cell(uri):
            return []
        found = owners(self.folders.values(), uri)
        return [(folder.engine, path) for folder, path in found if folder.engine is not None]

    # Inside

    def _add(self, params: types.WorkspaceFolder) -> bool:
        if params.uri in self.folders:
            return False
        path = path_from_uri(params.uri)
        problem = NOT_HERE if path is None else ""
        self.folders[params.uri] = Folder(params.uri, params.name, path, resolve({})[0], problem=problem)
        self._apply_settings(params.uri, self._options)
        if self.features.shows_progress:
            self._progress[params.uri] = FolderProgress(self.link, self.spawn, params.name)
        return True

    def _change(self, uri: str, **changes: Any) -> Folder:
        self.folders[uri] = replace(self.folders[uri], **changes)
        return self.folders[uri]

    async def _open_folders(self, uris: Sequence[str]) -> None:
        if self.features.has_configuration and uris:
            await self._pull_settings(uris)
        for uri in uris:
            async with self._opening:
                folder = self.folders.get(uri)
                if folder is not None and folder.engine is None and not (folder.problem or self._closing):
                    await self._open(folder)
        self._opens.set()

    async def _open(self, folder: Folder) -> None:
        """Open a folder's engine; meanwhile the folder may go, or get other settings."""
        uri, path = folder.uri, Path(folder.path or "")

        def work(_token: CancelToken) -> "StartedEngine":
            engine = self._engines.open(path, folder.settings)
            self._opened.append(engine)
            return engine

        try:
            engine = await self._executor.run(work)
        except Exception as error:
            is_expected = isinstance(error, CognateError)
            log.error("The folder %s could not be opened: %s", folder.name, error, exc_info=not is_expected)
            problem = str(error) if is_expected else CANNOT_OPEN
            if uri in self.folders:
                self._change(uri, problem=problem)
            self.show_message(problem, types.MessageType.Error)
            self._notify_status()
            return
        if uri not in self.folders or self._closing:
            await self._close([engine])
            return
        opened = self._change(uri, engine=engine)
        if self._feed is not None:
            engine.subscribe(partial(self._feed.post, uri))
        for text_uri, text in self.texts.items():
            for owner, relative in self._engines_of(text_uri):
                if owner is engine:
                    engine.set_buffer(relative, text)
        if self._watches_itself:
            self._watch(engine)
        engine.start()
        if opened.settings != folder.settings:
            engine.apply_settings(opened.settings)

    def _watch(self, engine: "EngineFace") -> None:
        """Let an engine watch its folder; if it cannot, the user is told."""
        loop = asyncio.get_running_loop()

        def tell(message: str) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
                loop.call_soon_threadsafe(self.show_message, message)

        engine.watch(tell)

    async def _close_engines(self) -> None:
        async with self._opening:  # An engine that is being opened is closed, too.
            await self._executor.run(self._close_all)

    def _close_all(self, _token: CancelToken) -> None:
        while self._opened:
            _close(self._opened.pop())

    async def _close(self, engines: "Sequence[StartedEngine]") -> None:
        """Close engines one after another, so that a thread is left for queries."""
        for engine in engines:
            if engine in self._opened:
                self._opened.remove(engine)
                await self._executor.run(lambda _token, engine=engine: _close(engine))

    async def _pull_settings(self, uris: Sequence[str]) -> None:
        items = [types.ConfigurationItem(scope_uri=uri, section=section) for uri in uris for section in SECTIONS]
        try:
            asked = self.link.request(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items))
            values = await asyncio.wait_for(asked, CONFIGURATION_TIMEOUT_S)
        except Exception as error:  # a client that cannot say what it wants gets the defaults
            log.warning("The client gave no settings: %s", error or type(error).__name__)
            return
        values = values if isinstance(values, list) else []
        for uri, own, hidden in zip(uris, values[::2], values[1::2], strict=False):
            if uri in self.folders:
                self._apply_settings(uri, with_editor_excludes(own or self._options, hidden))

    def _apply_settings(self, uri: str, raw: Any) -> None:
        settings, problems = resolve(raw if isinstance(raw, dict) and raw else self._options)
        for problem in problems:
            self.show_message(problem)
        before = self.folders[uri]
        if settings == before.settings:
            return
        self._change(uri, settings=settings)
        if before.engine is not None:
            before.engine.apply_settings(settings)
        if before.settings.code_lens_enabled != settings.code_lens_enabled:
            self._refresh_lenses()
        if before.settings.duplicate_hints != settings.duplicate_hints:
            self._hints.note_settings(self.folders[uri])

    def _deliver(self, latest: dict[str, Status]) -> None:
        became_ready = False
        for uri, status in latest.items():
            if (folder := self.folders.get(uri)) is None:
                continue
            self._change(uri, status=status)
            self._hints.note_status(folder, status)
            if folder.settings.code_lens_enabled and status.index.state is State.READY:
                became_ready |= folder.index.state is not State.READY
            if progress := self._progress.get(uri):
                progress.update(status)
        self._notify_status()
        if became_ready:
            self._refresh_lenses()

    def _notify_status(self) -> None:
        if not self._closing:
            self.link.notify(DID_CHANGE_STATUS, status_result(tuple(self.folders.values())))

    def _refresh_lenses(self) -> None:
        if self.features.refreshes_lenses and not self._closing:
            self.spawn(self._ask_for_lenses(), "refreshing lenses")

    async def _ask_for_lenses(self) -> None:
        await self.link.request(types.WORKSPACE_CODE_LENS_REFRESH, None)

    def _stop_telling(self) -> None:
        if self._feed is not None:
            self._feed.close()
        self._hints.close()
        self.trace.close()
        if not self._closing:
            self._closing = True
            for progress in self._progress.values():
                progress.end()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Failed: %s", task.get_name(), exc_info=error)


def _close(engine: "EngineFace") -> None:
    try:
        engine.close()
    except Exception:
        log.exception("An engine did not close well")
