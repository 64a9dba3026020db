"""The steps of the writer, one function each: what differs, read a batch, embed a batch. Run on the writer thread."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.embedding.bulk import embed_missing
from cognate.errors import CancelledError
from cognate.index.index import FileChange, Index
from cognate.index.store import FileRow
from cognate.indexing.references import by_centrality
from cognate.indexing.services import Model
from cognate.indexing.update import read_change
from cognate.types import ChunkId, FileStamp, Vector
from cognate.workspace.buffers import Buffers
from cognate.workspace.files import stamp_of, walk, walk_with_verdicts
from cognate.workspace.ignore import Rules
from cognate.workspace.path_facts import path_facts

log = logging.getLogger(__name__)

READ_BATCH_S = 0.5  # A batch of files is committed after so long, so that answers grow while a large folder is read.
READ_BATCH_MOST_S = 2.0
READ_BATCH_S_A_CHUNK = 3e-4
"""A batch may take longer by so much for each chunk that can be found already: to commit one takes a quarter of a
second, and to show it longer the more there is."""
READ_BATCH_FILES = 2048
EMBED_BATCH = 1024  # Chunks embedded between two views.
EMBED_AHEAD = 512  # Chunks that the model has still to do when so many have come.
BATTERY_BATCH = 128  # The same while the machine lives on its battery.

FAILED_RULE = "Indexing it failed; the log says why."
"""Of a file that our own code stumbled over; it is tried again at every start, since a fault may be mended by then."""


def differing(index: Index, folder: Path, rules: Rules, documents: Buffers, *, everything: bool = False) -> list[str]:
    """Return the paths whose file on disk, or whose presence, is not what the index knows."""
    opened = documents.paths()
    different: list[str] = []
    seen: set[str] = set()
    for path, stamp, verdict in walk_with_verdicts(folder, rules):
        seen.add(path)
        row = index.files.get(path)
        current = row is not None and row.stamp == stamp and row.rule != FAILED_RULE
        if row is not None and row.rule and verdict.re_included:
            current = False  # Taken back by name, perhaps since it was left out for what it holds.
        if everything or not current:
            different.append(path)
    different.extend(path for path in index.files if path not in seen)
    return sorted(different, key=lambda path: (path not in opened, path))


def read_batch(
    index: Index,
    folder: Path,
    paths: Sequence[str],
    rules: Rules,
    *,
    give_way: Callable[[], None],
    stop: Callable[[], bool],
) -> tuple[list[str], list[FileChange]]:
    """Read files until the batch is full, and return which paths were taken and what they became.

    A path that is a folder now, or was one, stands for all files in it.
    """
    began = time.monotonic()
    longest = min(READ_BATCH_S + READ_BATCH_S_A_CHUNK * len(index.records), READ_BATCH_MOST_S)
    taken: list[str] = []
    changes: dict[str, FileChange] = {}
    for path in paths:
        if len(changes) >= READ_BATCH_FILES or (changes and time.monotonic() - began > longest) or stop():
            break
        give_way()
        taken.append(path)
        for inner in _files_under(index, folder, path, rules):
            change = _read_fenced(index, folder, inner, rules)
            if change is not None:
                changes[inner] = change
    return taken, list(changes.values())


def _files_under(index: Index, folder: Path, path: str, rules: Rules) -> list[str]:
    if path in index.files or stamp_of(folder, path) is not None:
        return [path]
    if (folder / path).is_dir() and not (folder / path).is_symlink() and rules.folder(path).included:
        present = [inner for inner, _ in walk(folder, rules, path)]
    else:
        present = [path]
    known = [known for known in index.files if known.startswith(path + "/")]
    return list(dict.fromkeys((*present, *known)))


def _read_fenced(index: Index, folder: Path, path: str, rules: Rules) -> FileChange | None:
    """Read one file; a fault in our own code costs that file alone."""
    if not path.isascii() and path != path.encode("utf-8", "replace").decode():
        log.info("%r is left out: its name is no Unicode", path)
        return None
    known = [index.records[i] for i in index.by_path.get(path, ())]
    try:
        change = read_change(folder, path, rules, known)
    except Exception:
        log.exception("%s could not be indexed", path)
        stamp = stamp_of(folder, path) or FileStamp(0, 0)
        row = FileRow(path, stamp, "text", FAILED_RULE)
        return FileChange(path, row, removed=tuple(record.id for record in known))
    if change.row is None and path not in index.files:
        return None
    return change


def embedding_order(index: Index, documents: Buffers, among: Iterable[ChunkId] | None = None) -> list[ChunkId]:
    """Return the chunks without a vector, those a person is likely to need first.

    Open files, then their neighbours in the reference graph, code before tests, what much else refers to, the rest.

    Args:
        index: whose chunks.
        documents: the open files.
        among: the chunks without a vector that count; None for all.
    """
    opened = documents.paths()
    centrality = by_centrality(index.graph, opened)
    urgencies: dict[str, tuple[float, ...]] = {}

    def urgency(number: ChunkId) -> tuple[tuple[float, ...], ChunkId]:
        path = index.records[number].path
        if path not in urgencies:
            near, central = centrality(path)
            urgencies[path] = (path not in opened, near, len(path_facts(path).kinds), central)
        return urgencies[path], number

    return sorted(index.without_vectors() if among is None else among, key=urgency)


def embed_texts(
    model: Model,
    texts: Mapping[ChunkId, tuple[bytes, str]],
    *,
    give_way: Callable[[], None],
    stop: Callable[[], bool],
) -> Mapping[ChunkId, Vector]:
    """Return vectors for digests and texts, from the cache or the encoder; fewer than asked when stopped on the way."""
    by_digest: dict[bytes, list[ChunkId]] = {}
    for number, (digest, _) in texts.items():
        by_digest.setdefault(digest, []).append(number)
    items = [(digest, texts[numbers[0]][1]) for digest, numbers in by_digest.items()]
    token = CancelToken()

    def between_batches() -> None:
        give_way()
        if stop():
            token.cancel()

    found: dict[ChunkId, Vector] = {}
    try:
        for digests, vectors in embed_missing(
            model.encoder, model.cache, items, cancel=token, yield_to=between_batches
        ):
            for digest, vector in zip(digests, vectors, strict=True):
                found.update((number, vector) for number in by_digest[digest])
    except CancelledError:
        log.debug("Embedding gave way after %d of %d chunks", len(found), len(texts))
    return found
