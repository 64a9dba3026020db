"""What a reader sees: every index as of one generation, frozen.

A published snapshot is never changed; the writer makes the next one. Any thread may hold one for as long as it likes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cognate.graph.view import NO_GRAPH, GraphView
from cognate.index.lexical import LexicalReader
from cognate.index.overlay import OverlaidReader
from cognate.index.store import FileRow
from cognate.index.vectors import VectorIndex
from cognate.types import ChunkId, ChunkRecord, Matrix, Symbol, Vector

SAMPLE_SIZE = 1000


class ChunkOutline(NamedTuple):
    """A chunk without its text; the fields are those of ``Chunk``."""

    start_line: int
    end_line: int
    cell: int | None
    container: str
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class IndexSnapshot:
    """The index of one workspace folder at one generation.

    Attributes:
        generation: grows by one with each change.
        records: every chunk, by id.
        by_path: ids of a file's chunks, in order.
        files: every known file, those without chunks included.
        definitions: ids of the chunks that define a name, by the name in lower case.
        vectors: nearest neighbours.
        file_vectors: unit mean of a file's vectors.
        sample: up to a thousand vectors of the workspace, to tell what an ordinary similarity is.
        lexical: BM25.
        path_of_number: path of a file by its number in the lexical index.
        graph: who refers to whom among the files as saved; empty until known, and behind for a moment after edits.
    """

    generation: int
    records: Mapping[ChunkId, ChunkRecord]
    by_path: Mapping[str, tuple[ChunkId, ...]]
    files: Mapping[str, FileRow]
    definitions: Mapping[str, tuple[ChunkId, ...]]
    vectors: VectorIndex
    file_vectors: Mapping[str, Vector]
    sample: Matrix
    lexical: LexicalReader | OverlaidReader
    path_of_number: Mapping[int, str]
    graph: GraphView = NO_GRAPH

    @property
    def coverage(self) -> float:
        """Share of the chunks that have a vector; 1 when there are none."""
        return len(self.vectors) / len(self.records) if self.records else 1.0

    def usual_similarity(self, query: Vector) -> tuple[float, float]:
        """Return mean and standard deviation of the similarity of the workspace's chunks to a query."""
        if len(self.sample) < 2:  # noqa: PLR2004
            return 0.1, 0.1
        similarities = self.sample @ query
        return float(similarities.mean()), max(float(similarities.std()), 1e-3)

    def symbol_rank(self, record: ChunkRecord) -> float:
        """Return how central the most central definition of a chunk is in the reference graph, 0 to 1."""
        names = [symbol.qualified for symbol in record.chunk.symbols] or [record.chunk.container]
        return self.graph.symbol_rank(record.path, *names)

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return len(self.records)

    def paths(self) -> Iterable[str]:
        """Return the files that have chunks."""
        return self.by_path.keys()

    def ids_in(self, path: str) -> tuple[ChunkId, ...]:
        """Return the chunks of a file, in order; none for a file that is not known."""
        return self.by_path.get(path, ())

    def path_of(self, number: ChunkId) -> str | None:
        """Return the file of a chunk, None when the chunk is not in this snapshot."""
        record = self.records.get(number)
        return None if record is None else record.path

    def path_of_file_number(self, number: int) -> str | None:
        """Return the file that has a number in the lexical index, None when it has no chunks."""
        return self.path_of_number.get(number)

    def read(self, numbers: Iterable[ChunkId]) -> list[ChunkRecord]:
        """Return chunks with their text, in the order given; those that are not in this snapshot are left out."""
        return [self.records[number] for number in numbers if number in self.records]

    def read_file(self, path: str) -> list[ChunkRecord]:
        """Return all chunks of a file with their text, in order."""
        return self.read(self.ids_in(path))

    def outline(self, path: str) -> Sequence[ChunkOutline]:
        """Return what is known of a file's chunks without reading their text, in order."""
        chunks = [record.chunk for record in self.read_file(path)]
        return [ChunkOutline(c.start_line, c.end_line, c.cell, c.container, c.symbols) for c in chunks]

    def defining(self, name: str, limit: int) -> Sequence[ChunkId]:
        """Return at most ``limit`` chunks that define a name, whatever its case."""
        return self.definitions.get(name.lower(), ())[:limit]

    def mean_of(self, path: str) -> Vector | None:
        """Return the unit mean of a file's vectors, None when it has none."""
        return self.file_vectors.get(path)


def definitions_of(records: Iterable[ChunkRecord]) -> dict[str, tuple[ChunkId, ...]]:
    """Return the chunks that define each name, lower-cased."""
    found: dict[str, list[ChunkId]] = {}
    for record in records:
        for symbol in record.chunk.symbols:
            found.setdefault(symbol.name.lower(), []).append(record.id)
    return {name: tuple(numbers) for name, numbers in found.items()}


def add_definitions(definitions: dict[str, tuple[ChunkId, ...]], record: ChunkRecord) -> None:
    """Note the names that a chunk defines."""
    for symbol in record.chunk.symbols:
        key = symbol.name.lower()
        definitions[key] = (*definitions.get(key, ()), record.id)


def forget_definitions(definitions: dict[str, tuple[ChunkId, ...]], record: ChunkRecord) -> None:
    """Forget the names that a chunk defines."""
    for symbol in record.chunk.symbols:
        key = symbol.name.lower()
        rest = tuple(number for number in definitions.get(key, ()) if number != record.id)
        if rest:
            definitions[key] = rest
        else:
            definitions.pop(key, None)


def sample_of(vectors: VectorIndex) -> Matrix:
    """Return about SAMPLE_SIZE vectors, evenly spread over the ids."""
    ids = sorted(vectors.ids())
    return vectors.present(ids[:: max(1, len(ids) // SAMPLE_SIZE)])


def unit_mean(rows: Matrix) -> Vector:
    """Return the mean of unit vectors, shape (rows, dimensions), made a unit vector again; zeros for none."""
    total: Vector = rows.sum(axis=0)
    length = np.linalg.norm(total)
    return (total / length).astype(np.float32, copy=False) if length else total
