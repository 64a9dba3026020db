"""Nearest neighbours: an immutable HNSW base, a small exact block of newer vectors, and tombstones.

The only file that imports hnswlib. A published base is never added to, so any thread may query without a lock
(hnswlib's ``add_items`` and ``knn_query`` must not overlap); a change makes a new view that shares the base.
HNSW: Malkov and Yashunin, 2016, arXiv 1603.09320.
"""

import errno
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.types import ChunkId, Matrix, Vector

log = logging.getLogger(__name__)

FORMAT_VERSION = 3
LINKS = 16  # M: recall@100 of 0.982 at 56,000 vectors with EF_SEARCH 256; more links cost memory and gain little.
EF_CONSTRUCTION = 200
EF_SEARCH = 256
DELTA_LIMIT = 2048  # Exact search over so many rows takes 0.1 ms; past it the base is rebuilt in the background.
TOMBSTONE_SHARE = 0.3  # A base with more dead entries than this is built from scratch: they cost recall and time.
EXACT_LIMIT = 6000  # Up to so many allowed ids an exact product over them beats a filtered graph walk.

DIGEST_BYTES = 16
CHECKSUM_BYTES = 16
LIST_SUFFIX = ".ids"
_NO_KEY = bytes(DIGEST_BYTES)  # Of the dead, which are given back to nobody.
_LISTED = np.dtype([("id", "<i8"), ("digest", f"V{DIGEST_BYTES}")])

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]

