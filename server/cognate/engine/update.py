"""From a path to what changed in the index: read, check, chunk, compare. Runs on the writer thread.

Reads files; changes nothing. A file enters the index by this way only.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from cognate.chunking import ChunkDiff, Parsed, chunk_edited, chunk_file, decode, diff_chunks
from cognate.embedding.text import digest, embedding_text
from cognate.index.index import FileChange
from cognate.index.store import FileRow
from cognate.types import ChunkedFile, ChunkRecord, FileStamp
from cognate.workspace.content import content_rule
from cognate.workspace.documents import Documents
from cognate.workspace.rules import Rules
from cognate.workspace.walker import stamp_of, verdict_on

log = logging.getLogger(__name__)

BUFFER_STAMP = FileStamp(-1, 0)
"""The stamp of a file whose text came from an open buffer: it equals no file's, so a restart reads the disk again."""


def read_change(
    folder: Path, path: str, documents: Documents, rules: Rules, known: Sequence[ChunkRecord]
) -> FileChange:
    """Return what a file became, against the chunks that the index has of it.

    Args:
        folder: the workspace folder.
        path: relative to it.
        documents: open buffers, which mask the disk.
        rules: which files are worth indexing.
        known: the index's chunks of the file, in order.
    """
    buffered = documents.get(path)
    verdict = verdict_on(folder, rules, path)
    stamp = stamp_of(folder, path)
    if buffered is None and (stamp is None or not verdict.included):
        return FileChange(path, None)
    if buffered is not None:
        buffered = buffered.encode("utf-8", "replace").decode()  # A client may send half a surrogate pair.
        size = len(buffered)
        if not rules.file(path, size).included:
            return FileChange(path, None)
        return _changed_buffer(path, buffered, documents, known)
    assert stamp is not None
    gone_rule = tuple(record.id for record in known)
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        row = FileRow(path, stamp, "text", f"It cannot be read: {error.strerror}.")
        return FileChange(path, row, removed=gone_rule)
    rule = content_rule(path, data)
    text = decode(data) if rule is None else None
    if text is None:
        row = FileRow(path, stamp, "text", rule or "Its bytes are not text in any encoding known here.")
        return FileChange(path, row, removed=gone_rule)
    return _changed(path, text, stamp, known)


def _changed_buffer(path: str, text: str, documents: Documents, known: Sequence[ChunkRecord]) -> FileChange:
    """As ``_changed``, parsing only what was edited since the buffer was last read."""
    before = documents.parses.get(path)
    chunked, parsed = chunk_edited(path, text, before if isinstance(before, Parsed) else None)
    if parsed is not None and documents.get(path) is not None:
        documents.parses[path] = parsed
    return compare(path, chunked, BUFFER_STAMP, known)


def _changed(path: str, text: str, stamp: FileStamp, known: Sequence[ChunkRecord]) -> FileChange:
    chunked = chunk_file(path, text)
    for problem in chunked.problems:
        log.info("%s: %s", path, problem)
    return compare(path, chunked, stamp, known)


def compare(path: str, chunked: ChunkedFile, stamp: FileStamp, known: Sequence[ChunkRecord]) -> FileChange:
    """Match new chunks with old ones by content, so that what only moved keeps its id and its vector."""
    row = FileRow(path, stamp, chunked.language, "" if chunked.chunks else "It is empty.")
    if known and known[0].language != chunked.language:
        diff = ChunkDiff(tuple(range(len(chunked.chunks))), tuple(range(len(known))), ())
    else:
        diff = diff_chunks([record.chunk for record in known], chunked.chunks)
    added = [chunked.chunks[new] for new in diff.added]
    moved = [
        ChunkRecord(known[old].id, path, chunked.language, chunked.chunks[new])
        for old, new in diff.kept
        if known[old].chunk != chunked.chunks[new]
    ]
    return FileChange(
        path,
        row,
        removed=tuple(known[old].id for old in diff.removed),
        moved=tuple(moved),
        added=tuple((chunk, digest(embedding_text(path, chunk))) for chunk in added),
    )
