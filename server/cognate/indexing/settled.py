"""Remembers that an index was in step with its folder, so that whoever asks only for that need not open the index.

The process that writes an index says so as it ends. It holds as long as no file of the index, of the model and of the
folder has another size or time, which costs a walk of the folder, as every start does; opening the index is saved.
Imports nothing heavy. Any thread.
"""

import json
import logging
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from cognate import __version__
from cognate.embedding.model_files import SHIPPED_FOLDER
from cognate.index.locations import store_folder, write_whole
from cognate.settings import Settings
from cognate.types import FileStamp, IndexInfo, State, Status
from cognate.workspace.files import walk_with_verdicts
from cognate.workspace.ignore import Rules

if TYPE_CHECKING:
    from cognate.index.index import Index

log = logging.getLogger(__name__)

SETTLED_FILE = "settled-v1.txt"
CHECKSUM_DIGITS = 8  # Before the JSON.

_PASSING_NAMES = frozenset({SETTLED_FILE, "folder.txt"})
_PASSING_SUFFIXES = (".lock", "-shm")
_LOG_SUFFIX = "-wal"  # Of what SQLite has not put into its file yet; there may be an empty one.

Stamps = list[list[Any]]


def remember(place: Path, index: "Index", settings: Settings, status: Status) -> None:
    """Keep that an index holds what its folder did, if it does; called when it is closed and still locked.

    Args:
        place: where the index lies.
        index: as it was closed.
        settings: the folder's.
        status: the last one.
    """
    from cognate.index import catalogue  # noqa: PLC0415 - as above
    from cognate.indexing.steps import FAILED_RULE  # noqa: PLC0415 - heavy, and loaded already where there is an index

    if _kept(place, settings) is not None and catalogue.is_whole(place):
        return
    files = index.files
    ruled = sorted(path for path, row in files.items() if row.rule)
    waiting = status.queue_files or status.queue_chunks or status.phase or status.message
    complete = status.index.state is State.READY and status.index.coverage == 1.0 and not waiting
    if not complete or any(files[path].rule == FAILED_RULE for path in ruled):
        return
    about = index.store.identity, index.store_generation, index.content_key()
    try:
        rows = catalogue.pack(about, index.records, index.by_path, index.digests)
        write_whole(place / catalogue.CATALOGUE_FILE, rows)
        kept = {
            "made with": _made_with(settings),
            "index": _stamps(place),
            "folder": _digest((path, row.stamp) for path, row in files.items()),
            "ruled": ruled,
            "status": {
                "generation": status.index.generation, "chunks": len(index.records), "files": len(index.by_path),
                "model": status.model, "folder": status.folder,
            },
        }  # fmt: skip
        text = json.dumps(kept).encode("ascii")
        write_whole(place / SETTLED_FILE, b"%08x" % crc32(text) + text)
    except OSError as error:
        log.info("That the index at %s is current cannot be kept: %s", place, error)


def recall(cache_dir: Path, folder: Path, settings: Settings) -> Status | None:
    """Return the status of a folder's index if it was in step with the folder and nothing changed since, else None.

    Args:
        cache_dir: under which all indexes lie.
        folder: the workspace folder.
        settings: its settings.
    """
    place = store_folder(cache_dir, folder)
    kept = _kept(place, settings)
    if kept is None:
        return None
    ruled = frozenset(kept["ruled"])
    found: list[tuple[str, FileStamp]] = []
    for path, stamp, verdict in walk_with_verdicts(folder, Rules(folder, settings.exclude, settings.max_file_bytes)):
        if verdict.re_included and path in ruled:
            return None  # Perhaps it was taken back since; it is to be read again.
        found.append((path, stamp))
    if kept["folder"] != _digest(found):
        return None
    told = kept["status"]
    info = IndexInfo(State.READY, told["generation"], 1.0, told["chunks"])
    return Status(info, told["files"], 0, 0, "", told["model"], told["folder"], str(place))


def _kept(place: Path, settings: Settings) -> dict[str, Any] | None:
    """Return what was kept, if no file of the index and of the model changed since, and it was made the same way."""
    try:
        data = (place / SETTLED_FILE).read_bytes()
        if int(data[:CHECKSUM_DIGITS], 16) != crc32(data[CHECKSUM_DIGITS:]):
            return None
        kept = json.loads(data[CHECKSUM_DIGITS:])
        same = kept["made with"] == _made_with(settings) and kept["index"] == _stamps(place)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.debug("Nothing is known of the index at %s: %s", place, error)
        return None
    return kept if same else None


def _made_with(settings: Settings) -> list[Any]:
    """Return what else decides over an index: this version, the settings, the model's files."""
    model = SHIPPED_FOLDER if not settings.model else Path(settings.model).expanduser()
    if not model.is_dir():
        raise FileNotFoundError(f"{settings.model} is no folder")
    return [__version__, settings.model, list(settings.exclude), settings.max_file_bytes, _stamps(model)]


def _stamps(folder: Path) -> Stamps:
    """Return name, size and time of every file in a folder that matters, in order."""
    found: Stamps = []
    for parent, _, names in os.walk(folder):
        for name in names:
            if name in _PASSING_NAMES or name.endswith(_PASSING_SUFFIXES):
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
