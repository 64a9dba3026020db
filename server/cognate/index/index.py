"""The writer's side of an index: one change goes to the store, the lexical and the vector index, in this order.

Owned by the writer thread of one engine. The store is the truth; the two others are held against it when opened and
mended or rebuilt from it when missing, damaged, or of another generation. A follower reads what another process wrote.
"""

import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np

from cognate.errors import StoreError
from cognate.graph.view import NO_GRAPH, GraphView
from cognate.index import vectors as vector_files
from cognate.index.lexical import LexicalChunk, LexicalIndex, file_number, index_words
from cognate.index.snapshot import (
    IndexSnapshot,
    add_definitions,
    definitions_of,
    forget_definitions,
    sample_of,
    unit_mean,
)
from cognate.index.store import FileRow, Store, StoredChunk
from cognate.index.vectors import SavedVectors, VectorIndex
from cognate.types import NO_REFERENCES, Chunk, ChunkId, ChunkRecord, Matrix, References, Vector

log = logging.getLogger(__name__)

SAMPLE_DRIFT = 0.05
LEXICAL_GENERATION = "lexical_generation"  # The key under which the store remembers what tantivy holds.
REBUILD_BATCH = 5000  # Chunks handed to the lexical index at once when it is rebuilt.


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one file became.

    Attributes:
        path: relative to the workspace folder.
        row: the file now, or None when it is gone; a row with a rule has no chunks.
        removed: ids of chunks that are no more.
        moved: chunks whose text stayed, at their new lines.
        added: new chunks, each with the digest of its embedding text.
        references: what the file uses by name.
    """

    path: str
    row: FileRow | None
    removed: tuple[ChunkId, ...] = ()
    moved: tuple[ChunkRecord, ...] = ()
    added: tuple[tuple[Chunk, bytes], ...] = ()
    references: References = NO_REFERENCES


@dataclass
class Index:
    """All of one folder's index; see the module's docstring for who may touch it."""

    store: Store
    lexical: LexicalIndex
    vectors: VectorIndex
    folder: Path | None
    fingerprint: str
    records: dict[ChunkId, ChunkRecord] = field(default_factory=dict[ChunkId, ChunkRecord])
    digests: dict[ChunkId, bytes] = field(default_factory=dict[ChunkId, bytes])
    by_path: dict[str, tuple[ChunkId, ...]] = field(default_factory=dict[str, tuple[ChunkId, ...]])
    files: dict[str, FileRow] = field(default_factory=dict[str, FileRow])
    definitions: dict[str, tuple[ChunkId, ...]] = field(default_factory=dict[str, tuple[ChunkId, ...]])
    file_vectors: dict[str, Vector] = field(default_factory=dict[str, Vector])
    path_of_number: dict[int, str] = field(default_factory=dict[int, str])
    generation: int = 0
    store_generation: int = 0
    unsaved_vectors: int = 0
    sample: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    sampled_from: int = 0
    saved_base: object = None
    last_snapshot: IndexSnapshot | None = None  # None also when files or chunks have changed since.
    rebuilt_because: str = ""
    graph: GraphView = NO_GRAPH

    def fill(self, files: Iterable[FileRow], chunks: Sequence[StoredChunk]) -> None:
        """Take in what the store holds, into an index that is empty."""
        self.last_snapshot = None
        self.files = {row.path: row for row in files}
        self.records = {stored.record.id: stored.record for stored in chunks}
        self.digests = {stored.record.id: stored.digest for stored in chunks}
        self.definitions = definitions_of(self.records.values())
        by_path: dict[str, list[ChunkId]] = {}
        for number, record in self.records.items():
            by_path.setdefault(record.path, []).append(number)
        self.by_path = {path: tuple(sorted(ids, key=self._position)) for path, ids in by_path.items()}
        self.path_of_number = {file_number(path): path for path in self.by_path}

    def apply(self, changes: Sequence[FileChange]) -> None:
        """Apply what happened to some files, as one change.

        Raises:
            StoreError: when the disk refuses. Unless ``lexical.is_behind`` after that, nothing was changed.
        """
        self.last_snapshot = None
        added = [(change.path, chunk, digest) for change in changes for chunk, digest in change.added]
        removed = [number for change in changes for number in change.removed]
        gone = [change.path for change in changes if change.row is None]
        rows = [change.row for change in changes if change.row is not None]
        moved = [(record, self.digests[record.id]) for change in changes for record in change.moved]
        used = [(change.path, change.references) for change in changes if change.row is not None]
        ids = self.store.apply(files=rows, gone=gone, removed=removed, moved=moved, added=added, references=used)
        removed = list({*removed, *(number for path in gone for number in self.by_path.get(path, ()))})
        self._forget(removed)
        languages = {row.path: row.language for row in rows}
        fresh: list[ChunkRecord] = []
        for number, (path, chunk, digest) in zip(ids, added, strict=True):
            record = ChunkRecord(number, path, languages[path], chunk)
            self._remember(record, digest)
            fresh.append(record)
        for record, _ in moved:
            self.records[record.id] = record
        self._place(changes, fresh)
        self.store_generation = self.store.generation()
        self.generation += 1
        self._update_lexical(changes, removed, fresh)

    def _remember(self, record: ChunkRecord, digest: bytes) -> None:
        self.records[record.id] = record
        self.digests[record.id] = digest
        add_definitions(self.definitions, record)

    def _forget(self, removed: Iterable[ChunkId]) -> None:
        removed = list(removed)
        for number in removed:
            record = self.records.pop(number)
            del self.digests[number]
            forget_definitions(self.definitions, record)
        if removed:
            self.vectors = self.vectors.changed(removed, {})

    def _place(self, changes: Sequence[FileChange], fresh: Sequence[ChunkRecord]) -> None:
        fresh_by_path: dict[str, list[ChunkId]] = {}
        for record in fresh:
            fresh_by_path.setdefault(record.path, []).append(record.id)
        for change in changes:
            if change.row is None:
                self.files.pop(change.path, None)
            else:
                self.files[change.path] = change.row
            gone = set(change.removed)
            ids = [i for i in self.by_path.get(change.path, ()) if i not in gone and change.row is not None]
            ids += fresh_by_path.get(change.path, [])
            if ids:
                self.by_path[change.path] = tuple(sorted(ids, key=self._position))
                self.path_of_number[file_number(change.path)] = change.path
            else:
                self.by_path.pop(change.path, None)
                self.path_of_number.pop(file_number(change.path), None)
            self._update_file_vector(change.path)

    def _position(self, number: ChunkId) -> tuple[int, int]:
        chunk = self.records[number].chunk
        return (-1 if chunk.cell is None else chunk.cell, chunk.start_line)

    def _update_lexical(
        self, changes: Sequence[FileChange], removed: Sequence[ChunkId], fresh: Sequence[ChunkRecord]
    ) -> None:
        if self.lexical.is_behind:
            raise StoreError("The lexical index is to be mended first.")
        documents = [lexical_chunk(record) for record in fresh]
        touched = [c for c in changes if c.removed or c.added or c.row is None]
        known = {document.id: document.body for document in documents}
        words = {file_number(c.path): self._file_words(c.path, known) for c in touched if c.path in self.by_path}
        gone = [file_number(c.path) for c in touched if c.path not in self.by_path]
        self.lexical.apply(removed, documents, gone, words)
        self.store.set_meta(LEXICAL_GENERATION, str(self.store_generation))

    def mend_lexical(self) -> None:
        """Bring a lexical index that missed changes, or lost everything, to what the store holds.

        An id is never given twice and its chunk's words never change, so comparing ids is enough for chunks.

        Raises:
            StoreError: when the disk refuses.
        """
        if self.lexical.is_behind:
            self.lexical.reopen()
        built_from = self.store.meta(LEXICAL_GENERATION)
        if built_from is None and self.records:
            self.lexical.start_anew()
        reader = self.lexical.reader()
        present, numbers = reader.chunk_ids(), reader.file_numbers()
        missing = [record for number, record in self.records.items() if number not in present]
        if missing:
            log.info("Adding %d chunks to the lexical index", len(missing))
        since = int(built_from) if built_from is not None and built_from.isdecimal() else -1
        newer = self.store.paths_since(since)
        stale = [path for path in self.by_path if path in newer or file_number(path) not in numbers]
        gone = [number for number in numbers if number not in self.path_of_number]
        self.lexical.apply([number for number in present if number not in self.records], [], gone, {})
        for start in range(0, len(missing), REBUILD_BATCH):
            self.lexical.apply([], [lexical_chunk(r) for r in missing[start : start + REBUILD_BATCH]], [], {})
        self.lexical.apply([], [], [], {file_number(path): self._file_words(path, {}) for path in stale})
        self.store.set_meta(LEXICAL_GENERATION, str(self.store_generation))

    @property
    def is_lexical_current(self) -> bool:
        """Whether the lexical index holds what the store does."""
        same = self.store.meta(LEXICAL_GENERATION) == str(self.store_generation)
        reader = self.lexical.reader()
        return same and (reader.n_chunks, reader.n_files) == (len(self.records), len(self.by_path))

    def follow(self) -> None:
        """Take over what the writing process committed since the last time; nothing is written.

        Raises:
            StoreError: when it cannot be read, or was made anew; the index is to be opened again then.
        """
        self.last_snapshot = None
        if self.store.is_replaced:
            raise StoreError("The store that was followed is gone.")
        news = self.store.changes_since(self.store_generation, self.files)
        if news.generation < self.store_generation:
            raise StoreError("The store that was followed was made anew.")
        changes = [FileChange(path, None) for path in news.gone]
        removed = [number for path in news.gone for number in self.by_path.get(path, ())]
        fresh: list[ChunkRecord] = []
        for row, stored in news.files:
            known = {number: self.records[number] for number in self.by_path.get(row.path, ())}
            now = {chunk.record.id: chunk for chunk in stored}
            dead = [number for number in known if number not in now]
            removed += dead
            for number, chunk in now.items():
                if number in known:
                    self.records[number] = chunk.record
                else:
                    self._remember(chunk.record, chunk.digest)
                    fresh.append(chunk.record)
            changes.append(FileChange(row.path, row, removed=tuple(dead)))
        self._forget(removed)
        self._place(changes, fresh)
        self.store_generation = news.generation
        self.generation += 1

    def _file_words(self, path: str, known: Mapping[ChunkId, str]) -> str:
        """Return the words of a file, some chunks' words being known."""
        ids = self.by_path[path]
        return " ".join(known[i] if i in known else index_words(self.records[i].chunk.text) for i in ids)

    def set_vectors(self, found: Mapping[ChunkId, Vector]) -> None:
        """Give chunks their vectors; ids that are gone by now are ignored."""
        found = {number: vector for number, vector in found.items() if number in self.records}
        if not found:
            return
        self.vectors = self.vectors.changed((), found)
        self.unsaved_vectors += len(found)
        for path in {self.records[number].path for number in found}:
            self._update_file_vector(path)
        self.generation += 1

    def _update_file_vector(self, path: str) -> None:
        rows = self.vectors.present(self.by_path.get(path, ()))
        if len(rows):
            self.file_vectors[path] = unit_mean(rows)
        else:
            self.file_vectors.pop(path, None)

    def without_vectors(self) -> list[ChunkId]:
        """Return the chunks that have no vector yet; those that came last are found first, and the rest is spared."""
        lacking = len(self.records) - len(self.vectors)
        without = (number for number in reversed(self.records) if number not in self.vectors)
        return list(islice(without, max(lacking, 0)))[::-1]

    def compact(self, threads: int) -> None:
        """Move newer vectors into the graph."""
        self.vectors = self.vectors.compacted(threads)
        self.generation += 1

    def save_vectors(self) -> None:
        """Write the vector graph, so that the next start need not build it.

        Raises:
            StoreError: when the disk refuses; what was saved before is still good.
        """
        if self.folder is not None and self.vectors.base is not self.saved_base:
            try:
                self.vectors.save(vector_place(self.folder, self.fingerprint), self.digests)
            except OSError as error:
                raise StoreError(
                    f"The vector index in {self.folder} cannot be written: {error.strerror}. Free some disk space."
                ) from error
        self.saved_base = self.vectors.base
        self.unsaved_vectors = len(self.vectors.delta_rows)

    def use_model(self, fingerprint: str, dimensions: int, ahead: "ReadAhead | None" = None) -> None:
        """Load the vectors of a model, as far as they are on disk.

        Args:
            fingerprint: of the model.
            dimensions: of its vectors.
            ahead: what ``read_ahead`` read, to save the time if it is still what lies on disk.
        """
        self.fingerprint = fingerprint
        self.vectors = VectorIndex(dimensions)
        if self.folder is not None:
            place = vector_place(self.folder, fingerprint)
            is_read = ahead is not None and ahead.is_of(self.folder, fingerprint)
            saved = ahead.saved if ahead is not None and is_read else vector_files.read(place)
            if saved is not None and saved.vectors.shape[1] == dimensions:
                self.vectors = saved.living(self.digests)
        self.saved_base = self.vectors.base
        self.sampled_from = 0
        self.sample = np.empty((0, dimensions), np.float32)
        self.file_vectors = self._means_of_files()
        self.generation += 1

    def _means_of_files(self) -> dict[str, Vector]:
        """Return the mean of each file's vectors, which are fetched all at once."""
        present = self.vectors.ids()
        numbers = {path: [i for i in ids if i in present] for path, ids in self.by_path.items()}
        rows = self.vectors.gathered(list(chain.from_iterable(numbers.values())))
        means: dict[str, Vector] = {}
        start = 0
        for path, ids in numbers.items():
            if ids:
                means[path] = unit_mean(rows[start : start + len(ids)])
                start += len(ids)
        return means

    def snapshot(self) -> IndexSnapshot:
        """Return what readers may see from now on."""
        if self.last_snapshot is None:
            records, by_path, files = dict(self.records), dict(self.by_path), dict(self.files)
            definitions, path_of_number = dict(self.definitions), dict(self.path_of_number)
        else:  # New vectors leave all this as it was, and it is large.
            last = self.last_snapshot
            records, by_path, files = last.records, last.by_path, last.files
            definitions, path_of_number = last.definitions, last.path_of_number
        self.last_snapshot = IndexSnapshot(
            generation=self.generation,
            records=records,
            by_path=by_path,
            files=files,
            definitions=definitions,
            vectors=self.vectors,
            file_vectors=dict(self.file_vectors),
            sample=self._current_sample(),
            lexical=self.lexical.reader(),
            path_of_number=path_of_number,
            graph=self.graph,
        )
        return self.last_snapshot

    def content_key(self) -> int:
        """Return a number that differs for other files, or for other versions of them, also after a store made anew."""
        rows = sorted((path, row.stamp.size, row.stamp.mtime_ns) for path, row in self.files.items())
        return zlib.crc32(repr(rows).encode("utf-8", "surrogatepass"))

    def _current_sample(self) -> Matrix:
        """Return the sample, taken anew when the number of vectors has changed by a twentieth."""
        if abs(len(self.vectors) - self.sampled_from) > len(self.vectors) * SAMPLE_DRIFT:
            self.sample = sample_of(self.vectors)
            self.sampled_from = len(self.vectors)
        return self.sample

    def close(self) -> None:
        """Let go of everything on disk."""
        self.lexical.close()
        self.store.close()


