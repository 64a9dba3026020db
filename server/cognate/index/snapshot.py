"""What a reader sees: every index as of one generation, frozen.

A published snapshot is never changed; the writer makes the next one. Any thread may hold one for as long as it likes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cognate.graph.view import NO_GRAPH, GraphView
from cognate.index.lexical import LexicalReader
from cognate.index.overlay import OverlaidReader
from cognate.index.store import FileRow
from cognate.index.vectors import VectorIndex
from cognate.types import ChunkId, ChunkRecord, Matrix, Vector

SAMPLE_SIZE = 1000


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

    def symbol_rank(self, number: ChunkId) -> float:
        """Return how central the most central definition of a chunk is in the reference graph, 0 to 1."""
        record = self.records[number]
        names = [symbol.qualified for symbol in record.chunk.symbols] or [record.chunk.container]
        return self.graph.symbol_rank(record.path, *names)

    def chunk_at(self, path: str, line: int, cell: int | None = None) -> ChunkRecord | None:
        """Return the chunk that holds a line, or the nearest one after it in the file, else the last."""
        candidates = [self.records[i] for i in self.by_path.get(path, ())]
        candidates = [r for r in candidates if cell is None or r.chunk.cell == cell]
        for record in candidates:
            if line < record.chunk.end_line:
                return record
        return candidates[-1] if candidates else None


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
