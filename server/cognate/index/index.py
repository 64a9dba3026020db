"""The writer's side of an index: a change goes to the store, then to the lexical index, then into the next snapshot.

Owned by the writer thread of one folder. The store is the truth; the lexical and the vector index are compared with it
when they are opened, and mended or rebuilt from it when they are missing, damaged or of another generation.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from cognate.arrays import Vector
from cognate.errors import StoreError
from cognate.graph.view import GraphView
from cognate.index import translated as translation_files
from cognate.index import vectors as vector_files
from cognate.index.entries import FileEntry, Outline, Paths
from cognate.index.lexical import file_number, index_words, lexical_chunk
from cognate.index.lexical_index import LexicalIndex
from cognate.index.snapshot import SAMPLE_SIZE, Snapshot, sample_of
from cognate.index.store import FileRead, Store
from cognate.index.texts import Texts
from cognate.index.translated import Translated, Translations, Translator
from cognate.index.vectors import NO_BASE, Base, SavedVectors, VectorIndex
from cognate.index.vocabulary import Vocabulary, no_vocabulary
from cognate.types import Chunk, ChunkId, ChunkRecord, FileStamp, References

log = logging.getLogger(__name__)

SAMPLE_DRIFT = 0.05
LEXICAL_GENERATION = "lexical_generation"  # The key under which the store remembers what tantivy holds.
REBUILD_BATCH = 2000  # Chunks read from the store and added to the lexical index at once when it is rebuilt.

NEW: ChunkId = 0
"""Stands for the id that a new chunk gets when it is stored."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one file became.

    Attributes:
        path: relative to the workspace folder.
        stamp: size and time when it was read, None when it is gone.
        language: as in ChunkedFile.
        rule: why it has no chunks; empty if it has some.
        chunks: all its chunks in order: the id of one whose text stayed or NEW, the chunk, the digest of its embedding
            text.
        references: what the file uses by name.
    """

    path: str
    stamp: FileStamp | None
    language: str = "text"
    rule: str = ""
    chunks: tuple[tuple[ChunkId, Chunk, bytes], ...] = ()
    references: References = field(default_factory=References)

    def as_read(self, stamp: FileStamp) -> FileRead:
        """Return what is stored of the file."""
        entry = FileEntry(
            self.path,
            stamp,
            self.language,
            self.rule,
            tuple(number for number, _, _ in self.chunks),
            tuple(digest for _, _, digest in self.chunks),
            tuple(Outline.of(chunk).to_line() for _, chunk, _ in self.chunks),
        )
        texts = tuple(chunk.text for number, chunk, _ in self.chunks if number == NEW)
        return FileRead(entry, texts, self.references)


@dataclass
class Index:
    """One folder's index; see the module's docstring for who may use it.

    Attributes:
        store: files, texts and references on disk.
        lexical: BM25.
        folder: where it lies, None in memory.
        saved: the snapshot of what is stored, without unsaved buffers.
        store_generation: of the store that ``saved`` shows.
        n_unsaved_vectors: vectors that the file of vectors does not have.
        n_unsaved_translations: rows of the table that came or went since they were written.
        rebuilt_because: what was found damaged when it was opened; empty if nothing was.
    """

    store: Store
    lexical: LexicalIndex
    folder: Path | None
    saved: Snapshot
    store_generation: int = 0
    fingerprint: str = ""
    n_unsaved_vectors: int = 0
    n_unsaved_translations: int = 0
    rebuilt_because: str = ""
    _saved_base: Base = NO_BASE
    _sampled_from: int = field(default=0)

    # -- files

    def apply(self, changes: Sequence[FileChange]) -> list[ChunkId]:
        """Apply what happened to some files, as one change; return the ids of new chunks, in order.

        Raises:
            StoreError: when the disk refuses. Unless ``lexical.is_behind`` after that, nothing was changed.
        """
        before = self.saved
        gone = [change.path for change in changes if change.stamp is None]
        reads = [change.as_read(change.stamp) for change in changes if change.stamp is not None]
        kept = {number for read in reads for number in read.entry.ids}
        gone_ids = {change.path: [n for n in before.ids_in(change.path) if n not in kept] for change in changes}
        removed = list(chain.from_iterable(gone_ids.values()))
        self.store_generation, stored = self.store.apply(reads, gone, removed)
        fresh: list[ChunkRecord] = []
        by_path = {change.path: change for change in changes}
        for entry in stored:
            for number, (old, chunk, _) in zip(entry.ids, by_path[entry.path].chunks, strict=True):
                if old == NEW:
                    fresh.append(ChunkRecord(number, entry.path, entry.language, chunk))
        self._replace({**dict.fromkeys(gone), **{entry.path: entry for entry in stored}}, removed, fresh)
        # A file whose chunks only moved keeps its words.
        touched = [c for c in changes if gone_ids[c.path] or c.stamp is None or any(n == NEW for n, _, _ in c.chunks)]
        self._update_lexical(touched, removed, fresh)
        return [record.id for record in fresh]

    def _replace(
        self, entries: Mapping[str, FileEntry | None], removed: Sequence[ChunkId], fresh: Sequence[ChunkRecord]
    ) -> None:
        vectors = self.saved.vectors.changed(removed, {}) if removed else self.saved.vectors
        translated = self.saved.translated.changed(removed, fresh)
        self.saved = self._sampled(self.saved.replacing(entries, vectors=vectors, translated=translated))
        self.n_unsaved_translations += len(removed) + len(fresh)

    def _update_lexical(
        self, changes: Sequence[FileChange], removed: Sequence[ChunkId], fresh: Sequence[ChunkRecord]
    ) -> None:
        if self.lexical.is_behind:
            raise StoreError("The lexical index must be mended first.")
        documents = [lexical_chunk(record) for record in fresh]
        bodies = {document.id: document.body for document in documents}
        words: dict[int, str] = {}
        for change in changes:
            if change.chunks:
                chunks = zip(self.saved.ids_in(change.path), change.chunks, strict=True)
                parts = (bodies.get(number) or index_words(chunk.text) for number, (_, chunk, _) in chunks)
                words[file_number(change.path)] = " ".join(parts)
        gone = [file_number(change.path) for change in changes if not change.chunks]
        self.lexical.apply(removed, documents, gone, words)
        self.store.set_meta(LEXICAL_GENERATION, str(self.store_generation))
        self._take_words()

    def _take_words(self) -> None:
        self.saved = replace(self.saved, lexical=self.lexical.reader(), generation=self.saved.generation + 1)

    def mend_lexical(self, *, damaged: bool = False) -> None:
        """Bring a lexical index that missed changes, or lost everything, to what the store holds.

        An id is never given twice and its chunk's words never change, so comparing ids is enough for chunks.

        Args:
            damaged: throw away what is there.

        Raises:
            StoreError: when the disk refuses.
        """
        if self.lexical.is_behind and not damaged:
            self.lexical.reopen()
        built_from = self.store.meta(LEXICAL_GENERATION)
        if damaged or (built_from is None and self.saved.n_chunks):
            self.lexical.start_anew()
        reader = self.lexical.reader()
        present, numbers = reader.chunk_ids(), reader.file_numbers()
        since = int(built_from) if built_from is not None and built_from.isdecimal() else -1
        newer = self.store.paths_since(since)
        alive = {number for entry in self.saved.files.values() for number in entry.ids}
        paths = {file_number(path): path for path in self.saved.paths()}
        self.lexical.apply(sorted(present - alive), [], sorted(numbers - paths.keys()), {})
        missing = iter(sorted(alive - present))
        while some := list(islice(missing, REBUILD_BATCH)):
            log.info("Adding %d chunks to the lexical index", len(some))
            self.lexical.apply([], [lexical_chunk(record) for record in self.saved.read(some)], [], {})
        stale = iter([path for number, path in paths.items() if path in newer or number not in numbers])
        while some := list(islice(stale, REBUILD_BATCH)):
            words = {file_number(p): " ".join(index_words(r.chunk.text) for r in self.saved.read_file(p)) for p in some}
            self.lexical.apply([], [], [], words)
        self.store.set_meta(LEXICAL_GENERATION, str(self.store_generation))
        self._take_words()

    @property
    def is_lexical_current(self) -> bool:
        """Whether the lexical index holds what the store does."""
        same = self.store.meta(LEXICAL_GENERATION) == str(self.store_generation)
        reader = self.lexical.reader()
        return same and (reader.n_chunks, reader.n_files) == (self.saved.n_chunks, self.saved.n_files)

    # -- vectors

    def set_vectors(self, found: Mapping[ChunkId, Vector]) -> None:
        """Give chunks their vectors; ids that are gone by now are ignored."""
        paths = {number: self.saved.path_of(number) for number in found}
        found = {number: vector for number, vector in found.items() if paths[number] is not None}
        if not found:
            return
        vectors = self.saved.vectors.changed((), found)
        # A new entry, though nothing in it differs: the mean that is known of the old one is no longer right.
        entries = {path: replace(self.saved.files[path]) for path in paths.values() if path is not None}
        self.saved = self._sampled(self.saved.replacing(entries, vectors=vectors))
        self.n_unsaved_vectors += len(found)

    def use_vectors(self, vectors: VectorIndex) -> None:
        """Let the same vectors stand on another base."""
        self.saved = replace(self.saved, vectors=vectors, generation=self.saved.generation + 1)

    def use_graph(self, graph: GraphView) -> None:
        """Let another reference graph count."""
        self.saved = replace(self.saved, graph=graph, generation=self.saved.generation + 1)

    def use_vocabulary(self, vocabulary: Callable[[], Vocabulary]) -> None:
        """Let other words count as the workspace's own, those that a function returns."""
        self.saved = replace(self.saved, vocabulary=vocabulary, generation=self.saved.generation + 1)

    def digests_of(self, numbers: Iterable[ChunkId]) -> dict[ChunkId, bytes]:
        """Return the digest of each chunk's embedding text; chunks that are gone are left out."""
        found: dict[ChunkId, bytes] = {}
        for number in numbers:
            path = self.saved.path_of(number)
            if path is not None:
                entry = self.saved.files[path]
                found[number] = entry.digests[entry.ids.index(number)]
        return found

    def without_vectors(self) -> list[ChunkId]:
        """Return the chunks that have no vector yet, in the order of ids."""
        if len(self.saved.vectors) >= self.saved.n_chunks:
            return []
        present = self.saved.vectors.ids()
        return sorted(n for entry in self.saved.files.values() for n in entry.ids if n not in present)

    @property
    def base_is_saved(self) -> bool:
        """Whether the base of the vectors is the one that lies on disk."""
        return self.saved.vectors.base is self._saved_base

    def save_vectors(self) -> None:
        """Write the base of the vectors, so that the next start need not make it.

        Raises:
            StoreError: when the disk refuses; what was saved before is still good.
        """
        vectors = self.saved.vectors
        if self.folder is not None and not self.base_is_saved:
            try:
                vectors.save(vector_files.file_of(self.folder, self.fingerprint), self._all_digests())
            except OSError as error:
                raise StoreError(
                    f"The vector index in {self.folder} cannot be written: {error.strerror}. Free some disk space."
                ) from error
        self._saved_base = vectors.base
        self.n_unsaved_vectors = len(vectors.delta_rows)

    def use_model(self, fingerprint: str, dimensions: int, saved: SavedVectors | None) -> None:
        """Take a model's vectors, as far as they were on disk.

        Args:
            fingerprint: of the model.
            dimensions: of its vectors.
            saved: what was read of them, None if there was nothing.
        """
        self.fingerprint = fingerprint
        vectors = VectorIndex(dimensions)
        if saved is not None and saved.dimensions == dimensions:
            vectors = saved.living(self._all_digests())
        self._saved_base = vectors.base
        self._sampled_from = 0
        empty = np.empty((0, dimensions), np.float32)
        blank = replace(self.saved, sample=empty, means={}, vocabulary=no_vocabulary)
        self.saved = self._sampled(replace(blank, vectors=vectors, generation=self.saved.generation + 1))

    def _all_digests(self) -> dict[ChunkId, bytes]:
        entries = self.saved.files.values()
        ids = chain.from_iterable(entry.ids for entry in entries)
        return dict(zip(ids, chain.from_iterable(entry.digests for entry in entries), strict=True))

    def _sampled(self, snapshot: Snapshot) -> Snapshot:
        """Take the sample of vectors anew when their number has changed by a twentieth, or when all of them fit.

        Also when no chunk lacks a vector: else answers would depend on when the last of them came.
        """
        count = len(snapshot.vectors)
        few_are_new = abs(count - self._sampled_from) <= count * SAMPLE_DRIFT
        if count > SAMPLE_SIZE and few_are_new and (count == self._sampled_from or count < snapshot.n_chunks):
            return snapshot
        self._sampled_from = count
        return replace(snapshot, sample=sample_of(snapshot.vectors))

    # -- the translation table

    def use_translator(self, translator: Translator | None) -> None:
        """Take a table's rows of the chunks, as far as they were on disk; None does without a table."""
        rows = Translations()
        if translator is not None and self.folder is not None:
            file = translation_files.file_of(self.folder, translator.fingerprint)
            rows = translation_files.read(file, self.store.identity) or rows
            alive = {number for entry in self.saved.files.values() for number in entry.ids}
            rows = rows.changed(rows.ids() - alive)
        translated = Translated(rows, translator)
        self.saved = replace(self.saved, translated=translated, generation=self.saved.generation + 1)

    @property
    def lacks_translations(self) -> bool:
        """Whether there is a table, and chunks without a row of it."""
        translated = self.saved.translated
        return translated.translator is not None and len(translated.rows) < self.saved.n_chunks

    def untranslated(self) -> list[ChunkId]:
        """Return the chunks that have no row of the table yet."""
        if not self.lacks_translations:
            return []
        present = self.saved.translated.rows.ids()
        return [n for entry in self.saved.files.values() for n in entry.ids if n not in present]

    def translate(self, numbers: Sequence[ChunkId]) -> None:
        """Give chunks their rows of the table.

        Raises:
            StoreError: when their texts cannot be read.
        """
        translated = self.saved.translated.changed((), self.saved.read(numbers))
        self.saved = replace(self.saved, translated=translated, generation=self.saved.generation + 1)
        self.n_unsaved_translations += len(numbers)

    def save_translations(self) -> None:
        """Write the rows of the table, so that the next start need not translate.

        Raises:
            StoreError: when the disk refuses; what was saved before is still good.
        """
        translator = self.saved.translated.translator
        if self.folder is not None and translator is not None and self.n_unsaved_translations:
            file = translation_files.file_of(self.folder, translator.fingerprint)
            try:
                translation_files.write(file, self.saved.translated.rows, self.store.identity)
            except OSError as error:
                raise StoreError(f"The index in {self.folder} cannot be written: {error.strerror}.") from error
        self.n_unsaved_translations = 0

    @property
    def key(self) -> int:
        """A number that names this generation of this store, for what is kept beside it."""
        return self.store.identity + self.store_generation

    def close(self) -> None:
        """Close everything on disk."""
        self.lexical.close()
        self.store.close()


def index_of(store: Store, lexical: LexicalIndex, folder: Path | None) -> Index:
    """Return the index of an open store and lexical index; vectors come with ``use_model``.

    Raises:
        DamagedStoreError: when the store cannot be read.
    """
    generation, entries = store.load()
    files = {entry.path: entry for entry in entries}
    snapshot = Snapshot(
        generation, files, VectorIndex(0), lexical.reader(), texts=Texts(store.text_reader()), owners=Paths(entries)
    )
    return Index(store, lexical, folder, snapshot, generation)
