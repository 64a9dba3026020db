"""Owns how vectors that are passed on lie on disk: one shard, a file of digests and rows that is never changed.

A shard is its own proof. Its name is the digest of its index, and the index holds the digest of every row: who trusts a
name can trust each vector, when it is read. Nothing is mapped into memory: a mapped file that is truncated ends the
process (``docs/decisions/0022-mounted-vectors-are-read.md``). ``docs/team-vectors.md`` describes the format to the
byte. Any thread; knows neither manifests nor models.
"""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from struct import Struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix
from cognate.errors import MountError

MAGIC = b"CGVECTOR"
DIGEST_BYTES = 16
"""Of a text, as ``embedding.text.digest`` makes it, and of a row."""

NAME_BYTES = 32
SUFFIX = ".shard"

ROWS_AT_MOST = 1 << 20
"""Of a shard that is read: its index takes 32 MB, so no manifest makes a reader take more memory."""

ROWS_WRITTEN = 1 << 16
"""Of a shard that is written: 50 MB at 384 dimensions. To look one digest up takes its index, 2 MB."""

GAP_ROWS = 16
"""So many rows between two that are wanted are read along: to begin to read again costs as much."""

ROWS_AT_ONCE = 1024

_HEADER = Struct("<8sIHBB")
_KEYS = np.dtype(f"S{DIGEST_BYTES}")
_NAME = re.compile(f"[0-9a-f]{{{2 * NAME_BYTES}}}")

_UNIT = 0.01
"""How far the length of a stored vector may be from 1: half precision and 8 bits stay within a fifth of it."""

Keys = NDArray[np.bytes_]
Rows = NDArray[np.uint8]


class Precision(Enum):
    """How a row holds its numbers; the value is their size in bytes."""

    FLOAT16 = 2
    INT8 = 1

    @property
    def label(self) -> str:
        """What the manifest calls it."""
        return self.name.lower()

    def row_bytes(self, dimensions: int) -> int:
        """Return the size of a row; with 8 bits a scale stands before the numbers."""
        return dimensions * self.value + (0 if self is Precision.FLOAT16 else 4)


