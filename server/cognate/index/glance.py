"""A snapshot of an index as it lies on disk, before its rows are objects.

The catalogue says which chunks there are, and a row is read when somebody asks for it.

Reads the store in one transaction, which ends when the last holder of the snapshot drops it, so that what others commit
meanwhile is not seen. Any thread may ask. Changes nothing on disk.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cognate.errors import DamagedStoreError, StoreError
from cognate.index import catalogue
from cognate.index.lexical import LexicalIndex, check, file_number
from cognate.index.snapshot import IndexSnapshot, sample_of, unit_mean
from cognate.index.store import FileRow, Store
from cognate.index.vectors import SavedVectors, VectorIndex
from cognate.types import ChunkId, ChunkRecord, Vector

AT_ONCE = 200  # Rows read together: those of a whole query in a few statements.


class _OneReader:
    """A store in one transaction, asked by one thread at a time; closed when nobody has it any more."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.generation, self.identity = store.hold(), store.identity

    def __del__(self) -> None:
        self._store.close()

    def chunks(self, numbers: Sequence[ChunkId]) -> list[ChunkRecord]:
        with self._lock:
            return [stored.record for stored in self._store.chunks(numbers)]

    def digests(self, numbers: Sequence[ChunkId]) -> dict[ChunkId, bytes]:
        with self._lock:
            return {stored.record.id: stored.digest for stored in self._store.chunks(numbers)}

    def file(self, path: str) -> FileRow | None:
        with self._lock:
            return self._store.file(path)

    def paths(self) -> list[str]:
        with self._lock:
            return sorted(self._store.paths_since(-1))


class Records(Mapping[ChunkId, ChunkRecord]):
    """Every chunk by id, read and checked when it is asked for, and kept from then on.

    A row that is not what was written raises DamagedStoreError.
    """

    def __init__(self, reader: _OneReader, numbers: Mapping[ChunkId, object]) -> None:
        self._reader = reader
        self._numbers = numbers
        self._known: dict[ChunkId, ChunkRecord] = {}

    def __getitem__(self, number: ChunkId) -> ChunkRecord:
        record = self._known.get(number)
        if record is None:
            if number not in self._numbers:
                raise KeyError(number)
            self.have([number])
            record = self._known[number]
        return record

    def __contains__(self, number: object) -> bool:
        return number in self._numbers

    def __iter__(self) -> Iterator[ChunkId]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def have(self, numbers: Iterable[ChunkId]) -> None:
        """Read those that are not known yet, many at once."""
        wanted = [number for number in numbers if number not in self._known]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            self._known.update((record.id, record) for record in self._reader.chunks(some))
            if any(number not in self._known for number in some):
                raise DamagedStoreError("The store lacks a chunk that its catalogue names")


class _Files(Mapping[str, FileRow]):
    """Every known file, read when it is asked for."""

    def __init__(self, reader: _OneReader) -> None:
        self._reader = reader

    def __getitem__(self, path: str) -> FileRow:
        row = self._reader.file(path)
        if row is None:
            raise KeyError(path)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._reader.paths())

    def __len__(self) -> int:
        return len(self._reader.paths())


class _Means(Mapping[str, Vector]):
    """The unit mean of a file's vectors, made when it is asked for."""

    def __init__(self, by_path: Mapping[str, tuple[ChunkId, ...]], vectors: VectorIndex) -> None:
        self._by_path = by_path
        self._vectors = vectors
        self._known: dict[str, Vector] = {}

    def __getitem__(self, path: str) -> Vector:
        mean = self._known.get(path)
        if mean is None:
            if path not in self:
                raise KeyError(path)
            mean = self._known[path] = unit_mean(self._vectors.present(self._by_path[path]))
        return mean

    def __contains__(self, path: object) -> bool:
        return any(number in self._vectors for number in self._by_path.get(str(path), ()))

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._by_path if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Glance:
    """A snapshot, and a number for the files that it is of, see ``Index.content_key``."""

    snapshot: IndexSnapshot
    content_key: int


def glance_at(
    folder: Path,
    saved: Callable[[], SavedVectors | None],
    known: Callable[[Sequence[bytes]], Mapping[bytes, Vector]] | None = None,
) -> Glance | None:
    """Return a snapshot of the index in a folder; None where it must be opened instead.

    Args:
        folder: where the index lies.
        saved: waits for what was saved of the vectors; asked last.
        known: returns, by digest, those that are known elsewhere; without it, what was not saved is missing.
    """
    listed = catalogue.read(folder)
    if listed is None or not listed.digests:
        return None
    try:
        return _glance(folder, listed, saved, known)
    except (StoreError, ValueError, OSError):
        return None


def _glance(
    folder: Path,
    listed: catalogue.Catalogue,
    saved: Callable[[], SavedVectors | None],
    known: Callable[[Sequence[bytes]], Mapping[bytes, Vector]] | None,
) -> Glance:
    """Return a glance at what a catalogue lists.

    Raises:
        StoreError: when it does not fit the store or the other indexes, or one of these cannot be read.
        ValueError: when the lexical index is damaged.
        OSError: when the lexical index cannot be read.
    """
    reader = _OneReader(Store(folder, writable=False, checked=False))
    check(folder)
    lexical = LexicalIndex(folder, writable=False).reader()
    same_size = (lexical.n_chunks, lexical.n_files) == (len(listed.digests), len(listed.by_path))
    if (reader.identity, reader.generation) != (listed.identity, listed.generation) or not same_size:
        raise StoreError("The catalogue is of another generation.")
    found = saved()
    if found is None:
        raise StoreError("There are no vectors of the model.")
    vectors = found.living(listed.digests)
    missing = sorted(listed.digests.keys() - vectors.ids())
    if missing and known is not None:
        digests = reader.digests(missing)
        elsewhere = known(list(digests.values()))
        vectors = vectors.changed(
            (), {number: elsewhere[digest] for number, digest in digests.items() if digest in elsewhere}
        )
    snapshot = IndexSnapshot(
        generation=listed.generation,
        records=Records(reader, listed.digests),
        by_path=listed.by_path,
        files=_Files(reader),
        definitions=listed.definitions,
        vectors=vectors,
        file_vectors=_Means(listed.by_path, vectors),
        sample=sample_of(vectors),
        lexical=lexical,
        path_of_number={file_number(path): path for path in listed.by_path},
    )
    return Glance(snapshot, listed.content_key)
