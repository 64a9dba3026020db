"""Nearest neighbours: an immutable HNSW base, a small exact block of newer vectors, and tombstones.

The only file that imports hnswlib. A published base is never added to, so any thread may query without a lock
(hnswlib's ``add_items`` and ``knn_query`` must not overlap); a change makes a new view that shares the base.
HNSW: Malkov and Yashunin, 2016, arXiv 1603.09320.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.index import vector_file
from cognate.types import ChunkId, Matrix, Vector

log = logging.getLogger(__name__)

FORMAT_VERSION = 4
LINKS = 16  # M; more links cost memory and gain little.
EF_CONSTRUCTION = 200
EF_SEARCH = 512  # Recall@50 of labelled questions at 50,000 vectors: 0.985; with 256 0.962, 0.8 ms sooner.
SEED = 7
DELTA_LIMIT = 2048  # Exact search over 2,048 rows takes 0.1 ms; past that the base is rebuilt in the background.
DELTA_SHARE = 0.125  # Nor is it rebuilt for less than this share of it, since rebuilding begins with a copy.
TOMBSTONE_SHARE = 0.3  # A base with more dead entries than this is built from scratch: they cost recall and time.
EXACT_LIMIT = 6000  # Up to this count of allowed ids an exact product over them beats a filtered graph walk.

DIGEST_BYTES = vector_file.KEY_BYTES
_NO_KEY = bytes(DIGEST_BYTES)  # The key of a tombstone, whose id nobody has.
_KEY = np.dtype(f"V{DIGEST_BYTES}")
_WORD = 4  # Bytes of what hnswlib keeps of a row: links and vectors are rows of such words.

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]

_NO_IDS: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """A view of all vectors at one moment; safe to query from any thread.

    Attributes:
        dimensions: length of a vector.
        base: hnswlib index, or None.
        base_rows: row in the base's vectors of each id in it; those that are no tombstones are alive.
        base_vectors: shape (len(base_rows), dimensions), half precision: hnswlib gives single vectors back slowly.
        tombstones: ids in the base that are dead.
        delta_rows: row in the exact block, by id, in the order of rows.
        delta: shape (len(delta_rows), dimensions).
    """

    dimensions: int
    base: Any = None
    base_rows: Mapping[ChunkId, int] = field(default_factory=dict[ChunkId, int])
    base_vectors: NDArray[np.float16] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    tombstones: frozenset[ChunkId] = frozenset()
    delta_rows: Mapping[ChunkId, int] = field(default_factory=dict[ChunkId, int])
    delta: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def __len__(self) -> int:
        return self._n_alive_in_base + len(self.delta_rows)

    @property
    def _n_alive_in_base(self) -> int:
        return len(self.base_rows) - len(self.tombstones)

    def _is_alive_in_base(self, number: ChunkId) -> bool:
        return number in self.base_rows and number not in self.tombstones

    def ids(self) -> frozenset[ChunkId]:
        """Return the ids that have a vector."""
        return frozenset((self.base_rows.keys() - self.tombstones).union(self.delta_rows))

    def __contains__(self, number: ChunkId) -> bool:
        return self._is_alive_in_base(number) or number in self.delta_rows

    def nearest(self, query: Vector, limit: int, allowed: Iterable[ChunkId] | None = None) -> tuple[Ids, Scores]:
        """Return ids and cosine similarities of the nearest vectors, best first, ties by id.

        Args:
            query: shape (dimensions,), unit length.
            limit: how many at most.
            allowed: only these ids; None allows all.
        """
        if allowed is not None:
            return self._nearest_among(query, limit, allowed)
        ids, scores = [_NO_IDS], [np.empty(0, np.float32)]
        if self.base is not None and self._n_alive_in_base:
            wanted = min(limit + len(self.tombstones), len(self.base_rows), limit * 4 + 64)
            found, distances = self.base.knn_query(query, k=wanted, num_threads=1)
            near: Ids = found[0].astype(np.int64)
            alive = [number not in self.tombstones for number in near.tolist()]
            ids.append(near[alive])
            scores.append((1.0 - distances[0]).astype(np.float32)[alive])
        if self.delta_rows:
            ids.append(np.fromiter(self.delta_rows, np.int64, len(self.delta_rows)))
            scores.append(self.delta @ query)
        return _best(np.concatenate(ids), np.concatenate(scores), limit)

    def _nearest_among(self, query: Vector, limit: int, allowed: Iterable[ChunkId]) -> tuple[Ids, Scores]:
        allowed = allowed if isinstance(allowed, set | frozenset) else set(allowed)
        present = [i for i in allowed if i in self]
        if len(present) > EXACT_LIMIT and self.base is not None:
            ids, scores = self.nearest(query, max(limit * 8, 400))
            mask = np.fromiter((int(i) in allowed for i in ids), bool, len(ids))
            if int(mask.sum()) >= min(limit, len(present)):
                return ids[mask][:limit], scores[mask][:limit]
        present_ids = np.asarray(sorted(present), np.int64)
        return _best(present_ids, self.similarities(query, present_ids.tolist()), limit)

    def similarities(self, query: Vector, ids: Sequence[ChunkId]) -> Scores:
        """Return the cosine similarity of each id to the query, NaN where there is no vector; shape (len(ids),)."""
        return self.gathered(ids) @ query

    def gathered(self, ids: Sequence[ChunkId]) -> Matrix:
        """Return the vectors of ids in order, NaN where there is none; shape (len(ids), dimensions)."""
        base_rows = [self.base_rows.get(number, -1) for number in ids]
        if base_rows and min(base_rows) >= 0 and self.tombstones.isdisjoint(ids):  # As nearly always.
            return self.base_vectors[base_rows].astype(np.float32)
        result = np.full((len(ids), self.dimensions), np.nan, np.float32)
        old = [(i, row) for i, row in enumerate(base_rows) if row >= 0 and ids[i] not in self.tombstones]
        new = [(i, self.delta_rows[number]) for i, number in enumerate(ids) if number in self.delta_rows]
        if old:
            positions, rows = zip(*old, strict=True)
            result[list(positions)] = self.base_vectors[list(rows)]
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
            self.base_rows,
            self.base_vectors,
            self.tombstones | dead if dead else self.tombstones,
            {number: row for row, number in enumerate((*keep, *added))},
            block,
        )

    @property
    def needs_compaction(self) -> bool:
        """Whether the exact block or the tombstones have grown enough to be worth a new base."""
        total = len(self.base_rows)
        return len(self.delta_rows) > max(DELTA_LIMIT, DELTA_SHARE * total) or (
            len(self.tombstones) > DELTA_LIMIT and len(self.tombstones) > TOMBSTONE_SHARE * total
        )

    @property
    def _wants_fresh_base(self) -> bool:
        """Whether adding to a copy of the base will not do: too many dead in it, or one of them is alive again."""
        too_many = len(self.tombstones) > TOMBSTONE_SHARE * (len(self) + len(self.tombstones))
        return self.base is None or too_many or not self.tombstones.isdisjoint(self.delta_rows)

    def compacted(self, threads: int) -> "VectorIndex":
        """Return the same vectors with everything in a new base. Takes seconds at 50,000 vectors."""
        if self.base is not None and not self.delta_rows and not self._wants_fresh_base:
            return self
        import hnswlib  # noqa: PLC0415

        if self._wants_fresh_base:
            base: Any = hnswlib.Index(space="ip", dim=self.dimensions)
            base.init_index(max_elements=max(len(self), 1), M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=SEED)
            ids = sorted(self.ids())
            vectors = self.gathered(ids)
            base_rows, stored = {number: row for row, number in enumerate(ids)}, vectors.astype(np.float16)
            dead = frozenset[ChunkId]()
        else:
            base = _copied(self.base, len(self) + len(self.tombstones))
            ids, vectors = list(self.delta_rows), self.delta
            start = len(self.base_rows)
            base_rows = {**self.base_rows, **{number: start + row for row, number in enumerate(ids)}}
            stored = np.concatenate([self.base_vectors, vectors.astype(np.float16)])
            dead = self.tombstones
        if ids:
            base.add_items(vectors, ids, num_threads=threads)
        base.set_ef(EF_SEARCH)
        return VectorIndex(self.dimensions, base, base_rows, stored, dead)

    def on_base_of(self, made: "VectorIndex") -> "VectorIndex":
        """Return the same vectors on a base that was made of an earlier view of them."""
        alive_there = made.base_rows.keys() - made.tombstones
        newer = {number: row for number, row in self.delta_rows.items() if number not in alive_there}
        return VectorIndex(
            self.dimensions,
            made.base,
            made.base_rows,
            made.base_vectors,
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
        if self.base is None or not self.base_rows:
            file.unlink(missing_ok=True)
            return
        links, ids = _taken_apart(self.base)
        numbers: list[ChunkId] = ids.tolist()
        keys = b"".join([_key(digests[number]) if self._is_alive_in_base(number) else _NO_KEY for number in numbers])
        vectors = self.base_vectors[[self.base_rows[number] for number in numbers]]
        vector_file.write(file, vector_file.SavedRows(links, ids, keys, vectors))


@dataclass(frozen=True, slots=True)
class SavedVectors:
    """What ``VectorIndex.save`` wrote, read and checked, before it is held against what lives.

    Attributes:
        base: hnswlib index.
        ids: every id in it, in the order of rows.
        keys: the digests of their texts, DIGEST_BYTES each, in the same order.
        vectors: shape (len(ids), dimensions), half precision.
    """

    base: Any
    ids: list[ChunkId]
    keys: bytes
    vectors: NDArray[np.float16]

    def living(self, alive: Mapping[ChunkId, bytes]) -> VectorIndex:
        """Return a view of those whose text is the same.

        Args:
            alive: the digest of each living chunk's text.
        """
        wanted = np.frombuffer(b"".join([_key(alive.get(number, b"")) for number in self.ids]), _KEY)
        same = (wanted == np.frombuffer(self.keys, _KEY)) & (wanted != np.void(_NO_KEY))
        ids = np.array(self.ids, np.int64)
        rows = dict(zip(self.ids, range(len(self.ids)), strict=True))
        return VectorIndex(self.vectors.shape[1], self.base, rows, self.vectors, frozenset(ids[~same].tolist()))


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
        base = _put_together(rows)
    except (RuntimeError, MemoryError, ValueError, OSError) as error:
        log.warning("The vector index at %s is damaged (%s); building a new one", file, error)
        return None
    base.set_ef(EF_SEARCH)
    return SavedVectors(base, rows.ids.tolist(), rows.keys, rows.vectors)


def _key(digest: bytes) -> bytes:
    return digest[:DIGEST_BYTES].ljust(DIGEST_BYTES, b"\0")


def _taken_apart(base: Any) -> tuple[vector_file.Links, Ids]:
    """Return the links of an index and the ids of its rows, both in the order of hnswlib's rows."""
    (state,) = base.__getstate__()
    count: int = state["cur_element_count"]
    rows = state["data_level0"].view(np.uint32).reshape(count, -1)
    counts = rows[:, 0] & 0xFFFF
    neighbours = rows[:, 1 : 1 + state["max_M0"]]
    links = vector_file.Links(
        per_row=state["M"],
        effort=state["ef_construction"],
        top=state["max_level"],
        entry=state["enterpoint_node"],
        layers=state["element_levels"].astype(np.uint8),
        counts=counts.astype(np.uint8),
        ground=neighbours[_taken(counts, neighbours.shape[1])],
        upper=state["link_lists"],
    )
    return links, rows[:, state["label_offset"] // _WORD :].copy().view(np.int64)[:, 0]


def _put_together(rows: vector_file.SavedRows) -> Any:
    """Return an index with these links and vectors, in the time that hnswlib takes to read its own file.

    hnswlib trusts what it is given: links that are wrong crash the process, so only what has its checksum comes here.

    Raises:
        ValueError: when this hnswlib lays out its rows in another way.
    """
    import hnswlib  # noqa: PLC0415

    links, (count, dimensions) = rows.links, rows.vectors.shape
    base: Any = hnswlib.Index(space="ip", dim=dimensions)
    base.init_index(max_elements=1, M=links.per_row, ef_construction=links.effort, random_seed=SEED)
    (state,) = base.__getstate__()
    vector, label = state["offset_data"] // _WORD, state["label_offset"] // _WORD
    if state["size_links_per_element"] * int(links.layers.sum()) != len(links.upper) or label - vector != dimensions:
        raise ValueError("it is of another hnswlib")
    ground = np.zeros((count, state["size_data_per_element"] // _WORD), np.uint32)
    ground[:, 0] = links.counts
    ground[:, 1 : 1 + state["max_M0"]][_taken(links.counts, state["max_M0"])] = links.ground
    ground.view(np.float32)[:, vector:label] = rows.vectors
    ground[:, label:] = rows.ids.view(np.uint32).reshape(count, -1)
    state |= {
        "max_elements": count,
        "cur_element_count": count,
        "max_level": links.top,
        "enterpoint_node": links.entry,
        "ep_added": True,
        "element_levels": links.layers.astype(np.int32),
        "label_lookup_external": rows.ids.astype(np.uint64),
        "label_lookup_internal": np.arange(count, dtype=np.uint32),
        "link_lists": links.upper,
        "data_level0": ground.view(np.int8).reshape(-1),
    }
    return _made_of(state)


def _taken(counts: NDArray[Any], width: int) -> NDArray[np.bool_]:
    """Return which columns hold a link, shape (len(counts), width)."""
    return np.arange(width) < counts[:, None]


def _copied(base: Any, capacity: int) -> Any:
    """Return a private copy of an index, with room for ``capacity`` vectors."""
    copy = _made_of(*base.__getstate__())
    copy.resize_index(capacity)
    return copy


def _made_of(state: dict[str, Any]) -> Any:
    """Return an index from what ``__getstate__`` gives, which copies it; nothing is pickled."""
    import hnswlib  # noqa: PLC0415

    base: Any = hnswlib.Index.__new__(hnswlib.Index)
    base.__setstate__((state,))
    return base


def _best(ids: Ids, scores: Scores, limit: int) -> tuple[Ids, Scores]:
    order = np.lexsort((ids, -scores))[:limit]
    return ids[order], scores[order]
