"""Nearest neighbours: a base that stands still, a small exact block of newer vectors, and tombstones.

A base is looked through (``scan``), or walked as a graph where there are very many vectors and hnswlib is installed
(``hnsw``). A published base is never added to, so any thread may query without a lock; a change makes a new view that
shares the base.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.index import hnsw, vector_file
from cognate.index.hnsw import Graph
from cognate.index.scan import Half, Ids, Scan, Scores, as_single, best, scan_of
from cognate.types import ChunkId

log = logging.getLogger(__name__)

FORMAT_VERSION = 4
DELTA_LIMIT = 2048  # Exact search over 2,048 rows takes 0.1 ms; past that the base is rebuilt in the background.
DELTA_SHARE = 0.125  # Nor is it rebuilt for less than this share of it, since rebuilding begins with a copy.
TOMBSTONE_SHARE = 0.3  # A base with more dead entries than this is built from scratch: they cost recall and time.

DIGEST_BYTES = vector_file.KEY_BYTES
_NO_KEY = bytes(DIGEST_BYTES)  # The key of a tombstone, whose id nobody has.
_KEY = np.dtype(f"V{DIGEST_BYTES}")

_NO_IDS: Ids = np.empty(0, np.int64)
_NO_VECTORS: Half = np.empty((0, 0), np.float16)


@dataclass(frozen=True, slots=True)
class Base:
    """Vectors that are never changed, and a way to find the nearest.

    Attributes:
        ids: of each row.
        rows: of each id.
        finder: has the vectors, at half precision.
    """

    ids: Ids
    rows: Mapping[ChunkId, int]
    finder: Scan | Graph

    @staticmethod
    def of(ids: Ids, finder: Scan | Graph) -> "Base":
        """Return a base whose rows have these ids."""
        return Base(ids, dict(zip(ids.tolist(), range(len(ids)), strict=True)), finder)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def vectors(self) -> Half:
        """All vectors, shape (rows, dimensions)."""
        return self.finder.vectors


NO_BASE = Base(_NO_IDS, {}, Scan(_NO_VECTORS, np.empty((0, 0), np.float32), np.empty((0, 0), np.float32)))


@dataclass(frozen=True)
class VectorIndex:
    """A view of all vectors at one moment; safe to query from any thread.

    Attributes:
        dimensions: length of a vector.
        base: most of the vectors.
        tombstones: ids in the base that are dead.
        delta_rows: row in the exact block, by id, in the order of rows.
        delta: shape (len(delta_rows), dimensions).
    """

    dimensions: int
    base: Base = NO_BASE
    tombstones: frozenset[ChunkId] = frozenset()
    delta_rows: Mapping[ChunkId, int] = field(default_factory=dict[ChunkId, int])
    delta: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def __len__(self) -> int:
        return len(self.base) - len(self.tombstones) + len(self.delta_rows)

    def _is_alive_in_base(self, number: ChunkId) -> bool:
        return number in self.base.rows and number not in self.tombstones

    def ids(self) -> frozenset[ChunkId]:
        """Return the ids that have a vector."""
        return frozenset((self.base.rows.keys() - self.tombstones).union(self.delta_rows))

    def __contains__(self, number: ChunkId) -> bool:
        return self._is_alive_in_base(number) or number in self.delta_rows

    @property
    def method(self) -> str:
        """How the nearest vectors are found, and why in this way, for people."""
        if isinstance(self.base.finder, Graph):
            return "a graph of hnswlib leads to the nearest"
        missing = hnsw.missing_because() if len(self) >= hnsw.GRAPH_FROM else ""
        return "each is compared" + (f"; hnswlib would be quicker ({missing})" if missing else "")

    def nearest(self, query: Vector, limit: int, allowed: Iterable[ChunkId] | None = None) -> tuple[Ids, Scores]:
        """Return ids and cosine similarities of the nearest vectors, best first, ties by id.

        Args:
            query: shape (dimensions,), unit length.
            limit: how many at most.
            allowed: only these ids; None allows all.
        """
        if allowed is not None and not isinstance(allowed, set | frozenset):
            allowed = set(allowed)
        ids, scores = [_NO_IDS], [np.empty(0, np.float32)]
        if len(self.base):
            rows, similarities = self.base.finder.nearest(query, limit, self._wanted(allowed))
            ids.append(self.base.ids[rows])
            scores.append(similarities)
        newer = [number for number in self.delta_rows if allowed is None or number in allowed]
        if newer:
            ids.append(np.array(newer, np.int64))
            block = self.delta if len(newer) == len(self.delta) else self.delta[[self.delta_rows[n] for n in newer]]
            scores.append(block @ query)
        return best(np.concatenate(ids), np.concatenate(scores), limit)

    def _wanted(self, allowed: set[ChunkId] | frozenset[ChunkId] | None) -> NDArray[np.bool_] | None:
        """Return which rows of the base may be found, None for all."""
        if allowed is None:
            return self._alive if self.tombstones else None
        wanted = np.isin(self.base.ids, np.fromiter(allowed, np.int64, len(allowed)))
        return wanted & self._alive if self.tombstones else wanted

    @cached_property
    def _alive(self) -> NDArray[np.bool_]:
        """Which rows of the base are no tombstones."""
        alive = np.ones(len(self.base), bool)
        alive[[self.base.rows[number] for number in self.tombstones]] = False
        return alive

    def similarities(self, query: Vector, ids: Sequence[ChunkId]) -> Scores:
        """Return the cosine similarity of each id to the query, NaN where there is no vector; shape (len(ids),)."""
        return self.gathered(ids) @ query

    def gathered(self, ids: Sequence[ChunkId]) -> Matrix:
        """Return the vectors of ids in order, NaN where there is none; shape (len(ids), dimensions)."""
        base_rows = [self.base.rows.get(number, -1) for number in ids]
        if base_rows and min(base_rows) >= 0 and self.tombstones.isdisjoint(ids):  # As nearly always.
            return as_single(self.base.vectors[base_rows])
        result = np.full((len(ids), self.dimensions), np.nan, np.float32)
        old = [(i, row) for i, row in enumerate(base_rows) if row >= 0 and ids[i] not in self.tombstones]
        new = [(i, self.delta_rows[number]) for i, number in enumerate(ids) if number in self.delta_rows]
        if old:
            positions, rows = zip(*old, strict=True)
            result[list(positions)] = as_single(self.base.vectors[list(rows)])
        if new:
            positions, rows = zip(*new, strict=True)
            result[list(positions)] = self.delta[list(rows)]
        return result

    def present(self, ids: Iterable[ChunkId]) -> Matrix:
        """Return the vectors of those ids that have one, in order; shape (at most as many, dimensions)."""
        return self.gathered([i for i in ids if i in self])

    def changed(self, removed: Iterable[ChunkId], added: Mapping[ChunkId, Vector]) -> "VectorIndex":
        """Return a view without the removed and with the added vectors. The base is shared."""
        removed = set(removed)
        dead = {number for number in removed if self._is_alive_in_base(number)}
        keep = [number for number in self.delta_rows if number not in removed and number not in added]
        block = self.delta
        if len(keep) < len(self.delta_rows):
            block = self.delta[[self.delta_rows[number] for number in keep]]
        if added:
            fresh = np.stack(list(added.values())).astype(np.float32, copy=False)
            block = np.concatenate([block, fresh]) if keep else fresh
        return VectorIndex(
            self.dimensions,
            self.base,
            self.tombstones | dead if dead else self.tombstones,
            {number: row for row, number in enumerate((*keep, *added))},
            block,
        )

    @property
    def needs_compaction(self) -> bool:
        """Whether the exact block or the tombstones have grown enough to be worth a new base, or it lacks a graph."""
        total = len(self.base)
        lacks_graph = not isinstance(self.base.finder, Graph) and hnsw.is_worth_it(len(self))
        return (
            lacks_graph
            or len(self.delta_rows) > max(DELTA_LIMIT, DELTA_SHARE * total)
            or (len(self.tombstones) > DELTA_LIMIT and len(self.tombstones) > TOMBSTONE_SHARE * total)
        )

    def compacted(self, threads: int) -> "VectorIndex":
        """Return the same vectors with everything in a new base. A graph of 100,000 vectors takes minutes."""
        finder, with_graph = self.base.finder, hnsw.is_worth_it(len(self))
        wants_fresh = (
            with_graph != isinstance(finder, Graph)
            or len(self.tombstones) > TOMBSTONE_SHARE * (len(self) + len(self.tombstones))
            or not self.tombstones.isdisjoint(self.delta_rows)  # A dead one is alive again.
        )
        if not (self.delta_rows or wants_fresh):
            return self
        if isinstance(finder, Graph) and not wants_fresh:
            ids = np.concatenate([self.base.ids, np.fromiter(self.delta_rows, np.int64)])
            return VectorIndex(self.dimensions, Base.of(ids, finder.with_more(self.delta, threads)), self.tombstones)
        ids = np.array(sorted(self.ids()), np.int64)
        if not len(ids):
            return VectorIndex(self.dimensions)
        vectors = self._half(ids.tolist())
        return VectorIndex(
            self.dimensions, Base.of(ids, hnsw.graph_of(vectors, threads) if with_graph else scan_of(vectors))
        )

    def _half(self, ids: Sequence[ChunkId]) -> Half:
        """Return the vectors of ids that have one, at half precision; shape (len(ids), dimensions)."""
        n_old, old, newer = len(self.base), self.base.rows, self.delta_rows
        both = [self.base.vectors] * bool(n_old) + [self.delta.astype(np.float16)] * bool(newer)
        return np.concatenate(both)[[n_old + newer[i] if i in newer else old[i] for i in ids]]

    def on_base_of(self, made: "VectorIndex") -> "VectorIndex":
        """Return the same vectors on a base that was made of an earlier view of them."""
        alive_there = made.base.rows.keys() - made.tombstones
        newer = {number: row for number, row in self.delta_rows.items() if number not in alive_there}
        return VectorIndex(
            self.dimensions,
            made.base,
            made.tombstones | (alive_there - self.ids()),
            {number: row for row, number in enumerate(newer)},
            self.delta[list(newer.values())],
        )

    def save(self, file: Path, digests: Mapping[ChunkId, bytes]) -> None:
        """Write the base so that a crash leaves the old file or the new one; the exact block is not written.

        With each id goes the digest of its text: a store that was made anew gives the same ids to other chunks.

        Args:
            file: see ``file_of``.
            digests: of the living chunks, by id, each of DIGEST_BYTES.

        Raises:
            OSError: when the disk refuses; what lay there is still good.
        """
        if not len(self.base):
            file.unlink(missing_ok=True)
            return
        links, ids, vectors = None, self.base.ids, self.base.vectors
        if isinstance(self.base.finder, Graph):
            links, rows = self.base.finder.links()
            ids, vectors = ids[rows], vectors[rows]
        alive = map(self._is_alive_in_base, ids.tolist())
        keys = b"".join([_key(digests[n]) if lives else _NO_KEY for n, lives in zip(ids.tolist(), alive, strict=True)])
        vector_file.write(file, vector_file.SavedRows(links, ids, keys, vectors))


@dataclass(frozen=True, slots=True)
class SavedVectors:
    """What ``VectorIndex.save`` wrote, read and checked, before it is held against what lives.

    Attributes:
        base: every vector.
        keys: the digests of their texts, DIGEST_BYTES each, in the order of rows.
    """

    base: Base
    keys: bytes

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.base.vectors.shape[1]

    def living(self, alive: Mapping[ChunkId, bytes]) -> VectorIndex:
        """Return a view of those whose text is the same.

        Args:
            alive: the digest of each living chunk's text.
        """
        ids = self.base.ids
        wanted = np.frombuffer(b"".join([_key(alive.get(number, b"")) for number in ids.tolist()]), _KEY)
        same = (wanted == np.frombuffer(self.keys, _KEY)) & (wanted != np.void(_NO_KEY))
        return VectorIndex(self.dimensions, self.base, frozenset(ids[~same].tolist()))


def file_of(folder: Path, fingerprint: str) -> Path:
    """Return the file that holds a folder's vectors of a model."""
    return folder / f"vectors-v{FORMAT_VERSION}-{fingerprint}.bin"


