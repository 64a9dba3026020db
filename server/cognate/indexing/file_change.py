"""From a path to what changed in the index: read, check, chunk, compare. Runs on the writer thread.

Reads files; changes nothing. A file enters the index by this way only.
"""

import logging
from pathlib import Path

from cognate.chunking import chunk_file, decode, kept_chunks, source_bytes
from cognate.embedding.text import digest, embedding_text
from cognate.index.index import NEW, FileChange
from cognate.index.snapshot import Snapshot
from cognate.types import Chunk, ChunkedFile, ChunkId, FileStamp
from cognate.workspace.content import content_rule
from cognate.workspace.files import stamp_of, verdict_on
from cognate.workspace.folder_rules import Verdict
from cognate.workspace.ignore import Rules

log = logging.getLogger(__name__)


def read_change(folder: Path, path: str, rules: Rules, saved: Snapshot) -> FileChange:
    """Return what a file on disk became, compared with the chunks that the index has of it.

    Raises:
        StoreError: when the known chunks cannot be read.
    """
    stamp = stamp_of(folder, path)
    verdict = verdict_on(folder, rules, path)
    if stamp is None or not verdict.included:
        return FileChange(path, None)
    text, rule = text_of(folder, path, rules, verdict)
    if text is None:
        return FileChange(path, stamp, rule=rule)
    chunked = chunk_file(path, text)
    for problem in chunked.problems:
        log.info("%s: %s", path, problem)
    return compare(path, chunked, stamp, saved)


def text_of(folder: Path, path: str, rules: Rules, verdict: Verdict) -> tuple[str | None, str]:
    """Return an included file's text if its content is worth indexing, or None and the rule that decided."""
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        return None, f"It cannot be read: {error.strerror}."
    rule = content_rule(path, data, re_included=verdict.re_included)
    text = decode(data) if rule is None else None
    if text is None:
        return None, rule or "Its bytes are not text in any encoding known here."
    too_large = verdict_on_cells(rules, path, text)
    return (text, "") if too_large is None else (None, too_large.rule)


def verdict_on_cells(rules: Rules, path: str, text: str) -> Verdict | None:
    """Return the verdict on a notebook whose cells are too large together, None for all other files."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return rules.cells(source_bytes(text)) if rules.has_cells_to_size(path, size) else None


def saved_text(folder: Path, path: str) -> str | None:
    """Return a file's text on disk, or None when there is none to read."""
    try:
        return decode((folder / path).read_bytes())
    except (OSError, ValueError):
        return None


def compare(path: str, chunked: ChunkedFile, stamp: FileStamp, saved: Snapshot) -> FileChange:
    """Match new chunks with old ones by content, so that what only moved keeps its id and its vector."""
    entry = saved.files.get(path)
    same_language = entry is not None and entry.language == chunked.language
    known = saved.read_file(path) if same_language else []
    kept: dict[int, tuple[ChunkId, bytes]] = {}
    if entry is not None and known:
        same = kept_chunks([record.chunk for record in known], chunked.chunks)
        kept = {new: (entry.ids[old], entry.digests[old]) for new, old in same.items()}
    chunks = tuple(_with_id(path, chunk, kept.get(position)) for position, chunk in enumerate(chunked.chunks))
    rule = "" if chunks else "It is empty."
    return FileChange(path, stamp, chunked.language, rule, chunks, chunked.references)


def _with_id(path: str, chunk: Chunk, known: tuple[ChunkId, bytes] | None) -> tuple[ChunkId, Chunk, bytes]:
    number, key = known or (NEW, digest(embedding_text(path, chunk)))
    return number, chunk, key
