"""Which chunks an index holds and what they define, without their text: what questions need of all rows of the store.

Lies beside the store, written when an index is closed, and is good for the one generation of the store that it names.
Plain arrays with a checksum, no pickle; read in a tenth of the time that the rows take. Any thread.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate import packing
from cognate.index.snapshot import definitions_of
from cognate.index.vector_layout import KEY_BYTES
from cognate.types import ChunkId, ChunkRecord

CATALOGUE_FILE = "catalogue-v1.bin"

_KINDS = ("<i8", "u1", "<i4", "<i8", "u1", "u1", "<i4", "<i8")


class Definitions(Mapping[str, tuple[ChunkId, ...]]):
    """Ids of the chunks that define a name, by the name in lower case; found by bisection instead of a dictionary.

    Args:
        names: sorted.
        first: where the ids of each name begin, and at last where those of the last one end.
        ids: of all names, one after the other.
    """

    def __init__(self, names: Sequence[str], first: NDArray[Any], ids: NDArray[Any]) -> None:
        self._names = names
        self._first = first
        self._ids = ids

    def __getitem__(self, name: str) -> tuple[ChunkId, ...]:
        place = bisect_left(self._names, name)
        if place == len(self._names) or self._names[place] != name:
            raise KeyError(name)
        return tuple(self._ids[self._first[place] : self._first[place + 1]].tolist())

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one file holds.

    Attributes:
        identity: of the store; one that is made anew counts its generations and its ids from the start.
        generation: of the store.
        content_key: of the files, as ``Index.content_key`` has it.
        by_path: ids of a file's chunks, in order.
        digests: the first KEY_BYTES of the digest of each chunk's embedding text.
        definitions: ids of the chunks that define a name.
    """

    identity: int
    generation: int
    content_key: int
    by_path: Mapping[str, tuple[ChunkId, ...]]
    digests: Mapping[ChunkId, bytes]
    definitions: Mapping[str, tuple[ChunkId, ...]]


def pack(
    about: tuple[int, int, int],
    records: Mapping[ChunkId, ChunkRecord],
    by_path: Mapping[str, tuple[ChunkId, ...]],
    digests: Mapping[ChunkId, bytes],
) -> bytes:
    """Return as bytes what a catalogue of these rows holds; it is about an identity, a generation and a content key."""
    found = definitions_of(records[number] for number in sorted(records))
    names = sorted(found)
    ids = list(chain.from_iterable(by_path.values()))
    arrays = (
        np.array(about, np.int64),
        packing.from_texts(by_path),
        _firsts(by_path.values()),
        np.array(ids, np.int64),
        np.frombuffer(b"".join(digests[number][:KEY_BYTES].ljust(KEY_BYTES, b"\0") for number in ids), np.uint8),
        packing.from_texts(names),
        _firsts(found[name] for name in names),
        np.array(list(chain.from_iterable(found[name] for name in names)), np.int64),
    )
    return packing.packed(arrays, _KINDS)


def is_whole(folder: Path) -> bool:
    """Whether the index in a folder has a catalogue, and it is undamaged."""
    try:
        return packing.is_whole((folder / CATALOGUE_FILE).read_bytes())
    except OSError:
        return False


def read(folder: Path) -> Catalogue | None:
    """Return the catalogue of the index in a folder, None when there is none or it is damaged."""
    try:
        return _catalogue(packing.unpacked((folder / CATALOGUE_FILE).read_bytes(), _KINDS))
    except (OSError, ValueError):
        return None


def _catalogue(arrays: Sequence[NDArray[Any]]) -> Catalogue:
    about, paths, first, ids, keys, names, first_of_name, ids_of_names = arrays
    numbers: list[ChunkId] = ids.tolist()
    blob = keys.tobytes()
    digests = {number: blob[i * KEY_BYTES : (i + 1) * KEY_BYTES] for i, number in enumerate(numbers)}
    ends = pairwise(first.tolist())
    by_path = {
        path: tuple(numbers[begin:end]) for path, (begin, end) in zip(packing.to_texts(paths), ends, strict=True)
    }
    definitions = Definitions(packing.to_texts(names), first_of_name, ids_of_names)
    identity, generation, content_key = about.tolist()
    return Catalogue(identity, generation, content_key, by_path, digests, definitions)


def _firsts(groups: Iterable[Sequence[ChunkId]]) -> NDArray[np.int64]:
    """Return where each group begins when they stand one after the other, and where the last one ends."""
    return np.cumsum([0, *map(len, groups)])