@dataclass(frozen=True, slots=True)
class Layout:
    """What all shards of a mount have in common.

    Attributes:
        dimensions: of a vector.
        precision: of its numbers.
    """

    dimensions: int
    precision: Precision

    @property
    def row_bytes(self) -> int:
        """Size of a row."""
        return self.precision.row_bytes(self.dimensions)

    def index_bytes(self, count: int) -> int:
        """Return the size of what stands before the rows."""
        return _HEADER.size + 2 * DIGEST_BYTES * count

    def file_bytes(self, count: int) -> int:
        """Return the size of a shard."""
        return self.index_bytes(count) + count * self.row_bytes

    def check_size(self, shard: "Shard", size: int) -> None:
        """Check the size of a shard's file.

        Raises:
            MountError: when the file is shorter or longer than the whole shard.
        """
        if size != self.file_bytes(shard.count):
            raise MountError(f"it does not have {self.file_bytes(shard.count):,} bytes")

    def encode(self, vectors: Matrix) -> Rows:
        """Return vectors as rows, shape (vectors, row_bytes)."""
        if self.precision is Precision.FLOAT16:
            return np.ascontiguousarray(vectors, "<f2").view(np.uint8)
        scales = np.maximum(np.abs(vectors).max(axis=1, keepdims=True) / 127, np.float32(1e-12)).astype("<f4")
        numbers = np.rint(vectors / scales).astype(np.int8)
        return np.concatenate([scales.view(np.uint8), numbers.view(np.uint8)], axis=1)

    def decode(self, rows: Rows) -> Matrix:
        """Return the vectors of rows, float32, unit length, shape (rows, dimensions).

        Raises:
            MountError: when one is no vector of unit length.
        """
        if self.precision is Precision.FLOAT16:
            vectors = rows.view("<f2").astype(np.float32)
        else:
            scales = np.ascontiguousarray(rows[:, :4]).view("<f4")
            with np.errstate(all="ignore"):
                vectors = np.ascontiguousarray(rows[:, 4:]).view(np.int8) * scales.astype(np.float32)
        if not unit_length(vectors).all():
            raise MountError("it holds a vector that is not of unit length")
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Shard:
    """What a manifest says of a shard.

    Attributes:
        name: the digest of its index, in hexadecimal.
        count: of its vectors.
        first: its first digest.
        last: its last digest.
    """

    name: str
    count: int
    first: bytes
    last: bytes

    @property
    def file_name(self) -> str:
        """Name of the file, in the folder of the manifest."""
        return self.name + SUFFIX


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """The part of a shard that was read and proved right.

    Attributes:
        keys: digests of texts, sorted.
        checks: digests of the rows.
    """

    keys: Keys
    checks: bytes

    def find(self, wanted: Keys) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which of the wanted digests are here, and the row of each; both shape (found,)."""
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        found = np.flatnonzero(self.keys[at] == wanted)
        return found, at[found]


def unit_length(vectors: Matrix) -> NDArray[np.bool_]:
    """Return which vectors are of unit length, or nearly; one that holds NaN or infinity is not."""
    with np.errstate(all="ignore"):
        return np.abs(np.linalg.norm(vectors, axis=1) - 1) <= _UNIT


def as_keys(digests: Sequence[bytes]) -> Keys:
    """Return digests as an array that can be sorted and compared."""
    return np.frombuffer(b"".join(digests), _KEYS)


def packed(layout: Layout, digests: Sequence[bytes], rows: Rows) -> tuple[Shard, bytes]:
    """Return a shard, and the bytes of its file.

    Args:
        layout: of the mount.
        digests: of texts, in any order, each once.
        rows: the vector of each, shape (digests, row_bytes).
    """
    keys = as_keys(digests)
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], np.ascontiguousarray(rows[order])
    checks = b"".join([_check(row) for row in rows])
    header = _HEADER.pack(MAGIC, len(keys), layout.dimensions, layout.precision.value, DIGEST_BYTES)
    index = header + keys.tobytes() + checks
    first, last = keys[:1].tobytes(), keys[-1:].tobytes()
    shard = Shard(blake2b(index, digest_size=NAME_BYTES).hexdigest(), len(keys), first, last)
    return shard, index + rows.tobytes()


def is_name(text: str) -> bool:
    """Whether a text can be the name of a shard."""
    return _NAME.fullmatch(text) is not None


def read_index(folder: Path, shard: Shard, layout: Layout) -> ShardIndex:
    """Read and prove the index of a shard.

    Raises:
        MountError: when it is not what the manifest says; the message goes on after the shard's name.
    """
    with _opened(folder, shard, layout) as file:
        data = read_exactly(file, layout.index_bytes(shard.count))
    return parse_index(data, shard, layout)


def parse_index(data: bytes, shard: Shard, layout: Layout) -> ShardIndex:
    """Prove the index of a shard that was read.

    Raises:
        MountError: as ``read_index``.
    """
    if blake2b(data, digest_size=NAME_BYTES).hexdigest() != shard.name:
        raise MountError("its index is not the one that it is named after")
    header = _HEADER.unpack_from(data)
    if header != (MAGIC, shard.count, layout.dimensions, layout.precision.value, DIGEST_BYTES):
        raise MountError("its header is not that of a shard of this mount")
    keys = np.frombuffer(data, _KEYS, shard.count, _HEADER.size)
    if not (keys[1:] > keys[:-1]).all():
        raise MountError("its digests are not sorted")
    if (keys[:1].tobytes(), keys[-1:].tobytes()) != (shard.first, shard.last):
        raise MountError("it does not begin and end where the manifest says")
    return ShardIndex(keys, data[_HEADER.size + DIGEST_BYTES * shard.count :])


def read_rows(folder: Path, shard: Shard, layout: Layout, index: ShardIndex, wanted: NDArray[np.intp]) -> Matrix:
    """Read some rows of a shard, prove them, and return their vectors; shape (wanted, dimensions), float32.

    Args:
        folder: where it lies.
        shard: what the manifest says.
        layout: of the mount.
        index: what ``read_index`` returned.
        wanted: numbers of rows, in any order.

    Raises:
        MountError: when a row is not the one that the index was made of.
    """
    size, begin = layout.row_bytes, layout.index_bytes(shard.count)
    order = np.argsort(wanted, kind="stable")
    rows = np.empty((len(wanted), size), np.uint8)
    with _opened(folder, shard, layout) as file:
        for some in _runs(wanted[order]):
            numbers = wanted[order[some]]
            low = int(numbers[0])
            file.seek(begin + low * size)
            block = np.frombuffer(read_exactly(file, (int(numbers[-1]) + 1 - low) * size), np.uint8).reshape(-1, size)
            rows[order[some]] = block[numbers - low]
    for number, row in zip(wanted.tolist(), rows, strict=True):
        if _check(row) != index.checks[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]:
            raise MountError(f"row {number} is damaged")
    return layout.decode(rows)


def _check(row: Rows) -> bytes:
    return blake2b(row.data, digest_size=DIGEST_BYTES).digest()


def _runs(numbers: NDArray[np.intp]) -> list[slice]:
    """Return slices of sorted numbers that are near enough to be read at once."""
    if not len(numbers):
        return []
    far = np.flatnonzero(np.diff(numbers) > GAP_ROWS) + 1
    bounds = [0, *far.tolist(), len(numbers)]
    slices: list[slice] = []
    for low, high in pairwise(bounds):
        slices += [slice(start, min(start + ROWS_AT_ONCE, high)) for start in range(low, high, ROWS_AT_ONCE)]
    return slices


def open_plain(file: Path) -> BinaryIO:
    """Open an ordinary file to be read; a link is not followed, and a pipe is not waited for.

    Raises:
        MountError: when it cannot be opened, or is something else.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(file, flags)
    except OSError as error:
        raise MountError(f"it cannot be opened ({error.strerror})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MountError("it is not an ordinary file")
    return os.fdopen(descriptor, "rb", buffering=0)


def read_exactly(file: BinaryIO, size: int) -> bytes:
    """Return the next ``size`` bytes of a file. A truncated file, or a disk that went away, is an ordinary failure.

    Raises:
        MountError: when there are fewer.
    """
    parts: list[bytes] = []
    try:
        while size > 0:
            part = file.read(size)
            if not part:
                raise MountError("it ends too soon")
            parts.append(part)
            size -= len(part)
    except OSError as error:
        raise MountError(f"it cannot be read ({error.strerror})") from error
    return b"".join(parts)


def _opened(folder: Path, shard: Shard, layout: Layout) -> BinaryIO:
    file = open_plain(folder / shard.file_name)
    try:
        layout.check_size(shard, os.fstat(file.fileno()).st_size)
    except MountError:
        file.close()
        raise
    return file
