"""Chunks of unsaved buffers, in place of those of their files: searchable in this process alone, gone when it closes.

Owned by the writer thread. Works on snapshots, so that neither the store nor the indexes on disk ever see a text that
was not saved. Chunks that a buffer has in common with the file keep their id and vector, at the buffer's lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cognate.arrays import Vector
from cognate.chunking import Parsed, chunk_edited, kept_chunks
from cognate.embedding.text import digest, embedding_text
from cognate.index.entries import FileEntry, Outline
from cognate.index.lexical import lexical_chunk
from cognate.index.lexical_unsaved import UnsavedChunks, UnsavedReader
from cognate.index.snapshot import Snapshot
from cognate.types import BUFFER_STAMP, ChunkId, ChunkRecord

TREES_KEPT = 8
"""Syntax trees kept for the next edit, of the buffers edited last; one takes ten times the memory of its text."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One buffer's chunks: those of the file that stayed, at their lines now, and new ones with ids below zero."""

    language: str
    records: tuple[ChunkRecord, ...]
    digests: Mapping[ChunkId, bytes]


class UnsavedBuffers:
    """The chunks of all unsaved buffers of one workspace folder.

    Attributes:
        n_changes: grows with each change that readers can see.
    """

    def __init__(self) -> None:
        self._layers: dict[str, _Layer] = {}
        self._texts: dict[ChunkId, tuple[bytes, str]] = {}  # With its digest.
        self._vectors: dict[ChunkId, Vector] = {}
        self._lexical = UnsavedChunks()
        self._last_id = 0
        self._parses: dict[str, Parsed] = {}
        self.n_changes = 0

    @property
    def paths(self) -> frozenset[str]:
        """The buffers that differ from their file."""
        return frozenset(self._layers)

    def set(self, path: str, text: str, saved: Sequence[tuple[ChunkRecord, bytes]]) -> None:
        """Put a buffer's chunks in place of its file's, or of those that the buffer had before.

        Args:
            path: of the file.
            text: what the buffer holds.
            saved: the chunks of the file as it is indexed, each with the digest of its embedding text.
        """
        chunked, parsed = chunk_edited(path, text, self._parses.get(path))
        self._keep_tree(path, parsed)
        former = self._layers.get(path)
        own = [record for record in former.records if record.id < 0] if former else []
        digests = {record.id: key for record, key in saved}
        if former is not None:
            digests.update((record.id, former.digests[record.id]) for record in own)
        known = [*(record for record, _ in saved), *own]
        if known and known[0].language != chunked.language:
            known = []
        same = kept_chunks([record.chunk for record in known], chunked.chunks)
        records = {new: replace(known[old], chunk=chunked.chunks[new]) for new, old in same.items()}
        kept = {record.id for record in records.values()}
        self._forget(record.id for record in own if record.id not in kept)
        fresh: list[ChunkRecord] = []
        for new, chunk in enumerate(chunked.chunks):
            if new in records:
                continue
            self._last_id -= 1
            record = ChunkRecord(self._last_id, path, chunked.language, chunk)
            embedded = embedding_text(path, record.chunk)
            digests[record.id] = digest(embedded)
            self._texts[record.id] = digests[record.id], embedded
            records[new] = record
            fresh.append(record)
        self._lexical = self._lexical.changed((), map(lexical_chunk, fresh))
        self._layers[path] = _Layer(chunked.language, tuple(records[i] for i in sorted(records)), digests)
        self.n_changes += 1

    def _keep_tree(self, path: str, parsed: Parsed | None) -> None:
        self._parses.pop(path, None)
        if parsed is not None:
            self._parses[path] = parsed
            if len(self._parses) > TREES_KEPT:
                del self._parses[next(iter(self._parses))]

    def remove(self, path: str) -> None:
        """Let the file as saved count again."""
        self._parses.pop(path, None)
        layer = self._layers.pop(path, None)
        if layer is not None:
            self._forget(record.id for record in layer.records if record.id < 0)
            self.n_changes += 1

    def _forget(self, numbers: Iterable[ChunkId]) -> None:
        gone = set(numbers)
        for number in gone:
            self._texts.pop(number, None)
            self._vectors.pop(number, None)
        if gone:
            self._lexical = self._lexical.changed(gone, ())

    def missing(self) -> dict[bytes, str]:
        """Return digest and embedding text of the chunks that have no vector yet."""
        return dict(pair for number, pair in self._texts.items() if number not in self._vectors)

    def set_vectors(self, found: Mapping[bytes, Vector]) -> None:
        """Give chunks their vectors, by the digest of their embedding text."""
        lacking = {number: key for number, (key, _) in self._texts.items() if number not in self._vectors}
        fresh = {number: found[key] for number, key in lacking.items() if key in found}
        self._vectors.update(fresh)
        self.n_changes += bool(fresh)

    def forget_vectors(self) -> None:
        """Drop all vectors, as when the model changed."""
        self._vectors.clear()

    def over(self, base: Snapshot) -> Snapshot:
        """Return a snapshot as if every buffer had been saved."""
        if not self._layers:
            return base
        entries: dict[str, FileEntry] = {}
        texts: dict[ChunkId, str] = {}
        masked: set[ChunkId] = set()
        for path, layer in self._layers.items():
            old = set(base.ids_in(path))
            present = [record for record in layer.records if record.id < 0 or record.id in old]
            ids = tuple(record.id for record in present)
            masked |= old.difference(ids)
            digests = tuple(layer.digests[number] for number in ids)
            outlines = tuple(Outline.of(record.chunk).to_line() for record in present)
            entries[path] = FileEntry(path, BUFFER_STAMP, layer.language, "", ids, digests, outlines)
            texts.update((record.id, record.chunk.text) for record in present if record.id < 0)
        vectors = base.vectors.changed(masked, self._vectors)
        own = [record for layer in self._layers.values() for record in layer.records if record.id < 0]
        translated = base.translated.changed(masked, own)
        lexical = UnsavedReader.over(base.lexical, self._lexical)
        return replace(base.replacing(entries, vectors=vectors, lexical=lexical, translated=translated), unsaved=texts)
