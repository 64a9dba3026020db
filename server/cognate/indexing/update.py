"""From a path to what changed in the index: read, check, chunk, compare. Runs on the writer thread.

Reads files; changes nothing. A file enters the index by this way only.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from cognate.chunking import ChunkDiff, chunk_file, decode, diff_chunks
from cognate.embedding.text import digest, embedding_text
from cognate.index.index import FileChange
from cognate.index.store import FileRow
from cognate.types import ChunkedFile, ChunkRecord, FileStamp
from cognate.workspace.content import content_rule
from cognate.workspace.files import stamp_of, verdict_on
from cognate.workspace.ignore import Rules

log = logging.getLogger(__name__)


def read_change(folder: Path, path: str, rules: Rules, known: Sequence[ChunkRecord]) -> FileChange:
    """Return what a file on disk became, against the chunks that the index has of it.

    Args:
        folder: the workspace folder.
        path: relative to it.
        rules: which files are worth indexing.
        known: the index's chunks of the file, in order.
    """
    stamp = stamp_of(folder, path)
    verdict = verdict_on(folder, rules, path)
    if stamp is None or not verdict.included:
        return FileChange(path, None)
    gone_rule = tuple(record.id for record in known)
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        row = FileRow(path, stamp, "text", f"It cannot be read: {error.strerror}.")
        return FileChange(path, row, removed=gone_rule)
    rule = content_rule(path, data, re_included=verdict.re_included)
    text = decode(data) if rule is None else None
    if text is None:
        row = FileRow(path, stamp, "text", rule or "Its bytes are not text in any encoding known here.")
        return FileChange(path, row, removed=gone_rule)
    return _changed(path, text, stamp, known)


def saved_text(folder: Path, path: str) -> str | None:
    """Return a file's text on disk, or None when there is none to read."""
    try:
        return decode((folder / path).read_bytes())
    except (OSError, ValueError):
        return None


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
        references=chunked.references,
    )
