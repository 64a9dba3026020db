"""The vectors of an index as others can use them: by the digest of what was embedded. Any thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cognate.index import vectors as vector_files
from cognate.index.opening import open_index
from cognate.indexing.services import Model
from cognate.types import Matrix


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of a folder's chunks.

    Attributes:
        digests: of their texts, each once.
        vectors: shape (digests, dimensions), float32.
        n_missing: texts that have no vector yet.
    """

    digests: list[bytes]
    vectors: Matrix
    n_missing: int


def embedded(index_folder: Path, model: Model) -> Embedded:
    """Return the vectors that an index on disk has, and those that the cache has for it.

    Raises:
        StoreError: when there is no index on disk to read.
    """
    encoder = model.encoder
    index = open_index(index_folder, writable=False)
    try:
        index.use_model(
            encoder.fingerprint,
            encoder.dimensions,
            vector_files.read(vector_files.file_of(index_folder, encoder.fingerprint)),
        )
        number_of: dict[bytes, int] = {}
        missing: set[bytes] = set()
        for entry in index.saved.files.values():
            for number, digest in zip(entry.ids, entry.digests, strict=True):
                if number in index.saved.vectors:
                    number_of[digest] = number
                else:
                    missing.add(digest)
        missing -= number_of.keys()
        cached = model.cache.get(sorted(missing))
        gathered = index.saved.vectors.gathered(list(number_of.values()))
    finally:
        index.close()
    rows = [gathered, np.stack(list(cached.values()))] if cached else [gathered]
    return Embedded([*number_of, *cached], np.concatenate(rows), len(missing) - len(cached))
