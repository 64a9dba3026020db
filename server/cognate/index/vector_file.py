"""How the vectors and the links between them lie on disk: plain arrays in one file, with a checksum, no pickle.

hnswlib's own file holds every vector at single precision between the links; here the links, where there are any, are
apart, without the room for those that are not taken, and each vector is there once at half precision. Any thread. Knows
nothing of hnswlib.
"""

import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.disk import write_whole

KEY_BYTES = 16
SMALL = 1 << 16  # Rows of a graph with fewer vectors are numbered with two bytes.

_HEADER = struct.Struct("<QIIIIiIQQ")
_CHECKSUM = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Links:
    """Which rows are linked, layer by layer.

    Attributes:
        per_row: links of a row in an upper layer at most, above 0; in the ground layer twice as many.
        effort: how many candidates were held while building (``ef_construction``).
        top: the highest layer, -1 when there is none.
        entry: the row to begin at.
        layers: the highest layer of each row.
        counts: links of each row in the ground layer.
        ground: those links, row after row.
        upper: the lists of upper layers as hnswlib has them, row after row.
    """

    per_row: int
    effort: int
    top: int
    entry: int
    layers: NDArray[np.uint8]
    counts: NDArray[np.uint8]
    ground: NDArray[np.uint32]
    upper: NDArray[np.int8]


_NONE = np.empty(0, np.uint8)
_NO_LINKS = Links(0, 0, -1, 0, _NONE, _NONE, _NONE.astype(np.uint32), _NONE.view(np.int8))


@dataclass(frozen=True, slots=True)
class SavedRows:
    """What lies in one file.

    Attributes:
        links: between the rows; None where there is no graph.
        ids: of each row.
        keys: KEY_BYTES of each row.
        vectors: shape (len(ids), dimensions), half precision.
    """

    links: Links | None
    ids: NDArray[np.int64]
    keys: bytes
    vectors: NDArray[np.float16]


def write(path: Path, rows: SavedRows) -> None:
    """Write a file so that a crash leaves the old one or the new one.

    Raises:
        OSError: when the disk refuses; what was there is still good.
    """
    links = rows.links or _NO_LINKS
    count, dimensions = rows.vectors.shape
    header = _HEADER.pack(
        count, dimensions, links.per_row, links.effort, links.entry, links.top, KEY_BYTES,
        len(links.ground), len(links.upper),
    )  # fmt: skip
    parts: Sequence[Any] = (
        header,
        np.ascontiguousarray(rows.ids, "<i8").data,
        rows.keys,
        links.layers.data,
        links.counts.data,
        links.ground.astype(_row_type(count)).data,
        links.upper.data,
        np.ascontiguousarray(rows.vectors, "<f2").data,
    )
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    write_whole(path, _CHECKSUM.pack(checksum), *parts)


def read(path: Path) -> SavedRows:
    """Read what ``write`` wrote.

    Raises:
        ValueError: when it is something else.
        OSError: when it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        begin = file.read(_CHECKSUM.size + _HEADER.size)
        if len(begin) < _CHECKSUM.size + _HEADER.size:
            raise ValueError("it is too short")
        (expected,) = _CHECKSUM.unpack_from(begin)
        header = begin[_CHECKSUM.size :]
        count, dimensions, per_row, effort, entry, top, key_bytes, n_ground, n_upper = _HEADER.unpack(header)
        n_linked = count if per_row else 0
        wanted = ((count, "<i8"), (count * key_bytes, "u1"), (n_linked, "u1"), (n_linked, "u1"),
                  (n_ground, _row_type(count)), (n_upper, "i1"), (count * dimensions, "<f2"))  # fmt: skip
        if key_bytes != KEY_BYTES or size != len(begin) + sum(n * np.dtype(kind).itemsize for n, kind in wanted):
            raise ValueError("it is not as long as it says")
        checksum = zlib.crc32(header)
        arrays: list[NDArray[Any]] = []
        for n, kind in wanted:
            array = np.empty(n, kind)
            file.readinto(array.data)
            checksum = zlib.crc32(array.data, checksum)
            arrays.append(array)
    if checksum != expected:
        raise ValueError("its checksum does not match")
    ids, keys, layers, counts, ground, upper, vectors = arrays
    links = Links(per_row, effort, top, entry, layers, counts, ground.astype(np.uint32), upper) if per_row else None
    return SavedRows(links, ids, keys.tobytes(), vectors.reshape(count, dimensions))


def _row_type(count: int) -> str:
    return "<u2" if count <= SMALL else "<u4"