_NO_IDS: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """A view of all vectors at one moment; safe to query from any thread.

    Attributes:
        dimensions: length of a vector.
        base: hnswlib index, or None.
        base_rows: row in the base's vectors of each id in it, alive or dead.
        base_vectors: shape (len(base_rows), dimensions), half precision: hnswlib gives single vectors back slowly.
        base_ids: ids in the base that are alive.
        tombstones: ids in the base that are dead.
        delta_rows: row in the exact block, by id, in the order of rows.
        delta: shape (len(delta_rows), dimensions).
    """

    dimensions: int
    base: Any = None
    base_rows: Mapping[ChunkId, int] = field(default_factory=dict[ChunkId, int])
    base_vectors: NDArray[np.float16] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    base_ids: frozenset[ChunkId] = frozenset()
    tombstones: frozenset[ChunkId] = frozenset()
    delta_rows: Mapping[ChunkId, int] = field(default_factory=dict[ChunkId, int])
    delta: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def __len__(self) -> int:
        return len(self.base_ids) + len(self.delta_rows)

    def ids(self) -> frozenset[ChunkId]:
        """Return the ids that have a vector."""
        return self.base_ids.union(self.delta_rows)

    def __contains__(self, number: ChunkId) -> bool:
        return number in self.base_ids or number in self.delta_rows

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
        if self.base is not None and self.base_ids:
            wanted = min(limit + len(self.tombstones), len(self.base_ids) + len(self.tombstones), limit * 4 + 64)
            found, distances = self.base.knn_query(query, k=wanted, num_threads=1)
            alive = np.fromiter((int(i) not in self.tombstones for i in found[0]), bool, len(found[0]))
            ids.append(found[0].astype(np.int64)[alive])
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
        result = np.full((len(ids), self.dimensions), np.nan, np.float32)
        old = [(i, self.base_rows[number]) for i, number in enumerate(ids) if number in self.base_ids]
        new = [(i, self.delta_rows[number]) for i, number in enumerate(ids) if number in self.delta_rows]
        if old:
            places, rows = zip(*old, strict=True)
            result[list(places)] = self.base_vectors[list(rows)]
        if new:
            places, rows = zip(*new, strict=True)
            result[list(places)] = self.delta[list(rows)]
        return result

    def rows(self, ids: Iterable[ChunkId]) -> Mapping[ChunkId, Vector]:
        """Return the vectors of those ids that have one."""
        known = [i for i in ids if i in self]
        return dict(zip(known, self.gathered(known), strict=True))

    def changed(self, removed: Iterable[ChunkId], added: Mapping[ChunkId, Vector]) -> "VectorIndex":
        """Return a view without the removed and with the added vectors. The base is shared."""
        removed = set(removed)
        dead = removed & self.base_ids
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
            self.base_ids - dead if dead else self.base_ids,
            self.tombstones | dead if dead else self.tombstones,
            {number: row for row, number in enumerate((*keep, *added))},
            block,
        )

    @property
    def needs_compaction(self) -> bool:
        """Whether the exact block or the tombstones have grown enough to be worth a new base."""
        total = len(self.base_ids) + len(self.tombstones)
        return len(self.delta_rows) > DELTA_LIMIT or (
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

        total = len(self)
        base: Any = None
        if not self._wants_fresh_base:
            try:
                base = _copied(self.base, self.dimensions, total + len(self.tombstones))
            except OSError as error:
                log.warning("The vector index is built from scratch, as it cannot be copied: %s", error.strerror)
        if base is None:
            base = hnswlib.Index(space="ip", dim=self.dimensions)
            base.init_index(max_elements=max(total, 1), M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=7)
            ids = sorted((*self.base_ids, *self.delta_rows))
            vectors = self.gathered(ids)
            base_rows, stored = {number: row for row, number in enumerate(ids)}, vectors.astype(np.float16)
            dead = frozenset[ChunkId]()
        else:
            ids, vectors = list(self.delta_rows), self.delta
            start = len(self.base_rows)
            base_rows = {**self.base_rows, **{number: start + row for row, number in enumerate(ids)}}
            stored = np.concatenate([self.base_vectors, vectors.astype(np.float16)])
            dead = self.tombstones
        if ids:
            base.add_items(vectors, ids, num_threads=threads)
        base.set_ef(EF_SEARCH)
        alive = self.base_ids | frozenset(self.delta_rows)
        return VectorIndex(self.dimensions, base, base_rows, stored, alive, dead)

    def save(self, place: Path, digests: Mapping[ChunkId, bytes]) -> None:
        """Write the base so that a crash leaves the old files or the new ones; the exact block is not written.

        The graph lies in a file named after its own checksum. A second file names it, lists the digest of each id's
        text (a store that was made anew gives the same ids to other chunks), and holds the vectors at half precision:
        hnswlib would take a tenth of a millisecond to give each one back.

        Args:
            place: path of both files without their endings.
            digests: of the living chunks, by id, each of DIGEST_BYTES.

        Raises:
            OSError: when the disk refuses; what lay there is still good.
        """
        if self.base is None:
            for file in (place.with_name(place.name + LIST_SUFFIX), *_graphs(place)):
                file.unlink(missing_ok=True)
            return
        scratch = place.with_name(f"{place.name}-new.hnsw")
        _save_graph(self.base, scratch)
        checksum = _checksum(scratch)
        graph = place.with_name(f"{place.name}-{checksum.hex()}.hnsw")
        scratch.replace(graph)
        rows = np.zeros(len(self.base_rows), _LISTED)
        rows["id"] = list(self.base_rows)
        rows["digest"] = [_key(digests[i]) if i in self.base_ids else _NO_KEY for i in self.base_rows]
        body = checksum + len(rows).to_bytes(8, "little") + rows.tobytes() + self.base_vectors.tobytes()
        scratch = place.with_name(f"{place.name}-new{LIST_SUFFIX}")
        scratch.write_bytes(_digest(body) + body)
        scratch.replace(place.with_name(place.name + LIST_SUFFIX))
        for other in _graphs(place):
            if other != graph:
                other.unlink(missing_ok=True)


def load(place: Path, dimensions: int, alive: Mapping[ChunkId, bytes]) -> VectorIndex:
    """Load what ``save`` wrote and keep the ids whose text is the same; what is damaged or missing is an empty view.

    The caller adds the vectors that the view lacks: ``[i for i in alive if i not in view]``.
    """
    empty = VectorIndex(dimensions)
    listing = place.with_name(place.name + LIST_SUFFIX)
    if not listing.exists():
        return empty
    import hnswlib  # noqa: PLC0415

    base = hnswlib.Index(space="ip", dim=dimensions)
    try:
        # hnswlib trusts what it reads: a flipped bit can crash the process, so both files are checked before.
        checksum, listed, vectors = _read_list(listing, dimensions)
        graph = place.with_name(f"{place.name}-{checksum.hex()}.hnsw")
        if _checksum(graph) != checksum:
            raise ValueError("its checksum does not match")
        base.load_index(str(graph))
        if base.get_current_count() != len(listed):
            raise ValueError("its list is of another graph")
    except (RuntimeError, MemoryError, ValueError, OSError) as error:
        log.warning("The vector index at %s is damaged (%s); rebuilding it", place, error)
        return empty
    base.set_ef(EF_SEARCH)
    living = frozenset(i for i, key in listed.items() if i in alive and key == _key(alive[i]))
    rows = {number: row for row, number in enumerate(listed)}
    return VectorIndex(dimensions, base, rows, vectors, living, frozenset(listed) - living)


def _read_list(listing: Path, dimensions: int) -> tuple[bytes, dict[ChunkId, bytes], NDArray[np.float16]]:
    """Return the checksum of the graph, the digest of each id's text, and the vectors in the same order.

    Raises:
        ValueError: when it is not what was written.
    """
    data = listing.read_bytes()
    seal, body = data[:CHECKSUM_BYTES], data[CHECKSUM_BYTES:]
    if _digest(body) != seal:
        raise ValueError("its list does not match its checksum")
    start = CHECKSUM_BYTES + 8
    count = int.from_bytes(body[CHECKSUM_BYTES:start], "little")
    end = start + count * _LISTED.itemsize
    rows = np.frombuffer(body[start:end], _LISTED)
    vectors = np.frombuffer(body[end:], np.float16).reshape(count, dimensions)
    digests = rows["digest"].tobytes()
    ids: list[ChunkId] = rows["id"].tolist()
    keys = {number: digests[row * DIGEST_BYTES : (row + 1) * DIGEST_BYTES] for row, number in enumerate(ids)}
    return body[:CHECKSUM_BYTES], keys, vectors


def _key(digest: bytes) -> bytes:
    return digest[:DIGEST_BYTES].ljust(DIGEST_BYTES, b"\0")


def _graphs(place: Path) -> list[Path]:
    return [file for file in place.parent.glob(f"{place.name}-*.hnsw") if file.is_file()]


def _checksum(path: Path) -> bytes:
    hasher = hashlib.blake2b(digest_size=CHECKSUM_BYTES)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hasher.update(block)
    return hasher.digest()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=CHECKSUM_BYTES).digest()


def _save_graph(base: Any, path: Path) -> None:
    """Write a graph; hnswlib itself says nothing when the disk is full or the folder gone.

    Raises:
        OSError: when not all of it was written.
    """
    base.save_index(str(path))
    if path.stat().st_size != base.index_file_size():
        path.unlink()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def _copied(base: Any, dimensions: int, capacity: int) -> Any:
    """Return a private copy of an index; hnswlib copies only through a file.

    Raises:
        OSError: when the system's folder for temporary files has no room.
    """
    import hnswlib  # noqa: PLC0415

    handle, name = tempfile.mkstemp(suffix=".hnsw")
    os.close(handle)
    try:
        _save_graph(base, Path(name))
        copy = hnswlib.Index(space="ip", dim=dimensions)
        copy.load_index(name, max_elements=capacity)
    finally:
        Path(name).unlink(missing_ok=True)
    return copy


def _best(ids: Ids, scores: Scores, limit: int) -> tuple[Ids, Scores]:
    order = np.lexsort((ids, -scores))[:limit]
    return ids[order], scores[order]
