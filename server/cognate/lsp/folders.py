"""Workspace folders as frozen values: which one holds a document, which ones a request means. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cognate.errors import InvalidRequestError
from cognate.face import EngineFace
from cognate.lsp import convert
from cognate.types import IndexInfo, State, Status
from cognate.uris import path_from_uri

if TYPE_CHECKING:
    from cognate.settings import Settings

NO_INDEX = IndexInfo(State.EMPTY, generation=0, coverage=0.0, chunks=0, word_coverage=0.0)


class StartedEngine(EngineFace, Protocol):
    """An engine that begins to work when it is told to."""

    def start(self) -> None:
        """Begin to open, read and follow the folder."""
        ...


class EngineSource(Protocol):
    """Opens the engines of folders."""

    def open(self, folder: Path, settings: "Settings") -> StartedEngine:
        """Return the engine of a folder, to be started; may block."""
        ...

    def close(self) -> None:
        """Release what engines share, after the last one is closed."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A workspace folder, with its engine once that is open. The session replaces it when something changes.

    Attributes:
        uri: as the client spells it.
        name: as the client shows it.
        path: absolute; None when the URI names no folder on this machine.
        settings: resolved; the engine may not have been told yet.
        engine: None until it is open.
        status: the last one that the engine told.
        problem: why there is no engine, fit to show; empty when there is one or will be.
    """

    uri: str
    name: str
    path: str | None
    settings: "Settings"
    engine: StartedEngine | None = None
    status: Status | None = None
    problem: str = ""

    @property
    def index(self) -> IndexInfo:
        """How far the index is, as far as the event loop knows."""
        if self.problem:
            return IndexInfo(State.ERROR, 0, 0.0, 0, 0.0)
        return self.status.index if self.status else NO_INDEX


def owners(folders: Iterable[Folder], uri: str) -> list[tuple[Folder, str]]:
    """Return each folder that holds a document, innermost first, with the document's path in it."""
    path = path_from_uri(uri)
    if path is None:
        return []
    found = [
        (folder, relative)
        for folder in folders
        if folder.path is not None and (relative := convert.relative_path(folder.path, path)) is not None
    ]
    return sorted(found, key=lambda pair: len(pair[1]))


def choose(folders: Sequence[Folder], wanted: Sequence[str]) -> list[Folder]:
    """Return the folders that are named by URI or name, all when none is.

    Raises:
        InvalidRequestError: when a name fits no folder.
    """
    if not wanted:
        return list(folders)
    chosen: dict[str, Folder] = {}
    for name in wanted:
        path = path_from_uri(name)
        fitting = [folder for folder in folders if name in (folder.uri, folder.name) or (path and folder.path == path)]
        if not fitting:
            raise InvalidRequestError("scope.folders names a folder that is not open in this workspace.")
        chosen.update((folder.uri, folder) for folder in fitting)
    return list(chosen.values())
