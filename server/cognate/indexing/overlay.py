"""Unsaved buffers, laid over what is on disk: searchable in this process alone, and gone when they are closed.

Owned by the writer thread. Works on snapshots, so that neither the store nor the indexes on disk ever see a text that
was not saved. Chunks that a buffer has in common with the file keep their id and vector, at the buffer's lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cognate.chunking import Parsed, chunk_edited, diff_chunks
from cognate.embedding.text import digest, embedding_text
from cognate.index.index import lexical_chunk
from cognate.index.overlay import LexicalOverlay, OverlaidReader
from cognate.index.snapshot import IndexSnapshot, add_definitions, forget_definitions, unit_mean
from cognate.index.store import FileRow
from cognate.types import BUFFER_STAMP, ChunkId, ChunkRecord, Vector

TREES_KEPT = 8
"""Buffers edited last whose syntax tree is kept for the next edit; one takes ten times the room of its text."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One buffer's chunks: those of the file that stayed, at their lines now, and new ones with ids below zero."""

    language: str
    records: tuple[ChunkRecord, ...]


class Overlay:
    """All unsaved buffers of one workspace folder."""

    def __init__(self) -> None:
        self._sheets: dict[str, _Sheet] = {}
        self._texts: dict[ChunkId, str] = {}
        self._vectors: dict[ChunkId, Vector] = {}
        self._lexical = LexicalOverlay()
        self._last_id = 0
        self._parses: dict[str, Parsed] = {}

    def lay(self, path: str, text: str, saved: Sequence[ChunkRecord]) -> None:
        """Put a buffer's chunks over those of the file, in place of what the buffer had before.

        Args:
            path: of the file.
            text: what the buffer holds.
            saved: the chunks of the file as it is indexed.
        """
        chunked, parsed = chunk_edited(path, text, self._parses.get(path))
        self._keep_tree(path, parsed)
        former = self._sheets.get(path)
        own = [record for record in former.records if record.id < 0] if former else []
        known = [*saved, *own]
        if known and known[0].language != chunked.language:
            known = []
        diff = diff_chunks([record.chunk for record in known], chunked.chunks)
        records = {new: replace(known[old], chunk=chunked.chunks[new]) for old, new in diff.kept}
        kept = {known[old].id for old, _ in diff.kept}
        self._drop(record.id for record in own if record.id not in kept)
        fresh: list[ChunkRecord] = []
        for new in diff.added:
            self._last_id -= 1
            record = ChunkRecord(self._last_id, path, chunked.language, chunked.chunks[new])
            self._texts[record.id] = embedding_text(path, record.chunk)
            records[new] = record
            fresh.append(record)
        self._lexical = self._lexical.changed((), map(lexical_chunk, fresh))
        self._sheets[path] = _Sheet(chunked.language, tuple(records[i] for i in sorted(records)))

    def _keep_tree(self, path: str, parsed: Parsed | None) -> None:
        self._parses.pop(path, None)
        if parsed is not None:
            self._parses[path] = parsed
            if len(self._parses) > TREES_KEPT:
                del self._parses[next(iter(self._parses))]

    def lift(self, path: str) -> None:
        """Take a buffer away: the file as saved counts again."""
        self._parses.pop(path, None)
        sheet = self._sheets.pop(path, None)
        if sheet is not None:
            self._drop(record.id for record in sheet.records if record.id < 0)

    def _drop(self, numbers: Iterable[ChunkId]) -> None:
        gone = set(numbers)
        for number in gone:
            self._texts.pop(number, None)
            self._vectors.pop(number, None)
        if gone:
            self._lexical = self._lexical.changed(gone, ())

    @property
    def paths(self) -> frozenset[str]:
        """The buffers that differ from their file."""
        return frozenset(self._sheets)

    def missing(self) -> dict[ChunkId, tuple[bytes, str]]:
        """Return digest and embedding text of the chunks that have no vector yet."""
        return {n: (digest(text), text) for n, text in self._texts.items() if n not in self._vectors}

    def set_vectors(self, found: Mapping[ChunkId, Vector]) -> None:
        """Give chunks their vectors."""
        self._vectors.update((number, vector) for number, vector in found.items() if number in self._texts)

    def forget_vectors(self) -> None:
        """Drop all vectors, as when the model changed."""
        self._vectors.clear()

    def over(self, base: IndexSnapshot) -> IndexSnapshot:
        """Return a snapshot as if every buffer had been saved."""
        if not self._sheets:
            return base
        records, by_path, files = dict(base.records), dict(base.by_path), dict(base.files)
        definitions, file_vectors = dict(base.definitions), dict(base.file_vectors)
        saved = base.lexical.base if isinstance(base.lexical, OverlaidReader) else base.lexical
        masked: set[ChunkId] = set()
        for path, sheet in self._sheets.items():
            staying = {record.id for record in sheet.records}
            old = set(base.by_path.get(path, ()))
            masked |= old - staying
            for number in old:
                forget_definitions(definitions, records.pop(number))
            present = [record for record in sheet.records if record.id < 0 or record.id in old]
            for record in present:
                records[record.id] = record
                add_definitions(definitions, record)
            by_path[path] = tuple(record.id for record in present)
            files[path] = FileRow(path, BUFFER_STAMP, sheet.language)
        vectors = base.vectors.changed(masked, self._vectors)
        for path in self._sheets:
            rows = vectors.present(by_path[path])
            if len(rows):
                file_vectors[path] = unit_mean(rows)
        return replace(
            base,
            records=records,
            by_path=by_path,
            files=files,
            definitions=definitions,
            vectors=vectors,
            file_vectors=file_vectors,
            lexical=OverlaidReader(saved, self._lexical),
        )