def files_in(folder: Path) -> list[Path]:
    """Return the files of vectors in a folder, one a model."""
    return sorted(folder.glob(f"vectors-v{FORMAT_VERSION}-*.bin"))


def fingerprint_of(file: Path) -> str:
    """Return the fingerprint of the model whose vectors a file holds."""
    return file.stem.rpartition("-")[2]


def read(file: Path) -> SavedVectors | None:
    """Read what ``save`` wrote; None when it is damaged or missing. Any thread.

    The caller adds the vectors that are missing from what is still alive.
    """
    if not file.exists():
        return None
    try:
        rows = vector_file.read(file)
        base = Base.of(rows.ids, _finder_of(rows))
    except (MemoryError, ValueError, OSError) as error:
        log.warning("The vector index at %s is damaged (%s); building a new one", file, error)
        return None
    return SavedVectors(base, rows.keys)


def _finder_of(rows: vector_file.SavedRows) -> Scan | Graph:
    """Return a way to find the nearest of what was saved; with the links, if there are some and they are of use."""
    if rows.links is not None and hnsw.is_worth_it(len(rows.ids)):
        try:
            return hnsw.graph_with(rows.links, rows.vectors)
        except (RuntimeError, ValueError) as error:
            log.warning("The saved vector graph cannot be used (%s); building a new one", error)
    return scan_of(rows.vectors)


def _key(digest: bytes) -> bytes:
    return digest[:DIGEST_BYTES].ljust(DIGEST_BYTES, b"\0")
