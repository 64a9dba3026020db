"""The clean marker: says that an index was in step with its folder when it was closed, so it need not be opened again.

It counts as long as no file of the index, of the model and of the folder has another size or time. To see that takes a
walk of the folder, as every start does; opening the index is spared. Imports nothing heavy. Any thread.
"""

import json
import logging
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognate import __version__
from cognate.disk import write_whole
from cognate.embedding.model_files import folder_of
from cognate.history import HISTORY_FILE
from cognate.index.locations import store_folder
from cognate.places import OWNER_FILE, OWNER_SOCKET
from cognate.settings import Settings
from cognate.types import FileStamp, IndexInfo, State, Status
from cognate.workspace.files import walk_with_verdicts
from cognate.workspace.ignore import Rules

if TYPE_CHECKING:
    from cognate.index.snapshot import Snapshot

log = logging.getLogger(__name__)

MARKER_FILE = "clean-v1.json"

_IGNORED_NAMES = frozenset({MARKER_FILE, "folder.txt", OWNER_FILE, OWNER_SOCKET, HISTORY_FILE, f"{HISTORY_FILE}-wal"})
_IGNORED_SUFFIXES = (".lock", "-shm")
_LOG_SUFFIX = "-wal"  # SQLite's log of what its file does not hold yet; an empty one does not count.

FAILED_RULE = "Indexing it failed; the log says why."
"""The rule of a file that our own code stumbled over; it is tried again at every start, as a fault may be mended."""

Stamps = list[list[Any]]


def write(index_folder: Path, snapshot: "Snapshot", settings: Settings, status: Status) -> None:
    """Mark an index as clean, if it holds what its folder did; called when it is closed and still locked.

    Args:
        index_folder: where the index lies.
        snapshot: what it held when it was closed.
        settings: the folder's.
        status: the last one.
    """
    if _read(index_folder, settings) is not None:
        return
    files = snapshot.files
    ruled = sorted(path for path, entry in files.items() if entry.rule)
    waiting = status.queue_files or status.queue_chunks or status.phase or status.message
    complete = status.index.state is State.READY and status.index.coverage == 1.0 and not waiting
    if not complete or any(files[path].rule == FAILED_RULE for path in ruled):
        return
    try:
        marker = {
            "made with": _made_with(settings),
            "index": _stamps(index_folder),
            "folder": _digest((path, entry.stamp) for path, entry in files.items()),
            "ruled": ruled,
            "status": {
                "generation": status.index.generation, "chunks": snapshot.n_chunks, "files": snapshot.n_files,
                "model": status.model, "folder": status.folder, "details": dict(status.details),
            },
        }  # fmt: skip
        write_whole(index_folder / MARKER_FILE, json.dumps(marker).encode("ascii"))
    except OSError as error:
        log.info("The index at %s cannot be marked as clean: %s", index_folder, error)


def read(cache_dir: Path, folder: Path, settings: Settings) -> Status | None:
    """Return the status of a folder's index if it was in step with the folder and nothing changed since, else None.

    Args:
        cache_dir: under which all indexes lie.
        folder: the workspace folder.
        settings: its settings.
    """
    index_folder = store_folder(cache_dir, folder)
    marker = _read(index_folder, settings)
    if marker is None:
        return None
    ruled = frozenset(marker["ruled"])
    found: list[tuple[str, FileStamp]] = []
    for path, stamp, verdict in walk_with_verdicts(folder, Rules(folder, settings.exclude, settings.max_file_bytes)):
        if verdict.re_included and path in ruled:
            return None  # Perhaps it was taken back since; it is to be read again.
        found.append((path, stamp))
    if marker["folder"] != _digest(found):
        return None
    noted = marker["status"]
    info = IndexInfo(State.READY, noted["generation"], 1.0, noted["chunks"])
    details = noted.get("details", {})
    return Status(info, noted["files"], 0, 0, "", noted["model"], noted["folder"], str(index_folder), details=details)


def _read(index_folder: Path, settings: Settings) -> dict[str, Any] | None:
    """Return the marker, if no file of the index and of the model has changed since, and it was made the same way."""
    try:
        marker = json.loads((index_folder / MARKER_FILE).read_bytes())
        same = marker["made with"] == _made_with(settings) and marker["index"] == _stamps(index_folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.debug("The index at %s is not marked as clean: %s", index_folder, error)
        return None
    return marker if same else None


def _made_with(settings: Settings) -> list[Any]:
    """Return what else decides over an index: this version, the settings, the model's files."""
    model = folder_of(settings.model)
    if not model.is_dir():
        raise FileNotFoundError(f"{settings.model} is not a folder")
    return [__version__, settings.model, list(settings.exclude), settings.max_file_bytes, _stamps(model)]


def _stamps(folder: Path) -> Stamps:
    """Return name, size and time of every file in a folder that matters, in order."""
    found: Stamps = []
    for parent, _, names in os.walk(folder):
        for name in names:
            if name in _IGNORED_NAMES or name.endswith(_IGNORED_SUFFIXES):
                continue
            info = os.stat(f"{parent}/{name}")  # noqa: PTH116 - pathlib would take as long as all the rest.
            if info.st_size or not name.endswith(_LOG_SUFFIX):
                found.append([os.path.relpath(f"{parent}/{name}", folder), info.st_size, info.st_mtime_ns])
    return sorted(found)


def _digest(files: Iterable[tuple[str, FileStamp]]) -> str:
    hasher = blake2b(digest_size=16)
    for path, stamp in sorted(files, key=lambda file: file[0]):
        hasher.update(f"{path}\0{stamp.size}\0{stamp.mtime_ns}\0".encode("utf-8", "surrogatepass"))
    return hasher.hexdigest()
