"""Arrays and texts as bytes: how small files beside the store lie on disk. Pure; no pickle.

Each array is its length in bytes and its numbers, the lowest byte first; all are compressed and begin with a checksum.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPRESSION = 1  # Of zlib: a quarter is left, and to unpack it takes 11 ms at 5 MB; more takes longer for hardly less.
CHECKSUM_BYTES = 4


def packed(arrays: Iterable[NDArray[Any]], kinds: Sequence[str]) -> bytes:
    """Return arrays as bytes, each as numpy's type at the same position in ``kinds``."""
    parts: list[bytes] = []
    for array, kind in zip(arrays, kinds, strict=True):
        data = array.astype(kind).tobytes()
        parts += [len(data).to_bytes(8, "little"), data]
    body = zlib.compress(b"".join(parts), COMPRESSION)
    return _checksum(body) + body


def unpacked(data: bytes, kinds: Sequence[str]) -> list[NDArray[Any]]:
    """Return the arrays that were packed.

    Raises:
        ValueError: when it is something else.
    """
    if not is_whole(data):
        raise ValueError("its checksum does not match")
    try:
        body = memoryview(zlib.decompress(memoryview(data)[CHECKSUM_BYTES:]))
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    arrays: list[NDArray[Any]] = []
    for kind in kinds:
        size = int.from_bytes(body[:8], "little")
        arrays.append(np.frombuffer(body[8 : 8 + size], kind))
        body = body[8 + size :]
    return arrays


def is_whole(data: bytes) -> bool:
    """Whether what was packed is undamaged."""
    return _checksum(memoryview(data)[CHECKSUM_BYTES:]) == data[:CHECKSUM_BYTES]


def from_texts(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Return texts as an array; each ends in a NUL, which neither a path nor a name can hold."""
    return np.frombuffer("".join(f"{text}\0" for text in texts).encode("utf-8", "surrogatepass"), np.uint8)


def to_texts(array: NDArray[np.uint8]) -> list[str]:
    """Return the texts that an array was made from."""
    return array.tobytes().decode("utf-8", "surrogatepass").split("\0")[:-1]


def _checksum(body: bytes | memoryview) -> bytes:
    return zlib.crc32(body).to_bytes(CHECKSUM_BYTES, "little")
