"""Makes the hits of an answer, each once, and counts where the ranked chunks are. Any thread, one snapshot."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from cognate.index.entries import FileEntry
from cognate.index.snapshot import Snapshot
from cognate.search.focus import innermost, preview, symbol_at
from cognate.types import BUFFER_STAMP, NO_ADVICE, NO_FACETS, Advice, ChunkRecord, Facets, Hit, Span, Symbol
from cognate.workspace.files import stamp_of

MAX_FOLDERS = 50
"""Folders counted in an answer; a list of more is not read."""


DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of an answer, best first, where all ranked chunks are, and what to ask instead."""

    hits: tuple[Hit, ...]
    facets: Facets = NO_FACETS
    advice: Advice = NO_ADVICE


NOTHING_FOUND = Found(())


def hit_on(
    snapshot: Snapshot,
    record: ChunkRecord,
    line: int,
    score: float,
    why: Mapping[str, float] | None,
    *,
    stale: bool,
    copies: tuple[Span, ...] = (),
    found_by: str | None = None,
) -> Hit:
    """Return the hit for a chunk, its focus on a line."""
    chunk = record.chunk
    return Hit(
        path=record.path,
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        focus_line=line,
        focus_text=chunk.text.split("\n")[line - chunk.start_line],
        score=score,
        symbol=symbol_at(chunk, line) or _symbol_around(snapshot, record, line),
        language=record.language,
        preview=preview(chunk, line),
        stale=stale,
        cell=chunk.cell,
        why=why,
        copies=copies,
        digest=blake2b(chunk.text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest(),
        found_by=found_by,
    )


def _symbol_around(snapshot: Snapshot, record: ChunkRecord, line: int) -> Symbol | None:
    """Return the innermost definition around a line that began in an earlier chunk of the file."""
    entry = snapshot.files.get(record.path)
    if not record.chunk.container or entry is None:
        return None
    for position in range(entry.ids.index(record.id) - 1, -1, -1):
        outline = entry.outline(position)
        if outline.cell != record.chunk.cell:
            break
        around = innermost(outline.symbols, line)
        if around is not None:
            return around
    return None


def facets_of(records: Sequence[ChunkRecord]) -> Facets:
    """Return how many of the chunks are in each folder and language, the fullest first, then by name."""
    folders = Counter(folder for record in records for folder in _folders_above(record.path))
    languages = Counter(record.language for record in records)
    return Facets(_fullest_first(folders)[:MAX_FOLDERS], _fullest_first(languages))


def _folders_above(path: str) -> Iterable[str]:
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def _fullest_first(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def never_stale(_path: str) -> bool:
    """Take every file for what was indexed."""
    return False


def is_stale(folder: Path, files: Mapping[str, FileEntry], path: str) -> bool:
    """Return whether a file on disk has another stamp than when it was read. One ``stat``, nothing else."""
    entry = files.get(path)
    return entry is not None and entry.stamp != BUFFER_STAMP and stamp_of(folder, path) != entry.stamp