def vector_place(folder: Path, fingerprint: str) -> Path:
    """Return where a folder's vectors of a model lie, without the endings of the files."""
    return folder / f"vectors-v{vector_files.FORMAT_VERSION}-{fingerprint}"


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """The vectors of a model as they lay on disk at some moment.

    Attributes:
        place: where.
        stamp: of what lay there, None if nothing did.
        saved: what it held, None if that was nothing, or damaged.
    """

    place: Path
    stamp: tuple[int, int] | None
    saved: SavedVectors | None

    def is_of(self, folder: Path, fingerprint: str) -> bool:
        """Whether this is what lies on disk of a model's vectors."""
        place = vector_place(folder, fingerprint)
        return (self.place, self.stamp) == (place, vector_files.stamp(place))


def read_ahead(folder: Path) -> ReadAhead | None:
    """Read the vectors in a folder before the index is open, on any thread; None unless they are of one model."""
    places = vector_files.places(folder)
    if len(places) != 1:
        return None
    return ReadAhead(places[0], vector_files.stamp(places[0]), vector_files.read(places[0]))


def lexical_chunk(record: ChunkRecord) -> LexicalChunk:
    """Return what the lexical index needs of a chunk."""
    chunk = record.chunk
    names = " ".join(index_words(f"{symbol.container} {symbol.name}") for symbol in chunk.symbols)
    if chunk.container:
        names = f"{names} {index_words(chunk.container)}"
    stem, _, _ = record.path.rpartition(".")
    return LexicalChunk(record.id, record.path, index_words(chunk.text), names, index_words(stem or record.path))
