"""What a reader sees: one entry per file, and every index as of one generation, frozen.

A published snapshot is never changed; every change replaces entries and makes the next one. Any thread may hold one for
as long as it likes. The texts of chunks are not part of it: they are read by id, see ``texts``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.errors import DamagedStoreError
from cognate.graph.view import NO_GRAPH, GraphView
from cognate.index.entries import FileEntry, Outline, Paths
from cognate.index.lexical import LexicalReader
from cognate.index.texts import NO_TEXTS, Texts
from cognate.index.translated import NOTHING, Translated
from cognate.index.vectors import VectorIndex
from cognate.index.vocabulary import Vocabulary, no_vocabulary
from cognate.types import ChunkId, ChunkRecord, Symbol

SAMPLE_SIZE = 1000
SPARE_PATHS = 10_000  # Ids of removed chunks that are remembered before the map of paths is made anew.


@dataclass(frozen=True)
class Snapshot:
    """The index of one workspace folder at one generation.

    Attributes:
        generation: grows by one with each change.
        files: every known file, those without chunks included.
        vectors: nearest neighbours.
        lexical: BM25.
        texts: of the chunks on disk.
        unsaved: texts of chunks that only an open buffer has, by id; these ids are below zero.
        sample: up to a thousand vectors of the workspace, to tell what an ordinary similarity is.
        graph: who refers to whom among the files as saved; empty until known, and behind for a moment after edits.
        owners: the file of each chunk.
        means: the mean of each file that was asked for, with the entry that it is good for: an entry is replaced when
            its vectors change.
        vocabulary: returns the words of the workspace's names, as of some while ago; may have to read them first.
        translated: what chunks mean by the translation table.
    """

    generation: int
    files: Mapping[str, FileEntry]
    vectors: VectorIndex
    lexical: LexicalReader
    texts: Texts = NO_TEXTS
    unsaved: Mapping[ChunkId, str] = field(default_factory=dict[ChunkId, str])
    sample: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    graph: GraphView = NO_GRAPH
    owners: Paths = field(default_factory=Paths)
    means: dict[str, tuple[FileEntry, Vector | None]] = field(
        default_factory=dict[str, tuple[FileEntry, "Vector | None"]]
    )
    vocabulary: Callable[[], Vocabulary] = no_vocabulary
    translated: Translated = NOTHING

    @cached_property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return sum(len(entry.ids) for entry in self.files.values())

    @cached_property
    def n_files(self) -> int:
        """Number of files that have chunks."""
        return sum(1 for entry in self.files.values() if entry.ids)

    @property
    def coverage(self) -> float:
        """Share of the chunks that have a vector; 1 when there are none."""
        return len(self.vectors) / self.n_chunks if self.n_chunks else 1.0

    @property
    def table_coverage(self) -> float:
        """Share of the chunks that have a row of the translation table; 1 when there are none, or no table."""
        lacks = self.n_chunks and self.translated.translator is not None
        return min(1.0, len(self.translated.rows) / self.n_chunks) if lacks else 1.0

    def paths(self) -> Iterator[str]:
        """Yield the files that have chunks."""
        return (path for path, entry in self.files.items() if entry.ids)

    def languages(self) -> Mapping[str, int]:
        """Return how many files that have chunks are in each language."""
        return Counter(entry.language for entry in self.files.values() if entry.ids)

    def ids_in(self, path: str) -> tuple[ChunkId, ...]:
        """Return the chunks of a file, in order; none for a file that is not known."""
        entry = self.files.get(path)
        return entry.ids if entry is not None else ()

    def path_of(self, number: ChunkId) -> str | None:
        """Return the file of a chunk, None for one that is not part of this snapshot."""
        path = self.owners.of_chunk.get(number)
        return path if path is not None and number in self.ids_in(path) else None

    def path_of_file_number(self, number: int) -> str | None:
        """Return the file that the lexical index knows under a number."""
        return self.owners.of_number.get(number)

    def mean_of(self, path: str) -> Vector | None:
        """Return the unit mean of a file's vectors, None when it has none."""
        entry = self.files.get(path)
        if entry is None:
            return None
        known = self.means.get(path)
        if known is None or known[0] is not entry:
            known = self.means[path] = entry, mean_of(self.vectors, entry.ids)
        return known[1]

    def means_of(self, paths: Iterable[str]) -> Matrix:
        """Return the unit means of files, NaN where there is none; shape (paths, dimensions)."""
        unknown = np.full(self.vectors.dimensions, np.nan, np.float32)
        means = [unknown if (mean := self.mean_of(path)) is None else mean for path in paths]
        return np.array(means, np.float32).reshape(-1, self.vectors.dimensions)

    def read(self, numbers: Iterable[ChunkId]) -> list[ChunkRecord]:
        """Return chunks with their text, in the order given; those that are not here are left out.

        Raises:
            StoreError: when the texts cannot be read, or are gone because the snapshot is old.
        """
        return self._with_texts(self._found(numbers))

    def symbols_of(self, numbers: Iterable[ChunkId]) -> list[Symbol]:
        """Return the definitions and keys of data that begin in chunks, in the order given. Reads no text.

        Raises:
            StoreError: when they cannot be read.
        """
        return [symbol for _, entry, at in self._found(numbers) for symbol in _outline(entry, at).symbols]

    def _found(self, numbers: Iterable[ChunkId]) -> list[tuple[ChunkId, FileEntry, int]]:
        """Return the entry of each chunk's file, and its position in there; those that are not here are left out."""
        found: list[tuple[ChunkId, FileEntry, int]] = []
        for number in numbers:
            path = self.path_of(number)
            if path is not None:
                entry = self.files[path]
                found.append((number, entry, entry.ids.index(number)))
        return found

    def read_file(self, path: str) -> list[ChunkRecord]:
        """Return all chunks of a file, in order.

        Raises:
            StoreError: when the texts cannot be read, or are gone because the snapshot is old.
        """
        entry = self.files.get(path)
        return self._with_texts([(i, entry, at) for at, i in enumerate(entry.ids)]) if entry is not None else []

    def _with_texts(self, found: Sequence[tuple[ChunkId, FileEntry, int]]) -> list[ChunkRecord]:
        texts = self.texts.read([number for number, _, _ in found if number not in self.unsaved])
        texts = {**texts, **self.unsaved} if self.unsaved else texts
        try:
            return [
                ChunkRecord(number, entry.path, entry.language, _outline(entry, at).with_text(texts[number]))
                for number, entry, at in found
            ]
        except KeyError as error:
            raise DamagedStoreError(f"The index is damaged (it lacks the text of chunk {error})") from error

    def outline(self, path: str) -> list[Outline]:
        """Return the outlines of a file's chunks, in order."""
        return [outline for _, outline in self.outlined(path)]

    def outlined(self, path: str, cell: int | None = None) -> list[tuple[ChunkId, Outline]]:
        """Return a file's chunks with their outlines, in order; those of one cell if one is named."""
        entry = self.files.get(path)
        chunks = entry.outlined() if entry is not None else ()
        return [(number, outline) for number, outline in chunks if cell is None or outline.cell == cell]

    def defining(self, name: str, limit: int) -> list[ChunkId]:
        """Return chunks that define a name, in any style of writing, at most ``limit``."""
        return self.lexical.chunks_defining(name, limit)

    def usual_similarity(self, query: Vector) -> tuple[float, float]:
        """Return mean and standard deviation of the similarity of the workspace's chunks to a query."""
        if len(self.sample) < 2:  # noqa: PLR2004
            return 0.1, 0.1
        similarities = self.sample @ query
        return float(similarities.mean()), max(float(similarities.std()), 1e-3)

    def likeness(self, query: Vector, numbers: Sequence[ChunkId]) -> NDArray[np.float64]:
        """Return how like a query chunks are, shape (numbers,).

        0 is what is ordinary in this workspace, 1 the same; NaN stands for a chunk without a vector.
        """
        usual, _ = self.usual_similarity(query)
        raw = self.vectors.similarities(query, numbers).astype(np.float64)
        return np.clip((raw - usual) / (1.0 - usual), 0.0, 1.0)

    def symbol_rank(self, record: ChunkRecord) -> float:
        """Return how central the most central definition of a chunk is in the reference graph, 0 to 1."""
        names = [symbol.qualified for symbol in record.chunk.symbols] or [record.chunk.container]
        return self.graph.symbol_rank(record.path, *names)

    def replacing(
        self,
        entries: Mapping[str, FileEntry | None],
        *,
        vectors: VectorIndex | None = None,
        lexical: LexicalReader | None = None,
        translated: Translated | None = None,
    ) -> "Snapshot":
        """Return the next snapshot, in which some files have other entries, or none.

        Args:
            entries: by path; None removes a file.
            vectors: those of the next snapshot, if they differ.
            lexical: the same.
            translated: the same.
        """
        files = dict(self.files)
        for path, entry in entries.items():
            if entry is None:
                files.pop(path, None)
                self.means.pop(path, None)
            else:
                files[path] = entry
        owners = self.owners
        if len(owners.of_chunk) > 2 * self.n_chunks + SPARE_PATHS:
            owners = Paths(files.values())
        else:
            for entry in entries.values():
                if entry is not None:
                    owners.add(entry)
        return replace(
            self,
            generation=self.generation + 1,
            files=files,
            vectors=vectors if vectors is not None else self.vectors,
            lexical=lexical if lexical is not None else self.lexical,
            owners=owners,
            translated=translated if translated is not None else self.translated,
        )


def _outline(entry: FileEntry, position: int) -> Outline:
    try:
        return entry.outline(position)
    except (TypeError, ValueError) as error:
        raise DamagedStoreError(f"The index is damaged (an outline cannot be read: {error})") from error


def sample_of(vectors: VectorIndex) -> Matrix:
    """Return about SAMPLE_SIZE vectors, evenly spread over the ids."""
    ids = sorted(vectors.ids())
    return vectors.present(ids[:: max(1, len(ids) // SAMPLE_SIZE)])


def mean_of(vectors: VectorIndex, ids: Sequence[ChunkId]) -> Vector | None:
    """Return the unit mean of the vectors of some chunks, None when none of them has one."""
    rows = vectors.present(ids)
    return unit_mean(rows) if len(rows) else None


def unit_mean(rows: Matrix) -> Vector:
    """Return the mean of unit vectors, shape (rows, dimensions), made a unit vector again; zeros for none."""
    total: Vector = rows.sum(axis=0)
    length = np.linalg.norm(total)
    return (total / length).astype(np.float32, copy=False) if length else total
